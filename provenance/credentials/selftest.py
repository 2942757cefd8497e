"""A start-up test of the library that judges credentials: it must say yes, and it must say no.

Unknown settings are ignored in silence by the library, so a wrong name would make a reader that
trusts everything or nothing. A verifier that fails this test must not give verdicts.
"""

from __future__ import annotations

import tempfile
from datetime import UTC, datetime
from pathlib import Path

from provenance.credentials.errors import CredentialError, SelfTestFailed
from provenance.credentials.manifest import ClipClaim, build
from provenance.credentials.pki import create_authority, issue_claim_signer, leaf_of
from provenance.credentials.reader import CredentialReader
from provenance.credentials.signer import ClaimSigner, LocalSigner, sign_file
from provenance.credentials.trust import TrustSettings


def self_test(signer: ClaimSigner, trust: TrustSettings, tmp: Path) -> None:
    """Sign a tiny file as ourselves and as a stranger, and demand the right judgements.

    Args:
        signer: Our claim signer.
        trust: The settings that verdicts will use.
        tmp: A folder to work in; nothing is left there.

    Raises:
        SelfTestFailed: If ours does not read as trusted, a stranger's does, or a changed one does.
    """
    try:
        with tempfile.TemporaryDirectory(prefix="selftest-", dir=tmp) as folder:
            _run(signer, trust, Path(folder))
    except (CredentialError, OSError) as error:
        raise SelfTestFailed(f"signing or reading failed: {error}") from error


def _run(signer: ClaimSigner, trust: TrustSettings, folder: Path) -> None:
    source, ours, stranger, changed = (
        folder / name for name in ("source.mp4", "ours.mp4", "stranger.mp4", "changed.mp4")
    )
    source.write_bytes(_tiny_mp4())
    manifest = build(_claim(leaf_of(signer.chain_pem).not_valid_before_utc))
    sign_file(source, ours, manifest, signer, trust)
    other, other_trust = _stranger(leaf_of(signer.chain_pem).not_valid_before_utc)
    sign_file(source, stranger, manifest, other, other_trust)
    data = bytearray(ours.read_bytes())
    data[-1] ^= 1
    changed.write_bytes(data)
    reader = CredentialReader(trust)
    first, second, third = (reader.read(path) for path in (ours, stranger, changed))
    if not (first.ours and first.state == "trusted"):
        raise SelfTestFailed("a file of ours does not read as trusted")
    if second.ours or second.state == "trusted":
        raise SelfTestFailed("a stranger's file reads as trusted")
    if third.state != "invalid":
        raise SelfTestFailed("a changed file does not read as invalid")


def _stranger(begin: datetime) -> tuple[ClaimSigner, TrustSettings]:
    """A throw-away authority whose leaf is valid when ours is."""
    authority = create_authority(begin, organisation="Self test", common_name="Self test")
    signer = LocalSigner(issue_claim_signer(authority, begin))
    return signer, TrustSettings(own_roots_pem=authority.root_pem)


def _claim(moment: datetime) -> ClipClaim:
    return ClipClaim(
        clip_id="clip_selftest",
        title="self test",
        created_at=moment.astimezone(UTC),
        digital_source_type="http://cv.iptc.org/newscodes/digitalsourcetype/algorithmicMedia",
        generator_name="self test",
        generator_version="1",
        payload="0" * 16,
        fingerprint=b"\0",
        duration_ms=1,
    )


def _tiny_mp4() -> bytes:
    """The smallest file that the library signs as MP4: no track, a few bytes of data."""
    return b"".join(
        (
            _box(b"ftyp", b"isom\0\0\2\0isomiso2mp41"),
            _box(b"moov", _box(b"mvhd", bytes(100))),
            _box(b"mdat", bytes(range(64))),
        )
    )


def _box(kind: bytes, body: bytes) -> bytes:
    return (len(body) + 8).to_bytes(4, "big") + kind + body
