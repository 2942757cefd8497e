"""A clip as bytes without loss, for a cache on disk."""

from __future__ import annotations

import io

import numpy as np

from cameo.media.attacks.clip import Clip
from cameo.media.attacks.codecs import decoded, lossless


def pack(clip: Clip) -> bytes:
    """The clip as bytes: pictures as lossless H.264, samples as they are."""
    buffer = io.BytesIO()
    np.savez(
        buffer,
        picture=np.frombuffer(lossless(clip), np.uint8),
        samples=np.zeros((0, 2), np.float32) if clip.samples is None else clip.samples,
        numbers=np.array([clip.fps, clip.rate, clip.samples is not None], np.float64),
    )
    return buffer.getvalue()


def unpack(data: bytes) -> Clip:
    """What `pack` kept; only for bytes that this program wrote.

    Raises:
        ValueError: anything else.
    """
    try:
        with np.load(io.BytesIO(data), allow_pickle=False) as kept:
            fps, rate, sounds = (float(number) for number in kept["numbers"])
            picture, samples = kept["picture"].tobytes(), kept["samples"]
    except (OSError, KeyError, EOFError) as error:
        raise ValueError("not a kept clip") from error
    return Clip(
        frames=decoded(picture),
        fps=fps,
        samples=samples.astype(np.float32) if sounds else None,
        rate=int(rate),
    )
