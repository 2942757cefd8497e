import pytest
from hypothesis import given
from hypothesis import strategies as st

from provenance.watermark.errors import BadPayload
from provenance.watermark.payload import (
    WORD_BITS,
    from_hex,
    from_word,
    new_payload,
    to_hex,
    to_word,
)

PAYLOADS = st.integers(0, 2**64 - 1)


@given(PAYLOADS)
def test_a_word_gives_its_payload_back(payload: int) -> None:
    word = to_word(b"k" * 32, payload)
    assert word.shape == (WORD_BITS,)
    assert from_word(b"k" * 32, word) == payload
    assert from_hex(to_hex(payload)) == payload


@given(PAYLOADS, st.integers(0, WORD_BITS - 1))
def test_one_wrong_bit_is_no_payload(payload: int, place: int) -> None:
    word = to_word(b"k" * 32, payload)
    word[place] ^= 1
    assert from_word(b"k" * 32, word) is None


@given(PAYLOADS)
def test_another_keys_word_is_no_payload(payload: int) -> None:
    assert from_word(b"j" * 32, to_word(b"k" * 32, payload)) is None


def test_new_payloads_differ() -> None:
    assert len({new_payload() for _ in range(50)}) == 50


@pytest.mark.parametrize("payload", [-1, 2**64])
def test_a_number_out_of_range_is_refused(payload: int) -> None:
    with pytest.raises(BadPayload):
        to_word(b"k" * 32, payload)
    with pytest.raises(BadPayload):
        to_hex(payload)


@pytest.mark.parametrize("text", ["", "12", "0123456789ABCDEF", "0x23456789abcdef", "g" * 16])
def test_other_text_is_refused(text: str) -> None:
    with pytest.raises(BadPayload):
        from_hex(text)
