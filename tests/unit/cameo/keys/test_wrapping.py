from __future__ import annotations

import pytest
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from cameo.keys.errors import BadName, ContextMismatch, KeyDamaged
from cameo.keys.wrapping import UNBOUND, parse, purpose_of, unwrap, wrap

KEK = AESGCM(bytes(range(32)))
KEY = bytes(range(100, 132))
DEK_ID = "dek_" + "ab" * 16


def wrapped(**changes):
    given = {"dek_id": DEK_ID, "epoch": 7, "purpose": purpose_of("c"), **changes}
    return wrap(KEK, KEY, **given)


def test_what_is_wrapped_is_unwrapped():
    read = parse(DEK_ID, wrapped())
    assert (read.dek_id, read.epoch, read.purpose) == (DEK_ID, 7, purpose_of("c"))
    assert unwrap(KEK, read) == KEY


def test_neither_key_nor_context_shows():
    data = wrapped(purpose=purpose_of("enrolment:enr_1:face"))
    assert KEY not in data
    assert b"enr_1" not in data


def test_two_wrappings_share_nothing_but_their_head():
    one, two = wrapped(), wrapped()
    assert one[:53] == two[:53]
    assert one[53:] != two[53:]


@pytest.mark.parametrize("at", range(13, 113))
def test_every_byte_after_the_magic_is_authentic(at):
    data = wrapped()
    changed = data[:at] + bytes([data[at] ^ 1]) + data[at + 1 :]
    with pytest.raises(ContextMismatch):
        unwrap(KEK, parse(DEK_ID, changed))


def test_the_id_is_authentic():
    with pytest.raises(ContextMismatch):
        unwrap(KEK, parse("dek_" + "ac" * 16, wrapped()))


def test_another_kek():
    with pytest.raises(ContextMismatch):
        unwrap(AESGCM(bytes(32)), parse(DEK_ID, wrapped()))


@pytest.mark.parametrize(
    "data", [b"", b"x", b"cameo-dek/v2\n", b"cameo-dek/v1\n" + bytes(60), bytes(113)]
)
def test_what_is_no_wrapped_key(data):
    with pytest.raises(KeyDamaged):
        parse(DEK_ID, data)


def test_contexts():
    assert len({purpose_of(text) for text in ("a", "b", "ab", "A", "é")} | {UNBOUND}) == 6
    for context in ("", "a\nb", "x" * 513):
        with pytest.raises(BadName):
            purpose_of(context)
