"""The service's own secrets by name: the log's key, the watermark master, the claim signer's key.

None of them can sign for a person. They lie as files of mode 0600 in a folder of mode 0700.
"""

from __future__ import annotations

import re
import secrets
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.ec import SECP256R1, EllipticCurvePrivateKey
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    PublicFormat,
    load_pem_private_key,
)
from cryptography.x509 import load_pem_x509_certificates

from cameo.keys.errors import BadKey, BadName, KeyStoreBroken, UnknownSecret
from cameo.keys.files import create_once, private_folder, read_private, replace_private

SECRET_BYTES: Final = 32

_NAME: Final = re.compile(r"[a-z][a-z0-9-]{0,63}")


@dataclass(frozen=True, kw_only=True, slots=True)
class PemMaterial:
    """An ES256 private key and the certificate chain that vouches for it."""

    private_key_pem: bytes
    chain_pem: bytes
    """The certificate of the key first, then those above it."""

    def __repr__(self) -> str:
        return "PemMaterial(...)"


class SecretStore:
    """Named secrets in a folder.

    Args:
        folder: Made with mode 0700 where it does not exist.

    Raises:
        InsecurePermissions: If others than the owner may enter it.
        KeyStoreBroken: If it cannot be used.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = private_folder(folder)

    def load_or_create(self, name: str, size: int = SECRET_BYTES) -> bytes:
        """The secret `name`, made of `size` random bytes where there is none yet.

        Two processes that ask for a new name at once get the same secret.

        Raises:
            BadName: If `name` is not ``a-z``, then up to 63 of ``a-z 0-9 -``.
            BadKey: If the one that is there has another size, or `size` is less than 16.
            InsecurePermissions: If others than the owner may read it.
            KeyStoreBroken: If it cannot be read or written.
        """
        if size < 16:
            raise BadKey("a secret of less than 16 bytes")
        path = self._path(name, "secret")
        secret = read_private(path)
        if secret is None:
            secret = create_once(path, secrets.token_bytes(size))
        if len(secret) != size:
            raise BadKey(f"{name} has {len(secret)} bytes")
        return secret

    def load(self, name: str) -> bytes:
        """The secret `name`.

        Raises:
            UnknownSecret: If there is none.
            BadName: If `name` is not a name.
            InsecurePermissions: If others than the owner may read it.
        """
        secret = read_private(self._path(name, "secret"))
        if secret is None:
            raise UnknownSecret(name)
        return secret

    def ed25519_seed(self, name: str) -> bytes:
        """The 32-byte seed of the Ed25519 key `name`, made where there is none yet."""
        return self.load_or_create(f"{name}-ed25519", SECRET_BYTES)

    def save_pem(self, name: str, material: PemMaterial) -> None:
        """Keep the ES256 key and chain `name`, in the place of what was there.

        Raises:
            BadName: If `name` is not a name.
            BadKey: If the key is not an unencrypted P-256 key, or the first certificate is of
                another key.
            KeyStoreBroken: If it cannot be written.
        """
        _check_pem(material)
        # One file: a key can never be found beside the chain of another one.
        replace_private(self._path(name, "pem"), _joined(material))

    def load_pem(self, name: str) -> PemMaterial:
        """The ES256 key and chain `name`.

        Raises:
            UnknownSecret: If there is none.
            KeyStoreBroken: If the file is damaged.
            InsecurePermissions: If others than the owner may read it.
        """
        data = read_private(self._path(name, "pem"))
        if data is None:
            raise UnknownSecret(name)
        return _parted(name, data)

    def create_pem(self, name: str, material: PemMaterial) -> PemMaterial:
        """Keep the key and chain `name` unless there is one already; return the one that is there.

        Raises:
            BadKey: As `save_pem`.
            KeyStoreBroken: If it cannot be read or written.
        """
        _check_pem(material)
        return _parted(name, create_once(self._path(name, "pem"), _joined(material)))

    def _path(self, name: str, kind: str) -> Path:
        if _NAME.fullmatch(name) is None:
            raise BadName(name[:64])
        return self._folder / f"{name}.{kind}"


_CHAIN_START: Final = b"-----BEGIN CERTIFICATE-----"


def _joined(material: PemMaterial) -> bytes:
    return material.private_key_pem.strip() + b"\n" + material.chain_pem.strip() + b"\n"


def _parted(name: str, data: bytes) -> PemMaterial:
    at = data.find(_CHAIN_START)
    material = PemMaterial(private_key_pem=data[: max(at, 0)], chain_pem=data[max(at, 0) :])
    try:
        _check_pem(material)
    except BadKey as cause:
        raise KeyStoreBroken(f"{name}: {cause.detail}") from cause
    return material


def _check_pem(material: PemMaterial) -> None:
    try:
        private = load_pem_private_key(material.private_key_pem, None)
        certificates = load_pem_x509_certificates(material.chain_pem)
    except (ValueError, TypeError, UnsupportedAlgorithm) as cause:
        raise BadKey("the key or the chain cannot be read") from cause
    if not isinstance(private, EllipticCurvePrivateKey) or private.curve.name != SECP256R1.name:
        raise BadKey("not a P-256 key")
    form = (Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    if private.public_key().public_bytes(*form) != certificates[0].public_key().public_bytes(*form):
        raise BadKey("the first certificate is of another key")
