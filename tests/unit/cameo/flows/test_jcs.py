"""Canonical JSON: the same bytes as RFC 8785, and nothing else is read."""

from __future__ import annotations

import json

import pytest
import rfc8785
from hypothesis import given
from hypothesis import strategies as st

from cameo.flows.jcs import MOST, JcsError, OtherSpellingError, dump, load

NAMES = st.text(st.characters(min_codepoint=0x20, max_codepoint=0x7E), max_size=8)
TEXTS = st.text(st.characters(exclude_categories=["Cs"]), max_size=20)
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers(0, MOST) | TEXTS,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(NAMES, inner, max_size=4),
    max_leaves=20,
)


@given(VALUES)
def test_it_is_rfc_8785(value: object):
    data = dump(value)
    assert data == rfc8785.dumps(value)  # type: ignore[arg-type]
    assert load(data, most=len(data)) == value


@pytest.mark.parametrize(
    "text",
    [
        '{"a": 1}',
        '{"a":1}\n',
        '{"b":1,"a":1}',
        '{"a":1,"a":1}',
        '{"a":1,"a":2}',
        '{"a":"\\u0061"}',
        '{"a":"\\/"}',
        '{"a":"\\u001F"}',
        '{"a":-0}',
    ],
)
def test_other_spellings(text: str):
    with pytest.raises(OtherSpellingError):
        load(text.encode(), most=100)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "{",
        '{"a":1.0}',
        '{"a":1e2}',
        '{"a":-1}',
        '{"a":NaN}',
        '{"a":Infinity}',
        f'{{"a":{MOST + 1}}}',
        '{"a":' + "9" * 5000 + "}",
        '{"é":1}',
        '{"a":"\\ud800"}',
        "[" * 5000 + "]" * 5000,
        "\ufeff{}",
    ],
)
def test_what_is_not_read(text: str):
    with pytest.raises(JcsError) as caught:
        load(text.encode("utf-8", "surrogatepass"), most=20_000)
    assert not isinstance(caught.value, OtherSpellingError)


def test_bytes_that_are_no_text_and_too_many_of_them():
    for data in (b'{"a":"\xff"}', json.dumps({"a": "x" * 100}).encode()):
        with pytest.raises(JcsError):
            load(data, most=50)


def test_what_cannot_be_written():
    for value in ("\ud800", {"a": object()}):
        with pytest.raises(JcsError):
            dump(value)
