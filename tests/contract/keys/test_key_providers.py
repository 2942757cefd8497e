"""What every key provider owes, run against each."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from cameo.keys.errors import ContextMismatch, KeyDestroyed, KeyEpochGone, UnknownKey
from cameo.keys.local import LocalKeyProvider
from cameo.keys.provider import KeyProvider
from tests.contract.keys.memory import MemoryKeyProvider

NOW = datetime(2030, 1, 1, 12, tzinfo=UTC)
PERIOD = timedelta(days=3)


@dataclass(frozen=True, kw_only=True)
class Kept:
    """A provider, and what a backup of its wrapped keys and nothing else can do."""

    keys: KeyProvider
    copy: Callable[[], object]
    """Copies the wrapped keys, without the keys of the epochs."""
    put_back: Callable[[object], None]
    """Puts a copy in the place of what is there, and loses every mark of destruction."""


def local(tmp_path: Path) -> Kept:
    folder = tmp_path / "keys"

    def copy() -> object:
        into = tmp_path / "copy"
        shutil.copytree(folder / "deks", into)
        return into

    def put_back(copied: object) -> None:
        shutil.rmtree(folder / "deks")
        shutil.copytree(Path(str(copied)), folder / "deks")
        for mark in (folder / "destroyed").iterdir():
            mark.unlink()

    return Kept(keys=LocalKeyProvider(folder, period=PERIOD), copy=copy, put_back=put_back)


def memory(_tmp_path: Path) -> Kept:
    keys = MemoryKeyProvider(PERIOD)

    def put_back(copied: object) -> None:
        assert isinstance(copied, dict)
        keys.stored = dict(copied)
        keys.destroyed.clear()

    return Kept(keys=keys, copy=lambda: dict(keys.stored), put_back=put_back)


@pytest.fixture(params=[local, memory], ids=["local", "memory"])
def kept(request, tmp_path) -> Kept:
    return request.param(tmp_path)


@pytest.fixture
def keys(kept) -> KeyProvider:
    kept.keys.rotate(NOW)
    return kept.keys


def after(keys: KeyProvider, times: int = 1) -> datetime:
    """A time at which the next epoch is due whatever the provider's period is."""
    return NOW + times * keys.bound


def test_a_key_is_256_bits_and_the_same_at_every_opening(keys):
    dek_id = keys.create("clip|clip_1|media")
    key = keys.open(dek_id, "clip|clip_1|media")
    assert len(key) == 32
    assert keys.open(dek_id, "clip|clip_1|media") == key


def test_every_key_and_every_id_is_fresh(keys):
    ids = [keys.create("same") for _ in range(20)]
    assert len(set(ids)) == len({keys.open(dek_id, "same") for dek_id in ids}) == 20


def test_ids_have_their_form(keys):
    dek_id = keys.create("c")
    assert dek_id.startswith("dek_")
    assert len(bytes.fromhex(dek_id.removeprefix("dek_"))) == 16


@pytest.mark.parametrize("epochs", [0, 1])
def test_another_context(keys, epochs):
    dek_id = keys.create("template|tpl_1|face")
    if epochs:
        keys.rotate(after(keys))
    for context in ("template|tpl_1|voice", "template|tpl_1|face2"):
        with pytest.raises(ContextMismatch):
            keys.open(dek_id, context)
    assert keys.open(dek_id, "template|tpl_1|face")


def test_destroyed_is_for_ever(keys):
    dek_id, other = keys.create("c"), keys.create("c")
    keys.destroy(dek_id)
    for times in range(3):
        with pytest.raises(KeyDestroyed):
            keys.open(dek_id, "c")
        keys.destroy(dek_id)
        keys.rotate(after(keys, times + 1))
    assert keys.open(other, "c")


def test_a_key_that_never_was(keys):
    unknown = "dek_" + "0" * 32
    with pytest.raises(UnknownKey):
        keys.open(unknown, "c")
    with pytest.raises(UnknownKey):
        keys.destroy(unknown)


def test_what_lives_is_the_same_in_every_epoch(keys):
    made = {keys.create(f"c{number}"): f"c{number}" for number in range(5)}
    opened = {dek_id: keys.open(dek_id, context) for dek_id, context in made.items()}
    for times in (1, 2, 3):
        done = keys.rotate(after(keys, times))
        assert (done.began, done.rewrapped, done.ended, done.unreadable) == (True, 5, 1, 0)
        assert {dek_id: keys.open(dek_id, context) for dek_id, context in made.items()} == opened


def test_rotating_where_nothing_is_due(keys):
    keys.create("c")
    done = keys.rotate(NOW)
    assert (done.began, done.rewrapped, done.ended) == (False, 0, 0)


def test_a_clock_that_jumps_back_ends_an_epoch_early_rather_than_late(keys):
    keys.rotate(NOW + timedelta(days=4000))
    assert keys.rotate(NOW).began
    assert not keys.rotate(NOW).began


def test_the_bound_is_stated_and_does_not_change(keys):
    assert keys.bound > timedelta(0)
    before = keys.bound
    keys.rotate(after(keys))
    assert keys.bound == before


def test_copies_of_wrapped_keys_open_nothing_after_the_bound(kept, keys):
    """Neither what was destroyed nor what lives, though every mark of destruction is lost."""
    erased, living = keys.create("erased"), keys.create("living")
    copied = kept.copy()
    keys.destroy(erased)
    keys.rotate(NOW + keys.bound)
    kept.put_back(copied)
    for dek_id, context in ((erased, "erased"), (living, "living")):
        with pytest.raises(KeyEpochGone):
            keys.open(dek_id, context)
    # They hold nothing up either: the next epoch begins and ends as if they were not there.
    done = keys.rotate(after(keys, 2))
    assert (done.rewrapped, done.ended, done.unreadable) == (0, 1, 2)


def test_overdue(keys):
    assert not keys.overdue(NOW)
    assert keys.overdue(after(keys))
    keys.rotate(after(keys))
    assert not keys.overdue(after(keys))


def test_an_epoch_of_unknown_age_is_overdue_and_ends_at_once(kept):
    dek_id = kept.keys.create("c")
    assert kept.keys.overdue(NOW)
    assert kept.keys.rotate(NOW).ended == 1
    assert not kept.keys.overdue(NOW)
    assert kept.keys.open(dek_id, "c")


def test_naive_times_are_refused(keys):
    for call in (keys.rotate, keys.overdue):
        with pytest.raises(ValueError, match="naive"):
            call(datetime(2030, 1, 1))  # noqa: DTZ001 - that is the point


def test_many_threads_at_once(keys):
    """Keys are made, opened and destroyed while epochs follow one another."""

    def live(number: int) -> None:
        for round_ in range(15):
            dek_id = keys.create(f"c{number}")
            key = keys.open(dek_id, f"c{number}")
            assert keys.open(dek_id, f"c{number}") == key
            if round_ % 2:
                keys.destroy(dek_id)
                with pytest.raises(KeyDestroyed):
                    keys.open(dek_id, f"c{number}")

    def turn(_number: int) -> None:
        for times in range(5):
            keys.rotate(after(keys, times + 1))

    with ThreadPoolExecutor(6) as pool:
        for done in [pool.submit(live, number) for number in range(4)] + [
            pool.submit(turn, number) for number in range(2)
        ]:
            done.result()
