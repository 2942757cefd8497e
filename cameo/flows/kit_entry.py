"""Where the log has something that a kit tells of: an entry, its place, and the proof."""

from __future__ import annotations

import base64
from dataclasses import dataclass
from typing import Any, Final

from cameo.flows.kit_errors import MalformedKitError
from cameo.flows.shapes import Shapes
from provenance.log.checkpoint import MAX_PROOF_HASHES

_SHAPES: Final = Shapes(MalformedKitError)


@dataclass(frozen=True, kw_only=True, slots=True)
class Entry:
    """An entry of the log, as the kit's head has it."""

    index: int
    body: bytes
    proof: tuple[bytes, ...]


def entry_json(entry: Entry | None) -> dict[str, Any] | None:
    """As a kit's JSON."""
    if entry is None:
        return None
    return {
        "index": entry.index,
        "body": base64.b64encode(entry.body).decode(),
        "proof": [each.hex() for each in entry.proof],
    }


def entry_in(value: Any) -> Entry | None:
    """From a kit's JSON.

    Raises:
        MalformedKitError: it is none.
    """
    if value is None:
        return None
    found = _SHAPES.members(value, "index", "body", "proof")
    return Entry(
        index=_SHAPES.whole(found["index"]),
        body=_SHAPES.octets(found["body"]),
        proof=_SHAPES.items(found["proof"], _SHAPES.hash, most=MAX_PROOF_HASHES),
    )
