"""Two people who do not exist: 3-D heads that the project renders, with synthetic speech.

They answer the live challenge as any client would: they are told the turns and the digits only by
the service. They declare themselves simulated, so their assurance level is 0 and every consent
record and manifest says so.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from cameo.media.encode import SAMPLE_RATE, encode_file, to_yuv420p
from generator.heads import perform, person
from generator.speech import Speech, mouth_track, say_digits

Frame = npt.NDArray[np.uint8]

FPS: Final = 15
SIZE: Final = (640, 480)
_AFTER: Final = 0.6  # seconds of silence at the end


@dataclass(frozen=True, kw_only=True, slots=True)
class Actor:
    """A synthetic person: which head, which voice."""

    handle: str
    display_name: str
    head: str
    voice: str


def answer_challenge(actor: Actor, challenge: dict[str, Any], target: Path) -> None:
    """Perform the answer to a challenge and write it as a capture: a video with sound."""
    speech = say_digits(challenge["digits"], voice=actor.voice)
    spoken = _mouth(speech)
    performance = perform(
        person(actor.head), challenge["turns"], spoken, fps=FPS, seed=7, size=SIZE
    )
    frames = [to_yuv420p(frame) for frame in performance.frames()]
    sound = _sound(speech, performance.timeline.speech_start_s, len(frames))
    encode_file(target, frames, sound, fps=FPS, size=SIZE, crf=20)


def _mouth(speech: Speech) -> npt.NDArray[np.float32]:
    seconds = len(speech.samples) / SAMPLE_RATE + _AFTER
    return mouth_track(speech.phones, FPS, round(seconds * FPS))


def _sound(speech: Speech, start_s: float, frames: int) -> npt.NDArray[np.float32]:
    """The microphone's track: a quiet room, and the speech where the mouth moves."""
    length = round(frames / FPS * SAMPLE_RATE)
    track = np.random.default_rng(3).normal(0, 4e-4, length).astype(np.float32)
    start = round(start_s * SAMPLE_RATE)
    end = min(length, start + len(speech.samples))
    track[start:end] += speech.samples[: end - start]
    return np.clip(track, -1, 1)
