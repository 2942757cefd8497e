import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from provenance.watermark import polar

WORDS = arrays(np.uint8, 96, elements=st.integers(0, 1))


def received(word: np.ndarray, signal: float, seed: int) -> np.ndarray:
    rng = np.random.default_rng(seed)
    signs = 1.0 - 2.0 * polar.encode(word)
    return (signs * signal / 32 + rng.normal(size=polar.CODED_BITS)).astype(np.float32)


@settings(max_examples=20, deadline=None)
@given(WORDS)
def test_a_word_comes_back(word: np.ndarray) -> None:
    soft = 1.0 - 2.0 * polar.encode(word).astype(np.float32)
    assert np.array_equal(polar.decode(soft, 96)[0], word)


@pytest.mark.parametrize("paths", [1, 8, 64])
def test_the_most_likely_word_comes_first_and_none_twice(paths: int) -> None:
    word = np.random.default_rng(1).integers(0, 2, 96).astype(np.uint8)
    words = polar.decode(received(word, 25.0, 1), 96, paths)
    assert np.array_equal(words[0], word)
    assert len(np.unique(words, axis=0)) == len(words) <= paths


def test_noise_is_corrected_where_the_signal_is_15_deviations() -> None:
    missed = 0
    for seed in range(30):
        word = np.random.default_rng(seed).integers(0, 2, 96).astype(np.uint8)
        words = polar.decode(received(word, 15.0, seed), 96)
        missed += not (words == word).all(axis=1).any()
    assert missed <= 1


def test_the_unit_does_not_matter() -> None:
    word = np.random.default_rng(3).integers(0, 2, 96).astype(np.uint8)
    soft = received(word, 16.0, 3)
    assert np.array_equal(polar.decode(soft, 96), polar.decode(soft * 1024, 96))


def test_erased_bits_are_bridged() -> None:
    word = np.random.default_rng(4).integers(0, 2, 96).astype(np.uint8)
    soft = 1.0 - 2.0 * polar.encode(word).astype(np.float32)
    soft[np.random.default_rng(5).permutation(1024)[:700]] = 0.0
    assert (polar.decode(soft, 96) == word).all(axis=1).any()


def test_code_words_of_different_words_are_far_apart() -> None:
    rng = np.random.default_rng(6)
    words = rng.integers(0, 2, (60, 96)).astype(np.uint8)
    words[1:31] = words[0] ^ np.eye(96, dtype=np.uint8)[:30]
    coded = np.array([polar.encode(w) for w in words], int)
    distance = np.abs(coded[:, None] - coded[None]).sum(axis=2)
    assert distance[~np.eye(60, dtype=bool)].min() >= 64


@pytest.mark.parametrize("length", [0, 1023, 1025])
def test_another_length_is_refused(length: int) -> None:
    with pytest.raises(ValueError, match="1024 values"):
        polar.decode(np.zeros(length, np.float32), 96)
