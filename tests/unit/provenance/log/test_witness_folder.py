from __future__ import annotations

import json
import os
import stat

import pytest

from provenance.log import witness_folder
from provenance.log.errors import MalformedKey, MalformedState
from provenance.log.witness import Witness, build_request
from provenance.log.witness_folder import open_folder, write_durably


def names_in(folder):
    return sorted(path.name for path in folder.iterdir())


def test_the_key_is_made_once_and_stays(tmp_path):
    with open_folder(tmp_path / "w", "witness.example/w1") as folder:
        vkey = folder.cosigner.vkey
    assert vkey.startswith("witness.example/w1+")
    with open_folder(tmp_path / "w") as folder:
        assert folder.cosigner.vkey == vkey
    with open_folder(tmp_path / "other", "witness.example/w1") as folder:
        assert folder.cosigner.vkey != vkey


def test_everything_in_it_is_private(tmp_path):
    with open_folder(tmp_path / "w") as folder:
        folder.store("a", "note")
    for path in [tmp_path / "w", tmp_path / "w" / "key", tmp_path / "w" / "heads.json"]:
        assert stat.S_IMODE(path.stat().st_mode) & 0o077 == 0


def test_a_name_that_nobody_chose_is_one(tmp_path):
    with open_folder(tmp_path / "w") as folder:
        assert folder.cosigner.vkey.startswith("cameo.local/witness-")


def test_a_witness_keeps_its_name(tmp_path):
    with open_folder(tmp_path / "w", "witness.example/w1"):
        pass
    with pytest.raises(MalformedKey), open_folder(tmp_path / "w", "witness.example/w2"):
        pass
    with pytest.raises(MalformedKey), open_folder(tmp_path / "x", "two words"):
        pass


def test_two_witnesses_cannot_share_a_memory(tmp_path):
    with (
        open_folder(tmp_path / "w"),
        pytest.raises(MalformedState),
        open_folder(tmp_path / "w"),
    ):
        pass


def test_heads_outlive_the_process(tmp_path):
    with open_folder(tmp_path / "w") as folder:
        assert folder.load("a") is None
        folder.store("a", "one — two\n")
        folder.store("b", "three")
        folder.store("a", "four")
    with open_folder(tmp_path / "w") as folder:
        assert (folder.load("a"), folder.load("b")) == ("four", "three")
    assert names_in(tmp_path / "w") == ["heads.json", "key", "lock"]


def test_a_memory_that_is_gone_is_not_replaced_by_an_empty_one(tmp_path):
    with open_folder(tmp_path / "w"):
        pass
    (tmp_path / "w" / "heads.json").unlink()
    with pytest.raises(MalformedState), open_folder(tmp_path / "w"):
        pass


@pytest.mark.parametrize("content", ["", "{", "[]", '{"a": 1}', "null"])
def test_a_damaged_memory_stops_the_witness(tmp_path, shown, content):
    shown.fill(1)
    with open_folder(tmp_path / "w") as folder:
        witness = Witness(folder.cosigner, {shown.signer.name: shown.vkey}, folder)
        (tmp_path / "w" / "heads.json").write_text(content)
        with pytest.raises(MalformedState):
            witness.add_checkpoint(build_request(0, [], shown.checkpoint()).encode(), 5)


@pytest.mark.parametrize("content", ["", "PRIVATE+KEY+w+AAAA", "PRIVATE+KEY+a b+" + "A" * 43 + "="])
def test_a_damaged_key_is_refused(tmp_path, content):
    with open_folder(tmp_path / "w"):
        pass
    (tmp_path / "w" / "key").write_text(content)
    with pytest.raises(MalformedKey), open_folder(tmp_path / "w"):
        pass


def test_a_crash_before_the_key_leaves_a_folder_that_can_begin(tmp_path, monkeypatch):
    real = witness_folder.write_durably

    def crashing(path, text):
        if path.name == "key":
            raise KeyboardInterrupt
        real(path, text)

    with monkeypatch.context() as patch:
        patch.setattr(witness_folder, "write_durably", crashing)
        with pytest.raises(KeyboardInterrupt), open_folder(tmp_path / "w"):
            pass
    with open_folder(tmp_path / "w") as folder:
        folder.store("a", "note")


def test_a_file_is_replaced_whole_or_not_at_all(tmp_path, monkeypatch):
    path = tmp_path / "file"
    write_durably(path, "before")
    synced = []
    real = os.fsync

    def counting(descriptor):
        synced.append(stat.S_ISDIR(os.fstat(descriptor).st_mode))
        real(descriptor)

    monkeypatch.setattr(os, "fsync", counting)
    write_durably(path, "after")
    assert path.read_text() == "after"
    # The file is on the disk before it takes the place, and the place after it.
    assert synced == [False, True]

    def failing(descriptor):
        raise OSError("no space left")

    monkeypatch.setattr(os, "fsync", failing)
    with pytest.raises(OSError, match="space"):
        write_durably(path, "half")
    assert path.read_text() == "after"
    assert names_in(tmp_path) == ["file"]


def test_the_memory_is_readable_by_people(tmp_path):
    with open_folder(tmp_path / "w") as folder:
        folder.store("a", "— note")
    assert json.loads((tmp_path / "w" / "heads.json").read_text("utf-8")) == {"a": "— note"}
