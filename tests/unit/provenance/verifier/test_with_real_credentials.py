"""The chain over real signed files; only mark, registry, ledger and log are simulated."""

from __future__ import annotations

from dataclasses import replace

import pytest

from provenance.verifier.ports import RegistryRecord


@pytest.fixture
def shelf(intact, signed, claim, house):
    """Judge a path as a service would that released the signed clip."""
    record = RegistryRecord(
        clip_id=claim.clip_id,
        payload=int(claim.payload, 16),
        kind="clip",
        fingerprint=claim.fingerprint,
        manifest=signed[1],
    )
    reader = house.reader()

    def judge(path, **more):
        world = replace(
            intact,
            credentials=reader.read(path),
            archived=reader.read_manifest_bytes(signed[1]),
            records={claim.clip_id: record},
            **more,
        )
        return world.verify()

    return judge


def test_the_released_file_is_authentic(shelf, signed):
    assert shelf(signed[0]).verdict == "authentic"


@pytest.mark.parametrize("offset", [-5, 12, 60, 2000])
def test_any_changed_byte_is_tampered(shelf, flip, offset):
    assert shelf(flip(offset)).verdict == "tampered"


def test_the_bytes_that_the_library_overlooks_are_tampered_by_the_archive(shelf, flip, signed):
    """The label of the claim's box: nothing hashes it, the archived copy tells."""
    offset = signed[0].read_bytes().index(b"c2pa.claim.v2")
    report = shelf(flip(offset))
    assert report.verdict == "tampered"
    assert report.reasons == ("credentials.differs_from_archive",)


def test_a_stripped_copy_is_recovered_with_the_archived_consents(shelf, plain_mp4):
    report = shelf(plain_mp4)
    assert report.verdict == "recovered"
    assert report.archived is not None
    assert report.archived.consents


def test_a_laundered_copy_is_tampered(shelf, foreign_sign, flip, tmp_path):
    assert shelf(foreign_sign(tmp_path / "f.mp4", flip(-5))).verdict == "tampered"


def test_an_imitation_without_a_mark_is_not_ours(shelf, imitation, intact):
    report = shelf(imitation, mark=replace(intact.mark, found=False, payload=None))
    assert report.verdict == "not_ours"
    assert "credentials.imitation" in report.reasons


def test_a_clip_outlives_its_certificate_where_the_manifest_was_archived(intact, expired, house):
    path, store = expired
    records = {"clip_01": replace(intact.records["clip_01"], manifest=store)}
    world = replace(intact, credentials=house.reader().read(path), records=records)
    report = world.verify()
    assert report.verdict == "authentic"
    assert report.reasons[0] == "credentials.expired_but_archived"


@pytest.mark.sharedata
def test_no_public_test_file_is_called_ours(shared_data, nothing, house):
    reader = house.reader()
    for path in sorted((shared_data / "c2pa" / "media").iterdir()):
        for readable in (True, False):
            world = replace(nothing, credentials=reader.read(path), readable=readable)
            assert world.verify().verdict in {"not_ours", "unreadable"}, path.name
