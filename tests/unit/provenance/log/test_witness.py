from __future__ import annotations

import contextlib
import threading

import pytest

from provenance.log.cosignature import Cosigner, verify_cosignature
from provenance.log.errors import MalformedKey, MalformedRequest, MalformedState
from provenance.log.notes import NoteSigner
from provenance.log.witness import (
    MAX_REQUEST_BYTES,
    SIZE_TYPE,
    Witness,
    build_request,
    parse_request,
)

COSIGNER = Cosigner("witness.example/w1", b"w" * 32)
TIME = 1_679_315_147


class Memory:
    """Keeps heads, and what happened in which order."""

    def __init__(self) -> None:
        self.heads: dict[str, str] = {}

    def load(self, origin: str) -> str | None:
        return self.heads.get(origin)

    def store(self, origin: str, note: str) -> None:
        self.heads[origin] = note


@pytest.fixture
def memory() -> Memory:
    return Memory()


@pytest.fixture
def witness(shown, memory) -> Witness:
    return Witness(COSIGNER, {shown.signer.name: shown.vkey}, memory)


def request(log, old, *, hashes=None, note=None) -> bytes:
    proof = log.proof(old, log.size) if hashes is None else hashes
    return build_request(old, proof, note or log.checkpoint()).encode()


def size_said(answer) -> int:
    assert answer.content_type == SIZE_TYPE
    assert answer.body.endswith("\n")
    return int(answer.body)


def test_a_growing_log_is_cosigned(shown, witness):
    old = 0
    for count in (1, 1, 5, 300):
        shown.fill(count)
        answer = witness.add_checkpoint(request(shown, old), TIME)
        assert answer.status == 200
        seen = verify_cosignature(shown.checkpoint() + answer.body, COSIGNER.vkey)
        assert (seen.checkpoint.size, seen.timestamp) == (shown.size, TIME)
        old = shown.size


def test_the_same_head_again_is_cosigned_again(shown, witness):
    shown.fill(3)
    witness.add_checkpoint(request(shown, 0), TIME)
    answer = witness.add_checkpoint(request(shown, 3), TIME + 9)
    assert answer.status == 200
    assert verify_cosignature(shown.checkpoint() + answer.body, COSIGNER.vkey).timestamp == TIME + 9


def test_another_old_size_is_a_conflict_that_says_the_right_one(shown, witness):
    shown.fill(3)
    assert witness.add_checkpoint(request(shown, 0), TIME).status == 200
    shown.fill(2)
    for wrong in (0, 2, 4, 5):
        answer = witness.add_checkpoint(request(shown, wrong), TIME)
        assert (answer.status, size_said(answer)) == (409, 3)
    assert witness.add_checkpoint(request(shown, 3), TIME).status == 200


def test_a_log_that_was_never_seen_has_size_zero(shown, witness):
    shown.fill(3)
    answer = witness.add_checkpoint(request(shown, 2), TIME)
    assert (answer.status, size_said(answer)) == (409, 0)


def test_another_tree_of_the_same_size_is_a_conflict(shown, witness, memory):
    shown.fill(2)
    fork = shown.fork(1)
    fork.add_body(b"another second entry")
    assert witness.add_checkpoint(request(shown, 0), TIME).status == 200
    kept = dict(memory.heads)
    answer = witness.add_checkpoint(request(fork, 2, hashes=[]), TIME)
    assert (answer.status, size_said(answer)) == (409, 2)
    assert memory.heads == kept


def test_a_second_view_is_never_cosigned(shown, witness, memory):
    shown.fill(5)
    fork = shown.fork(4)
    fork.fill(3)
    assert witness.add_checkpoint(request(shown, 0), TIME).status == 200
    kept = dict(memory.heads)
    answer = witness.add_checkpoint(request(fork, 5), TIME)
    assert answer.status == 422
    assert "—" not in answer.body
    assert memory.heads == kept


def test_a_proof_that_does_not_hold(shown, witness):
    shown.fill(5)
    assert witness.add_checkpoint(request(shown, 0), TIME).status == 200
    shown.fill(4)
    good = shown.proof(5, 9)
    for hashes in ([], good[:-1], [*good, good[0]], [b"x" * 32, *good[1:]]):
        assert witness.add_checkpoint(request(shown, 5, hashes=hashes), TIME).status == 422
    assert witness.add_checkpoint(request(shown, 5), TIME).status == 200


def test_from_nothing_the_proof_must_be_empty(shown, witness):
    shown.fill(2)
    hashes = [b"x" * 32]
    assert witness.add_checkpoint(request(shown, 0, hashes=hashes), TIME).status == 422


def test_unknown_log(witness):
    from tests.unit.provenance.log.conftest import ShownLog

    other = ShownLog(origin="other.example/log")
    other.fill(1)
    assert witness.add_checkpoint(request(other, 0), TIME).status == 404


def test_a_head_that_the_log_did_not_sign(shown, witness, memory):
    shown.fill(1)
    forger = NoteSigner(shown.signer.name, b"f" * 32)
    text = shown.checkpoint().rsplit("\n\n", 1)[0] + "\n"
    forged = forger.sign(text)
    spoiled = shown.checkpoint().replace("\n1\n", "\n2\n")
    for note in (forged, spoiled):
        assert witness.add_checkpoint(request(shown, 0, hashes=[], note=note), TIME).status == 403
    assert memory.heads == {}
    both = shown.checkpoint() + forged.rsplit("\n\n", 1)[1]
    assert witness.add_checkpoint(request(shown, 0, note=both), TIME).status == 200
    assert memory.heads == {shown.signer.name: shown.checkpoint()}


def test_an_old_size_above_the_new_one(shown, witness):
    shown.fill(3)
    assert witness.add_checkpoint(request(shown, 4, hashes=[]), TIME).status == 400


@pytest.mark.parametrize(
    ("fault", "change"),
    [
        ("empty", lambda _: b""),
        ("no_old_line", lambda body: body.partition(b"\n")[2]),
        ("old_with_zero", lambda body: body.replace(b"old 0", b"old 00")),
        ("old_negative", lambda body: body.replace(b"old 0", b"old -1")),
        ("old_of_other_digits", lambda body: body.replace(b"old 0", "old ٠".encode())),
        ("old_twice_blank", lambda body: body.replace(b"old 0", b"old  0")),
        ("no_blank_line", lambda body: body.replace(b"old 0\n\n", b"old 0\n")),
        ("hash_not_base64", lambda body: body.replace(b"old 0\n", b"old 0\n!!\n")),
        ("hash_too_short", lambda body: body.replace(b"old 0\n", b"old 0\nAAAA\n")),
        ("hashes_64", lambda body: body.replace(b"old 0\n", b"old 0\n" + b"A" * 43 + b"=\n") * 64),
        ("not_utf8", lambda body: body.replace(b"old 0", b"old \xff")),
        ("no_signature", lambda body: body.rpartition(b"\n\n")[0] + b"\n"),
        ("carriage_returns", lambda body: body.replace(b"\n", b"\r\n")),
        ("no_checkpoint", lambda body: body.replace(b"\n1\n", b"\none\n")),
        ("too_large", lambda body: body + b"x" * MAX_REQUEST_BYTES),
    ],
)
def test_malformed_requests(shown, witness, memory, fault, change):
    shown.fill(1)
    body = request(shown, 0)
    assert change(body) != body
    assert witness.add_checkpoint(change(body), TIME).status == 400
    assert memory.heads == {}


def test_requests_survive_their_bytes(shown):
    shown.fill(300)
    hashes = shown.proof(77, 300)
    read = parse_request(build_request(77, hashes, shown.checkpoint()).encode())
    assert (read.old_size, list(read.hashes), read.note) == (77, hashes, shown.checkpoint())
    with pytest.raises(MalformedRequest):
        parse_request(build_request(1, hashes * 64, shown.checkpoint()).encode())


def test_nothing_is_cosigned_where_the_state_cannot_be_kept(shown, memory):
    signed = []

    class Telltale(Cosigner):
        def cosign(self, text, timestamp):
            signed.append(dict(memory.heads))
            return super().cosign(text, timestamp)

    witness = Witness(Telltale("w", b"w" * 32), {shown.signer.name: shown.vkey}, memory)
    shown.fill(1)

    def full(origin, note):
        raise OSError("no space left")

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(memory, "store", full)
        with pytest.raises(OSError, match="space"):
            witness.add_checkpoint(request(shown, 0), TIME)
    assert signed == []
    assert witness.add_checkpoint(request(shown, 0), TIME).status == 200
    # The head was kept before the signature was made.
    assert signed == [{shown.signer.name: shown.checkpoint()}]


def test_a_state_that_is_not_the_log_s_is_not_built_upon(shown, witness, memory):
    shown.fill(1)
    memory.heads[shown.signer.name] = "damaged"
    with pytest.raises(MalformedState):
        witness.add_checkpoint(request(shown, 1), TIME)


def test_two_views_at_the_same_moment_get_one_cosignature(shown):
    """Both requests read the state before either keeps its own, unless it is one step."""
    ready = threading.Barrier(2, timeout=0.5)

    class Slow(Memory):
        def load(self, origin):
            found = super().load(origin)
            with contextlib.suppress(threading.BrokenBarrierError):
                ready.wait()
            return found

    witness = Witness(COSIGNER, {shown.signer.name: shown.vkey}, Slow())
    shown.fill(1)
    fork = shown.fork(1)
    shown.add_body(b"one way")
    fork.add_body(b"the other way")
    statuses = []

    def ask(log):
        statuses.append(witness.add_checkpoint(request(log, 0), TIME).status)

    threads = [threading.Thread(target=ask, args=[log]) for log in (shown, fork)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(statuses) == [200, 409]


def test_the_key_of_another_log_is_refused(shown, memory):
    with pytest.raises(MalformedKey):
        Witness(COSIGNER, {"other.example/log": shown.vkey}, memory)
