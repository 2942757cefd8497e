"""What the verdict chain needs from outside, and what each must promise.

Every port may raise: the chain reports the step as not run and never reads a failure as a "no".
None may call out over a network unless its caller chose an implementation that says so.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Literal, Protocol

import numpy as np
import numpy.typing as npt

from provenance.credentials.values import Credentials
from provenance.verifier.findings import (
    Agreement,
    Luma,
    MarkedSpan,
    MarkFinding,
    Sound,
    SoundFinding,
)

__all__ = [
    "Agreement",
    "ConsentAtRelease",
    "ConsentLedger",
    "ConsentStatus",
    "CredentialSource",
    "Fingerprinter",
    "Frames",
    "LogEvidence",
    "LogState",
    "LogStatus",
    "Luma",
    "MarkDetector",
    "MarkFinding",
    "MarkedSpan",
    "MediaKind",
    "MediaUnderTest",
    "Registry",
    "RegistryRecord",
    "Sound",
    "SoundFinding",
    "SoundMarkDetector",
]

Frames = Callable[[], Iterable[Luma]]
"""Begins a new pass over the frames, from the first one."""

MediaKind = Literal["video", "image", "audio", "unknown"]
ConsentStatus = Literal[
    "active", "cited", "paused", "frozen", "withdrawn", "ended", "expired", "erased", "unknown"
]
LogState = Literal["included", "missing", "bad_proof", "not_checked"]


@dataclass(frozen=True, kw_only=True, slots=True)
class MediaUnderTest:
    """The copy to be judged.

    Attributes:
        path: The file as it was received.
        luma_frames: Begins a new pass over its frames. What it returns may be read once, or begin
            anew at each reading: then a detector of several keys keeps nothing in memory.
        fps: Frames per second, 0 for a still.
        seconds: Length in seconds, 0 for a still.
        readable: Whether it could be decoded at all.
        kind: What was found in it.
        sound: Decodes its sound; None where it has none. It may raise, and is called at most once.
    """

    path: Path
    luma_frames: Frames
    fps: float
    seconds: float
    readable: bool
    kind: MediaKind
    sound: Callable[[], Sound] | None = None

    @property
    def has_picture(self) -> bool:
        """Whether there is a picture to be looked at."""
        return self.kind in {"video", "image"}


@dataclass(frozen=True, kw_only=True, slots=True)
class RegistryRecord:
    """What the registry holds about a released clip or a stamp.

    Attributes:
        clip_id: Its id.
        payload: Its 64-bit payload.
        kind: A generated `clip`, or a `stamp` on a foreign video.
        fingerprint: The content fingerprint's bytes at release, or None.
        manifest: The archived manifest store, or None.
        epoch: Of the keys that it was marked under.
        marks: Which marks it carries.
        sound_fingerprint: The sound's fingerprint at release, or None.
    """

    clip_id: str
    payload: int
    kind: Literal["clip", "stamp"]
    fingerprint: bytes | None
    manifest: bytes | None = None
    epoch: int = 1
    marks: tuple[str, ...] = ("video",)
    sound_fingerprint: bytes | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class ConsentAtRelease:
    """One consent that a clip rests on, then and now.

    Attributes:
        id: The consent's id.
        state_then: At release; anything but `active` (or `cited`, where only the manifest says
            so) means that the release should not have happened.
        state_now: At the time of the check.
        assurance: Level of the enrolment, 0 to 3.
        simulated: Whether the enrolment was simulated.
        ended_at: When it ended, or None.
    """

    id: str
    state_then: ConsentStatus
    state_now: ConsentStatus
    assurance: int
    simulated: bool
    ended_at: datetime | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class LogStatus:
    """Whether the log holds a clip's release.

    Attributes:
        status: `included` only where a proof was verified under a signed checkpoint.
        index: The entry's index, or None.
        tree_size: Size of the tree that the proof is for, or None.
        origin: Name of the log, or None.
    """

    status: LogState
    index: int | None = None
    tree_size: int | None = None
    origin: str | None = None


class CredentialSource(Protocol):
    """Reads Content Credentials; `provenance.credentials.reader.CredentialReader` is one."""

    def read(self, path: Path) -> Credentials:
        """Judge a file's credentials; must not raise for what the file contains."""
        ...

    def read_manifest_bytes(self, manifest: bytes) -> Credentials:
        """Judge an archived manifest; the result must say that it is not bound to any bytes."""
        ...


class MarkDetector(Protocol):
    """Looks for our mark under every key that is at hand."""

    def detect(self, frames: Iterable[Luma], fps: float, /) -> MarkFinding:
        """Search the frames, so many a second and 0 for a still.

        Must stay within its stated false-positive bound over all keys.
        """
        ...


class SoundMarkDetector(Protocol):
    """Looks for our mark in sound under every key that is at hand."""

    def detect(self, samples: npt.NDArray[np.float32], rate: int, /) -> SoundFinding:
        """Search the samples, so many a second.

        Must stay within its stated false-positive bound over all keys.
        """
        ...


class Registry(Protocol):
    """Knows what was released. None means "not there", a failure must raise."""

    def by_payload(self, payload: int, /) -> RegistryRecord | None:
        """Find a clip by its 64-bit payload."""
        ...

    def by_prefix(self, short_id: int, /) -> RegistryRecord | None:
        """Find a clip by the first 32 bits of its payload, which are unique."""
        ...

    def by_clip(self, clip_id: str, /) -> RegistryRecord | None:
        """Find a clip by its id, which may be any text from a hostile file."""
        ...


class ConsentLedger(Protocol):
    """Knows the consents that each clip rests on, as of the time of the check."""

    def states(self, clip_id: str, /) -> Sequence[ConsentAtRelease]:
        """All consents of a clip; empty only if it rests on none.

        Must raise for a clip that it does not know: an empty answer would read as "nobody is in
        it".
        """
        ...


class LogEvidence(Protocol):
    """Proves that a release is in the log."""

    def inclusion(self, clip_id: str, /) -> LogStatus:
        """Verify the proof of the clip's release; `included` only after verifying it."""
        ...


class Fingerprinter(Protocol):
    """Compares content."""

    def compare(
        self, reference: bytes, frames: Iterable[Luma], fps: float, mark: MarkFinding | None, /
    ) -> Agreement:
        """Compare a reference fingerprint with frames.

        Args:
            reference: The fingerprint's bytes at release.
            frames: The copy's frames, read once.
            fps: Frames per second, 0 for a still.
            mark: What the detector found in the copy.
        """
        ...

    def compare_sound(self, reference: bytes, sound: Sound, speed: float, /) -> Agreement:
        """Compare a reference fingerprint with sound.

        Args:
            reference: The sound fingerprint's bytes at release.
            sound: The copy's sound.
            speed: How many times faster than at release it plays, as the mark says; 1 where none
                was found.
        """
        ...
