"""The `Fingerprinter` port over this package's own fingerprint."""

from __future__ import annotations

from collections.abc import Iterable

from provenance.fingerprint import Agreement, Fingerprint, recognise
from provenance.verifier.ports import Luma
from provenance.watermark.detect import Geometry


class ContentFingerprinter:
    """Compares by `provenance.fingerprint.recognise`, which follows crops, turns and cuts."""

    def compare(
        self, reference: bytes, frames: Iterable[Luma], fps: float, geometry: object | None, /
    ) -> Agreement:
        """Compare as `Fingerprinter` says; a still counts as one frame a second.

        Raises:
            BadFingerprint: If the reference is no fingerprint.
            NothingToFingerprint: If there are no frames.
        """
        known = geometry if isinstance(geometry, Geometry) else None
        return recognise(Fingerprint.from_bytes(reference), frames, fps or 1.0, known)
