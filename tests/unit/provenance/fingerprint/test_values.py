import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from provenance.fingerprint.errors import BadFingerprint
from provenance.fingerprint.values import COLUMNS, ROWS, SECOND_BYTES, Fingerprint

SIGNS = st.integers(0, 6).flatmap(
    lambda n: arrays(np.int8, (n, 2, ROWS, COLUMNS), elements=st.integers(-1, 1))
)


@settings(max_examples=30, deadline=None)
@given(SIGNS)
def test_signs_and_bytes_come_back(signs: np.ndarray) -> None:
    packed = Fingerprint.from_signs(signs, (1280, 720))
    assert np.array_equal(packed.signs(), signs)
    assert Fingerprint.from_bytes(packed.to_bytes()) == packed
    assert len(packed.to_bytes()) == 10 + SECOND_BYTES * len(signs)


def test_a_second_takes_a_few_dozen_bytes() -> None:
    assert SECOND_BYTES == 58


GOOD = Fingerprint.from_signs(np.ones((2, 2, ROWS, COLUMNS), np.int8), (640, 360)).to_bytes()


@pytest.mark.parametrize(
    "raw",
    [
        b"",
        GOOD[:9],
        GOOD[:-1],
        GOOD + b"\0",
        b"CFP2" + GOOD[4:],
        GOOD[:4] + b"\0\0" + GOOD[6:],
        GOOD[:20] + b"\xff" + GOOD[21:],
    ],
    ids=["empty", "short", "cut", "long", "version", "no-width", "not-signs"],
)
def test_other_bytes_are_refused(raw: bytes) -> None:
    with pytest.raises(BadFingerprint):
        Fingerprint.from_bytes(raw)
