"""What may go wrong with keys and with what they lock."""

from __future__ import annotations

from typing import ClassVar


class KeysError(Exception):
    """Something is wrong with a key or with what it locks."""

    code: ClassVar[str] = "keys.error"

    def __init__(self, detail: str = "") -> None:
        self.detail = detail
        """What exactly was wrong; never holds key material."""
        text = (type(self).__doc__ or "").strip()
        super().__init__(f"{text} ({detail})" if detail else text)


class BadName(KeysError):
    """The name of a key or secret is not one."""

    code: ClassVar[str] = "keys.bad_name"


class InsecurePermissions(KeysError):
    """A key file, or the folder it is in, can be read or changed by others than its owner."""

    code: ClassVar[str] = "keys.insecure_permissions"


class KeyStoreBroken(KeysError):
    """The key folder cannot be read or written, or a file in it is damaged."""

    code: ClassVar[str] = "keys.store_broken"


class KeyDamaged(KeyStoreBroken):
    """The stored form of the key is damaged, or of a layout that is not known."""

    code: ClassVar[str] = "keys.damaged"


class UnknownKey(KeysError):
    """There is no key with this id."""

    code: ClassVar[str] = "keys.unknown"


class KeyDestroyed(KeysError):
    """The key was destroyed; what it locks can never be read again."""

    code: ClassVar[str] = "keys.destroyed"


class KeyEpochGone(KeysError):
    """The key is wrapped under an epoch that has been ended; it comes from an old backup."""

    code: ClassVar[str] = "keys.epoch_gone"


class ContextMismatch(KeysError):
    """The key was made for another purpose, or its file was changed."""

    code: ClassVar[str] = "keys.context_mismatch"


class UnknownSecret(KeysError):
    """There is no secret with this name."""

    code: ClassVar[str] = "keys.unknown_secret"


class BadKey(KeysError):
    """The key is not 32 bytes."""

    code: ClassVar[str] = "keys.bad_key"


class MalformedSeal(KeysError):
    """The bytes are not a sealed value or file of a known version."""

    code: ClassVar[str] = "keys.malformed_seal"


class SealBroken(KeysError):
    """The sealed bytes were changed, cut, reordered, or sealed with another key or purpose."""

    code: ClassVar[str] = "keys.seal_broken"


class BadRange(KeysError):
    """The range starts before the first byte or has a negative length."""

    code: ClassVar[str] = "keys.bad_range"


class Closed(KeysError):
    """The file was already closed."""

    code: ClassVar[str] = "keys.closed"
