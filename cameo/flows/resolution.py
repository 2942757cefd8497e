"""From a soft binding, or a copy, to the archived manifest: C2PA's Soft Binding Resolution API 1.0.

    matches = resolution.by_binding("org.cameo.wm.video.1", "AAECAwQFBgc=")
    archived = resolution.manifest(matches[0].manifest_id)

Whoever holds a marked copy can ask; whoever holds none finds nothing: a payload has 64 random bits
and a manifest's id 122. The 32 bits of a short sound mark can be guessed, so they lead nowhere by
themselves: a copy that carries no more is sent in whole, and its content must agree as well.
"""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Literal, Protocol

from cameo.flows.errors import FlowError
from cameo.flows.library import standings
from cameo.store.database import Database, Transaction
from cameo.store.errors import NotFoundError
from cameo.store.records import CONSENT_ENDED, RegistryRecord
from provenance.verifier.report import VerifyReport
from provenance.verifier.verdicts import Verdict

MAX_VALUE: Final = 256
"""Characters of a value that are looked at; the longest of ours has 24."""

_PAYLOAD: Final = re.compile(rb"[0-9a-f]{16}")
_RAW: Final = 8

Standing = Literal["stands", "held", "withdrawn", "deleted"]


class BindingValueError(FlowError):
    """The value is not the base64 of a payload: 8 bytes, or their 16 hex digits."""

    code = "binding.value"


class UnknownAlgorithmError(FlowError):
    """This service reads no soft binding of that name; see `/services/supportedAlgorithms`."""

    code = "binding.unknown_algorithm"


class NotJudgedError(FlowError):
    """The copy could not be judged, so nothing can be said about where it comes from."""

    code = "binding.not_judged"


class ManifestErasedError(FlowError):
    """A person in this clip had their cameo erased; its manifest is not handed out any more."""

    code = "manifest.erased"


class StoreOnlyError(FlowError):
    """Only whole manifest stores are kept here; ask without `returnActiveManifest`."""

    code = "manifest.store_only"


class Judge(Protocol):
    """Judges copies; `cameo.flows.verify.Verification` is one."""

    def verify(self, path: Path, /) -> VerifyReport:
        """The verdict on one file, decoded in a child; a hostile file gets one too."""
        ...


@dataclass(frozen=True, kw_only=True, slots=True)
class Match:
    """A manifest that a binding or a copy leads to."""

    manifest_id: str
    score: int | None = None
    """How well the content agrees, 0 to 100, where it was compared."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Archived:
    """A manifest store as it was signed, and how its clip stands now."""

    store: bytes
    standing: Standing


@dataclass(frozen=True, kw_only=True, slots=True)
class Resolution:
    """Answers who holds a marked copy."""

    db: Database
    judge: Judge
    algs: Mapping[str, str]
    """What the marks are called, by modality."""

    def by_binding(self, alg: str, value: str) -> tuple[Match, ...]:
        """The manifests that a mark's value leads to: one, or none.

        Args:
            alg: Name of the soft binding.
            value: Base64 of the payload, as 8 bytes or as the 16 hex digits that manifests hold.

        Raises:
            UnknownAlgorithmError: it is not one of ours.
            BindingValueError: it is no payload.
        """
        modality, payload = self._modality(alg), _payload(value)
        with self.db.reading() as tx:
            record = tx.registry.by_payload(payload)
            if record is None or modality not in record.marks or not _told(tx, record):
                return ()
        return (Match(manifest_id=record.manifest_id),)

    def by_content(self, path: Path, alg: str | None = None) -> tuple[Match, ...]:
        """The manifests of the clip that a file is a copy of: one, or none.

        A mark of ours on other content leads nowhere: mark and fingerprint must agree, or the
        file's own credentials must be intact.

        Args:
            path: The copy.
            alg: Only a clip that carries this mark.

        Raises:
            UnknownAlgorithmError: it is not one of ours.
            NotJudgedError: a check that the answer needs did not run.
        """
        modality = None if alg is None else self._modality(alg)
        report = self.judge.verify(path)
        if report.clip_id is None or report.integrity not in {"authentic", "recovered"}:
            if report.verdict is Verdict.UNREADABLE:
                raise NotJudgedError(extra={"reasons": list(report.reasons)})
            return ()
        with self.db.reading() as tx:
            record = tx.registry.by_clip(report.clip_id)
            if record is None or not _told(tx, record):
                return ()
        if modality is not None and modality not in record.marks:
            return ()
        return (Match(manifest_id=record.manifest_id, score=_score(report)),)

    def manifest(self, manifest_id: str) -> Archived:
        """An archived manifest store, byte for byte.

        Raises:
            NotFoundError: there is none of this id, or its clip was never released.
            ManifestErasedError: somebody in the clip was erased.
        """
        with self.db.reading() as tx:
            record = tx.registry.by_manifest(manifest_id)
            if record is None or not _released(tx, record):
                raise NotFoundError("no such manifest")
            if _erased(tx, record):
                raise ManifestErasedError
            return Archived(store=record.manifest, standing=_standing(tx, record))

    def _modality(self, alg: str) -> str:
        found = next((modality for modality, name in self.algs.items() if name == alg), None)
        if found is None:
            raise UnknownAlgorithmError
        return found


def _payload(value: str) -> str:
    """The payload that a value says, as 16 hex digits."""
    if len(value) > MAX_VALUE:
        raise BindingValueError
    # A `+` that was not escaped in a URL arrives as a blank; `-_` stand for `+/` (RFC 4648, 5).
    plain = value.replace(" ", "+").replace("-", "+").replace("_", "/").rstrip("=")
    try:
        raw = base64.b64decode(plain + "=" * (-len(plain) % 4), validate=True)
    except (binascii.Error, ValueError) as error:
        raise BindingValueError from error
    if len(raw) == _RAW:
        return raw.hex()
    if _PAYLOAD.fullmatch(raw):
        return raw.decode()
    raise BindingValueError


def _score(report: VerifyReport) -> int | None:
    compared = report.agreement or report.sound_agreement
    if compared is not None:
        return max(0, min(100, round(100 * compared.score)))
    return 100 if report.integrity == "authentic" else None


def _told(tx: Transaction, record: RegistryRecord) -> bool:
    return _released(tx, record) and not _erased(tx, record)


def _released(tx: Transaction, record: RegistryRecord) -> bool:
    """Whether the clip ever left: what was archived and then denied or stopped did not."""
    return tx.clips.get(record.clip_id).status in {"completed", "withdrawn"}


def _erased(tx: Transaction, record: RegistryRecord) -> bool:
    people = tx.clips.people(record.clip_id)
    return any(tx.consents.get(person.consent_id).erased_at is not None for person in people)


def _standing(tx: Transaction, record: RegistryRecord) -> Standing:
    clip = tx.clips.get(record.clip_id)
    states = {each.state for each in standings(tx, record.clip_id)}
    if states & {"withdrawn", "expired"} or clip.withdrawn_reason in CONSENT_ENDED:
        return "withdrawn"
    if clip.status != "completed":
        return "deleted"
    return "held" if states & {"paused", "frozen"} else "stands"
