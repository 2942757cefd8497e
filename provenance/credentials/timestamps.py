"""An own time-stamp authority (RFC 3161): it says that bytes existed at a time.

With a time stamp a clip stays verifiable after the certificate that signed it has ended. An own
authority says no more than its operator's clock does; a public one says it independently.

    authority = TimestampAuthority(issue_time_signer(time_authority, now))
    answer = authority.answer(query, now)
"""

from __future__ import annotations

import hashlib
import secrets
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import ClassVar, Final

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

from provenance.credentials import der
from provenance.credentials.errors import BadAuthority, CredentialError
from provenance.credentials.pki import SignerMaterial

MAX_QUERY_BYTES: Final = 4096
POLICY: Final = "2.25.219614177246390153711523402843711268811"
_SHA256: Final = "2.16.840.1.101.3.4.2.1"
_HASH_SIZES: Final = {
    der.oid(_SHA256): 32,
    der.oid("2.16.840.1.101.3.4.2.2"): 48,
    der.oid("2.16.840.1.101.3.4.2.3"): 64,
}
_ECDSA_SHA256: Final = "1.2.840.10045.4.3.2"
_SIGNED_DATA: Final = "1.2.840.113549.1.7.2"
_TST_INFO: Final = "1.2.840.113549.1.9.16.1.4"
_CONTENT_TYPE: Final = "1.2.840.113549.1.9.3"
_MESSAGE_DIGEST: Final = "1.2.840.113549.1.9.4"
_SIGNING_CERTIFICATE: Final = "1.2.840.113549.1.9.16.2.47"


class BadTimestampQuery(CredentialError):
    """The query is no time-stamp request that this authority answers."""

    code: ClassVar[str] = "credentials.bad_timestamp_query"


@dataclass(frozen=True, slots=True)
class _Query:
    imprint: bytes
    nonce: bytes
    with_certificates: bool


class TimestampAuthority:
    """Answers time-stamp queries. Safe to use from threads: it keeps no state between answers."""

    def __init__(self, material: SignerMaterial) -> None:
        """Load the key and the chain.

        Args:
            material: As `issue_time_signer` makes it.

        Raises:
            BadAuthority: If the key cannot be read or does not belong to the leaf.
        """
        try:
            chain = x509.load_pem_x509_certificates(material.chain_pem)
            key = serialization.load_pem_private_key(material.private_key_pem, None)
        except (ValueError, TypeError) as error:
            raise BadAuthority("the time signer cannot be read") from error
        if not isinstance(key, ec.EllipticCurvePrivateKey) or (
            key.public_key() != chain[0].public_key()
        ):
            raise BadAuthority("the time signer's key does not belong to its certificate")
        self._key = key
        self._leaf = chain[0]
        self._chain = [item.public_bytes(serialization.Encoding.DER) for item in chain]

    def answer(self, query: bytes, now: datetime) -> bytes:
        """Answer a query.

        Args:
            query: A DER `TimeStampReq`; it may be hostile.
            now: The present time, aware. It is what the stamp says.

        Returns:
            A DER `TimeStampResp`, granted.

        Raises:
            BadTimestampQuery: If the query is malformed or its digest is no SHA-2 digest.
        """
        asked = _parse(query)
        info = _info(asked, now)
        attributes = self._attributes(info)
        # Signed as a SET, carried as [0]: RFC 5652, 5.4.
        signature = self._key.sign(der.encode(der.SET, attributes), ec.ECDSA(hashes.SHA256()))
        signer = der.encode(
            der.SEQUENCE,
            der.integer(1),
            self._identity(),
            _algorithm(_SHA256),
            der.encode(0xA0, attributes),
            _algorithm(_ECDSA_SHA256),
            der.encode(der.OCTETS, signature),
        )
        certificates = self._chain if asked.with_certificates else []
        signed = der.encode(
            der.SEQUENCE,
            der.integer(3),
            der.encode(der.SET, _algorithm(_SHA256)),
            der.encode(
                der.SEQUENCE,
                der.oid(_TST_INFO),
                der.encode(0xA0, der.encode(der.OCTETS, info)),
            ),
            *([der.encode(0xA0, *certificates)] if certificates else []),
            der.encode(der.SET, signer),
        )
        token = der.encode(der.SEQUENCE, der.oid(_SIGNED_DATA), der.encode(0xA0, signed))
        granted = der.encode(der.SEQUENCE, der.integer(0))
        return der.encode(der.SEQUENCE, granted, token)

    def _attributes(self, info: bytes) -> bytes:
        """What the signature covers: kind, digest of the stamp, and which certificate signs."""
        ours = der.encode(der.OCTETS, hashlib.sha256(self._chain[0]).digest())
        certificate = der.encode(
            der.SEQUENCE, der.encode(der.SEQUENCE, der.encode(der.SEQUENCE, ours))
        )
        digest = der.encode(der.OCTETS, hashlib.sha256(info).digest())
        return der.set_of(
            _attribute(_CONTENT_TYPE, der.oid(_TST_INFO)),
            _attribute(_MESSAGE_DIGEST, digest),
            _attribute(_SIGNING_CERTIFICATE, certificate),
        )

    def _identity(self) -> bytes:
        issuer = self._leaf.issuer.public_bytes()
        return der.encode(der.SEQUENCE, issuer, der.integer(self._leaf.serial_number))


def _parse(query: bytes) -> _Query:
    if len(query) > MAX_QUERY_BYTES:
        raise BadTimestampQuery("it is too large")
    try:
        request, rest = der.read(query)
        parts = der.children(request, der.SEQUENCE)
        imprint = parts[1]
        algorithm, digest = der.children(imprint, der.SEQUENCE)
        wanted = _HASH_SIZES.get(der.children(algorithm, der.SEQUENCE)[0].whole)
    except (der.MalformedDer, ValueError, IndexError) as error:
        raise BadTimestampQuery("it is malformed") from error
    if rest or parts[0].whole != der.integer(1):
        raise BadTimestampQuery("it is malformed")
    if digest.tag != der.OCTETS or len(digest.body) != wanted:
        raise BadTimestampQuery("its digest is no SHA-2 digest")
    nonces = [part.whole for part in parts[2:] if part.tag == der.INTEGER]
    flags = [part.body for part in parts[2:] if part.tag == der.BOOLEAN]
    return _Query(
        imprint=imprint.whole,
        nonce=nonces[0] if nonces else b"",
        with_certificates=any(flag != b"\0" for flag in flags),
    )


def _info(asked: _Query, now: datetime) -> bytes:
    if now.tzinfo is None:
        raise BadAuthority("the time must be aware")
    moment = now.astimezone(UTC).strftime("%Y%m%d%H%M%SZ").encode()
    return der.encode(
        der.SEQUENCE,
        der.integer(1),
        der.oid(POLICY),
        asked.imprint,
        der.integer(secrets.randbits(120)),
        der.encode(der.GENERALIZED_TIME, moment),
        der.encode(der.SEQUENCE, der.integer(1)),  # accuracy: one second
        asked.nonce,
    )


def _algorithm(dotted: str) -> bytes:
    return der.encode(der.SEQUENCE, der.oid(dotted))


def _attribute(dotted: str, value: bytes) -> bytes:
    return der.encode(der.SEQUENCE, der.oid(dotted), der.encode(der.SET, value))
