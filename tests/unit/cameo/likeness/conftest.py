"""Engines, and a stage on which synthetic heads answer challenges or attack."""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from itertools import islice
from pathlib import Path

import cv2
import numpy as np
import pytest

from cameo.likeness.capture import Capture
from cameo.likeness.challenge import Challenge
from cameo.likeness.dlib_faces import DlibFaces
from cameo.likeness.resemblyzer_voices import ResemblyzerVoices
from cameo.likeness.speech import LocalSpeech

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
FPS = 10.0
SIZE = (480, 360)
RATE = 16_000
TURN_S = 1.5


class RememberingFaces(DlibFaces):
    """The real engine; pictures seen before are not looked at again."""

    def __init__(self) -> None:
        super().__init__()
        self._seen: dict[object, object] = {}

    def detect(self, frame, *, thorough=False, near=None):
        key = ("detect", hash(frame.tobytes()), thorough, near and near.box)
        if key not in self._seen:
            self._seen[key] = super().detect(frame, thorough=thorough, near=near)
        return list(self._seen[key])

    def embed(self, frame, face):
        key = ("embed", hash(frame.tobytes()), face.box)
        if key not in self._seen:
            self._seen[key] = super().embed(frame, face)
        return self._seen[key]


@pytest.fixture(scope="session")
def faces() -> DlibFaces:
    return RememberingFaces()


@pytest.fixture(scope="session")
def voices() -> ResemblyzerVoices:
    return ResemblyzerVoices()


@pytest.fixture(scope="session")
def hearing() -> LocalSpeech:
    return LocalSpeech()


@functools.lru_cache(maxsize=600)
def picture(name: str, yaw: int, mouth: int) -> np.ndarray:
    """A synthetic person at so many degrees, mouth opening in quarters."""
    from generator.heads import CAST, Pose, render

    pose = Pose(yaw_deg=float(yaw), mouth=mouth / 4)
    return np.asarray(render(CAST[name], pose, size=SIZE), dtype=np.uint8)


@functools.lru_cache(maxsize=32)
def say(digits: str, voice: str) -> np.ndarray:
    """Spoken digits at 16 kHz."""
    from scipy.signal import resample_poly

    from generator.speech.digits import say_digits
    from generator.speech.english import available

    if not available():
        pytest.skip("this machine has no English speech engine")
    speech = say_digits(digits, "en", voice)
    return resample_poly(speech.samples, 1, 3).astype(np.float32)


def turn_track(turns: Sequence[str], degrees: float) -> list[float]:
    """Degrees a frame: half a second of rest, then each turn there and back."""
    track = [0.0] * round(0.5 * FPS)
    for side in turns:
        n = round(TURN_S * FPS)
        there = np.clip(np.minimum(np.linspace(0, 1, n), np.linspace(1, 0, n)) * 2.6, 0, 1)
        sign = 1 if side == "left" else -1
        track += list(sign * degrees * there**2 * (3 - 2 * there))
        track += [0.0] * round(0.45 * FPS)
    return track


def flat_copy(image: np.ndarray, degrees: float) -> np.ndarray:
    """The picture as a print that is held before the camera and turned."""
    height, width = image.shape[:2]
    a, focus = np.deg2rad(degrees), 1.2 * width
    camera = np.array([[focus, 0, width / 2], [0, focus, height / 2], [0, 0, 1]])
    plane = np.array([[np.cos(a), 0, 0], [0, 1, 0], [-np.sin(a), 0, focus]])
    centre = np.array([[1, 0, -width / 2], [0, 1, -height / 2], [0, 0, 1]])
    return cv2.warpPerspective(
        image, camera @ plane @ centre, (width, height), borderMode=cv2.BORDER_REPLICATE
    )


@dataclass
class Scene:
    """One performance: degrees and mouth a frame, and the sound."""

    yaws: list[float]
    mouths: list[float]
    sound: np.ndarray

    def frames(self, draw: Callable[[int, float, float], np.ndarray]) -> Iterable[np.ndarray]:
        """The pictures, swaying a little, with camera noise."""
        rng = np.random.default_rng(0)
        for i, (yaw, mouth) in enumerate(zip(self.yaws, self.mouths, strict=True)):
            sway = np.float32([[1, 0, 1.5 * np.sin(i / 7)], [0, 1, np.cos(i / 11)]])
            image = cv2.warpAffine(draw(i, yaw, mouth), sway, SIZE, borderMode=cv2.BORDER_REPLICATE)
            noise = rng.normal(0, 2, (SIZE[1], SIZE[0], 1))
            yield np.clip(image + noise, 0, 255).astype(np.uint8)


class Stage:
    """Makes captures."""

    now = NOW
    digits = "493021"
    turns = ("left", "right", "left")
    _live: Capture | None = None

    def challenge(self, **changes: object) -> Challenge:
        values = {
            "turns": self.turns,
            "digits": self.digits,
            "issued_at": NOW - timedelta(seconds=30),
            "expires_at": NOW + timedelta(seconds=150),
        }
        return Challenge(**(values | changes))

    def scene(
        self,
        turns: Sequence[str] = turns,
        sound: np.ndarray | None = None,
        degrees: float = 30.0,
    ) -> Scene:
        spoken = say(self.digits, "mai") if sound is None else sound
        yaws = turn_track(turns, degrees)
        count = max(len(yaws), round(len(spoken) / RATE * FPS) + 4)
        yaws += [0.0] * (count - len(yaws))
        padded = np.pad(spoken, (0, max(0, round(count / FPS * RATE) - len(spoken))))
        step = round(RATE / FPS)
        loud = [float(np.abs(padded[i * step : (i + 1) * step]).mean()) for i in range(count)]
        peak = max(*loud, 1e-6)
        noise = np.random.default_rng(1).normal(0, 5e-4, padded.size)
        return Scene(
            yaws=yaws,
            mouths=[min(1.0, 1.6 * v / peak) for v in loud],
            sound=(padded + noise).astype(np.float32),
        )

    def live(self) -> Capture:
        """The capture that answers `challenge()`, the same each time."""
        if self._live is None:
            capture = self.capture(self.scene())
            self._live = replace(capture, frames=tuple(capture.frames))
        return self._live

    def person(self, name: str) -> Callable[[int, float, float], np.ndarray]:
        return lambda _i, yaw, mouth: picture(name, 2 * round(yaw / 2), round(2 * mouth) * 2)

    def capture(
        self, scene: Scene, draw: Callable[[int, float, float], np.ndarray] | None = None
    ) -> Capture:
        frames = scene.frames(draw or self.person("bruno"))
        return Capture(frames=frames, fps=FPS, samples=scene.sound, rate=RATE)


@pytest.fixture(scope="session")
def stage() -> Stage:
    return Stage()


@pytest.fixture(scope="session")
def video(shared_data: Path) -> Callable[[str], Capture]:
    """Reads a real clip: pictures and sound."""
    import av

    def read(name: str, most_s: float = 8.0) -> Capture:
        with av.open(str(shared_data / "videos" / name)) as container:
            fps = float(container.streams.video[0].average_rate)
            decoded = container.decode(video=0)
            frames = [f.to_ndarray(format="rgb24") for f in islice(decoded, int(fps * most_s))]
        samples = np.zeros(0, np.float32)
        with av.open(str(shared_data / "videos" / name)) as container:
            if container.streams.audio:
                resampler = av.AudioResampler("flt", "mono", RATE)
                parts = [
                    part.to_ndarray()[0]
                    for frame in container.decode(audio=0)
                    for part in resampler.resample(frame)
                ]
                samples = np.concatenate(parts).astype(np.float32)[: round(most_s * RATE)]
        return Capture(frames=frames, fps=fps, samples=samples, rate=RATE)

    return read


@pytest.fixture(scope="session")
def read_sound(shared_data: Path) -> Callable[[str], np.ndarray]:
    """Reads a real recording at 16 kHz."""
    import soundfile
    from scipy.signal import resample_poly

    def read(name: str) -> np.ndarray:
        samples, rate = soundfile.read(shared_data / "voices" / name)
        if rate == 8000:
            samples = resample_poly(samples, 2, 1)
        return np.asarray(samples, dtype=np.float32)

    return read


@pytest.fixture(scope="session")
def flat() -> Callable[[np.ndarray, float], np.ndarray]:
    return flat_copy


@pytest.fixture(scope="session")
def spoken_digits() -> Callable[[str, str], np.ndarray]:
    return say
