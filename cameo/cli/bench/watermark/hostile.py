"""What somebody without the key can do: copy the mark elsewhere, mark again."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from hashlib import sha256

import numpy as np

from cameo.cli.bench.watermark.marking import (
    KEY,
    Choice,
    detected,
    loaded,
    marked,
    payload_of,
    payloads,
    planes,
)
from cameo.cli.bench.watermark.parallel import spread
from cameo.media.processing import Clip
from provenance.fingerprint import fingerprint
from provenance.verifier.content import ContentFingerprinter
from provenance.watermark import attacks

_OTHER_KEY = sha256(b"cameo bench watermark another key").digest()


@dataclass(frozen=True, kw_only=True, slots=True)
class Paste:
    """One estimate that is to be pasted onto one other clip.

    Attributes:
        choice: the clips.
        source: the marked clip that the attacker has.
        target: the clip that is to look like ours.
        turn: which payload the source carries, as there are several rounds.
        psnr: the quality that the attacker accepts, in dB.
    """

    choice: Choice
    source: str
    target: str
    turn: int
    psnr: float = 43.0


@dataclass(frozen=True, kw_only=True, slots=True)
class Copied:
    """What a verifier would say about a clip with a pasted mark.

    Attributes:
        source: the clip that the mark was estimated from.
        target: the clip that it was pasted onto.
        read: whether the source's payload is read from the target.
        agrees: whether the content agrees with the source's fingerprint.
        statistic: T.
        score: likeness of the contents.
    """

    source: str
    target: str
    read: bool
    agrees: bool
    statistic: float
    score: float

    @property
    def ours(self) -> bool:
        """Whether the verifier would call it a copy of the source: mark and content agree."""
        return self.read and self.agrees


@dataclass(frozen=True, kw_only=True, slots=True)
class Remarked:
    """What is found after a second mark was put onto a marked clip.

    Attributes:
        case: the clip.
        key: "the same key" or "another key".
        first: whether the first payload is read with our key.
        second: whether the second one is, with the key that it was written with.
    """

    case: str
    key: str
    first: bool
    second: bool


def copies(choice: Choice, count: int, workers: int = 2) -> Iterator[Copied]:
    """Copy the mark of each clip onto every other one, in as many rounds as are asked for."""
    names = [case.name for case in choice.cases()]
    pairs = [
        Paste(choice=choice, source=source, target=target, turn=turn)
        for turn in range(1 + count // max(1, len(names) * (len(names) - 1)))
        for source in names
        for target in names
        if source != target
    ]
    yield from spread(copy, pairs[:count], workers)


def copy(task: Paste) -> Copied:
    """Paste one estimate, search, and compare the content as the verifier does."""
    estimate, reference, payload = _learnt(task.choice, task.source, task.turn)
    target = loaded(task.choice, task.target)
    paste = attacks.Paste(estimate, task.psnr)
    pasted = [paste.apply(luma, n / target.fps) for n, luma in enumerate(planes(target))]
    frames = target.frames.copy()
    frames[:, : target.size[1]] = pasted
    detection = detected(target.showing(frames))
    read = payload in payloads(detection)
    agreement = ContentFingerprinter().compare(
        reference, iter(pasted), target.fps, detection if read else None
    )
    return Copied(
        source=task.source,
        target=task.target,
        read=read,
        agrees=agreement.agrees,
        statistic=detection.confidence,
        score=agreement.score,
    )


@lru_cache(maxsize=2)
def _learnt(choice: Choice, source: str, turn: int) -> tuple[attacks.Estimate, bytes, int]:
    """What the attacker estimates from the source, and what the registry holds of it."""
    payload = payload_of(f"{source} copied {turn}")
    clip = marked(loaded(choice, source), payload)
    frames = planes(clip)
    estimate = attacks.estimate(frames, clip.fps)
    return estimate, fingerprint(iter(frames), clip.fps).to_bytes(), payload


def remarkings(choice: Choice) -> Iterator[Remarked]:
    """Put a second mark onto marked clips, with our key and with another one."""
    for case in choice.cases():
        first = payload_of(case.name)
        once = marked(loaded(choice, case.name), first)
        yield _remarked(case.name, once, first, "the same key", KEY)
        yield _remarked(case.name, once, first, "another key", _OTHER_KEY)


def _remarked(case: str, once: Clip, first: int, name: str, key: bytes) -> Remarked:
    second = payload_of(f"{case} again")
    twice = marked(once, second, key=key)
    ours = payloads(detected(twice, full=False))
    theirs = ours if key == KEY else payloads(detected(twice, key, full=False))
    return Remarked(case=case, key=name, first=first in ours, second=second in theirs)


def excerpts(choice: Choice, count: int) -> Iterator[Clip]:
    """So many different short clips, taken in turn from all cases, each of the same length."""
    names = [case.name for case in choice.cases()]
    each = -(-count // len(names))
    for number in range(count):
        clip = loaded(choice, names[number // each])
        length = len(clip.frames) // each
        first = number % each * length
        yield clip.showing(np.ascontiguousarray(clip.frames[first : first + length]))
