from __future__ import annotations

import pytest

from cameo.keys.envelope import HEADER, OVERHEAD, seal, unseal
from cameo.keys.errors import BadKey, MalformedSeal, SealBroken

KEY, AAD = b"k" * 32, b"template|tpl_1|face|1"


@pytest.mark.parametrize("plaintext", [b"", b"x", b"y" * 100_000])
def test_what_is_sealed_is_unsealed(plaintext):
    sealed = seal(KEY, plaintext, AAD)
    assert sealed.startswith(HEADER)
    assert len(sealed) == len(plaintext) + OVERHEAD
    assert unseal(KEY, sealed, AAD) == plaintext


def test_equal_values_seal_differently():
    assert seal(KEY, b"same", AAD) != seal(KEY, b"same", AAD)


def test_every_flipped_bit_is_noticed():
    sealed = seal(KEY, b"secret", AAD)
    for bit in range(len(sealed) * 8):
        wrong = bytearray(sealed)
        wrong[bit // 8] ^= 1 << bit % 8
        with pytest.raises((SealBroken, MalformedSeal)):
            unseal(KEY, bytes(wrong), AAD)


def test_every_cut_and_every_addition_is_noticed():
    sealed = seal(KEY, b"secret", AAD)
    for end in range(len(sealed)):
        with pytest.raises((SealBroken, MalformedSeal)):
            unseal(KEY, sealed[:end], AAD)
    with pytest.raises(SealBroken):
        unseal(KEY, sealed + b"\0", AAD)


def test_value_of_another_thing_or_key():
    sealed = seal(KEY, b"secret", AAD)
    with pytest.raises(SealBroken):
        unseal(KEY, sealed, b"template|tpl_2|face|1")
    with pytest.raises(SealBroken):
        unseal(b"K" * 32, sealed, AAD)


def test_another_version_is_not_guessed():
    sealed = seal(KEY, b"secret", AAD)
    with pytest.raises(MalformedSeal):
        unseal(KEY, b"CMS\x02" + sealed[4:], AAD)


@pytest.mark.parametrize("key", [b"", b"k" * 16, b"k" * 31, b"k" * 33])
def test_keys_of_another_size_are_refused(key):
    with pytest.raises(BadKey):
        seal(key, b"x", AAD)
    with pytest.raises(BadKey):
        unseal(key, seal(KEY, b"x", AAD), AAD)
