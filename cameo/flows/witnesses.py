"""Shows every new head of the log to its witnesses, and keeps what they sign.

Nothing waits for a witness: a clip is released and served under the log's own signature, and the
cosigned head follows. A witness that does not answer is asked again, later each time.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Final, Protocol

from cameo.flows.errors import FlowError, WitnessConflictError, WitnessRefusedError
from cameo.flows.ledger import Ledger
from cameo.store.database import Database
from cameo.store.records import CheckpointRecord
from provenance.log.cosignature import verify_cosignature
from provenance.log.encoding import from_decimal
from provenance.log.errors import LogError
from provenance.log.notes import COSIGNATURE, VerifierKey, signature_lines, split
from provenance.log.witness import SIZE_TYPE, Answer, build_request

_LOCK: Final = "log:witnesses"
_FIRST_PAUSE: Final = 2.0
_LONGEST_PAUSE: Final = 300.0


class WitnessPort(Protocol):
    """Carries a request to a witness."""

    def add_checkpoint(self, url: str, body: str) -> Answer:
        """POST to ``url/add-checkpoint``, in bounded time and with a bounded answer.

        Raises:
            WitnessUnreachableError: nothing answered, or too late, or too much.
        """
        ...


@dataclass(frozen=True, kw_only=True, slots=True)
class KnownWitness:
    """A witness that this log shows its heads to."""

    url: str
    """Its submission prefix."""
    vkey: str
    """Its verifier key, of signature type 0x04.

    Raises:
        MalformedKey: It is none.
    """

    def __post_init__(self) -> None:
        VerifierKey.parse(self.vkey, COSIGNATURE)

    @property
    def name(self) -> str:
        """The witness's name."""
        return VerifierKey.parse(self.vkey, COSIGNATURE).name


@dataclass(frozen=True, kw_only=True, slots=True)
class Submission:
    """What came of showing a head to a witness."""

    witness: str
    size: int
    error: FlowError | None
    """None where it cosigned."""


@dataclass(slots=True)
class _Course:
    """How it stands with one witness, in this process; a restart begins anew and loses nothing."""

    size: int = 0
    """The tree that it last cosigned, as far as known: it says so itself where that is wrong."""
    pause: float = 0.0
    not_before: float = 0.0


@dataclass(frozen=True, kw_only=True, slots=True)
class Witnesses:
    """The log's witnesses."""

    db: Database
    ledger: Ledger
    port: WitnessPort
    known: tuple[KnownWitness, ...]
    clock: Callable[[], float] = time.monotonic
    """Seconds that never go back; only pauses between attempts are measured with it."""
    _courses: dict[str, _Course] = field(default_factory=dict)

    def submit(self) -> tuple[Submission, ...]:
        """Show the newest head to every witness that has not cosigned it and is not left alone.

        Returns:
            What came of it; nothing for witnesses that needed no showing.
        """
        head = self.ledger.head() if self.known else None
        if head is None:
            return ()
        return tuple(
            self._show(witness, head) for witness in self.known if self._is_due(witness, head)
        )

    def _is_due(self, witness: KnownWitness, head: CheckpointRecord) -> bool:
        course = self._courses.setdefault(witness.vkey, _Course())
        return self.clock() >= course.not_before and not _has_cosigned(head, witness)

    def _show(self, witness: KnownWitness, head: CheckpointRecord) -> Submission:
        course = self._courses[witness.vkey]
        try:
            lines = self._ask(witness, head, course)
            self._keep(head.size, witness, lines)
        except FlowError as error:
            course.pause = min(max(_FIRST_PAUSE, course.pause * 2), _LONGEST_PAUSE)
            course.not_before = self.clock() + course.pause
            return Submission(witness=witness.name, size=head.size, error=error)
        course.size, course.pause = head.size, 0.0
        return Submission(witness=witness.name, size=head.size, error=None)

    def _ask(self, witness: KnownWitness, head: CheckpointRecord, course: _Course) -> str:
        old = min(course.size, head.size)
        answer = self._post(witness, head, old)
        stated = _stated_size(answer)
        if stated is not None and stated != old:
            course.size = stated
            if stated > head.size:
                raise WitnessRefusedError(f"{witness.name} has seen a later head of size {stated}")
            old, answer = stated, self._post(witness, head, stated)
        if _stated_size(answer) == old:
            raise WitnessConflictError(f"{witness.name} at size {old}")
        if answer.status != 200:
            raise WitnessRefusedError(f"{witness.name} answered {answer.status}")
        return _cosignatures(head, answer, witness)

    def _post(self, witness: KnownWitness, head: CheckpointRecord, old: int) -> Answer:
        with self.db.reading() as tx:
            hashes = self.ledger.consistency(tx, old, head.size)
        return self.port.add_checkpoint(witness.url, build_request(old, hashes, head.note))

    def _keep(self, size: int, witness: KnownWitness, lines: str) -> None:
        with self.db.transaction(exclusive=[_LOCK]) as tx:
            head = tx.log.checkpoint_of(size)
            if head is not None and not _has_cosigned(head, witness):
                tx.log.cosign(size, (head.cosigned or head.note) + lines)


def _has_cosigned(head: CheckpointRecord, witness: KnownWitness) -> bool:
    if head.cosigned is None:
        return False
    key = VerifierKey.parse(witness.vkey, COSIGNATURE)
    return any(key.made(signature) for signature in split(head.cosigned)[1])


def _stated_size(answer: Answer) -> int | None:
    """The size that a witness cosigned last, where it answered that it is another one."""
    if answer.status != 409 or answer.content_type.partition(";")[0].strip() != SIZE_TYPE:
        return None
    return from_decimal(answer.body.removesuffix("\n"))


def _cosignatures(head: CheckpointRecord, answer: Answer, witness: KnownWitness) -> str:
    """The lines of this witness, checked; what else it answered is not taken over.

    Raises:
        WitnessRefusedError: they are not what a witness answers.
    """
    key = VerifierKey.parse(witness.vkey, COSIGNATURE)
    try:
        lines = [key.line(s.data) for s in signature_lines(answer.body) if key.made(s)]
        verify_cosignature(head.note + "".join(lines[:1]), witness.vkey)
    except LogError as cause:
        raise WitnessRefusedError(f"{witness.name}: {cause}") from cause
    return lines[0]
