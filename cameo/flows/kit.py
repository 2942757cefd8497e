"""Make an auditor's kit, and judge copies by one: no network, no database, no folder of ours.

    data = kits.make(clips=("clip_...",))
    report = KitVerification(kit=read(data), ...).verify(path)

What a kit says about consents is as of its date. What was withdrawn later, it cannot know.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from cameo.flows.kit_content import MAX_CLIPS, Content, KitClip
from cameo.flows.kit_entry import Entry
from cameo.flows.kit_errors import KitTooLargeError
from cameo.flows.kit_form import Kit, write
from cameo.flows.kit_marks import KitEpoch
from cameo.flows.ledger import Kind, Ledger, opening_of
from cameo.flows.library import standings
from cameo.flows.mark_epochs import EpochView, MarkEpochs
from cameo.flows.mark_errors import EpochNotLoggedError
from cameo.flows.subject import media_under_test
from cameo.flows.verify import at_release, registry_record
from cameo.media.limits import Limits
from cameo.store.database import Database, Transaction
from cameo.store.errors import NotFoundError
from cameo.store.records import LogEntryRecord
from cameo.store.records import RegistryRecord as StoredRecord
from provenance.log.entries import EntryType, parse
from provenance.log.errors import LogError
from provenance.log.merkle import leaf_hash, verify_inclusion
from provenance.log.notes import NoteSigner
from provenance.log.openings import sole_note
from provenance.verifier.chain import Verifier
from provenance.verifier.content import ContentFingerprinter
from provenance.verifier.ports import (
    ConsentAtRelease,
    CredentialSource,
    LogStatus,
    MarkDetector,
    RegistryRecord,
    SoundMarkDetector,
)
from provenance.verifier.report import VerifyReport

_PAGE: Final = 500


@dataclass(frozen=True, kw_only=True, slots=True)
class Kits:
    """Makes kits."""

    db: Database
    ledger: Ledger
    signer: NoteSigner
    """Signs kits, with a key of its own."""
    brand: str
    claim_roots_pem: bytes
    time_roots_pem: bytes
    marks: MarkEpochs
    witnesses: tuple[str, ...] = ()

    def make(self, *, clips: Iterable[str] = (), with_mark_key: bool = False) -> bytes:
        """A kit of these clips, or of everything that was released or stamped.

        Args:
            clips: ids; none for all.
            with_mark_key: whether it holds the watermark keys of all epochs, and not only those
                that are revealed. Whoever has a key can put marks of ours on anything and take
                them off; without it a copy that lost its credentials cannot be recognised.

        Raises:
            NotFoundError: one of these clips is in no registry.
            KitTooLargeError: it would hold too much.
        """
        self.marks.prepare()
        self.ledger.sequence()
        with self.db.reading() as tx:
            note, witnesses, size = self._head(tx)
            found = tuple(self._clip(tx, record, size) for record in _chosen(tx, tuple(clips)))
            content = Content(
                made_at=tx.now().replace(microsecond=0),
                brand=self.brand,
                claim_roots_pem=self.claim_roots_pem.decode(),
                time_roots_pem=self.time_roots_pem.decode(),
                log_key=self.ledger.vkey,
                checkpoint=note,
                witnesses=witnesses,
                clips=found,
                marks=self._epochs(tx, size, with_keys=with_mark_key),
            )
        return write(content, self.signer)

    def _head(self, tx: Transaction) -> tuple[str | None, tuple[str, ...], int]:
        """The newest signed head, who cosigned it, and its size; the log may be empty."""
        newest = tx.log.checkpoint()
        if newest is None:
            return None, (), 0
        signed = newest.cosigned or newest.note
        return *sole_note(signed, self.ledger.vkey, self.witnesses), newest.size

    def _clip(self, tx: Transaction, stored: StoredRecord, size: int) -> KitClip:
        record = registry_record(tx, stored)
        kind: Kind = "stamp" if record.kind == "stamp" else "release"
        entry = self._entry(tx, tx.log.find(kind, record.clip_id), size)
        consents = tuple(at_release(each) for each in standings(tx, record.clip_id))
        return KitClip(record=record, entry=entry, consents=consents)

    def _epochs(self, tx: Transaction, size: int, *, with_keys: bool) -> tuple[KitEpoch, ...]:
        views = sorted(self.marks.views_in(tx), key=lambda view: view.record.number)
        return tuple(
            self._epoch(tx, view, size, with_keys=with_keys)
            for view in views
            if view.record.began_at is not None
        )

    def _epoch(self, tx: Transaction, view: EpochView, size: int, *, with_keys: bool) -> KitEpoch:
        record, began = view.record, view.entries[0]
        opening, entry = opening_of(began), self._entry(tx, began, size)
        if opening is None or record.began_at is None or record.commitments is None:
            raise EpochNotLoggedError
        ended = record.ended_at
        return KitEpoch(
            epoch=record.number,
            because=json.loads(opening.private)["because"],
            began_at=record.began_at.replace(microsecond=0),
            ended_at=None if ended is None else ended.replace(microsecond=0),
            leaked=record.leaked_at is not None,
            revealed=view.keys is not None,
            commitments=record.commitments,
            keys=self.marks.derived(record) if with_keys else view.keys,
            entry=entry,
            salt=None if entry is None else opening.salt,
        )

    def _entry(self, tx: Transaction, found: LogEntryRecord | None, size: int) -> Entry | None:
        """An entry with its proof, where the kit's head covers it."""
        if found is None or found.idx is None or found.idx >= size:
            return None
        return Entry(
            index=found.idx,
            body=found.body,
            proof=tuple(self.ledger.inclusion(tx, found.idx, size)),
        )


@dataclass(frozen=True, kw_only=True, slots=True)
class KitVerification:
    """Judges copies by a kit."""

    kit: Kit
    limits: Limits
    credentials: CredentialSource
    """Reads credentials under the kit's roots."""
    detector: MarkDetector
    """Searches with the kit's watermark key; `kit_detectors.NoDetector` where it holds none."""
    sound_detector: SoundMarkDetector
    """The same for sound."""

    def verify(self, path: Path) -> VerifyReport:
        """The verdict on one file, as of the kit's date."""
        verifier = Verifier(
            credentials=self.credentials,
            detector=self.detector,
            sound_detector=self.sound_detector,
            registry=_Registry(self.kit),
            consents=_Consents(self.kit),
            log=_Log(self.kit),
            fingerprinter=ContentFingerprinter(),
        )
        return verifier.verify(
            media_under_test(path, self.limits), checked_at=self.kit.content.made_at
        )


@dataclass(frozen=True, slots=True)
class _Registry:
    kit: Kit

    def by_payload(self, payload: int, /) -> RegistryRecord | None:
        found = self.kit.by_payload.get(payload)
        return None if found is None else found.record

    def by_prefix(self, short_id: int, /) -> RegistryRecord | None:
        every = self.kit.by_payload.items()
        return next((clip.record for payload, clip in every if payload >> 32 == short_id), None)

    def by_clip(self, clip_id: str, /) -> RegistryRecord | None:
        found = self.kit.by_clip.get(clip_id)
        return None if found is None else found.record


@dataclass(frozen=True, slots=True)
class _Consents:
    kit: Kit

    def states(self, clip_id: str, /) -> Sequence[ConsentAtRelease]:
        # Raises for a clip that is not in the kit: that is no "nobody in it".
        return self.kit.by_clip[clip_id].consents


@dataclass(frozen=True, slots=True)
class _Log:
    kit: Kit

    def inclusion(self, clip_id: str, /) -> LogStatus:
        clip, head = self.kit.by_clip.get(clip_id), self.kit.head
        if clip is None or clip.entry is None or head is None:
            return LogStatus(status="missing")
        entry, checkpoint = clip.entry, head.checkpoint
        kind = EntryType.STAMP if clip.record.kind == "stamp" else EntryType.RELEASE
        try:
            verify_inclusion(
                leaf_hash(entry.body), entry.index, checkpoint.size, entry.proof, checkpoint.root
            )
            right = parse(entry.body).type is kind
        except LogError:
            right = False
        return LogStatus(
            status="included" if right else "bad_proof",
            index=entry.index,
            tree_size=checkpoint.size,
            origin=checkpoint.origin,
        )


def _chosen(tx: Transaction, clips: Sequence[str]) -> Iterator[StoredRecord]:
    if clips:
        for clip_id in sorted(set(clips)):
            record = tx.registry.by_clip(clip_id)
            if record is None:
                raise NotFoundError(f"no video {clip_id} was released or stamped here")
            yield record
        return
    after, count = "", 0
    while page := tx.registry.page(after, _PAGE):
        yield from page
        after, count = page[-1].clip_id, count + len(page)
        if count > MAX_CLIPS:
            raise KitTooLargeError
