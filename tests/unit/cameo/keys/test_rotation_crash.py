"""kill -9 before every change that a call makes on the disk: nothing is lost or comes back."""

from __future__ import annotations

import re
import shutil
from datetime import UTC, datetime, timedelta

import pytest

from cameo.keys.errors import KeyDestroyed, UnknownKey
from cameo.keys.local import LocalKeyProvider
from tests.unit.cameo.keys.attacker import readable
from tests.unit.cameo.keys.killer import every_crash

PERIOD = timedelta(days=7)
NOW = datetime(2030, 1, 1, 12, tzinfo=UTC)
LATER = NOW + PERIOD


class Home:
    """A folder in a known state, put back before each crash."""

    def __init__(self, tmp_path):
        self.folder, self._model = tmp_path / "keys", tmp_path / "model"
        provider = LocalKeyProvider(self._model, period=PERIOD)
        provider.rotate(NOW)
        self.living = {provider.create(name): name for name in ("one", "two", "three")}
        self.keys = {dek_id: provider.open(dek_id, name) for dek_id, name in self.living.items()}
        gone = provider.create("gone")
        self.gone = {gone: provider.open(gone, "gone")}
        self.before = tmp_path / "before"
        shutil.copytree(self._model / "deks", self.before)
        provider.destroy(gone)

    def put_back(self, _number=0):
        shutil.rmtree(self.folder, ignore_errors=True)
        shutil.copytree(self._model, self.folder, copy_function=shutil.copy2)

    def open_all(self, provider, *, without=()):
        """Every key that lives opens; those that do not are closed and in no file."""
        for dek_id, name in self.living.items():
            if dek_id not in without:
                assert provider.open(dek_id, name) == self.keys[dek_id]
        lost = {**self.gone, **{dek_id: self.keys[dek_id] for dek_id in without}}
        for dek_id in lost:
            with pytest.raises(KeyDestroyed):
                provider.open(dek_id, "gone")
        assert not set(lost.values()) & readable(self.folder)

    def is_tidy(self):
        """One epoch, and nothing but whole files in their places."""
        assert len(list((self.folder / "keks").iterdir())) == 1
        names = [path.name for path in (self.folder / "deks").iterdir()]
        assert [name for name in names if re.fullmatch(r"dek_[0-9a-f]{32}", name) is None] == []
        # Copies from before open nothing: neither what was destroyed nor what lives.
        assert not {*self.keys.values(), *self.gone.values()} & readable(
            self.before, self.folder / "keks"
        )


@pytest.fixture
def home(tmp_path):
    return Home(tmp_path)


def test_rotation_interrupted_anywhere(home):
    crashes = 0
    for _ in every_crash(
        home.put_back, lambda: LocalKeyProvider(home.folder, period=PERIOD).rotate(LATER)
    ):
        crashes += 1
        provider = LocalKeyProvider(home.folder, period=PERIOD)
        home.open_all(provider)
        done = provider.rotate(LATER)
        home.open_all(provider)
        home.is_tidy()
        assert done.unreadable == 0
    assert crashes > 20
    home.is_tidy()


def test_a_key_destroyed_after_a_rotation_was_interrupted_anywhere(home):
    """The copy that was being made of it must go too, before anything else happens."""
    left_copies = 0
    for _ in every_crash(
        home.put_back, lambda: LocalKeyProvider(home.folder, period=PERIOD).rotate(LATER)
    ):
        left_copies += any(path.suffix == ".next" for path in (home.folder / "deks").iterdir())
        provider = LocalKeyProvider(home.folder, period=PERIOD)
        for dek_id in home.living:
            provider.destroy(dek_id)
        home.open_all(provider, without=home.living)
        provider.rotate(LATER)
        home.open_all(provider, without=home.living)
    assert left_copies >= 3


def test_a_key_whose_destruction_stops_at_its_mark_after_a_rotation_was_interrupted(home):
    """Two crashes: a copy is left by the first, key and copy by the second."""
    for _ in every_crash(
        home.put_back, lambda: LocalKeyProvider(home.folder, period=PERIOD).rotate(LATER)
    ):
        provider = LocalKeyProvider(home.folder, period=PERIOD)
        for dek_id in home.living:
            (home.folder / "destroyed" / dek_id).touch(mode=0o600)
            with pytest.raises(KeyDestroyed):
                provider.open(dek_id, home.living[dek_id])
        provider.rotate(LATER + PERIOD)
        home.open_all(provider, without=home.living)
        home.is_tidy()


def test_a_rotation_interrupted_again_and_again(home):
    """Each attempt dies one change later than the last; all of them together get there."""
    home.put_back()
    for _ in every_crash(
        lambda _number: None, lambda: LocalKeyProvider(home.folder, period=PERIOD).rotate(LATER)
    ):
        home.open_all(LocalKeyProvider(home.folder, period=PERIOD))
    home.is_tidy()


def test_destruction_interrupted_anywhere(home):
    victim = next(iter(home.living))
    for _ in every_crash(home.put_back, lambda: LocalKeyProvider(home.folder).destroy(victim)):
        provider = LocalKeyProvider(home.folder, period=PERIOD)
        marked = (home.folder / "destroyed" / victim).exists()
        if marked:
            # It counts as destroyed already; the next rotation or the next call finishes it.
            with pytest.raises(KeyDestroyed):
                provider.open(victim, home.living[victim])
            provider.rotate(LATER)
        else:
            home.open_all(provider)
            provider.destroy(victim)
        home.open_all(provider, without=[victim])
        provider.destroy(victim)
        home.open_all(provider, without=[victim])


def test_creation_interrupted_anywhere(home):
    for _ in every_crash(home.put_back, lambda: LocalKeyProvider(home.folder).create("new")):
        provider = LocalKeyProvider(home.folder, period=PERIOD)
        home.open_all(provider)
        assert provider.rotate(LATER).ended == 1
        home.open_all(provider)
        assert provider.open(provider.create("new"), "new")


def test_the_first_start_interrupted_anywhere(tmp_path):
    folder = tmp_path / "keys"

    def nothing(_number):
        shutil.rmtree(folder, ignore_errors=True)

    for _ in every_crash(nothing, lambda: LocalKeyProvider(folder)):
        provider = LocalKeyProvider(folder)
        dek_id = provider.create("c")
        provider.rotate(NOW)
        assert provider.open(dek_id, "c")
        assert [path.name for path in (folder / "keks").iterdir()] == ["2"]
        with pytest.raises(UnknownKey):
            provider.open("dek_" + "0" * 32, "c")
