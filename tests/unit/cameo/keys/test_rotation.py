"""Epochs end in time, lose nothing that lives, and take every old copy with them."""

from __future__ import annotations

import fcntl
import multiprocessing
import os
import re
import shutil
import threading
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from cameo.keys import shelf
from cameo.keys.errors import (
    ContextMismatch,
    InsecurePermissions,
    KeyDestroyed,
    KeyEpochGone,
    KeyStoreBroken,
    UnknownKey,
)
from cameo.keys.local import GRACE, LocalKeyProvider
from tests.unit.cameo.keys.attacker import readable

PERIOD = timedelta(days=7)
NOW = datetime(2030, 1, 1, 12, tzinfo=UTC)
LATER = NOW + PERIOD


@pytest.fixture
def folder(tmp_path):
    return tmp_path / "keys"


@pytest.fixture
def provider(folder):
    made = LocalKeyProvider(folder, period=PERIOD)
    made.rotate(NOW)
    return made


def epochs(folder):
    return sorted(path.name for path in (folder / "keks").iterdir())


def copied(folder, into, *parts):
    for part in parts or ("deks", "keks", "destroyed"):
        shutil.copytree(folder / part, into / part, copy_function=shutil.copy2)
        (into / part).chmod(0o700)
    into.chmod(0o700)
    return into


def laid_over(backup, folder, *parts):
    """As tar and rsync put a backup back: what is not in it stays."""
    for part in parts:
        shutil.copytree(backup / part, folder / part, dirs_exist_ok=True)


def test_an_epoch_lasts_its_period(folder, provider):
    dek_id = provider.create("c")
    key = provider.open(dek_id, "c")
    assert epochs(folder) == ["2"]  # the first one, of an unknown age, ended at once
    assert not provider.rotate(LATER - timedelta(seconds=1)).began
    done = provider.rotate(LATER)
    assert (done.began, done.rewrapped, done.ended, done.unreadable) == (True, 1, 1, 0)
    assert epochs(folder) == ["3"]
    assert provider.open(dek_id, "c") == LocalKeyProvider(folder).open(dek_id, "c") == key
    again = provider.rotate(LATER)
    assert (again.began, again.rewrapped, again.ended) == (False, 0, 0)


def test_a_key_keeps_its_context_from_epoch_to_epoch(provider):
    dek_id = provider.create("template|tpl_1|face")
    provider.rotate(LATER)
    with pytest.raises(ContextMismatch):
        provider.open(dek_id, "template|tpl_1|voice")
    assert provider.open(dek_id, "template|tpl_1|face")


def test_what_was_destroyed_stays_so_from_epoch_to_epoch(folder, provider):
    dek_id = provider.create("c")
    provider.destroy(dek_id)
    provider.rotate(LATER)
    with pytest.raises(KeyDestroyed):
        provider.open(dek_id, "c")
    assert not list((folder / "deks").iterdir())


def test_an_ended_epoch_is_forgotten_by_processes_that_knew_it(folder, provider):
    dek_id = provider.create("c")
    other = LocalKeyProvider(folder)
    key = other.open(dek_id, "c")
    old = (folder / "deks" / dek_id).read_bytes()
    provider.rotate(LATER)
    assert other.open(dek_id, "c") == key
    (folder / "deks" / dek_id).write_bytes(old)
    for each in (provider, other):
        with pytest.raises(KeyEpochGone):
            each.open(dek_id, "c")


def test_wrapped_keys_without_keks_are_dead_after_the_next_epoch(tmp_path, folder, provider):
    """Long-term backups may hold `deks/`; what is restored from them opens nothing at all."""
    kept, erased = provider.create("kept"), provider.create("erased")
    keys = {provider.open(kept, "kept"), provider.open(erased, "erased")}
    backup = copied(folder, tmp_path / "backup", "deks")
    provider.destroy(erased)
    # Before the epoch ends, old copy and live KEK still make the key: that is why there is a bound.
    assert keys & readable(backup, folder / "keks") == keys
    provider.rotate(LATER)
    assert not keys & readable(backup, folder / "keks")
    assert keys & readable(backup, folder) == {provider.open(kept, "kept")}
    laid_over(backup, folder, "deks")
    with pytest.raises(KeyDestroyed):
        provider.open(erased, "erased")
    with pytest.raises(KeyEpochGone):
        provider.open(kept, "kept")


def test_marks_that_were_lost_do_not_open_an_old_copy(tmp_path, folder, provider):
    erased = provider.create("erased")
    backup = copied(folder, tmp_path / "backup", "deks")
    provider.destroy(erased)
    provider.rotate(LATER)
    shutil.rmtree(folder / "destroyed")
    laid_over(backup, folder, "deks")
    with pytest.raises(KeyEpochGone):
        LocalKeyProvider(folder).open(erased, "erased")


def test_a_key_backup_laid_over_the_living_folder(tmp_path, folder, provider):
    """Marks outlive it, the epoch that it brought back ends, and what lives goes on."""
    kept, erased = provider.create("kept"), provider.create("erased")
    key, gone = provider.open(kept, "kept"), provider.open(erased, "erased")
    backup = copied(folder, tmp_path / "backup")
    provider.destroy(erased)
    provider.rotate(LATER)
    laid_over(backup, folder, "keks", "deks")
    restored = LocalKeyProvider(folder, period=PERIOD)
    with pytest.raises(KeyDestroyed):
        restored.open(erased, "erased")
    assert restored.open(kept, "kept") == key
    done = restored.rotate(LATER)
    assert (done.began, done.rewrapped, done.ended) == (False, 1, 1)
    assert restored.open(kept, "kept") == key
    assert gone not in readable(folder)
    assert epochs(folder) == ["3"]


def test_a_key_backup_in_an_empty_home_needs_the_newest_marks(tmp_path, folder, provider):
    kept, erased = provider.create("kept"), provider.create("erased")
    key, gone = provider.open(kept, "kept"), provider.open(erased, "erased")
    backup = copied(folder, tmp_path / "backup")
    provider.destroy(erased)
    laid_over(folder, backup, "destroyed")
    restored = LocalKeyProvider(backup, period=PERIOD)
    with pytest.raises(KeyDestroyed):
        restored.open(erased, "erased")
    restored.rotate(LATER)
    assert restored.open(kept, "kept") == key
    assert gone not in readable(backup)


def test_a_restored_epoch_ends_when_it_would_have(tmp_path, folder, provider):
    kept = provider.create("kept")
    backup = copied(folder, tmp_path / "backup")
    restored = LocalKeyProvider(backup, period=PERIOD)
    assert restored.overdue(LATER + GRACE + timedelta(seconds=1))
    assert not restored.rotate(LATER - timedelta(seconds=1)).began
    assert restored.rotate(LATER).began
    assert epochs(backup) == ["3"]
    assert restored.open(kept, "kept") == provider.open(kept, "kept")


def test_keys_of_another_course_of_things_do_not_stop_an_epoch_from_ending(
    tmp_path, folder, provider
):
    """After a restore the numbers of epochs come a second time, with other KEKs."""
    kept = provider.create("kept")
    key = provider.open(kept, "kept")
    backup = copied(folder, tmp_path / "backup")
    provider.rotate(LATER)
    lost = provider.create("made after the backup")
    restored = LocalKeyProvider(backup, period=PERIOD)
    restored.rotate(LATER)
    shutil.copy2(folder / "deks" / lost, backup / "deks" / lost)
    done = restored.rotate(LATER + PERIOD)
    assert (done.rewrapped, done.unreadable, done.ended) == (1, 1, 1)
    assert restored.open(kept, "kept") == key
    with pytest.raises(KeyEpochGone):
        restored.open(lost, "made after the backup")


@pytest.mark.parametrize("damage", [b"", b"cut", b"x" * 113])
def test_a_damaged_key_does_not_stop_an_epoch_from_ending(folder, provider, damage):
    kept, damaged = provider.create("c"), provider.create("c")
    (folder / "deks" / damaged).write_bytes(damage)
    done = provider.rotate(LATER)
    assert (done.rewrapped, done.unreadable, done.ended) == (1, 1, 1)
    assert provider.open(kept, "c")
    provider.destroy(damaged)
    assert not (folder / "deks" / damaged).exists()


def test_an_exposed_key_keeps_its_epoch_alive_and_is_named(folder, provider):
    exposed, other = provider.create("exposed"), provider.create("other")
    key = provider.open(exposed, "exposed")
    (folder / "deks" / exposed).chmod(0o644)
    with pytest.raises(InsecurePermissions, match=exposed):
        provider.rotate(LATER)
    assert epochs(folder) == ["2", "3"]
    assert provider.open(other, "other")
    assert provider.overdue(LATER + GRACE + timedelta(seconds=1))
    (folder / "deks" / exposed).chmod(0o600)
    assert provider.rotate(LATER).ended == 1
    assert provider.open(exposed, "exposed") == key


def test_a_damaged_kek_ends_nothing(folder, provider):
    dek_id = provider.create("c")
    key = provider.open(dek_id, "c")
    path = folder / "keks" / "2"
    good = path.read_bytes()
    path.write_bytes(good[:-1] + bytes([good[-1] ^ 1]))
    fresh = LocalKeyProvider(folder, period=PERIOD)
    with pytest.raises(KeyStoreBroken):
        fresh.rotate(LATER)
    path.write_bytes(good)
    assert fresh.rotate(LATER).rewrapped == 1
    assert fresh.open(dek_id, "c") == key


def test_a_disk_that_fails_ends_nothing(folder, provider, monkeypatch):
    ids = [provider.create("c") for _ in range(3)]
    keys = [provider.open(dek_id, "c") for dek_id in ids]
    fsync = os.fsync

    def full(descriptor):
        if re.search(r"\.next$", str(Path(f"/proc/self/fd/{descriptor}").readlink())):
            raise OSError(28, "No space left on device")
        fsync(descriptor)

    with monkeypatch.context() as patch:
        patch.setattr(os, "fsync", full)
        with pytest.raises(KeyStoreBroken, match="No space"):
            provider.rotate(LATER)
    assert epochs(folder) == ["2", "3"]
    assert [provider.open(dek_id, "c") for dek_id in ids] == keys
    assert provider.rotate(LATER).rewrapped == 3
    assert [provider.open(dek_id, "c") for dek_id in ids] == keys


def test_everything_is_on_the_disk_before_a_kek_goes(folder, provider, monkeypatch):
    """A power cut keeps what was synced, so the order of syncs is what the safety rests on."""
    provider.create("c")
    provider.create("c")
    done = []

    def noted(name, call):
        def wrapped(*args, **named):
            where = args[0] if name == "fsync" else args[1]
            if name == "fsync":
                where = Path(f"/proc/self/fd/{where}").readlink()
            done.append((name, str(Path(where).relative_to(folder))))
            return call(*args, **named)

        return wrapped

    for name in ("fsync", "link", "replace"):
        monkeypatch.setattr(os, name, noted(name, getattr(os, name)))
    provider.rotate(LATER)
    born = done.index(("link", "keks/3"))
    assert done[born - 1][0] == "fsync"
    assert done[born - 1][1].startswith("keks/.3.")
    assert done[born + 1] == ("fsync", "keks")
    swaps = [
        at for at, (name, where) in enumerate(done) if (name, where[:5]) == ("replace", "deks/")
    ]
    assert len(swaps) == 2
    assert all(at > born + 1 for at in swaps)
    for at in swaps:
        assert done[at - 1] == ("fsync", f"deks/.{done[at][1][5:]}.next")
    ends = done.index(("replace", "keks/.2.ended"))
    assert ("fsync", "deks") in done[swaps[-1] : ends]


def test_a_clock_that_was_ahead_is_not_waited_for(folder, provider):
    wrong = NOW + timedelta(days=3650)
    assert provider.rotate(wrong).began
    assert provider.rotate(NOW).began
    assert not provider.rotate(NOW).began
    assert provider.rotate(LATER).began


def test_processes_whose_clocks_differ_by_a_little_do_not_rotate_for_it(provider):
    assert provider.rotate(LATER).began
    assert not provider.rotate(LATER - timedelta(seconds=30)).began


def test_a_shorter_period_holds_at_once_and_a_longer_one_from_the_next_epoch(folder, provider):
    shorter = LocalKeyProvider(folder, period=timedelta(days=2))
    assert shorter.rotate(NOW + timedelta(hours=1)).began
    longer = LocalKeyProvider(folder, period=timedelta(days=60))
    ends = NOW + timedelta(days=2, hours=1)
    assert not longer.rotate(ends - timedelta(seconds=1)).began
    assert longer.rotate(ends).began
    assert not longer.rotate(ends + timedelta(days=59)).began


def test_the_bound(folder, provider):
    assert provider.bound == 2 * PERIOD + GRACE
    assert LocalKeyProvider(folder).bound == timedelta(days=15)


def test_overdue(folder, provider):
    assert LocalKeyProvider(folder.parent / "new").overdue(NOW)  # its age is unknown
    assert not provider.overdue(LATER + GRACE)
    assert provider.overdue(LATER + GRACE + timedelta(seconds=1))
    provider.rotate(LATER + GRACE + timedelta(seconds=1))
    assert not provider.overdue(LATER + GRACE + timedelta(seconds=1))


def test_a_time_without_a_zone_is_refused(provider):
    for call in (provider.rotate, provider.overdue):
        with pytest.raises(ValueError, match="naive"):
            call(datetime(2030, 1, 1))  # noqa: DTZ001 - that is the point


def test_rotation_finishes_a_destruction(folder, provider, monkeypatch):
    dek_id = provider.create("c")
    key = provider.open(dek_id, "c")
    with monkeypatch.context() as patch:
        patch.setattr("cameo.keys.shelf.Shelf.remove", lambda *_: None)
        provider.destroy(dek_id)
    assert key in readable(folder)
    provider.rotate(LATER)
    assert key not in readable(folder)
    assert not (folder / "deks" / dek_id).exists()


def test_a_key_made_while_an_epoch_ends_is_not_lost(folder, provider, monkeypatch):
    """The narrowest place: the rotation has passed when the new file appears under the old KEK."""
    add = provider._shelf.add
    rotated = []

    def late(dek_id, data):
        if not rotated:
            rotated.append(LocalKeyProvider(folder, period=PERIOD).rotate(LATER))
        add(dek_id, data)

    monkeypatch.setattr(provider._shelf, "add", late)
    dek_id = provider.create("c")
    assert rotated[0].ended == 1
    assert provider.open(dek_id, "c")
    assert [path.name for path in (folder / "deks").iterdir()] == [dek_id]


def test_a_key_opened_while_its_epoch_ends(folder, provider, monkeypatch):
    dek_id = provider.create("c")
    key = provider.open(dek_id, "c")
    fresh = LocalKeyProvider(folder, period=PERIOD)
    read = fresh._shelf.read
    rotated = []

    def early(wanted):
        data = read(wanted)
        if not rotated:
            rotated.append(provider.rotate(LATER))
        return data

    monkeypatch.setattr(fresh._shelf, "read", early)
    assert fresh.open(dek_id, "c") == key
    assert rotated[0].rewrapped == 1


def test_a_key_destroyed_while_it_is_wrapped_anew_stays_so(folder, provider, monkeypatch):
    """Another process destroys between the look at the old form and the placing of the new one."""
    dek_id = provider.create("c")
    key = provider.open(dek_id, "c")
    context = multiprocessing.get_context("fork")
    destroyer = context.Process(target=LocalKeyProvider(folder).destroy, args=(dek_id,))
    place = shelf.replace_through

    def slow(path, data, temporary):
        destroyer.start()
        destroyer.join(timeout=0.5)
        assert destroyer.is_alive()  # it has left its mark and waits
        assert provider._shelf.is_destroyed(dek_id)
        place(path, data, temporary)

    with monkeypatch.context() as patch:
        patch.setattr(shelf, "replace_through", slow)
        provider.rotate(LATER)
    destroyer.join(timeout=30)
    assert destroyer.exitcode == 0
    assert key not in readable(folder)
    with pytest.raises(KeyDestroyed):
        provider.open(dek_id, "c")


def test_a_backup_that_holds_the_lock_shared_waits_for_no_rotation_to_pass_it(folder, provider):
    dek_id = provider.create("c")
    with (folder / "lock").open("rb") as lock:
        fcntl.flock(lock, fcntl.LOCK_SH)
        rotation = threading.Thread(target=provider.rotate, args=(LATER,), daemon=True)
        rotation.start()
        rotation.join(timeout=0.3)
        assert rotation.is_alive()
        assert epochs(folder) == ["2"]
        assert provider.open(provider.create("d"), "d")
        fcntl.flock(lock, fcntl.LOCK_UN)
    rotation.join(timeout=30)
    assert epochs(folder) == ["3"]
    assert provider.open(dek_id, "c")


def test_an_unknown_key_is_unknown_in_every_epoch(provider):
    provider.rotate(LATER)
    with pytest.raises(UnknownKey):
        provider.open("dek_" + "0" * 32, "c")
