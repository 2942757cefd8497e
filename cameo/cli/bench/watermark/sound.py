"""The mark in sound: what it costs, how fast it is, and what it lives through."""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from hashlib import sha256

import numpy as np
import numpy.typing as npt

from cameo.cli.bench.watermark.marking import SOUND_KEY, Choice, loaded, payload_of
from cameo.cli.bench.watermark.parallel import spread
from cameo.cli.bench.watermark.peers import perth
from cameo.cli.bench.watermark.robustness import chosen
from cameo.media.processing import ATTACKS, Attack, Clip, attack
from provenance.watermark.errors import CannotCarry
from provenance.watermark.sound import SoundDetection, SoundDetector, SoundMark

F32 = npt.NDArray[np.float32]

_TINY = (96, 64)
"""Rows and columns of a picture of 64 x 64, planar: attacks on both need one."""
_SHORT_BITS = 32
_THEIRS = ("none", "aac-128", "aac-64", "mp3-64", "opus-48", "noise-20db", "sound-trim-3s")


@dataclass(frozen=True, kw_only=True, slots=True)
class Task:
    """One attack on the sound of one clip that is still to be done."""

    choice: Choice
    case: str
    kind: str
    attack: str


@dataclass(frozen=True, kw_only=True, slots=True)
class Heard:
    """One attack on the sound of one clip.

    Attributes:
        case: the clip.
        kind: "speech" or "ambience".
        attack: the attack.
        hard: whether it is beyond ordinary processing.
        short: whether the short id was read.
        full: whether all 64 bits were.
        wrong: whether an id was reported that is not in the copy.
        statistic: T.
        threshold: what T must reach.
    """

    case: str
    kind: str
    attack: str
    hard: bool
    short: bool
    full: bool
    wrong: bool
    statistic: float
    threshold: float


@dataclass(frozen=True, kw_only=True, slots=True)
class Cost:
    """What marking one sound took, and left.

    Attributes:
        case: the clip.
        kind: "speech" or "ambience".
        snr: energy of the sound over that of the change, in dB; None if it cannot carry a mark.
        embed: seconds of sound that are marked in one second.
        detect: seconds of sound that are searched in one second.
    """

    case: str
    kind: str
    snr: float | None
    embed: float
    detect: float


@dataclass(frozen=True, kw_only=True, slots=True)
class Theirs:
    """Perth on one sound: it says present or not, and carries no payload."""

    case: str
    snr: float
    embed: float
    detect: float
    confidence: dict[str, float]


def on_sound(only: str | None = None) -> list[Attack]:
    """The attacks that change the sound; see `robustness.on_picture`."""
    return [a for a in ATTACKS if a.touches != "picture" and chosen(a, only)]


def sounds(choice: Choice) -> list[tuple[str, str]]:
    """Name and kind of one case for each content that has sound, at the smallest size."""
    smallest: dict[str, tuple[int, str]] = {}
    for case in choice.cases():
        kept = smallest.get(case.scene)
        if kept is None or case.side < kept[0]:
            smallest[case.scene] = (case.side, case.name)
    return [
        (name, "ambience" if scene in _AMBIENT else "speech")
        for scene, (_, name) in smallest.items()
        if loaded(choice, name).samples is not None
    ]


_AMBIENT = frozenset({"anime", "dark", "moving", "bright-sky"})


def measure(choice: Choice, attacks: Sequence[Attack], workers: int = 2) -> Iterator[Heard]:
    """Attack every sound with every attack, and search."""
    tasks = [
        Task(choice=choice, case=case, kind=kind, attack=each.name)
        for case, kind in sounds(choice)
        for each in attacks
    ]
    yield from spread(one, tasks, workers)


def one(task: Task) -> Heard:
    """Attack one sound and search."""
    row = attack(task.attack)
    payload = payload_of(task.case)
    try:
        clip = _marked(task.choice, task.case)
    except CannotCarry:
        return _outcome(task, row, None, {payload})
    expected, partner = {payload}, None
    if row.partner is not None:
        partner = _sounding(_samples(task.choice, task.case)[::-1], clip.rate)
    if row.partner == "marked" and partner is not None and partner.samples is not None:
        other = payload_of(f"{task.case} another sound")
        expected.add(other)
        mark = SoundMark(SOUND_KEY, other, clip.rate)
        partner = partner.sounding(mark.embed(partner.samples))
    copy = row.apply(clip, partner).clip
    samples = copy.samples
    found = None if samples is None else SoundDetector(SOUND_KEY).detect(samples, copy.rate)
    return _outcome(task, row, found, expected)


def _outcome(task: Task, row: Attack, found: SoundDetection | None, expected: set[int]) -> Heard:
    shorts = {payload >> _SHORT_BITS for payload in expected}
    said = found.short_id if found is not None and found.found else None
    return Heard(
        case=task.case,
        kind=task.kind,
        attack=row.name,
        hard=row.hard,
        short=said in shorts,
        full=found is not None and found.payload in expected,
        wrong=said is not None and said not in shorts,
        statistic=found.confidence if found else 0.0,
        threshold=found.threshold if found else 0.0,
    )


def costs(choice: Choice) -> Iterator[Cost]:
    """Mark and search every sound once, on one thread."""
    for case, kind in sounds(choice):
        samples, rate = _samples(choice, case), loaded(choice, case).rate
        mark, detector = SoundMark(SOUND_KEY, payload_of(case), rate), SoundDetector(SOUND_KEY)
        began = time.perf_counter()
        try:
            made = mark.embed(samples)
        except CannotCarry:
            yield Cost(case=case, kind=kind, snr=None, embed=0.0, detect=0.0)
            continue
        embedded = time.perf_counter()
        detector.detect(made, rate)
        done = time.perf_counter()
        seconds = len(samples) / rate
        yield Cost(
            case=case,
            kind=kind,
            snr=_snr(samples, made),
            embed=seconds / (embedded - began),
            detect=seconds / (done - embedded),
        )


def unmarked(choice: Choice, count: int) -> Iterator[SoundDetection]:
    """Search unmarked sounds, each time for another key."""
    names = [name for name, _ in sounds(choice)]
    for number in range(count):
        key = sha256(f"cameo bench watermark sound {number}".encode()).digest()
        name = names[number * len(names) // count]
        yield SoundDetector(key).detect(_samples(choice, name), loaded(choice, name).rate)


def peer(choice: Choice) -> Iterator[Theirs]:
    """Perth on the same sounds, mono as it takes them; nothing where it is not installed."""
    theirs = perth()
    if theirs is None:
        return
    for case, _ in sounds(choice):
        rate = loaded(choice, case).rate
        mono = np.ascontiguousarray(_samples(choice, case).mean(axis=1))
        began = time.perf_counter()
        made = np.asarray(theirs.apply_watermark(mono, sample_rate=rate), np.float32)
        embedded = time.perf_counter()
        theirs.get_watermark(made, sample_rate=rate)
        done = time.perf_counter()
        clip = _sounding(np.stack([made, made], axis=1), rate)
        confidence = {}
        for name in _THEIRS:
            copy = attack(name).apply(clip).clip
            if copy.samples is not None:
                heard = theirs.get_watermark(copy.samples.mean(axis=1), sample_rate=copy.rate)
                confidence[name] = float(np.mean(heard))
        seconds = len(mono) / rate
        yield Theirs(
            case=case,
            snr=_snr(mono[: len(made)], made[: len(mono)]),
            embed=seconds / (embedded - began),
            detect=seconds / (done - embedded),
            confidence=confidence,
        )


@lru_cache(maxsize=1)
def _marked(choice: Choice, name: str) -> Clip:
    rate = loaded(choice, name).rate
    mark = SoundMark(SOUND_KEY, payload_of(name), rate)
    return _sounding(mark.embed(_samples(choice, name)), rate)


def _samples(choice: Choice, name: str) -> F32:
    samples = loaded(choice, name).samples
    if samples is None:
        raise ValueError(f"{name} has no sound")
    return samples


def _sounding(samples: F32, rate: int) -> Clip:
    """The sound under a tiny grey picture."""
    frames = np.full((max(1, round(24 * len(samples) / rate)), *_TINY), 128, np.uint8)
    return Clip(frames=frames, fps=24.0, samples=np.ascontiguousarray(samples), rate=rate)


def _snr(before: F32, after: F32) -> float:
    change = float(np.sum(np.square(after - before, dtype=np.float64)))
    return float(10 * np.log10(np.sum(np.square(before, dtype=np.float64)) / max(change, 1e-20)))
