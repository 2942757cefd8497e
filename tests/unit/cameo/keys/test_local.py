from __future__ import annotations

import ast
import multiprocessing
import shutil
import stat
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

import cameo.keys
from cameo.keys.errors import (
    BadName,
    ContextMismatch,
    InsecurePermissions,
    KeyDestroyed,
    KeyEpochGone,
    KeyStoreBroken,
    UnknownKey,
)
from cameo.keys.local import LocalKeyProvider
from cameo.keys.provider import KeyProvider

NOW = datetime(2030, 1, 1, tzinfo=UTC)


@pytest.fixture
def folder(tmp_path):
    return tmp_path / "keys"


@pytest.fixture
def provider(folder):
    return LocalKeyProvider(folder)


def file_of(folder, dek_id):
    return folder / "deks" / dek_id


def test_a_key_opens_with_its_context_also_after_a_restart(folder, provider):
    keys: KeyProvider = provider
    dek_id = keys.create("clip|clip_1|media")
    key = keys.open(dek_id, "clip|clip_1|media")
    assert len(key) == 32
    assert LocalKeyProvider(folder).open(dek_id, "clip|clip_1|media") == key


def test_every_key_is_fresh(provider):
    ids = [provider.create("same context") for _ in range(50)]
    assert len(set(ids)) == len({provider.open(i, "same context") for i in ids}) == 50


def test_nothing_in_the_folder_is_readable_by_others_or_holds_the_key(folder, provider):
    dek_id = provider.create("c")
    key = provider.open(dek_id, "c")
    for path in [folder, *folder.rglob("*")]:
        assert stat.S_IMODE(path.stat().st_mode) & 0o077 == 0
        assert path.is_dir() or key not in path.read_bytes()


def test_key_for_another_purpose(provider):
    dek_id = provider.create("template|tpl_1|face")
    for context in ("template|tpl_1|voice", "template|tpl_2|face", "template|tpl_1|face "):
        with pytest.raises(ContextMismatch):
            provider.open(dek_id, context)


def test_key_files_exchanged(folder, provider):
    one, two = provider.create("c"), provider.create("c")
    first, second = file_of(folder, one), file_of(folder, two)
    held = first.read_bytes()
    first.write_bytes(second.read_bytes())
    second.write_bytes(held)
    for dek_id in (one, two):
        with pytest.raises(ContextMismatch):
            provider.open(dek_id, "c")


def test_every_flipped_byte_of_a_key_file_is_noticed(folder, provider):
    dek_id = provider.create("c")
    path = file_of(folder, dek_id)
    good = path.read_bytes()
    for at in range(len(good)):
        path.write_bytes(good[:at] + bytes([good[at] ^ 1]) + good[at + 1 :])
        with pytest.raises((ContextMismatch, KeyEpochGone, KeyStoreBroken)):
            provider.open(dek_id, "c")
    for end in range(len(good)):
        path.write_bytes(good[:end])
        with pytest.raises(KeyStoreBroken):
            provider.open(dek_id, "c")


def test_key_wrapped_elsewhere(tmp_path, folder, provider):
    other = LocalKeyProvider(tmp_path / "other")
    dek_id = other.create("c")
    shutil.copy2(file_of(tmp_path / "other", dek_id), file_of(folder, dek_id))
    with pytest.raises(ContextMismatch):
        provider.open(dek_id, "c")


def test_a_destroyed_key_is_gone_for_every_provider(folder, provider):
    dek_id, kept = provider.create("c"), provider.create("c")
    provider.destroy(dek_id)
    provider.destroy(dek_id)
    assert not file_of(folder, dek_id).exists()
    for again in (provider, LocalKeyProvider(folder)):
        with pytest.raises(KeyDestroyed):
            again.open(dek_id, "c")
        assert again.open(kept, "c")


def test_a_key_file_that_comes_back_from_a_backup_stays_closed(tmp_path, folder, provider):
    dek_id = provider.create("c")
    backup = tmp_path / "backup"
    shutil.copy2(file_of(folder, dek_id), backup)
    provider.destroy(dek_id)
    shutil.copy2(backup, file_of(folder, dek_id))
    with pytest.raises(KeyDestroyed):
        provider.open(dek_id, "c")
    provider.destroy(dek_id)
    assert not file_of(folder, dek_id).exists()


def test_crash_between_the_mark_and_the_shredding(folder, provider, monkeypatch):
    dek_id = provider.create("c")

    def crash(_path):
        raise KeyStoreBroken

    with monkeypatch.context() as patch:
        patch.setattr("cameo.keys.shelf.shred", crash)
        with pytest.raises(KeyStoreBroken):
            provider.destroy(dek_id)
    assert file_of(folder, dek_id).exists()
    with pytest.raises(KeyDestroyed):
        provider.open(dek_id, "c")
    provider.destroy(dek_id)
    assert not file_of(folder, dek_id).exists()


def test_a_damaged_or_exposed_key_can_still_be_destroyed(folder, provider):
    dek_id = provider.create("c")
    file_of(folder, dek_id).write_bytes(b"damaged")
    file_of(folder, dek_id).chmod(0o644)
    provider.destroy(dek_id)
    assert not file_of(folder, dek_id).exists()


def test_a_key_that_never_was(provider):
    unknown = "dek_" + "0" * 32
    with pytest.raises(UnknownKey):
        provider.open(unknown, "c")
    with pytest.raises(UnknownKey):
        provider.destroy(unknown)


@pytest.mark.parametrize(
    "dek_id",
    ["", "dek_", "../keks/1", "dek_" + "0" * 31, "dek_" + "Z" * 32, "dek_" + "0" * 32 + "\n"],
)
def test_ids_that_are_none_never_reach_the_disk(provider, dek_id):
    with pytest.raises(BadName):
        provider.open(dek_id, "c")
    with pytest.raises(BadName):
        provider.destroy(dek_id)


@pytest.mark.parametrize("context", ["", "a\nb", "x" * 513])
def test_contexts_that_are_none_are_refused(provider, context):
    with pytest.raises(BadName):
        provider.create(context)


def test_kek_readable_by_others(folder, provider):
    dek_id = provider.create("c")
    (folder / "keks" / "1").chmod(0o640)
    with pytest.raises(InsecurePermissions):
        LocalKeyProvider(folder).open(dek_id, "c")
    with pytest.raises(InsecurePermissions):
        LocalKeyProvider(folder).create("c")


def test_every_flipped_byte_of_a_kek_is_noticed(folder, provider):
    dek_id = provider.create("c")
    path = folder / "keks" / "1"
    good = path.read_bytes()
    for at in range(len(good)):
        path.write_bytes(good[:at] + bytes([good[at] ^ 1]) + good[at + 1 :])
        again = LocalKeyProvider(folder)
        with pytest.raises(KeyStoreBroken):
            again.open(dek_id, "c")
        with pytest.raises(KeyStoreBroken):
            again.rotate(NOW)
    for end in range(len(good)):
        path.write_bytes(good[:end])
        with pytest.raises(KeyStoreBroken):
            LocalKeyProvider(folder).create("c")
    path.write_bytes(good)
    assert LocalKeyProvider(folder).open(dek_id, "c") == provider.open(dek_id, "c")


def test_keks_lost_are_not_quietly_replaced(folder, provider):
    provider.create("c")
    (folder / "keks" / "1").unlink()
    with pytest.raises(KeyStoreBroken):
        LocalKeyProvider(folder)
    assert not list((folder / "keks").iterdir())
    with pytest.raises(KeyStoreBroken):
        provider.create("c")
    with pytest.raises(KeyStoreBroken):
        provider.rotate(NOW)


@pytest.mark.parametrize("days", [0, -1, 367])
def test_a_period_out_of_range(folder, days):
    with pytest.raises(ValueError, match="366"):
        LocalKeyProvider(folder, period=timedelta(days=days))


def _first_use(folder, barrier, results):
    barrier.wait()
    results.put(LocalKeyProvider(folder).create("c"))


def test_processes_that_start_at_once_share_one_kek(folder):
    context = multiprocessing.get_context("fork")
    barrier, results = context.Barrier(4), context.Queue()
    workers = [
        context.Process(target=_first_use, args=(folder, barrier, results)) for _ in range(4)
    ]
    for worker in workers:
        worker.start()
    ids = [results.get(timeout=30) for _ in workers]
    for worker in workers:
        worker.join()
    provider = LocalKeyProvider(folder)
    assert len({provider.open(dek_id, "c") for dek_id in ids}) == 4


def test_nothing_here_knows_a_persons_key():
    """No module of the package imports consent or a key class that signs like a person's."""
    for path in Path(cameo.keys.__file__).parent.glob("*.py"):
        tree = ast.parse(path.read_text(encoding="utf-8"))
        for node in ast.walk(tree):
            names = [alias.name for alias in getattr(node, "names", []) if hasattr(alias, "name")]
            names.append(getattr(node, "module", None) or "")
            assert not any(name.split(".")[0] == "consent" for name in names), path.name
            assert "Ed25519PrivateKey" not in names, path.name
