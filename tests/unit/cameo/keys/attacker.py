"""Somebody who holds copies of key folders and knows every layout, but cannot break AES.

Reads the files as bytes, by offsets of its own: what the provider would refuse is no hindrance.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from cryptography.hazmat.primitives.ciphers import Cipher
from cryptography.hazmat.primitives.ciphers.algorithms import AES
from cryptography.hazmat.primitives.ciphers.modes import CTR

_MAGIC = 13  # bytes


def readable(*folders: Path) -> set[bytes]:
    """Every value that any wrapped key in the folders gives under any KEK in them.

    Wrong pairs give noise, so a key is compromised if, and only if, it is in the result. Files are
    taken whatever their names are: temporaries, leftovers, second links.
    """
    files = [
        data
        for folder in folders
        for path in [folder, *folder.rglob("*")]
        if path.is_file() and (data := _content(path)) is not None
    ]
    keks = set(_keks(files))
    return {
        # GCM is counter mode from block 2 on; whoever steals keys does not ask for the tag.
        Cipher(AES(kek), CTR(nonce + b"\0\0\0\2")).decryptor().update(sealed)
        for kek in keks
        for nonce, sealed in _wrapped(files)
    }


def _content(path: Path) -> bytes | None:
    try:
        return path.read_bytes()
    except FileNotFoundError:  # others are at work
        return None


def _keks(files: list[bytes]) -> Iterator[bytes]:
    for data in files:
        if data.startswith(b"cameo-kek/v1\n"):
            yield data[_MAGIC + 8 : _MAGIC + 40]
        elif len(data) == 32:
            yield data


def _wrapped(files: list[bytes]) -> Iterator[tuple[bytes, bytes]]:
    for data in files:
        start = {b"cameo-dek/v1\n": _MAGIC, b"cameo-dek/v2\n": _MAGIC + 40}.get(data[:_MAGIC])
        if start is not None:
            yield data[start : start + 12], data[start + 12 : start + 44]
