import numpy as np

from provenance.watermark import prf


def test_labels_and_keys_cannot_be_confused() -> None:
    streams = {
        prf.stream(b"ab", "c", 16),
        prf.stream(b"a", "bc", 16),
        prf.stream(b"abc", "", 16),
        prf.stream(b"ab", "d", 16),
    }
    assert len(streams) == 4


def test_a_longer_stream_starts_like_a_shorter_one() -> None:
    assert prf.stream(b"k", "x", 100).startswith(prf.stream(b"k", "x", 10))


def test_signs_are_fair_and_pinned() -> None:
    signs = prf.signs(b"key", "chips", 4096)
    assert set(signs.tolist()) == {1.0, -1.0}
    assert abs(signs.mean()) < 4 / np.sqrt(len(signs))
    assert "".join("+" if s > 0 else "-" for s in signs[:16]) == "--+--+---+--+-++"


def test_a_permutation_has_every_number_once() -> None:
    order = prf.permutation(b"key", "layout", 1000)
    assert sorted(order.tolist()) == list(range(1000))
    assert not np.array_equal(order, prf.permutation(b"yek", "layout", 1000))
