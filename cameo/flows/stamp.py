"""Stamp a foreign video: mark, fingerprint, credentials and log; no consent and no generation."""

from __future__ import annotations

import math
import secrets
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np
import numpy.typing as npt

from cameo.flows.errors import AlreadyMarkedError, CannotMarkError
from cameo.flows.ledger import Ledger
from cameo.flows.order import new_payload
from cameo.flows.policy import Policy
from cameo.flows.render import FileSigner
from cameo.flows.vault import Vault, file_sha256
from cameo.media.decode import FrameStream, Probe, probe, read_samples
from cameo.media.encode import SAMPLE_RATE, encode_file
from cameo.media.errors import NoVideoError
from cameo.store.database import Database
from cameo.store.ids import new_id
from cameo.store.records import ClipRecord
from provenance.credentials.manifest import ClipClaim, build
from provenance.fingerprint import fingerprint
from provenance.verifier.ports import CredentialSource, MarkDetector
from provenance.watermark.errors import CannotCarry
from provenance.watermark.payload import from_hex
from provenance.watermark.video import VideoMark

Planar = npt.NDArray[np.uint8]

_TOOL: Final = "cameo stamp"


@dataclass(frozen=True, kw_only=True, slots=True)
class Stamped:
    """What a stamp put into a file."""

    clip_id: str
    payload: str
    psnr_db: float
    """Mean per-frame luma PSNR against the unmarked frames."""
    log_index: int | None


@dataclass(frozen=True, kw_only=True, slots=True)
class Stamping:
    """Marks and signs what was made elsewhere."""

    db: Database
    vault: Vault
    ledger: Ledger
    policy: Policy
    signer: FileSigner
    mark_key: bytes
    version: str
    credentials: CredentialSource
    detector: MarkDetector

    def stamp(self, source: Path, target: Path) -> Stamped:
        """Write a marked, signed copy of a video.

        Raises:
            CannotMarkError: the picture cannot carry a mark; nothing was written.
            MediaError: the file cannot be used.
        """
        facts = probe(source, self.policy.limits)
        if facts.kind != "video":
            raise NoVideoError("only video files can be stamped by this version")
        self._refuse_ours(source)
        with self.db.reading() as tx:
            payload = new_payload(tx)
        clip_id = new_id("clip")
        meter = _Meter()
        with self.vault.work.folder() as folder:
            marked, signed = folder / "marked.mp4", folder / "signed.mp4"
            self._mark(source, marked, facts, from_hex(payload), meter)
            with FrameStream(marked, self.policy.limits, pixels="luma") as stream:
                print_ = fingerprint(iter(stream), stream.fps).to_bytes()
            claim = self._claim(source, clip_id, payload, print_, facts)
            manifest = self.signer.sign(marked, signed, build(claim), parent=source)
            self._register(clip_id, payload, facts, print_, manifest)
            _place(signed, target)
        self.ledger.sequence()
        with self.db.reading() as tx:
            proof = self.ledger.prove(tx, kind="stamp", ref=clip_id)
        return Stamped(
            clip_id=clip_id,
            payload=payload,
            psnr_db=round(meter.mean(), 2),
            log_index=None if proof is None else proof.index,
        )

    def _refuse_ours(self, source: Path) -> None:
        """A stamp over a clip of ours would hide its consents behind "claims no consent"."""
        if self.credentials.read(source).ours:
            raise AlreadyMarkedError
        with FrameStream(source, self.policy.limits, pixels="luma") as stream:
            if self.detector.detect(iter(stream)).found:
                raise AlreadyMarkedError

    def _mark(self, source: Path, target: Path, facts: Probe, payload: int, meter: _Meter) -> None:
        sound = (
            read_samples(source, self.policy.limits, rate=SAMPLE_RATE, channels=2)
            if facts.has_sound
            else None
        )
        with FrameStream(source, self.policy.limits, pixels="yuv420p") as stream:
            try:
                mark = VideoMark(self.mark_key, payload, stream.size, self.policy.watermark_psnr_db)
            except CannotCarry as error:
                raise CannotMarkError(f"it cannot carry a mark: {error}") from error
            encode_file(
                target,
                _marked(stream, mark, meter),
                sound,
                fps=stream.fps,
                size=stream.size,
                crf=18,
            )

    def _claim(
        self, source: Path, clip_id: str, payload: str, print_: bytes, facts: Probe
    ) -> ClipClaim:
        with self.db.reading() as tx:
            now = tx.now()
        return ClipClaim(
            clip_id=clip_id,
            title=f"{clip_id}.mp4",
            created_at=now,
            action="c2pa.opened",
            generator_name=_TOOL,
            generator_version=self.version,
            payload=payload,
            fingerprint=print_,
            duration_ms=max(1, round(facts.seconds * 1000)),
            brand=self.policy.brand,
            brand_version=self.version,
            source_sha256=file_sha256(source),
        )

    def _register(
        self, clip_id: str, payload: str, facts: Probe, print_: bytes, manifest: bytes
    ) -> None:
        with self.db.transaction() as tx:
            now = tx.now()
            tx.clips.add(
                ClipRecord(
                    id=clip_id,
                    maker_id=None,
                    kind="stamped",
                    status="completed",
                    step="completed",
                    progress=100,
                    seconds=facts.seconds,
                    width=facts.width,
                    height=facts.height,
                    fps=max(1, round(facts.fps)),
                    style="",
                    model=_TOOL,
                    seed=0,
                    payload=payload,
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
                )
            )
            tx.registry.add(
                payload=payload, clip_id=clip_id, fingerprint=print_, manifest=manifest, now=now
            )
            self.ledger.record(
                tx, kind="stamp", ref=clip_id, private={"clip": clip_id, "payload": payload}, at=now
            )


class _Meter:
    """Mean per-frame luma PSNR."""

    def __init__(self) -> None:
        self._sum, self._count = 0.0, 0

    def add(self, before: Planar, after: Planar) -> None:
        error = float(np.mean((before.astype(np.float32) - after.astype(np.float32)) ** 2))
        self._sum += 10 * math.log10(255.0**2 / max(error, 1e-6))
        self._count += 1

    def mean(self) -> float:
        return self._sum / self._count if self._count else 0.0


def _marked(stream: FrameStream, mark: VideoMark, meter: _Meter) -> Iterator[Planar]:
    height = stream.size[1]
    for frame in stream:
        planar = frame.copy()
        before = planar[:height].copy()
        planar[:height] = mark.embed(before)
        meter.add(before, planar[:height])
        yield planar


def _place(signed: Path, target: Path) -> None:
    temporary = target.with_name(f".{target.name}.{secrets.token_hex(4)}.tmp")
    try:
        temporary.write_bytes(signed.read_bytes())
        temporary.replace(target)
    finally:
        temporary.unlink(missing_ok=True)
