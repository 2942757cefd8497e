"""`Credentials` as one JSON document, for the pipe between a service and the process that reads.

What comes back was written by a process that had hostile bytes in its hands: decoding demands
exactly the fields and types of the values, and nothing else.
"""

from __future__ import annotations

import base64
import json
from collections.abc import Callable, Mapping
from dataclasses import asdict
from typing import Any, Final, get_args

from provenance.credentials.manifest import ConsentCitation
from provenance.credentials.values import Credentials, OwnStatement, State, Tristate

_Read = Callable[[object], object]


def encode(credentials: Credentials) -> bytes:
    """The document, ASCII; bytes stand in it as base64."""
    return json.dumps(asdict(credentials), default=_base64).encode("ascii")


def decode(document: bytes) -> Credentials:
    """The value of a document.

    Raises:
        ValueError: If it is not exactly what `encode` writes for some value.
    """
    try:
        found = json.loads(document)
    except RecursionError as error:
        raise ValueError("nested too deeply") from error
    return Credentials(**_record(found, _CREDENTIALS))


def _base64(value: object) -> str:
    if not isinstance(value, bytes):
        raise TypeError(f"no JSON for {type(value).__name__}")
    return base64.b64encode(value).decode("ascii")


def _record(value: object, fields: Mapping[str, _Read]) -> dict[str, Any]:
    if not isinstance(value, dict) or value.keys() != fields.keys():
        raise ValueError("not the fields of the value")
    return {name: read(value[name]) for name, read in fields.items()}


def _exactly(kind: type) -> _Read:
    def read(value: object) -> object:
        if type(value) is not kind:  # a bool is an int, and must not pass for one
            raise ValueError(f"not {kind.__name__}")
        return value

    return read


def _one_of(*allowed: str) -> _Read:
    def read(value: object) -> object:
        if not isinstance(value, str) or value not in allowed:
            raise ValueError("not one of the words")
        return value

    return read


def _or_none(inner: _Read) -> _Read:
    return lambda value: None if value is None else inner(value)


def _many(inner: _Read) -> _Read:
    def read(value: object) -> object:
        if not isinstance(value, list):
            raise ValueError("not a list")  # noqa: TRY004 - one error for every malformed answer
        return tuple(inner(item) for item in value)

    return read


def _bytes(value: object) -> bytes:
    if not isinstance(value, str):
        raise ValueError("not base64")  # noqa: TRY004 - one error for every malformed answer
    return base64.b64decode(value, validate=True)


_TEXT: Final = _exactly(str)
_FLAG: Final = _exactly(bool)
_NUMBER: Final = _exactly(int)

_CITATION: Final[Mapping[str, _Read]] = {
    "consent_id": _TEXT,
    "grant_id": _or_none(_TEXT),
    "person_ref": _TEXT,
    "document_sha256": _TEXT,
    "assurance": _NUMBER,
    "simulated": _FLAG,
    "epoch": _NUMBER,
}
_STATEMENT: Final[Mapping[str, _Read]] = {
    "clip_id": _TEXT,
    "action": _TEXT,
    "payload": _TEXT,
    "fingerprint": _bytes,
    "consents": _many(lambda value: ConsentCitation(**_record(value, _CITATION))),
    "ftyp_sha256": _or_none(_TEXT),
    "sound_fingerprint": _or_none(_bytes),
}
_CREDENTIALS: Final[Mapping[str, _Read]] = {
    "present": _FLAG,
    "state": _one_of(*get_args(State)),
    "ours": _FLAG,
    "ours_inside": _FLAG,
    "laundered": _FLAG,
    "expired_only": _FLAG,
    "imitation": _FLAG,
    "bound": _FLAG,
    "codes": _many(_TEXT),
    "statement": _or_none(lambda value: OwnStatement(**_record(value, _STATEMENT))),
    "generator": _or_none(_TEXT),
    "issuer": _or_none(_TEXT),
    "signed_at": _or_none(_TEXT),
    "timestamp": _one_of(*get_args(Tristate)),
    "revocation": _one_of(*get_args(Tristate)),
    "store": _bytes,
    "summary": _many(_TEXT),
}
