"""Sound and mouths as they lie between two steps of a generation."""

from __future__ import annotations

import io
import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

if TYPE_CHECKING:
    from generator.sound import SoundResult


def pack_sound(sound: SoundResult) -> bytes:
    """What a step leaves."""
    handles = sorted(sound.mouth)
    arrays: dict[str, Any] = {f"mouth_{i}": sound.mouth[handle] for i, handle in enumerate(handles)}
    arrays["handles"] = np.frombuffer(json.dumps(handles).encode(), dtype=np.uint8)
    buffer = io.BytesIO()
    np.savez(buffer, samples=sound.samples, **arrays)
    return buffer.getvalue()


@dataclass(frozen=True, kw_only=True, slots=True, eq=False)
class PackedSound:
    """Samples, and how far each mouth is open in each frame."""

    samples: npt.NDArray[np.float32]
    mouth: Mapping[str, npt.NDArray[np.float32]]


def unpack_sound(data: bytes) -> PackedSound:
    """What the next step finds."""
    with np.load(io.BytesIO(data), allow_pickle=False) as packed:
        handles: list[str] = json.loads(packed["handles"].tobytes())
        return PackedSound(
            samples=packed["samples"],
            mouth={handle: packed[f"mouth_{i}"] for i, handle in enumerate(handles)},
        )
