import pytest

from provenance.watermark.errors import BadKey
from provenance.watermark.keys import checked_key, epoch_key, key_commitment

MASTER = bytes(range(32))


def test_an_epoch_key_is_always_the_same() -> None:
    assert epoch_key(MASTER, 3, "video") == epoch_key(MASTER, 3, "video")
    assert len(epoch_key(MASTER, 3, "video")) == 32


def test_keys_differ_by_master_epoch_and_modality() -> None:
    keys = {
        epoch_key(MASTER, 0, "video"),
        epoch_key(MASTER, 1, "video"),
        epoch_key(MASTER, 1, "sound"),
        epoch_key(MASTER[::-1], 1, "video"),
    }
    assert len(keys) == 4


def test_a_derived_key_is_pinned() -> None:
    # A change here would make every mark in the world unreadable.
    assert epoch_key(MASTER, 1, "video").hex() == (
        "6f8db4497ad2d64aa5740e13179a3f356d53551303acef55e8a29ac71fcf1b15"
    )


def test_a_commitment_shows_neither_key_nor_another_key() -> None:
    key = epoch_key(MASTER, 1, "video")
    assert len(key_commitment(key)) == 64
    assert key.hex() not in key_commitment(key)
    assert key_commitment(key) != key_commitment(epoch_key(MASTER, 2, "video"))


def test_a_short_master_is_refused() -> None:
    with pytest.raises(BadKey, match="32 bytes"):
        epoch_key(b"short", 1, "video")


def test_a_negative_epoch_is_refused() -> None:
    with pytest.raises(BadKey, match="0 or more"):
        epoch_key(MASTER, -1, "video")


@pytest.mark.parametrize("length", [0, 16, 31, 33])
def test_a_key_of_another_length_is_refused(length: int) -> None:
    with pytest.raises(BadKey, match="32 bytes"):
        checked_key(bytes(length))
