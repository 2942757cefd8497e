"""False positives: whole searches of unmarked clips, and the tail of the statistic."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from hashlib import sha256
from typing import Final

import numpy as np
from numpy.typing import NDArray

from cameo.cli.bench.watermark.marking import Choice, detected, loaded, planes
from cameo.cli.bench.watermark.parallel import spread
from cameo.media.processing import Clip, attack
from provenance.watermark import polar, prf
from provenance.watermark.chips import Plan
from provenance.watermark.payload import to_word
from provenance.watermark.placement import Placement
from provenance.watermark.reading import despread, fold
from provenance.watermark.sampling import sample
from provenance.watermark.timeline import Run
from provenance.watermark.window import Window, windows

MANY: Final = (500, 100_000)
"""Placements and keys of the full figure: 5e7 hypotheses."""
_EXCERPT: Final = 2.0
_ATTACKS: Final = ("none", "480p", "crop-70", "flip", "rotate+2", "letterbox")
_LIMITS: Final = (3.0, 4.0, 4.5, 5.0)
_BATCH: Final = 500
_SECOND: Final = Run(start=0.0, end=1.0, first_second=0.0, speed=1.0, block=(0, 0), height=0.0)

Vectors = NDArray[np.float32]


@dataclass(frozen=True, kw_only=True, slots=True)
class Trial:
    """One unmarked copy and one key."""

    choice: Choice
    case: str
    number: int


@dataclass(frozen=True, kw_only=True, slots=True)
class Verdict:
    """What a search of an unmarked copy said."""

    found: bool
    statistic: float
    threshold: float


@dataclass(frozen=True, kw_only=True, slots=True)
class Tail:
    """How often the statistic of unmarked content reaches a limit.

    Attributes:
        hypotheses: how many were looked at: placements times keys with a code word each.
        placements: how many different placements on clips.
        highest: the highest statistic of all.
        shares: for each limit, which share reached it.
    """

    hypotheses: int
    placements: int
    highest: float
    shares: dict[float, float]

    @staticmethod
    def bound(limit: float) -> float:
        """What Hoeffding's inequality allows for one hypothesis."""
        return math.exp(-limit * limit / 2)


def searches(choice: Choice, count: int, workers: int = 2) -> Iterator[Verdict]:
    """Search unmarked copies, each for a key of its own; clip, excerpt and attack differ too."""
    names = [case.name for case in choice.cases()]
    trials = [
        Trial(choice=choice, case=names[number * len(names) // count], number=number)
        for number in range(count)
    ]
    yield from spread(search, trials, workers)


def search(trial: Trial) -> Verdict:
    """Search one unmarked copy with a key that was never used."""
    rng = np.random.default_rng(trial.number)
    clip = excerpt(loaded(trial.choice, trial.case), _EXCERPT, float(rng.random()))
    copy = attack(str(rng.choice(_ATTACKS))).apply(clip).clip
    detection = detected(copy, _key(f"search {trial.number}"))
    return Verdict(
        found=detection.found, statistic=detection.confidence, threshold=detection.threshold
    )


def excerpt(clip: Clip, seconds: float, place: float) -> Clip:
    """Some seconds of a clip; `place` says where, from 0 for the first to 1 for the last ones."""
    count = min(len(clip.frames), round(seconds * clip.fps))
    first = round((len(clip.frames) - count) * place)
    return clip.showing(clip.frames[first : first + count])


def tail(choice: Choice, *, placements: int, keys: int) -> Tail:
    """Correlate data cells of unmarked clips with the chips and a code word of many keys.

    Args:
        choice: the clips.
        placements: how many random placements, over all clips.
        keys: how many keys each of them is correlated with.
    """
    content = _content(choice, placements)
    counts = dict.fromkeys(_LIMITS, 0)
    highest, done = 0.0, 0
    while done < keys:
        signs = np.stack(
            [_signs(f"tail {done + i}", content.shape[1]) for i in range(min(_BATCH, keys - done))]
        )
        found = content @ signs.T
        for limit in counts:
            counts[limit] += int(np.count_nonzero(found >= limit))
        highest = max(highest, float(found.max()))
        done += len(signs)
    total = len(content) * done
    return Tail(
        hypotheses=total,
        placements=len(content),
        highest=highest,
        shares={limit: number / total for limit, number in counts.items()},
    )


def _content(choice: Choice, placements: int) -> Vectors:
    """What the detector reads at random placements, one second each, scaled to length 1."""
    rng = np.random.default_rng(7)
    plan = Plan.of(_key("where the data cells lie"))
    names = [case.name for case in choice.cases()]
    rows: list[NDArray[np.float32]] = []
    for name in names:
        clip = excerpt(loaded(choice, name), 1.0, 0.5)
        window = next(iter(windows(planes(clip), clip.fps)))
        for _ in range(math.ceil(placements / len(names))):
            cells = sample(window, _somewhere(window, rng), every=3)
            if cells is None:
                continue
            signal = despread(fold(cells, _SECOND, plan), _SECOND, plan)
            if signal.length > 0:
                rows.append(signal.votes / np.float32(signal.length))
    content = np.zeros((len(rows), max(len(row) for row in rows)), np.float32)
    for index, row in enumerate(rows):
        content[index, : len(row)] = row
    return content


def _somewhere(window: Window, rng: np.random.Generator) -> Placement:
    cell = min(window.size) / 90 * float(np.exp(rng.uniform(-0.3, 0.7)))
    angle = float(rng.uniform(-0.17, 0.17))
    turn = np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]])
    return Placement(cell * turn, rng.uniform(-0.2, 0.2, 2) * np.array(window.size))


def _signs(label: str, count: int) -> Vectors:
    """Chips of a key times the signs of a random code word under it."""
    key = _key(label)
    chips = prf.signs(key, "data chips 0", count)
    coded = polar.encode(to_word(key, int.from_bytes(key[:8], "big")))
    signs = 1.0 - 2.0 * coded.astype(np.float32)
    return chips * signs[np.arange(count) % polar.CODED_BITS]


def _key(label: str) -> bytes:
    return sha256(f"cameo bench watermark chance {label}".encode()).digest()
