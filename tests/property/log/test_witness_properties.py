"""Whatever it is sent, a witness cosigns one growing log and never a second view of it."""

from __future__ import annotations

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from provenance.log.checkpoint import Checkpoint, sign_checkpoint
from provenance.log.cosignature import Cosigner, verify_cosignature
from provenance.log.merkle import Frontier, consistency_proof, leaf_hash
from provenance.log.notes import NoteSigner
from provenance.log.witness import Witness, build_request

SIGNER = NoteSigner("cameo.example/log", b"s" * 32)
COSIGNER = Cosigner("witness.example/w1", b"w" * 32)


class Memory:
    def __init__(self) -> None:
        self.heads: dict[str, str] = {}

    def load(self, origin: str) -> str | None:
        return self.heads.get(origin)

    def store(self, origin: str, note: str) -> None:
        self.heads[origin] = note


class View:
    """One of the trees that a dishonest log keeps under its one key."""

    def __init__(self, bodies: list[bytes]) -> None:
        self.bodies: list[bytes] = []
        self.nodes: dict[tuple[int, int], bytes] = {}
        self.roots = [Frontier().root()]
        self._frontier = Frontier()
        for body in bodies:
            self.grow(body)

    def grow(self, body: bytes) -> None:
        self.bodies.append(body)
        for node in self._frontier.append(leaf_hash(body)):
            self.nodes[node.level, node.number] = node.hash
        self.roots.append(self._frontier.root())

    def proof(self, old: int, new: int) -> list[bytes]:
        return consistency_proof(lambda level, n: self.nodes[level, n], old, new)


class DishonestLog(RuleBasedStateMachine):
    def __init__(self) -> None:
        super().__init__()
        self.witness = Witness(COSIGNER, {SIGNER.name: SIGNER.vkey}, Memory())
        self.views = [View([])]
        self.cosigned: list[tuple[bytes, ...]] = []

    @rule(which=st.integers(0, 5), more=st.lists(st.binary(max_size=2), min_size=1, max_size=4))
    def grow(self, which: int, more: list[bytes]) -> None:
        for body in more:
            self.views[which % len(self.views)].grow(body)

    @rule(which=st.integers(0, 5), keep=st.integers(0, 12))
    def fork(self, which: int, keep: int) -> None:
        self.views.append(View(self.views[which % len(self.views)].bodies[:keep]))

    @rule(data=st.data(), which=st.integers(0, 5), other=st.integers(0, 5))
    def submit(self, data: st.DataObject, which: int, other: int) -> None:
        view, liar = self.views[which % len(self.views)], self.views[other % len(self.views)]
        size = data.draw(st.integers(0, len(view.bodies)), label="size")
        known = len(self.cosigned[-1]) if self.cosigned else 0
        old = data.draw(st.just(known) | st.integers(0, 12), label="old")
        hashes: list[bytes] = []
        if old <= size <= len(liar.bodies):
            hashes = liar.proof(old, size)
        checkpoint = Checkpoint(origin=SIGNER.name, size=size, root=view.roots[size])
        note = sign_checkpoint(checkpoint, SIGNER)
        answer = self.witness.add_checkpoint(build_request(old, hashes, note).encode(), 5)
        if answer.status == 200:
            assert verify_cosignature(note + answer.body, COSIGNER.vkey).checkpoint == checkpoint
            self.cosigned.append(tuple(view.bodies[:size]))
        elif liar is view and old == known <= size and view.bodies[:known] == self._last():
            raise AssertionError(f"an honest step was refused: {answer}")

    def _last(self) -> list[bytes]:
        return list(self.cosigned[-1]) if self.cosigned else []

    @invariant()
    def each_cosigned_tree_continues_the_one_before(self) -> None:
        for old, new in zip(self.cosigned, self.cosigned[1:], strict=False):
            assert new[: len(old)] == old


DishonestLog.TestCase.settings = settings(max_examples=100, stateful_step_count=25, deadline=None)
TestDishonestLog = DishonestLog.TestCase
