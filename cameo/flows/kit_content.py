"""What a kit says, as values and as JSON."""

from __future__ import annotations

import base64
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final, Literal, get_args

from cameo.flows.kit_errors import KitMarkKeyError, MalformedKitError
from cameo.flows.shapes import Shapes, time_text
from provenance.log.checkpoint import MAX_PROOF_HASHES
from provenance.verifier.ports import ConsentAtRelease, ConsentStatus, RegistryRecord
from provenance.watermark.errors import BadPayload
from provenance.watermark.keys import key_commitment
from provenance.watermark.payload import from_hex, to_hex

MAX_CLIPS: Final = 20_000
MAX_CONSENTS: Final = 16

_SHAPES: Final = Shapes(MalformedKitError)
_STATES: Final = get_args(ConsentStatus)
_WITNESSES: Final = 100


@dataclass(frozen=True, kw_only=True, slots=True)
class Entry:
    """Where the log has a clip's release or stamp."""

    index: int
    body: bytes
    proof: tuple[bytes, ...]


@dataclass(frozen=True, kw_only=True, slots=True)
class KitClip:
    """A clip, what its copies are compared with, and how its consents stood."""

    record: RegistryRecord
    entry: Entry | None
    consents: tuple[ConsentAtRelease, ...]


@dataclass(frozen=True, kw_only=True, slots=True)
class Content:
    """What a kit says."""

    made_at: datetime
    """Consents stand or not as of then; whole seconds."""
    brand: str
    claim_roots_pem: str
    time_roots_pem: str
    log_key: str
    checkpoint: str | None
    """A signed head; None where the log was empty."""
    witnesses: tuple[str, ...]
    """Keys of those who cosigned it."""
    clips: tuple[KitClip, ...]
    mark_commitment: str
    """Of the watermark key, so that one which is revealed later can be checked."""
    mark_key: bytes | None
    """The watermark key itself: whoever has it can put marks on anything, and take them off."""


def content_json(content: Content, key: str) -> dict[str, Any]:
    """The JSON object of a kit that this key signs."""
    return {
        "made_at": time_text(content.made_at),
        "brand": content.brand,
        "key": key,
        "claim_roots": content.claim_roots_pem,
        "time_roots": content.time_roots_pem,
        "log": {
            "key": content.log_key,
            "checkpoint": content.checkpoint,
            "witnesses": list(content.witnesses),
        },
        "clips": [_clip_json(clip) for clip in content.clips],
        "mark": {
            "commitment": content.mark_commitment,
            "key": None if content.mark_key is None else content.mark_key.hex(),
        },
    }


def content_in(value: Any) -> tuple[Content, str]:
    """What a JSON object says, and the key that it says signed it.

    Raises:
        KitMarkKeyError: The watermark key is not the one that was committed to.
        MalformedKitError: It is no kit's.
    """
    names = ("made_at", "brand", "key", "claim_roots", "time_roots", "log", "clips", "mark")
    found = _SHAPES.members(value, *names)
    log = _SHAPES.members(found["log"], "key", "checkpoint", "witnesses")
    mark = _SHAPES.members(found["mark"], "commitment", "key")
    mark_key = None if mark["key"] is None else _SHAPES.hash(mark["key"])
    commitment = _SHAPES.hash(mark["commitment"]).hex()
    if mark_key is not None and key_commitment(mark_key) != commitment:
        raise KitMarkKeyError
    content = Content(
        made_at=_SHAPES.time(found["made_at"]),
        brand=_SHAPES.text(found["brand"]),
        claim_roots_pem=_SHAPES.text(found["claim_roots"]),
        time_roots_pem=_SHAPES.text(found["time_roots"]),
        log_key=_SHAPES.text(log["key"]),
        checkpoint=None if log["checkpoint"] is None else _SHAPES.text(log["checkpoint"]),
        witnesses=_SHAPES.items(log["witnesses"], _SHAPES.text, most=_WITNESSES),
        clips=_SHAPES.items(found["clips"], _clip, most=MAX_CLIPS),
        mark_commitment=commitment,
        mark_key=mark_key,
    )
    return content, _SHAPES.text(found["key"])


def _clip_json(clip: KitClip) -> dict[str, Any]:
    record, entry = clip.record, clip.entry
    return {
        "clip": record.clip_id,
        "kind": record.kind,
        "payload": to_hex(record.payload),
        "fingerprint": _base64(record.fingerprint or b""),
        "manifest": _base64(record.manifest or b""),
        "entry": None
        if entry is None
        else {
            "index": entry.index,
            "body": _base64(entry.body),
            "proof": [each.hex() for each in entry.proof],
        },
        "consents": [_consent_json(each) for each in clip.consents],
    }


def _clip(value: Any) -> KitClip:
    names = ("clip", "kind", "payload", "fingerprint", "manifest", "entry", "consents")
    found = _SHAPES.members(value, *names)
    kind: Literal["clip", "stamp"] = (
        "stamp" if _SHAPES.word(found["kind"], ("clip", "stamp")) == "stamp" else "clip"
    )
    return KitClip(
        record=RegistryRecord(
            clip_id=_SHAPES.text(found["clip"]),
            payload=_payload(found["payload"]),
            kind=kind,
            fingerprint=_SHAPES.octets(found["fingerprint"]) or None,
            manifest=_SHAPES.octets(found["manifest"]) or None,
        ),
        entry=None if found["entry"] is None else _entry(found["entry"]),
        consents=_SHAPES.items(found["consents"], _consent, most=MAX_CONSENTS),
    )


def _payload(value: Any) -> int:
    try:
        return from_hex(_SHAPES.text(value))
    except BadPayload as cause:
        raise MalformedKitError("a payload") from cause


def _entry(value: Any) -> Entry:
    found = _SHAPES.members(value, "index", "body", "proof")
    return Entry(
        index=_SHAPES.whole(found["index"]),
        body=_SHAPES.octets(found["body"]),
        proof=_SHAPES.items(found["proof"], _SHAPES.hash, most=MAX_PROOF_HASHES),
    )


def _consent_json(consent: ConsentAtRelease) -> dict[str, Any]:
    ended = consent.ended_at
    return {
        "id": consent.id,
        "state_then": consent.state_then,
        "state_now": consent.state_now,
        "assurance": consent.assurance,
        "simulated": consent.simulated,
        "ended_at": None if ended is None else time_text(ended),
    }


def _consent(value: Any) -> ConsentAtRelease:
    names = ("id", "state_then", "state_now", "assurance", "simulated", "ended_at")
    found = _SHAPES.members(value, *names)
    return ConsentAtRelease(
        id=_SHAPES.text(found["id"]),
        state_then=_state(found["state_then"]),
        state_now=_state(found["state_now"]),
        assurance=_SHAPES.whole(found["assurance"]),
        simulated=_SHAPES.flag(found["simulated"]),
        ended_at=None if found["ended_at"] is None else _SHAPES.time(found["ended_at"]),
    )


def _state(value: Any) -> ConsentStatus:
    state: ConsentStatus = _SHAPES.word(value, _STATES)  # type: ignore[assignment]
    return state


def _base64(data: bytes) -> str:
    return base64.b64encode(data).decode()
