"""What the mark costs: PSNR reached, bytes of the encoding, and how far it is read at each PSNR."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache

from cameo.cli.bench.watermark.marking import (
    Choice,
    detected,
    loaded,
    marked,
    mean_psnr,
    payload_of,
    payloads,
)
from cameo.cli.bench.watermark.parallel import spread
from cameo.media.processing import Picture

CRFS = (23, 28)
PSNRS = (43.0, 46.0)
CURVE = (40.0, 41.5, 43.0, 44.5, 46.0, 48.0)
_LADDER = (23, 28, 31, 34, 36, 38, 40, 42, 44, 46, 48, 50)
_PRESET = "medium"
_QUICKER = "veryfast"


@dataclass(frozen=True, kw_only=True, slots=True)
class Task:
    """One clip at one strength that is still to be done.

    Attributes:
        choice: which clips there are.
        case: which of them.
        psnr: what the mark aims at, in dB.
        crfs: where the bytes are compared.
        reads: whether to look for the highest CRF at which the mark is still read.
    """

    choice: Choice
    case: str
    psnr: float
    crfs: tuple[int, ...]
    reads: bool


@dataclass(frozen=True, kw_only=True, slots=True)
class Quality:
    """One clip marked at one strength.

    Attributes:
        case: the clip.
        wanted: PSNR of the luma that the mark aimed at, in dB.
        psnr: what was reached over all frames.
        costs: for each CRF, bytes of the marked clip over those of the unmarked one, H.264 medium.
        crf: the highest CRF of H.264 (veryfast) at which the payload was read, 0 for none; None
            where it was not looked for.
    """

    case: str
    wanted: float
    psnr: float
    costs: dict[int, float]
    crf: int | None


def measure(
    choice: Choice,
    names: Sequence[str],
    psnrs: Sequence[float],
    *,
    crfs: tuple[int, ...] = CRFS,
    reads: bool = False,
    workers: int = 2,
) -> Iterator[Quality]:
    """Mark each of the cases at each strength."""
    tasks = [
        Task(choice=choice, case=name, psnr=psnr, crfs=crfs, reads=reads)
        for name in names
        for psnr in psnrs
    ]
    yield from spread(one, tasks, workers)


def one(task: Task) -> Quality:
    """Mark one clip at one strength."""
    original = loaded(task.choice, task.case)
    payload = payload_of(task.case)
    made = marked(original, payload, psnr=task.psnr)
    costs = {}
    for crf in task.crfs:
        size = Picture("h264", crf, _PRESET).run(made)[1].picture
        costs[crf] = size / _plain_size(task.choice, task.case, crf)

    def read(crf: int) -> bool:
        copy = Picture("h264", crf, _QUICKER).run(made)[0]
        return payload in payloads(detected(copy, full=False))

    return Quality(
        case=task.case,
        wanted=task.psnr,
        psnr=mean_psnr(original.luma, made.luma),
        costs=costs,
        crf=_highest(read) if task.reads else None,
    )


@lru_cache(maxsize=8)
def _plain_size(choice: Choice, name: str, crf: int) -> int:
    return Picture("h264", crf, _PRESET).run(loaded(choice, name))[1].picture


def _highest(read: Callable[[int], bool]) -> int:
    """The highest rung at which it is read, taking it that what fails once fails above too."""
    low, high = -1, len(_LADDER)
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (middle, high) if read(_LADDER[middle]) else (low, middle)
    return _LADDER[low] if low >= 0 else 0
