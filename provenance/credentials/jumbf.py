"""The name that a manifest store gives its active manifest, read without the library.

Only the outermost boxes (ISO 19566-5) are looked at: the store's own, and those of its manifests,
of which the last one is the active one.
"""

from __future__ import annotations

import re
import struct
from typing import Final

_HEADER: Final = struct.Struct(">I4s")
_DESCRIPTION: Final = _HEADER.size + 16 + 1
"""Before the label: the description box's header, a UUID and flags."""
_URN: Final = re.compile(r"urn:c2pa:[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}(:[!-~]{1,120})?")


def manifest_id(store: bytes) -> str | None:
    """The id (`urn:c2pa:...`) of the active manifest in a store; None where there is none.

    Args:
        store: The manifest store's bytes; any bytes are allowed.
    """
    label, at = b"", _HEADER.size
    while at + _HEADER.size <= len(store):
        size, kind = _HEADER.unpack_from(store, at)
        if size < _HEADER.size or at + size > len(store):
            return None
        inner = at + _HEADER.size
        if kind == b"jumb" and store[inner + 4 : inner + 8] == b"jumd":
            label = store[inner + _DESCRIPTION : at + size].split(b"\0", 1)[0]
        at += size
    text = label.decode("ascii", "replace")
    return text if _URN.fullmatch(text) else None
