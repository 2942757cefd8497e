from __future__ import annotations

import dataclasses
import time
import urllib.error
import urllib.request
from datetime import UTC, datetime, timedelta

import pytest

from provenance.credentials import der
from provenance.credentials.errors import BadAuthority, SigningFailed
from provenance.credentials.manifest import build
from provenance.credentials.pki import issue_claim_signer, issue_time_signer, leaf_of
from provenance.credentials.reader import CredentialReader
from provenance.credentials.signer import LocalSigner, sign_file
from provenance.credentials.timestamp_server import loopback
from provenance.credentials.timestamps import BadTimestampQuery, TimestampAuthority

NOW = datetime(2026, 3, 4, 5, 6, 7, tzinfo=UTC)
SHA256 = der.encode(der.SEQUENCE, der.oid("2.16.840.1.101.3.4.2.1"), b"\x05\0")
SHA1 = der.encode(der.SEQUENCE, der.oid("1.3.14.3.2.26"))


def query(algorithm=SHA256, digest=b"d" * 32, *more, version=1):
    imprint = der.encode(der.SEQUENCE, algorithm, der.encode(der.OCTETS, digest))
    return der.encode(der.SEQUENCE, der.integer(version), imprint, *more)


@pytest.fixture(scope="module")
def authority(time_authority, now):
    return TimestampAuthority(issue_time_signer(time_authority, now))


@pytest.fixture
def service(authority, house, time_authority):
    """Trust in our time stamps, and where they are to be had."""
    trust = dataclasses.replace(house.trust, time_roots_pem=time_authority.root_pem)
    with loopback(authority, lambda: datetime.now(UTC)) as url:
        yield trust, url


def test_a_clip_with_a_time_stamp_outlives_its_certificate(
    tmp_path, plain_mp4, house, claim, service
):
    trust, url = service
    end_soon = datetime.now(UTC) - timedelta(days=1) + timedelta(minutes=5, seconds=4)
    material = issue_claim_signer(house.authority, end_soon, 1)
    path = tmp_path / "clip.mp4"
    signer = LocalSigner(material)
    sign_file(plain_mp4, path, build(claim), signer, trust, timestamp_url=url)
    ended = leaf_of(material.chain_pem).not_valid_after_utc + timedelta(seconds=1.5)
    time.sleep(max(0.0, (ended - datetime.now(UTC)).total_seconds()))
    found = CredentialReader(trust).read(path)
    assert (found.state, found.ours, found.timestamp, found.codes) == ("trusted", True, "yes", ())
    assert found.signed_at is not None
    without = house.reader().read(path)
    assert (without.state, without.expired_only) == ("invalid", True)


def test_a_time_stamp_under_no_trusted_root_fails_closed(
    tmp_path, plain_mp4, house, claim, authority
):
    with (
        loopback(authority, lambda: datetime.now(UTC)) as url,
        pytest.raises(SigningFailed, match="time stamp"),
    ):
        sign_file(
            plain_mp4,
            tmp_path / "clip.mp4",
            build(claim),
            house.signer,
            house.trust,
            timestamp_url=url,
        )
    assert not list(tmp_path.iterdir())


def test_the_answer_repeats_the_nonce_and_the_digest(authority):
    nonce = der.integer(0x1122334455)
    answer = authority.answer(query(SHA256, b"d" * 32, nonce), NOW)
    assert nonce in answer
    assert b"d" * 32 in answer
    assert b"20260304050607Z" in answer


def test_certificates_are_sent_on_demand_only(authority):
    with_them = authority.answer(query(SHA256, b"d" * 32, der.encode(der.BOOLEAN, b"\xff")), NOW)
    assert len(with_them) > len(authority.answer(query(), NOW)) + 500


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"\x30",
        b"\x30\x05abc",
        b"\x30\x84\xff\xff\xff\xff",
        b"\x30\x80",
        bytes(5000),
        query(SHA1, b"d" * 20),
        query(SHA256, b"d" * 31),
        query(version=2),
        query() + b"more",
        der.encode(der.SEQUENCE, der.integer(1)),
    ],
)
def test_a_malformed_query_is_refused(authority, data):
    with pytest.raises(BadTimestampQuery):
        authority.answer(data, NOW)


def test_a_naive_time_is_refused(authority):
    with pytest.raises(BadAuthority, match="aware"):
        authority.answer(query(), NOW.replace(tzinfo=None))


def test_the_server_refuses_rubbish_and_goes_on(authority):
    with loopback(authority, lambda: NOW) as url:
        for data in (b"rubbish", bytes(9000)):
            with pytest.raises(urllib.error.HTTPError) as caught:
                urllib.request.urlopen(url, data=data, timeout=5)  # noqa: S310
            assert caught.value.code == 400
            caught.value.close()
        with urllib.request.urlopen(url, data=query(), timeout=5) as answer:  # noqa: S310
            assert answer.status == 200
            assert b"20260304050607Z" in answer.read()


@pytest.mark.parametrize("days", [0, 1801])
def test_a_time_signer_of_a_wrong_length_is_refused(time_authority, now, days):
    with pytest.raises(BadAuthority):
        issue_time_signer(time_authority, now, days)


def test_a_key_of_another_certificate_is_refused(time_authority, now):
    first, second = (issue_time_signer(time_authority, now) for _ in range(2))
    with pytest.raises(BadAuthority, match="does not belong"):
        TimestampAuthority(dataclasses.replace(first, private_key_pem=second.private_key_pem))
    with pytest.raises(BadAuthority, match="cannot be read"):
        TimestampAuthority(dataclasses.replace(first, private_key_pem=b""))


@pytest.mark.parametrize(
    ("dotted", "wanted"),
    [("1.2.840.10045.4.3.2", "06082a8648ce3d040302"), ("2.25.3", "06026903")],
)
def test_object_identifiers_are_encoded(dotted, wanted):
    assert der.oid(dotted).hex() == wanted


@pytest.mark.parametrize("size", [0, 127, 128, 255, 256, 65000])
def test_lengths_survive_the_round_trip(size):
    whole = der.encode(der.OCTETS, bytes(size))
    value, rest = der.read(whole + b"rest")
    assert (value.tag, len(value.body), value.whole, rest) == (der.OCTETS, size, whole, b"rest")
