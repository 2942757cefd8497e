"""Revocation promises: signed by the service, that a certain leaf will be in the log in time.

A person who withdrew keeps one. A leaf that is not in the log after its time, beside the promise,
proves to anybody that the withdrawal was suppressed.

note = sign_promise(promise, NoteSigner("cameo.example/log/promises", seed))
promise = open_promise(note, vkey)
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Final

from provenance.log.encoding import from_base64, from_decimal, to_base64
from provenance.log.errors import MalformedPromise, WrongOrigin
from provenance.log.merkle import HASH_BYTES
from provenance.log.notes import NoteSigner, VerifierKey, verify

HEADER: Final = "cameo-revocation-promise/v1"
MAX_WITHIN: Final = timedelta(days=7)

_NAME_ENDING: Final = "/promises"
_TIME_FORMAT: Final = "%Y-%m-%dT%H:%M:%SZ"


@dataclass(frozen=True, kw_only=True, slots=True)
class Promise:
    """That a leaf will be in a log.

    Raises:
        MalformedPromise: If a field is out of its range.
    """

    origin: str
    """The log's name; not empty, one line."""
    leaf_hash: bytes
    """32 bytes, see `provenance.log.merkle.leaf_hash`."""
    at: datetime
    """When it was given; whole seconds."""
    within: timedelta
    """How long the log may take; whole seconds, 1 second to 7 days."""

    def __post_init__(self) -> None:
        if not self.origin or "\n" in self.origin or len(self.leaf_hash) != HASH_BYTES:
            raise MalformedPromise("origin or leaf")
        if self.at.utcoffset() is None or self.at.microsecond:
            raise MalformedPromise("at")
        whole = not self.within % timedelta(seconds=1)
        if not whole or not timedelta(0) < self.within <= MAX_WITHIN:
            raise MalformedPromise("within")

    @property
    def due(self) -> datetime:
        """When the leaf must be in the log at the latest."""
        return self.at + self.within

    def to_text(self) -> str:
        """The text that is signed, ending with a newline."""
        lines = (
            HEADER,
            self.origin,
            to_base64(self.leaf_hash),
            self.at.astimezone(UTC).strftime(_TIME_FORMAT),
            str(int(self.within.total_seconds())),
        )
        return "\n".join(lines) + "\n"

    @classmethod
    def from_text(cls, text: str) -> Promise:
        """The promise of which `text` is the text.

        Raises:
            MalformedPromise: If it is none, or not spelled in the one way.
        """
        lines = text.split("\n")
        if len(lines) != 6 or lines[0] != HEADER:
            raise MalformedPromise("lines")
        leaf, seconds = from_base64(lines[2]), from_decimal(lines[4])
        if leaf is None or seconds is None:
            raise MalformedPromise("leaf or within")
        try:
            at = datetime.strptime(lines[3], _TIME_FORMAT).replace(tzinfo=UTC)
            within = timedelta(seconds=seconds)
        except (ValueError, OverflowError) as cause:
            raise MalformedPromise("at or within") from cause
        promise = cls(origin=lines[1], leaf_hash=leaf, at=at, within=within)
        if promise.to_text() != text:
            raise MalformedPromise("not spelled in the one way")
        return promise


def promise_key_name(origin: str) -> str:
    """The name of the key that signs a log's promises: never the log's own."""
    return origin + _NAME_ENDING


def sign_promise(promise: Promise, signer: NoteSigner) -> str:
    """The promise as a signed note.

    Raises:
        WrongOrigin: If the signer does not sign the promises of this log.
    """
    if signer.name != promise_key_name(promise.origin):
        raise WrongOrigin(promise.origin)
    return signer.sign(promise.to_text())


def open_promise(note: str, vkey: str) -> Promise:
    """The promise in a note that the service's promise key signed.

    Raises:
        MalformedNote: If it is no signed note.
        BadNoteSignature: If the key did not sign it.
        MalformedPromise: If what was signed is no promise.
        WrongOrigin: If it is about another log than the key's.
    """
    promise = Promise.from_text(verify(note, vkey))
    if promise_key_name(promise.origin) != VerifierKey.parse(vkey).name:
        raise WrongOrigin(promise.origin)
    return promise
