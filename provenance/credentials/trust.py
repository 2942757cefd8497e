"""Whom a reader trusts, and the library context that knows it.

    trust = TrustSettings(own_roots_pem=authority.root_pem)
    with context(trust): ...

Three kinds of roots are kept apart: our own, those that vouch for times, and foreign ones. The
library does not enforce the kind of an anchor (a root listed for time stamps satisfies the check
of a claim), so every list carries a URI of its own and the reader demands the right one.
"""

from __future__ import annotations

import json
import os
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

import c2pa
from cryptography import x509
from cryptography.hazmat.primitives import hashes

from provenance.credentials.errors import BadTrustSettings
from provenance.credentials.labels import CREATED_LABELS, SOFT_BINDINGS
from provenance.credentials.pki import CLAIM_SIGNING

OWN_URI: Final = "urn:cameo:trust:v1"
TIME_URI: Final = "urn:cameo:tsa:v1"
FOREIGN_URI: Final = "urn:cameo:foreign:v1"


@dataclass(frozen=True, kw_only=True, slots=True)
class TrustSettings:
    """The roots of a verifier. The three lists must share no certificate.

    Attributes:
        own_roots_pem: Roots of our own authority, at least one; old ones stay listed.
        time_roots_pem: Roots of time-stamp authorities, or empty.
        foreign_roots_pem: Roots of others, such as the public C2PA trust list, or empty. They
            change how a foreign credential is described and never make it ours.
        soft_binding_algorithms: Names of our watermarks, which newer libraries want listed.

    Raises:
        BadTrustSettings: On construction, if a list cannot be parsed or two overlap.
    """

    own_roots_pem: bytes
    time_roots_pem: bytes = b""
    foreign_roots_pem: bytes = b""
    soft_binding_algorithms: tuple[str, ...] = tuple(SOFT_BINDINGS.values())

    def __post_init__(self) -> None:
        own = _fingerprints(self.own_roots_pem)
        time = _fingerprints(self.time_roots_pem)
        foreign = _fingerprints(self.foreign_roots_pem)
        if not own:
            raise BadTrustSettings("a reader needs a root of our own")
        if own & time or own & foreign:
            # One root in two lists would let a time-stamp or a foreign certificate pass as ours.
            raise BadTrustSettings("one root stands in two lists")

    def config(self, *, foreign: bool = False) -> dict[str, object]:
        """The settings as the library takes them.

        Args:
            foreign: Whether the foreign roots are trusted as well.
        """
        anchors = [_anchor(self.own_roots_pem, "manifest", OWN_URI)]
        if self.time_roots_pem:
            anchors.append(_anchor(self.time_roots_pem, "tsa", TIME_URI))
        if foreign and self.foreign_roots_pem:
            anchors.append(_anchor(self.foreign_roots_pem, "manifest", FOREIGN_URI))
        return {
            "trust": {"anchors": anchors, "trust_config": f"{CLAIM_SIGNING.dotted_string}\n"},
            "soft_binding": {"soft_binding_algorithms": list(self.soft_binding_algorithms)},
            # No address inside a file may make the reader call out, loopback included.
            "verify": {
                "remote_manifest_fetch": False,
                "ocsp_fetch": False,
                "verify_after_sign": True,
                "verify_trust": True,
                "verify_timestamp_trust": True,
            },
            "builder": {
                "thumbnail": {"enabled": False},
                # Otherwise bytes could be hidden in padding boxes without breaking the hash.
                "bmff_hash_exclude_free_and_skip_boxes": False,
                "created_assertion_labels": list(CREATED_LABELS),
            },
        }


def context(trust: TrustSettings, *, foreign: bool = False) -> c2pa.Context:
    """The library's context for these settings in this process.

    A context made before a fork fails in the child, so each process has its own; within one,
    threads share it, which is safe because it is only read. It lives as long as the process.

    Raises:
        BadTrustSettings: If the library refuses them.
    """
    try:
        return _context(os.getpid(), json.dumps(trust.config(foreign=foreign)))
    except c2pa.C2paError as error:
        raise BadTrustSettings(f"the library refuses the settings: {error}") from error


@lru_cache(maxsize=16)
def _context(pid: int, config: str) -> c2pa.Context:
    del pid  # part of the key only
    return c2pa.Context.from_json(config)


def _anchor(roots: bytes, kind: str, uri: str) -> dict[str, str]:
    return {"trust_anchors": roots.decode(), "trust_kind": kind, "trust_uri": uri}


def _fingerprints(pem: bytes) -> frozenset[bytes]:
    if not pem.strip():
        return frozenset()
    try:
        pem.decode("ascii")
        certificates = x509.load_pem_x509_certificates(pem)
    except ValueError as error:
        raise BadTrustSettings("a list of roots is no ASCII PEM") from error
    return frozenset(certificate.fingerprint(hashes.SHA256()) for certificate in certificates)
