"""What is said about a clip, and the C2PA manifest that says it.

    manifest = build(ClipClaim(clip_id="clip_...", action=CREATED, ...))

A created clip states its generator, the kind of its source, its mark, the consents that it rests
on and that it is no training material. A stamp (`c2pa.opened`) of a foreign file states its mark
and its source, and claims neither generation nor consent.
"""

from __future__ import annotations

import base64
import re
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Final, Literal

from provenance.credentials import labels
from provenance.credentials.binding import MarkClaim, faults, soft_binding, watermarked
from provenance.credentials.disclosure import ai_disclosure, training_mining
from provenance.credentials.errors import BadClaim
from provenance.credentials.formats import SIGNED

PARENT_ID: Final = "parent"
MAX_FINGERPRINT_BYTES: Final = 64 * 1024
_PAYLOAD: Final = re.compile(r"[0-9a-f]{16}\Z")
_SHA256: Final = re.compile(r"[0-9a-f]{64}\Z")
_WHAT: Final = {"video/mp4": "video"}

Json = dict[str, object]
Action = Literal["c2pa.created", "c2pa.opened"]


@dataclass(frozen=True, kw_only=True, slots=True)
class ConsentCitation:
    """One person's consent, as cited in a clip: ids and digests, nothing that names the person.

    Attributes:
        consent_id: Id of the consent document.
        grant_id: Id of the grant to the maker, or None where none was needed.
        person_ref: A pseudonym of the person, not linkable across clips unless meant to be.
        document_sha256: Hex digest of the signed document's canonical bytes.
        assurance: Level of the enrolment, 0 to 3.
        simulated: Whether the enrolment was simulated (self-declared).
        epoch: The person's epoch in the log when the release was decided.
    """

    consent_id: str
    grant_id: str | None
    person_ref: str
    document_sha256: str
    assurance: int
    simulated: bool
    epoch: int


@dataclass(frozen=True, kw_only=True, slots=True)
class LogReference:
    """Where the log holds the release, if it already did at signing time."""

    origin: str
    index: int | None = None
    checkpoint_size: int | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class ClipClaim:
    """Everything that a manifest says about one clip.

    Attributes:
        clip_id: Id in our registry.
        title: What readers show as the file's name.
        created_at: When the clip was made, aware.
        action: `c2pa.created`, or `c2pa.opened` for a stamp.
        digital_source_type: IPTC URI of the kind of source; None for a stamp.
        generator_name: Name of the generator or tool.
        generator_version: Its version.
        payload: The mark's payload, 16 lower-case hex digits.
        fingerprint: The picture's content fingerprint; empty for a sound file only.
        duration_ms: Length in milliseconds, over 0; 0 for a still.
        brand: Name of the service as the claim generator.
        brand_version: Its version.
        soft_binding_alg: Name of the picture's mark, where `marks` is empty.
        consents: The people in it; must be empty for a stamp.
        style: The requested style, or None.
        label_text: The visible label burnt into the picture, or None.
        model_type: C2PA's word for the kind of model that `c2pa.ai-disclosure` names.
        release_log: Where the log holds the release, or None.
        source_sha256: Hex digest of a stamp's source file, or None.
        marks: The marks that the file carries, one a modality; none says that the picture is
            marked from begin to end.
        sound_fingerprint: The sound's content fingerprint, or None.
        missing: Which mark the file lacks, and why: `sound: cannot carry a mark because ...`.
        format: Media type of the file, one of `formats.SIGNED`.
    """

    clip_id: str
    title: str
    created_at: datetime
    action: Action = "c2pa.created"
    digital_source_type: str | None = None
    generator_name: str
    generator_version: str
    payload: str
    fingerprint: bytes
    duration_ms: int
    brand: str = labels.DEFAULT_BRAND
    brand_version: str = "0.1.0"
    soft_binding_alg: str = labels.DEFAULT_SOFT_BINDING
    consents: tuple[ConsentCitation, ...] = ()
    style: str | None = None
    label_text: str | None = None
    model_type: str = "c2pa.types.generator"
    release_log: LogReference | None = None
    source_sha256: str | None = None
    marks: tuple[MarkClaim, ...] = ()
    sound_fingerprint: bytes | None = None
    missing: tuple[str, ...] = ()
    format: str = "video/mp4"

    @property
    def bound(self) -> tuple[MarkClaim, ...]:
        """The marks, said in full."""
        if self.marks:
            return self.marks
        whole = ((0, self.duration_ms),)
        return (MarkClaim(modality="video", alg=self.soft_binding_alg, spans=whole),)


def build(claim: ClipClaim) -> Json:
    """Make the manifest definition that `sign_file` signs.

    Args:
        claim: What is to be said.

    Returns:
        A JSON-ready dict for claim version 2.

    Raises:
        BadClaim: If the claim contradicts itself or holds a malformed value.
    """
    _check(claim)
    created = claim.action == labels.CREATED
    bindings = [soft_binding(mark, claim.payload) for mark in claim.bound]
    assertions = [_actions(claim), *bindings, _own(claim)]
    if created:
        assertions += [
            training_mining(),
            ai_disclosure(claim.model_type, claim.generator_name, claim.generator_version),
        ]
    generator: Json = {
        "name": claim.brand,
        "version": claim.brand_version,
        "specVersion": labels.SPEC_VERSION,
    }
    return {
        "claim_version": 2,
        "claim_generator_info": [generator],
        "title": claim.title,
        "format": claim.format,
        "assertions": assertions,
        "ingredients": [_person(at, consent) for at, consent in enumerate(claim.consents)],
    }


def opens_parent(manifest: Json) -> bool:
    """Whether signing this manifest needs the parent file (a stamp does)."""
    return _first_action(manifest) == labels.OPENED


def _first_action(manifest: Json) -> object:
    """The first action's name in a manifest that `build` made; raises for any other shape."""
    try:
        assertions: Any = manifest["assertions"]
        return assertions[0]["data"]["actions"][0]["action"]
    except (KeyError, IndexError, TypeError) as error:
        raise BadClaim("the manifest does not begin with its actions") from error


def _check(claim: ClipClaim) -> None:
    stamp = claim.action == labels.OPENED
    kind, sounds = claim.format.partition("/")[0], bool(claim.sound_fingerprint)
    sound = kind == "audio"
    found = {
        "the payload must be 16 lower-case hex digits": not _PAYLOAD.match(claim.payload),
        "the time must be aware": claim.created_at.tzinfo is None,
        "the length must be over zero": claim.duration_ms <= 0 and kind != "image",
        "the fingerprint is empty or too large": not _sized(claim.fingerprint, empty=sound),
        "the sound's fingerprint is empty or too large": (
            not _sized(claim.sound_fingerprint or b"", empty=claim.sound_fingerprint is None)
        ),
        "no fingerprint says what the file holds": not (claim.fingerprint or sounds),
        "such files are not signed": claim.format not in SIGNED,
        "a created clip names the kind of its source": not stamp and not claim.digital_source_type,
        "a stamp claims no generation": stamp and claim.digital_source_type is not None,
        "a stamp claims no consent": stamp and bool(claim.consents),
        "a stamp names its source's digest": (
            stamp and not _SHA256.match(claim.source_sha256 or "")
        ),
        "a consent's digest must be 64 hex digits": any(
            not _SHA256.match(consent.document_sha256) for consent in claim.consents
        ),
        "an assurance level is 0 to 3": any(
            not 0 <= consent.assurance <= 3 for consent in claim.consents
        ),
    }
    wrong = [fault for fault, present in found.items() if present]
    for fault in (*wrong, *faults(claim.bound, claim.duration_ms)):
        raise BadClaim(fault)


def _sized(fingerprint: bytes, *, empty: bool) -> bool:
    return (bool(fingerprint) or empty) and len(fingerprint) <= MAX_FINGERPRINT_BYTES


def _when(moment: datetime) -> str:
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def _actions(claim: ClipClaim) -> Json:
    first: Json = {"action": claim.action, "when": _when(claim.created_at)}
    agent = {"name": claim.generator_name, "version": claim.generator_version}
    first["softwareAgent"] = agent
    if claim.action == labels.CREATED:
        first["digitalSourceType"] = claim.digital_source_type
        ids = [_person_id(at) for at in range(len(claim.consents))]
    else:
        ids = [PARENT_ID]
    if ids:
        first["parameters"] = {"ingredientIds": ids}
    marks = [watermarked(mark) for mark in claim.bound]
    data: Json = {"actions": [first, *marks], "allActionsIncluded": True}
    return {"label": labels.ACTIONS, "data": data}


def _own(claim: ClipClaim) -> Json:
    data: Json = {
        "version": 1,
        "clip_id": claim.clip_id,
        "action": claim.action,
        "payload": claim.payload,
        "fingerprint": base64.b64encode(claim.fingerprint).decode(),
        "consents": [_citation(consent) for consent in claim.consents],
        "statement": (
            "Made with the consents listed here, as they stood at release."
            if claim.action == labels.CREATED
            else f"A mark was put on a {_WHAT.get(claim.format, 'file')} of others; "
            "neither generation nor consent is claimed."
        ),
    }
    optional: Json = {
        "sound_fingerprint": _base64(claim.sound_fingerprint),
        "marks_absent": list(claim.missing) or None,
        "style": claim.style,
        "label_text": claim.label_text,
        "source_sha256": claim.source_sha256,
        "release_log": _log(claim.release_log),
    }
    data |= {key: value for key, value in optional.items() if value is not None}
    return {"label": labels.CONSENT, "data": data, "kind": "Json"}


def _base64(data: bytes | None) -> str | None:
    return None if data is None else base64.b64encode(data).decode()


def _citation(consent: ConsentCitation) -> Json:
    return {
        "consent_id": consent.consent_id,
        "grant_id": consent.grant_id,
        "person_ref": consent.person_ref,
        "document_sha256": consent.document_sha256,
        "assurance": consent.assurance,
        "simulated": consent.simulated,
        "epoch": consent.epoch,
    }


def _log(reference: LogReference | None) -> Json | None:
    if reference is None:
        return None
    return {
        "origin": reference.origin,
        "index": reference.index,
        "checkpoint_size": reference.checkpoint_size,
    }


def _person_id(at: int) -> str:
    return f"person-{at + 1}"


def _person(at: int, consent: ConsentCitation) -> Json:
    """A consenting person as an input of the work, by pseudonym; no likeness is attached."""
    return {
        "title": f"Consenting person {consent.person_ref}",
        "relationship": "inputTo",
        "label": _person_id(at),
        "description": f"Consent {consent.consent_id}",
    }
