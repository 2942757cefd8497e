"""What a key provider owes, whoever keeps the keys."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final, NewType, Protocol

DekId = NewType("DekId", str)
"""A data key: ``dek_`` and 32 lower-case hex digits."""

DEK_BYTES: Final = 32


@dataclass(frozen=True, kw_only=True, slots=True)
class Rotation:
    """What one call of `KeyProvider.rotate` did."""

    began: bool
    """Whether a new epoch began."""
    rewrapped: int = 0
    """How many keys were wrapped anew under the newest epoch."""
    ended: int = 0
    """How many earlier epochs were ended: nothing that they wrapped can be unwrapped any more."""
    unreadable: int = 0
    """How many stored keys no living epoch opens: they are damaged, or from an old backup."""


class KeyProvider(Protocol):
    """Makes, opens and destroys data keys (DEKs) of 256 bits, each bound to one context.

    A context is a text that names one purpose of one thing, such as ``clip|clip_01...|media``. It
    is not secret. All methods may be called from many threads and processes at once.

    Keys are wrapped under the key of an epoch. Epochs end, and with an epoch ends every copy of a
    wrapped key that was made in it: that is how a key stays destroyed although a backup holds it.
    """

    @property
    def bound(self) -> timedelta:
        """How long after `destroy` a copy of the provider's storage may still open the key.

        Holds for every copy that was made as the provider's documentation says, and only while
        `overdue` is false. Does not change while the provider lives.
        """
        ...

    def create(self, context: str) -> DekId:
        """Make a fresh random key for `context`.

        When this returns, the key is durably stored in wrapped form; the caller may commit its id.
        Two calls never return the same id or the same key.
        """
        ...

    def open(self, dek_id: DekId, context: str) -> bytes:
        """The key, 32 bytes; the same bytes in every epoch.

        The caller holds it only as long as it works with it, and never stores it. The provider
        remembers no data key either.

        Raises:
            UnknownKey: If there is no such key.
            KeyDestroyed: If it was destroyed, from the moment `destroy` returned and for ever.
            KeyEpochGone: If what is stored is an old copy, put back after its epoch had ended.
            ContextMismatch: If it was made for another context, or its stored form was changed.
        """
        ...

    def destroy(self, dek_id: DekId) -> None:
        """Make the key unrecoverable from this provider's live storage.

        Idempotent, also after a crash half way. Takes no context: destroying needs to know less
        than opening. What copies of the storage still hold opens for at most `bound`. A caller that
        opened the key before may still hold it.

        Raises:
            UnknownKey: If there never was such a key.
        """
        ...

    def rotate(self, now: datetime) -> Rotation:
        """Do what is due so that `bound` holds: begin an epoch, rewrap, end the earlier ones.

        To be called at least once an hour, from any number of processes; cheap where nothing is
        due. When it returns, every key that lives is wrapped under one epoch, and no earlier one
        can be opened from live storage. Meanwhile `create`, `open` and `destroy` go on: no key is
        lost, and one that is destroyed is not brought back. After a crash at any point every key
        that lives opens, and the next call finishes the work.

        Args:
            now: The database's clock, aware. Where it jumps, epochs end early rather than late.

        Raises:
            KeysError: If it could not finish. An epoch under which something that lives is still
                wrapped was then not ended.
            ValueError: If `now` is naive.
        """
        ...

    def overdue(self, now: datetime) -> bool:
        """Whether an epoch should have ended long ago: `bound` is then not kept.

        Raises:
            ValueError: If `now` is naive.
        """
        ...
