from __future__ import annotations

import multiprocessing
import os
import secrets
import stat
import threading

import pytest

from cameo.keys.errors import InsecurePermissions, KeysError, KeyStoreBroken
from cameo.keys.files import (
    create_once,
    exclusive,
    held,
    is_there,
    private_folder,
    read_private,
    replace_private,
    replace_through,
    shred,
    shred_aside,
)


def mode(path):
    return stat.S_IMODE(path.stat().st_mode)


@pytest.fixture
def folder(tmp_path):
    return private_folder(tmp_path / "keys")


def test_folders_and_files_are_private_whatever_the_umask(tmp_path):
    before = os.umask(0)
    try:
        folder = private_folder(tmp_path / "a" / "keys")
        create_once(folder / "one", b"x")
        replace_private(folder / "two", b"y")
    finally:
        os.umask(before)
    assert mode(folder) == 0o700
    assert mode(folder / "one") == mode(folder / "two") == 0o600


@pytest.mark.parametrize("bits", [0o755, 0o710, 0o701, 0o777])
def test_a_folder_that_others_may_enter_is_refused(tmp_path, bits):
    folder = tmp_path / "keys"
    folder.mkdir()
    folder.chmod(bits)
    with pytest.raises(InsecurePermissions):
        private_folder(folder)


@pytest.mark.parametrize("bits", [0o604, 0o640, 0o620, 0o666])
def test_a_file_that_others_may_read_or_change_is_refused(folder, bits):
    create_once(folder / "one", b"x")
    (folder / "one").chmod(bits)
    with pytest.raises(InsecurePermissions) as caught:
        read_private(folder / "one")
    assert f"{bits:04o}" in str(caught.value)
    with pytest.raises(InsecurePermissions):
        create_once(folder / "one", b"x")


def test_a_link_is_not_followed(folder, tmp_path):
    (tmp_path / "elsewhere").write_bytes(b"planted")
    (tmp_path / "elsewhere").chmod(0o600)
    (folder / "one").symlink_to(tmp_path / "elsewhere")
    with pytest.raises(KeyStoreBroken):
        read_private(folder / "one")
    with pytest.raises(KeyStoreBroken):
        create_once(folder / "one", b"x")
    with pytest.raises(KeyStoreBroken):
        shred(folder / "one")
    assert (tmp_path / "elsewhere").read_bytes() == b"planted"


def test_a_dangling_link_is_not_followed(folder, tmp_path):
    (folder / "one").symlink_to(tmp_path / "nowhere")
    assert is_there(folder / "one")
    with pytest.raises(KeyStoreBroken):
        create_once(folder / "one", b"x")
    assert not (tmp_path / "nowhere").exists()


def test_the_first_content_stays(folder):
    assert create_once(folder / "one", b"first") == b"first"
    assert create_once(folder / "one", b"second") == b"first"
    assert read_private(folder / "one") == b"first"
    assert [p.name for p in folder.iterdir()] == ["one"]


def test_what_is_not_there_reads_as_nothing(folder):
    assert read_private(folder / "one") is None
    assert not is_there(folder / "one")
    assert not shred(folder / "one")


def test_replacing_is_whole(folder):
    replace_private(folder / "one", b"first")
    replace_private(folder / "one", b"second")
    assert read_private(folder / "one") == b"second"
    assert [p.name for p in folder.iterdir()] == ["one"]


def test_a_crash_before_the_name_is_given_leaves_no_part(folder, monkeypatch):
    def crash(*_args):
        raise OSError(5, "input/output error")

    for name in ("link", "fsync"):
        with monkeypatch.context() as patch:
            patch.setattr(os, name, crash)
            with pytest.raises(KeyStoreBroken):
                create_once(folder / "one", b"x")
        assert list(folder.iterdir()) == []


def test_shredding_overwrites_the_bytes_before_the_name_goes(folder):
    create_once(folder / "one", b"secret" * 10)
    os.link(folder / "one", folder / "kept")  # another name of the same bytes
    assert shred(folder / "one")
    left = (folder / "kept").read_bytes()
    assert len(left) == 60
    assert b"secret" not in left
    assert not is_there(folder / "one")


def test_a_file_that_is_too_large_is_refused(folder):
    (folder / "one").write_bytes(b"x" * ((1 << 20) + 1))
    (folder / "one").chmod(0o600)
    with pytest.raises(KeyStoreBroken):
        read_private(folder / "one")


def _race(path, barrier, results):
    barrier.wait()
    results.put(create_once(path, secrets.token_bytes(32)))


def test_processes_that_create_at_once_end_with_one(folder):
    context = multiprocessing.get_context("fork")
    for round_number in range(5):
        barrier, results = context.Barrier(4), context.Queue()
        arguments = (folder / f"secret{round_number}", barrier, results)
        workers = [context.Process(target=_race, args=arguments) for _ in range(4)]
        for worker in workers:
            worker.start()
        found = {results.get(timeout=30) for _ in workers}
        for worker in workers:
            worker.join()
        assert len(found) == 1
        assert read_private(folder / f"secret{round_number}") in found


def test_every_error_has_a_message_and_a_code_of_its_own():
    def tree(root):
        return [root, *(e for child in root.__subclasses__() for e in tree(child))]

    found = tree(KeysError)
    assert len({error.code for error in found}) == len(found)
    assert all(error.code.startswith("keys.") for error in found)
    assert all(str(error()) == error.__doc__ for error in found)


def test_replacing_through_a_known_name_overwrites_what_a_crash_left_there(folder):
    create_once(folder / "one", b"old")
    create_once(folder / "next", b"left by a crash")
    with (folder / "next").open("rb") as left:
        replace_through(folder / "one", b"new", folder / "next")
        assert left.read() != b"left by a crash"
    assert read_private(folder / "one") == b"new"
    assert [path.name for path in folder.iterdir()] == ["one"]


def test_shredding_aside(folder):
    create_once(folder / "one", b"x")
    shred_aside(folder / "one", folder / "aside")
    assert not list(folder.iterdir())
    with pytest.raises(KeyStoreBroken):
        shred_aside(folder / "one", folder / "aside")


def inside(entered, leave, lock, path):
    with lock(path):
        entered.set()
        leave.wait(30)


def start(lock, path):
    entered, leave = threading.Event(), threading.Event()
    thread = threading.Thread(target=inside, args=(entered, leave, lock, path), daemon=True)
    thread.start()
    return entered, leave, thread


@pytest.mark.parametrize("lock", [exclusive, held])
def test_one_at_a_time(folder, lock):
    create_once(folder / "one", b"x")
    first, leave, _ = start(lock, folder / "one")
    assert first.wait(30)
    second, leave_too, thread = start(lock, folder / "one")
    assert not second.wait(0.2)
    leave.set()
    assert second.wait(30)
    leave_too.set()
    thread.join(30)


def test_who_waited_for_a_file_that_was_replaced_holds_the_new_one(folder):
    create_once(folder / "one", b"old")
    with held(folder / "one") as there:
        assert there
        waiting, leave, _ = start(held, folder / "one")
        assert not waiting.wait(0.2)
        replace_private(folder / "one", b"new")
    assert waiting.wait(30)
    third, leave_too, thread = start(held, folder / "one")
    assert not third.wait(0.2)
    leave.set()
    assert third.wait(30)
    leave_too.set()
    thread.join(30)


def test_who_waited_for_a_file_that_was_removed_is_told(folder):
    create_once(folder / "one", b"x")
    found = []

    def wait():
        with held(folder / "one") as there:
            found.append(there)

    with held(folder / "one"):
        thread = threading.Thread(target=wait, daemon=True)
        thread.start()
        thread.join(0.2)
        shred(folder / "one")
    thread.join(30)
    assert found == [False]


def test_a_lock_does_not_stay_with_a_child_that_was_forked_meanwhile(folder):
    context = multiprocessing.get_context("fork")
    end = context.Event()
    with exclusive(folder / "lock"):
        child = context.Process(target=end.wait, args=(30,))
        child.start()
    entered, leave, thread = start(exclusive, folder / "lock")
    assert entered.wait(10)
    leave.set()
    thread.join(30)
    end.set()
    child.join(30)


def test_a_lock_that_is_a_link_is_refused(folder):
    (folder / "lock").symlink_to(folder / "elsewhere")
    with pytest.raises(KeyStoreBroken), exclusive(folder / "lock"):
        pass
    assert not (folder / "elsewhere").exists()
