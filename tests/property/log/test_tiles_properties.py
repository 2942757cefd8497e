"""Tiles against the tree that they are cut from."""

from __future__ import annotations

from functools import cache

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from provenance.log.merkle import (
    HASH_BYTES,
    Frontier,
    consistency_proof,
    inclusion_proof,
    leaf_hash,
    verify_consistency,
    verify_inclusion,
)
from provenance.log.tiles import (
    HEIGHT,
    MAX_BODY,
    WIDTH,
    TileNodes,
    TilePath,
    decode_bundle,
    encode_bundle,
    parse_path,
)

QUICK = settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
MOST = 70_000
LEAVES = [leaf_hash(n.to_bytes(4, "big")) for n in range(MOST)]

paths = st.builds(
    TilePath,
    level=st.none() | st.integers(0, 63),
    number=st.integers(0, 10**12),
    width=st.integers(1, WIDTH),
)


@cache
def stored() -> dict[tuple[int, int], bytes]:
    frontier, nodes = Frontier(), {}
    for leaf in LEAVES:
        nodes.update({(n.level, n.number): n.hash for n in frontier.append(leaf)})
    return nodes


def root(size: int) -> bytes:
    return Frontier.load(lambda level, n: stored()[level, n], size).root()


def serve(size: int):
    def fetch(text: str) -> bytes:
        path = parse_path(text)
        assert path.level is not None
        assert path.width == path.count_in(size)
        first = path.number * WIDTH
        nodes = [stored()[path.level * HEIGHT, first + n] for n in range(path.width)]
        assert len(b"".join(nodes)) == path.width * HASH_BYTES
        return b"".join(nodes)

    return fetch


@QUICK
@given(path=paths)
def test_paths_survive_their_spelling(path: TilePath) -> None:
    assert parse_path(path.text()) == path


@QUICK
@given(bodies=st.lists(st.binary(max_size=300) | st.just(b"x" * MAX_BODY), max_size=WIDTH))
def test_bundles_survive_their_bytes(bodies: list[bytes]) -> None:
    assert decode_bundle(encode_bundle(bodies), len(bodies)) == bodies


@QUICK
@given(data=st.data(), size=st.integers(1, MOST))
def test_proofs_made_from_tiles_hold(data: st.DataObject, size: int) -> None:
    nodes = TileNodes(serve(size), size)
    index = data.draw(st.integers(0, size - 1))
    proof = inclusion_proof(nodes.get_node, index, size)
    verify_inclusion(LEAVES[index], index, size, proof, root(size))
    old = data.draw(st.integers(0, size))
    proof = consistency_proof(nodes.get_node, old, size)
    verify_consistency(old, size, proof, root(old), root(size))
