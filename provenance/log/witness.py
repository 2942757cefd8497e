"""A witness (C2SP tlog-witness): cosigns a log's head once it saw that the log only grew.

witness = Witness(cosigner, {origin: log_vkey}, state)
answer = witness.add_checkpoint(body, timestamp)

It must never cosign two views of one log: the head is durably kept before a signature is made.
"""

from __future__ import annotations

import threading
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final, Protocol

from provenance.log.checkpoint import Checkpoint, open_checkpoint, read_hashes
from provenance.log.cosignature import Cosigner
from provenance.log.encoding import from_decimal, to_base64
from provenance.log.errors import (
    BadConsistencyProof,
    BadNoteSignature,
    LogError,
    MalformedKey,
    MalformedRequest,
    MalformedState,
)
from provenance.log.merkle import EMPTY_ROOT, verify_consistency
from provenance.log.notes import VerifierKey, split

MAX_REQUEST_BYTES: Final = 256 * 1024
PLAIN: Final = "text/plain; charset=utf-8"
SIZE_TYPE: Final = "text/x.tlog.size"


class WitnessState(Protocol):
    """Where a witness keeps the last head that it cosigned of each log.

    It is the witness's memory: a state that goes back in time makes it cosign two views.
    """

    def load(self, origin: str) -> str | None:
        """The last note that `store` kept for this log; None where it never kept one.

        Raises for a state that cannot be read: it must not answer None then.
        """
        ...

    def store(self, origin: str, note: str) -> None:
        """Keep a note. When it returns, the note survives a crash of process and machine."""
        ...


@dataclass(frozen=True, kw_only=True, slots=True)
class Request:
    """What a log asks a witness."""

    old_size: int
    hashes: tuple[bytes, ...]
    """The consistency proof from the old size to the checkpoint's."""
    note: str
    """The signed checkpoint."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Answer:
    """What a witness answers, as HTTP says it."""

    status: int
    body: str = ""
    content_type: str = PLAIN


def build_request(old_size: int, hashes: Sequence[bytes], note: str) -> str:
    """The body of an add-checkpoint request."""
    return "\n".join([f"old {old_size}", *map(to_base64, hashes)]) + "\n\n" + note


def parse_request(body: bytes) -> Request:
    """The request of which `body` is the body.

    Raises:
        MalformedRequest: If it is none.
    """
    try:
        text = body.decode("utf-8")
    except UnicodeDecodeError as cause:
        raise MalformedRequest("not UTF-8") from cause
    head, blank, note = text.partition("\n\n")
    first, *lines = head.split("\n")
    old_size = from_decimal(first.removeprefix("old "))
    hashes = read_hashes(lines)
    if not blank or not first.startswith("old ") or old_size is None or hashes is None:
        raise MalformedRequest("old size or hashes")
    return Request(old_size=old_size, hashes=hashes, note=note)


class Witness:
    """Answers logs.

    Args:
        cosigner: The witness's key.
        logs: Origin -> verifier key of every log that it watches.
        state: Its memory; no other witness may use the same one.

    Raises:
        MalformedKey: If a log's key is none, or is not that of its origin.
    """

    def __init__(self, cosigner: Cosigner, logs: Mapping[str, str], state: WitnessState) -> None:
        for origin, vkey in logs.items():
            if VerifierKey.parse(vkey).name != origin:
                raise MalformedKey(f"not the key of {origin}")
        self._cosigner = cosigner
        self._logs = dict(logs)
        self._state = state
        self._one_at_a_time = threading.Lock()

    def add_checkpoint(self, body: bytes, timestamp: int) -> Answer:
        """Judge a submitted checkpoint, keep it and cosign it.

        Args:
            body: The request's body.
            timestamp: The witness's clock, seconds since 1970.

        Returns:
            200 with the cosignature; 400 malformed; 403 not signed by the log; 404 unknown log;
            409 another old size than the last cosigned one (which the body says), or another tree
            of the same size; 422 a proof that does not hold.

        Raises:
            Exception: The state could not be read or kept; nothing was cosigned.
        """
        if len(body) > MAX_REQUEST_BYTES:
            return Answer(status=400, body="too large\n")
        try:
            request = parse_request(body)
            text, _ = split(request.note)
            checkpoint = Checkpoint.from_text(text)
        except LogError as error:
            return Answer(status=400, body=f"{error}\n")
        vkey = self._logs.get(checkpoint.origin)
        if vkey is None:
            return Answer(status=404, body="a log that is not watched here\n")
        try:
            open_checkpoint(request.note, vkey)
        except BadNoteSignature as error:
            return Answer(status=403, body=f"{error}\n")
        if request.old_size > checkpoint.size:
            return Answer(status=400, body="the old size is larger than the checkpoint's\n")
        # Comparing with the last head and keeping the new one is one step: two requests in
        # between each other's could otherwise roll the state back.
        with self._one_at_a_time:
            last = self._last(checkpoint.origin, vkey)
            refusal = _judge(request, checkpoint, last)
            if refusal is not None:
                return refusal
            self._state.store(checkpoint.origin, _with_own_signature(request.note, vkey))
            return Answer(status=200, body=self._cosigner.cosign(text, timestamp))

    def _last(self, origin: str, vkey: str) -> Checkpoint:
        note = self._state.load(origin)
        if note is None:
            return Checkpoint(origin=origin, size=0, root=EMPTY_ROOT)
        try:
            return open_checkpoint(note, vkey)
        except LogError as cause:
            raise MalformedState(origin) from cause


def _judge(request: Request, new: Checkpoint, last: Checkpoint) -> Answer | None:
    conflict = Answer(status=409, body=f"{last.size}\n", content_type=SIZE_TYPE)
    if request.old_size != last.size:
        return conflict
    if new.size == last.size and new.root != last.root:
        return conflict
    try:
        verify_consistency(last.size, new.size, request.hashes, last.root, new.root)
    except BadConsistencyProof as error:
        return Answer(status=422, body=f"{error}\n")
    return None


def _with_own_signature(note: str, vkey: str) -> str:
    """The note with the log's signature alone: what others added is not kept."""
    key = VerifierKey.parse(vkey)
    text, signatures = split(note)
    lines = [key.line(each.data) for each in signatures if key.made(each)]
    return f"{text}\n{lines[0]}"
