"""What the liveness checks, comparisons and templates need from a speaker model."""

from __future__ import annotations

from typing import Protocol, runtime_checkable

from cameo.likeness.arrays import Samples, Vector


@runtime_checkable
class VoiceEngine(Protocol):
    """Tells how alike two voices are.

    Implementations load their models when constructed, from local files only, never open a network
    connection, write nothing to standard output, run on one thread and are deterministic. Methods
    may be called from several threads.
    """

    @property
    def name(self) -> str:
        """Identifies the model: vectors of engines with different names do not compare."""
        ...

    @property
    def accept(self) -> float:
        """Similarity from which two recordings of some seconds count as the same speaker."""
        ...

    @property
    def retry(self) -> float:
        """Similarity from which another try is worth asking for; at most `accept`."""
        ...

    @property
    def steady(self) -> float:
        """Least similarity of two windows of 2 s within one recording of one speaker."""
        ...

    def embed(self, samples16k: Samples) -> Vector:
        """Returns the speaker vector, float32, of length one.

        Args:
            samples16k: speech at 16 kHz, mono, in [-1, 1]; best without long pauses.

        Raises:
            TooLittleSpeechError: under half a second of sound, or silence.
        """
        ...

    def similarity(self, a: Vector, b: Vector) -> float:
        """Returns the cosine of the angle between two vectors; symmetric."""
        ...
