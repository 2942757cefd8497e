"""Witnesses as processes of their own, and a log that is honest with them, or is not."""

from __future__ import annotations

import contextlib
import os
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from cameo.flows.errors import (
    WitnessConflictError,
    WitnessRefusedError,
    WitnessUnreachableError,
)
from cameo.flows.ledger import Ledger
from cameo.flows.witnesses import KnownWitness, Witnesses
from cameo.store.database import Database
from cameo.wiring.home import migrate
from cameo.wiring.witness_client import HttpWitnesses
from provenance.log.checkpoint import open_checkpoint, verify_tlog_proof
from provenance.log.cosignature import Cosigner, verify_cosignature
from provenance.log.errors import BadNoteSignature, MalformedKey
from provenance.log.notes import NoteSigner, split
from provenance.log.witness import MAX_REQUEST_BYTES, SIZE_TYPE, Answer, build_request

SIGNER = NoteSigner("test.example/log", bytes(range(32)))
COSIGNER = Cosigner("witness.example/w1", bytes(range(1, 33)))


class Process:
    """`cameo log witness`; killed and started again over the same folder and port."""

    def __init__(
        self, folder: Path, name: str = "witness.example/w1", log: str = SIGNER.vkey
    ) -> None:
        self.folder, self.name, self.log = folder, name, log
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self.port = probe.getsockname()[1]
        self.url = f"http://127.0.0.1:{self.port}"
        self.vkey = ""
        self._process: subprocess.Popen[str] | None = None

    def start(self) -> None:
        command = [sys.executable, "-m", "cameo.cli", "log", "witness"]
        options = ["--state", str(self.folder), "--name", self.name, "--log", self.log]
        self._process = subprocess.Popen(
            [*command, *options, "--listen", f"127.0.0.1:{self.port}"],
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
            env={**os.environ, "CAMEO_HOME": str(self.folder / "no-home")},
        )
        assert self._process.stdout is not None
        lines = [self._process.stdout.readline().split() for _ in range(2)]
        assert [line[0] for line in lines] == ["key", "listening"]
        assert lines[1][1] == self.url
        assert self.vkey in ("", lines[0][1])
        self.vkey = lines[0][1]

    def end(self, how: int = signal.SIGKILL) -> int:
        assert self._process is not None
        self._process.send_signal(how)
        code = self._process.wait(timeout=30)
        assert self._process.stdout is not None
        self._process.stdout.close()
        self._process = None
        return code

    @property
    def runs(self) -> bool:
        return self._process is not None

    def seen(self) -> int:
        """The size that it cosigned last, as it says itself."""
        note = SIGNER.sign(f"{SIGNER.name}\n{10**9}\n{'A' * 43}=\n")
        answer = httpx.post(f"{self.url}/add-checkpoint", content=build_request(10**9, [], note))
        assert answer.status_code == 409
        assert answer.headers["content-type"] == SIZE_TYPE
        return int(answer.text)


@pytest.fixture
def witness(tmp_path: Path) -> Iterator[Process]:
    process = Process(tmp_path / "witness")
    process.start()
    yield process
    if process.runs:
        process.end()


@pytest.fixture
def ledger(tmp_path: Path) -> Iterator[Ledger]:
    yield from opened(tmp_path / "cameo.db")


@pytest.fixture
def other_ledger(tmp_path: Path) -> Iterator[Ledger]:
    """The other view of a dishonest operator: another database under the same key."""
    yield from opened(tmp_path / "other.db")


def opened(path: Path) -> Iterator[Ledger]:
    url = f"sqlite:///{path}"
    migrate(url)
    db = Database(url)
    yield Ledger(db=db, signer=SIGNER)
    db.close()


def grow(ledger: Ledger, count: int = 1, *, bodies: list[bytes] | None = None) -> int:
    with ledger.db.transaction() as tx:
        for body in bodies or []:
            tx.log.append(body=body, kind="stamp", ref="x", opening=b"")
        for _ in range(0 if bodies else count):
            ledger.record(tx, kind="stamp", ref="x", private={}, at=tx.now())
    return ledger.sequence()


class Clock:
    """Seconds that pass when they are told to."""

    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


HTTP: list[HttpWitnesses] = []


@pytest.fixture(autouse=True)
def _http() -> Iterator[None]:
    HTTP.append(HttpWitnesses())
    yield
    HTTP.pop().close()


def witnesses(ledger: Ledger, *known: tuple[str, str], port=None, clock=None) -> Witnesses:
    return Witnesses(
        db=ledger.db,
        ledger=ledger,
        port=port or HTTP[-1],
        known=tuple(KnownWitness(url=url, vkey=vkey) for url, vkey in known),
        clock=clock or Clock(),
    )


def sizes(submissions) -> list[int]:
    assert [each.error for each in submissions] == [None] * len(submissions)
    return [each.size for each in submissions]


def test_a_growing_log_is_cosigned_by_another_process(database: Database, witness: Process):
    ledger = Ledger(db=database, signer=SIGNER)
    shown = witnesses(ledger, (witness.url, witness.vkey))
    assert shown.submit() == ()
    for count in (1, 4, 300):
        size = grow(ledger, count)
        assert sizes(shown.submit()) == [size]
        assert shown.submit() == ()
        head = ledger.head()
        assert head is not None
        assert head.cosigned is not None
        seen = verify_cosignature(head.cosigned, witness.vkey)
        assert seen.checkpoint == open_checkpoint(head.cosigned, ledger.vkey)
    assert witness.seen() == size


def test_proofs_carry_the_cosignature(ledger: Ledger, witness: Process):
    grow(ledger)
    witnesses(ledger, (witness.url, witness.vkey)).submit()
    with ledger.db.reading() as tx:
        proof = ledger.prove(tx, kind="stamp", ref="x")
    assert proof is not None
    verify_cosignature(proof.text.split("\n\n", 1)[1], witness.vkey)
    assert verify_tlog_proof(proof.body, proof.text, ledger.vkey)[0] == 0


def test_another_process_of_the_service_goes_on_where_the_witness_is(
    ledger: Ledger, witness: Process
):
    grow(ledger, 3)
    witnesses(ledger, (witness.url, witness.vkey)).submit()
    grow(ledger, 3)
    assert sizes(witnesses(ledger, (witness.url, witness.vkey)).submit()) == [6]


def test_several_witnesses_sign_one_note(ledger: Ledger, witness: Process, tmp_path: Path):
    second = Process(tmp_path / "second", "witness.example/w2")
    second.start()
    try:
        grow(ledger, 2)
        shown = witnesses(ledger, (witness.url, witness.vkey), (second.url, second.vkey))
        assert sizes(shown.submit()) == [2, 2]
    finally:
        second.end()
    head = ledger.head()
    assert head is not None
    assert head.cosigned is not None
    for vkey in (witness.vkey, second.vkey):
        verify_cosignature(head.cosigned, vkey)
    assert len(split(head.cosigned)[1]) == 3


@pytest.mark.parametrize("more", [0, 3])
def test_a_second_view_is_refused_by_the_process(
    ledger: Ledger, other_ledger: Ledger, witness: Process, more: int
):
    known = (witness.url, witness.vkey)
    grow(ledger, 2)
    witnesses(ledger, known).submit()
    grow(other_ledger, 2 + more)
    (refused,) = witnesses(other_ledger, known).submit()
    assert type(refused.error) is (WitnessRefusedError if more else WitnessConflictError)
    head = other_ledger.head()
    assert head is not None
    assert head.cosigned is None
    # The honest view goes on.
    grow(ledger)
    assert sizes(witnesses(ledger, known).submit()) == [3]


def test_a_witness_that_was_killed_remembers(
    ledger: Ledger, other_ledger: Ledger, witness: Process
):
    known = (witness.url, witness.vkey)
    grow(ledger, 5)
    witnesses(ledger, known).submit()
    witness.end(signal.SIGKILL)
    witness.start()
    assert witness.seen() == 5
    grow(other_ledger, 9)
    (refused,) = witnesses(other_ledger, known).submit()
    assert isinstance(refused.error, WitnessRefusedError)
    assert witness.end(signal.SIGTERM) == 0


def test_no_cosignature_left_before_its_head_was_kept(ledger: Ledger, witness: Process):
    """Killed under load, the witness still knows every head that it answered for."""
    for _ in range(3):
        shown = witnesses(ledger, (witness.url, witness.vkey))
        answered = []

        def hammer(shown=shown, answered=answered) -> None:
            while True:
                grow(ledger)
                (came,) = shown.submit()
                if came.error is not None:
                    return
                answered.append(came.size)

        thread = threading.Thread(target=hammer)
        thread.start()
        while len(answered) < 5:
            assert thread.is_alive()
        witness.end(signal.SIGKILL)
        thread.join()
        witness.start()
        assert witness.seen() >= answered[-1]


def test_a_witness_that_is_away_is_asked_again_later_each_time(ledger: Ledger, witness: Process):
    clock = Clock()
    shown = witnesses(ledger, (witness.url, witness.vkey), clock=clock)
    grow(ledger)
    witness.end()
    pauses = []
    for _ in range(12):
        (came,) = shown.submit()
        assert isinstance(came.error, WitnessUnreachableError)
        begin = clock.now
        while not shown._is_due(shown.known[0], ledger.head()):  # type: ignore[arg-type]
            assert shown.submit() == ()
            clock.now += 1
        pauses.append(clock.now - begin)
    assert pauses[:4] == [2, 4, 8, 16]
    assert max(pauses) == pauses[-1] == 300
    witness.start()
    assert sizes(shown.submit()) == [1]
    grow(ledger)
    assert sizes(shown.submit()) == [2]


class Fake:
    """Answers what it is told to."""

    def __init__(self, *answers: Answer) -> None:
        self.answers = list(answers)
        self.bodies: list[str] = []

    def add_checkpoint(self, url: str, body: str) -> Answer:
        self.bodies.append(body)
        return self.answers.pop(0)


def conflict(size: object) -> Answer:
    return Answer(status=409, body=f"{size}\n", content_type=SIZE_TYPE)


def cosignature(ledger: Ledger, cosigner: Cosigner = COSIGNER) -> str:
    head = ledger.head()
    assert head is not None
    return cosigner.cosign(open_checkpoint(head.note, ledger.vkey).to_text(), 5)


def submit(ledger: Ledger, port: Fake):
    (came,) = witnesses(ledger, ("http://w", COSIGNER.vkey), port=port).submit()
    head = ledger.head()
    assert head is not None
    assert (head.cosigned is None) is (came.error is not None)
    return came.error


def test_the_size_that_the_witness_says_is_where_it_is_led_on(ledger: Ledger):
    grow(ledger, 7)
    port = Fake(conflict(3), Answer(status=200, body=cosignature(ledger)))
    assert submit(ledger, port) is None
    assert [body.split("\n")[0] for body in port.bodies] == ["old 0", "old 3"]


@pytest.mark.parametrize(
    ("fault", "answers", "error"),
    [
        ("same_size_twice", [conflict(0)], WitnessConflictError),
        ("same_size_as_ours", [conflict(7), conflict(7)], WitnessConflictError),
        ("it_moves_about", [conflict(3), conflict(4)], WitnessRefusedError),
        ("it_is_ahead", [conflict(8)], WitnessRefusedError),
        ("no_size", [conflict("x")], WitnessRefusedError),
        ("size_of_another_type", [Answer(status=409, body="3\n")], WitnessRefusedError),
        ("unknown_log", [Answer(status=404)], WitnessRefusedError),
        ("bad_proof", [Answer(status=422)], WitnessRefusedError),
        ("empty", [Answer(status=200)], WitnessRefusedError),
        ("nonsense", [Answer(status=200, body="well done\n")], WitnessRefusedError),
        ("a_page", [Answer(status=200, body="<html>\n\n</html>")], WitnessRefusedError),
    ],
)
def test_answers_that_are_no_cosignature(
    ledger: Ledger, fault: str, answers: list[Answer], error: type[Exception]
):
    grow(ledger, 7)
    assert type(submit(ledger, Fake(*answers))) is error


def test_a_cosignature_of_somebody_else_or_of_something_else_is_not_kept(ledger: Ledger):
    grow(ledger, 7)
    other = cosignature(ledger, Cosigner("witness.example/w1", b"o" * 32))
    old = cosignature(ledger)
    grow(ledger)
    for line in (other, old):
        error = submit(ledger, Fake(Answer(status=200, body=line)))
        assert isinstance(error, WitnessRefusedError)
    both = other + cosignature(ledger)
    assert submit(ledger, Fake(Answer(status=200, body=both))) is None
    head = ledger.head()
    assert head is not None
    assert head.cosigned == head.note + cosignature(ledger)


def test_a_witness_needs_a_key_of_its_own_kind(ledger: Ledger):
    with pytest.raises(MalformedKey):
        witnesses(ledger, ("http://w", SIGNER.vkey))


def test_the_process_answers_as_the_protocol_says(ledger: Ledger, witness: Process):
    grow(ledger, 2)
    head = ledger.head()
    assert head is not None
    good = build_request(0, [], head.note).encode()
    with httpx.Client(base_url=witness.url) as client:
        assert client.post("/other", content=good).status_code == 404
        assert client.get("/add-checkpoint").status_code == 405
        assert client.post("/add-checkpoint", content=b"nonsense").status_code == 400
        large = b"x" * (MAX_REQUEST_BYTES + 1)
        assert client.post("/add-checkpoint", content=large).status_code == 413
        assert client.post("/add-checkpoint", content=iter([good])).status_code == 411
        unknown = good.replace(b"test.example", b"west.example")
        assert client.post("/add-checkpoint", content=unknown).status_code == 404
        forged = NoteSigner(SIGNER.name, b"f" * 32).sign(head.note.split("\n\n")[0] + "\n")
        forged_request = build_request(0, [], forged).encode()
        assert client.post("/add-checkpoint", content=forged_request).status_code == 403
        # One connection serves several requests (the protocol asks witnesses for it).
        for _ in range(2):
            answer = client.post("/add-checkpoint", content=build_request(0, [], head.note))
            assert answer.status_code in (200, 409)
        assert answer.text == "2\n"
    with pytest.raises(BadNoteSignature):
        verify_cosignature(head.note, witness.vkey)


def test_connections_that_say_nothing_do_not_keep_the_others_waiting(
    ledger: Ledger, witness: Process
):
    silent = [socket.create_connection(("127.0.0.1", witness.port)) for _ in range(20)]
    try:
        grow(ledger)
        assert sizes(witnesses(ledger, (witness.url, witness.vkey)).submit()) == [1]
    finally:
        for connection in silent:
            connection.close()


@pytest.fixture
def in_thread(tmp_path: Path, monkeypatch) -> Iterator[tuple[str, int]]:
    """A server in this process, whose bounds the test can make small."""
    from cameo.wiring import witness_server
    from provenance.log.witness import Witness
    from provenance.log.witness_folder import open_folder

    monkeypatch.setattr(witness_server, "_CONNECTION_S", 1.0)
    monkeypatch.setattr(witness_server, "_MOST_AT_ONCE", 2)
    with open_folder(tmp_path / "in-thread") as folder:
        known = Witness(folder.cosigner, {SIGNER.name: SIGNER.vkey}, folder)
        server = witness_server.WitnessServer(known, ("127.0.0.1", 0))
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield server.server_address[:2]
        server.shutdown()
        thread.join()
        server.server_close()


def test_a_connection_that_drips_is_ended(in_thread: tuple[str, int]):
    with socket.create_connection(in_thread) as dripping:
        dripping.settimeout(0.05)
        begin = b"POST /add-checkpoint HTTP/1.1\r\nContent-Length: 200000\r\n\r\n"
        dripping.sendall(begin)
        for _ in range(1000):
            # A byte now and then, so that no single wait is long.
            try:
                dripping.sendall(b"x")
                if dripping.recv(1) == b"":
                    return
            except TimeoutError:
                continue
            except ConnectionError:
                return
    raise AssertionError("the connection was never ended")


def test_connections_beyond_the_bound_are_closed(in_thread: tuple[str, int]):
    with (
        socket.create_connection(in_thread),
        socket.create_connection(in_thread),
        socket.create_connection(in_thread) as third,
    ):
        third.settimeout(30)
        with contextlib.suppress(ConnectionError):
            assert third.recv(1) == b""
    # The places are free again once their holders are gone.
    deadline = time.monotonic() + 30
    while True:
        assert time.monotonic() < deadline
        try:
            answer = httpx.get(f"http://{in_thread[0]}:{in_thread[1]}/add-checkpoint")
        except httpx.TransportError:
            continue
        assert answer.status_code == 405
        return


def test_two_processes_cannot_share_a_memory(witness: Process):
    command = [sys.executable, "-m", "cameo.cli", "log", "witness"]
    done = subprocess.run(
        [*command, "--state", str(witness.folder), "--log", SIGNER.vkey],
        check=False,
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert (done.returncode, done.stdout) == (1, "")
    assert "log.malformed_state" in done.stderr
