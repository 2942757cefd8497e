"""People for integration tests: accounts, enrolments and keys, without a camera.

An enrolment row is written as the flow would after a capture; everything after that - documents,
signatures, the gate, the log - is the real thing.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import Path

from cameo.flows.accounts import Accounts
from cameo.flows.acts import Acts
from cameo.flows.enrol import logged_as
from cameo.flows.gate import Ask
from cameo.flows.keyring import Keyring
from cameo.flows.ledger import Ledger
from cameo.flows.notice import notice_of
from cameo.flows.permit import ConsentWish, GrantWish, Permits
from cameo.flows.policy import Policy
from cameo.flows.registering import NewKey
from cameo.flows.revoke import Revocations
from cameo.flows.ties import Ties
from cameo.flows.vault import Vault
from cameo.flows.workspace import Workspace
from cameo.keys.local import LocalKeyProvider
from cameo.keys.provider import KeyProvider
from cameo.store.database import Database, Transaction
from cameo.store.files import Files
from cameo.store.ids import new_id
from cameo.store.records import ConsentRecord, EnrolmentRecord, GrantRecord, PersonRecord
from consent.evidence import new_ed25519_key, sign_ed25519
from consent.vocabulary import Audience, Purpose
from provenance.log.notes import NoteSigner


def policy(**changes: object) -> Policy:
    """The default policy, with changes."""
    values: dict[str, object] = {
        "brand": "Cameo",
        "signup": True,
        "min_assurance": 1,
        "max_people": 2,
        "daily_limit": 30,
        "challenge_ttl": timedelta(minutes=3),
        "watermark_psnr_db": 43.0,
    }
    return Policy(**{**values, **changes})  # type: ignore[arg-type]


class Nobody:
    """Knows no name."""

    def is_known_name(self, name: str) -> bool:
        return False


@dataclass
class Member:
    """A person with a key of their own."""

    record: PersonRecord
    private_key: bytes


class World:
    """The consent half of the service over one database."""

    def __init__(
        self,
        db: Database,
        folder: Path,
        *,
        keys: KeyProvider | None = None,
        files: Files | None = None,
        ledger: Ledger | None = None,
        **changes: object,
    ) -> None:
        self.db = db
        self.policy = policy(**changes)
        self.ledger = ledger or Ledger(
            db=db,
            signer=NoteSigner("test.example/log", bytes(range(32))),
            promiser=NoteSigner("test.example/log/promises", bytes(range(1, 33))),
        )
        self.vault = Vault(
            keys=keys or LocalKeyProvider(folder / "keys"),
            files=files or Files(folder / "media"),
            work=Workspace(folder / "work"),
        )
        self.accounts = Accounts(db=db, policy=self.policy, names=Nobody())
        self.keyring = Keyring(db=db, ledger=self.ledger, policy=self.policy)
        self.permits = Permits(db=db, ledger=self.ledger, policy=self.policy)
        self.ties = Ties(db=db, ledger=self.ledger)
        self.acts = Acts(db=db, ledger=self.ledger, policy=self.policy)
        self.revocations = Revocations(db=db, vault=self.vault, ledger=self.ledger)

    def member(self, handle: str, *, assurance: int = 1, enrolled: bool = True) -> Member:
        """An adult with an account, a registered key and, by default, an enrolment."""
        person, _ = self.accounts.sign_up(handle=handle, display_name=handle.title(), adult=True)
        private, public = new_ed25519_key()
        self.keyring.register(person, NewKey(public_key=public))
        if enrolled:
            self.enrol(person, assurance=assurance)
        return Member(record=person, private_key=private)

    def enrol(self, person: PersonRecord, *, assurance: int = 1, key: str | None = None) -> str:
        """What the flow would leave after a capture."""
        enrolment_id = new_id("enr")
        with self.db.transaction() as tx:
            now = tx.now()
            tx.enrolments.add(
                EnrolmentRecord(
                    id=enrolment_id,
                    person_id=person.id,
                    status="challenged",
                    challenge="{}",
                    simulated=assurance == 0,
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
                )
            )
            tx.enrolments.decide(
                enrolment_id,
                accepted=True,
                assurance=assurance,
                report="{}",
                deks=None,
                models=("test", "test"),
                now=now,
            )
            self._log_enrolment(tx, tx.enrolments.get(enrolment_id))
        return enrolment_id

    def _log_enrolment(self, tx: Transaction, record: EnrolmentRecord) -> None:
        """The flow always has a key that the digits were drawn from; here it is any of theirs."""
        keys = [key.id for key in tx.people.keys(record.person_id)]
        if keys:
            drawn = replace(record, key_id=record.key_id or keys[-1])
            self.ledger.record(
                tx,
                kind="enrol",
                ref=record.id,
                private=logged_as(drawn, record.assurance or 0),
                at=tx.now(),
                people=[tx.people.get(record.person_id)],
            )

    def consent(self, member: Member, audience: Audience, **wish: object) -> ConsentRecord:
        """Prepare, sign and hand in a consent."""
        prepared = self.permits.prepare_consent(
            member.record,
            ConsentWish(audience=audience, **wish),  # type: ignore[arg-type]
        )
        evidence = sign_ed25519(member.private_key, prepared.document)
        return self.permits.sign_consent(member.record, prepared.document, evidence)

    def grant(self, member: Member, grantee: Member, **wish: object) -> GrantRecord:
        """Prepare, sign and hand in a grant."""
        prepared = self.permits.prepare_grant(
            member.record,
            GrantWish(grantee=grantee.record, **wish),  # type: ignore[arg-type]
        )
        evidence = sign_ed25519(member.private_key, prepared.document)
        return self.permits.sign_grant(member.record, prepared.document, evidence)


def ask(requester: Member, *people: Member, **changes: object) -> Ask:
    """An ordinary question to the gate."""
    values: dict[str, object] = {
        "requester": requester.record.id,
        "people": tuple(person.record.id for person in people),
        "modalities": frozenset({"face", "voice"}),
        "purpose": Purpose.PERSONAL,
        "content_classes": frozenset(),
        "spoken": "",
    }
    return Ask(**{**values, **changes})  # type: ignore[arg-type]
