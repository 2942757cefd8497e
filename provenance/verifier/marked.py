"""From the marks in a file to what they prove: which clip, and does its content agree."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Final

from provenance.credentials.values import Credentials
from provenance.verifier.basis import (
    Basis,
    Searched,
    about_credentials,
    from_mark,
    of_payload,
    without_mark,
)
from provenance.verifier.evidence import Gatherer
from provenance.verifier.ports import (
    Agreement,
    MarkFinding,
    MediaUnderTest,
    RegistryRecord,
    SoundFinding,
)
from provenance.verifier.sound_basis import Asked, about_sound, from_sound
from provenance.verifier.verdicts import Verdict

MAX_CLIPS: Final = 8
"""How many clips that were cut together are looked up."""


class Marked:
    """The marks of one file, looked for once, and what they lead to."""

    def __init__(self, subject: MediaUnderTest, gatherer: Gatherer) -> None:
        """Look for them."""
        self._subject = subject
        self._gatherer = gatherer
        self.searched = Searched(
            mark=gatherer.mark(),
            sound=gatherer.sound(),
            picture=subject.has_picture,
            audible=subject.sound is not None,
        )
        self.record: RegistryRecord | None = None
        self.agreement: Agreement | None = None
        self.sound_agreement: Agreement | None = None

    def basis(self, credentials: Credentials | None) -> Basis:
        """The verdict of the marks and the content, or of their absence."""
        mark, sound = self.searched.mark, self.searched.sound
        if credentials is not None and mark is not None and mark.found:
            found = self._by_picture(mark, sound)
        elif credentials is not None and sound is not None and sound.found:
            found = self._by_sound(sound)
        else:
            return without_mark(credentials, self.searched, readable=self._subject.readable)
        return replace(found, reasons=(*found.reasons, *about_credentials(credentials)))

    def clips(self) -> Mapping[int, str]:
        """The clips that the registry knows, by the payloads of the stretches that carry a mark."""
        mark = self.searched.mark
        payloads = () if mark is None else dict.fromkeys(span.payload for span in mark.spans)
        known: dict[int, str] = {}
        for payload in list(payloads)[:MAX_CLIPS]:
            if self._gatherer.failed("registry"):
                break
            record = self._gatherer.by_payload(payload)
            if record is not None:
                known[payload] = record.clip_id
        return known

    def _by_picture(self, mark: MarkFinding, sound: SoundFinding | None) -> Basis:
        record = None if mark.payload is None else self._gatherer.by_payload(mark.payload)
        self.record = record
        if record is not None and record.fingerprint:
            self.agreement = self._gatherer.agreement(record.fingerprint, mark)
        basis = from_mark(
            mark,
            record,
            self.agreement,
            registry_asked=not self._gatherer.failed("registry"),
            compared=not self._gatherer.failed("fingerprint"),
        )
        codes: tuple[str, ...] = ()
        if len({span.payload for span in mark.spans}) > 1:
            codes = ("mark.several_clips",)
        if basis.verdict is Verdict.RECOVERED and record is not None:
            self._compare_sound(record, mark, sound)
            present = self.searched.audible
            codes += about_sound(record, sound, self.sound_agreement, present=present)
        return replace(basis, reasons=(*basis.reasons, *codes))

    def _compare_sound(
        self, record: RegistryRecord, mark: MarkFinding, sound: SoundFinding | None
    ) -> None:
        """Compare the sound of the stretch that shows the recovered clip."""
        if sound is None or not record.sound_fingerprint:
            return
        shown = [span for span in mark.spans if span.payload == record.payload]
        longest = max(shown, key=lambda span: span.end - span.start, default=None)
        span = None if longest is None or not self._subject.fps else (longest.start, longest.end)
        speed = 1.0 if longest is None else longest.speed
        if sound.found and of_payload(sound, record.payload):
            speed = sound.speed
        self.sound_agreement = self._gatherer.sound_agreement(record.sound_fingerprint, speed, span)

    def _by_sound(self, sound: SoundFinding) -> Basis:
        record = self._record_of(sound)
        self.record = record
        picture = self.searched.picture
        if record is not None and record.sound_fingerprint:
            self.sound_agreement = self._gatherer.sound_agreement(
                record.sound_fingerprint, sound.speed
            )
        if record is not None and picture and record.fingerprint:
            self.agreement = self._gatherer.agreement(record.fingerprint, None)
        check = "fingerprint" if picture else "sound_fingerprint"
        asked = Asked(
            picture=picture,
            picture_searched=self.searched.mark is not None,
            registry=not self._gatherer.failed("registry"),
            compared=not self._gatherer.failed(check),
        )
        deciding = self.agreement if picture else self.sound_agreement
        basis = from_sound(sound, record, deciding, asked)
        if basis.verdict is Verdict.RECOVERED and record is not None and picture:
            codes = about_sound(record, sound, self.sound_agreement, present=True)
            return replace(basis, reasons=tuple(dict.fromkeys((*basis.reasons, *codes))))
        return basis

    def _record_of(self, sound: SoundFinding) -> RegistryRecord | None:
        if sound.payload is not None:
            return self._gatherer.by_payload(sound.payload)
        return None if sound.short_id is None else self._gatherer.by_prefix(sound.short_id)
