"""A key provider that keeps everything in memory: what the contract asks for, and nothing more."""

from __future__ import annotations

import secrets
import threading
from datetime import datetime, timedelta

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from cameo.keys.errors import ContextMismatch, KeyDestroyed, KeyEpochGone, UnknownKey
from cameo.keys.provider import DekId, Rotation

Stored = tuple[int, str, bytes, bytes]
"""Epoch, context, nonce, wrapped key."""


class MemoryKeyProvider:
    """A `KeyProvider` for tests; one lock, so nothing happens at once."""

    def __init__(self, period: timedelta) -> None:
        self._period = period
        self._lock = threading.RLock()
        self._keks: dict[int, bytes] = {}
        self._ends: datetime | None = None
        self.stored: dict[DekId, Stored] = {}
        self.destroyed: set[DekId] = set()

    @property
    def bound(self) -> timedelta:
        return 2 * self._period

    def create(self, context: str) -> DekId:
        with self._lock:
            dek_id = DekId("dek_" + secrets.token_hex(16))
            self._wrap(dek_id, context, secrets.token_bytes(32))
            return dek_id

    def open(self, dek_id: DekId, context: str) -> bytes:
        with self._lock:
            if dek_id in self.destroyed:
                raise KeyDestroyed(dek_id)
            if dek_id not in self.stored:
                raise UnknownKey(dek_id)
            return self._unwrap(dek_id, context)

    def destroy(self, dek_id: DekId) -> None:
        with self._lock:
            if dek_id not in self.destroyed and dek_id not in self.stored:
                raise UnknownKey(dek_id)
            self.destroyed.add(dek_id)
            self.stored.pop(dek_id, None)

    def rotate(self, now: datetime) -> Rotation:
        if now.tzinfo is None:
            raise ValueError("a naive datetime says no time")
        with self._lock:
            if self._ends is not None and now < self._ends <= now + self._period:
                return Rotation(began=False)
            self._ends = now + self._period
            older = list(self._keks)
            keys = [(each, row[1]) for each, row in self.stored.items() if row[0] in self._keks]
            opened = [(dek_id, context, self._unwrap(dek_id, context)) for dek_id, context in keys]
            self._keks[max(older, default=0) + 1] = secrets.token_bytes(32)
            for dek_id, context, key in opened:
                self._wrap(dek_id, context, key)
            for number in older:
                del self._keks[number]
            unreadable = len(self.stored) - len(opened)
            return Rotation(
                began=True, rewrapped=len(opened), ended=len(older), unreadable=unreadable
            )

    def overdue(self, now: datetime) -> bool:
        if now.tzinfo is None:
            raise ValueError("a naive datetime says no time")
        return self._ends is None or self._ends < now

    def _wrap(self, dek_id: DekId, context: str, key: bytes) -> None:
        number = max(self._keks, default=1)
        kek = self._keks.setdefault(number, secrets.token_bytes(32))
        nonce = secrets.token_bytes(12)
        sealed = AESGCM(kek).encrypt(nonce, key, f"{dek_id}{context}".encode())
        self.stored[dek_id] = (number, context, nonce, sealed)

    def _unwrap(self, dek_id: DekId, context: str) -> bytes:
        number, _, nonce, sealed = self.stored[dek_id]
        if number not in self._keks:
            raise KeyEpochGone(dek_id)
        try:
            return AESGCM(self._keks[number]).decrypt(nonce, sealed, f"{dek_id}{context}".encode())
        except InvalidTag as cause:
            raise ContextMismatch(dek_id) from cause
