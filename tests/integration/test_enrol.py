"""Enrolment over real databases and real files; the judge is scripted, the rest is not."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import numpy as np
import pytest

from cameo.flows.enrol import Enrolments
from cameo.flows.errors import (
    CaptureRefusedError,
    ChallengeUsedError,
    InvalidRequestError,
    KeyNeedsEnrolmentError,
    LockedOutError,
    NoConsentError,
    NoKeyError,
    ReplayedCaptureError,
)
from cameo.flows.ledger import opening_of
from cameo.flows.likenesses import Likenesses
from cameo.flows.notice import notice_of
from cameo.flows.registering import NewKey
from cameo.likeness.appearance import Appearance
from cameo.likeness.challenge import derived_digits
from cameo.likeness.checks.check import Check
from cameo.likeness.liveness import LivenessReport
from cameo.likeness.templates import FaceTemplate, VoiceTemplate
from cameo.media.encode import encode_file, to_yuv420p
from cameo.media.errors import MediaError, NoSoundError, NoVideoError, TooLongError
from cameo.store.database import Database
from cameo.store.errors import NotFoundError
from consent.evidence import new_ed25519_key
from consent.vocabulary import Audience
from generator.request import VoiceProfile
from tests.integration.people import Member, World

SIZE = (160, 120)


def film(path: Path, seconds: float = 6.0, *, shade: int = 120, sound: bool = True) -> Path:
    frame = to_yuv420p(np.full((SIZE[1], SIZE[0], 3), shade, np.uint8))
    samples = np.zeros(round(seconds * 48_000), np.float32) if sound else None
    encode_file(path, [frame] * round(seconds * 10), samples, fps=10, size=SIZE)
    return path


class Judge:
    """Passes or fails every capture, and remembers what it was shown."""

    models = ("face-test", "voice-test")

    def __init__(self) -> None:
        self.passes = True
        self.crash: Exception | None = None
        self.frames = 0

    def assess(self, capture, challenge, *, now, simulated):
        self.frames = sum(1 for _ in capture.frames)
        if self.crash is not None:
            raise self.crash
        check = Check(
            name="digits",
            status="passed" if self.passes else "failed",
            figure=6.0 if self.passes else 1.0,
            limit=4.0,
            detail="digits right",
            code=None if self.passes else "capture.wrong_digits",
        )
        if not self.passes:
            return LivenessReport(
                checks=(check,), passed=False, assurance_level=0, simulated=simulated
            )
        return LivenessReport(
            checks=(check,),
            passed=True,
            assurance_level=0 if simulated else 1,
            simulated=simulated,
            face_template=FaceTemplate(engine="face-test", vectors=np.ones((2, 4), np.float32)),
            voice_template=VoiceTemplate(engine="voice-test", centroid=np.ones(4, np.float32)),
            appearance=Appearance(
                image=np.zeros((512, 512, 3), np.uint8),
                points5=np.zeros((5, 2), np.float32),
                box=(140.0, 140.0, 370.0, 370.0),
            ),
        )


@pytest.fixture
def world(database: Database, tmp_path: Path) -> World:
    return World(database, tmp_path)


@pytest.fixture
def judge() -> Judge:
    return Judge()


@pytest.fixture
def enrolments(world: World, judge: Judge) -> Iterator[Enrolments]:
    yield enrolments_of(world, judge)
    left = [path for path in world.vault.work.path.iterdir() if path.name != "held"]
    assert left == [], "plaintext was left behind"


def enrolments_of(world: World, judge: Judge) -> Enrolments:
    return Enrolments(
        db=world.db,
        likenesses=Likenesses(vault=world.vault),
        ledger=world.ledger,
        policy=world.policy,
        assessor=judge,
        measure_voice=lambda *_: VoiceProfile(f0_hz=120.0, f0_spread=2.0),
    )


def stored(tmp_path: Path) -> list[Path]:
    return [path for path in (tmp_path / "media").rglob("*") if path.is_file()]


def begin(enrolments: Enrolments, person, **more):
    notice = notice_of(enrolments.policy).sha256
    return enrolments.begin(person, **{"notice_sha256": notice, "release": True, **more})


def test_a_capture_that_answers_is_kept_encrypted(world, enrolments, tmp_path):
    person = world.member("alice", enrolled=False).record
    record = begin(enrolments, person)
    capture = film(tmp_path / "a.mp4")
    done = enrolments.answer(person, record.id, capture)
    assert (done.status, done.assurance, done.face_model) == ("accepted", 1, "face-test")
    assert {path.name for path in stored(tmp_path)} == {
        "appearance",
        "capture",
        "face",
        "voice",
        "voice-profile",
    }
    for path in stored(tmp_path):
        assert b"face-test" not in path.read_bytes()
        assert b"ftyp" not in path.read_bytes()
    assert len(set(json.loads(done.deks or "").values())) == 5, "a key each"
    template = enrolments.likenesses.part(done, "face")
    assert FaceTemplate.from_bytes(template).engine == "face-test"
    with world.db.reading() as tx:
        assert tx.log.find("enrol", done.id) is not None


def test_a_simulated_person_stays_at_level_0(world, enrolments, tmp_path):
    person = world.member("alice", enrolled=False).record
    record = begin(enrolments, person, simulated=True)
    done = enrolments.answer(person, record.id, film(tmp_path / "a.mp4"))
    assert (done.assurance, done.simulated) == (0, True)


def test_challenges_differ_and_say_nothing_twice(world, enrolments):
    person = world.member("alice", enrolled=False).record
    digits = {json.loads(begin(enrolments, person).challenge)["digits"] for _ in range(20)}
    assert len(digits) >= 19


def test_the_digits_are_drawn_from_a_key_that_the_log_has(world, enrolments):
    person = world.member("alice", enrolled=False).record
    (view,) = world.keyring.all(person)
    with world.db.reading() as tx:
        assert tx.log.find("key", view.record.id).idx is None
    record = begin(enrolments, person)
    with world.db.reading() as tx:
        assert tx.log.find("key", view.record.id).idx is not None
    assert record.key_id == view.record.id
    digits = derived_digits(view.record.public_key, bytes.fromhex(record.nonce))
    assert json.loads(record.challenge)["digits"] == digits
    assert begin(enrolments, person).nonce != record.nonce


def test_the_leaf_of_an_enrolment_says_from_which_key_and_nonce(world, enrolments, tmp_path):
    person = world.member("alice", enrolled=False).record
    record = begin(enrolments, person)
    done = enrolments.answer(person, record.id, film(tmp_path / "a.mp4"))
    with world.db.reading() as tx:
        opening = opening_of(tx.log.find("enrol", done.id))
    logged = json.loads(opening.private)
    assert (logged["key"], logged["nonce"]) == (record.key_id, record.nonce)


def test_who_recovers_an_account_permits_nothing_for_the_likeness_before(database, tmp_path, judge):
    """A thief of a session waits, enrols a face of their own, and tries to grant the victim's."""
    world = World(database, tmp_path, recovery=timedelta(microseconds=1))
    alice, thief = world.member("alice"), world.member("thief")
    consent = world.consent(alice, Audience.APPROVED)
    private, public = new_ed25519_key()
    recovered = world.keyring.recover(alice.record, NewKey(public_key=public))
    posing = Member(record=alice.record, private_key=private)
    with pytest.raises(KeyNeedsEnrolmentError):
        world.grant(posing, thief)
    enrolments = enrolments_of(world, judge)
    record = begin(enrolments, alice.record)
    assert record.key_id == recovered.record.id
    enrolments.answer(alice.record, record.id, film(tmp_path / "thief.mp4"))
    with pytest.raises(NoConsentError):
        world.grant(posing, thief)
    with world.db.reading() as tx:
        assert tx.consents.get(consent.id).status == "superseded"
        assert tx.log.find("restrict", record.id) is not None
    # For the likeness that was enrolled with it, it agrees as any key.
    world.consent(posing, Audience.APPROVED)
    world.grant(posing, thief)


def test_without_a_key_there_is_no_challenge(world, enrolments):
    person, _ = world.accounts.sign_up(handle="alice", display_name="Alice", adult=True)
    with pytest.raises(NoKeyError):
        begin(enrolments, person)
    bob = world.member("bobby", enrolled=False).record
    (view,) = world.keyring.all(bob)
    with pytest.raises(NoKeyError):
        begin(enrolments, person, key=view.record.id)
    world.keyring.revoke(bob, view.record.id)
    with pytest.raises(NoKeyError):
        begin(enrolments, bob)


def test_without_the_notice_there_is_no_challenge(world, enrolments):
    person = world.member("alice", enrolled=False).record
    with pytest.raises(InvalidRequestError):
        begin(enrolments, person, notice_sha256="0" * 64)


@pytest.mark.parametrize("release", [False, None, "yes"])
def test_without_release_there_is_no_challenge(world, enrolments, release):
    person = world.member("alice", enrolled=False).record
    with pytest.raises(InvalidRequestError, match="release"):
        begin(enrolments, person, release=release)


def test_an_expired_challenge(world, enrolments, judge, tmp_path):
    person = world.member("alice", enrolled=False).record
    with world.db.reading() as tx:
        record = _old_challenge(world, person, tx.now())
    with pytest.raises(CaptureRefusedError) as refused:
        enrolments.answer(person, record, film(tmp_path / "a.mp4"))
    assert refused.value.code == "challenge.expired"
    assert judge.frames == 0


def test_a_challenge_is_answered_once_and_a_recording_used_once(world, enrolments, tmp_path):
    person = world.member("alice", enrolled=False).record
    record = begin(enrolments, person)
    capture = film(tmp_path / "a.mp4")
    enrolments.answer(person, record.id, capture)
    other = film(tmp_path / "b.mp4", shade=90)
    with pytest.raises(ChallengeUsedError):
        enrolments.answer(person, record.id, other)
    with pytest.raises(ReplayedCaptureError):
        enrolments.answer(person, begin(enrolments, person).id, capture)


def test_somebody_elses_challenge(world, enrolments, tmp_path):
    alice = world.member("alice", enrolled=False).record
    bob = world.member("bobby", enrolled=False).record
    with pytest.raises(NotFoundError):
        enrolments.answer(bob, begin(enrolments, alice).id, film(tmp_path / "a.mp4"))


def test_a_refused_capture_leaves_its_verdict_and_nothing_else(world, enrolments, judge, tmp_path):
    person = world.member("alice", enrolled=False).record
    record = begin(enrolments, person)
    judge.passes = False
    with pytest.raises(CaptureRefusedError) as refused:
        enrolments.answer(person, record.id, film(tmp_path / "a.mp4"))
    assert refused.value.code == "capture.wrong_digits"
    assert enrolments.get(person, record.id).status == "refused"
    assert stored(tmp_path) == []
    assert not list((tmp_path / "keys" / "deks").iterdir())


def test_a_judge_that_crashes_refuses(world, enrolments, judge, tmp_path):
    person = world.member("alice", enrolled=False).record
    record = begin(enrolments, person)
    judge.crash = RuntimeError("out of memory")
    with pytest.raises(RuntimeError):
        enrolments.answer(person, record.id, film(tmp_path / "a.mp4"))
    assert enrolments.get(person, record.id).status == "refused"
    assert stored(tmp_path) == []


def test_what_cannot_be_kept_whole_is_not_kept_at_all(world, enrolments, tmp_path):
    from dataclasses import replace

    def fails(*_):
        raise RuntimeError("no voice could be measured")

    person = world.member("alice", enrolled=False).record
    record = begin(enrolments, person)
    with pytest.raises(RuntimeError):
        replace(enrolments, measure_voice=fails).answer(person, record.id, film(tmp_path / "a.mp4"))
    assert enrolments.get(person, record.id).status == "refused"
    assert stored(tmp_path) == []
    assert all(path.suffix for path in (tmp_path / "keys" / "deks").iterdir())


def test_a_capture_that_a_crash_interrupted_is_swept(world, enrolments, tmp_path):
    person = world.member("alice", enrolled=False).record
    with world.db.reading() as tx:
        now = tx.now()
    old = _old_challenge(world, person, now - timedelta(hours=2))
    with world.db.transaction() as tx:
        assert tx.enrolments.take(old, capture_sha256="0" * 64)
    world.vault.files.put(f"people/{person.id}/{old}/face", b"half")
    assert (enrolments.sweep(), enrolments.sweep()) == (1, 0)
    assert enrolments.get(person, old).status == "refused"
    assert stored(tmp_path) == []


def test_five_refusals_lock_out(world, enrolments, judge, tmp_path):
    person = world.member("alice", enrolled=False).record
    judge.passes = False
    for number in range(5):
        record = begin(enrolments, person)
        with pytest.raises(CaptureRefusedError):
            enrolments.answer(
                person, record.id, film(tmp_path / f"{number}.mp4", shade=40 * number)
            )
    with pytest.raises(LockedOutError):
        begin(enrolments, person)


def test_files_that_are_no_captures(world, enrolments, judge, tmp_path):
    import cv2

    person = world.member("alice", enrolled=False).record
    picture = tmp_path / "picture.mp4"
    picture.write_bytes(cv2.imencode(".jpg", np.zeros((64, 64, 3), np.uint8))[1].tobytes())
    whole = film(tmp_path / "whole.mp4").read_bytes()
    cut = tmp_path / "cut.mp4"
    cut.write_bytes(whole[: len(whole) // 2])
    cases: list[tuple[Path, type[Exception]]] = [
        (picture, NoVideoError),
        (film(tmp_path / "mute.mp4", sound=False), NoSoundError),
        (film(tmp_path / "long.mp4", seconds=60.0), TooLongError),
        (cut, MediaError),
    ]
    for path, error in cases:
        with pytest.raises(error):
            enrolments.answer(person, begin(enrolments, person).id, path)
    assert stored(tmp_path) == []


def _old_challenge(world: World, person, now) -> str:
    from cameo.likeness.challenge import new_challenge
    from cameo.store.ids import new_id
    from cameo.store.records import EnrolmentRecord

    then = now - timedelta(minutes=10)
    challenge = new_challenge(then, digits="493021", ttl_s=60)
    record = EnrolmentRecord(
        id=new_id("enr"),
        person_id=person.id,
        status="challenged",
        challenge=challenge.to_json(),
        simulated=False,
        notice_sha256=notice_of(world.policy).sha256,
        expires_at=challenge.expires_at,
        created_at=then,
        decided_at=None,
        assurance=None,
        report=None,
        deks=None,
        face_model=None,
        voice_model=None,
    )
    with world.db.transaction() as tx:
        tx.enrolments.add(record)
    return record.id
