from __future__ import annotations

import os

import pytest

from cameo.keys.epochs import AT_ONCE, Epochs
from cameo.keys.errors import InsecurePermissions, KeyStoreBroken


@pytest.fixture
def folder(tmp_path):
    return tmp_path / "keks"


@pytest.fixture
def epochs(folder):
    return Epochs(folder)


def test_numbers_rise_and_the_newest_wraps(epochs):
    for number in range(1, 12):
        assert epochs.begin(1000 + number).number == number
    assert epochs.numbers() == list(range(1, 12))
    assert (epochs.newest().number, epochs.newest().ends) == (11, 1011)


def test_every_epoch_has_a_kek_of_its_own(folder, epochs):
    epochs.begin(AT_ONCE)
    epochs.begin(AT_ONCE)
    one, two = (epochs.get(number).kek for number in (1, 2))
    sealed = one.encrypt(bytes(12), b"x", None)
    assert Epochs(folder).get(1).kek.decrypt(bytes(12), sealed, None) == b"x"
    assert two.encrypt(bytes(12), b"x", None) != sealed


def test_no_epoch(epochs):
    assert epochs.numbers() == []
    assert epochs.get(1) is None
    with pytest.raises(KeyStoreBroken):
        epochs.newest()


def test_an_ended_epoch_is_gone_for_all(folder, epochs):
    epochs.begin(AT_ONCE)
    epochs.begin(AT_ONCE)
    other = Epochs(folder)
    assert other.get(1) is not None
    kek = (folder / "1").read_bytes()[21:53]
    held = (folder / "1").open("rb")
    epochs.end(1)
    with held:
        assert kek not in held.read()  # overwritten in place, not only unlinked
    assert epochs.get(1) is other.get(1) is None
    assert [path.name for path in folder.iterdir()] == ["2"]


def test_an_ended_epoch_leaves_memory_at_the_next_look(epochs):
    epochs.begin(AT_ONCE)
    epochs.begin(AT_ONCE)
    assert epochs.get(1).number == 1
    other = Epochs(epochs._folder)
    other.end(1)
    assert epochs.get(2).number == 2
    assert sorted(epochs._known) == [2]


def test_a_kek_does_not_stand_in_for_another(folder, epochs):
    epochs.begin(AT_ONCE)
    os.link(folder / "1", folder / "2")
    with pytest.raises(KeyStoreBroken):
        epochs.get(2)


def test_a_kek_that_others_may_read(folder, epochs):
    epochs.begin(AT_ONCE)
    (folder / "1").chmod(0o604)
    with pytest.raises(InsecurePermissions):
        epochs.get(1)


def test_ending_while_it_is_read(folder, epochs, monkeypatch):
    """Half overwritten and then gone is an end, not damage."""
    epochs.begin(AT_ONCE)

    def late(path):
        data = path.read_bytes()
        path.unlink()
        return data[:30] + bytes(30) + data[60:]

    monkeypatch.setattr("cameo.keys.epochs.read_private", late)
    assert epochs.get(1) is None


def test_tidying_shreds_what_has_ended_and_spares_what_lives(folder, epochs):
    epochs.begin(AT_ONCE)
    kek = (folder / "1").read_bytes()
    os.link(folder / "1", folder / ".1.0123456789abcdef.tmp")  # a crash just after its making
    (folder / ".7.ended").write_bytes(b"left by a crash just before its end")
    epochs.tidy()
    assert [path.name for path in folder.iterdir()] == ["1"]
    assert (folder / "1").read_bytes() == kek


def test_a_kek_is_not_shown(epochs):
    assert "kek" not in repr(epochs.begin(AT_ONCE))
