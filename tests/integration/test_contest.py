"""This is my face, and I did not enrol it: frozen at once, compared, decided."""

from __future__ import annotations

import threading
from datetime import timedelta
from pathlib import Path

import pytest

from cameo.flows.contest import (
    ContestCaptureError,
    ContestKeyError,
    ContestOpenError,
    ContestOverError,
    NothingToContestError,
    OwnCameoError,
    TooManyContestsError,
)
from cameo.flows.errors import ConsentRefusedError, HeldError, WithdrawnError
from cameo.flows.receipt import read_receipt
from cameo.store.database import Database
from cameo.store.errors import NotFoundError
from consent.vocabulary import Audience
from tests.integration.people import Member, World
from tests.integration.rights import Office
from tests.integration.studio import Studio

FACE = b"the face of carol"


@pytest.fixture
def world(database: Database, tmp_path: Path) -> World:
    return World(database, tmp_path)


@pytest.fixture
def office(world: World) -> Office:
    return Office(world)


@pytest.fixture
def studio(world: World) -> Studio:
    return Studio(world)


@pytest.fixture
def mallory(office: Office) -> Member:
    """Somebody who enrolled carol's face and lets everyone use it."""
    member = office.world.member("mallory", enrolled=False)
    office.enrol(member, face=FACE)
    office.world.consent(member, Audience.EVERYONE)
    return member


@pytest.fixture
def carol(office: Office) -> Member:
    return office.world.member("carol", enrolled=False)


def frozen(office: Office, member: Member) -> bool:
    with office.world.db.reading() as tx:
        return tx.people.get(member.record.id).frozen


def findings(world: World) -> list[str]:
    world.ledger.sequence()
    return [each.code for each in world.ledger.audit().findings]


def contest(office: Office, contestant: Member, contested: Member):
    return office.contests.open(contestant.record, contested.record)


def compare(office: Office, contestant: Member, opened, face: bytes, **more):
    enrolment = office.enrol(contestant, face=face, **more)
    return office.contests.compare(contestant.record, opened.id, enrolment.id)


def test_frozen_at_once(office, studio, mallory, carol):
    """Nothing new, nothing shown, and what is being made is not released."""
    world = office.world
    bob = world.member("bobby", enrolled=False)
    shown, running = studio.draft(bob, mallory), studio.order(bob, mallory)
    studio.render(running)
    before = world.accounts.find("mallory").epoch
    opened = contest(office, carol, mallory)
    assert (opened.status, frozen(office, mallory)) == ("open", True)
    with pytest.raises(HeldError):
        studio.library.require_served(bob.record, shown.id)
    with pytest.raises(ConsentRefusedError) as refused:
        studio.order(bob, mallory)
    assert refused.value.reasons == ("consent.unavailable",)
    assert studio.release(running) == "failed"
    assert world.accounts.find("mallory").epoch == before + 1
    assert office.told(mallory)[-1] == "contest.against_you"
    assert office.told(carol)[-1] == "contest.opened"
    with world.db.reading() as tx:
        entry = tx.log.find("restrict", opened.id)
    assert entry is not None
    assert carol.record.id.encode() not in entry.opening, "who contests is not told"
    assert findings(world) == []


def test_another_face_thaws_it(office, studio, mallory, carol):
    bob = office.world.member("bobby", enrolled=False)
    shown = studio.draft(bob, mallory)
    opened = contest(office, carol, mallory)
    done = compare(office, carol, opened, b"the face of somebody else")
    assert (done.status, done.similarity) == ("not_matched", 0.1)
    assert not frozen(office, mallory)
    assert office.told(mallory)[-1] == office.told(carol)[-1] == "contest.not_matched"
    assert studio.library.require_served(bob.record, shown.id).id == shown.id
    assert studio.draft(bob, mallory).status == "completed"
    with office.world.db.reading() as tx:
        assert tx.log.find("restore", opened.id) is not None
    assert findings(office.world) == []


def test_the_same_face_and_the_operator_agrees(office, studio, mallory, carol):
    world = office.world
    bob = world.member("bobby", enrolled=False)
    shown = studio.draft(bob, mallory)
    opened = contest(office, carol, mallory)
    done = compare(office, carol, opened, FACE)
    assert (done.status, frozen(office, mallory)) == ("matched", True)
    ((waiting, contestant, contested),) = office.contests.waiting()
    assert (waiting.id, contestant, contested) == (opened.id, "carol", "mallory")
    assert office.contests.uphold(opened.id).status == "upheld"
    assert office.contests.waiting() == ()
    assert [each.status for each in office.enrolments(mallory)] == ["erased"]
    with pytest.raises(WithdrawnError):
        studio.library.require_served(bob.record, shown.id)
    (erasure,) = office.erasures.of(mallory.record)
    assert read_receipt(erasure.receipt or "").reason == "contest"
    # Carol's own likeness is hers; the account that took her face stays frozen.
    assert [each.status for each in office.enrolments(carol)] == ["accepted"]
    office.enrol(mallory, face=FACE)
    world.consent(mallory, Audience.EVERYONE)
    with pytest.raises(ConsentRefusedError):
        studio.order(bob, mallory)
    assert findings(world) == []
    # An operator who was wrong can let the account go on; what was erased stays erased.
    assert office.contests.dismiss(opened.id).status == "dismissed"
    assert not frozen(office, mallory)


def test_the_operator_ends_a_contest_that_is_a_nuisance(office, mallory, carol):
    opened = contest(office, carol, mallory)
    assert frozen(office, mallory)
    assert office.contests.dismiss(opened.id).status == "dismissed"
    assert not frozen(office, mallory)
    with pytest.raises(ContestOverError):
        compare(office, carol, opened, FACE)


def test_the_same_face_and_the_operator_does_not_agree(office, mallory, carol):
    opened = contest(office, carol, mallory)
    compare(office, carol, opened, FACE)
    assert office.contests.dismiss(opened.id).status == "dismissed"
    assert not frozen(office, mallory)
    for decide in (office.contests.dismiss, office.contests.uphold):
        with pytest.raises(ContestOverError):
            decide(opened.id)
    assert [each.status for each in office.enrolments(mallory)] == ["accepted"]


@pytest.mark.parametrize(
    ("similarity", "status"),
    [
        (0.95, "matched"),
        (0.9, "matched"),
        (0.8999, "doubtful"),
        (0.7, "doubtful"),
        (0.6999, "not_matched"),
    ],
)
def test_where_the_limits_are(office, mallory, carol, similarity, status):
    office.faces.alike[frozenset({FACE, b"carol now"})] = similarity
    opened = contest(office, carol, mallory)
    assert compare(office, carol, opened, b"carol now").status == status
    assert frozen(office, mallory) == (status != "not_matched")


def test_a_synthetic_face_never_wins_against_a_recorded_one(office, mallory, carol):
    opened = contest(office, carol, mallory)
    assert compare(office, carol, opened, FACE, simulated=True).status == "doubtful"
    assert frozen(office, mallory)


def test_two_synthetic_faces_may_match(office, carol):
    puppet = office.world.member("puppet", enrolled=False)
    office.enrol(puppet, face=FACE, simulated=True)
    opened = contest(office, carol, puppet)
    assert compare(office, carol, opened, FACE, simulated=True).status == "matched"


def test_the_closest_of_several_enrolments_counts(office, mallory, carol):
    office.enrol(mallory, face=b"mallory's own")
    opened = contest(office, carol, mallory)
    assert compare(office, carol, opened, FACE).status == "matched"


def test_what_cannot_be_compared_is_the_operators(office, mallory, carol):
    opened = contest(office, carol, mallory)
    office.faces.broken = True
    done = compare(office, carol, opened, b"x")
    assert (done.status, done.similarity, frozen(office, mallory)) == ("doubtful", None, True)


def test_an_older_capture_does_not_count(office, mallory, carol):
    old = office.enrol(carol, face=FACE)
    opened = contest(office, carol, mallory)
    with pytest.raises(ContestCaptureError):
        office.contests.compare(carol.record, opened.id, old.id)
    with office.world.db.transaction() as tx:
        tx.enrolments.end([old.id])
    office.shift("enrolment", "created_at", old.id, -timedelta(hours=1))
    with pytest.raises(ContestCaptureError):
        office.contests.compare(carol.record, opened.id, old.id)
    assert frozen(office, mallory)


def test_only_ones_own(office, mallory, carol):
    opened = contest(office, carol, mallory)
    dave = office.member("david")
    theirs = office.enrolments(dave)[0]
    for who, enrolment in ((dave, theirs), (mallory, office.enrolments(mallory)[0])):
        with pytest.raises(NotFoundError):
            office.contests.compare(who.record, opened.id, enrolment.id)
    with pytest.raises(NotFoundError):
        office.contests.compare(carol.record, opened.id, theirs.id)
    with pytest.raises(NotFoundError):
        office.contests.get(dave.record, opened.id)
    for who in (carol, mallory):
        assert office.contests.get(who.record, opened.id).id == opened.id
        assert [each.id for each in office.contests.of(who.record)] == [opened.id]


def test_who_may_contest(office, mallory, carol):
    with pytest.raises(OwnCameoError):
        contest(office, mallory, mallory)
    with pytest.raises(NothingToContestError):
        contest(office, mallory, carol)
    keyless, _ = office.world.accounts.sign_up(handle="keyless", display_name="K", adult=True)
    with pytest.raises(ContestKeyError):
        office.contests.open(keyless, mallory.record)
    with office.world.db.reading() as tx:
        key = tx.people.keys(carol.record.id)[0]
    office.world.keyring.revoke(carol.record, key.id)
    with pytest.raises(ContestKeyError):
        contest(office, carol, mallory)
    assert not frozen(office, mallory)


def test_one_at_a_time(office, mallory, carol):
    other = office.member("other")
    opened = contest(office, carol, mallory)
    with pytest.raises(ContestOpenError):
        contest(office, carol, other)
    assert not frozen(office, other)
    compare(office, carol, opened, b"no")
    contest(office, carol, other)


def test_two_begun_at_once_are_one(office, mallory, carol):
    others = [mallory, office.member("other"), office.member("third")]
    outcomes: list[str] = []

    def begin(contested: Member) -> None:
        try:
            contest(office, carol, contested)
            outcomes.append("open")
        except ContestOpenError:
            outcomes.append("refused")

    threads = [threading.Thread(target=begin, args=(each,)) for each in others]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(outcomes) == ["open", "refused", "refused"]
    assert [frozen(office, each) for each in others].count(True) == 1


def test_three_that_failed_are_enough_for_a_month(office, mallory, carol):
    for _ in range(3):
        opened = contest(office, carol, mallory)
        compare(office, carol, opened, b"no")
    with pytest.raises(TooManyContestsError):
        contest(office, carol, mallory)
    office.shift("contest", "decided_at", opened.id, timedelta(days=30, minutes=1))
    assert contest(office, carol, mallory).status == "open"


def test_two_contestants_and_it_thaws_with_the_last(office, mallory, carol):
    dave = office.world.member("david", enrolled=False)
    first, second = contest(office, carol, mallory), contest(office, dave, mallory)
    compare(office, carol, first, b"no")
    assert frozen(office, mallory)
    compare(office, dave, second, b"neither")
    assert not frozen(office, mallory)
    assert findings(office.world) == []


def test_no_capture_in_time(office, mallory, carol):
    opened = contest(office, carol, mallory)
    office.shift("contest", "expires_at", opened.id, timedelta(hours=23, minutes=55))
    assert (office.contests.sweep(), frozen(office, mallory)) == (0, True)
    office.shift("contest", "expires_at", opened.id, timedelta(minutes=6))
    enrolment = office.enrol(carol, face=FACE)
    with pytest.raises(ContestOverError):
        office.contests.compare(carol.record, opened.id, enrolment.id)
    assert (office.contests.sweep(), office.contests.sweep()) == (1, 0)
    assert office.contests.get(carol.record, opened.id).status == "lapsed"
    assert not frozen(office, mallory)
    assert office.told(mallory)[-1] == "contest.lapsed"


def test_erasing_the_contested_cameo_ends_an_open_contest(office, mallory, carol):
    opened = contest(office, carol, mallory)
    office.erasures.erase(mallory.record, confirm="mallory")
    assert office.contests.get(carol.record, opened.id).status == "lapsed"
    assert not frozen(office, mallory)
    assert office.told(carol)[-1] == "contest.lapsed"
    assert findings(office.world) == []


def test_whoever_matched_does_not_get_away_by_erasing(office, studio, mallory, carol):
    bob = office.world.member("bobby", enrolled=False)
    opened = contest(office, carol, mallory)
    compare(office, carol, opened, FACE)
    office.erasures.erase(mallory.record, confirm="mallory")
    assert frozen(office, mallory)
    assert office.contests.get(carol.record, opened.id).similarity is None
    office.enrol(mallory, face=FACE)
    office.world.consent(mallory, Audience.EVERYONE)
    with pytest.raises(ConsentRefusedError):
        studio.order(bob, mallory)
    office.contests.uphold(opened.id)
    assert {each.status for each in office.enrolments(mallory)} == {"erased"}


def test_under_a_hold_it_is_upheld_and_the_destruction_waits(office, mallory, carol):
    opened = contest(office, carol, mallory)
    compare(office, carol, opened, FACE)
    office.holds.set(mallory.record, "order 7")
    assert office.contests.uphold(opened.id).status == "upheld"
    record = office.enrolments(mallory)[0]
    assert (record.status, office.likenesses.is_gone(record)) == ("erased", False)
    office.holds.lift(mallory.record)
    assert office.likenesses.is_gone(record)


def test_a_release_and_a_contest_at_once(office, studio, mallory, carol):
    """Whichever is first: once the contest stands, nothing of the clip is shown."""
    bob = office.world.member("bobby", enrolled=False)
    clips = [studio.order(bob, mallory) for _ in range(6)]
    for clip in clips:
        studio.render(clip)
    threads = [threading.Thread(target=studio.release, args=(clip,)) for clip in clips]
    for thread in threads:
        thread.start()
    contest(office, carol, mallory)
    for thread in threads:
        thread.join()
    office.world.ledger.sequence()
    for clip in clips:
        if studio.get(clip).status == "completed":
            with pytest.raises(HeldError):
                studio.library.require_served(bob.record, clip.id)
        else:
            assert studio.get(clip).failure_code == "consent.unavailable"
    assert findings(office.world) == []
