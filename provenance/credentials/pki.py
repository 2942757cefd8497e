"""An own certificate authority in the shape that C2PA readers demand.

    authority = create_authority(now)
    material = issue_claim_signer(authority, now, days=365)

The root stays in a drawer, the intermediate signs leaves, and the leaf follows the C2PA
certificate profile of assurance level 1: at most 366 days, claim signing and e-mail protection
as its purposes, a pointer to a revocation service. The two extensions by which the official
programme's authorities state a product's record and its granted assurance level are left out:
nobody granted them here. Everything is a value of PEM bytes; where
they are kept, and under which protection, is the caller's business.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Final

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import (
    AuthorityInformationAccessOID,
    ExtendedKeyUsageOID,
    NameOID,
    ObjectIdentifier,
)

from provenance.credentials.errors import BadAuthority

MAX_LEAF_DAYS: Final = 366
ROOT_DAYS: Final = 3653
INTERMEDIATE_DAYS: Final = 1826
TIME_SIGNER_DAYS: Final = 1800
CLOCK_SKEW: Final = timedelta(minutes=5)
"""Certificates begin this much before `now`: a reader whose clock is a little late accepts them."""

CLAIM_SIGNING: Final = ObjectIdentifier("1.3.6.1.4.1.62558.2.1")
CLAIM_SIGNING_POLICY: Final = ObjectIdentifier("1.3.6.1.4.1.62558.1.1")


@dataclass(frozen=True, kw_only=True, slots=True)
class Authority:
    """A root and the intermediate under it, with their private keys.

    Attributes:
        organisation: The O of every subject.
        country: The two letters of every subject's C.
        root_pem: The self-signed root, what verifiers trust.
        root_key_pem: Its PKCS#8 key; needed again only for a new intermediate.
        intermediate_pem: The certificate that issues leaves.
        intermediate_key_pem: Its PKCS#8 key.
    """

    organisation: str
    country: str
    root_pem: bytes
    root_key_pem: bytes
    intermediate_pem: bytes
    intermediate_key_pem: bytes


@dataclass(frozen=True, kw_only=True, slots=True)
class SignerMaterial:
    """What a claim signer needs: the chain it shows and the key it signs with.

    Attributes:
        chain_pem: Leaf first, then the intermediate; the root is not sent.
        private_key_pem: The leaf's PKCS#8 key, on P-256.
    """

    chain_pem: bytes
    private_key_pem: bytes


def create_authority(
    now: datetime, *, organisation: str = "Cameo", country: str = "JP", common_name: str = "Cameo"
) -> Authority:
    """Make a new root and an intermediate under it, both on P-256.

    Args:
        now: The present time, aware.
        organisation: O of the subjects, one to 64 characters.
        country: C of the subjects, two letters.
        common_name: The first words of the CN.

    Returns:
        The authority; two authorities never share a key.

    Raises:
        BadAuthority: If a name cannot stand in a certificate or `now` is naive.
    """
    begin = _begin(now)
    root_key, inter_key = (ec.generate_private_key(ec.SECP256R1()) for _ in range(2))
    try:
        root_name = _name(country, organisation, f"{common_name} Root CA")
        inter_name = _name(country, organisation, f"{common_name} Claim Signing CA")
    except ValueError as error:
        raise BadAuthority(f"the subject's name is not usable: {error}") from error
    root = _ca(root_name, root_key, root_name, root_key, begin=begin, days=ROOT_DAYS, depth=1)
    inter = _ca(
        inter_name, inter_key, root_name, root_key, begin=begin, days=INTERMEDIATE_DAYS, depth=0
    )
    return Authority(
        organisation=organisation,
        country=country,
        root_pem=_pem(root),
        root_key_pem=_key_pem(root_key),
        intermediate_pem=_pem(inter),
        intermediate_key_pem=_key_pem(inter_key),
    )


def issue_claim_signer(
    authority: Authority,
    now: datetime,
    days: int = MAX_LEAF_DAYS,
    *,
    common_name: str = "Cameo Generator",
    ocsp_url: str = "http://127.0.0.1/ocsp/",
) -> SignerMaterial:
    """Issue a leaf that may sign C2PA claims, under a key made here.

    Args:
        authority: Whose intermediate signs.
        now: The present time, aware.
        days: Life of the leaf, 1 to 366.
        common_name: CN of the leaf; public tools show it as the issuer of a clip.
        ocsp_url: Where revocation is asked; the profile wants it to end in a slash. Verifying
            here never asks it: revocation is reported as not checked.

    Returns:
        The chain and the key.

    Raises:
        BadAuthority: If the authority is unusable, over before the leaf would be, `days` is out
            of range or the address does not end in a slash.
    """
    if not 1 <= days <= MAX_LEAF_DAYS:
        raise BadAuthority(f"a leaf lives 1 to {MAX_LEAF_DAYS} days, not {days}")
    if not ocsp_url.startswith(("http://", "https://")) or not ocsp_url.endswith("/"):
        raise BadAuthority("the OCSP address must be http(s) and end in a slash")
    return _issue(authority, now, days, common_name, _leaf_extensions(ocsp_url))


def issue_time_signer(
    authority: Authority,
    now: datetime,
    days: int = TIME_SIGNER_DAYS,
    *,
    common_name: str = "Cameo Time",
) -> SignerMaterial:
    """Issue a leaf that may sign time stamps (RFC 3161), under a key made here.

    Args:
        authority: Whose intermediate signs. Use one of its own: the roots that vouch for claims
            and those that vouch for times must be disjoint.
        now: The present time, aware.
        days: Life of the leaf, 1 to 1800.
        common_name: CN of the leaf.

    Returns:
        The chain and the key.

    Raises:
        BadAuthority: As `issue_claim_signer`.
    """
    if not 1 <= days <= TIME_SIGNER_DAYS:
        raise BadAuthority(f"a time signer lives 1 to {TIME_SIGNER_DAYS} days, not {days}")
    purposes = x509.ExtendedKeyUsage([ExtendedKeyUsageOID.TIME_STAMPING])
    return _issue(
        authority,
        now,
        days,
        common_name,
        [(_usage(digital_signature=True, content_commitment=True), True), (purposes, True)],
    )


def _issue(
    authority: Authority,
    now: datetime,
    days: int,
    common_name: str,
    extensions: list[tuple[x509.ExtensionType, bool]],
) -> SignerMaterial:
    begin = _begin(now)
    issuer, issuer_key = _load(authority.intermediate_pem, authority.intermediate_key_pem)
    end = begin + timedelta(days=days)
    if end > issuer.not_valid_after_utc:
        raise BadAuthority("the intermediate ends before the leaf would")
    key = ec.generate_private_key(ec.SECP256R1())
    subject = _name(authority.country, authority.organisation, common_name)
    builder = _base(subject, key, issuer.subject, issuer_key, begin=begin, end=end, depth=None)
    for extension, critical in extensions:
        builder = builder.add_extension(extension, critical)
    leaf = builder.sign(issuer_key, hashes.SHA256())
    return SignerMaterial(
        chain_pem=_pem(leaf) + authority.intermediate_pem, private_key_pem=_key_pem(key)
    )


def leaf_of(chain_pem: bytes) -> x509.Certificate:
    """Parse the first certificate of a chain.

    Raises:
        BadAuthority: If there is none.
    """
    try:
        return x509.load_pem_x509_certificates(chain_pem)[0]
    except (ValueError, IndexError) as error:
        raise BadAuthority("the chain holds no certificate") from error


def needs_renewal(
    chain_pem: bytes, now: datetime, *, before: timedelta = timedelta(days=30)
) -> bool:
    """Tell whether the leaf ends within `before`, has ended, or has not begun.

    Args:
        chain_pem: Leaf first.
        now: The present time, aware.
        before: How early a renewal is wanted.

    Raises:
        BadAuthority: If the chain cannot be parsed or `now` is naive.
    """
    _begin(now)
    leaf = leaf_of(chain_pem)
    return now + before >= leaf.not_valid_after_utc or now < leaf.not_valid_before_utc


def _begin(now: datetime) -> datetime:
    if now.tzinfo is None:
        raise BadAuthority("the time must be aware")
    return now.astimezone(UTC).replace(microsecond=0) - CLOCK_SKEW


def _name(country: str, organisation: str, common_name: str) -> x509.Name:
    return x509.Name(
        [
            x509.NameAttribute(NameOID.COUNTRY_NAME, country),
            x509.NameAttribute(NameOID.ORGANIZATION_NAME, organisation),
            x509.NameAttribute(NameOID.COMMON_NAME, common_name),
        ]
    )


def _base(
    subject: x509.Name,
    key: ec.EllipticCurvePrivateKey,
    issuer: x509.Name,
    issuer_key: ec.EllipticCurvePrivateKey,
    *,
    begin: datetime,
    end: datetime,
    depth: int | None,
) -> x509.CertificateBuilder:
    """The part that every certificate here shares; `depth` None makes a leaf."""
    return (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(begin)
        .not_valid_after(end)
        .add_extension(x509.BasicConstraints(ca=depth is not None, path_length=depth), True)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), False)
        .add_extension(
            x509.AuthorityKeyIdentifier.from_issuer_public_key(issuer_key.public_key()), False
        )
    )


def _ca(
    subject: x509.Name,
    key: ec.EllipticCurvePrivateKey,
    issuer: x509.Name,
    issuer_key: ec.EllipticCurvePrivateKey,
    *,
    begin: datetime,
    days: int,
    depth: int,
) -> x509.Certificate:
    end = begin + timedelta(days=days)
    builder = _base(subject, key, issuer, issuer_key, begin=begin, end=end, depth=depth)
    usage = _usage(digital_signature=True, key_cert_sign=True, crl_sign=True)
    return builder.add_extension(usage, True).sign(issuer_key, hashes.SHA256())


def _leaf_extensions(ocsp_url: str) -> list[tuple[x509.ExtensionType, bool]]:
    # A leaf with claimSigning alone reads Invalid in readers that do not list that purpose, so
    # emailProtection stands beside it, as the official profile has it.
    revocation = x509.AccessDescription(
        AuthorityInformationAccessOID.OCSP, x509.UniformResourceIdentifier(ocsp_url)
    )
    return [
        (_usage(digital_signature=True, content_commitment=True), True),
        (x509.ExtendedKeyUsage([CLAIM_SIGNING, ExtendedKeyUsageOID.EMAIL_PROTECTION]), False),
        (x509.CertificatePolicies([x509.PolicyInformation(CLAIM_SIGNING_POLICY, None)]), False),
        (x509.AuthorityInformationAccess([revocation]), False),
    ]


def _usage(
    *,
    digital_signature: bool = False,
    content_commitment: bool = False,
    key_cert_sign: bool = False,
    crl_sign: bool = False,
) -> x509.KeyUsage:
    return x509.KeyUsage(
        digital_signature=digital_signature,
        content_commitment=content_commitment,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        key_cert_sign=key_cert_sign,
        crl_sign=crl_sign,
        encipher_only=False,
        decipher_only=False,
    )


def _pem(certificate: x509.Certificate) -> bytes:
    return certificate.public_bytes(serialization.Encoding.PEM)


def _key_pem(key: ec.EllipticCurvePrivateKey) -> bytes:
    return key.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    )


def _load(
    certificate_pem: bytes, key_pem: bytes
) -> tuple[x509.Certificate, ec.EllipticCurvePrivateKey]:
    try:
        key = serialization.load_pem_private_key(key_pem, None)
    except (ValueError, TypeError) as error:
        raise BadAuthority("the authority's key cannot be read") from error
    certificate = leaf_of(certificate_pem)
    if not isinstance(key, ec.EllipticCurvePrivateKey) or key.public_key() != (
        certificate.public_key()
    ):
        raise BadAuthority("the authority's key does not belong to its certificate")
    return certificate, key
