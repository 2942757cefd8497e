"""Stamp a file of others: marks, fingerprints, credentials and log; no consent, no generation.

The order is an invariant: marked, encoded, read back, signed, registered, placed. Whatever is not
found again in the finished file ends it before anything is signed.
"""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Literal

from cameo.flows.errors import AlreadyMarkedError, InvalidRequestError
from cameo.flows.finishing import MarkKeySource
from cameo.flows.ledger import Ledger
from cameo.flows.order import new_payload
from cameo.flows.policy import Policy
from cameo.flows.read_back import ReadBack
from cameo.flows.render import FileSigner
from cameo.flows.stamp_checks import claims, demand_picture, demand_sound, missing
from cameo.flows.stamp_marking import Keys, Marking, Written
from cameo.flows.subject import Frames, hear
from cameo.flows.vault import Vault, file_sha256
from cameo.media.decode import Probe, probe
from cameo.media.kinds import MP4, FileKind, kind_of
from cameo.store.database import Database
from cameo.store.ids import new_id
from cameo.store.records import ClipRecord
from provenance.credentials.jumbf import manifest_id
from provenance.credentials.manifest import ClipClaim, build
from provenance.verifier.ports import CredentialSource, MarkDetector, SoundMarkDetector
from provenance.watermark.payload import from_hex

Kind = Literal["video", "image", "sound"]

_TOOL: Final = "cameo stamp"
_ALSO: Final = {".jpg": (".jpeg",), ".wav": (".wave",), ".m4a": (".mp4",)}


@dataclass(frozen=True, kw_only=True, slots=True)
class StampedMark:
    """A mark that was found again in the finished file."""

    modality: str
    spans: tuple[tuple[float, float], ...]
    """Where, in seconds; none for a still."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Stamped:
    """What a stamp put into a file."""

    clip_id: str
    payload: str
    kind: Kind
    marks: tuple[StampedMark, ...]
    missing: tuple[str, ...]
    """Which mark it lacks, and why: `sound: cannot carry a mark because the sound is silent`."""
    psnr_db: float | None
    """Mean per-frame luma PSNR against the unmarked frames; None without a picture."""
    snr_db: float | None
    """Ratio of the sound to its change; None where no sound was marked."""
    log_index: int | None


@dataclass(frozen=True, kw_only=True, slots=True)
class _Made:
    """A marked file that was read back, before it is signed."""

    path: Path
    kind: FileKind
    facts: Probe
    epoch: int
    claim: ClipClaim
    written: Written


@dataclass(frozen=True, kw_only=True, slots=True)
class Stamping:
    """Marks and signs what was made elsewhere."""

    db: Database
    vault: Vault
    ledger: Ledger
    policy: Policy
    signer: FileSigner
    marks: MarkKeySource
    version: str
    credentials: CredentialSource
    detector: MarkDetector
    sound_detector: SoundMarkDetector

    def stamp(self, source: Path, target: Path) -> Stamped:
        """Write a marked, signed copy of a film, a picture or a sound file.

        Raises:
            AlreadyMarkedError: it is ours already.
            CannotMarkError: it cannot carry a mark that is found again; nothing was written.
            InvalidRequestError: the copy would have a name of another kind of file.
            MediaError: the file cannot be used.
        """
        facts = probe(source, self.policy.limits)
        kind = kind_of(facts)
        _check_name(target, kind)
        self._refuse_ours(source, facts)
        with self.vault.work.folder() as folder:
            made = self._made(source, folder / f"marked{kind.suffix}", facts, kind)
            signed = folder / f"signed{kind.suffix}"
            manifest = self.signer.sign(made.path, signed, build(made.claim), parent=source)
            self._register(made, manifest)
            _place(signed, target)
        self.ledger.sequence()
        clip_id = made.claim.clip_id
        with self.db.reading() as tx:
            proof = self.ledger.prove(tx, kind="stamp", ref=clip_id)
        return _stamped(made, None if proof is None else proof.index)

    def _refuse_ours(self, source: Path, facts: Probe) -> None:
        """A stamp over a clip of ours would hide its consents behind "claims no consent"."""
        limits = self.policy.limits
        if self.credentials.read(source).ours:
            raise AlreadyMarkedError
        if facts.kind != "audio":
            fps = facts.fps if facts.kind == "video" else 0.0
            if self.detector.detect(Frames(source, limits), fps).found:
                raise AlreadyMarkedError
        if facts.has_sound:
            sound = hear(source, limits)
            if self.sound_detector.detect(sound.samples, sound.rate).found:
                raise AlreadyMarkedError

    def _made(self, source: Path, target: Path, facts: Probe, kind: FileKind) -> _Made:
        with self.db.reading() as tx:
            payload, epoch, now = new_payload(tx), tx.marks.present(), tx.now()
        modality: Literal["video", "image"] = "image" if facts.kind == "image" else "video"
        keys = Keys(picture=self.marks.key(epoch, modality), sound=self.marks.key(epoch, "sound"))
        marking = Marking(
            payload=from_hex(payload),
            keys=keys,
            psnr_db=self.policy.watermark_psnr_db,
            limits=self.policy.limits,
        )
        written = marking.write(source, target, facts, kind)
        again = ReadBack(
            limits=self.policy.limits, algs=self.policy.mark_algs, payload=from_hex(payload)
        )
        duration_ms = self._duration_ms(target, facts)
        seen, heard = None, None
        if facts.kind != "audio":
            seen = again.picture(target, modality, keys.picture, duration_ms)
            demand_picture(seen, facts, written)
        if facts.has_sound:
            heard = again.sound(target, keys.sound, duration_ms)
            demand_sound(heard, facts)
        clip_id = new_id("clip")
        claim = ClipClaim(
            clip_id=clip_id,
            title=f"{clip_id}{kind.suffix}",
            created_at=now,
            action="c2pa.opened",
            generator_name=_TOOL,
            generator_version=self.version,
            payload=payload,
            fingerprint=b"" if seen is None else seen.fingerprint,
            sound_fingerprint=None if heard is None else heard.fingerprint,
            duration_ms=duration_ms,
            brand=self.policy.brand,
            brand_version=self.version,
            source_sha256=file_sha256(source),
            format=kind.media_type,
            marks=claims(seen, heard),
            missing=missing(heard, written),
        )
        return _Made(path=target, kind=kind, facts=facts, epoch=epoch, claim=claim, written=written)

    def _duration_ms(self, marked: Path, facts: Probe) -> int:
        if facts.kind == "image":
            return 0
        return max(1, round(probe(marked, self.policy.limits).seconds * 1000))

    def _register(self, made: _Made, manifest: bytes) -> None:
        claim, facts = made.claim, made.facts
        with self.db.transaction() as tx:
            now = tx.now()
            tx.clips.add(
                ClipRecord(
                    id=claim.clip_id,
                    maker_id=None,
                    kind="stamped",
                    status="completed",
                    step="completed",
                    progress=100,
                    seconds=claim.duration_ms / 1000,
                    width=facts.width,
                    height=facts.height,
                    fps=max(1, round(facts.fps)),
                    style="",
                    model=_TOOL,
                    seed=0,
                    payload=claim.payload,
                    request=None,
                    dek_id=None,
                    remixed_from=None,
                    failure_code=None,
                    failure_detail=None,
                    withdrawn_reason=None,
                    media_bytes=None,
                    created_at=now,
                    started_at=now,
                    completed_at=now,
                    withdrawn_at=None,
                    mark_epoch=made.epoch,
                )
            )
            tx.registry.add(
                payload=claim.payload,
                clip_id=claim.clip_id,
                fingerprint=claim.fingerprint,
                manifest=manifest,
                manifest_id=manifest_id(manifest),
                epoch=made.epoch,
                modalities=[mark.modality for mark in claim.marks],
                sound_fingerprint=claim.sound_fingerprint,
                now=now,
            )
            private = {"clip": claim.clip_id, "payload": claim.payload}
            self.ledger.record(tx, kind="stamp", ref=claim.clip_id, private=private, at=now)


def _check_name(target: Path, kind: FileKind) -> None:
    """A picture or sound under the name of another kind would not open."""
    alike = {kind.suffix, *_ALSO.get(kind.suffix, ())}
    if kind is not MP4 and target.suffix.lower() not in alike:
        raise InvalidRequestError(
            f"a marked copy of this file is {kind.media_type}: give it a name that ends in "
            f"{kind.suffix}"
        )


def _stamped(made: _Made, log_index: int | None) -> Stamped:
    claim, written = made.claim, made.written
    kinds: dict[str, Kind] = {"video": "video", "image": "image", "audio": "sound"}
    return Stamped(
        clip_id=claim.clip_id,
        payload=claim.payload,
        kind=kinds[made.facts.kind],
        marks=tuple(
            StampedMark(
                modality=mark.modality,
                spans=tuple((begin / 1000, end / 1000) for begin, end in mark.spans),
            )
            for mark in claim.marks
        ),
        missing=claim.missing,
        psnr_db=_rounded(written.psnr_db),
        snr_db=_rounded(written.snr_db),
        log_index=log_index,
    )


def _rounded(value: float | None) -> float | None:
    return None if value is None else round(value, 2)


def _place(signed: Path, target: Path) -> None:
    temporary = target.with_name(f".{target.name}.{secrets.token_hex(4)}.tmp")
    try:
        temporary.write_bytes(signed.read_bytes())
        temporary.replace(target)
    finally:
        temporary.unlink(missing_ok=True)
