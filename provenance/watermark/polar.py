"""The error-correcting code: a polar code of 1024 bits with list decoding.

A word of 96 bits becomes 1024 coded bits (Arikan 2009). The decoder keeps the `paths` most likely
beginnings while it decides bit after bit (Tal and Vardy 2015), and gives all whole words that are
left, the most likely one first: the caller takes the one whose tag is right, so the tag serves as
the check that such decoders need. Which bits are reliable follows the beta expansion with
beta = 2**(1/4) (He et al. 2017), which needs no channel model.

Minimum-sum arithmetic is used throughout, so the unit of the received values does not matter.
"""

from __future__ import annotations

from functools import cache
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from provenance.watermark.arrays import Bits, Indices, Vector

CODED_BITS = 1024
_LEVELS = CODED_BITS.bit_length() - 1

Words: TypeAlias = NDArray[np.uint8]
"""Candidates, (paths, bits), the most likely first."""


def encode(word: Bits) -> Bits:
    """Encode a word of up to 1024 bits; returns (1024,)."""
    source = np.zeros(CODED_BITS, np.uint8)
    source[_information(len(word))] = word
    return _transform(source)


def decode(soft: Vector, bits: int, paths: int = 64) -> Words:
    """List the words that best explain what was received.

    Args:
        soft: what was received, (1024,), in any unit: positive speaks for 0, negative for 1.
        bits: the length of a word.
        paths: how many beginnings to keep.

    Returns:
        At most `paths` words, the most likely one first.

    Raises:
        ValueError: if `soft` has another length.
    """
    if soft.shape != (CODED_BITS,):
        raise ValueError(f"1024 values are needed, not {soft.shape}")
    information = _information(bits)
    search = _Search(soft.astype(np.float32), information, paths)
    search.node(_LEVELS, 0)
    order = np.argsort(search.cost, kind="stable")
    return search.decided[order][:, information]


def _transform(source: Bits) -> Bits:
    coded = source.copy()
    for level in range(_LEVELS):
        pairs = coded.reshape(-1, 2, 1 << level)
        pairs[:, 0] ^= pairs[:, 1]
    return coded


@cache
def _information(bits: int) -> Indices:
    """Return the places of a word's bits among the 1024: the most reliable ones, in order."""
    digits = np.arange(CODED_BITS)[:, None] >> np.arange(_LEVELS) & 1
    weight = (digits * 2.0 ** (np.arange(_LEVELS) / 4)).sum(axis=1)
    return np.sort(np.argsort(weight, kind="stable")[CODED_BITS - bits :]).astype(np.int64)


class _Search:
    """Successive cancellation over a list of paths, as a walk over the tree of the code."""

    def __init__(self, received: Vector, information: Indices, paths: int) -> None:
        self._limit = paths
        self._free = np.zeros(CODED_BITS, np.bool_)
        self._free[information] = True
        self.cost = np.zeros(1, np.float32)
        self.decided = np.zeros((1, CODED_BITS), np.uint8)
        # One row a path for each level of the tree; a fork copies the rows of all levels.
        self._values: list[NDArray[np.float32]] = [np.empty((1, 0), np.float32)] * _LEVELS
        self._values.append(received[None])
        self._left: list[Words] = [np.empty((1, 0), np.uint8)] * (_LEVELS + 1)

    def node(self, level: int, start: int) -> Words:
        """Decide the 2**level bits from `start`; returns their coded form for each path."""
        size = 1 << level
        free = self._free[start : start + size]
        if not free.any():
            return self._frozen(level, size)
        if level == 0:
            return self._decide(start)
        half = size // 2
        upper, lower = self._values[level][:, :half], self._values[level][:, half:]
        self._values[level - 1] = np.sign(upper * lower) * np.minimum(np.abs(upper), np.abs(lower))
        self._left[level] = self.node(level - 1, start)
        upper, lower = self._values[level][:, :half], self._values[level][:, half:]
        left = self._left[level]
        self._values[level - 1] = lower + np.where(left, -upper, upper)
        right = self.node(level - 1, start + half)
        return np.concatenate([self._left[level] ^ right, right], axis=1)

    def _frozen(self, level: int, size: int) -> Words:
        """All bits are zero here: each value that says otherwise costs the path its size."""
        self.cost = self.cost + np.maximum(-self._values[level], 0.0).sum(axis=1)
        return np.zeros((len(self.cost), size), np.uint8)

    def _decide(self, at: int) -> Words:
        """Fork every path on one bit and keep the cheapest."""
        value = self._values[0][:, 0]
        both = np.concatenate(
            [self.cost + np.maximum(-value, 0.0), self.cost + np.maximum(value, 0.0)]
        )
        if len(both) > self._limit:
            kept = np.sort(np.argpartition(both, self._limit - 1)[: self._limit])
        else:
            kept = np.arange(len(both))
        parents, bit = kept % len(value), (kept >= len(value)).astype(np.uint8)
        self.cost = both[kept]
        self.decided = self.decided[parents]
        self.decided[:, at] = bit
        self._values = [v if len(v) == 1 and not v.size else v[parents] for v in self._values]
        self._left = [v if not v.size else v[parents] for v in self._left]
        return bit[:, None]
