"""A finished file is looked at once more: whoever gets it must find what is said to be in it.

    again = ReadBack(limits=..., algs=..., payload=...)
    picture = again.picture(path, "video", key, duration_ms)
    sound = again.sound(path, key, duration_ms)

What was written is no proof: a small, flat or short picture may lose its mark to the encoder.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final, Literal

from cameo.flows.subject import hear
from cameo.media.decode import FrameStream
from cameo.media.limits import Limits
from provenance.credentials.binding import MarkClaim, Span
from provenance.fingerprint import agreement, fingerprint
from provenance.fingerprint.sound import recognise_sound, sound_fingerprint
from provenance.verifier.ports import Sound
from provenance.watermark.detect import Detector
from provenance.watermark.sound import SoundDetector
from provenance.watermark.sound.detect import MAX_SECONDS

PictureModality = Literal["video", "image"]

NOT_FOUND: Final = "it is not found again in the finished file"
NOT_RECOGNISED: Final = "too little happens in it to recognise a copy"


@dataclass(frozen=True, kw_only=True, slots=True)
class Seen:
    """A picture as it was found again.

    Attributes:
        fingerprint: What its copies are compared with.
        claim: What the manifest says of its mark; None where it was not found.
        recognisable: Whether the fingerprint says enough to recognise a copy by it.
    """

    fingerprint: bytes
    claim: MarkClaim | None
    recognisable: bool


@dataclass(frozen=True, kw_only=True, slots=True)
class Heard:
    """A sound as it was found again; as `Seen`."""

    fingerprint: bytes
    claim: MarkClaim | None
    recognisable: bool


@dataclass(frozen=True, kw_only=True, slots=True)
class ReadBack:
    """Looks for one payload."""

    limits: Limits
    algs: Mapping[str, str]
    """What the marks are called, by modality."""
    payload: int = field(repr=False)

    def picture(self, path: Path, modality: PictureModality, key: bytes, duration_ms: int) -> Seen:
        """What an auditor will find in a finished picture or film.

        Raises:
            MediaError: it cannot be decoded.
        """
        fps = 0.0
        with FrameStream(path, self.limits, pixels="luma") as stream:
            fps = stream.fps if modality == "video" else 0.0
            print_ = fingerprint(iter(stream), fps or 1.0)
        with FrameStream(path, self.limits, pixels="luma") as stream:
            found = Detector(key).detect(iter(stream), fps, full=False)
        ours = [(each.start, each.end) for each in found.spans if each.payload == self.payload]
        times = () if modality == "image" else spans_ms(ours, duration_ms)
        claim = MarkClaim(modality=modality, alg=self.algs[modality], spans=times)
        return Seen(
            fingerprint=print_.to_bytes(),
            claim=claim if found.payload == self.payload else None,
            recognisable=agreement(print_, print_).agrees,
        )

    def sound(self, path: Path, key: bytes, duration_ms: int) -> Heard:
        """What an auditor will find in finished sound.

        Raises:
            MediaError: it has none, or cannot be decoded.
        """
        sound = hear(path, self.limits)
        print_ = sound_fingerprint(sound.samples, sound.rate)
        times = self._marked(sound, key)
        claim = MarkClaim(
            modality="sound", alg=self.algs["sound"], spans=spans_ms(times, duration_ms)
        )
        return Heard(
            fingerprint=print_.to_bytes(),
            claim=claim if claim.spans else None,
            recognisable=recognise_sound(print_, sound.samples, sound.rate).agrees,
        )

    def _marked(self, sound: Sound, key: bytes) -> list[tuple[float, float]]:
        """Where the mark is; nothing where a search would not come upon it at the beginning."""
        detector, block = SoundDetector(key), round(MAX_SECONDS * sound.rate)
        found: list[tuple[float, float]] = []
        for start in range(0, len(sound.samples), block):
            part = detector.detect(sound.samples[start : start + block], sound.rate)
            if part.short_id == self.payload >> 32 and part.payload in {None, self.payload}:
                at = start / sound.rate
                found += [(at + begin, at + end) for begin, end in part.spans]
            elif not found:
                return []
        return found


def spans_ms(spans: Iterable[tuple[float, float]], duration_ms: int) -> tuple[Span, ...]:
    """Stretches in seconds as manifests hold them: whole milliseconds inside, in order, apart."""
    joined: list[Span] = []
    for start, end in sorted(spans):
        begin, until = max(0, round(start * 1000)), min(duration_ms, round(end * 1000))
        if joined and begin <= joined[-1][1]:
            before = joined.pop()
            begin, until = before[0], max(before[1], until)
        if begin < until:
            joined.append((begin, until))
    return tuple(joined)
