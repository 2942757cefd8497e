"""The error-correcting code: rate 1/4, constraint length 15, and its soft Viterbi decoder.

The generators are those of the Galileo mission's (15, 1/4) code. Encoder and decoder start and
end in state zero, so a word of n bits becomes 4 * (n + 14) coded bits. With 16384 states, each
step of the decoder is a handful of array operations: about 20 ms for a word of 96 bits.
"""

from __future__ import annotations

from functools import cache

import numpy as np
from numpy.typing import NDArray

from provenance.watermark.arrays import Bits, Vector

CONSTRAINT = 15
GENERATORS = (0o46321, 0o51271, 0o63667, 0o70535)
RATE = len(GENERATORS)
TAIL = CONSTRAINT - 1
_STATES = 1 << TAIL


def coded_length(bits: int) -> int:
    """Return how many coded bits a word of so many bits becomes."""
    return RATE * (bits + TAIL)


def encode(word: Bits) -> Bits:
    """Encode a word.

    Args:
        word: zeros and ones, (n,).

    Returns:
        The coded bits, (4 * (n + 14),).
    """
    padded = np.concatenate([np.zeros(TAIL, np.uint8), word, np.zeros(TAIL, np.uint8)])
    windows = np.lib.stride_tricks.sliding_window_view(padded, CONSTRAINT)
    # In a window the newest bit comes last, as bit 0 of the register does in a generator.
    taps = np.array([[g >> (TAIL - i) & 1 for i in range(CONSTRAINT)] for g in GENERATORS])
    coded: Bits = (windows.astype(np.int64) @ taps.T & 1).astype(np.uint8).ravel()
    return coded


def decode(soft: Vector, bits: int) -> Bits:
    """Find the word whose code correlates best with what was received.

    Args:
        soft: one value a coded bit, (4 * (bits + 14),); positive speaks for 0, negative for 1.
        bits: the length of the word.

    Returns:
        The most likely word, (bits,).

    Raises:
        ValueError: if `soft` has another length.
    """
    if soft.shape != (coded_length(bits),):
        raise ValueError(f"{bits} bits need {coded_length(bits)} values, not {soft.shape}")
    survivors = _forward(soft.astype(np.float32).reshape(-1, RATE), bits)
    return _trace_back(survivors)[:bits]


def _forward(received: NDArray[np.float32], bits: int) -> NDArray[np.bool_]:
    """Return, for each step and state, whether the survivor came from the upper predecessor.

    State t is reached by bit t & 1 from t >> 1 (lower) or (t >> 1) + states / 2 (upper).
    """
    lower, upper = _branch_outputs()
    metric = np.full(_STATES, -np.inf, np.float32)
    metric[0] = 0.0
    survivors = np.zeros((len(received), _STATES), np.bool_)
    signs = _output_signs()
    for step, values in enumerate(received):
        gain = signs @ values
        half = np.repeat(metric.reshape(2, -1), 2, axis=1)
        from_lower = half[0] + gain[lower]
        from_upper = half[1] + gain[upper]
        np.greater(from_upper, from_lower, out=survivors[step])
        metric = np.maximum(from_lower, from_upper)
        if step >= bits:
            metric[1::2] = -np.inf  # the tail is zeros
    return survivors


def _trace_back(survivors: NDArray[np.bool_]) -> Bits:
    word = np.zeros(len(survivors), np.uint8)
    state = 0
    for step in range(len(survivors) - 1, -1, -1):
        word[step] = state & 1
        state = (state >> 1) | (int(survivors[step, state]) << (TAIL - 1))
    return word


@cache
def _output_signs() -> NDArray[np.float32]:
    """Return the four signs (+1 for 0) of each of the 16 possible outputs of one step."""
    outputs = np.arange(1 << RATE)[:, None] >> np.arange(RATE)[None] & 1
    return (1.0 - 2.0 * outputs).astype(np.float32)


@cache
def _branch_outputs() -> tuple[NDArray[np.intp], NDArray[np.intp]]:
    """Return, for each state, which output leads there from its lower and upper predecessor."""
    register = np.arange(_STATES)
    outputs = []
    for oldest in (0, 1 << TAIL):
        taps = [np.bitwise_count((register | oldest) & g) & 1 for g in GENERATORS]
        outputs.append(sum((t.astype(np.intp) << i) for i, t in enumerate(taps)))
    return np.asarray(outputs[0], np.intp), np.asarray(outputs[1], np.intp)
