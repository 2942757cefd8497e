"""A small, versioned byte form for arrays: JSON head, then raw parts. Nothing in it can execute."""

from __future__ import annotations

import io
import json
import struct
from collections.abc import Mapping
from typing import Any

import numpy as np
import numpy.typing as npt

from cameo.likeness.errors import MalformedTemplateError

_MAGIC = b"CMOL\x01"
_LENGTH = struct.Struct(">I")
_LARGEST = 16 * 1024 * 1024
_LARGEST_HEAD = 64 * 1024


def pack(kind: str, head: Mapping[str, object], parts: Mapping[str, bytes]) -> bytes:
    """Returns magic, length of the head, head, parts in the head's order."""
    table = {
        "kind": kind,
        "head": dict(head),
        "parts": [[name, len(part)] for name, part in parts.items()],
    }
    text = json.dumps(table, sort_keys=True).encode()
    return b"".join([_MAGIC, _LENGTH.pack(len(text)), text, *parts.values()])


def unpack(kind: str, data: bytes) -> tuple[dict[str, Any], dict[str, bytes]]:
    """Reads what `pack` wrote for the same kind.

    Raises:
        MalformedTemplateError: too large, cut, longer than it says, other kind or version.
    """
    start = len(_MAGIC) + _LENGTH.size
    if not start <= len(data) <= _LARGEST or data[: len(_MAGIC)] != _MAGIC:
        raise MalformedTemplateError("unknown beginning or size.")
    (length,) = _LENGTH.unpack_from(data, len(_MAGIC))
    if length > _LARGEST_HEAD or start + length > len(data):
        raise MalformedTemplateError("cut head.")
    try:
        table = json.loads(data[start : start + length])
        same_kind = table["kind"] == kind
        head, sizes = dict(table["head"]), [(str(n), int(s)) for n, s in table["parts"]]
    except (ValueError, KeyError, TypeError, RecursionError) as error:
        raise MalformedTemplateError("unreadable head.") from error
    if not same_kind:
        raise MalformedTemplateError(f"not a {kind}.")
    if any(s < 0 for _, s in sizes) or start + length + sum(s for _, s in sizes) != len(data):
        raise MalformedTemplateError("its length does not fit its head.")
    parts, at = {}, start + length
    for name, size in sizes:
        parts[name] = data[at : at + size]
        at += size
    return head, parts


def array_bytes(array: npt.NDArray[Any]) -> bytes:
    """Returns the array in NumPy's own format, without pickle."""
    stream = io.BytesIO()
    np.save(stream, array, allow_pickle=False)
    return stream.getvalue()


def array_from(data: bytes | None, dims: int) -> npt.NDArray[np.float32]:
    """Reads a finite float32 array of so many dimensions.

    Raises:
        MalformedTemplateError: anything else.
    """
    try:
        array = np.load(io.BytesIO(data or b""), allow_pickle=False)
    except (ValueError, EOFError, OSError) as error:
        raise MalformedTemplateError("unreadable array.") from error
    good = isinstance(array, np.ndarray) and array.dtype == np.float32 and array.ndim == dims
    if not good or array.size == 0 or not np.isfinite(array).all():
        raise MalformedTemplateError("an array has the wrong type, shape or values.")
    return np.asarray(array, dtype=np.float32)
