"""The steps of one generation. Each can be killed and run again: it writes one thing, whole.

The worker runs them in order under the clip's id; between any two, a crash loses at most the step
that was running. What lies between steps lies encrypted under the clip's key.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, Protocol

from cameo.flows.cast import Casting, OpenCast
from cameo.flows.chunks import ChunkRunner, ChunkTask, FrameSource
from cameo.flows.errors import FlowError, OutputBlockedError
from cameo.flows.finishing import Finishing, MarkKeySource
from cameo.flows.order import clip_context, open_request
from cameo.flows.packed_sound import pack_sound, unpack_sound
from cameo.flows.policy import Policy
from cameo.flows.vault import Vault, clip_folder, media_name
from cameo.store.database import Database
from cameo.store.records import UNFINISHED, ClipRecord
from generator.card import CapabilityCard
from generator.request import CastMember, RenderRequest, Style
from generator.scene import SceneSpec
from provenance.credentials.jumbf import manifest_id
from provenance.credentials.manifest import build
from provenance.watermark.payload import from_hex

if TYPE_CHECKING:
    from generator.sound import SoundResult

CHUNK_FRAMES: Final = 24
LABEL: Final = "AI generated"
LABEL_SIMULATED: Final = "AI generated · simulated person"


class StoppedError(FlowError):
    """This generation was stopped: somebody withdrew, or it was deleted."""

    code = "render.stopped"


class PlanChangedError(FlowError):
    """The prompt is understood differently than when it was ordered; order it again."""

    code = "render.plan_changed"


class SceneGenerator(FrameSource, Protocol):
    """A generator that plans scenes and composes their sound too."""

    @property
    def card(self) -> CapabilityCard:
        """What it can do and what its output is called in credentials."""
        ...

    def plan(self, request: RenderRequest) -> SceneSpec:
        """Turn a request into a scene; the same for the same request."""
        ...

    def sound(self, spec: SceneSpec, cast: Sequence[CastMember]) -> SoundResult:
        """The sound track, and how far each mouth is open in each frame."""
        ...


class FileSigner(Protocol):
    """Signs a finished file's credentials."""

    def sign(
        self,
        source: Path,
        target: Path,
        manifest: dict[str, object],
        *,
        parent: Path | None = None,
    ) -> bytes:
        """Write a signed copy; returns the manifest store. Raises, and leaves nothing, on doubt."""
        ...


@dataclass(frozen=True, kw_only=True, slots=True)
class Finished:
    """What the last step before the release made."""

    media_sha256: str
    media_bytes: int


@dataclass(frozen=True, kw_only=True, slots=True)
class Rendering:
    """Makes clips."""

    db: Database
    vault: Vault
    policy: Policy
    casting: Casting
    generator: SceneGenerator
    runner: ChunkRunner
    signer: FileSigner
    marks: MarkKeySource
    version: str

    @property
    def finishing(self) -> Finishing:
        """What makes one film of the parts, and says what is in it."""
        return Finishing(db=self.db, policy=self.policy, marks=self.marks, version=self.version)

    def start(self, clip_id: str) -> int:
        """Take the order, plan the scene and compose its sound; returns the number of chunks."""
        with self.db.transaction() as tx:
            clip = tx.clips.get(clip_id)
            wanted = tx.clips.change(
                clip_id,
                only=UNFINISHED,
                status="in_progress",
                step="planning",
                started_at=clip.started_at or tx.now(),
            )
            if not wanted:
                raise StoppedError
        request = open_request(self.vault, clip)
        cast = self.casting.open(clip_id, request["people"])
        spec = self._plan(clip, request, cast)
        self._step(clip_id, "sound", 2)
        sound = self.generator.sound(spec, cast.members)
        self._put(clip, "scene", spec.to_json().encode())
        self._put(clip, "sound", pack_sound(sound))
        return -(-_frame_count(spec) // CHUNK_FRAMES)

    def chunks(self, clip_id: str, first: int, count: int, of: int) -> None:
        """Make chunks ``[first, first + count)`` and keep their segments.

        Raises:
            OutputBlockedError: a frame shows somebody who did not agree.
            StoppedError: the clip is not wanted any more.
        """
        clip = self._wanted(clip_id)
        self._step(clip_id, "drawing", 3 + round(85 * first / of))
        spec = SceneSpec.from_json(self._get(clip, "scene").decode())
        sound = unpack_sound(self._get(clip, "sound"))
        cast = self.casting.open(clip_id, open_request(self.vault, clip)["people"])
        total = _frame_count(spec)
        mark_key = self.marks.key(clip.mark_epoch, "video")
        wanted = [
            index
            for index in range(first, first + count)
            if not self.vault.files.exists(_step_name(clip_id, _segment(index)))
        ]
        tasks = [
            ChunkTask(
                spec=spec,
                cast=cast.members,
                mouth=sound.mouth,
                allowed=cast.allowed,
                start=index * CHUNK_FRAMES,
                count=min(CHUNK_FRAMES, total - index * CHUNK_FRAMES),
                label=self._label(clip_id),
                payload=from_hex(clip.payload),
                mark_key=mark_key,
                psnr_db=self.policy.watermark_psnr_db,
                work=self.vault.work.path,
            )
            for index in wanted
        ]
        for result in self.runner.run(tasks):
            if result.output.decision != "allow":
                raise OutputBlockedError(
                    "; ".join(f"{r.code}: {r.detail}" for r in result.output.reasons)
                )
            self._put(clip, _segment(result.start // CHUNK_FRAMES), result.segment)

    def finish(self, clip_id: str, chunk_count: int) -> Finished:
        """Join, read back, sign, archive and seal the clip; it is not released by this.

        Raises:
            MarkLostError: the picture's mark is not found again in the finished file.
        """
        clip = self._wanted(clip_id)
        if (before := self._finished(clip)) is not None:
            return before
        self._step(clip_id, "joining", 90)
        with self.vault.work.folder() as folder:
            segments = self._segments(clip, chunk_count, folder)
            sound = unpack_sound(self._get(clip, "sound")).samples
            film = self.finishing.join(clip, segments, sound, folder / "joined.mp4")
            self._step(clip_id, "signing", 94)
            claim = self.finishing.claim(clip, film, self.generator.card, self._label(clip_id))
            signed = folder / "signed.mp4"
            manifest = self.signer.sign(film.path, signed, build(claim))
            self._step(clip_id, "sealing", 97)
            digest = self.vault.put_file(
                clip.dek_id or "", clip_context(clip_id), media_name(clip_id), signed
            )
            size = signed.stat().st_size
        with self.db.transaction() as tx:
            tx.registry.add(
                payload=clip.payload,
                clip_id=clip_id,
                fingerprint=claim.fingerprint,
                sound_fingerprint=claim.sound_fingerprint,
                manifest=manifest,
                manifest_id=manifest_id(manifest),
                epoch=clip.mark_epoch,
                modalities=[mark.modality for mark in claim.marks],
                now=tx.now(),
            )
        return Finished(media_sha256=digest, media_bytes=size)

    def _segments(self, clip: ClipRecord, count: int, folder: Path) -> list[Path]:
        paths = [folder / f"{index:06d}.mp4" for index in range(count)]
        for index, path in enumerate(paths):
            path.write_bytes(self._get(clip, _segment(index)))
        return paths

    def _finished(self, clip: ClipRecord) -> Finished | None:
        """What this step left when it ran before and died after its commit: stamped once."""
        with self.db.reading() as tx:
            if tx.registry.by_clip(clip.id) is None:
                return None
        context = clip_context(clip.id)
        with self.vault.open_file(clip.dek_id or "", context, media_name(clip.id)) as media:
            digest = hashlib.sha256()
            for block in media.iter_range(0, media.size):
                digest.update(block)
            return Finished(media_sha256=digest.hexdigest(), media_bytes=media.size)

    def tidy(self, clip_id: str) -> None:
        """Delete what lay between the steps."""
        self.vault.files.delete_all(f"{clip_folder(clip_id)}/steps")

    def _plan(self, clip: ClipRecord, request: Mapping[str, Any], cast: OpenCast) -> SceneSpec:
        spec = self.generator.plan(
            RenderRequest(
                prompt=request["prompt"],
                seconds=clip.seconds,
                size=(clip.width, clip.height),
                fps=clip.fps,
                style=Style(clip.style),
                seed=clip.seed,
                cast=cast.members,
            )
        )
        # What is spoken was moderated and decided on when the video was ordered; a generator that
        # was upgraded since then may read the prompt otherwise.
        if "\n".join(spoken_lines(spec)) != request["spoken"]:
            raise PlanChangedError
        return spec

    def _label(self, clip_id: str) -> str:
        with self.db.reading() as tx:
            simulated = any(person.simulated for person in tx.clips.people(clip_id))
        return LABEL_SIMULATED if simulated else LABEL

    def _wanted(self, clip_id: str) -> ClipRecord:
        with self.db.reading() as tx:
            clip = tx.clips.get(clip_id)
        if clip.status != "in_progress" or clip.dek_id is None:
            raise StoppedError
        return clip

    def _step(self, clip_id: str, step: str, progress: int) -> None:
        with self.db.transaction() as tx:
            if not tx.clips.change(clip_id, only=("in_progress",), step=step, progress=progress):
                raise StoppedError

    def _put(self, clip: ClipRecord, part: str, content: bytes) -> None:
        self.vault.put(clip.dek_id or "", clip_context(clip.id), _step_name(clip.id, part), content)

    def _get(self, clip: ClipRecord, part: str) -> bytes:
        return self.vault.get(clip.dek_id or "", clip_context(clip.id), _step_name(clip.id, part))


def spoken_lines(spec: SceneSpec) -> tuple[str, ...]:
    """Everything that a scene's people say, in the order of its actors."""
    return tuple(line.text for actor in spec.actors for line in actor.lines)


def _step_name(clip_id: str, part: str) -> str:
    return f"{clip_folder(clip_id)}/steps/{part}"


def _segment(index: int) -> str:
    return f"segment-{index:06d}"


def _frame_count(spec: SceneSpec) -> int:
    return round(spec.seconds * spec.fps)
