from __future__ import annotations

import multiprocessing
from datetime import UTC, datetime, timedelta

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import (
    BestAvailableEncryption,
    Encoding,
    NoEncryption,
    PrivateFormat,
)
from cryptography.x509.oid import NameOID

from cameo.keys.errors import (
    BadKey,
    BadName,
    InsecurePermissions,
    KeyStoreBroken,
    UnknownSecret,
)
from cameo.keys.signing import PemMaterial, SecretStore


@pytest.fixture
def folder(tmp_path):
    return tmp_path / "secrets"


@pytest.fixture
def store(folder):
    return SecretStore(folder)


def pem_of(key, lock=None):
    return key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, lock or NoEncryption())


def certificate(key):
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "test")])
    start = datetime(2026, 1, 1, tzinfo=UTC)
    builder = x509.CertificateBuilder().subject_name(name).issuer_name(name)
    builder = builder.public_key(key.public_key()).serial_number(1)
    builder = builder.not_valid_before(start).not_valid_after(start + timedelta(days=9))
    return builder.sign(key, hashes.SHA256()).public_bytes(Encoding.PEM)


def material():
    key, root = ec.generate_private_key(ec.SECP256R1()), ec.generate_private_key(ec.SECP256R1())
    return PemMaterial(private_key_pem=pem_of(key), chain_pem=certificate(key) + certificate(root))


def test_a_secret_is_made_once(folder, store):
    secret = store.load_or_create("watermark-master")
    assert len(secret) == 32
    assert store.load_or_create("watermark-master") == secret == store.load("watermark-master")
    assert SecretStore(folder).load("watermark-master") == secret
    assert store.load_or_create("other") != secret
    assert len(store.load_or_create("long", 64)) == 64


def test_a_seed_makes_an_ed25519_key(store):
    seed = store.ed25519_seed("log")
    assert store.ed25519_seed("log") == seed
    Ed25519PrivateKey.from_private_bytes(seed)


def test_a_secret_of_another_size_is_not_taken(store):
    store.load_or_create("log", 64)
    with pytest.raises(BadKey):
        store.load_or_create("log", 32)
    with pytest.raises(BadKey):
        store.load_or_create("short", 8)


@pytest.mark.parametrize("name", ["", "A", "a/b", "../a", "a.b", "a_b", "-a", "a" * 65, "a\n"])
def test_names_that_are_none_are_refused(store, name):
    for call in (store.load, store.load_or_create, store.load_pem):
        with pytest.raises(BadName):
            call(name)


def test_a_secret_that_is_not_there(store):
    with pytest.raises(UnknownSecret):
        store.load("log")
    with pytest.raises(UnknownSecret):
        store.load_pem("claim")


def test_a_secret_that_others_may_read(folder, store):
    store.load_or_create("log")
    (folder / "log.secret").chmod(0o644)
    for call in (store.load, store.load_or_create):
        with pytest.raises(InsecurePermissions):
            call("log")


def test_claim_material_is_kept_and_replaced(folder, store):
    first, second = material(), material()
    store.save_pem("claim", first)
    assert SecretStore(folder).load_pem("claim") == first
    assert store.create_pem("claim", second) == first
    store.save_pem("claim", second)
    assert store.load_pem("claim") == second
    assert store.create_pem("other", first) == first


def test_claim_material_does_not_show_itself():
    assert "KEY" not in repr(material())


def test_claim_material_of_two_keys(store):
    with pytest.raises(BadKey):
        store.save_pem(
            "claim",
            PemMaterial(private_key_pem=material().private_key_pem, chain_pem=material().chain_pem),
        )
    with pytest.raises(UnknownSecret):
        store.load_pem("claim")


def test_claim_material_of_another_kind(store):
    good = material()
    p384 = ec.generate_private_key(ec.SECP384R1())
    locked = ec.generate_private_key(ec.SECP256R1())
    cases = [
        (pem_of(Ed25519PrivateKey.generate()), good.chain_pem),
        (pem_of(p384), certificate(p384)),
        (pem_of(locked, BestAvailableEncryption(b"x")), certificate(locked)),
        (b"", good.chain_pem),
        (good.private_key_pem, b""),
        (good.private_key_pem, b"-----BEGIN CERTIFICATE-----"),
    ]
    for private, chain in cases:
        with pytest.raises(BadKey):
            store.save_pem("claim", PemMaterial(private_key_pem=private, chain_pem=chain))


def test_a_damaged_file(folder, store):
    store.save_pem("claim", material())
    for data in (b"", b"damaged", (folder / "claim.pem").read_bytes()[:300]):
        (folder / "claim.pem").write_bytes(data)
        with pytest.raises(KeyStoreBroken):
            store.load_pem("claim")


def _ask(folder, barrier, results):
    barrier.wait()
    results.put(SecretStore(folder).load_or_create("log"))


def test_processes_that_ask_at_once_get_the_same(folder):
    context = multiprocessing.get_context("fork")
    barrier, results = context.Barrier(4), context.Queue()
    workers = [context.Process(target=_ask, args=(folder, barrier, results)) for _ in range(4)]
    for worker in workers:
        worker.start()
    found = {results.get(timeout=30) for _ in workers}
    for worker in workers:
        worker.join()
    assert len(found) == 1
    assert [p.name for p in folder.iterdir()] == ["log.secret"]
