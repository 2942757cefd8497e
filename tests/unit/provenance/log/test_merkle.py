from __future__ import annotations

import hashlib

import pytest

from provenance.log.errors import BadConsistencyProof, BadInclusionProof, LogError, OutOfTree
from provenance.log.merkle import (
    EMPTY_ROOT,
    Frontier,
    Node,
    at_once,
    consistency_proof,
    edge_of,
    inclusion_proof,
    leaf_hash,
    node_hash,
    root_of,
    verify_consistency,
    verify_inclusion,
)

# The test data of Certificate Transparency, as in the public suites for RFC 6962 and RFC 9162.
LEAVES = [
    bytes.fromhex(text)
    for text in (
        "",
        "00",
        "10",
        "2021",
        "3031",
        "40414243",
        "5051525354555657",
        "606162636465666768696a6b6c6d6e6f",
    )
]
ROOTS = [
    "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
    "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
    "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
    "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
    "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
    "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
    "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
    "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
]
# (index, size) -> hashes
INCLUSION = {
    (0, 1): [],
    (0, 8): [
        "96a296d224f285c67bee93c30f8a309157f0daa35dc5b87e410b78630a09cfc7",
        "5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e",
        "6b47aaf29ee3c2af9af889bc1fb9254dabd31177f16232dd6aab035ca39bf6e4",
    ],
    (5, 8): [
        "bc1a0643b12e4d2d7c77918f44e0f4f79a838b6cf9ec5b5c283e1f4d88599e6b",
        "ca854ea128ed050b41b35ffc1b87b8eb2bde461e9e3b5596ece6b9d5975a0ae0",
        "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    ],
    (2, 3): ["fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125"],
    (1, 5): [
        "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
        "5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e",
        "bc1a0643b12e4d2d7c77918f44e0f4f79a838b6cf9ec5b5c283e1f4d88599e6b",
    ],
}
# (old size, new size) -> hashes
CONSISTENCY = {
    (1, 1): [],
    (1, 8): [
        "96a296d224f285c67bee93c30f8a309157f0daa35dc5b87e410b78630a09cfc7",
        "5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e",
        "6b47aaf29ee3c2af9af889bc1fb9254dabd31177f16232dd6aab035ca39bf6e4",
    ],
    (6, 8): [
        "0ebc5d3437fbe2db158b9f126a1d118e308181031d0a949f8dededebc558ef6a",
        "ca854ea128ed050b41b35ffc1b87b8eb2bde461e9e3b5596ece6b9d5975a0ae0",
        "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    ],
    (2, 5): [
        "5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e",
        "bc1a0643b12e4d2d7c77918f44e0f4f79a838b6cf9ec5b5c283e1f4d88599e6b",
    ],
}


@pytest.fixture
def nodes():
    frontier, stored = Frontier(), {}
    for body in LEAVES:
        stored.update({(n.level, n.number): n.hash for n in frontier.append(leaf_hash(body))})
    return lambda level, index: stored[level, index]


@pytest.mark.parametrize("size", range(9))
def test_known_roots(nodes, size):
    frontier = Frontier()
    for body in LEAVES[:size]:
        frontier.append(leaf_hash(body))
    assert frontier.root().hex() == root_of(nodes, size).hex() == ROOTS[size]
    assert frontier.size == size


@pytest.mark.parametrize(("index", "size"), INCLUSION, ids=str)
def test_known_inclusion_proofs(nodes, index, size):
    proof = inclusion_proof(nodes, index, size)
    assert [h.hex() for h in proof] == INCLUSION[index, size]
    verify_inclusion(leaf_hash(LEAVES[index]), index, size, proof, bytes.fromhex(ROOTS[size]))


@pytest.mark.parametrize(("old", "new"), CONSISTENCY, ids=str)
def test_known_consistency_proofs(nodes, old, new):
    proof = consistency_proof(nodes, old, new)
    assert [h.hex() for h in proof] == CONSISTENCY[old, new]
    verify_consistency(old, new, proof, bytes.fromhex(ROOTS[old]), bytes.fromhex(ROOTS[new]))


def test_leaves_and_inner_nodes_hash_apart():
    assert hashlib.sha256(b"").digest() == EMPTY_ROOT
    assert leaf_hash(b"\x01" + b"a" * 64) != node_hash(b"a" * 32, b"a" * 32)


@pytest.mark.parametrize(("index", "size"), [(0, 0), (-1, 3), (3, 3), (9, 3)])
def test_no_proof_for_a_leaf_outside_the_tree(nodes, index, size):
    with pytest.raises(OutOfTree):
        inclusion_proof(nodes, index, size)
    with pytest.raises(BadInclusionProof):
        verify_inclusion(leaf_hash(b""), index, size, [], EMPTY_ROOT)


@pytest.mark.parametrize(("old", "new"), [(-1, 3), (4, 3)])
def test_no_proof_that_a_tree_shrank(nodes, old, new):
    with pytest.raises(OutOfTree):
        consistency_proof(nodes, old, new)
    with pytest.raises(BadConsistencyProof):
        verify_consistency(old, new, [], EMPTY_ROOT, EMPTY_ROOT)


def test_the_empty_tree_starts_every_tree(nodes):
    root = bytes.fromhex(ROOTS[5])
    assert consistency_proof(nodes, 0, 5) == []
    verify_consistency(0, 5, [], EMPTY_ROOT, root)
    verify_consistency(0, 0, [], EMPTY_ROOT, EMPTY_ROOT)
    for proof, old in (([root], EMPTY_ROOT), ([], root)):
        with pytest.raises(BadConsistencyProof):
            verify_consistency(0, 5, proof, old, root)


def test_equal_sizes_need_equal_roots(nodes):
    root, other = bytes.fromhex(ROOTS[5]), bytes.fromhex(ROOTS[6])
    with pytest.raises(BadConsistencyProof):
        verify_consistency(5, 5, [], other, root)
    with pytest.raises(BadConsistencyProof):
        verify_consistency(5, 5, [root], root, root)


def test_hashes_of_the_wrong_length_are_refused(nodes):
    root = bytes.fromhex(ROOTS[8])
    proof = inclusion_proof(nodes, 3, 8)
    with pytest.raises(BadInclusionProof):
        verify_inclusion(leaf_hash(LEAVES[3]), 3, 8, [proof[0][:31], *proof[1:]], root)
    with pytest.raises(BadConsistencyProof):
        verify_consistency(3, 8, [b"x"], root, root)
    with pytest.raises(LogError):
        Frontier().append(b"not a hash")
    with pytest.raises(LogError):
        root_of(lambda _level, _index: b"short", 3)


def test_proofs_of_the_wrong_length_whose_root_fits():
    """Only a log that lies about its size can sign such a root; it must not be believed."""
    leaf, other = leaf_hash(b"a"), leaf_hash(b"b")
    with pytest.raises(BadInclusionProof, match="too few"):
        verify_inclusion(leaf, 0, 2, [], leaf)
    with pytest.raises(BadInclusionProof, match="too many"):
        verify_inclusion(leaf, 0, 1, [other], node_hash(other, leaf))
    with pytest.raises(BadConsistencyProof, match="too few"):
        verify_consistency(2, 4, [], leaf, leaf)
    with pytest.raises(BadConsistencyProof, match="too few"):
        verify_consistency(3, 4, [], leaf, leaf)
    with pytest.raises(BadConsistencyProof, match="too many"):
        verify_consistency(1, 2, [other, other], leaf, node_hash(leaf, other))


def test_a_frontier_is_taken_up_again(nodes):
    for size in range(9):
        frontier = Frontier.load(nodes, size)
        assert [(n.level, n.number) for n in frontier.nodes] == edge_of(size)
        for body in LEAVES[size:]:
            frontier.append(leaf_hash(body))
        assert frontier.root().hex() == ROOTS[8]


@pytest.mark.parametrize(
    "nodes",
    [
        [Node(0, 1, b"a" * 32)],
        [Node(1, 0, b"a" * 32), Node(1, 1, b"a" * 32)],
        [Node(0, 0, b"a" * 32), Node(1, 1, b"a" * 32)],
        [Node(2, 0, b"a" * 32), Node(0, 5, b"a" * 32)],
    ],
    ids=["gap_at_the_start", "equal_levels", "rising_levels", "gap_inside"],
)
def test_nodes_that_are_no_edge_are_refused(nodes):
    with pytest.raises(OutOfTree):
        Frontier(nodes)


def test_a_negative_size_is_refused():
    with pytest.raises(OutOfTree):
        edge_of(-1)


def test_nodes_are_got_in_one_go(nodes):
    asked = []

    def get_nodes(wanted):
        asked.append(list(wanted))
        return [nodes(level, index) for level, index in wanted]

    for size in range(1, 9):
        for index in range(size):
            asked.clear()
            proof = at_once(get_nodes, lambda read, n=index, of=size: inclusion_proof(read, n, of))
            assert proof == inclusion_proof(nodes, index, size)
            assert len(asked) == (size > 1)
            assert all(len(wanted) == len(set(wanted)) for wanted in asked)
