"""The part of a report that tells of marks and content, as JSON-ready values."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping

from provenance.verifier.ports import Agreement, MarkedSpan, MarkFinding, SoundFinding

Json = dict[str, object]


def watermark_json(
    mark: MarkFinding | None, sound: SoundFinding | None, clips: Mapping[int, str]
) -> Json:
    """What was found in the picture and in the sound."""
    found_in = [
        where
        for where, finding in (("picture", mark), ("sound", sound))
        if finding is not None and finding.found
    ]
    return {
        "checked": mark is not None,
        "found_in": found_in,
        "payload": None if mark is None else hex16(mark.payload),
        "confidence": None if mark is None else float(mark.confidence),
        "threshold": None if mark is None else float(mark.threshold),
        "geometry": None if mark is None else _plain(mark.geometry),
        "spans": [] if mark is None else [_span(span, clips) for span in mark.spans],
        "sound": _sound(sound),
    }


def agreement_json(agreement: Agreement | None) -> Json:
    """How content compares."""
    if agreement is None:
        return {"checked": False, "agrees": None}
    return {
        "checked": True,
        "agrees": bool(agreement.agrees),
        "score": float(agreement.score),
        "threshold": float(agreement.threshold),
        "seconds_compared": float(agreement.seconds_compared),
        "offset_s": float(agreement.offset_s),
    }


def hex16(payload: int | None) -> str | None:
    """A payload as 16 hex digits."""
    return None if payload is None else f"{payload:016x}"


def _sound(sound: SoundFinding | None) -> Json:
    if sound is None:
        return {
            "checked": False,
            "payload": None,
            "short_id": None,
            "confidence": None,
            "threshold": None,
            "speed": None,
            "spans": [],
        }
    return {
        "checked": True,
        "payload": hex16(sound.payload),
        "short_id": None if sound.short_id is None else f"{sound.short_id:08x}",
        "confidence": float(sound.confidence),
        "threshold": float(sound.threshold),
        "speed": float(sound.speed) if sound.found else None,
        "spans": [
            {"start_s": round(float(start), 3), "end_s": round(float(end), 3)}
            for start, end in sound.spans
        ],
    }


def _span(span: MarkedSpan, clips: Mapping[int, str]) -> Json:
    return {
        "start_s": round(float(span.start), 3),
        "end_s": round(float(span.end), 3),
        "payload": hex16(span.payload),
        "clip_id": clips.get(span.payload),
        "source_start_s": round(float(span.source_start), 3),
        "speed": float(span.speed),
    }


def _plain(geometry: object | None) -> object | None:
    if dataclasses.is_dataclass(geometry) and not isinstance(geometry, type):
        return {key: _number(value) for key, value in dataclasses.asdict(geometry).items()}
    return geometry


def _number(value: object) -> object:
    """A numpy scalar as the Python number that JSON knows."""
    item = getattr(value, "item", None)
    return item() if callable(item) else value
