"""Which marks a file carries, and the soft-binding assertions that say so.

    MarkClaim(modality="sound", spans=((0, 4000), (6500, 9000)))

C2PA allows bytes as a value and a map of parameters as `alg-params`. The library that signs takes
its definitions as JSON, in which there are no bytes, and calls an assertion malformed whose
`alg-params` is anything but text (other versions name that field `alg_params`). So the value is the
payload in hex, and no parameters are written: how a mark is read follows from `alg` alone.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final, Literal, TypeAlias

from provenance.credentials import labels

Json = dict[str, object]
MarkModality = Literal["video", "image", "sound"]
Span: TypeAlias = tuple[int, int]
"""Begin and end in milliseconds, the end excluded."""

MAX_SPANS: Final = 1000
_ALG: Final = re.compile(r"[a-z0-9-]{1,40}(\.[A-Za-z0-9_-]{1,40}){1,7}")
_WHERE: Final = {"video": "picture", "image": "picture", "sound": "sound"}


@dataclass(frozen=True, kw_only=True, slots=True)
class MarkClaim:
    """One mark that a file carries.

    Attributes:
        modality: What is marked.
        alg: Name of the watermark; None for the one of this modality in `labels.SOFT_BINDINGS`.
        spans: What of the file is marked, in order and apart; none for a still, or for all of it
            where times mean nothing.
    """

    modality: MarkModality
    alg: str | None = None
    spans: tuple[Span, ...] = ()

    @property
    def name(self) -> str:
        """The algorithm's name."""
        return self.alg or labels.SOFT_BINDINGS[self.modality]


def soft_binding(mark: MarkClaim, payload: str) -> Json:
    """The assertion of one mark."""
    scopes: list[Json] = [{"timespan": {"start": begin, "end": end}} for begin, end in mark.spans]
    blocks = [{"scope": scope, "value": payload} for scope in scopes or [Json()]]
    return {"label": labels.SOFT_BINDING, "data": {"alg": mark.name, "blocks": blocks}}


def watermarked(mark: MarkClaim) -> Json:
    """The action of having put it there."""
    where = _WHERE[mark.modality]
    return {
        "action": labels.WATERMARKED,
        "description": f"An invisible mark in the {where} carries the payload of the soft binding.",
    }


def faults(marks: tuple[MarkClaim, ...], duration_ms: int) -> Iterator[str]:
    """What must not be signed about marks."""
    if len({mark.modality for mark in marks}) != len(marks):
        yield "a modality is marked once"
    if len({mark.name for mark in marks}) != len(marks):
        yield "each mark has an algorithm of its own"
    for mark in marks:
        if not _ALG.fullmatch(mark.name):
            yield "a soft binding's algorithm is a dotted name"
        if mark.modality == "image" and mark.spans:
            yield "a still has no times"
        if len(mark.spans) > MAX_SPANS or not _in_order(mark.spans, duration_ms):
            yield "what is marked lies inside the clip, in order, and apart"


def _in_order(spans: tuple[Span, ...], duration_ms: int) -> bool:
    edges = [edge for span in spans for edge in span]
    return (
        all(begin < end for begin, end in spans)
        and edges == sorted(edges)
        and (not edges or (edges[0] >= 0 and edges[-1] <= duration_ms))
    )
