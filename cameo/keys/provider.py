"""What a key provider owes, whoever keeps the keys."""

from __future__ import annotations

from typing import Final, NewType, Protocol

DekId = NewType("DekId", str)
"""A data key: ``dek_`` and 32 lower-case hex digits."""

DEK_BYTES: Final = 32


class KeyProvider(Protocol):
    """Makes, opens and destroys data keys (DEKs) of 256 bits, each bound to one context.

    A context is a text that names one purpose of one thing, such as ``clip|clip_01...|media``. It
    is not secret. All methods may be called from many threads and processes at once.
    """

    def create(self, context: str) -> DekId:
        """Make a fresh random key for `context`.

        When this returns, the key is durably stored in wrapped form; the caller may commit its id.
        Two calls never return the same id or the same key.
        """
        ...

    def open(self, dek_id: DekId, context: str) -> bytes:
        """The key, 32 bytes.

        The caller holds it only as long as it works with it, and never stores it.

        Raises:
            UnknownKey: If there is no such key.
            KeyDestroyed: If it was destroyed, from the moment `destroy` returned and for ever.
            ContextMismatch: If it was made for another context, or its stored form was changed.
        """
        ...

    def destroy(self, dek_id: DekId) -> None:
        """Make the key unrecoverable from this provider's live storage.

        Idempotent, also after a crash half way. Takes no context: destroying needs to know less
        than opening. What copies of the storage still hold, and for how long, is the provider's
        documented bound. A caller that opened the key before may still hold it.

        Raises:
            UnknownKey: If there never was such a key.
        """
        ...
