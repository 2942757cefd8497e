"""Signing a file: the key behind a callback, the file complete or not there at all."""

from __future__ import annotations

import copy
import json
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Protocol

import c2pa
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature

from provenance.credentials import labels
from provenance.credentials.bmff import scan
from provenance.credentials.errors import BadAuthority, SigningFailed
from provenance.credentials.formats import BMFF, SIGNED, sniff
from provenance.credentials.manifest import PARENT_ID, Json, opens_parent
from provenance.credentials.pki import SignerMaterial, leaf_of
from provenance.credentials.reader import CredentialReader
from provenance.credentials.trust import TrustSettings, context


class ClaimSigner(Protocol):
    """Signs claims with ES256; the key may live where this process cannot read it."""

    @property
    def chain_pem(self) -> bytes:
        """The certificates, leaf first, without the root."""
        ...

    def sign(self, tbs: bytes) -> bytes:
        """Sign `tbs` with ECDSA on P-256 over SHA-256.

        Called from threads at once, so it must be safe for that. It must sign or raise; it may
        be slow (a remote service).

        Returns:
            64 bytes, r then s, each 32 bytes big-endian.
        """
        ...


class LocalSigner:
    """A `ClaimSigner` whose key lies in this process's memory."""

    def __init__(self, material: SignerMaterial) -> None:
        """Load the key.

        Args:
            material: Chain and key, as `issue_claim_signer` makes them.

        Raises:
            BadAuthority: If the key cannot be read or does not belong to the leaf.
        """
        try:
            key = serialization.load_pem_private_key(material.private_key_pem, None)
        except (ValueError, TypeError) as error:
            raise BadAuthority("the signer's key cannot be read") from error
        if not isinstance(key, ec.EllipticCurvePrivateKey) or (
            key.public_key() != leaf_of(material.chain_pem).public_key()
        ):
            raise BadAuthority("the signer's key does not belong to its certificate")
        self._key = key
        self._chain_pem = material.chain_pem

    @property
    def chain_pem(self) -> bytes:
        """The certificates, leaf first."""
        return self._chain_pem

    def sign(self, tbs: bytes) -> bytes:
        """Sign as `ClaimSigner` says."""
        r, s = decode_dss_signature(self._key.sign(tbs, ec.ECDSA(hashes.SHA256())))
        return r.to_bytes(32, "big") + s.to_bytes(32, "big")


def sign_file(
    src: Path,
    dst: Path,
    manifest: Json,
    signer: ClaimSigner,
    trust: TrustSettings,
    *,
    parent: Path | None = None,
    timestamp_url: str | None = None,
) -> bytes:
    """Sign a file; `dst` appears complete and checked, or not at all.

    The signed file is written beside `dst`, read back with the reader that verifiers use, and
    only renamed to `dst` if it reads as ours and trusted.

    Args:
        src: A finished file of the kind that the manifest says; of an MP4, with its index before
            its data (faststart).
        dst: Where the signed file goes; replaced if it exists.
        manifest: What `build` made.
        signer: Who signs.
        trust: Must hold the root of the signer's chain, and of the time stamps if any.
        parent: The file that a stamp (`c2pa.opened`) was made from, of any kind. Credentials in
            it become part of ours; if they fail their check, signing is refused, for the stamp
            would launder them.
        timestamp_url: An RFC 3161 service; the only network call here. If it does not answer,
            signing fails.

    Returns:
        The manifest store's bytes, for the archive.

    Raises:
        SigningFailed: If anything went wrong; `dst` is as it was before.
    """
    if opens_parent(manifest) != (parent is not None):
        raise SigningFailed("a stamp, and only a stamp, is signed with its parent file")
    causes: list[Exception] = []
    try:
        with tempfile.TemporaryDirectory(prefix=".signing-", dir=dst.parent) as folder:
            temporary = Path(folder) / f"signed{dst.suffix or '.mp4'}"
            kind = _kind(manifest)
            complete = _with_container(manifest, src) if kind in BMFF else manifest
            with (
                _native(signer, timestamp_url, causes) as native,
                _builder(complete, trust, parent) as builder,
            ):
                store = _sign(builder, native, kind, src, temporary)
            _demand_trusted(temporary, trust, stamped=timestamp_url is not None)
            temporary.replace(dst)
    except OSError as error:
        raise SigningFailed(f"a file could not be read or written: {error}") from error
    except (c2pa.C2paError, ValueError, TypeError) as error:
        cause = causes[0] if causes else error
        raise SigningFailed(f"the library did not sign: {error}") from cause
    return store


def _kind(manifest: Json) -> str:
    kind = manifest.get("format")
    if not isinstance(kind, str) or kind not in SIGNED:
        raise SigningFailed("files of this kind are not signed")
    return kind


def _with_container(manifest: Json, src: Path) -> Json:
    """Add what we say about the bytes that the C2PA hash leaves out."""
    container = scan(src)
    if container is None or container.ftyp_sha256 is None:
        raise SigningFailed("it is no MP4 file, as the manifest says it is")
    complete = copy.deepcopy(manifest)
    assertions = complete["assertions"]
    if not isinstance(assertions, list):
        raise SigningFailed("the manifest has no list of assertions")
    data = {"ftyp_sha256": container.ftyp_sha256}
    assertions.append({"label": labels.CONTAINER, "data": data, "kind": "Json"})
    return complete


def _native(signer: ClaimSigner, timestamp_url: str | None, causes: list[Exception]) -> c2pa.Signer:
    callback = _remembering(signer.sign, causes)
    chain = signer.chain_pem.decode()
    return c2pa.Signer.from_callback(callback, c2pa.C2paSigningAlg.ES256, chain, timestamp_url)


def _builder(manifest: Json, trust: TrustSettings, parent: Path | None) -> c2pa.Builder:
    if parent is None:
        return c2pa.Builder(json.dumps(manifest), context(trust))
    ingredient: Json = {"title": "source", "relationship": "parentOf", "label": PARENT_ID}
    kind = sniff(parent)
    if kind is None:
        # No credentials can be in it, so it is only named; its digest stands in our assertion.
        return c2pa.Builder(json.dumps(manifest | {"ingredients": [ingredient]}), context(trust))
    builder = c2pa.Builder(json.dumps(manifest), context(trust))
    with parent.open("rb") as file:
        builder.add_ingredient(json.dumps(ingredient), kind, file)
    return builder


def _sign(builder: c2pa.Builder, native: c2pa.Signer, kind: str, src: Path, dst: Path) -> bytes:
    with src.open("rb") as source, dst.open("w+b") as target:
        store: bytes = builder.sign(native, kind, source, target)
    if not store:
        raise SigningFailed("the library returned no manifest")
    return store


def _remembering(
    sign: Callable[[bytes], bytes], causes: list[Exception]
) -> Callable[[bytes], bytes]:
    """Keep what the callback raised: the library swallows it and reports a bare failure."""

    def callback(tbs: bytes) -> bytes:
        try:
            return sign(tbs)
        except Exception as error:
            causes.append(error)
            raise

    return callback


def _demand_trusted(path: Path, trust: TrustSettings, *, stamped: bool) -> None:
    credentials = CredentialReader(trust).read(path)
    if not credentials.ours or credentials.state != "trusted" or credentials.laundered:
        codes = ", ".join(credentials.codes) or credentials.state
        raise SigningFailed(f"the signed file does not read as ours and trusted: {codes}")
    if stamped and credentials.timestamp != "yes":
        raise SigningFailed("the time stamp is missing or not under a trusted root")
