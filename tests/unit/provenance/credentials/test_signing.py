from __future__ import annotations

import dataclasses
import threading

import pytest

from provenance.credentials.errors import BadAuthority, BadTrustSettings, SigningFailed
from provenance.credentials.formats import sniff
from provenance.credentials.manifest import build
from provenance.credentials.pki import SignerMaterial, issue_claim_signer
from provenance.credentials.selftest import self_test
from provenance.credentials.signer import LocalSigner, sign_file
from provenance.credentials.trust import TrustSettings, context


def test_a_signed_clip_reads_back_whole(signed, house, claim):
    path, store = signed
    found = house.reader().read(path)
    assert (found.state, found.ours, found.codes) == ("trusted", True, ())
    assert found.clip_id == claim.clip_id
    assert found.payload == claim.payload
    assert found.fingerprint == claim.fingerprint
    assert found.consents == claim.consents
    assert found.generator == "Cameo 0.1.0"
    assert found.issuer == "Cameo"
    assert found.revocation == "not_checked"
    assert found.timestamp == "no"
    assert found.store == store
    assert not found.laundered


def test_the_soft_binding_survives_the_round_trip(signed, house, claim):
    import json

    import c2pa

    with signed[0].open("rb") as file, c2pa.Reader(None, file, context=context(house.trust)) as r:
        report = json.loads(r.json())
    active = report["manifests"][report["active_manifest"]]
    binding = next(a["data"] for a in active["assertions"] if a["label"] == "c2pa.soft-binding")
    assert binding == {
        "alg": "org.cameo.wm.video.1",
        "blocks": [
            {"scope": {"timespan": {"start": 0, "end": 1000}}, "value": claim.payload},
        ],
    }
    people = [i for i in active["ingredients"] if i["relationship"] == "inputTo"]
    assert [person["title"] for person in people] == ["Consenting person p-7f3a"]


def test_a_stamp_reads_back_with_its_parent(tmp_path, plain_mp4, house, stamp_claim):
    target = tmp_path / "stamped.mp4"
    sign_file(plain_mp4, target, build(stamp_claim), house.signer, house.trust, parent=plain_mp4)
    found = house.reader().read(target)
    assert (found.state, found.ours) == ("trusted", True)
    assert found.statement is not None
    assert found.statement.action == "c2pa.opened"
    assert found.consents == ()
    assert any("neither generation nor consent" in line for line in found.summary)


def test_a_stamp_over_a_changed_signed_file_is_refused(
    tmp_path, plain_mp4, house, stamp_claim, flip
):
    target = tmp_path / "stamped.mp4"
    with pytest.raises(SigningFailed, match="ingredient_failed"):
        sign_file(plain_mp4, target, build(stamp_claim), house.signer, house.trust, parent=flip(-5))
    assert not target.exists()


@pytest.mark.parametrize("head", [b"\x1aE\xdf\xa3 matroska", b"\0\0\1\xba mpeg"])
def test_a_parent_that_can_carry_no_credentials_is_named(
    tmp_path, plain_mp4, house, stamp_claim, head
):
    parent, target = tmp_path / "parent", tmp_path / "stamped.mp4"
    parent.write_bytes(head + bytes(100))
    sign_file(plain_mp4, target, build(stamp_claim), house.signer, house.trust, parent=parent)
    found = house.reader().read(target)
    assert (found.state, found.ours, found.laundered) == ("trusted", True, False)


def test_a_signed_parent_is_taken_over(tmp_path, house, signed, stamp_claim):
    target = tmp_path / "stamped.mp4"
    parent = signed[0]
    sign_file(parent, target, build(stamp_claim), house.signer, house.trust, parent=parent)
    found = house.reader().read(target)
    assert (found.state, found.clip_id, found.ours_inside) == ("trusted", "clip_02", False)


@pytest.mark.parametrize(
    ("head", "kind"),
    [
        (b"\0\0\0\x18ftypisom", "video/mp4"),
        (b"RIFF\0\0\0\0AVI ", "video/avi"),
        (b"RIFF\0\0\0\0????", None),
        (b"\xff\xd8\xff\xe0", "image/jpeg"),
        (b"", None),
    ],
)
def test_a_file_is_known_by_its_first_bytes(tmp_path, head, kind):
    path = tmp_path / "any.name"
    path.write_bytes(head)
    assert sniff(path) == kind


@pytest.mark.parametrize("name", ["claim", "stamp_claim"])
def test_a_parent_belongs_to_a_stamp_only(tmp_path, plain_mp4, house, request, name):
    manifest = build(request.getfixturevalue(name))
    parent = plain_mp4 if name == "claim" else None
    with pytest.raises(SigningFailed, match="parent"):
        sign_file(plain_mp4, tmp_path / "x.mp4", manifest, house.signer, house.trust, parent=parent)


class _Broken:
    def __init__(self, chain_pem, answer):
        self.chain_pem = chain_pem
        self._answer = answer

    def sign(self, tbs):
        if isinstance(self._answer, Exception):
            raise self._answer
        return self._answer


@pytest.mark.parametrize("answer", [RuntimeError("the key service is down"), b"short", b"\0" * 64])
def test_a_failing_key_leaves_the_target_as_it_was(tmp_path, plain_mp4, house, claim, answer):
    target = tmp_path / "clip.mp4"
    target.write_bytes(b"as before")
    signer = _Broken(house.signer.chain_pem, answer)
    with pytest.raises(SigningFailed) as caught:
        sign_file(plain_mp4, target, build(claim), signer, house.trust)
    if isinstance(answer, Exception):
        assert caught.value.__cause__ is answer
    assert target.read_bytes() == b"as before"
    assert [path.name for path in tmp_path.iterdir()] == ["clip.mp4"]


def test_a_time_stamp_service_that_is_down_fails_closed(tmp_path, plain_mp4, house, claim):
    target = tmp_path / "clip.mp4"
    with pytest.raises(SigningFailed):
        sign_file(
            plain_mp4,
            target,
            build(claim),
            house.signer,
            house.trust,
            timestamp_url="http://127.0.0.1:9/tsa",
        )
    assert not list(tmp_path.iterdir())


def test_a_signer_outside_the_trust_is_refused(tmp_path, plain_mp4, house, other_house, claim):
    with pytest.raises(SigningFailed):
        sign_file(plain_mp4, tmp_path / "x.mp4", build(claim), other_house.signer, house.trust)
    assert not list(tmp_path.iterdir())


def test_only_mp4_is_signed(tmp_path, house, claim):
    source = tmp_path / "picture.jpg"
    source.write_bytes(b"\xff\xd8\xff\xe0" + bytes(100))
    with pytest.raises(SigningFailed, match="MP4"):
        sign_file(source, tmp_path / "x.mp4", build(claim), house.signer, house.trust)


def test_threads_may_sign_at_once(tmp_path, plain_mp4, house, claim):
    manifest = build(claim)

    def work(at):
        sign_file(plain_mp4, tmp_path / f"{at}.mp4", manifest, house.signer, house.trust)

    threads = [threading.Thread(target=work, args=(at,)) for at in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    states = {house.reader().read(tmp_path / f"{at}.mp4").state for at in range(4)}
    assert states == {"trusted"}


def test_a_context_is_made_per_process(house, monkeypatch):
    first = context(house.trust)
    assert context(house.trust) is first
    monkeypatch.setattr("os.getpid", lambda: -1)
    assert context(house.trust) is not first


def test_the_self_test_passes_and_leaves_nothing(house, tmp_path):
    self_test(house.signer, house.trust, tmp_path)
    assert not list(tmp_path.iterdir())


def test_the_self_test_fails_where_the_root_is_another(house, other_house, tmp_path):
    from provenance.credentials.errors import SelfTestFailed

    with pytest.raises(SelfTestFailed):
        self_test(house.signer, other_house.trust, tmp_path)


def test_a_key_of_another_certificate_is_refused(house, now):
    first = issue_claim_signer(house.authority, now)
    second = issue_claim_signer(house.authority, now)
    with pytest.raises(BadAuthority, match="does not belong"):
        LocalSigner(
            SignerMaterial(chain_pem=first.chain_pem, private_key_pem=second.private_key_pem)
        )
    with pytest.raises(BadAuthority, match="cannot be read"):
        LocalSigner(dataclasses.replace(first, private_key_pem=b"no key"))


@pytest.mark.parametrize("own", [b"", b"  \n", b"no pem", "鍵".encode()])
def test_trust_without_a_root_is_refused(own):
    with pytest.raises(BadTrustSettings):
        TrustSettings(own_roots_pem=own)


@pytest.mark.parametrize("other", ["time_roots_pem", "foreign_roots_pem"])
def test_one_root_in_two_lists_is_refused(house, other):
    root = house.authority.root_pem
    with pytest.raises(BadTrustSettings, match="two lists"):
        TrustSettings(own_roots_pem=root, **{other: root})


def test_reading_never_fetches(house):
    verify = house.trust.config(foreign=True)["verify"]
    assert verify["remote_manifest_fetch"] is False
    assert verify["ocsp_fetch"] is False


def test_a_forked_process_reads_with_a_context_of_its_own(signed, house):
    import multiprocessing

    assert house.reader().read(signed[0]).state == "trusted"
    fork = multiprocessing.get_context("fork")
    results = fork.Queue()
    child = fork.Process(target=lambda: results.put(house.reader().read(signed[0]).state))
    child.start()
    assert results.get(timeout=30) == "trusted"
    child.join(30)
    assert child.exitcode == 0
