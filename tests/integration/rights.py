"""People with likenesses that are really sealed, and the flows that take them away again."""

from __future__ import annotations

import json
import secrets
from dataclasses import replace
from datetime import datetime, timedelta
from functools import partial

from sqlalchemy import select, text, update

from cameo.flows.comparison import Comparison
from cameo.flows.contest import Contests
from cameo.flows.enrol import logged_as
from cameo.flows.erase import Erasures
from cameo.flows.erase_last import LastStep
from cameo.flows.holds import Holds
from cameo.flows.likenesses import LikenessErasedError, Likenesses
from cameo.flows.log_views import LogViews
from cameo.flows.notice import notice_of
from cameo.flows.receipt import receipt_key_name
from cameo.flows.retention import Retention
from cameo.keys.errors import KeysError
from cameo.likeness.errors import EngineMismatchError
from cameo.store.errors import NotFoundError
from cameo.store.ids import new_id
from cameo.store.records import EnrolmentRecord
from cameo.store.tables import metadata
from consent.vocabulary import Audience
from provenance.log.notes import NoteSigner
from tests.integration.people import Member, World
from tests.integration.studio import Studio

PARTS = ("face", "voice", "appearance", "voice-profile", "capture")


class Faces:
    """Compares faces whose templates are names: equal names are one person.

    `alike` says otherwise for a pair.
    """

    accept = 0.9
    retry = 0.7

    def __init__(self) -> None:
        self.alike: dict[frozenset[bytes], float] = {}
        self.broken = False

    def similarity(self, one: bytes, other: bytes) -> float:
        if self.broken:
            raise EngineMismatchError("another engine.")
        return self.alike.get(frozenset({one, other}), 1.0 if one == other else 0.1)


class Office:
    """Erasure, retention, holds and contests over one world."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.faces = Faces()
        self.likenesses = Likenesses(vault=world.vault)
        name = receipt_key_name(world.ledger.signer.name)
        self.signer = NoteSigner(name, bytes(range(2, 34)))
        self.erasures = Erasures(
            db=world.db,
            likenesses=self.likenesses,
            ledger=world.ledger,
            revocations=world.revocations,
            views=LogViews(db=world.db, ledger=world.ledger),
            last_step=LastStep(
                likenesses=self.likenesses,
                ledger=world.ledger,
                policy=world.policy,
                signer=self.signer,
            ),
        )
        self.retention = Retention(
            db=world.db,
            likenesses=self.likenesses,
            ledger=world.ledger,
            revocations=world.revocations,
            policy=world.policy,
        )
        self.holds = Holds(db=world.db, erasures=self.erasures)
        self.contests = Contests(
            db=world.db,
            ledger=world.ledger,
            policy=world.policy,
            erasures=self.erasures,
            comparison=Comparison(likenesses=self.likenesses, faces=self.faces),
        )

    def member(self, handle: str, *, simulated: bool = False) -> Member:
        """Somebody with a key and a likeness."""
        member = self.world.member(handle, enrolled=False)
        self.enrol(member, simulated=simulated)
        return member

    def enrol(
        self, member: Member, *, face: bytes | None = None, simulated: bool = False
    ) -> EnrolmentRecord:
        """An accepted enrolment with every part sealed."""
        db, person = self.world.db, member.record
        with db.transaction() as tx:
            now = tx.now()
            record = EnrolmentRecord(
                id=new_id("enr"),
                person_id=person.id,
                status="challenged",
                challenge=json.dumps({"digits": "123456"}),
                simulated=simulated,
                notice_sha256=notice_of(self.world.policy).sha256,
                expires_at=now + timedelta(minutes=3),
                created_at=now,
                decided_at=None,
                assurance=None,
                report=None,
                deks=None,
                face_model=None,
                voice_model=None,
                nonce="00" * 16,
            )
            tx.enrolments.add(record)
            assert tx.enrolments.take(record.id, capture_sha256=secrets.token_hex(32))
        parts = {part: f"{part} of {person.handle}".encode() for part in PARTS}
        parts["face"] = face or person.handle.encode()
        deks = self.likenesses.keep(record, parts, partial(self._remember, record.id))
        level = 0 if simulated else 1
        with db.transaction(exclusive=[person.id]) as tx:
            now = tx.now()
            keys = [key.id for key in tx.people.keys(person.id)]
            assert tx.enrolments.decide(
                record.id,
                accepted=True,
                assurance=level,
                report=json.dumps({"passed": True}),
                deks=deks,
                models=("face-test", "voice-test"),
                now=now,
            )
            self.world.ledger.record(
                tx,
                kind="enrol",
                ref=record.id,
                private=logged_as(replace(record, key_id=keys[-1] if keys else None), level),
                at=now,
                people=[tx.people.get(person.id)],
            )
            return tx.enrolments.get(record.id)

    def _remember(self, enrolment_id: str, deks: str) -> None:
        with self.world.db.transaction() as tx:
            assert tx.enrolments.remember_keys(enrolment_id, deks)

    def enrolments(self, member: Member) -> tuple[EnrolmentRecord, ...]:
        with self.world.db.reading() as tx:
            return tx.enrolments.all(member.record.id)

    def permits_are_whole(self, member: Member) -> bool:
        """Whether every document of a person is still there."""
        own, given = self.world.permits.mine(member.record)
        return all(each.document and each.erased_at is None for each in (*own, *given))

    def told(self, member: Member) -> list[str]:
        """What a person was told, oldest first."""
        with self.world.db.reading() as tx:
            return [each["kind"] for each in tx.clips.notifications(member.record.id)][::-1]

    def now(self) -> datetime:
        with self.world.db.reading() as tx:
            return tx.now()

    def shift(self, table: str, column: str, key: str, back: timedelta) -> None:
        """Let so much time have passed since a moment in a row."""
        known = metadata.tables[table]
        cell, chosen = known.c[column], known.c.id == key
        with self.world.db.engine.begin() as connection:
            moment = connection.execute(select(cell).where(chosen)).scalar_one()
            connection.execute(update(known).where(chosen).values({column: moment - back}))


def scene(office: Office, studio: Studio):
    """Alice permits Bob, who made a clip with both; Bob has one with himself alone."""
    world = office.world
    alice, bob = office.member("alice"), office.member("bobby")
    world.consent(alice, Audience.APPROVED)
    world.consent(bob, Audience.ONLY_ME)
    world.grant(alice, bob)
    return alice, bob, studio.draft(bob, alice, bob), studio.draft(bob, bob)


def opens(office: Office, record, part: str) -> bool:
    try:
        office.likenesses.part(record, part)
    except (KeysError, LikenessErasedError, NotFoundError):
        return False
    return True


def raw(world: World, sql: str, **values: object) -> list:
    with world.db.engine.connect() as connection:
        return list(connection.execute(text(sql), values))


def findings(world: World) -> list:
    world.ledger.sequence()
    return [(each.index, each.code) for each in world.ledger.audit().findings]


def raw_update(world: World, sql: str, **values: object) -> None:
    with world.db.engine.begin() as connection:
        connection.execute(text(sql), values)


def keys_of(world, member):
    with world.db.reading() as tx:
        return tx.people.keys(member.record.id)
