"""The tree against a naive reading of RFC 9162, for every size to 70 and every index."""

from __future__ import annotations

from functools import cache

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from provenance.log.errors import BadConsistencyProof, BadInclusionProof
from provenance.log.merkle import (
    EMPTY_ROOT,
    Frontier,
    consistency_proof,
    inclusion_proof,
    leaf_hash,
    node_hash,
    root_of,
    verify_consistency,
    verify_inclusion,
)

# No deadline: a loaded machine is no failure.
QUICK = settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow])

MOST = 70
LEAVES = [leaf_hash(n.to_bytes(2, "big")) for n in range(MOST)]


def _stored() -> dict[tuple[int, int], bytes]:
    frontier, stored = Frontier(), {}
    for leaf in LEAVES:
        for node in frontier.append(leaf):
            assert (node.level, node.number) not in stored
            stored[node.level, node.number] = node.hash
    return stored


NODES = _stored()


def get_node(level: int, index: int) -> bytes:
    return NODES[level, index]


@cache
def naive_root(begin: int, end: int) -> bytes:
    """MTH of RFC 9162, section 2.1.1."""
    if begin == end:
        return EMPTY_ROOT
    if end - begin == 1:
        return LEAVES[begin]
    k = 1
    while k * 2 < end - begin:
        k *= 2
    return node_hash(naive_root(begin, begin + k), naive_root(begin + k, end))


def naive_path(m: int, begin: int, end: int) -> list[bytes]:
    """PATH of RFC 9162, section 2.1.3.1."""
    if end - begin == 1:
        return []
    k = 1
    while k * 2 < end - begin:
        k *= 2
    if m < k:
        return [*naive_path(m, begin, begin + k), naive_root(begin + k, end)]
    return [*naive_path(m - k, begin + k, end), naive_root(begin, begin + k)]


def naive_consistency(m: int, begin: int, end: int, *, whole: bool) -> list[bytes]:
    """SUBPROOF of RFC 9162, section 2.1.4.1."""
    if m == end - begin:
        return [] if whole else [naive_root(begin, end)]
    k = 1
    while k * 2 < end - begin:
        k *= 2
    if m <= k:
        left = naive_consistency(m, begin, begin + k, whole=whole)
        return [*left, naive_root(begin + k, end)]
    right = naive_consistency(m - k, begin + k, end, whole=False)
    return [*right, naive_root(begin, begin + k)]


@pytest.mark.parametrize("size", range(MOST + 1))
def test_every_root_and_every_proof(size: int) -> None:
    root = naive_root(0, size)
    assert root_of(get_node, size) == root
    for index in range(size):
        proof = inclusion_proof(get_node, index, size)
        assert proof == naive_path(index, 0, size)
        verify_inclusion(LEAVES[index], index, size, proof, root)
    for old in range(1, size + 1):
        proof = consistency_proof(get_node, old, size)
        assert proof == naive_consistency(old, 0, size, whole=True)
        verify_consistency(old, size, proof, naive_root(0, old), root)


def spoil(proof: list[bytes], data: st.DataObject) -> list[bytes]:
    """`proof` with one hash changed, taken out or put in."""
    fault = data.draw(st.sampled_from(["changed", "fewer", "more"])) if proof else "more"
    at = data.draw(st.integers(0, max(len(proof) - 1, 0)))
    if fault == "changed":
        return [*proof[:at], bytes([proof[at][0] ^ 1]) + proof[at][1:], *proof[at + 1 :]]
    if fault == "fewer":
        return proof[:at] + proof[at + 1 :]
    at = data.draw(st.integers(0, len(proof)))
    return [*proof[:at], LEAVES[0], *proof[at:]]


def another(values: list[bytes], value: bytes) -> st.SearchStrategy[bytes]:
    return st.sampled_from([other for other in values if other != value])


@QUICK
@given(data=st.data(), size=st.integers(1, MOST))
def test_no_wrong_inclusion_proof_is_accepted(data: st.DataObject, size: int) -> None:
    index = data.draw(st.integers(0, size - 1))
    proof, root = inclusion_proof(get_node, index, size), naive_root(0, size)
    roots = [naive_root(0, n) for n in range(MOST)]
    shape = _path_shape(index, size)
    fault = data.draw(st.sampled_from(["leaf", "index", "size", "root", "proof"]))
    leaf, at, of = LEAVES[index], index, size
    if fault == "leaf":
        leaf = data.draw(another(LEAVES, leaf))
    elif fault == "index":
        at = data.draw(st.integers(-1, MOST + 1).filter(lambda n: n != index))
    elif fault == "size":
        of = data.draw(st.integers(0, MOST).filter(lambda n: _path_shape(index, n) != shape))
    elif fault == "root":
        root = data.draw(another(roots, root))
    else:
        proof = spoil(proof, data)
    with pytest.raises(BadInclusionProof):
        verify_inclusion(leaf, at, of, proof, root)


def _path_shape(index: int, size: int) -> list[str]:
    """On which side each hash of a path stands: sizes of equal shape cannot be told apart."""
    if not 0 <= index < size:
        return ["outside"]
    shape: list[str] = []
    begin, end = 0, size
    while end - begin > 1:
        k = 1
        while k * 2 < end - begin:
            k *= 2
        left = index < begin + k
        shape.append("left" if left else "right")
        begin, end = (begin, begin + k) if left else (begin + k, end)
    return shape


@QUICK
@given(data=st.data(), new=st.integers(2, MOST))
def test_no_wrong_consistency_proof_is_accepted(data: st.DataObject, new: int) -> None:
    old = data.draw(st.integers(1, new - 1))
    proof = consistency_proof(get_node, old, new)
    old_root, new_root = naive_root(0, old), naive_root(0, new)
    roots = [naive_root(0, n) for n in range(MOST)]
    fault = data.draw(st.sampled_from(["old", "new", "proof", "forked"]))
    if fault == "old":
        old_root = data.draw(another(roots, old_root))
    elif fault == "new":
        new_root = data.draw(another(roots, new_root))
    elif fault == "proof":
        proof = spoil(proof, data)
    else:
        fork = Frontier()
        for leaf in [leaf_hash(b"another first entry"), *LEAVES[1:new]]:
            fork.append(leaf)
        new_root = fork.root()
    with pytest.raises(BadConsistencyProof):
        verify_consistency(old, new, proof, old_root, new_root)
