"""The retention clock: what is due goes, by the database's clock, and nothing else does."""

from __future__ import annotations

import json
from datetime import timedelta
from pathlib import Path

import pytest

from cameo.flows.errors import WithdrawnError
from cameo.keys.errors import KeyDestroyed
from cameo.store.database import Database
from cameo.store.errors import UnavailableError
from cameo.store.files import Files
from consent.vocabulary import Audience
from tests.integration.people import World
from tests.integration.rights import PARTS, Office
from tests.integration.studio import Studio

DAY = timedelta(days=1)
OTHER_PARTS = sorted(set(PARTS) - {"capture"})


@pytest.fixture
def world(database: Database, tmp_path: Path) -> World:
    return World(database, tmp_path)


@pytest.fixture
def office(world: World) -> Office:
    return Office(world)


@pytest.fixture
def studio(world: World) -> Studio:
    return Studio(world)


def kept(office: Office, member) -> dict[str, list[str]]:
    """Enrolment -> the parts that open."""
    found = {}
    for record in office.enrolments(member):
        parts = json.loads(record.deks or "{}")
        opening = [
            part
            for part, dek in parts.items()
            if office.world.vault.opens(dek, f"enrolment:{record.id}:{part}")
        ]
        found[record.id] = sorted(opening)
    return found


def findings(world: World) -> list[str]:
    world.ledger.sequence()
    return [each.code for each in world.ledger.audit().findings]


def age(office: Office, enrolment, back: timedelta) -> None:
    office.shift("enrolment", "decided_at", enrolment.id, back)


class TestRecordings:
    def test_they_go_first_and_the_rest_stays(self, office, studio):
        world = office.world
        alice = office.member("alice")
        world.consent(alice, Audience.ONLY_ME)
        enrolment = office.enrolments(alice)[0]
        deks = json.loads(enrolment.deks or "{}")
        age(office, enrolment, 30 * DAY - timedelta(minutes=5))
        assert office.retention.sweep().captures == ()
        age(office, enrolment, timedelta(minutes=6))
        assert office.retention.sweep().captures == (enrolment.id,)
        assert office.retention.sweep().captures == ()
        assert kept(office, alice) == {enrolment.id: OTHER_PARTS}
        capture = f"people/{alice.record.id}/{enrolment.id}/capture"
        assert not world.vault.files.exists(capture)
        with pytest.raises(KeyDestroyed):
            world.vault.unseal(deks["capture"], f"enrolment:{enrolment.id}:capture", capture, b"")
        assert office.told(alice)[-1] == "cameo.recording_destroyed"
        # It is no matter for the log, and she can still be shown.
        assert studio.draft(alice, alice).status == "completed"
        assert findings(world) == []

    def test_zero_days_keeps_none(self, database, tmp_path):
        office = Office(World(database, tmp_path, capture_kept=timedelta(0)))
        alice = office.member("alice")
        assert office.retention.sweep().captures == (office.enrolments(alice)[0].id,)

    def test_a_hold_stops_it(self, office):
        alice = office.member("alice")
        enrolment = office.enrolments(alice)[0]
        age(office, enrolment, 40 * DAY)
        office.holds.set(alice.record, "order 7")
        assert office.retention.sweep().captures == ()
        office.holds.lift(alice.record)
        assert office.retention.sweep().captures == (enrolment.id,)

    def test_one_that_cannot_be_deleted_keeps_no_other(self, office, monkeypatch):
        alice, bob = office.member("alice"), office.member("bobby")
        for member in (alice, bob):
            age(office, office.enrolments(member)[0], 31 * DAY)
        delete = Files.delete

        def fails(self: Files, name: str) -> None:
            if alice.record.id in name:
                raise UnavailableError("the store does not answer")
            delete(self, name)

        with monkeypatch.context() as patch:
            patch.setattr(Files, "delete", fails)
            with pytest.raises(UnavailableError):
                office.retention.sweep()
        assert kept(office, bob)[office.enrolments(bob)[0].id] == OTHER_PARTS
        assert office.retention.sweep().captures == (office.enrolments(alice)[0].id,)


class TestLikenesses:
    def test_one_that_was_never_consented_to(self, office):
        alice = office.member("alice")
        enrolment = office.enrolments(alice)[0]
        age(office, enrolment, 90 * DAY - timedelta(minutes=5))
        assert office.retention.sweep().likenesses == ()
        age(office, enrolment, timedelta(minutes=6))
        assert office.retention.sweep().likenesses == (enrolment.id,)
        assert office.enrolments(alice)[0].status == "erased"
        assert kept(office, alice) == {enrolment.id: []}
        assert office.told(alice)[-1] == "cameo.likeness_destroyed"
        assert findings(office.world) == []

    def test_while_a_consent_stands_it_stays_for_ever(self, office):
        alice = office.member("alice")
        office.world.consent(alice, Audience.ONLY_ME)
        age(office, office.enrolments(alice)[0], 5000 * DAY)
        assert office.retention.sweep().likenesses == ()

    @pytest.mark.parametrize("days", [1, 90, 3650])
    def test_the_consent_says_how_long_after_its_withdrawal(self, office, days):
        alice = office.member("alice")
        consent = office.world.consent(alice, Audience.ONLY_ME, retention_days=days)
        office.world.revocations.revoke_consent(alice.record, consent.id)
        office.shift("consent", "ended_at", consent.id, days * DAY - timedelta(minutes=5))
        assert office.retention.sweep().likenesses == ()
        office.shift("consent", "ended_at", consent.id, timedelta(minutes=6))
        assert len(office.retention.sweep().likenesses) == 1

    def test_and_after_its_end_by_the_databases_clock(self, office, studio):
        """The clips that rest on it go as well: nothing can bring them back."""
        world = office.world
        alice = office.member("alice")
        consent = world.consent(
            alice, Audience.ONLY_ME, expires_at=office.now() + DAY, retention_days=10
        )
        clip = studio.draft(alice, alice)
        office.shift("consent", "expires_at", consent.id, 10 * DAY)
        assert office.retention.sweep().likenesses == ()
        office.shift("consent", "expires_at", consent.id, 2 * DAY)
        assert len(office.retention.sweep().likenesses) == 1
        gone = studio.get(clip)
        assert (gone.status, gone.withdrawn_reason) == ("withdrawn", "consent.expired")
        assert gone.dek_id is None
        with pytest.raises(WithdrawnError):
            studio.library.require_served(alice.record, clip.id)
        with pytest.raises(WithdrawnError):
            studio.remix(alice, clip)
        assert findings(world) == []
        with world.db.reading() as tx:
            entry = tx.log.find("erase", office.enrolments(alice)[0].id)
        assert entry is not None
        # The documents are hers to keep or to erase.
        assert world.permits.mine(alice.record)[0][0].document
        assert office.erasures.erase(alice.record, confirm="alice").record.receipt

    def test_a_newer_consent_for_another_enrolment_lets_the_older_one_go(self, office, studio):
        """No entry of an erasure: she is still to be seen, and an auditor finds nothing."""
        world = office.world
        alice = office.member("alice")
        first = world.consent(alice, Audience.ONLY_ME, retention_days=5)
        clip = studio.draft(alice, alice)
        old = office.enrolments(alice)[0]
        new = office.enrol(alice)
        world.consent(alice, Audience.ONLY_ME)
        office.shift("consent", "ended_at", first.id, 6 * DAY)
        assert office.retention.sweep().likenesses == (old.id,)
        assert kept(office, alice) == {old.id: [], new.id: sorted(PARTS)}
        with world.db.reading() as tx:
            assert tx.log.find("erase", old.id) is None
        assert studio.library.require_served(alice.record, clip.id).id == clip.id
        assert studio.draft(alice, alice).status == "completed"
        assert findings(world) == []

    def test_one_consent_that_stands_keeps_an_enrolment_of_many(self, office):
        alice = office.member("alice")
        first = office.world.consent(alice, Audience.ONLY_ME, retention_days=1)
        office.world.consent(alice, Audience.APPROVED)
        office.shift("consent", "ended_at", first.id, 400 * DAY)
        assert office.retention.sweep().likenesses == ()

    def test_a_consent_that_is_signed_meanwhile_saves_it(self, office, monkeypatch):
        """Read again under the person's lock: the sweep's first look may be old."""
        alice = office.member("alice")
        enrolment = office.enrolments(alice)[0]
        age(office, enrolment, 100 * DAY)
        destroy = type(office.retention)._destroy

        def later(self, found):
            office.world.consent(alice, Audience.ONLY_ME)
            return destroy(self, found)

        monkeypatch.setattr(type(office.retention), "_destroy", later)
        assert office.retention.sweep().likenesses == ()
        assert kept(office, alice)[enrolment.id] == OTHER_PARTS

    def test_a_hold_stops_it(self, office):
        alice = office.member("alice")
        age(office, office.enrolments(alice)[0], 100 * DAY)
        office.holds.set(alice.record, "order 7")
        assert office.retention.sweep().likenesses == ()
        office.holds.lift(alice.record)
        assert len(office.retention.sweep().likenesses) == 1

    def test_enrolling_again_afterwards(self, office, studio):
        world = office.world
        alice = office.member("alice")
        age(office, office.enrolments(alice)[0], 100 * DAY)
        office.retention.sweep()
        office.enrol(alice)
        world.consent(alice, Audience.ONLY_ME)
        assert studio.draft(alice, alice).status == "completed"
        assert findings(world) == []

    def test_nobody_elses_goes(self, office, studio):
        world = office.world
        alice, bob = office.member("alice"), office.member("bobby")
        world.consent(bob, Audience.ONLY_ME)
        clip = studio.draft(bob, bob)
        age(office, office.enrolments(alice)[0], 100 * DAY)
        age(office, office.enrolments(bob)[0], 100 * DAY)
        office.retention.sweep()
        assert kept(office, bob)[office.enrolments(bob)[0].id] == OTHER_PARTS
        assert studio.library.require_served(bob.record, clip.id).id == clip.id


class TestSchedule:
    """What a person sees of all this."""

    def test_without_a_consent(self, office):
        alice = office.member("alice")
        enrolment = office.enrolments(alice)[0]
        (shown,) = office.retention.schedule(alice.record).kept
        assert shown.parts == tuple(sorted(PARTS))
        assert shown.capture_until == enrolment.decided_at + 30 * DAY
        assert shown.until == enrolment.decided_at + 90 * DAY

    def test_with_one(self, office, studio):
        alice = office.member("alice")
        consent = office.world.consent(alice, Audience.ONLY_ME, retention_days=7)
        studio.draft(alice, alice)
        found = office.retention.schedule(alice.record)
        assert (found.kept[0].until, found.clips) == (None, 1)
        office.world.revocations.revoke_consent(alice.record, consent.id)
        found = office.retention.schedule(alice.record)
        assert found.clips == 0
        assert found.kept[0].until == found.consents[0].ended_at + 7 * DAY

    def test_with_an_older_one_that_was_replaced(self, office):
        alice = office.member("alice")
        office.world.consent(alice, Audience.ONLY_ME, retention_days=1)
        office.world.consent(alice, Audience.APPROVED)
        assert office.retention.schedule(alice.record).kept[0].until is None

    def test_with_one_that_will_end(self, office):
        alice = office.member("alice")
        until = office.now() + 20 * DAY
        consent = office.world.consent(alice, Audience.ONLY_ME, expires_at=until, retention_days=7)
        assert office.retention.schedule(alice.record).kept[0].until == consent.expires_at + 7 * DAY

    def test_when_it_is_gone(self, office):
        alice = office.member("alice")
        age(office, office.enrolments(alice)[0], 31 * DAY)
        office.retention.sweep()
        (shown,) = office.retention.schedule(alice.record).kept
        assert (shown.capture_until, list(shown.parts)) == (None, OTHER_PARTS)
        office.erasures.erase(alice.record, confirm="alice")
        found = office.retention.schedule(alice.record)
        assert found.kept == ()
        assert [each.done_at is not None for each in found.erasures] == [True]


def test_the_notice_says_what_the_settings_are(office):
    from cameo.flows.notice import notice_of
    from tests.integration.people import policy

    shown = notice_of(office.world.policy)
    assert "30 days after it was accepted" in shown.en
    assert "any backup 15 days later" in shown.en
    assert "受理の30日後" in shown.ja
    assert "as soon as it was accepted" in notice_of(policy(capture_kept=timedelta(0))).en
    assert "受理のあと直ち" in notice_of(policy(capture_kept=timedelta(0))).ja
    assert " 1 day after" in notice_of(policy(capture_kept=DAY)).en
    assert notice_of(policy(backups_kept=DAY)).sha256 != shown.sha256
