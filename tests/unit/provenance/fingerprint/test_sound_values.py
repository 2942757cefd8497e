from __future__ import annotations

import numpy as np
import pytest

from provenance.fingerprint.errors import BadFingerprint
from provenance.fingerprint.sound_values import SECOND_BYTES, SIGNS, SoundFingerprint

SOME = np.random.default_rng(1).integers(-1, 2, (30, SIGNS)).astype(np.int8)


def test_signs_and_bytes_come_back():
    value = SoundFingerprint.from_signs(SOME)
    assert np.array_equal(value.signs(), SOME)
    assert SoundFingerprint.from_bytes(value.to_bytes()) == value
    assert len(value.to_bytes()) == 8 + 3 * SECOND_BYTES


def test_a_begun_second_is_filled_with_zeros():
    value = SoundFingerprint.from_signs(SOME[:13])
    assert len(value.seconds) == 2
    assert np.array_equal(value.signs()[:13], SOME[:13])
    assert not value.signs()[13:].any()


def test_nothing_is_a_value_too():
    value = SoundFingerprint.from_signs(SOME[:0])
    assert SoundFingerprint.from_bytes(value.to_bytes()) == value
    assert value.signs().shape == (0, SIGNS)


GOOD = SoundFingerprint.from_signs(SOME).to_bytes()


@pytest.mark.parametrize(
    "raw",
    [
        b"",
        GOOD[:7],
        GOOD[:-1],
        GOOD + b"\0",
        b"CFP1" + GOOD[4:],
        GOOD[:4] + b"\0\0\0\4" + GOOD[8:],
        GOOD[:-1] + b"\xf3",
    ],
    ids=["empty", "header cut", "cut", "longer", "of a picture", "wrong count", "no five signs"],
)
def test_other_bytes_are_refused(raw):
    with pytest.raises(BadFingerprint):
        SoundFingerprint.from_bytes(raw)
