"""What bytes, mark and fingerprint prove, before anyone asks about consents. Pure rules."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass

from provenance.credentials.labels import OPENED
from provenance.credentials.values import Credentials
from provenance.verifier.ports import Agreement, MarkFinding, RegistryRecord, SoundFinding
from provenance.verifier.verdicts import Integrity, Verdict


@dataclass(frozen=True, kw_only=True, slots=True)
class Basis:
    """A verdict that holds if the consents stand, and what it identifies.

    Attributes:
        verdict: `authentic` and `recovered` still depend on the consents; others are final.
        integrity: What was proven.
        clip_id: The clip, or None.
        payload: Its payload, or None.
        reasons: Why.
    """

    verdict: Verdict
    integrity: Integrity = "none"
    clip_id: str | None = None
    payload: int | None = None
    reasons: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True, slots=True)
class Searched:
    """What the searches for marks found; None where one did not run.

    Attributes:
        mark: In the picture.
        sound: In the sound.
        picture: Whether there is a picture.
        audible: Whether there is sound.
    """

    mark: MarkFinding | None
    sound: SoundFinding | None
    picture: bool
    audible: bool


def from_own_credentials(
    credentials: Credentials,
    record: RegistryRecord | None,
    searched: Searched,
    *,
    registry_asked: bool,
) -> Basis | None:
    """Judge a file that bears our credentials; None if they decide nothing.

    Args:
        credentials: What the file carries.
        record: The registry's record of the clip that they name, if any.
        searched: What the detectors found.
        registry_asked: Whether the registry answered.

    Returns:
        `authentic`, `tampered` or `mark_mismatch`; None for foreign or no credentials, and for
        ours where only the certificate has ended and no archive proves when it signed: there the
        mark must speak.
    """
    if not credentials.ours and not credentials.ours_inside:
        return None
    if credentials.expired_only:
        archived = _archived_alike(credentials, record)
        if archived is not True:
            return None
        why = "credentials.expired_but_archived"
    elif fault := _fault(credentials, record):
        return Basis(
            verdict=Verdict.TAMPERED,
            integrity="tampered",
            # A foreign manifest around ours may name any clip it likes.
            clip_id=credentials.clip_id if credentials.ours else None,
            payload=_payload(credentials) if credentials.ours else None,
            reasons=(fault,),
        )
    else:
        why = "credentials.intact"
    return _authentic(credentials, record, searched, why, registry_asked=registry_asked)


def _fault(credentials: Credentials, record: RegistryRecord | None) -> str | None:
    """The code that makes credentials of ours, or ones around ours, a tampering."""
    rules = (
        ("credentials.ours_inside_foreign", credentials.ours_inside),
        ("credentials.broken", credentials.state == "unreadable"),
        ("credentials.laundered", credentials.state == "trusted" and credentials.laundered),
        ("credentials.changed", credentials.state != "trusted" or not credentials.bound),
        ("credentials.no_clip_id", credentials.statement is None),
        ("credentials.differs_from_archive", _archived_alike(credentials, record) is False),
    )
    return next((code for code, present in rules if present), None)


def _archived_alike(credentials: Credentials, record: RegistryRecord | None) -> bool | None:
    """Whether the embedded store is the archived one, byte for byte; None if either is missing."""
    if not credentials.store or record is None or not record.manifest:
        return None
    return hashlib.sha256(credentials.store).digest() == hashlib.sha256(record.manifest).digest()


def _authentic(
    credentials: Credentials,
    record: RegistryRecord | None,
    searched: Searched,
    why: str,
    *,
    registry_asked: bool,
) -> Basis:
    payload = _payload(credentials)
    reasons = [why]
    if credentials.statement is not None and credentials.statement.action == OPENED:
        reasons.append("stamp.claims_nothing")
    if record is None:
        reasons.append("registry.unknown_clip" if registry_asked else "registry.not_checked")
    elif record.payload != payload:
        reasons.append("registry.payload_differs")
    marks = (*_picture_code(searched, payload), *_sound_code(searched, payload))
    other = tuple(code for code in marks if code.endswith(".payload_differs"))
    return Basis(
        verdict=Verdict.MARK_MISMATCH if other else Verdict.AUTHENTIC,
        integrity="authentic",
        clip_id=credentials.clip_id,
        payload=payload,
        reasons=(*other, *reasons, *(code for code in marks if code not in other)),
    )


def _picture_code(searched: Searched, payload: int | None) -> tuple[str, ...]:
    mark = searched.mark
    if mark is None:
        return ("mark.not_checked",) if searched.picture or not searched.audible else ()
    if not mark.found:
        return ("mark.not_found",)
    same = mark.payload is None or mark.payload == payload
    return ("mark.found",) if same else ("mark.payload_differs",)


def _sound_code(searched: Searched, payload: int | None) -> tuple[str, ...]:
    sound = searched.sound
    if sound is None:
        return ("sound.not_checked",) if searched.audible else ()
    if not sound.found:
        return ("sound.not_found",)
    same = payload is not None and of_payload(sound, payload)
    return ("sound.found",) if same else ("sound.payload_differs",)


def of_payload(sound: SoundFinding, payload: int) -> bool:
    """Whether a mark that was found in sound is the one of this payload, as far as it was read."""
    if sound.payload is not None:
        return sound.payload == payload
    return sound.short_id == payload >> 32


def _payload(credentials: Credentials) -> int | None:
    return None if credentials.payload is None else int(credentials.payload, 16)


def from_mark(
    mark: MarkFinding,
    record: RegistryRecord | None,
    agreement: Agreement | None,
    *,
    registry_asked: bool,
    compared: bool,
) -> Basis:
    """Judge a file by a mark that was found in it; a mark alone proves nothing.

    From one marked clip anyone can estimate the mark without the key and put it on other content,
    so `recovered` needs the content to agree as well. Where a check did not run, no verdict is
    reached: its failure is neither agreement nor disagreement.

    Args:
        mark: A finding with `found` true.
        record: The registry's record of its payload, if any.
        agreement: How the content compares with that record's fingerprint, if it was compared.
        registry_asked: Whether the registry answered.
        compared: Whether a comparison was possible and ran.
    """
    integrity: Integrity = "none"
    if mark.payload is None:
        verdict, reason = Verdict.MARK_MISMATCH, "mark.no_payload"
    elif not registry_asked:
        verdict, reason = Verdict.UNREADABLE, "registry.not_checked"
    elif record is None:
        verdict, reason = Verdict.MARK_MISMATCH, "mark.unknown_payload"
    elif not record.fingerprint:
        verdict, reason = Verdict.MARK_MISMATCH, "fingerprint.no_reference"
    elif agreement is None or not compared:
        verdict, reason = Verdict.UNREADABLE, "fingerprint.not_checked"
    elif not agreement.agrees:
        verdict, reason = Verdict.MARK_MISMATCH, _why_not(agreement)
    else:
        verdict, reason, integrity = Verdict.RECOVERED, "fingerprint.agrees", "recovered"
    return Basis(
        verdict=verdict,
        integrity=integrity,
        clip_id=record.clip_id if record is not None else None,
        payload=mark.payload,
        reasons=(reason, "mark.found", *kind_codes(record)),
    )


def kind_codes(record: RegistryRecord | None) -> tuple[str, ...]:
    """What is to be said of a stamp."""
    return ("stamp.claims_nothing",) if record is not None and record.kind == "stamp" else ()


def _why_not(agreement: Agreement) -> str:
    """Too little to compare is no agreement either: the mark stays unproven."""
    little = "fingerprint.too_little_information"
    return little if agreement.reason == little else "fingerprint.differs"


def without_mark(credentials: Credentials | None, searched: Searched, *, readable: bool) -> Basis:
    """Judge a file in which no mark was found or looked for.

    Args:
        credentials: What the file carries; None if that could not be checked.
        searched: Findings with `found` false, or None.
        readable: Whether the file could be decoded.
    """
    foreign = credentials is not None and credentials.present
    if credentials is None:
        return Basis(verdict=Verdict.UNREADABLE, reasons=("credentials.not_checked",))
    if credentials.expired_only:
        # Not changed, not proven: to call it ours or not ours would both say too much.
        return Basis(
            verdict=Verdict.UNREADABLE,
            clip_id=credentials.clip_id,
            payload=_payload(credentials),
            reasons=("credentials.expired",),
        )
    if not readable and not foreign:
        return Basis(verdict=Verdict.UNREADABLE, reasons=("media.unreadable",))
    if not readable or not (searched.picture or searched.audible):
        why = "media.no_picture" if readable else "media.unreadable"
        return Basis(verdict=Verdict.NOT_OURS, reasons=(*about_credentials(credentials), why))
    left_out = [
        code
        for code, skipped in (
            ("mark.not_checked", searched.picture and searched.mark is None),
            ("sound.not_checked", searched.audible and searched.sound is None),
        )
        if skipped
    ]
    if left_out:
        return Basis(verdict=Verdict.UNREADABLE, reasons=tuple(left_out))
    nothing = (
        *(("mark.not_found",) if searched.picture else ()),
        *(("sound.not_found",) if searched.audible else ()),
    )
    return Basis(verdict=Verdict.NOT_OURS, reasons=(*nothing, *about_credentials(credentials)))


def about_credentials(credentials: Credentials) -> tuple[str, ...]:
    """Reason codes for credentials that did not decide the verdict."""
    rules = (
        ("credentials.expired", credentials.expired_only),
        ("credentials.imitation", credentials.imitation),
        ("credentials.foreign_laundered", credentials.laundered),
        (
            "credentials.foreign",
            credentials.present and not credentials.ours and not credentials.laundered,
        ),
    )
    return tuple(code for code, present in rules if present)
