"""After the bound nothing that was erased can be read, whatever backup is put back.

The whole home is backed up and restored as an operator would: a template and a clip's media, sealed
by the vault, with the keys in the folder of the service.
"""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from cameo.flows.vault import Vault
from cameo.flows.workspace import Workspace
from cameo.keys.errors import KeyDestroyed, KeyEpochGone, KeysError, SealBroken
from cameo.keys.local import LocalKeyProvider
from cameo.store.files import Files
from tests.unit.cameo.keys.attacker import readable

PERIOD = timedelta(days=7)
NOW = datetime(2030, 1, 1, 12, tzinfo=UTC)
TEMPLATE = b"a face, as 512 numbers"
MEDIA = b"moving pictures of that face" * 10_000


@dataclass(frozen=True)
class Thing:
    """Something sealed: under which key, for what, and where."""

    dek_id: str
    context: str
    name: str


@contextmanager
def opened(home: Path) -> Iterator[Vault]:
    keys = LocalKeyProvider(home / "keys" / "data", period=PERIOD)
    vault = Vault(keys=keys, files=Files(home / "media"), work=Workspace(home / "work"))
    yield vault
    vault.work.close()


def keep(vault: Vault, tmp_path: Path, who: str) -> tuple[Thing, Thing]:
    """A template and a clip of one person."""
    face = Thing(vault.new_key(f"enrolment:{who}:face"), f"enrolment:{who}:face", f"people/{who}")
    clip = Thing(vault.new_key(f"clip:{who}"), f"clip:{who}", f"clips/{who}/media")
    (tmp_path / "plain").write_bytes(MEDIA)
    vault.put(face.dek_id, face.context, face.name, TEMPLATE)
    vault.put_file(clip.dek_id, clip.context, clip.name, tmp_path / "plain")
    return face, clip


def erase(vault: Vault, things: tuple[Thing, Thing]) -> None:
    for thing in things:
        vault.destroy(thing.dek_id)
    vault.files.delete_all("people/alice")
    vault.files.delete_all("clips/alice")


def assert_opens(vault: Vault, things: tuple[Thing, Thing]) -> None:
    face, clip = things
    assert vault.get(face.dek_id, face.context, face.name) == TEMPLATE
    with vault.open_file(clip.dek_id, clip.context, clip.name) as reader:
        assert reader.read_range(0, reader.size) == MEDIA


def assert_closed(vault: Vault, things: tuple[Thing, Thing], error: type[KeysError]) -> None:
    face, clip = things
    with pytest.raises(error):
        vault.get(face.dek_id, face.context, face.name)
    with pytest.raises(error), vault.open_file(clip.dek_id, clip.context, clip.name):
        pass


def back_up(home: Path, into: Path, *, keks: bool = False, deks: bool = True) -> Path:
    """`home` without what a long-term store must not hold, or also without any key."""
    left_out = [name for name, take in (("keks", keks), ("deks", deks)) if not take]
    shutil.copytree(home, into, ignore=shutil.ignore_patterns("work", *left_out))
    return into


def put_back(backup: Path, home: Path) -> None:
    shutil.copytree(backup, home, dirs_exist_ok=True)


@pytest.fixture
def home(tmp_path: Path) -> Path:
    return tmp_path / "home"


@pytest.fixture
def things(home: Path, tmp_path: Path) -> dict[str, tuple[Thing, Thing]]:
    with opened(home) as vault:
        vault.keys.rotate(NOW)
        return {who: keep(vault, tmp_path, who) for who in ("alice", "bob")}


def dek_values(home: Path, things: tuple[Thing, Thing]) -> set[bytes]:
    with opened(home) as vault:
        return {vault.keys.open(thing.dek_id, thing.context) for thing in things}


def test_live_data(home, things):
    keys = dek_values(home, things["alice"])
    with opened(home) as vault:
        erase(vault, things["alice"])
        assert_closed(vault, things["alice"], KeyDestroyed)
        assert_opens(vault, things["bob"])
    assert not keys & readable(home)


def test_database_and_media_from_a_backup_however_old(home, things, tmp_path):
    backup = back_up(home, tmp_path / "backup", deks=False)
    with opened(home) as vault:
        erase(vault, things["alice"])
    put_back(backup, home)
    with opened(home) as vault:
        assert (home / "media" / "people" / "alice").exists()  # the ciphertext is back
        assert_closed(vault, things["alice"], KeyDestroyed)
        assert_opens(vault, things["bob"])


def test_a_long_term_backup_with_wrapped_keys_after_the_bound(home, things, tmp_path):
    """Without the KEKs of its time it opens nothing: neither in the service nor in other hands."""
    keys = dek_values(home, things["alice"])
    backup = back_up(home, tmp_path / "backup")
    with opened(home) as vault:
        erase(vault, things["alice"])
        after = NOW + vault.keys.bound
        vault.keys.rotate(after)
        assert not vault.keys.overdue(after)
    assert not keys & readable(backup, home)
    # A new home from that backup, with the KEKs of today.
    empty = tmp_path / "empty"
    put_back(backup, empty)
    shutil.copytree(home / "keys" / "data" / "keks", empty / "keys" / "data" / "keks")
    with opened(empty) as vault:
        assert_closed(vault, things["alice"], KeyEpochGone)
        assert_closed(vault, things["bob"], KeyEpochGone)
    # And laid over the home that lives, which has the marks.
    put_back(backup, home)
    with opened(home) as vault:
        assert_closed(vault, things["alice"], KeyDestroyed)


def test_a_key_backup_that_is_young_enough(home, things, tmp_path):
    """It brings back what lived; what was erased since stays closed by the marks of today."""
    keys = dek_values(home, things["alice"])
    with opened(home) as vault:
        in_time = NOW + PERIOD - timedelta(days=1)
        vault.keys.rotate(in_time)
    backup = back_up(home, tmp_path / "backup", keks=True)
    with opened(home) as vault:
        erase(vault, things["alice"])
    marks = shutil.copytree(home / "keys" / "data" / "destroyed", tmp_path / "marks")
    shutil.rmtree(home)
    put_back(backup, home)
    put_back(Path(marks), home / "keys" / "data" / "destroyed")
    with opened(home) as vault:
        assert_closed(vault, things["alice"], KeyDestroyed)
        assert_opens(vault, things["bob"])
        vault.keys.rotate(NOW + PERIOD)
        assert_opens(vault, things["bob"])
    assert not keys & readable(home)


def test_what_the_bound_rests_on(home, things, tmp_path):
    """A key backup that is kept for longer than it may be still opens: no code can prevent that."""
    keys = dek_values(home, things["alice"])
    backup = back_up(home, tmp_path / "backup", keks=True)
    with opened(home) as vault:
        erase(vault, things["alice"])
        vault.keys.rotate(NOW + vault.keys.bound)
    assert keys <= readable(backup)


def test_another_persons_key_opens_nothing(home, things):
    (face, _), (other, _) = things["alice"], things["bob"]
    with opened(home) as vault, pytest.raises(SealBroken):
        vault.get(other.dek_id, other.context, face.name)
