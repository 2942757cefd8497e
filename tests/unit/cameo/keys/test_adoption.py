"""A folder of the first layout, one KEK for ever, becomes one with epochs."""

from __future__ import annotations

import secrets
import shutil
import stat
from datetime import UTC, datetime

import pytest
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from cameo.keys.errors import InsecurePermissions, KeyDestroyed, KeyStoreBroken
from cameo.keys.local import LocalKeyProvider
from tests.unit.cameo.keys.attacker import readable
from tests.unit.cameo.keys.killer import every_crash

NOW = datetime(2030, 1, 1, 12, tzinfo=UTC)
MAGIC = b"cameo-dek/v1\n"


class FirstLayout:
    """Writes what the first layout wrote."""

    def __init__(self, folder):
        self.folder = folder
        (folder / "deks").mkdir(parents=True)
        for path in (folder, folder / "deks"):
            path.chmod(0o700)
        self.kek = secrets.token_bytes(32)
        self.private(folder / "kek", self.kek)
        self.keys = {}

    def private(self, path, data):
        path.write_bytes(data)
        path.chmod(0o600)

    def create(self, context):
        dek_id, key = "dek_" + secrets.token_hex(16), secrets.token_bytes(32)
        nonce = secrets.token_bytes(12)
        aad = MAGIC + dek_id.encode() + b"\n" + context.encode()
        sealed = AESGCM(self.kek).encrypt(nonce, key, aad)
        self.private(self.folder / "deks" / dek_id, MAGIC + nonce + sealed)
        self.keys[dek_id] = (context, key)
        return dek_id

    def destroy(self, dek_id, *, half=False):
        self.private(self.folder / "deks" / f"{dek_id}.destroyed", b"")
        if not half:
            (self.folder / "deks" / dek_id).unlink()


@pytest.fixture
def old(tmp_path):
    made = FirstLayout(tmp_path / "old")
    for name in ("clip|clip_1|media", "enrolment:enr_1:face", "gone", "half gone"):
        made.create(name)
    *_, gone, half = made.keys
    made.destroy(gone)
    made.destroy(half, half=True)
    return made


def taken_over(old, provider):
    *living, gone, half = old.keys
    for dek_id in living:
        context, key = old.keys[dek_id]
        assert provider.open(dek_id, context) == key
    for dek_id in (gone, half):
        with pytest.raises(KeyDestroyed):
            provider.open(dek_id, old.keys[dek_id][0])
        assert old.keys[dek_id][1] not in readable(old.folder)
    assert not (old.folder / "kek").exists()
    assert {gone, half}.isdisjoint(path.name for path in (old.folder / "deks").iterdir())


def test_everything_is_taken_over_on_first_use(old):
    taken_over(old, LocalKeyProvider(old.folder))
    provider = LocalKeyProvider(old.folder)
    assert provider.open(provider.create("new"), "new")
    provider.rotate(NOW)
    taken_over(old, provider)
    assert [path.name for path in (old.folder / "keks").iterdir()] == ["2"]
    for path in [old.folder, *old.folder.rglob("*")]:
        assert stat.S_IMODE(path.stat().st_mode) & 0o077 == 0


def test_copies_from_before_open_nothing_more(tmp_path, old):
    before = tmp_path / "before"
    shutil.copytree(old.folder / "deks", before)
    LocalKeyProvider(old.folder)
    assert not {key for _, key in old.keys.values()} & readable(before, old.folder / "keks")


def test_interrupted_anywhere(tmp_path, old):
    model = tmp_path / "model"
    shutil.copytree(old.folder, model)

    def put_back(_number):
        shutil.rmtree(old.folder)
        shutil.copytree(model, old.folder)

    crashes = 0
    for _ in every_crash(put_back, lambda: LocalKeyProvider(old.folder)):
        crashes += 1
        taken_over(old, LocalKeyProvider(old.folder))
    assert crashes > 20


def test_a_key_that_was_changed_before_opens_nothing(old):
    victim, (context, key) = next(iter(old.keys.items()))
    path = old.folder / "deks" / victim
    data = bytearray(path.read_bytes())
    data[30] ^= 1
    path.write_bytes(data)
    assert LocalKeyProvider(old.folder).open(victim, context) != key


def test_what_is_no_key_is_left_alone(old):
    (old.folder / "deks" / "notes.destroyed").write_bytes(b"")
    (old.folder / "deks" / ("dek_" + "0" * 32)).write_bytes(b"no key")
    (old.folder / "deks" / ("dek_" + "0" * 32)).chmod(0o600)
    LocalKeyProvider(old.folder)
    assert (old.folder / "deks" / "notes.destroyed").exists()
    assert (old.folder / "deks" / ("dek_" + "0" * 32)).read_bytes() == b"no key"
    assert LocalKeyProvider(old.folder).rotate(NOW).unreadable == 1


def test_the_old_kek_damaged(old):
    (old.folder / "kek").write_bytes(b"short")
    with pytest.raises(KeyStoreBroken):
        LocalKeyProvider(old.folder)
    assert (old.folder / "kek").exists()


def test_the_old_kek_readable_by_others(old):
    (old.folder / "kek").chmod(0o644)
    with pytest.raises(InsecurePermissions):
        LocalKeyProvider(old.folder)
    assert (old.folder / "kek").exists()


def test_the_old_kek_lost(old):
    (old.folder / "kek").unlink()
    with pytest.raises(KeyStoreBroken):
        LocalKeyProvider(old.folder)
