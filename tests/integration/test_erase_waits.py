"""Erasures that wait: for a legal hold, for a store that fails, for a capture under judgement."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from cameo.flows.errors import (
    ConsentRefusedError,
    EnrolmentErasedError,
    ErasurePendingError,
    HoldError,
    InvalidRequestError,
    NotEnrolledError,
    WithdrawnError,
)
from cameo.flows.ledger import opening_of
from cameo.flows.receipt import in_words, read_receipt
from cameo.flows.revoke import Revocations
from cameo.store.database import Database
from cameo.store.errors import UnavailableError
from cameo.store.files import Files
from consent.vocabulary import Audience
from generator.request import VoiceProfile
from tests.integration.people import World
from tests.integration.rights import Office, findings, opens, raw_update, scene
from tests.integration.studio import Studio
from tests.integration.test_enrol import Judge, film


@pytest.fixture
def world(database: Database, tmp_path: Path) -> World:
    return World(database, tmp_path)


@pytest.fixture
def studio(world: World) -> Studio:
    return Studio(world)


@pytest.fixture
def office(world: World) -> Office:
    return Office(world)


def test_a_capture_that_is_being_judged_is_not_kept(office, studio):
    """It answers a challenge from before the erasure, and would bring the likeness back."""
    world = office.world
    alice, *_ = scene(office, studio)
    record = office.enrol(alice)
    raw_update(world, "update enrolment set status='assessing', deks=null where id=:i", i=record.id)
    office.erasures.erase(alice.record, confirm="alice")
    with world.db.transaction() as tx:
        assert not tx.enrolments.remember_keys(record.id, "{}")
        assert not tx.enrolments.decide(
            record.id,
            accepted=True,
            assurance=1,
            report="{}",
            deks="{}",
            models=None,
            now=tx.now(),
        )
    assert {each.status for each in office.enrolments(alice)} == {"erased"}


def test_a_cameo_that_is_erased_while_a_capture_is_judged(office, tmp_path):
    """Nothing of that capture is kept: neither keys nor objects nor a row that could be used."""
    world = office.world
    alice = office.member("alice")

    class Slow(Judge):
        def assess(self, *given, **named):
            office.erasures.erase(alice.record, confirm="alice")
            return super().assess(*given, **named)

    enrolments = replace(_enrolments(office), assessor=Slow(), measure_voice=_profile)
    record = enrolments.begin(alice.record, notice_sha256=_notice(office), release=True)
    with pytest.raises(EnrolmentErasedError):
        enrolments.answer(alice.record, record.id, film(tmp_path / "a.mp4"))
    assert {(each.status, each.deks) for each in office.enrolments(alice)} == {("erased", None)}
    assert not [path for path in (tmp_path / "media").rglob("*") if path.is_file()]
    assert not list((tmp_path / "keys" / "deks").iterdir())
    again = replace(enrolments, assessor=Judge())
    fresh = again.begin(alice.record, notice_sha256=_notice(office), release=True)
    done = again.answer(alice.record, fresh.id, film(tmp_path / "b.mp4", shade=90))
    assert done.status == "accepted"
    with world.db.reading() as tx:
        entry = tx.log.find("enrol", fresh.id)
    private = json.loads(opening_of(entry).private)
    assert private["notice_sha256"] == _notice(office)
    assert private["released_at"] == fresh.created_at.isoformat()


def _profile(*_: object) -> VoiceProfile:
    return VoiceProfile(f0_hz=120.0, f0_spread=2.0)


def test_two_that_finish_it_at_once_do_it_once(office, studio, monkeypatch):
    alice, *_ = scene(office, studio)
    office.holds.set(alice.record, "order 7")
    waiting = office.erasures.erase(alice.record, confirm="alice").record
    sweep = Revocations.sweep
    nested: list[bool] = []

    def overtaken(self: Revocations) -> int:
        done = sweep(self)
        if not nested:
            nested.append(True)
            nested.append(office.erasures.finish(waiting.id))
        return done

    monkeypatch.setattr(Revocations, "sweep", overtaken)
    office.holds.lift(alice.record)
    assert nested == [True, True]
    assert office.told(alice).count("cameo.erased") == 1


class TestHold:
    """A legal hold stops destruction and nothing else."""

    def test_withdrawn_at_once_and_destroyed_when_lifted(self, office, studio):
        alice, bob, both, _ = scene(office, studio)
        office.holds.set(alice.record, "order 7")
        erased = office.erasures.erase(alice.record, confirm="alice")
        assert (erased.held, erased.record.done_at, erased.record.receipt) == (True, None, None)
        assert len(erased.past["documents"]) == 2
        assert studio.get(both).status == "withdrawn"
        with pytest.raises(WithdrawnError):
            studio.library.require_served(bob.record, both.id)
        with pytest.raises(ConsentRefusedError):
            studio.order(bob, alice)
        assert office.erasures.sweep(timedelta(0)) == 0
        # All of it is still there, and none of it is opened for use.
        record = office.enrolments(alice)[0]
        assert not office.likenesses.is_gone(record)
        assert not opens(office, record, "face")
        assert studio.get(both).dek_id is not None
        shown = office.retention.schedule(office.world.accounts.find("alice"))
        assert shown.person.held_at is not None
        assert [kept.enrolment.status for kept in shown.kept] == ["erased"]
        again = office.erasures.erase(alice.record, confirm="alice")
        assert (again.record.id, again.withdrawal) == (erased.record.id, None)
        assert again.past["salt"] == erased.past["salt"]
        assert office.holds.lift(alice.record) == 1
        assert office.likenesses.is_gone(record)
        assert studio.get(both).dek_id is None
        assert office.erasures.of(alice.record)[0].receipt is not None
        assert findings(office.world) == []

    def test_nobody_enrols_while_destruction_waits(self, office, studio):
        alice, *_ = scene(office, studio)
        office.holds.set(alice.record, "order 7")
        office.erasures.erase(alice.record, confirm="alice")
        with pytest.raises(NotEnrolledError):
            office.world.consent(alice, Audience.ONLY_ME)
        enrolments = _enrolments(office)
        with pytest.raises(ErasurePendingError):
            enrolments.begin(alice.record, notice_sha256=_notice(office), release=True)

    def test_a_hold_on_one_keeps_a_clip_with_another(self, office, studio):
        alice, bob, both, _ = scene(office, studio)
        office.holds.set(bob.record, "order 8")
        erased = office.erasures.erase(alice.record, confirm="alice")
        receipt = read_receipt(erased.record.receipt or "")
        assert (receipt.clips, receipt.clips_held) == (0, (both.id,))
        assert "1 clips" in in_words(receipt)[0]
        assert studio.get(both).dek_id is not None
        with pytest.raises(WithdrawnError):
            studio.library.require_served(bob.record, both.id)
        assert office.holds.lift(bob.record) == 0
        assert studio.get(both).dek_id is None

    def test_withdrawing_alone_destroys_nothing_either(self, office, studio):
        alice, _bob, both, _ = scene(office, studio)
        office.holds.set(alice.record, "order 9")
        consent = office.world.permits.mine(alice.record)[0][0]
        office.world.revocations.revoke_consent(alice.record, consent.id)
        office.world.revocations.sweep()
        assert studio.get(both).status == "withdrawn"
        assert studio.get(both).dek_id is not None
        office.holds.lift(alice.record)
        assert studio.get(both).dek_id is None

    def test_a_clip_that_is_deleted_is_kept_too(self, office, studio):
        alice, bob, both, _ = scene(office, studio)
        office.holds.set(alice.record, "order 7")
        studio.library.delete(bob.record, both.id)
        assert studio.get(both).status == "withdrawn"
        assert office.world.vault.opens(both.dek_id or "", f"clip:{both.id}")
        office.holds.lift(alice.record)
        assert not office.world.vault.opens(both.dek_id or "", f"clip:{both.id}")

    def test_documents_alone_are_kept_as_well(self, office, studio):
        """The likeness went by the clock before; what was signed is still there to be kept."""
        alice, *_ = scene(office, studio)
        consent = office.world.permits.mine(alice.record)[0][0]
        office.world.revocations.revoke_consent(alice.record, consent.id)
        office.shift("consent", "ended_at", consent.id, timedelta(days=91))
        assert len(office.retention.sweep().likenesses) == 1
        office.holds.set(alice.record, "order 7")
        assert office.erasures.erase(alice.record, confirm="alice").held
        assert office.permits_are_whole(alice)
        office.holds.lift(alice.record)
        assert not office.permits_are_whole(alice)

    def test_set_and_lift_are_not_repeated(self, office):
        alice = office.member("alice")
        with pytest.raises(HoldError):
            office.holds.lift(alice.record)
        for reason in ("", "  ", "x" * 501):
            with pytest.raises(InvalidRequestError):
                office.holds.set(alice.record, reason)
        office.holds.set(alice.record, " order 7 ")
        with pytest.raises(HoldError):
            office.holds.set(alice.record, "order 8")
        ((handle, reason, _since),) = office.holds.all()
        assert (handle, reason) == ("alice", "order 7")
        office.holds.lift(alice.record)
        assert office.holds.all() == ()


def _enrolments(office: Office):
    from cameo.flows.enrol import Enrolments

    world = office.world
    world.ledger.sequence()
    return Enrolments(
        db=world.db,
        likenesses=office.likenesses,
        ledger=world.ledger,
        policy=world.policy,
        assessor=None,  # type: ignore[arg-type]
        measure_voice=None,  # type: ignore[arg-type]
    )


def _notice(office: Office) -> str:
    from cameo.flows.notice import notice_of

    return notice_of(office.world.policy).sha256


def test_trouble_with_files_leaves_it_waiting_and_the_sweep_finishes(office, studio, monkeypatch):
    alice, _bob, both, _ = scene(office, studio)

    def fails(*_args: object) -> None:
        raise UnavailableError("the store does not answer")

    with monkeypatch.context() as patch:
        patch.setattr(Files, "delete_all", fails)
        erased = office.erasures.erase(alice.record, confirm="alice")
        assert erased.record.done_at is None
        assert studio.get(both).status == "withdrawn"
        with pytest.raises(UnavailableError):
            office.erasures.sweep(timedelta(0))
    assert office.erasures.sweep() == 0, "whoever asked has a minute for the answer"
    assert office.erasures.sweep(timedelta(0)) == 1
    assert office.likenesses.is_gone(office.enrolments(alice)[0])
    assert office.erasures.of(alice.record)[0].receipt is not None
