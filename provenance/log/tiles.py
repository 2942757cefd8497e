"""The log as static files: tiles of hashes and bundles of entries (C2SP tlog-tiles).

path = parse_path("tile/0/x001/234")
data = encode_bundle(bodies)                       # what stands at tile/entries/...
node = TileNodes(fetch, size).get_node             # reads a tree through its tiles
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from provenance.log.errors import MalformedTile, OutOfTree
from provenance.log.merkle import HASH_BYTES, node_hash

HEIGHT: Final = 8
WIDTH: Final = 1 << HEIGHT
MAX_LEVEL: Final = 63
MAX_BODY: Final = 2**16 - 1
MAX_BUNDLE_BYTES: Final = WIDTH * (2 + MAX_BODY)

_ENTRIES: Final = "entries"
_PATH: Final = re.compile(
    r"tile/(entries|0|[1-9][0-9]?)/((?:x[0-9]{3}/){0,6}[0-9]{3})(?:\.p/([1-9][0-9]{0,2}))?",
    re.ASCII,
)

Fetch = Callable[[str], bytes]
"""Gives the bytes at a path under the log's prefix; raises where there are none."""


@dataclass(frozen=True, kw_only=True, slots=True)
class TilePath:
    """Which tile, or which bundle of entries.

    Raises:
        MalformedTile: If a part is out of its range.
    """

    level: int | None
    """0 to 63; None for a bundle of entries."""
    number: int
    width: int = WIDTH
    """1 to 256; less than 256 is a partial one."""

    def __post_init__(self) -> None:
        if not 0 <= (self.level or 0) <= MAX_LEVEL or not 1 <= self.width <= WIDTH:
            raise MalformedTile("level or width")
        if not 0 <= self.number < 1000**7:
            raise MalformedTile("number")

    @property
    def is_full(self) -> bool:
        """Whether it will never be another: only full ones may be kept by caches."""
        return self.width == WIDTH

    def text(self) -> str:
        """The path under the log's prefix."""
        digits = f"{self.number:d}"
        digits = digits.zfill(-(-len(digits) // 3) * 3)
        groups = [digits[at : at + 3] for at in range(0, len(digits), 3)]
        index = "/".join([*("x" + group for group in groups[:-1]), groups[-1]])
        level = _ENTRIES if self.level is None else str(self.level)
        return f"tile/{level}/{index}" + ("" if self.is_full else f".p/{self.width}")

    def count_in(self, size: int) -> int:
        """How many hashes or entries a tree of `size` leaves has for it, 0 to 256."""
        rows = size >> (HEIGHT * (self.level or 0))
        return min(max(rows - self.number * WIDTH, 0), WIDTH)


def parse_path(text: str) -> TilePath:
    """The path that `text` spells.

    Raises:
        MalformedTile: If it is none, or not spelled in the one way.
    """
    found = _PATH.fullmatch(text)
    if found is None:
        raise MalformedTile("path")
    level, index, width = found.groups()
    path = TilePath(
        level=None if level == _ENTRIES else int(level),
        number=int(index.replace("x", "").replace("/", "")),
        width=WIDTH if width is None else int(width),
    )
    if path.text() != text:
        raise MalformedTile("path")
    return path


def tile_of(level: int, number: int, size: int) -> TilePath:
    """The path of a tile of a tree of `size` leaves, partial where the tree ends in it.

    Raises:
        OutOfTree: If the tree does not reach it.
    """
    count = TilePath(level=level, number=number).count_in(size)
    if not count:
        raise OutOfTree(f"tile {level}/{number} in a tree of {size}")
    return TilePath(level=level, number=number, width=count)


def bundles(begin: int, end: int) -> Iterator[TilePath]:
    """The bundles that hold the entries ``[begin, end)`` of a tree of `end` leaves, in order."""
    for number in range(begin // WIDTH, -(-end // WIDTH) if begin < end else 0):
        yield TilePath(level=None, number=number, width=min(WIDTH, end - number * WIDTH))


def encode_bundle(bodies: Sequence[bytes]) -> bytes:
    """A bundle: each entry after its length, two bytes, the higher one first.

    Raises:
        MalformedTile: If an entry is longer than 65,535 bytes.
    """
    if any(len(body) > MAX_BODY for body in bodies):
        raise MalformedTile("an entry")
    return b"".join(len(body).to_bytes(2, "big") + body for body in bodies)


def decode_bundle(data: bytes, count: int) -> list[bytes]:
    """The entries of a bundle.

    Raises:
        MalformedTile: If it does not hold exactly `count` entries.
    """
    bodies: list[bytes] = []
    at = 0
    while at < len(data) and len(bodies) < count:
        end = at + 2 + int.from_bytes(data[at : at + 2], "big")
        if at + 2 > len(data) or end > len(data):
            raise MalformedTile("a bundle that is cut off")
        bodies.append(data[at + 2 : end])
        at = end
    if at != len(data) or len(bodies) != count:
        raise MalformedTile("a bundle of another number of entries")
    return bodies


class TileNodes:
    """Reads single nodes of a tree of `size` leaves through its tiles.

    What it gives is as true as the tiles are: a proof made from it is to be checked.
    """

    def __init__(self, fetch: Fetch, size: int) -> None:
        self._fetch = fetch
        self._size = size
        self._kept: dict[TilePath, bytes] = {}

    def get_node(self, level: int, index: int) -> bytes:
        """The hash of a complete subtree (`provenance.log.merkle.NodeReader`).

        Raises:
            OutOfTree: If it is not complete in the tree.
            MalformedTile: If a tile has another size than it must.
        """
        if index < 0 or (index + 1) << level > self._size:
            raise OutOfTree(f"node {level}/{index} in a tree of {self._size}")
        row, inner = divmod(level, HEIGHT)
        first = index << inner
        tile = self._tile(tile_of(row, first // WIDTH, self._size))
        at = first % WIDTH
        hashes = [tile[HASH_BYTES * n : HASH_BYTES * (n + 1)] for n in range(at, at + (1 << inner))]
        while len(hashes) > 1:
            hashes = [node_hash(*hashes[n : n + 2]) for n in range(0, len(hashes), 2)]
        return hashes[0]

    def _tile(self, path: TilePath) -> bytes:
        if path not in self._kept:
            data = self._fetch(path.text())
            if len(data) != path.width * HASH_BYTES:
                raise MalformedTile(path.text())
            self._kept[path] = data
        return self._kept[path]
