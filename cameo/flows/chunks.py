"""One chunk of a clip: frames drawn, labelled, checked, marked, encoded. Runs in a render process.

A chunk is a pure function of its task, so chunks run in any order, in any process, and again after
a crash. The order inside is an invariant: what is encoded was labelled, checked and marked before.
"""

from __future__ import annotations

import tempfile
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

import numpy as np
import numpy.typing as npt

from cameo.media.encode import encode_segment, to_yuv420p
from generator.label import burn_label
from generator.request import CastMember
from generator.scene import SceneSpec
from moderation.output import AllowedFace, FaceMatcher, OutputDecision, check_frames
from provenance.watermark.video import VideoMark

Frames = npt.NDArray[np.uint8]

CHECKS_PER_SECOND = 4


class FrameSource(Protocol):
    """Draws a scene."""

    def frames(
        self,
        spec: SceneSpec,
        cast: Sequence[CastMember],
        mouth: Mapping[str, npt.NDArray[np.float32]],
        start: int,
        count: int,
    ) -> Frames:
        """Frames ``[start, start + count)``, uint8 ``(n, H, W, 3)``; the same for the same spec."""
        ...


@dataclass(frozen=True, kw_only=True, slots=True, eq=False)
class ChunkTask:
    """What a render process is told. It holds biometrics: it travels by pipe, never by file."""

    spec: SceneSpec
    cast: tuple[CastMember, ...]
    mouth: Mapping[str, npt.NDArray[np.float32]]
    allowed: tuple[AllowedFace, ...]
    start: int
    count: int
    label: str
    payload: int
    mark_key: bytes
    psnr_db: float
    work: Path
    """Where a segment may lie in the clear while it is encoded."""


@dataclass(frozen=True, kw_only=True, slots=True)
class ChunkResult:
    """An encoded segment, or why there is none."""

    start: int
    segment: bytes
    output: OutputDecision


class ChunkRunner(Protocol):
    """Runs chunks, as many at once as the machine has room for."""

    @property
    def width(self) -> int:
        """How many chunks are worth handing over together."""
        ...

    def run(self, tasks: Sequence[ChunkTask]) -> list[ChunkResult]:
        """Run all; results in the order of the tasks. Raises what a chunk raised."""
        ...


def make_chunk(task: ChunkTask, source: FrameSource, matcher: FaceMatcher) -> ChunkResult:
    """Draw, label, check, mark and encode one chunk.

    A frame that shows somebody who did not agree ends the chunk: nothing of it is encoded.
    """
    spec = task.spec
    drawn = source.frames(spec, task.cast, task.mouth, task.start, task.count)
    labelled = [burn_label(frame, task.label) for frame in drawn]
    step = max(1, spec.fps // CHECKS_PER_SECOND)
    sampled = [
        ((task.start + index) / spec.fps, labelled[index])
        for index in range(len(labelled))
        if index == 0 or (task.start + index) % step == 0
    ]
    output = check_frames(sampled, task.allowed, matcher)
    if output.decision != "allow":
        return ChunkResult(start=task.start, segment=b"", output=output)
    mark = VideoMark(task.mark_key, task.payload, spec.size, task.psnr_db)
    with tempfile.TemporaryDirectory(dir=task.work) as folder:
        path = Path(folder) / "segment.mp4"
        timed = ((at / spec.fps, frame) for at, frame in enumerate(labelled, task.start))
        encode_segment(path, _marked(timed, mark), fps=spec.fps, size=spec.size)
        return ChunkResult(start=task.start, segment=path.read_bytes(), output=output)


def _marked(timed: Iterable[tuple[float, Frames]], mark: VideoMark) -> Iterator[Frames]:
    for seconds, frame in timed:
        planar = to_yuv420p(frame)
        height = frame.shape[0]
        planar[:height] = mark.embed(np.ascontiguousarray(planar[:height]), seconds)
        yield planar
