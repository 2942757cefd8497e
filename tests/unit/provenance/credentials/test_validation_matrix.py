"""What happens to a signed file in the world, case by case, as measured and as wanted."""

from __future__ import annotations

import struct

import pytest

from provenance.credentials.labels import CONSENT
from provenance.credentials.trust import TrustSettings

C2PA_UUID = bytes.fromhex("d8fec3d61b0e483c92975828877ec481")


def boxes(data):
    at, found = 0, []
    while at < len(data):
        size, kind = struct.unpack_from(">I4s", data, at)
        found.append((kind, at, size))
        at += size
    return found


def box(kind, body):
    return struct.pack(">I4s", len(body) + 8, kind) + body


@pytest.fixture
def where(signed):
    """Offsets of the parts of the signed clip."""
    data = signed[0].read_bytes()
    tops = {kind: at for kind, at, _ in boxes(data)}
    return {
        "mdat": tops[b"mdat"] + 100,
        "moov": tops[b"moov"] + 30,
        "assertion": data.index(b"compositeSynthetic") + 2,
        "own assertion": data.index(b"p-7f3a") + 3,
        "claim": data.index(b"instanceID") + 16,
        "signature": data.index(b"\x63pad") - 300,
        "padding": data.index(b"\x63pad") + 4000,
        "ftyp": 12,
    }


@pytest.mark.parametrize(
    ("part", "code"),
    [
        ("mdat", "assertion.bmffHash.mismatch"),
        ("moov", "assertion.bmffHash.mismatch"),
        ("assertion", "assertion.hashedURI.mismatch"),
        ("own assertion", "assertion.hashedURI.mismatch"),
        ("claim", "claimSignature.mismatch"),
        ("signature", "claimSignature.mismatch"),
        ("padding", "container.signature_padding"),
        ("ftyp", "container.ftyp_changed"),
    ],
)
def test_a_flipped_byte_is_invalid_and_still_ours(flip, where, house, part, code):
    found = house.reader().read(flip(where[part]))
    assert found.state == "invalid"
    assert found.ours
    assert code in found.codes
    assert not found.expired_only


def test_no_flip_in_the_manifest_makes_it_foreign_or_changes_what_it_says(flip, signed, house):
    """Wherever a bit falls: never another's, never different contents that still read trusted."""
    data = signed[0].read_bytes()
    _, at, size = next(entry for entry in boxes(data) if entry[0] == b"uuid")
    end = min(at + size, data.index(b"\x63pad"))
    whole = house.reader().read(signed[0])
    trusted = 0
    for offset in range(at + 56, end, 41):
        found = house.reader().read(flip(offset))
        assert found.ours, offset
        if found.state == "trusted":
            trusted += 1
            assert found.statement == whole.statement
            assert found.store != whole.store  # the archive's copy tells the difference
    assert trusted <= 3


@pytest.mark.parametrize(
    ("name", "extra"),
    [
        ("free", box(b"free", b"hidden!!")),
        ("skip", box(b"skip", b"hidden!!")),
        ("unknown box", box(b"abcd", b"hidden!!")),
        ("second mdat", box(b"mdat", b"hidden!!")),
        ("mfra", box(b"mfra", box(b"mfro", bytes(8)))),
        ("second ftyp", box(b"ftyp", b"isom\0\0\2\0isom")),
        ("second manifest", box(b"uuid", C2PA_UUID + b"\0\0\0\0manifest\0" + bytes(40))),
        ("merkle box", box(b"uuid", C2PA_UUID + b"\0\0\0\0merkle\0" + b"\xa0")),
        ("loose bytes", b"hidden"),
    ],
)
def test_appended_bytes_are_noticed(signed, house, tmp_path, name, extra):
    path = tmp_path / "appended.mp4"
    path.write_bytes(signed[0].read_bytes() + extra)
    found = house.reader().read(path)
    assert found.ours
    assert found.state in {"invalid", "unreadable"}, name


def test_bytes_around_the_store_are_noticed(signed, house, tmp_path):
    data = signed[0].read_bytes()
    _, at, size = next(entry for entry in boxes(data) if entry[0] == b"uuid")
    manifest = data[at : at + size] + b"hidden!!"
    longer = struct.pack(">I", len(manifest)) + manifest[4:]
    path = tmp_path / "around.mp4"
    path.write_bytes(data[:at] + longer + data[at + size :])
    found = house.reader().read(path)
    assert found.ours
    assert found.state in {"invalid", "unreadable"}


def without_manifest(data):
    return b"".join(data[at : at + size] for kind, at, size in boxes(data) if kind != b"uuid")


def test_a_stripped_file_carries_none(signed, house, tmp_path):
    path = tmp_path / "stripped.mp4"
    path.write_bytes(without_manifest(signed[0].read_bytes()))
    found = house.reader().read(path)
    assert (found.present, found.state, found.ours) == (False, "none", False)


def test_a_manifest_grafted_onto_another_video_is_invalid(signed, house, tmp_path, other_mp4):
    data = signed[0].read_bytes()
    _, at, size = next(entry for entry in boxes(data) if entry[0] == b"uuid")
    other = other_mp4.read_bytes()
    path = tmp_path / "grafted.mp4"
    begin = boxes(other)[0][2]
    path.write_bytes(other[:begin] + data[at : at + size] + other[begin:])
    found = house.reader().read(path)
    assert (found.state, found.ours) == ("invalid", True)
    assert "assertion.bmffHash.mismatch" in found.codes


@pytest.mark.parametrize("share", [0.3, 0.6, 0.95])
def test_a_truncated_file_is_not_valid_and_still_ours(signed, house, tmp_path, share):
    data = signed[0].read_bytes()
    path = tmp_path / "cut.mp4"
    path.write_bytes(data[: int(len(data) * share)])
    found = house.reader().read(path)
    assert found.ours
    assert found.state in {"invalid", "unreadable"}


def test_another_root_is_valid_and_not_ours(imitation, house):
    found = house.reader().read(imitation)
    assert (found.state, found.ours, found.imitation) == ("valid", False, True)
    assert "signingCredential.untrusted" in found.codes


def test_a_listed_foreign_root_is_trusted_and_not_ours(imitation, house, other_house):
    trust = TrustSettings(
        own_roots_pem=house.authority.root_pem, foreign_roots_pem=other_house.authority.root_pem
    )
    found = type(house.reader())(trust).read(imitation)
    assert (found.state, found.ours, found.imitation) == ("trusted", False, True)


def test_a_time_stamp_root_vouches_for_no_claim(imitation, house, other_house):
    """The library accepts it (measured), so the list's name is demanded here."""
    trust = TrustSettings(
        own_roots_pem=house.authority.root_pem, time_roots_pem=other_house.authority.root_pem
    )
    found = type(house.reader())(trust).read(imitation)
    assert not found.ours
    assert found.state == "valid"
    assert "credentials.wrong_trust_list" in found.codes


def test_an_expired_certificate_is_told_from_a_change(expired, house):
    found = house.reader().read(expired[0])
    assert (found.state, found.ours, found.expired_only) == ("invalid", True, True)
    assert "signingCredential.expired" in found.codes


def test_an_expired_and_changed_file_is_changed(expired, house, tmp_path):
    data = bytearray(expired[0].read_bytes())
    data[-5] ^= 1
    path = tmp_path / "changed.mp4"
    path.write_bytes(data)
    assert not house.reader().read(path).expired_only


class TestLaundering:
    def test_ours_inside_a_foreign_one(self, tmp_path, signed, house, foreign_sign):
        found = house.reader().read(foreign_sign(tmp_path / "f.mp4", signed[0]))
        assert not found.ours
        assert found.ours_inside
        assert found.laundered
        assert found.codes[-1] == "credentials.ours_inside_foreign"

    def test_ours_inside_a_trusted_foreign_one_is_never_ours(
        self, tmp_path, signed, house, other_house, foreign_sign
    ):
        """The library's own attribution names our list here, for the ingredient's sake."""
        trust = TrustSettings(
            own_roots_pem=house.authority.root_pem,
            foreign_roots_pem=other_house.authority.root_pem,
        )
        found = type(house.reader())(trust).read(foreign_sign(tmp_path / "f.mp4", signed[0]))
        assert (found.state, found.ours, found.ours_inside) == ("trusted", False, True)

    def test_a_changed_one_of_ours_inside_a_foreign_one(self, tmp_path, flip, house, foreign_sign):
        found = house.reader().read(foreign_sign(tmp_path / "f.mp4", flip(-5)))
        assert found.laundered
        assert found.ours_inside
        assert "credentials.ingredient_failed" in found.codes
        assert "ingredient:assertion.bmffHash.mismatch" in found.codes

    def test_a_changed_foreign_one_inside_a_foreign_one(self, tmp_path, house, foreign_sign):
        first = foreign_sign(tmp_path / "first.mp4")
        data = bytearray(first.read_bytes())
        data[-5] ^= 1
        first.write_bytes(data)
        found = house.reader().read(foreign_sign(tmp_path / "f.mp4", first))
        assert found.laundered
        assert not found.ours_inside

    def test_a_sound_foreign_one_inside_a_foreign_one(self, tmp_path, house, foreign_sign):
        first = foreign_sign(tmp_path / "first.mp4")
        found = house.reader().read(foreign_sign(tmp_path / "f.mp4", first))
        assert (found.state, found.laundered) == ("valid", False)

    def test_another_installations_inside_a_foreign_one(
        self, tmp_path, house, imitation, foreign_sign
    ):
        found = house.reader().read(foreign_sign(tmp_path / "f.mp4", imitation))
        assert not found.ours_inside


class TestArchive:
    def test_an_archived_manifest_is_valid_and_never_byte_bound(self, signed, house, claim):
        found = house.reader().read_manifest_bytes(signed[1])
        assert (found.state, found.ours, found.bound) == ("valid", True, False)
        assert found.codes == ("credentials.not_byte_bound",)
        assert found.consents == claim.consents
        assert "not byte-bound" in found.summary[0]

    def test_a_changed_archived_manifest_is_invalid(self, signed, house):
        store = bytearray(signed[1])
        store[store.index(b"p-7f3a")] ^= 1
        assert house.reader().read_manifest_bytes(bytes(store)).state == "invalid"

    def test_an_archived_manifest_of_another_root_is_not_ours(self, signed, other_house):
        found = other_house.reader().read_manifest_bytes(signed[1])
        assert not found.ours
        assert "signingCredential.untrusted" in found.codes

    @pytest.mark.parametrize("store", [b"", b"rubbish", bytes(1000)])
    def test_rubbish_is_unreadable(self, house, store):
        found = house.reader().read_manifest_bytes(store)
        assert (found.state, found.bound, found.ours) == ("unreadable", False, False)


class TestHostileFiles:
    @pytest.mark.parametrize(
        "data",
        [
            b"",
            b"x",
            b"hello world, no media",
            bytes(5000),
            box(b"ftyp", b"isom\0\0\2\0") + struct.pack(">I4s", 4, b"moov"),
            struct.pack(">I4sQ", 1, b"ftyp", 2**63),
            box(b"ftyp", b"isom\0\0\2\0") + struct.pack(">I4s", 2**31, b"uuid") + C2PA_UUID,
            box(b"ftyp", b"isom\0\0\2\0") + box(b"free", b"") * 5000,
            b"\xff\xd8\xff\xe1" + bytes(100),
        ],
    )
    def test_no_file_raises_or_is_ours(self, tmp_path, house, data):
        path = tmp_path / "hostile.mp4"
        path.write_bytes(data)
        found = house.reader().read(path)
        assert found.state in {"none", "unreadable"}
        assert not found.ours

    def test_a_missing_file_and_a_folder_are_unreadable(self, tmp_path, house):
        for path in (tmp_path / "missing.mp4", tmp_path):
            found = house.reader().read(path)
            assert (found.state, found.present) == ("unreadable", False)

    def test_a_huge_manifest_is_not_read(self, tmp_path, house):
        path = tmp_path / "huge.mp4"
        size = 17 * 1024 * 1024
        with path.open("wb") as file:
            file.write(box(b"ftyp", b"isom\0\0\2\0"))
            file.write(struct.pack(">I4s", size, b"uuid") + C2PA_UUID)
            file.truncate(16 + size)
        found = house.reader().read(path)
        assert found.codes == ("container.manifest_too_large",)

    def test_our_label_in_a_store_that_cannot_be_parsed_is_claimed_ours(self, tmp_path, house):
        path = tmp_path / "broken.mp4"
        body = C2PA_UUID + b"\0\0\0\0manifest\0" + bytes(8) + CONSENT.encode()
        path.write_bytes(box(b"ftyp", b"isom\0\0\2\0") + box(b"uuid", body))
        found = house.reader().read(path)
        assert (found.state, found.present, found.ours) == ("unreadable", True, True)


@pytest.mark.sharedata
def test_no_public_test_file_crashes_or_is_ours(shared_data, house):
    reader = house.reader()
    found = {
        path.name: reader.read(path) for path in sorted((shared_data / "c2pa" / "media").iterdir())
    }
    assert len(found) >= 20
    assert not [name for name, item in found.items() if item.ours or item.ours_inside]
    assert not [name for name, item in found.items() if item.state == "trusted"]
    assert found["E-sig-CA.jpg"].state == "invalid"
    assert found["XCA.jpg"].state == "invalid"
    assert found["CA.jpg"].state == "valid"
    assert found["CACAE-uri-CA.jpg"].laundered
    assert found["CIE-sig-CA.jpg"].laundered
    assert found["cloud.jpg"].codes == ("credentials.remote",)
    assert found["no_manifest.jpg"].state == "none"
    assert found["video1.mp4"].state == "valid"


@pytest.mark.sharedata
def test_the_public_trust_list_is_taken(shared_data, house):
    folder = shared_data / "c2pa" / "trust"
    trust = TrustSettings(
        own_roots_pem=house.authority.root_pem,
        time_roots_pem=(folder / "C2PA-TSA-TRUST-LIST.pem").read_bytes(),
        foreign_roots_pem=(folder / "C2PA-TRUST-LIST.pem").read_bytes(),
    )
    reader = type(house.reader())(trust)
    found = reader.read(shared_data / "c2pa" / "media" / "ocsp.jpg")
    assert found.present
    assert not found.ours
