from __future__ import annotations

import pytest

from provenance.watermark.errors import BadPayload
from provenance.watermark.sound import payload as words


def test_words_come_back(key, payload):
    short, further = words.to_words(key, payload)
    assert len(short) == len(further) == words.WORD_BITS
    assert words.read_short(key, short) == words.short_id(payload) == payload >> 32
    assert words.read_full(key, payload >> 32, further) == payload


def test_the_short_word_depends_on_the_first_half_only(key, payload):
    other = payload ^ 1
    assert (words.to_words(key, payload)[0] == words.to_words(key, other)[0]).all()
    assert (words.to_words(key, payload)[1] != words.to_words(key, other)[1]).any()


@pytest.mark.parametrize("bit", [0, 31, 32, 47])
def test_a_wrong_bit_is_no_payload(bit, key, payload):
    short, further = words.to_words(key, payload)
    short[bit] ^= 1
    further[bit] ^= 1
    assert words.read_short(key, short) is None
    assert words.read_full(key, payload >> 32, further) is None


def test_another_key_reads_nothing(key, payload):
    short, further = words.to_words(key, payload)
    assert words.read_short(bytes(32), short) is None
    assert words.read_full(bytes(32), payload >> 32, further) is None


def test_a_half_of_another_payload_is_no_payload(key, payload):
    further = words.to_words(key, payload)[1]
    assert words.read_full(key, (payload >> 32) ^ 1, further) is None


@pytest.mark.parametrize("wrong", [-1, 1 << 64])
def test_other_numbers_are_refused(wrong, key):
    with pytest.raises(BadPayload):
        words.to_words(key, wrong)
