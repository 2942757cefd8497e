"""Make the bundle of a clip: what shows anybody, without us, who agreed to it.

data = bundles.of(clip_id)                     # for the operator
data = bundles.for_person(person, clip_id)     # for its maker and the people in it

A bundle holds what its proof needs and nothing else; see ``docs/bundle.md`` for what that tells.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from cameo.flows.bundle_check import verify_bundle
from cameo.flows.bundle_errors import BundleErasedError, NoBundleError, PrivateTermsError
from cameo.flows.bundle_form import Bundle, Key, Logged, Signed, write
from cameo.flows.errors import NotReadyError
from cameo.flows.ledger import Kind, Ledger, opening_of
from cameo.flows.library import Library
from cameo.store.database import Database, Transaction
from cameo.store.records import (
    CheckpointRecord,
    ConsentRecord,
    GrantRecord,
    LogEntryRecord,
    PersonRecord,
)
from consent.documents import ConsentDocument, parse
from provenance.log.openings import Leaf, sole_note

_ATTEMPTS: Final = 2


@dataclass(frozen=True, kw_only=True, slots=True)
class Bundles:
    """Makes bundles."""

    db: Database
    ledger: Ledger
    library: Library
    witnesses: tuple[str, ...] = ()
    """Verifier keys of the log's witnesses: signatures of others are left out."""

    def for_person(self, person: PersonRecord, clip_id: str) -> bytes:
        """The bundle of a clip that this person made or is in.

        Raises:
            NotFoundError: there is no such clip, or it is neither theirs nor shows them.
            PrivateTermsError: somebody else's consent in it says whom they keep away from, or
                which words they rule out. Whoever asks for a clip is never told these.
            NotReadyError, NoBundleError, BundleErasedError: see `of`.
        """
        self.library.get(person, clip_id)
        found = self._made(clip_id)
        for logged in found.consents:
            document = parse(logged.signed.document)
            if isinstance(document, ConsentDocument) and document.subject != person.id:
                _require_plain(document)
        return write(found)

    def of(self, clip_id: str) -> bytes:
        """The bundle of a clip, checked as whoever gets it would.

        Raises:
            NotFoundError: there is no such clip.
            NotReadyError: it is not released, or no checkpoint covers all of it yet.
            NoBundleError: it never was and never will be, or it is a stamp.
            BundleErasedError: somebody in it erased their cameo, and with it what would be shown.
            BundleError: what is stored does not hold together; the log or the documents changed.
        """
        return write(self._made(clip_id))

    def _made(self, clip_id: str) -> Bundle:
        for _ in range(_ATTEMPTS):
            with self.db.reading() as tx:
                parts = _Parts(tx=tx)
                parts.gather(clip_id)
                if parts.covered:
                    bundle = self._bundle(tx, parts)
                    # As whoever gets it would: a changed row is found here, not there.
                    verify_bundle(write(bundle), self.ledger.vkey)
                    return bundle
            self.ledger.sequence()
        raise NotReadyError("no checkpoint covers it yet")

    def _bundle(self, tx: Transaction, parts: _Parts) -> Bundle:
        head = _head(tx, parts.last)
        note, witnesses = sole_note(head.cosigned or head.note, self.ledger.vkey, self.witnesses)
        leaves = {index: self._leaf(tx, entry, head.size) for index, entry in parts.entries.items()}
        return Bundle(
            log_key=self.ledger.vkey,
            checkpoint=note,
            witnesses=witnesses,
            release=leaves[parts.release],
            publish=None if parts.publish is None else leaves[parts.publish],
            enrolments=tuple(leaves[index] for index in sorted(parts.enrolments)),
            keys=tuple(
                Key(leaf=leaves[index], agreement=agreement)
                for index, agreement in sorted(parts.keys.items())
            ),
            consents=_logged(parts.consents, leaves),
            grants=_logged(parts.grants, leaves),
            approvals=tuple(signed for _, signed in sorted(parts.approvals.items())),
        )

    def _leaf(self, tx: Transaction, entry: LogEntryRecord, size: int) -> Leaf:
        opening, index = opening_of(entry), entry.idx
        if opening is None or index is None:
            raise BundleErasedError
        return Leaf(
            index=index,
            body=entry.body,
            salt=opening.salt,
            record=opening.private,
            proof=tuple(self.ledger.inclusion(tx, index, size)),
        )


@dataclass(kw_only=True, slots=True)
class _Parts:
    """What belongs into one bundle, by index in the log."""

    tx: Transaction
    entries: dict[int, LogEntryRecord] = field(default_factory=dict)
    release: int = -1
    publish: int | None = None
    enrolments: set[int] = field(default_factory=set)
    keys: dict[int, Signed | None] = field(default_factory=dict)
    consents: dict[int, Signed] = field(default_factory=dict)
    grants: dict[int, Signed] = field(default_factory=dict)
    approvals: dict[str, Signed] = field(default_factory=dict)
    covered: bool = True
    """Whether everything has an index already."""

    @property
    def last(self) -> int:
        """The largest index."""
        return max(self.entries, default=-1)

    def gather(self, clip_id: str) -> None:
        """Everything that the clip's release and its publication rest on."""
        clip = self.tx.clips.get(clip_id)
        entry = self.tx.log.find("release", clip_id)
        if entry is None:
            if clip.status in {"queued", "in_progress"}:
                raise NotReadyError
            raise NoBundleError
        self.release = self._index(entry)
        people = _record(entry)["people"]
        if clip.share_token is not None:
            people = people + self._publication(clip_id)
        for cited in people:
            self._consent(cited["consent"])
            if cited["grant"] is not None:
                self._grant(cited["grant"])

    def _publication(self, clip_id: str) -> list[dict[str, Any]]:
        entry = self.tx.log.newest("publish", clip_id)
        if entry is None:
            return []
        record = _record(entry)
        self.publish = self._index(entry)
        for member in self.tx.clips.people(clip_id):
            if member.person_id in record["approvals"]:
                signed = _signed(member.approval_document, member.approval_evidence)
                self.approvals[member.person_id] = signed
                self._signer(signed)
        people: list[dict[str, Any]] = record["people"]
        return people

    def _consent(self, consent_id: str) -> None:
        document = self._document("consent", self.tx.consents.get(consent_id), self.consents)
        if not isinstance(document, ConsentDocument):
            raise NoBundleError
        entry = self._entry("enrol", document.enrolment_id)
        self.enrolments.add(self._index(entry))
        self._key(_record(entry)["key"])

    def _grant(self, grant_id: str) -> None:
        self._document("grant", self.tx.consents.get_grant(grant_id), self.grants)

    def _document(
        self, kind: Kind, record: ConsentRecord | GrantRecord, into: dict[int, Signed]
    ) -> Any:
        signed = _signed(record.document, record.evidence)
        into[self._index(self._entry(kind, record.id))] = signed
        self._signer(signed)
        return parse(signed.document)

    def _signer(self, signed: Signed) -> None:
        self._key(json.loads(signed.evidence)["key_id"])

    def _key(self, key_id: str) -> None:
        """A key and, as far as it goes, the keys on whose word it was registered."""
        index = self._index(self._entry("key", key_id))
        record = self.tx.people.find_key(key_id)
        if index in self.keys or record is None:
            return
        agreement = None
        if record.document is not None:
            agreement = _signed(record.document, record.evidence)
        self.keys[index] = agreement
        if agreement is not None:
            self._signer(agreement)

    def _entry(self, kind: Kind, ref: str) -> LogEntryRecord:
        entry = self.tx.log.find(kind, ref)
        if entry is None:
            raise BundleErasedError
        return entry

    def _index(self, entry: LogEntryRecord) -> int:
        if entry.idx is None:
            self.covered = False
            # Any number that is no index: nothing is made of parts that are not covered.
            return -1 - len(self.entries)
        self.entries[entry.idx] = entry
        return entry.idx


def _head(tx: Transaction, last: int) -> CheckpointRecord:
    """A signed head that covers an index: one that witnesses cosigned, where one does."""
    cosigned, newest = tx.log.cosigned(), tx.log.checkpoint()
    if cosigned is not None and cosigned.size > last:
        return cosigned
    if newest is None or newest.size <= last:
        raise NotReadyError("no checkpoint covers it yet")
    return newest


def _record(entry: LogEntryRecord) -> dict[str, Any]:
    opening = opening_of(entry)
    if opening is None:
        raise BundleErasedError
    record: dict[str, Any] = json.loads(opening.private)
    return record


def _signed(document: bytes | None, evidence: str | None) -> Signed:
    if not document or not evidence:
        raise BundleErasedError
    return Signed(document=document, evidence=evidence.encode())


def _logged(signed: Mapping[int, Signed], leaves: Mapping[int, Leaf]) -> tuple[Logged, ...]:
    found: Iterable[tuple[int, Signed]] = sorted(signed.items(), key=lambda each: each[0])
    return tuple(Logged(signed=each, leaf=leaves[index]) for index, each in found)


def _require_plain(document: ConsentDocument) -> None:
    if document.apart_from or document.never_say or document.wishes:
        raise PrivateTermsError
