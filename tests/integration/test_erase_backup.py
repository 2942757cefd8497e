"""Erasures that are killed at any step, and backups that are put back."""

from __future__ import annotations

import shutil
import subprocess
import sys
from datetime import timedelta
from pathlib import Path

import pytest

from cameo.flows.errors import (
    ConsentRefusedError,
    NoCameoError,
    WithdrawnError,
)
from cameo.flows.order import clip_context
from cameo.flows.receipt import read_receipt
from cameo.flows.vault import media_name
from cameo.keys.errors import KeysError
from tests.integration.killed_eraser import home
from tests.integration.rights import PARTS, findings, opens, scene

ROOT = Path(__file__).resolve().parents[2]


class TestKilled:
    """kill -9 before and after every step of the destruction; the sweep finishes it."""

    def test_at_any_step(self, tmp_path):
        command = [sys.executable, "-m", "tests.integration.killed_eraser"]
        pipe = subprocess.PIPE
        with subprocess.Popen(command, stdin=pipe, stdout=pipe, text=True, cwd=ROOT) as eraser:
            assert eraser.stdin is not None
            assert eraser.stdout is not None
            outcomes = []
            while outcomes[-1:] != ["finished"]:
                folder = tmp_path / str(len(outcomes))
                folder.mkdir()
                with home(folder) as (office, studio):
                    people = scene(office, studio)
                    before = office.enrolments(people[0])[0]
                eraser.stdin.write(f"{folder} {len(outcomes)}\n")
                eraser.stdin.flush()
                outcomes.append(eraser.stdout.readline().strip())
                assert outcomes[-1] in {"killed", "finished"}
                with home(folder) as (office, studio):
                    self._check(office, studio, people, before)
            eraser.stdin.close()
        assert len(outcomes) > 20

    def _check(self, office, studio, people, before):
        alice, bob, both, solo = people
        asked = office.erasures.of(alice.record)
        if asked:
            assert office.erasures.sweep(timedelta(0)) == (asked[0].done_at is None)
        else:
            assert all(opens(office, office.enrolments(alice)[0], part) for part in PARTS)
            office.erasures.erase(alice.record, confirm="alice")
        with pytest.raises(NoCameoError):
            office.erasures.erase(alice.record, confirm="alice")
        assert office.likenesses.is_gone(before)
        assert studio.get(both).status == "withdrawn"
        assert not office.world.vault.opens(both.dek_id or "", clip_context(both.id))
        assert not office.world.vault.files.exists(media_name(both.id))
        receipt = office.erasures.of(alice.record)[0].receipt
        assert read_receipt(receipt or "").likeness_keys == len(PARTS)
        assert all(opens(office, office.enrolments(bob)[0], part) for part in PARTS)
        assert studio.library.require_served(bob.record, solo.id)
        assert findings(office.world) == []


def test_no_file_of_the_home_holds_what_was_overwritten(tmp_path):
    """Neither database nor write-ahead log: documents, salts, what opened entries of the log."""
    with home(tmp_path) as (office, studio):
        alice, *_ = scene(office, studio)
        person = office.world.accounts.find("alice")
        consent = office.world.permits.mine(alice.record)[0][0]
        with office.world.db.reading() as tx:
            opening = tx.log.find("consent", consent.id).opening
        secrets = {consent.document[40:140], person.log_salt, opening[:32]}
        assert _held(tmp_path, secrets) == secrets
        office.erasures.erase(alice.record, confirm="alice")
        assert _held(tmp_path, secrets) == set()


def _held(folder: Path, secrets: set[bytes]) -> set[bytes]:
    files = [path.read_bytes() for path in folder.rglob("*") if path.is_file()]
    return {each for each in secrets if any(each in data for data in files)}


class TestBackup:
    """The whole home comes back from a backup: database, media, and the keys that it may hold."""

    def test_after_the_bound_nothing_of_it_opens(self, tmp_path):
        with home(tmp_path / "home") as (office, studio):
            keys = office.world.vault.keys
            began = office.now()
            keys.rotate(began)
            alice, bob, both, solo = scene(office, studio)
            enrolment, own = office.enrolments(alice)[0], office.enrolments(bob)[0]
            backup = tmp_path / "backup"
            # As documented: database, media and wrapped keys for long, KEKs never.
            shutil.copytree(
                tmp_path / "home", backup, ignore=shutil.ignore_patterns("work", "keks")
            )
            receipt = read_receipt(
                office.erasures.erase(alice.record, confirm="alice").record.receipt or ""
            )
            assert office.likenesses.is_gone(enrolment)
            keys.rotate(receipt.likeness_unreadable_at)
            assert not keys.overdue(receipt.likeness_unreadable_at)
            assert not office.likenesses.is_gone(own), "what lives was wrapped anew"
        # A new home from the backup, with the KEKs that live now, and without any mark.
        shutil.copytree(tmp_path / "home" / "keys" / "keks", backup / "keys" / "keks")
        with home(backup) as (office, studio):
            assert office.enrolments(alice)[0].status == "accepted", "the old database is back"
            for part in PARTS:
                assert office.world.vault.files.exists(
                    f"people/{alice.record.id}/{enrolment.id}/{part}"
                )
                assert not opens(office, enrolment, part)
            with pytest.raises(KeysError), studio.library.open_media(studio.get(both)):
                pass
        # The backup laid over the home that lives: its wrapped keys do not come back with it.
        for name in ("cameo.db", "media"):
            _put_back(backup / name, tmp_path / "home" / name)
        with home(tmp_path / "home") as (office, studio):
            assert office.likenesses.is_gone(enrolment)
            with pytest.raises(WithdrawnError), studio.library.open_media(studio.get(both)):
                pass
            assert all(opens(office, own, part) for part in PARTS)
            with studio.library.open_media(studio.get(solo)) as media:
                assert media.read_range(0, media.size) == b"a film"
            # What the old database says of Alice is erased once more.
            assert office.world.permits.mine(alice.record)[0][0].document
            assert (office.erasures.again(), office.erasures.again()) == (1, 0)
            assert office.world.permits.mine(alice.record)[0][0].document == b""
            assert (
                read_receipt(office.erasures.of(alice.record)[0].receipt or "").reason == "restored"
            )
            with pytest.raises(ConsentRefusedError):
                studio.order(bob, alice)
            assert studio.draft(bob, bob).status == "completed"

    def test_before_the_bound_a_key_backup_would_open_it(self, tmp_path):
        """The test above can fail: with the KEKs of its time the same backup opens."""
        with home(tmp_path / "home") as (office, studio):
            office.world.vault.keys.rotate(office.now())
            alice, *_ = scene(office, studio)
            enrolment = office.enrolments(alice)[0]
            backup = tmp_path / "backup"
            shutil.copytree(tmp_path / "home", backup, ignore=shutil.ignore_patterns("work"))
            office.erasures.erase(alice.record, confirm="alice")
            office.world.vault.keys.rotate(office.now() + office.world.vault.keys.bound)
        with home(backup) as (office, _studio):
            assert all(opens(office, enrolment, part) for part in PARTS)


def _put_back(source: Path, target: Path) -> None:
    if source.is_dir():
        shutil.copytree(source, target, dirs_exist_ok=True)
        return
    for ending in ("-wal", "-shm"):
        target.with_name(target.name + ending).unlink(missing_ok=True)
    shutil.copy2(source, target)
