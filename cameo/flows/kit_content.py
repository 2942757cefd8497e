"""What a kit says, as values and as JSON."""

from __future__ import annotations

import base64
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final, Literal, get_args

from cameo.flows.kit_entry import Entry, entry_in, entry_json
from cameo.flows.kit_errors import MalformedKitError
from cameo.flows.kit_marks import MAX_EPOCHS, KitEpoch, epoch_in, epoch_json
from cameo.flows.marks import MODALITIES
from cameo.flows.shapes import Shapes, time_text
from provenance.verifier.ports import ConsentAtRelease, ConsentStatus, RegistryRecord
from provenance.watermark.errors import BadPayload
from provenance.watermark.payload import from_hex, to_hex

MAX_CLIPS: Final = 20_000
MAX_CONSENTS: Final = 16

_SHAPES: Final = Shapes(MalformedKitError)
_STATES: Final = get_args(ConsentStatus)
_WITNESSES: Final = 100
_CLIP: Final = (
    "clip",
    "kind",
    "payload",
    "fingerprint",
    "manifest",
    "epoch",
    "marks",
    "sound_fingerprint",
    "entry",
    "consents",
)


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
    marks: tuple[KitEpoch, ...]
    """The epochs of the watermark's keys: digests of all, and the keys that it may hold."""


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
        "marks": [epoch_json(epoch) for epoch in content.marks],
    }


def content_in(value: Any) -> tuple[Content, str]:
    """What a JSON object says, and the key that it says signed it.

    Raises:
        KitMarkKeyError: A watermark key is not the one that was committed to.
        MalformedKitError: It is no kit's.
    """
    names = ("made_at", "brand", "key", "claim_roots", "time_roots", "log", "clips", "marks")
    found = _SHAPES.members(value, *names)
    log = _SHAPES.members(found["log"], "key", "checkpoint", "witnesses")
    content = Content(
        made_at=_SHAPES.time(found["made_at"]),
        brand=_SHAPES.text(found["brand"]),
        claim_roots_pem=_SHAPES.text(found["claim_roots"]),
        time_roots_pem=_SHAPES.text(found["time_roots"]),
        log_key=_SHAPES.text(log["key"]),
        checkpoint=None if log["checkpoint"] is None else _SHAPES.text(log["checkpoint"]),
        witnesses=_SHAPES.items(log["witnesses"], _SHAPES.text, most=_WITNESSES),
        clips=_SHAPES.items(found["clips"], _clip, most=MAX_CLIPS),
        marks=_SHAPES.items(found["marks"], epoch_in, most=MAX_EPOCHS),
    )
    return content, _SHAPES.text(found["key"])


def _clip_json(clip: KitClip) -> dict[str, Any]:
    record, heard = clip.record, clip.record.sound_fingerprint
    return {
        "clip": record.clip_id,
        "kind": record.kind,
        "payload": to_hex(record.payload),
        "fingerprint": _base64(record.fingerprint or b""),
        "manifest": _base64(record.manifest or b""),
        "epoch": record.epoch,
        "marks": list(record.marks),
        "sound_fingerprint": None if heard is None else _base64(heard),
        "entry": entry_json(clip.entry),
        "consents": [_consent_json(each) for each in clip.consents],
    }


def _clip(value: Any) -> KitClip:
    found = _SHAPES.members(value, *_CLIP)
    heard = found["sound_fingerprint"]
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
            epoch=_SHAPES.whole(found["epoch"]),
            marks=_SHAPES.items(found["marks"], _modality, most=len(MODALITIES)),
            sound_fingerprint=None if heard is None else _SHAPES.octets(heard),
        ),
        entry=entry_in(found["entry"]),
        consents=_SHAPES.items(found["consents"], _consent, most=MAX_CONSENTS),
    )


def _modality(value: Any) -> str:
    return _SHAPES.word(value, MODALITIES)


def _payload(value: Any) -> int:
    try:
        return from_hex(_SHAPES.text(value))
    except BadPayload as cause:
        raise MalformedKitError("a payload") from cause


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
