"""The consent half of the service over a database of its own, with people who agreed.

Enrolments are declared simulated, at level 0, and the stage's own policy admits that. Everything
after an enrolment is the real thing: keys, documents, signatures, orders, the gate, the log.
"""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from functools import cached_property
from pathlib import Path
from typing import Final

from cameo.flows.accounts import Accounts
from cameo.flows.enrol import logged_as
from cameo.flows.keyring import Keyring
from cameo.flows.ledger import Ledger
from cameo.flows.notice import notice_of
from cameo.flows.order import Orders, Plan, VideoAsk
from cameo.flows.permit import ConsentWish, GrantWish, Permits
from cameo.flows.policy import Policy
from cameo.flows.registering import NewKey
from cameo.flows.release import Releases
from cameo.flows.revoke import Revocations
from cameo.flows.vault import Vault
from cameo.flows.workspace import Workspace
from cameo.keys.local import LocalKeyProvider
from cameo.store.database import Database
from cameo.store.files import Files
from cameo.store.ids import new_id
from cameo.store.records import EnrolmentRecord, GrantRecord, PersonRecord
from cameo.wiring.foundation import build_moderator
from consent.evidence import new_ed25519_key, sign_ed25519
from consent.vocabulary import Audience
from moderation.text import Moderator
from provenance.log.notes import NoteSigner

_ORIGIN: Final = "bench.example/log"
MEDIA_SHA256: Final = "0" * 64


@dataclass(frozen=True, slots=True)
class Member:
    """A person, and the key that only they hold."""

    record: PersonRecord
    private_key: bytes


class _SilentPlanner:
    """Plans clips in which nothing is said."""

    model = "bench"
    allows_commercial = True

    def plan(self, ask: VideoAsk, handles: Sequence[str], seed: int) -> Plan:
        """Nothing spoken, nothing explained."""
        del ask, handles, seed
        return Plan(spoken=(), explanation=())


class Stage:
    """Flows over one database; each process makes its own."""

    def __init__(self, url: str, folder: Path) -> None:
        self.db = Database(url)
        self.policy = Policy(
            brand="Bench",
            signup=True,
            min_assurance=0,
            max_people=2,
            daily_limit=1_000_000,
            challenge_ttl=timedelta(minutes=3),
            watermark_psnr_db=43.0,
        )
        self.ledger = Ledger(
            db=self.db,
            signer=NoteSigner(_ORIGIN, bytes(range(32))),
            promiser=NoteSigner(f"{_ORIGIN}/promises", bytes(range(1, 33))),
        )
        self.vault = Vault(
            keys=LocalKeyProvider(folder / "keys", period=timedelta(days=7)),
            files=Files(folder / "media"),
            work=Workspace(folder / "work"),
        )
        self.permits = Permits(db=self.db, ledger=self.ledger, policy=self.policy)
        self.releases = Releases(
            db=self.db, vault=self.vault, ledger=self.ledger, policy=self.policy
        )
        self.revocations = Revocations(db=self.db, vault=self.vault, ledger=self.ledger)

    @cached_property
    def moderator(self) -> Moderator:
        """Judges names and prompts, as in the service."""
        return build_moderator()

    @cached_property
    def orders(self) -> Orders:
        """Takes orders, as in the service but for the generator."""
        return Orders(
            db=self.db,
            vault=self.vault,
            ledger=self.ledger,
            policy=self.policy,
            planner=_SilentPlanner(),
            moderator=self.moderator,
        )

    def member(self, handle: str) -> Member:
        """An account with a key and a simulated enrolment."""
        accounts = Accounts(db=self.db, policy=self.policy, names=self.moderator)
        person, _ = accounts.sign_up(handle=handle, display_name=f"Bench {handle}", adult=True)
        private, public = new_ed25519_key()
        keyring = Keyring(db=self.db, ledger=self.ledger, policy=self.policy)
        key = keyring.register(person, NewKey(public_key=public)).record.id
        self._enrol(person, key)
        return Member(person, private)

    def consent(self, member: Member, audience: Audience) -> str:
        """Sign a consent; returns its id."""
        prepared = self.permits.prepare_consent(member.record, ConsentWish(audience=audience))
        evidence = sign_ed25519(member.private_key, prepared.document)
        return self.permits.sign_consent(member.record, prepared.document, evidence).id

    def grant(self, member: Member, grantee: Member) -> GrantRecord:
        """Sign a grant."""
        prepared = self.permits.prepare_grant(member.record, GrantWish(grantee=grantee.record))
        evidence = sign_ed25519(member.private_key, prepared.document)
        return self.permits.sign_grant(member.record, prepared.document, evidence)

    def finished(self, maker: Member, *people: Member) -> str:
        """Order a clip and leave it as a worker would just before its release; its id."""
        prompt = " and ".join(f"@{person.record.handle}" for person in people) + " on the shore"
        clip = self.orders.order(maker.record, VideoAsk(prompt=prompt, seconds=4))
        with self.db.transaction() as tx:
            tx.clips.change(clip.id, only=("queued",), status="in_progress")
            tx.registry.add(
                payload=clip.payload, clip_id=clip.id, fingerprint=b"f", manifest=b"m", now=tx.now()
            )
        return clip.id

    def release(self, clip_id: str) -> str:
        """The shipped release."""
        return self.releases.release(clip_id, media_sha256=MEDIA_SHA256, media_bytes=1)

    def close(self) -> None:
        """Give connections and the work folder back."""
        self.vault.work.close()
        self.db.close()

    def _enrol(self, person: PersonRecord, key: str) -> None:
        with self.db.transaction() as tx:
            now, enrolment = tx.now(), new_id("enr")
            tx.enrolments.add(
                EnrolmentRecord(
                    id=enrolment,
                    person_id=person.id,
                    status="challenged",
                    challenge="{}",
                    simulated=True,
                    notice_sha256=notice_of(self.policy).sha256,
                    expires_at=now + timedelta(minutes=3),
                    created_at=now,
                    decided_at=None,
                    assurance=None,
                    report=None,
                    deks=None,
                    face_model=None,
                    voice_model=None,
                    key_id=key,
                    nonce="00" * 16,
                )
            )
            tx.enrolments.decide(
                enrolment,
                accepted=True,
                assurance=0,
                report="{}",
                deks=None,
                models=("bench", "bench"),
                now=now,
            )
            self.ledger.record(
                tx,
                kind="enrol",
                ref=enrolment,
                private=logged_as(tx.enrolments.get(enrolment), 0),
                at=now,
                people=[tx.people.get(person.id)],
            )


def random_handle() -> str:
    """A handle that nobody has."""
    return "p" + secrets.token_hex(6)
