"""The Merkle tree of RFC 9162 (section 2.1) with SHA-256, over stored nodes.

A node ``(level, index)`` is the root of the complete subtree of the leaves
``[index * 2**level, (index + 1) * 2**level)``. Only complete subtrees are ever stored, so a stored
node never changes, and every other hash is made from a few of them.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence
from typing import Final, NamedTuple, TypeVar

from provenance.log.errors import BadConsistencyProof, BadInclusionProof, LogError, OutOfTree

HASH_BYTES: Final = 32
EMPTY_ROOT: Final = hashlib.sha256(b"").digest()
"""The root of the tree without leaves."""

T = TypeVar("T")

NodeReader = Callable[[int, int], bytes]
"""``get_node(level, index)``: the 32-byte hash of a stored node. It must raise for a node that is
not stored, and never answer with another one."""


class Node(NamedTuple):
    """A complete subtree."""

    level: int
    number: int
    """Its index among the nodes of its level."""
    hash: bytes


def leaf_hash(body: bytes) -> bytes:
    """The hash of a leaf with this body."""
    return hashlib.sha256(b"\x00" + body).digest()


def node_hash(left: bytes, right: bytes) -> bytes:
    """The hash of an inner node; by its prefix it can never pass as a leaf's."""
    return hashlib.sha256(b"\x01" + left + right).digest()


class Frontier:
    """The right edge of a growing tree: the fewest complete subtrees that cover all leaves.

    Args:
        nodes: The subtrees from left to right, strictly falling in level, without gaps.

    Raises:
        OutOfTree: If `nodes` are not the edge of one tree.
    """

    def __init__(self, nodes: Sequence[Node] = ()) -> None:
        self._edge: list[Node] = []
        self._size = 0
        for node in nodes:
            falling = not self._edge or node.level < self._edge[-1].level
            if not falling or node.number << node.level != self._size:
                raise OutOfTree("these nodes are not the edge of one tree")
            _checked(node.hash)
            self._edge.append(node)
            self._size += 1 << node.level

    @classmethod
    def load(cls, get_node: NodeReader, size: int) -> Frontier:
        """The edge of the stored tree of `size` leaves."""
        return cls([Node(lvl, n, get_node(lvl, n)) for lvl, n in edge_of(size)])

    @property
    def size(self) -> int:
        """How many leaves the tree has."""
        return self._size

    @property
    def nodes(self) -> tuple[Node, ...]:
        """The complete subtrees from left to right."""
        return tuple(self._edge)

    def append(self, leaf: bytes) -> list[Node]:
        """Add a leaf.

        Args:
            leaf: The leaf hash, 32 bytes.

        Returns:
            Every node that became complete, the leaf itself first; these are to be stored.
        """
        node = Node(0, self._size, _checked(leaf))
        created = [node]
        while self._edge and self._edge[-1].level == node.level:
            left = self._edge.pop()
            node = Node(node.level + 1, node.number >> 1, node_hash(left.hash, node.hash))
            created.append(node)
        self._edge.append(node)
        self._size += 1
        return created

    def root(self) -> bytes:
        """The root hash of the tree."""
        return _fold([node.hash for node in self._edge])


def edge_of(size: int) -> list[tuple[int, int]]:
    """The ``(level, index)`` of the complete subtrees that cover `size` leaves, left to right."""
    if size < 0:
        raise OutOfTree(f"size {size}")
    found = []
    begin = 0
    for level in range(size.bit_length() - 1, -1, -1):
        if size >> level & 1:
            found.append((level, begin >> level))
            begin += 1 << level
    return found


def at_once(
    get_nodes: Callable[[Sequence[tuple[int, int]]], Sequence[bytes]],
    build: Callable[[NodeReader], T],
) -> T:
    """Build something from stored nodes that are read in one go.

    Args:
        get_nodes: The hashes of these ``(level, index)``, in this order; raises where one is not
            stored.
        build: Reads the same nodes whatever they hold, such as a proof does.
    """
    wanted: dict[tuple[int, int], bytes] = {}

    def note_down(level: int, index: int) -> bytes:
        return wanted.setdefault((level, index), EMPTY_ROOT)

    build(note_down)
    stored = dict(zip(wanted, get_nodes(list(wanted)), strict=True)) if wanted else {}
    return build(lambda level, index: stored[level, index])


def root_of(get_node: NodeReader, size: int) -> bytes:
    """The root of the first `size` leaves of the stored tree."""
    return Frontier.load(get_node, size).root()


def inclusion_proof(get_node: NodeReader, index: int, size: int) -> list[bytes]:
    """The proof that leaf `index` is in the tree of the first `size` leaves (section 2.1.3.1).

    Raises:
        OutOfTree: If there is no such leaf.
    """
    if not 0 <= index < size:
        raise OutOfTree(f"index {index} in a tree of {size}")
    proof: list[bytes] = []
    begin, end = 0, size
    while end - begin > 1:
        middle = begin + _split(end - begin)
        if index < middle:
            proof.append(_subtree(get_node, middle, end))
            end = middle
        else:
            proof.append(_subtree(get_node, begin, middle))
            begin = middle
    return proof[::-1]


def consistency_proof(get_node: NodeReader, old_size: int, new_size: int) -> list[bytes]:
    """The proof that the tree of `new_size` starts with the one of `old_size` (section 2.1.4.1).

    Empty where `old_size` is 0 or equal to `new_size`: nothing needs showing then.

    Raises:
        OutOfTree: If `old_size` is negative or more than `new_size`.
    """
    if not 0 <= old_size <= new_size:
        raise OutOfTree(f"from {old_size} to {new_size}")
    if old_size in (0, new_size):
        return []
    proof: list[bytes] = []
    begin, end, whole = 0, new_size, True
    while old_size != end:
        middle = begin + _split(end - begin)
        if old_size <= middle:
            proof.append(_subtree(get_node, middle, end))
            end = middle
        else:
            proof.append(_subtree(get_node, begin, middle))
            begin, whole = middle, False
    if not whole:
        proof.append(_subtree(get_node, begin, end))
    return proof[::-1]


def verify_inclusion(
    leaf: bytes, index: int, size: int, proof: Sequence[bytes], root: bytes
) -> None:
    """Check that a leaf is in the tree with this root (section 2.1.3.2).

    Args:
        leaf: The leaf *hash*, 32 bytes.
        index: Its index in the tree.
        size: The size of the tree.
        proof: The hashes from the leaf upwards.
        root: The root hash of the tree.

    Raises:
        BadInclusionProof: If it is not shown.
    """
    if not 0 <= index < size or any(len(h) != HASH_BYTES for h in (leaf, root, *proof)):
        raise BadInclusionProof("index, size or a hash out of range")
    position, last, value = index, size - 1, leaf
    for sibling in proof:
        if last == 0:
            raise BadInclusionProof("too many hashes")
        if position & 1 or position == last:
            value = node_hash(sibling, value)
            position, last = _climb(position, last)
        else:
            value = node_hash(value, sibling)
        position, last = position >> 1, last >> 1
    if last != 0:
        raise BadInclusionProof("too few hashes")
    if value != root:
        raise BadInclusionProof("another root")


def verify_consistency(
    old_size: int, new_size: int, proof: Sequence[bytes], old_root: bytes, new_root: bytes
) -> None:
    """Check that the later tree only adds to the earlier one (section 2.1.4.2).

    Raises:
        BadConsistencyProof: If it is not shown.
    """
    if not 0 <= old_size <= new_size:
        raise BadConsistencyProof("the later tree is smaller")
    if any(len(h) != HASH_BYTES for h in (old_root, new_root, *proof)):
        raise BadConsistencyProof("a hash of the wrong length")
    if old_size in (0, new_size):
        expected = EMPTY_ROOT if old_size == 0 else new_root
        if proof or old_root != expected:
            raise BadConsistencyProof("equal or empty trees need equal roots and no hashes")
        return
    first, second = _consistency_roots(old_size, new_size, proof, old_root)
    if first != old_root or second != new_root:
        raise BadConsistencyProof("another root")


def _consistency_roots(
    old_size: int, new_size: int, proof: Sequence[bytes], old_root: bytes
) -> tuple[bytes, bytes]:
    # A power of two is one complete subtree: its root is not repeated in the proof.
    hashes = list(proof) if old_size & (old_size - 1) else [old_root, *proof]
    if not hashes:
        raise BadConsistencyProof("too few hashes")
    position, last = old_size - 1, new_size - 1
    while position & 1:
        position, last = position >> 1, last >> 1
    first = second = hashes[0]
    for sibling in hashes[1:]:
        if last == 0:
            raise BadConsistencyProof("too many hashes")
        if position & 1 or position == last:
            first, second = node_hash(sibling, first), node_hash(sibling, second)
            position, last = _climb(position, last)
        else:
            second = node_hash(second, sibling)
        position, last = position >> 1, last >> 1
    if last != 0:
        raise BadConsistencyProof("too few hashes")
    return first, second


def _climb(position: int, last: int) -> tuple[int, int]:
    # On the right edge a node without a sibling moves up unchanged until it is a right child.
    while position and not position & 1:
        position, last = position >> 1, last >> 1
    return position, last


def _split(count: int) -> int:
    """The largest power of two below `count`, which is at least 2."""
    return 1 << ((count - 1).bit_length() - 1)


def _subtree(get_node: NodeReader, begin: int, end: int) -> bytes:
    """The root of the leaves ``[begin, end)``; `begin` is a multiple of the covering power."""
    hashes = []
    for level, index in edge_of(end - begin):
        hashes.append(_checked(get_node(level, (begin >> level) + index)))
    return _fold(hashes)


def _fold(hashes: Sequence[bytes]) -> bytes:
    if not hashes:
        return EMPTY_ROOT
    value = hashes[-1]
    for left in reversed(hashes[:-1]):
        value = node_hash(left, value)
    return value


def _checked(value: bytes) -> bytes:
    if len(value) != HASH_BYTES:
        raise LogError(f"a hash of {len(value)} bytes")
    return value
