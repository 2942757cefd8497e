from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from cryptography import x509
from cryptography.x509.oid import ExtendedKeyUsageOID

from provenance.credentials.errors import BadAuthority
from provenance.credentials.pki import (
    CLAIM_SIGNING,
    CLAIM_SIGNING_POLICY,
    create_authority,
    issue_claim_signer,
    leaf_of,
    needs_renewal,
)

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)


@pytest.fixture(scope="module")
def authority():
    return create_authority(NOW)


@pytest.fixture(scope="module")
def chain(authority):
    return issue_claim_signer(authority, NOW, ocsp_url="http://ocsp.example/ocsp/").chain_pem


def test_the_leaf_follows_the_claim_signing_profile(chain):
    leaf = leaf_of(chain)
    get = leaf.extensions.get_extension_for_class
    assert leaf.version is x509.Version.v3
    assert leaf.not_valid_after_utc - leaf.not_valid_before_utc <= timedelta(days=366)
    assert {a.oid._name for a in leaf.subject} == {
        "countryName",
        "organizationName",
        "commonName",
    }
    usage = get(x509.KeyUsage)
    assert usage.critical
    assert usage.value.digital_signature
    assert usage.value.content_commitment
    assert not usage.value.key_cert_sign
    assert list(get(x509.ExtendedKeyUsage).value) == [
        CLAIM_SIGNING,
        ExtendedKeyUsageOID.EMAIL_PROTECTION,
    ]
    assert get(x509.BasicConstraints).critical
    assert not get(x509.BasicConstraints).value.ca
    assert get(x509.CertificatePolicies).value[0].policy_identifier == CLAIM_SIGNING_POLICY
    assert get(x509.AuthorityInformationAccess).value[0].access_location.value.endswith("/ocsp/")
    assert get(x509.SubjectKeyIdentifier)
    assert get(x509.AuthorityKeyIdentifier)


def test_the_chain_verifies_up_to_the_root(authority, chain):
    leaf, intermediate = x509.load_pem_x509_certificates(chain)
    root = x509.load_pem_x509_certificate(authority.root_pem)
    leaf.verify_directly_issued_by(intermediate)
    intermediate.verify_directly_issued_by(root)
    root.verify_directly_issued_by(root)
    assert intermediate.extensions.get_extension_for_class(x509.BasicConstraints).value == (
        x509.BasicConstraints(ca=True, path_length=0)
    )


@pytest.mark.parametrize(
    ("after", "wanted"),
    [(timedelta(0), False), (timedelta(days=340), True), (timedelta(days=400), True)],
)
def test_renewal_is_wanted_before_the_leaf_ends(chain, after, wanted):
    assert needs_renewal(chain, NOW + after) is wanted


def test_renewal_is_wanted_before_the_leaf_begins(chain):
    assert needs_renewal(chain, NOW - timedelta(days=1))


@pytest.mark.parametrize("days", [0, 367])
def test_a_leaf_of_a_wrong_length_is_refused(authority, days):
    with pytest.raises(BadAuthority, match="366"):
        issue_claim_signer(authority, NOW, days)


def test_an_ocsp_address_without_a_slash_is_refused(authority):
    with pytest.raises(BadAuthority, match="slash"):
        issue_claim_signer(authority, NOW, ocsp_url="http://ocsp.example/ocsp")


def test_a_leaf_that_outlives_its_issuer_is_refused(authority):
    with pytest.raises(BadAuthority, match="intermediate ends"):
        issue_claim_signer(authority, NOW + timedelta(days=1800))


def test_a_naive_time_is_refused():
    with pytest.raises(BadAuthority, match="aware"):
        create_authority(NOW.replace(tzinfo=None))


def test_a_name_that_no_certificate_can_hold_is_refused():
    with pytest.raises(BadAuthority):
        create_authority(NOW, country="Japan")


@pytest.mark.parametrize("chain_pem", [b"", b"-----BEGIN CERTIFICATE-----\nAAAA\n"])
def test_a_chain_without_a_certificate_is_refused(chain_pem):
    with pytest.raises(BadAuthority):
        leaf_of(chain_pem)


def test_a_key_of_another_authority_is_refused(authority):
    other = create_authority(NOW)
    mixed = type(authority)(
        organisation="x",
        country="JP",
        root_pem=authority.root_pem,
        root_key_pem=b"",
        intermediate_pem=authority.intermediate_pem,
        intermediate_key_pem=other.intermediate_key_pem,
    )
    with pytest.raises(BadAuthority, match="does not belong"):
        issue_claim_signer(mixed, NOW)
