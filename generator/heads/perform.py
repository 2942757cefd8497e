"""A synthetic person answers a liveness challenge: turns the head as told, then speaks."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
import numpy.typing as npt

from generator.heads.arrays import Floats, Frame
from generator.heads.errors import BadPerformanceError
from generator.heads.features import Person
from generator.heads.pose import Pose
from generator.heads.render import render

Side = Literal["left", "right"]

NEUTRAL_S = 1.0  # looks into the camera before the first turn
OUT_S, HOLD_S, BACK_S, REST_S = 0.75, 0.35, 0.70, 0.30
BEFORE_SPEECH_S, AFTER_SPEECH_S = 0.40, 0.50
BLINK_S = 0.26


@dataclass(frozen=True, kw_only=True, slots=True)
class TurnPeak:
    """One turn: to which of the person's own sides, and when it is furthest."""

    side: Side
    seconds: float


@dataclass(frozen=True, kw_only=True, slots=True)
class Timeline:
    """When what happens in a performance.

    Attributes:
        fps: frames a second.
        frame_count: frames in all.
        turns: in the order in which they are made.
        speech_start_s: when the mouth track begins.
        speech_end_s: when it ends.
        blinks_s: when each blink begins.
    """

    fps: float
    frame_count: int
    turns: tuple[TurnPeak, ...]
    speech_start_s: float
    speech_end_s: float
    blinks_s: tuple[float, ...]


@dataclass(frozen=True, kw_only=True, slots=True)
class Performance:
    """A planned performance: its timeline, a pose a frame, and the frames when asked for."""

    person: Person
    timeline: Timeline
    poses: tuple[Pose, ...]
    size: tuple[int, int]
    seed: int

    def frames(self) -> Iterator[Frame]:
        """Draw the frames (H, W, 3) RGB one after another; the same ones each time."""
        for number, pose in enumerate(self.poses):
            yield render(self.person, pose, self.size, noise_seed=self.seed * 100_003 + number)


def perform(
    person: Person,
    turns: Sequence[Side],
    digits_speech_mouth: npt.NDArray[np.floating],
    fps: float = 24.0,
    seed: int = 0,
    *,
    size: tuple[int, int] = (640, 480),
    turn_deg: float = 28.0,
) -> Performance:
    """Plan a performance: a second of looking, each turn and back, then the spoken digits.

    Args:
        person: who performs.
        turns: sides as the person sees them: "left" is the person's own left.
        digits_speech_mouth: (frames,) mouth opening 0..1 at `fps`, from the speech's timings.
        fps: frames a second, up to 120.
        seed: sway, blinks, the exact reach of each turn and the camera's noise follow from it.
        size: width and height of the frames.
        turn_deg: mean reach of a turn in degrees.

    Returns:
        The performance; `frames()` draws it.

    Raises:
        BadPerformanceError: for an unknown side, a bad rate or openings outside 0..1.
    """
    mouth = np.asarray(digits_speech_mouth, np.float64)
    _check(turns, mouth, fps)
    rng = np.random.default_rng(seed)
    starts = [NEUTRAL_S + k * (OUT_S + HOLD_S + BACK_S + REST_S) for k in range(len(turns))]
    after = NEUTRAL_S + len(turns) * (OUT_S + HOLD_S + BACK_S + REST_S)
    first_spoken = int(np.ceil((after + BEFORE_SPEECH_S) * fps))
    count = first_spoken + len(mouth) + int(np.ceil(AFTER_SPEECH_S * fps))
    t = np.arange(count) / fps
    yaw = _turning(t, turns, starts, turn_deg * rng.uniform(0.96, 1.04, len(turns)))
    opening = np.zeros(count)
    opening[first_spoken : first_spoken + len(mouth)] = mouth
    blinks = _blink_times(t[-1], starts, rng)
    timeline = Timeline(
        fps=fps,
        frame_count=count,
        turns=tuple(
            TurnPeak(side=side, seconds=start + OUT_S + HOLD_S / 2)
            for side, start in zip(turns, starts, strict=True)
        ),
        speech_start_s=first_spoken / fps,
        speech_end_s=(first_spoken + len(mouth)) / fps,
        blinks_s=blinks,
    )
    poses = _poses(t, yaw, opening, blinks, rng)
    return Performance(person=person, timeline=timeline, poses=poses, size=size, seed=seed)


def _check(turns: Sequence[Side], mouth: Floats, fps: float) -> None:
    if not 1.0 <= fps <= 120.0:
        raise BadPerformanceError(f"frame rate {fps} is not within 1..120")
    strange = [side for side in turns if side not in ("left", "right")]
    if strange:
        raise BadPerformanceError(f"unknown side {strange[0]!r}")
    if mouth.ndim != 1 or (mouth.size and not (mouth.min() >= 0.0 and mouth.max() <= 1.0)):
        raise BadPerformanceError("the mouth track must be one row of numbers from 0 to 1")


def _ease(x: Floats) -> Floats:
    """Minimum-jerk course from 0 to 1, as a hand or a head moves (Flash and Hogan 1985)."""
    x = np.clip(x, 0, 1)
    return np.asarray(x**3 * (10 - 15 * x + 6 * x * x))


def _turning(t: Floats, turns: Sequence[Side], starts: Sequence[float], reach: Floats) -> Floats:
    yaw = np.zeros_like(t)
    for side, start, degrees in zip(turns, starts, reach, strict=True):
        course = _ease((t - start) / OUT_S) - _ease((t - start - OUT_S - HOLD_S) / BACK_S)
        yaw += (1.0 if side == "left" else -1.0) * degrees * course
    return yaw


def _blink_times(
    end: float, starts: Sequence[float], rng: np.random.Generator
) -> tuple[float, ...]:
    """People blink every few seconds, and often when the head sets off."""
    times = [start + 0.10 for start in starts[::2]]
    at = 0.7
    while at < end - 0.4:
        if all(abs(at - other) > 0.8 for other in times):
            times.append(at)
        at += rng.uniform(2.2, 4.2)
    return tuple(sorted(times))


def _sway(t: Floats, size: float, rng: np.random.Generator) -> Floats:
    """Slow wandering of about `size`, never periodic within a performance."""
    out = np.zeros_like(t)
    for hertz in (0.13, 0.29, 0.53, 0.9):
        out += np.sin(2 * np.pi * hertz * rng.uniform(0.8, 1.2) * t + rng.uniform(0, 6.28))
    return out * size / 2.0


def _poses(
    t: Floats, yaw: Floats, mouth: Floats, blinks: Sequence[float], rng: np.random.Generator
) -> tuple[Pose, ...]:
    shut = np.zeros_like(t)
    for start in blinks:
        x = np.clip((t - start) / BLINK_S, 0, 1)
        shut = np.maximum(shut, np.sin(np.pi * x) ** 1.5)
    talk = np.convolve(mouth, np.ones(7) / 7, "same")
    yaw = yaw + _sway(t, 0.7, rng)
    pitch = _sway(t, 0.7, rng) + 2.0 * talk + 0.05 * np.abs(yaw)
    roll = _sway(t, 0.6, rng) + 0.06 * yaw
    smile = np.clip(0.10 + _sway(t, 0.05, rng), 0, 1) * (1 - 0.6 * np.clip(talk * 3, 0, 1))
    across, up = _sway(t, 0.22, rng), _sway(t, 0.10, rng)
    return tuple(
        Pose(
            yaw_deg=float(yaw[k]),
            pitch_deg=float(pitch[k]),
            roll_deg=float(roll[k]),
            mouth=float(mouth[k]),
            blink=float(shut[k]),
            smile=float(smile[k]),
            shift_cm=(float(across[k]), float(up[k])),
        )
        for k in range(len(t))
    )
