from __future__ import annotations

import itertools

import pytest

from provenance.log.checkpoint import open_checkpoint
from provenance.log.errors import BadNoteSignature, LogDiverged, LogError
from provenance.log.memory import MemoryLogStore
from provenance.log.merkle import (
    Frontier,
    consistency_proof,
    inclusion_proof,
    leaf_hash,
    verify_consistency,
    verify_inclusion,
)
from provenance.log.notes import NoteSigner
from provenance.log.sequencer import Sequencer, sequence

SIGNER = NoteSigner("cameo.example/log", b"s" * 32)


class CrashError(Exception):
    pass


def step(store, limit=10, signer=SIGNER):
    with store.transaction():
        return sequence(store, signer, limit)


def naive_root(bodies):
    frontier = Frontier()
    for body in bodies:
        frontier.append(leaf_hash(body))
    return frontier.root()


def test_nothing_pending_signs_nothing():
    store = MemoryLogStore()
    assert step(store) is None
    assert store.notes == []


def test_entries_get_gapless_places_in_their_order():
    store = MemoryLogStore()
    bodies = [f"entry {n}".encode() for n in range(23)]
    for body in bodies:
        store.put(body)
    sizes = [checkpoint.size for checkpoint in iter(lambda: step(store), None)]
    assert sizes == [10, 20, 23]
    assert [e.body for e in store.entries] == bodies
    assert [e.index for e in store.entries] == list(range(23))
    assert [e.leaf_hash for e in store.entries] == [leaf_hash(b) for b in bodies]
    last = open_checkpoint(store.notes[-1], SIGNER.vkey)
    assert last.root == naive_root(bodies)
    assert last.origin == SIGNER.name


def test_every_head_is_consistent_with_the_next_and_proves_its_entries():
    store = MemoryLogStore()
    for n in range(40):
        store.put(str(n).encode())
        step(store, limit=3)
    heads = [open_checkpoint(note, SIGNER.vkey) for note in store.notes]
    for old, new in itertools.pairwise(heads):
        proof = consistency_proof(store.get_node, old.size, new.size)
        verify_consistency(old.size, new.size, proof, old.root, new.root)
    for entry in store.entries:
        proof = inclusion_proof(store.get_node, entry.index, heads[-1].size)
        verify_inclusion(entry.leaf_hash, entry.index, heads[-1].size, proof, heads[-1].root)


def test_equal_entries_are_placed_apart():
    store = MemoryLogStore()
    store.put(b"same")
    store.put(b"same")
    assert step(store).size == 2


def test_a_row_that_becomes_visible_late_is_not_lost():
    store = MemoryLogStore()
    first, second = store.put(b"late"), store.put(b"early")
    late = store._pending.pop(first)  # its transaction has not committed yet
    step(store)
    store._pending[first] = late
    step(store)
    assert [e.pending_id for e in store.entries] == [second, first]


def test_crash_before_the_commit_leaves_nothing():
    store = MemoryLogStore()
    store.put(b"one")
    step(store)
    store.put(b"two")

    def crash():
        with store.transaction():
            sequence(store, SIGNER, 10)
            raise CrashError

    with pytest.raises(CrashError):
        crash()
    assert len(store.entries) == len(store.notes) == 1
    assert step(store).size == 2
    assert [e.body for e in store.entries] == [b"one", b"two"]


@pytest.mark.parametrize("method", ["claim_pending", "append", "lock_head"])
def test_crash_inside_the_store_leaves_nothing(monkeypatch, method):
    store = MemoryLogStore()
    store.put(b"one")
    real = getattr(store, method)

    def crashing(*args, **kwargs):
        real(*args, **kwargs)
        raise CrashError

    with monkeypatch.context() as patch:
        patch.setattr(store, method, crashing)
        with pytest.raises(CrashError):
            step(store)
    assert step(store).size == 1


def test_a_changed_node_stops_the_signing():
    store = MemoryLogStore()
    for n in range(5):
        store.put(str(n).encode())
    step(store)
    store._nodes[2, 0] = b"x" * 32
    store.put(b"more")
    with pytest.raises(LogDiverged):
        step(store)
    assert len(store.notes) == 1


def test_a_lost_node_stops_the_signing():
    store = MemoryLogStore()
    store.put(b"one")
    step(store)
    store._nodes.clear()
    store.put(b"two")
    with pytest.raises(LogError):
        step(store)


def test_a_head_rolled_back_stops_at_the_stored_entries():
    store = MemoryLogStore()
    for n in range(2):
        store.put(str(n).encode())
        step(store)
    store.notes.pop()
    store.put(b"fork")
    with pytest.raises(LogError):
        step(store)


def test_another_key_does_not_go_on_with_this_log():
    store = MemoryLogStore()
    store.put(b"one")
    step(store)
    store.put(b"two")
    with pytest.raises(BadNoteSignature):
        step(store, signer=NoteSigner(SIGNER.name, b"o" * 32))


def test_the_store_refuses_a_node_twice():
    store = MemoryLogStore()
    store.put(b"one")
    step(store)
    store.entries.clear()
    store.notes.clear()
    store.put(b"two")
    with pytest.raises(LogError):
        step(store)


def test_a_sequencer_reads_the_tree_once():
    store, sequencer = MemoryLogStore(), Sequencer(SIGNER)
    read = []
    real = store.get_nodes
    store.get_nodes = lambda wanted: read.append(wanted) or real(wanted)
    for n in range(20):
        store.put(str(n).encode())
        with store.transaction():
            assert sequencer.step(store, 10).size == n + 1
    assert read == []
    assert open_checkpoint(store.notes[-1], SIGNER.vkey).root == naive_root(
        [str(n).encode() for n in range(20)]
    )


def test_a_sequencer_forgets_a_step_that_was_rolled_back():
    store, sequencer = MemoryLogStore(), Sequencer(SIGNER)
    for body in (b"one", b"two", b"three"):
        store.put(body)

    def crash():
        with store.transaction():
            sequencer.step(store, 1)
            raise CrashError

    with store.transaction():
        sequencer.step(store, 1)
    with pytest.raises(CrashError):
        crash()
    with store.transaction():
        assert sequencer.step(store, 2).size == 3
    assert open_checkpoint(store.notes[-1], SIGNER.vkey).root == naive_root(
        [b"one", b"two", b"three"]
    )


def test_sequencers_take_turns():
    store, one, other = MemoryLogStore(), Sequencer(SIGNER), Sequencer(SIGNER)
    for n in range(12):
        store.put(str(n).encode())
        with store.transaction():
            (one, one, other)[n % 3].step(store, 1)
    bodies = [str(n).encode() for n in range(12)]
    assert [entry.body for entry in store.entries] == bodies
    for size, note in enumerate(store.notes, 1):
        assert open_checkpoint(note, SIGNER.vkey).root == naive_root(bodies[:size])
