"""Gathering: one small step per question, each of which can fail without hiding that it did."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

from provenance.credentials.values import Credentials
from provenance.verifier.ports import (
    Agreement,
    ConsentAtRelease,
    ConsentLedger,
    CredentialSource,
    Fingerprinter,
    LogEvidence,
    LogStatus,
    MarkDetector,
    MarkFinding,
    MediaUnderTest,
    Registry,
    RegistryRecord,
    Sound,
    SoundFinding,
    SoundMarkDetector,
)
from provenance.verifier.report import NotRun

T = TypeVar("T")


class Gatherer:
    """Asks the ports about one file and remembers what could not be asked."""

    def __init__(
        self,
        subject: MediaUnderTest,
        *,
        credentials: CredentialSource,
        detector: MarkDetector,
        sound_detector: SoundMarkDetector,
        registry: Registry,
        consents: ConsentLedger,
        log: LogEvidence,
        fingerprinter: Fingerprinter,
    ) -> None:
        """Keep the ports for one file."""
        self._subject = subject
        self._credentials = credentials
        self._detector = detector
        self._sound_detector = sound_detector
        self._sound: Sound | None = None
        self._registry = registry
        self._consents = consents
        self._log = log
        self._fingerprinter = fingerprinter
        self._not_run: list[NotRun] = []

    @property
    def not_run(self) -> tuple[NotRun, ...]:
        """The checks that did not run so far."""
        return tuple(self._not_run)

    def failed(self, check: str) -> bool:
        """Whether a check did not run."""
        return any(step.check == check for step in self._not_run)

    def skip(self, check: str, code: str) -> None:
        """Record that a check was not possible."""
        self._not_run.append(NotRun(check=check, code=code))

    def credentials(self) -> Credentials | None:
        """What the file carries, or None if that could not be checked."""
        return self._attempt("credentials", lambda: self._credentials.read(self._subject.path))

    def archived(self, record: RegistryRecord | None) -> Credentials | None:
        """The archived credentials of a record, or None."""
        manifest = record.manifest if record else None
        if not manifest:
            return None
        return self._attempt(
            "archive", lambda: self._credentials.read_manifest_bytes(manifest), "credentials"
        )

    def mark(self) -> MarkFinding | None:
        """What the detector found, or None if no search was made."""
        if not self._subject.readable:
            self.skip("watermark", "media.unreadable")
            return None
        if not self._subject.has_picture:
            if self._subject.sound is None:
                self.skip("watermark", "media.no_picture")
            return None
        return self._attempt(
            "watermark",
            lambda: self._detector.detect(self._subject.luma_frames(), self._subject.fps),
            "mark",
        )

    def sound(self) -> SoundFinding | None:
        """What the detector found in the sound, or None if there is none or it did not run."""
        if self._subject.sound is None:
            return None
        return self._attempt("sound", self._searched)

    def _searched(self) -> SoundFinding:
        sound = self._decoded()
        return self._sound_detector.detect(sound.samples, sound.rate)

    def _decoded(self) -> Sound:
        """The sound, decoded once."""
        if self._sound is None:
            if self._subject.sound is None:
                raise ValueError("no sound")
            self._sound = self._subject.sound()
        return self._sound

    def by_clip(self, clip_id: str | None) -> RegistryRecord | None:
        """The record of a clip id; ask `failed("registry")` to tell "none" from "not asked"."""
        if clip_id is None:
            return None
        return self._attempt("registry", lambda: self._registry.by_clip(clip_id))

    def by_payload(self, payload: int) -> RegistryRecord | None:
        """The record of a payload; as `by_clip`."""
        return self._attempt("registry", lambda: self._registry.by_payload(payload))

    def by_prefix(self, short_id: int) -> RegistryRecord | None:
        """The record of a short id; as `by_clip`."""
        return self._attempt("registry", lambda: self._registry.by_prefix(short_id))

    def agreement(self, reference: bytes, mark: MarkFinding | None) -> Agreement | None:
        """How the content compares with a reference, or None if it was not compared."""
        subject = self._subject
        return self._attempt(
            "fingerprint",
            lambda: self._fingerprinter.compare(
                reference, subject.luma_frames(), subject.fps, mark
            ),
        )

    def sound_agreement(
        self, reference: bytes, speed: float, span: tuple[float, float] | None = None
    ) -> Agreement | None:
        """How the sound, or a stretch of it in seconds, compares; None if it was not compared."""

        def compare() -> Agreement:
            sound = _cut(self._decoded(), span)
            return self._fingerprinter.compare_sound(reference, sound, speed)

        return self._attempt("sound_fingerprint", compare, "fingerprint")

    def consents(self, clip_id: str) -> tuple[ConsentAtRelease, ...]:
        """The ledger's states; ask `failed("consents")` to tell "none" from "not asked"."""
        found = self._attempt("consents", lambda: tuple(self._consents.states(clip_id)))
        return found or ()

    def log(self, clip_id: str) -> LogStatus:
        """Whether the log holds the release."""
        found = self._attempt("log", lambda: self._log.inclusion(clip_id))
        return found or LogStatus(status="not_checked")

    def _attempt(self, check: str, ask: Callable[[], T], area: str | None = None) -> T | None:
        try:
            return ask()
        except Exception as error:  # noqa: BLE001 - whatever a port raises, the check did not run
            code = f"{area or check}.not_checked"
            self._not_run.append(NotRun(check=check, code=code, detail=type(error).__name__))
            return None


def _cut(sound: Sound, span: tuple[float, float] | None) -> Sound:
    if span is None:
        return sound
    start, end = (round(at * sound.rate) for at in span)
    return Sound(samples=sound.samples[start:end], rate=sound.rate)
