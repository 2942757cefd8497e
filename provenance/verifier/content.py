"""The `Fingerprinter` port over this package's own fingerprint."""

from __future__ import annotations

from collections.abc import Iterable

from provenance.fingerprint import Agreement, Fingerprint, FoundMark, recognise
from provenance.fingerprint.sound import recognise_sound
from provenance.fingerprint.sound_values import SoundFingerprint
from provenance.verifier.ports import Luma, MarkFinding, Sound
from provenance.watermark.geometry import Geometry


class ContentFingerprinter:
    """Compares by `provenance.fingerprint.recognise`, which follows crops, turns and cuts."""

    def compare(
        self, reference: bytes, frames: Iterable[Luma], fps: float, mark: MarkFinding | None, /
    ) -> Agreement:
        """Compare as `Fingerprinter` says; a still counts as one frame a second.

        Raises:
            BadFingerprint: If the reference is no fingerprint.
            NothingToFingerprint: If there are no frames.
        """
        return recognise(Fingerprint.from_bytes(reference), frames, fps or 1.0, _found(mark))

    def compare_sound(self, reference: bytes, sound: Sound, speed: float, /) -> Agreement:
        """Compare as `Fingerprinter` says.

        Raises:
            BadFingerprint: If the reference is no fingerprint.
            BadSound: If the sound has a form that is not compared.
        """
        known = SoundFingerprint.from_bytes(reference)
        return recognise_sound(known, sound.samples, sound.rate, speed=speed)


def _found(mark: MarkFinding | None) -> FoundMark | None:
    """Say where and when the mark lies, if the detector is one that knows."""
    if mark is None or not isinstance(mark.geometry, Geometry):
        return None
    of_payload = [span for span in mark.spans if span.payload == mark.payload]
    if not of_payload:
        return FoundMark(geometry=mark.geometry)
    longest = max(of_payload, key=lambda span: span.end - span.start)
    return FoundMark(
        geometry=mark.geometry, start=longest.start, end=longest.end, speed=longest.speed
    )
