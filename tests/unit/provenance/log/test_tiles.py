from __future__ import annotations

import pytest

from provenance.log.errors import MalformedTile, OutOfTree
from provenance.log.merkle import node_hash
from provenance.log.tiles import (
    MAX_BODY,
    TileNodes,
    TilePath,
    bundles,
    decode_bundle,
    encode_bundle,
    parse_path,
    tile_of,
)


# The examples of the specification (C2SP tlog-tiles), and the edges around them.
@pytest.mark.parametrize(
    ("path", "text"),
    [
        (TilePath(level=0, number=0), "tile/0/000"),
        (TilePath(level=0, number=1234067), "tile/0/x001/x234/067"),
        (TilePath(level=1, number=999), "tile/1/999"),
        (TilePath(level=1, number=1000), "tile/1/x001/000"),
        (TilePath(level=63, number=5, width=1), "tile/63/005.p/1"),
        (TilePath(level=2, number=17, width=255), "tile/2/017.p/255"),
        (TilePath(level=None, number=1234067), "tile/entries/x001/x234/067"),
        (TilePath(level=None, number=0, width=8), "tile/entries/000.p/8"),
    ],
)
def test_paths_are_spelled_as_the_specification_says(path, text):
    assert path.text() == text
    assert parse_path(text) == path
    assert path.is_full is (".p/" not in text)


@pytest.mark.parametrize(
    ("fault", "text"),
    [
        ("empty", ""),
        ("no_prefix", "0/000"),
        ("level_64", "tile/64/000"),
        ("level_with_zero", "tile/00/000"),
        ("level_negative", "tile/-1/000"),
        ("level_other_word", "tile/data/000"),
        ("index_of_two_digits", "tile/0/00"),
        ("index_of_four_digits", "tile/0/0000"),
        ("index_with_needless_group", "tile/0/x000/001"),
        ("last_group_with_x", "tile/0/x001"),
        ("first_group_without_x", "tile/0/001/234"),
        ("other_digits", "tile/0/٠٠٠"),
        ("width_zero", "tile/0/000.p/0"),
        ("width_full", "tile/0/000.p/256"),
        ("width_with_zero", "tile/0/000.p/01"),
        ("width_missing", "tile/0/000.p/"),
        ("trailing_slash", "tile/0/000/"),
        ("trailing_newline", "tile/0/000\n"),
        ("dots", "tile/0/../000"),
        ("too_many_groups", "tile/0/" + "x001/" * 7 + "001"),
    ],
)
def test_other_spellings_are_refused(fault, text):
    with pytest.raises(MalformedTile):
        parse_path(text)


@pytest.mark.parametrize(
    "fields",
    [
        {"level": 64, "number": 0},
        {"level": -1, "number": 0},
        {"level": 0, "number": -1},
        {"level": 0, "number": 0, "width": 0},
        {"level": 0, "number": 0, "width": 257},
    ],
    ids=str,
)
def test_paths_out_of_range_cannot_be_made(fields):
    with pytest.raises(MalformedTile):
        TilePath(**fields)


def test_the_tiles_of_a_tree_are_those_of_the_specification():
    # "A tree of size 70,000 will be represented by 273 full level 0 tiles, one partial level 0
    # tile of width 112, one full level 1 tile, one partial level 1 tile of width 17, and one
    # partial level 2 tile of width 1."
    size = 70_000
    widths = [
        [TilePath(level=level, number=n).count_in(size) for n in range(400)] for level in range(4)
    ]
    found = [[width for width in row if width] for row in widths]
    assert found == [[256] * 273 + [112], [256, 17], [1], []]
    assert tile_of(0, 273, size) == TilePath(level=0, number=273, width=112)
    with pytest.raises(OutOfTree):
        tile_of(0, 274, size)
    assert tile_of(1, 0, 256).width == 1
    assert TilePath(level=1, number=0).count_in(255) == 0


@pytest.mark.parametrize(
    ("begin", "end", "texts"),
    [
        (0, 0, []),
        (5, 5, []),
        (4, 5, ["tile/entries/000.p/5"]),
        (0, 256, ["tile/entries/000"]),
        (256, 257, ["tile/entries/001.p/1"]),
        (200, 600, ["tile/entries/000", "tile/entries/001", "tile/entries/002.p/88"]),
    ],
)
def test_bundles_of_a_range(begin, end, texts):
    assert [path.text() for path in bundles(begin, end)] == texts


def test_bundles_hold_lengths_of_two_bytes():
    bodies = [b"one", b"", b"x" * MAX_BODY]
    data = encode_bundle(bodies)
    assert data[:7] == b"\x00\x03one\x00\x00"
    assert decode_bundle(data, 3) == bodies
    with pytest.raises(MalformedTile):
        encode_bundle([b"x" * (MAX_BODY + 1)])


@pytest.mark.parametrize(
    ("fault", "data", "count"),
    [
        ("cut_in_an_entry", b"\x00\x03on", 1),
        ("cut_in_a_length", b"\x00\x01a\x00", 2),
        ("one_too_few", b"\x00\x01a", 2),
        ("one_too_many", b"\x00\x01a\x00\x01b", 1),
        ("a_byte_too_many", b"\x00\x01a\x00", 1),
        ("empty", b"", 1),
    ],
)
def test_bundles_of_another_size_are_refused(fault, data, count):
    with pytest.raises(MalformedTile):
        decode_bundle(data, count)


def test_nodes_are_read_through_tiles(shown):
    shown.fill(600)
    nodes = TileNodes(shown.fetch, 600)
    for level, index in [(0, 0), (0, 599), (3, 74), (7, 3), (8, 0), (8, 1), (9, 0)]:
        assert nodes.get_node(level, index) == shown.store.get_node(level, index)
    assert len(shown.fetched) == len(set(shown.fetched))
    assert nodes.get_node(9, 0) == node_hash(nodes.get_node(8, 0), nodes.get_node(8, 1))


@pytest.mark.parametrize(("level", "index"), [(0, 600), (0, -1), (8, 2), (10, 0), (70, 0)])
def test_nodes_outside_the_tree_are_refused(shown, level, index):
    shown.fill(600)
    with pytest.raises(OutOfTree):
        TileNodes(shown.fetch, 600).get_node(level, index)


def test_a_tile_of_another_size_is_refused(shown):
    shown.fill(3)
    shown.wrong["tile/0/000.p/3"] = b"x" * 95
    with pytest.raises(MalformedTile):
        TileNodes(shown.fetch, 3).get_node(0, 0)
