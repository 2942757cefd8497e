"""Data keys in a folder, wrapped under the key-encryption key (KEK) of an epoch.

Meant for one machine. Who can read the folder can read everything that was not destroyed. Each
epoch has a KEK of its own; when it ends, every key that lives is wrapped anew and the KEK is
destroyed, and with it every old copy of ``deks/``. What a backup may hold, and what is promised
then, is in ``docs/erasure.md``.
"""

from __future__ import annotations

import secrets
from datetime import datetime, timedelta
from pathlib import Path
from typing import Final

from cameo.keys.adoption import adopt, is_first_layout
from cameo.keys.epochs import AT_ONCE, Epoch, Epochs
from cameo.keys.errors import (
    ContextMismatch,
    InsecurePermissions,
    KeyDamaged,
    KeyDestroyed,
    KeyEpochGone,
    KeyStoreBroken,
    UnknownKey,
)
from cameo.keys.files import exclusive, private_folder
from cameo.keys.provider import DEK_BYTES, DekId, Rotation
from cameo.keys.shelf import Shelf
from cameo.keys.wrapping import UNBOUND, WrappedKey, parse, purpose_of, unwrap, wrap

DEFAULT_PERIOD: Final = timedelta(days=7)
MAX_PERIOD: Final = timedelta(days=366)
GRACE: Final = timedelta(days=1)
"""What may pass between the end of an epoch and the destruction of its KEK."""

_SKEW: Final = timedelta(minutes=5)
_ATTEMPTS: Final = 8


class LocalKeyProvider:
    """A `KeyProvider` over a folder.

    ``keks/<epoch>`` holds a KEK each (mode 0600), ``deks/<id>`` a wrapped key each, and
    ``destroyed/<id>`` marks a key that is gone. ``lock`` is held while epochs change; a backup
    holds it shared, so that keys and KEKs in it belong together.

    Args:
        folder: Made with mode 0700 where it does not exist. One of the first layout is taken over.
        period: How long an epoch lasts, up to 366 days; also the longest time for which a backup of
            ``keks/`` may be kept.

    Raises:
        InsecurePermissions: If others than the owner may read the folder or a KEK.
        KeyStoreBroken: If the folder cannot be used, or a KEK is damaged or lost.
        ValueError: If `period` is out of range.
    """

    def __init__(self, folder: Path, *, period: timedelta = DEFAULT_PERIOD) -> None:
        if not timedelta(0) < period <= MAX_PERIOD:
            raise ValueError("an epoch lasts more than nothing and at most 366 days")
        self._folder = private_folder(folder)
        self._period = period
        self._shelf = Shelf(folder)
        self._epochs = Epochs(folder / "keks")
        self._lock = folder / "lock"
        self._prepare()

    @property
    def bound(self) -> timedelta:
        """See `bound_of`."""
        return bound_of(self._period)

    def create(self, context: str) -> DekId:
        """Make a fresh random key for `context`; see `KeyProvider.create`."""
        purpose = purpose_of(context)
        for _ in range(_ATTEMPTS):
            epoch = self._epochs.newest()
            dek_id = DekId("dek_" + secrets.token_hex(16))
            key = secrets.token_bytes(DEK_BYTES)
            self._shelf.add(
                dek_id, wrap(epoch.kek, key, dek_id=dek_id, epoch=epoch.number, purpose=purpose)
            )
            # A rotation makes its epoch first and looks for keys then: one that does not see this
            # key has its epoch there now. Nobody was told of the key yet, so it is made once more.
            if self._epochs.numbers()[-1:] == [epoch.number]:
                return dek_id
            self._shelf.remove(dek_id)
        raise KeyStoreBroken("epochs follow one another too fast")

    def open(self, dek_id: DekId, context: str) -> bytes:
        """The key, 32 bytes; see `KeyProvider.open`."""
        purpose = purpose_of(context)
        before = b""
        while True:
            data = self._shelf.read(dek_id)
            # The mark is looked at last: a key that is destroyed while its file is being read, or
            # whose file came back from a backup, stays closed.
            if self._shelf.is_destroyed(dek_id):
                raise KeyDestroyed(dek_id)
            if data is None:
                raise UnknownKey(dek_id)
            wrapped = parse(dek_id, data)
            epoch = self._epochs.get(wrapped.epoch)
            if epoch is not None:
                return _opened(epoch, wrapped, purpose)
            if data == before:
                raise KeyEpochGone(dek_id)
            # The epoch may have ended since the file was read; the file is then another.
            before = data

    def destroy(self, dek_id: DekId) -> None:
        """Overwrite and remove the key; see `KeyProvider.destroy`."""
        self._shelf.destroy(dek_id)

    def rotate(self, now: datetime) -> Rotation:
        """End the epoch when its time has come; see `KeyProvider.rotate`.

        Waits while another process rotates or a backup holds the lock. Takes about a millisecond
        for each key that has to be wrapped anew.
        """
        seconds = _seconds(now)
        with exclusive(self._lock):
            self._epochs.tidy()
            began = self._is_due(seconds)
            if began:
                self._epochs.begin(seconds + _whole(self._period))
            # An epoch that an interrupted call, or a backup put back, left beside the newest is
            # ended now, whether or not the newest is due.
            older = self._epochs.numbers()[:-1]
            if not older:
                return Rotation(began=began)
            rewrapped, unreadable = self._rewrap_all(self._epochs.newest())
            for number in older:
                self._epochs.end(number)
        return Rotation(began=began, rewrapped=rewrapped, ended=len(older), unreadable=unreadable)

    def overdue(self, now: datetime) -> bool:
        """Whether a KEK is there whose epoch ended more than `GRACE` ago."""
        latest = _seconds(now) - _whole(GRACE)
        living = [self._epochs.get(number) for number in self._epochs.numbers()]
        return any(epoch is not None and epoch.ends < latest for epoch in living)

    def _prepare(self) -> None:
        if self._epochs.numbers() and not is_first_layout(self._folder):
            return
        with exclusive(self._lock):
            first = is_first_layout(self._folder)
            if not self._epochs.numbers():
                # A new KEK beside old keys would hide that theirs is lost.
                if self._shelf.ids() and not first:
                    raise KeyStoreBroken("the KEKs are missing, but there are keys they wrapped")
                # What time it is is not known here; the first rotation replaces this epoch.
                self._epochs.begin(AT_ONCE)
            if first:
                adopt(self._folder, self._shelf, self._epochs.newest())

    def _is_due(self, seconds: int) -> bool:
        # An end further ahead than a period comes from a clock that was wrong, or from a longer
        # period that was set before: it is not waited for.
        latest = seconds + _whole(self._period + _SKEW)
        return not seconds < self._epochs.newest().ends <= latest

    def _rewrap_all(self, newest: Epoch) -> tuple[int, int]:
        """Wrap every key under the newest epoch; how many were, and how many nothing opens."""
        rewrapped, unreadable = 0, 0
        exposed: InsecurePermissions | None = None
        for dek_id in self._shelf.ids():
            try:
                rewrapped += self._rewrap(dek_id, newest)
            except (KeyEpochGone, ContextMismatch, KeyDamaged):
                # No KEK that is here opens it, so none needs to stay for it.
                unreadable += 1
            except InsecurePermissions as error:
                exposed = error
        self._shelf.sync()
        if exposed is not None:
            # It lives under an earlier epoch, which therefore must not end.
            raise exposed
        return rewrapped, unreadable

    def _rewrap(self, dek_id: DekId, newest: Epoch) -> bool:
        def change(data: bytes) -> bytes | None:
            wrapped = parse(dek_id, data)
            if wrapped.epoch == newest.number:
                return None
            epoch = self._epochs.get(wrapped.epoch)
            if epoch is None:
                raise KeyEpochGone(dek_id)
            key = unwrap(epoch.kek, wrapped)
            purpose = wrapped.purpose
            return wrap(newest.kek, key, dek_id=dek_id, epoch=newest.number, purpose=purpose)

        return self._shelf.exchange(dek_id, change)


def bound_of(period: timedelta) -> timedelta:
    """`bound` for epochs of this length.

    One period until the epoch has ended, a day's grace, one period of a key backup.
    """
    return 2 * period + GRACE


def _opened(epoch: Epoch, wrapped: WrappedKey, purpose: bytes) -> bytes:
    if wrapped.purpose not in {purpose, UNBOUND}:
        raise ContextMismatch(wrapped.dek_id)
    return unwrap(epoch.kek, wrapped)


def _seconds(now: datetime) -> int:
    if now.tzinfo is None:
        raise ValueError("a naive datetime says no time")
    return int(now.timestamp())


def _whole(span: timedelta) -> int:
    return max(1, int(span.total_seconds()))
