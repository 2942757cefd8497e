"""A file as verifiers and stamps look at it: frames and sound, decoded when asked for."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np
import numpy.typing as npt

from cameo.media.decode import FrameStream, probe, read_samples
from cameo.media.errors import MediaError
from cameo.media.limits import Limits
from provenance.verifier.ports import MediaUnderTest, Sound

HEARD_RATE: Final = 16_000
"""At which sound is searched and compared: the mark and the fingerprint lie below 8 kHz."""

Luma = npt.NDArray[np.uint8]


@dataclass(frozen=True, slots=True)
class Frames:
    """The luma of a file's frames; each iteration decodes it anew, so nothing is kept."""

    path: Path
    limits: Limits

    def __iter__(self) -> Iterator[Luma]:
        with FrameStream(self.path, self.limits, pixels="luma") as stream:
            yield from stream


def hear(path: Path, limits: Limits) -> Sound:
    """The sound of a file, in its own channels.

    Raises:
        NoSoundError: it has none.
        MediaError: it cannot be decoded.
    """
    samples = read_samples(path, limits, rate=HEARD_RATE, channels="source")
    return Sound(samples=samples, rate=HEARD_RATE)


def media_under_test(path: Path, limits: Limits) -> MediaUnderTest:
    """A file to be judged, as far as it can be decoded within these limits."""
    try:
        facts = probe(path, limits)
    except MediaError:
        return MediaUnderTest(
            path=path,
            luma_frames=lambda: (),
            fps=0.0,
            seconds=0.0,
            readable=False,
            kind="unknown",
        )
    return MediaUnderTest(
        path=path,
        luma_frames=lambda: Frames(path, limits),
        fps=facts.fps if facts.kind == "video" else 0.0,
        seconds=facts.seconds,
        readable=True,
        kind=facts.kind,
        sound=(lambda: hear(path, limits)) if facts.has_sound else None,
    )
