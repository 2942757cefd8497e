import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from provenance.watermark.sound import codes

WORDS = st.lists(st.integers(0, 1), min_size=1, max_size=40).map(lambda w: np.array(w, np.uint8))


def soft(word: np.ndarray) -> np.ndarray:
    return 1.0 - 2.0 * codes.encode(word).astype(np.float32)


@settings(max_examples=15, deadline=None)
@given(WORDS)
def test_what_is_encoded_decodes(word: np.ndarray) -> None:
    assert len(codes.encode(word)) == codes.coded_length(len(word))
    assert np.array_equal(codes.decode(soft(word), len(word)), word)


@settings(max_examples=10, deadline=None)
@given(WORDS, st.data())
def test_seventeen_wrong_bits_are_corrected(word: np.ndarray, data: st.DataObject) -> None:
    # The free distance of this code is 35, so any 17 errors leave the true word the nearest.
    received = soft(word)
    places = st.lists(st.integers(0, len(received) - 1), max_size=17, unique=True)
    received[data.draw(places)] *= -1
    assert np.array_equal(codes.decode(received, len(word)), word)


def test_the_code_is_linear() -> None:
    rng = np.random.default_rng(1)
    one, two = rng.integers(0, 2, (2, 30)).astype(np.uint8)
    assert np.array_equal(codes.encode(one ^ two), codes.encode(one) ^ codes.encode(two))


def test_a_single_one_gives_the_generators() -> None:
    columns = codes.encode(np.array([1], np.uint8)).reshape(-1, codes.RATE).T
    taps = [int("".join(map(str, reversed(column))), 2) for column in columns]
    assert taps == list(codes.GENERATORS)


def test_a_word_is_read_under_heavy_noise() -> None:
    rng = np.random.default_rng(2)
    word = rng.integers(0, 2, 96).astype(np.uint8)
    noisy = soft(word) + rng.normal(0, 1.2, codes.coded_length(96)).astype(np.float32)
    assert np.mean((noisy < 0) != codes.encode(word)) > 0.15
    assert np.array_equal(codes.decode(noisy, 96), word)


def test_the_decoder_finds_the_most_likely_word() -> None:
    rng = np.random.default_rng(3)
    received = rng.normal(size=codes.coded_length(6)).astype(np.float32)
    words = [np.array([n >> i & 1 for i in range(6)], np.uint8) for n in range(64)]
    best = max(words, key=lambda word: float(soft(word) @ received))
    assert np.array_equal(codes.decode(received, 6), best)


def test_silence_decodes_to_some_word() -> None:
    assert codes.decode(np.zeros(codes.coded_length(8), np.float32), 8).shape == (8,)


def test_a_wrong_length_is_refused() -> None:
    with pytest.raises(ValueError, match="need"):
        codes.decode(np.zeros(10, np.float32), 8)
