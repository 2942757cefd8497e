"""What a mark in the sound proves, and what a copy's sound says beside its picture. Pure rules.

Sound is easily put under another picture, and a picture over other sound. So the sound's mark
proves a film only where the picture agrees as well, and a film whose picture was recovered says
plainly what became of its sound.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from provenance.verifier.basis import Basis, kind_codes, of_payload
from provenance.verifier.ports import Agreement, RegistryRecord, SoundFinding
from provenance.verifier.verdicts import Integrity, Verdict

LITTLE: Final = "fingerprint.too_little_information"


@dataclass(frozen=True, kw_only=True, slots=True)
class Asked:
    """Which questions about a file were asked and answered.

    Attributes:
        picture: Whether the file has a picture.
        picture_searched: Whether the picture was searched for a mark.
        registry: Whether the registry answered.
        compared: Whether the comparison that decides ran.
    """

    picture: bool
    picture_searched: bool
    registry: bool
    compared: bool


def from_sound(
    sound: SoundFinding,
    record: RegistryRecord | None,
    agreement: Agreement | None,
    asked: Asked,
) -> Basis:
    """Judge a file whose picture carries no mark and whose sound does.

    Args:
        sound: A finding with `found` true.
        record: The registry's record of the payload, or of the short id that is all there is.
        agreement: How the *picture* compares with that record where the file has one; else how the
            sound does. None if that was not compared.
        asked: What was asked.
    """
    integrity: Integrity = "none"
    other = "sound.on_other_picture" if asked.picture else "sound.differs"
    if not asked.registry:
        verdict, reason = Verdict.UNREADABLE, "registry.not_checked"
    elif record is None:
        verdict, reason = Verdict.MARK_MISMATCH, "sound.unknown_payload"
    elif not (record.fingerprint if asked.picture else record.sound_fingerprint):
        reason = "sound.on_other_picture" if asked.picture else "fingerprint.no_reference"
        verdict = Verdict.MARK_MISMATCH
    elif agreement is None or not asked.compared:
        verdict, reason = Verdict.UNREADABLE, "fingerprint.not_checked"
    elif agreement.agrees:
        verdict, reason, integrity = Verdict.RECOVERED, "fingerprint.agrees", "recovered"
    elif asked.picture and not asked.picture_searched:
        # Its mark, had it been looked for, would say how the picture lies in this copy.
        verdict, reason = Verdict.UNREADABLE, "mark.not_checked"
    else:
        verdict, reason = Verdict.MARK_MISMATCH, LITTLE if agreement.reason == LITTLE else other
    searched = "mark.not_found" if asked.picture_searched else "mark.not_checked"
    codes = (reason, "sound.found", *((searched,) if asked.picture else ()))
    return Basis(
        verdict=verdict,
        integrity=integrity,
        clip_id=None if record is None else record.clip_id,
        payload=sound.payload if record is None else record.payload,
        reasons=(*dict.fromkeys(codes), *kind_codes(record)),
    )


def about_sound(
    record: RegistryRecord,
    sound: SoundFinding | None,
    agreement: Agreement | None,
    *,
    present: bool,
) -> tuple[str, ...]:
    """Reason codes for the sound of a copy whose picture was recovered.

    Args:
        record: Of the recovered clip.
        sound: What the detector found; None if it did not run.
        agreement: How the sound compares with that of the clip, if it was compared.
        present: Whether the copy has sound at all.
    """
    if not present:
        return ("sound.missing",) if record.sound_fingerprint else ()
    if sound is None:
        return ("sound.not_checked",)
    other = agreement is not None and not agreement.agrees and agreement.reason != LITTLE
    if sound.found and not of_payload(sound, record.payload):
        other = True
    found = "sound.found" if sound.found else "sound.not_found"
    return ("sound.differs", found) if other else (found,)
