"""The end of a generation: parts become one film, which is read back before anything is said of it.

The sound is marked here, whole, under the epoch that the clip was ordered under. A film whose
picture does not show its mark any more does not leave; sound that is too quiet to carry one is
said to carry none.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Protocol

import numpy as np
import numpy.typing as npt

from cameo.flows.errors import FlowError
from cameo.flows.marks import Modality
from cameo.flows.policy import Policy
from cameo.flows.read_back import NOT_FOUND, Heard, ReadBack, Seen
from cameo.flows.sound_marking import marked_sound
from cameo.media.encode import SAMPLE_RATE, join_segments
from cameo.store.database import Database
from cameo.store.records import ClipPersonRecord, ClipRecord, ConsentRecord, GrantRecord
from generator.card import CapabilityCard
from provenance.credentials.binding import MarkClaim
from provenance.credentials.manifest import ClipClaim, ConsentCitation
from provenance.watermark.payload import from_hex


class MarkLostError(FlowError):
    """The finished picture does not show its mark, so the clip could not be recognised later."""

    code = "render.mark_lost"


class MarkKeySource(Protocol):
    """Knows the keys of the marks."""

    def key(self, epoch: int, modality: Modality, /) -> bytes:
        """The key of an epoch, whose digest a signed head of the log shows. Raises on doubt."""
        ...


@dataclass(frozen=True, kw_only=True, slots=True)
class Film:
    """A film before it is signed, as it was found when it was read back."""

    path: Path
    duration_ms: int
    seen: Seen
    heard: Heard | None
    missing: tuple[str, ...]

    @property
    def claims(self) -> tuple[MarkClaim, ...]:
        """The marks that were found again."""
        found = (self.seen.claim, None if self.heard is None else self.heard.claim)
        return tuple(claim for claim in found if claim is not None)


@dataclass(frozen=True, kw_only=True, slots=True)
class Finishing:
    """Makes films."""

    db: Database
    policy: Policy
    marks: MarkKeySource
    version: str

    def join(
        self,
        clip: ClipRecord,
        segments: Sequence[Path],
        samples: npt.NDArray[np.float32],
        out: Path,
    ) -> Film:
        """Join segments and their sound, marked, and look at the result as an auditor would.

        Raises:
            MarkLostError: the picture's mark is not found again.
        """
        payload, duration_ms = from_hex(clip.payload), round(clip.seconds * 1000)
        key = self.marks.key(clip.mark_epoch, "sound")
        sound = marked_sound(samples, SAMPLE_RATE, key, payload)
        join_segments(segments, sound.samples, fps=clip.fps, out=out)
        again = ReadBack(limits=self.policy.limits, algs=self.policy.mark_algs, payload=payload)
        seen = again.picture(out, "video", self.marks.key(clip.mark_epoch, "video"), duration_ms)
        if seen.claim is None:
            raise MarkLostError
        heard = again.sound(out, key, duration_ms) if len(samples) else None
        why = sound.absent or (None if heard is None or heard.claim else _LOST)
        missing = () if why is None else (f"sound: {why}",)
        return Film(path=out, duration_ms=duration_ms, seen=seen, heard=heard, missing=missing)

    def claim(self, clip: ClipRecord, film: Film, card: CapabilityCard, label: str) -> ClipClaim:
        """What the manifest says."""
        with self.db.reading() as tx:
            people = tx.clips.people(clip.id)
            citations = tuple(
                _citation(
                    person,
                    tx.consents.get(person.consent_id),
                    tx.consents.get_grant(person.grant_id) if person.grant_id else None,
                    tx.people.get(person.person_id).log_salt,
                )
                for person in people
            )
        return ClipClaim(
            clip_id=clip.id,
            title=f"{clip.id}.mp4",
            created_at=_aware(clip.started_at or clip.created_at),
            digital_source_type=(
                card.digital_source_type_with_person if people else card.digital_source_type_alone
            ),
            generator_name=card.name,
            generator_version=card.version,
            payload=clip.payload,
            fingerprint=film.seen.fingerprint,
            sound_fingerprint=None if film.heard is None else film.heard.fingerprint,
            duration_ms=film.duration_ms,
            brand=self.policy.brand,
            brand_version=self.version,
            consents=citations,
            style=clip.style,
            label_text=label,
            marks=film.claims,
            missing=film.missing,
        )


_LOST = f"cannot carry a mark because {NOT_FOUND}"


def _aware(moment: datetime) -> datetime:
    if moment.tzinfo is None:
        raise ValueError("the store gives aware times")
    return moment


def _citation(
    person: ClipPersonRecord, consent: ConsentRecord, grant: GrantRecord | None, salt: bytes
) -> ConsentCitation:
    return ConsentCitation(
        consent_id=consent.id,
        grant_id=None if grant is None else grant.id,
        person_ref=clip_person_ref(person, salt),
        document_sha256=consent.sha256,
        assurance=person.assurance,
        simulated=person.simulated,
        epoch=person.epoch,
    )


def clip_person_ref(person: ClipPersonRecord, salt: bytes) -> str:
    """A pseudonym of a person in one clip: not linkable to other clips without the salt."""
    data = salt + person.clip_id.encode() + person.person_id.encode()
    return hashlib.sha256(b"cameo-clip-person/v1\n" + data).hexdigest()[:32]
