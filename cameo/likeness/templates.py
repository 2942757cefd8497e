"""What is kept of a face and a voice so that they can be recognised again: vectors only."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from cameo.likeness.arrays import Vector, unit
from cameo.likeness.container import array_bytes, array_from, pack, unpack
from cameo.likeness.errors import EngineMismatchError, MalformedTemplateError
from cameo.likeness.faces import FaceEngine
from cameo.likeness.voices import VoiceEngine

_FACE, _VOICE = "face-template", "voice-template"
_MOST_VECTORS = 64


@dataclass(frozen=True, kw_only=True, slots=True, eq=False)
class FaceTemplate:
    """Some vectors of one face.

    Attributes:
        engine: name of the engine that made them.
        vectors: (k, d) float32, 1 <= k <= 64.
    """

    engine: str
    vectors: npt.NDArray[np.float32]

    def similarity(self, engine: FaceEngine, vector: Vector) -> float:
        """Returns how alike a face is: the median over the template's vectors.

        Raises:
            EngineMismatchError: the template is of another engine.
        """
        if engine.name != self.engine:
            raise EngineMismatchError(f"{self.engine} and {engine.name}.")
        return float(np.median([engine.similarity(own, vector) for own in self.vectors]))

    def to_bytes(self) -> bytes:
        """Returns the byte form; the caller encrypts it."""
        parts = {"vectors": array_bytes(self.vectors.astype(np.float32))}
        return pack(_FACE, {"engine": self.engine}, parts)

    @classmethod
    def from_bytes(cls, data: bytes) -> FaceTemplate:
        """Reads what `to_bytes` wrote.

        Raises:
            MalformedTemplateError: anything else.
        """
        head, parts = unpack(_FACE, data)
        vectors = array_from(parts.get("vectors"), 2)
        if len(vectors) > _MOST_VECTORS:
            raise MalformedTemplateError("too many vectors.")
        return cls(engine=_engine(head), vectors=vectors)


@dataclass(frozen=True, kw_only=True, slots=True, eq=False)
class VoiceTemplate:
    """The middle of some vectors of one voice.

    Attributes:
        engine: name of the engine that made it.
        centroid: (d,) float32 of length one.
    """

    engine: str
    centroid: Vector

    def similarity(self, engine: VoiceEngine, vector: Vector) -> float:
        """Returns how alike a voice is.

        Raises:
            EngineMismatchError: the template is of another engine.
        """
        if engine.name != self.engine:
            raise EngineMismatchError(f"{self.engine} and {engine.name}.")
        return engine.similarity(self.centroid, vector)

    def to_bytes(self) -> bytes:
        """Returns the byte form; the caller encrypts it."""
        parts = {"centroid": array_bytes(self.centroid.astype(np.float32))}
        return pack(_VOICE, {"engine": self.engine}, parts)

    @classmethod
    def from_bytes(cls, data: bytes) -> VoiceTemplate:
        """Reads what `to_bytes` wrote.

        Raises:
            MalformedTemplateError: anything else.
        """
        head, parts = unpack(_VOICE, data)
        return cls(engine=_engine(head), centroid=array_from(parts.get("centroid"), 1))


def voice_template(engine: VoiceEngine, vectors: Sequence[Vector]) -> VoiceTemplate:
    """Returns the template of several recordings of one speaker."""
    middle = np.mean(np.stack([unit(v) for v in vectors]), axis=0)
    return VoiceTemplate(engine=engine.name, centroid=unit(middle))


def _engine(head: dict[str, object]) -> str:
    name = head.get("engine")
    if not isinstance(name, str) or not name or set(head) != {"engine"}:
        raise MalformedTemplateError("no engine is named.")
    return name
