"""Verify a copy against this service's own data folder: registry, consents, log. No network."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from cameo.flows.ledger import Kind, Ledger
from cameo.flows.library import ConsentStanding, standings
from cameo.flows.policy import Policy
from cameo.flows.subject import media_under_test
from cameo.store.database import Database, Transaction
from cameo.store.errors import NotFoundError
from cameo.store.records import RegistryRecord as StoredRecord
from cameo.store.registry import Registry as StoredRegistry
from provenance.log.errors import LogError
from provenance.verifier.chain import Verifier
from provenance.verifier.content import ContentFingerprinter
from provenance.verifier.ports import (
    ConsentAtRelease,
    ConsentStatus,
    CredentialSource,
    LogStatus,
    MarkDetector,
    RegistryRecord,
    SoundMarkDetector,
)
from provenance.verifier.report import VerifyReport
from provenance.watermark.payload import from_hex, to_hex

_NOW: Final[dict[str, ConsentStatus]] = {
    "active": "active",
    "withdrawn": "withdrawn",
    "expired": "expired",
    "paused": "paused",
    "frozen": "frozen",
}


@dataclass(frozen=True, kw_only=True, slots=True)
class Verification:
    """Judges files for auditors."""

    db: Database
    ledger: Ledger
    policy: Policy
    credentials: CredentialSource
    detector: MarkDetector
    sound_detector: SoundMarkDetector

    def verify(self, path: Path) -> VerifyReport:
        """The verdict on one file, whatever it is; a hostile file gets one too."""
        verifier = Verifier(
            credentials=self.credentials,
            detector=self.detector,
            sound_detector=self.sound_detector,
            registry=_Registry(self.db),
            consents=_Consents(self.db),
            log=_Log(self.db, self.ledger),
            fingerprinter=ContentFingerprinter(),
        )
        with self.db.reading() as tx:
            now = tx.now()
        subject = media_under_test(path, self.policy.limits)
        return verifier.verify(subject, checked_at=now)


@dataclass(frozen=True, slots=True)
class _Registry:
    db: Database

    def by_payload(self, payload: int, /) -> RegistryRecord | None:
        return self._one(lambda registry: registry.by_payload(to_hex(payload)))

    def by_prefix(self, short_id: int, /) -> RegistryRecord | None:
        return self._one(lambda registry: registry.by_prefix(f"{short_id:08x}"))

    def by_clip(self, clip_id: str, /) -> RegistryRecord | None:
        return self._one(lambda registry: registry.by_clip(clip_id))

    def _one(self, find: Callable[[StoredRegistry], StoredRecord | None]) -> RegistryRecord | None:
        with self.db.reading() as tx:
            found = find(tx.registry)
            return None if found is None else registry_record(tx, found)


@dataclass(frozen=True, slots=True)
class _Consents:
    db: Database

    def states(self, clip_id: str, /) -> Sequence[ConsentAtRelease]:
        with self.db.reading() as tx:
            tx.clips.get(clip_id)  # raises for a clip that nobody knows: that is no "nobody in it"
            return [at_release(standing) for standing in standings(tx, clip_id)]


@dataclass(frozen=True, slots=True)
class _Log:
    db: Database
    ledger: Ledger

    def inclusion(self, clip_id: str, /) -> LogStatus:
        with self.db.reading() as tx:
            try:
                kind = tx.clips.get(clip_id).kind
            except NotFoundError:
                return LogStatus(status="missing")
            event: Kind = "stamp" if kind == "stamped" else "release"
            try:
                proof = self.ledger.prove(tx, kind=event, ref=clip_id)
            except LogError:
                return LogStatus(status="bad_proof", origin=self.ledger.signer.name)
        if proof is None:
            return LogStatus(status="missing", origin=self.ledger.signer.name)
        return LogStatus(
            status="included",
            index=proof.index,
            tree_size=proof.size,
            origin=self.ledger.signer.name,
        )


def registry_record(tx: Transaction, stored: StoredRecord) -> RegistryRecord:
    """A clip in the registry, as the verdict chain takes it."""
    kind = tx.clips.get(stored.clip_id).kind
    return RegistryRecord(
        clip_id=stored.clip_id,
        payload=from_hex(stored.payload),
        kind="stamp" if kind == "stamped" else "clip",
        fingerprint=stored.fingerprint,
        manifest=stored.manifest,
        epoch=stored.epoch,
        marks=stored.marks,
        sound_fingerprint=stored.sound_fingerprint,
    )


def at_release(standing: ConsentStanding) -> ConsentAtRelease:
    """How a consent stood at the release and stands now, as the verdict chain takes it."""
    person = standing.person
    return ConsentAtRelease(
        id=person.consent_id,
        state_then="active" if person.use == "consumed" else "unknown",
        state_now=_NOW[standing.state],
        assurance=person.assurance,
        simulated=person.simulated,
        ended_at=standing.ended_at,
    )
