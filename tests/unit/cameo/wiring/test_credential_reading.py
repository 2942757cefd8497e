"""The process that reads credentials says what the reader says, and can be stopped."""

from __future__ import annotations

import os
import struct
import subprocess
import sys
import time
from datetime import UTC, datetime
from fractions import Fraction
from pathlib import Path

import av
import numpy as np
import pytest

from cameo.wiring import credential_reading
from cameo.wiring.credential_child import MAX_BOXES, has_too_many_boxes
from cameo.wiring.credential_reading import ChildCredentialReader, CredentialsNotReadError
from provenance.credentials.manifest import ClipClaim, ConsentCitation, build
from provenance.credentials.pki import create_authority, issue_claim_signer
from provenance.credentials.reader import CredentialReader
from provenance.credentials.signer import LocalSigner, sign_file
from provenance.credentials.trust import TrustSettings
from provenance.verifier.chain import Verifier
from provenance.verifier.ports import MediaUnderTest

NOW = datetime.now(UTC)
FTYP = struct.pack(">I4s4sI4s", 20, b"ftyp", b"isom", 0, b"isom")
FREE = struct.pack(">I4s", 8, b"free")
LIMITS = """
import resource, sys
from cameo.wiring.credential_child import _bound_process
_bound_process()
names = ("AS", "CPU", "FSIZE", "CORE")
print([resource.getrlimit(getattr(resource, f"RLIMIT_{name}")) for name in names])
try:
    with open(sys.argv[1], "w") as file:
        file.write("x")
except OSError:
    print("no file")
"""


def nested(kind: bytes, inside: bytes) -> bytes:
    return struct.pack(">I4s", 8 + len(inside), kind) + inside


def bombs(count: int) -> dict[str, bytes]:
    inside = nested(b"moov", nested(b"trak", FREE * count))
    return {"top level": FTYP + FREE * count, "nested": FTYP + inside}


@pytest.fixture(scope="module")
def plain(tmp_path_factory) -> Path:
    path = tmp_path_factory.mktemp("plain") / "plain.mp4"
    with av.open(str(path), "w", options={"movflags": "+faststart"}) as out:
        video = out.add_stream("libx264", rate=24, options={"threads": "1"})
        video.width, video.height, video.pix_fmt = 64, 64, "yuv420p"
        for at in range(6):
            picture = np.full((64, 64, 3), 40 * at, np.uint8)
            frame = av.VideoFrame.from_ndarray(picture, format="rgb24")
            frame.pts, frame.time_base = at, Fraction(1, 24)
            out.mux(video.encode(frame))
        out.mux(video.encode(None))
    return path


@pytest.fixture(scope="module")
def house() -> tuple[LocalSigner, TrustSettings]:
    authority = create_authority(NOW)
    signer = LocalSigner(issue_claim_signer(authority, NOW))
    stranger = create_authority(NOW, organisation="Elsewhere", common_name="Elsewhere")
    times = create_authority(NOW, common_name="Time")
    return signer, TrustSettings(
        own_roots_pem=authority.root_pem,
        time_roots_pem=times.root_pem,
        foreign_roots_pem=stranger.root_pem,
    )


@pytest.fixture(scope="module")
def signed(tmp_path_factory, plain, house) -> tuple[Path, bytes]:
    citation = ConsentCitation(
        consent_id="cns_01",
        grant_id=None,
        person_ref="p-7f3a",
        document_sha256="ab" * 32,
        assurance=0,
        simulated=True,
        epoch=3,
    )
    claim = ClipClaim(
        clip_id="clip_01",
        title="clip_01.mp4",
        created_at=NOW,
        digital_source_type=("http://cv.iptc.org/newscodes/digitalsourcetype/compositeSynthetic"),
        generator_name="embedded",
        generator_version="1",
        payload="0123456789abcdef",
        fingerprint=bytes(range(48)),
        duration_ms=250,
        consents=(citation,),
        style="anime",
        label_text="AI generated",
    )
    path = tmp_path_factory.mktemp("signed") / "clip.mp4"
    return path, sign_file(plain, path, build(claim), *house)


@pytest.fixture
def reader(house) -> ChildCredentialReader:
    return ChildCredentialReader(house[1])


def reading_processes() -> list[str]:
    """Command lines of our child processes, those that ended but were not waited for included."""
    found = []
    for stat in Path("/proc").glob("[0-9]*/stat"):
        try:
            parent = int(stat.read_text().rpartition(")")[2].split()[1])
        except OSError:
            continue  # it ended while we looked
        if parent == os.getpid():
            found.append(stat.with_name("cmdline").read_text())
    return [line for line in found if not line or "credential_child" in line]


class TestTheAnswer:
    def test_a_signed_file(self, reader, house, signed):
        found = reader.read(signed[0])
        assert (found.state, found.ours, found.clip_id) == ("trusted", True, "clip_01")
        assert found.store == signed[1]
        assert found == CredentialReader(house[1]).read(signed[0])

    def test_a_file_without_credentials(self, reader, house, plain):
        found = reader.read(plain)
        assert found.state == "none"
        assert found == CredentialReader(house[1]).read(plain)

    def test_a_text_file(self, reader, house, tmp_path):
        path = tmp_path / "notes.txt"
        path.write_text("not a video at all\n" * 50)
        assert reader.read(path) == CredentialReader(house[1]).read(path)

    def test_a_file_that_is_not_there(self, reader, house, tmp_path):
        found = reader.read(tmp_path / "none.mp4")
        assert found.codes == ("credentials.no_file",)
        assert found == CredentialReader(house[1]).read(tmp_path / "none.mp4")

    @pytest.mark.parametrize("where", ["picture", "store"])
    def test_a_tampered_file(self, reader, house, signed, tmp_path, where):
        data = bytearray(signed[0].read_bytes())
        at = len(data) - 20 if where == "picture" else data.index(b"clip_01.mp4")
        data[at] ^= 1
        path = tmp_path / "changed.mp4"
        path.write_bytes(data)
        found = reader.read(path)
        assert found.state in {"invalid", "unreadable"}
        assert found == CredentialReader(house[1]).read(path)

    def test_an_archived_manifest(self, reader, house, signed):
        found = reader.read_manifest_bytes(signed[1])
        assert not found.bound
        assert found == CredentialReader(house[1]).read_manifest_bytes(signed[1])

    @pytest.mark.parametrize(
        "name",
        [b"-c", b"a\"; $(id) '\n\t{}", "映像 é".encode(), b"not utf-8 \xff\xfe", b"\\u0000%00"],
        ids=repr,
    )
    def test_any_name(self, reader, signed, tmp_path, name):
        path = tmp_path / os.fsdecode(name)
        path.write_bytes(signed[0].read_bytes())
        assert reader.read(path).state == "trusted"

    def test_a_relative_path(self, reader, signed, monkeypatch):
        monkeypatch.chdir(signed[0].parent)
        assert reader.read(Path(signed[0].name)).state == "trusted"


class TestTheBounds:
    @pytest.mark.parametrize("kind", ["top level", "nested"])
    def test_a_bomb_is_refused_before_the_library_sees_it(self, reader, tmp_path, kind):
        path = tmp_path / "bomb.mp4"
        path.write_bytes(bombs(250_000)[kind])
        begun = time.monotonic()
        with pytest.raises(CredentialsNotReadError, match="too many boxes") as caught:
            reader.read(path)
        assert time.monotonic() - begun < 10
        assert caught.value.code == "credentials.not_read"
        assert reading_processes() == []

    @pytest.mark.parametrize("kind", ["top level", "nested"])
    def test_a_bomb_that_passes_the_count_is_stopped(self, house, tmp_path, kind):
        path = tmp_path / "bomb.mp4"
        # Just under the limit, and still a second or more for the library.
        path.write_bytes(bombs(MAX_BOXES - 10)[kind])
        begun = time.monotonic()
        with pytest.raises(CredentialsNotReadError, match=r"stopped after 0\.5 s"):
            ChildCredentialReader(house[1], timeout_s=0.5).read(path)
        assert time.monotonic() - begun < 5
        assert reading_processes() == []

    def test_no_verdict_is_reached(self, reader, tmp_path):
        path = tmp_path / "bomb.mp4"
        path.write_bytes(bombs(MAX_BOXES)["nested"])
        nothing = dict.fromkeys(
            ["detector", "sound_detector", "registry", "consents", "log", "fingerprinter"]
        )
        subject = MediaUnderTest(
            path=path, luma_frames=lambda: (), fps=0, seconds=0, readable=False, kind="unknown"
        )
        report = Verifier(credentials=reader, **nothing).verify(subject, checked_at=NOW)
        assert report.verdict == "unreadable"
        assert ("credentials", "credentials.not_checked", "CredentialsNotReadError") in [
            (step.check, step.code, step.detail) for step in report.not_run
        ]

    @pytest.mark.parametrize(
        ("change", "message"),
        [
            (("_CHILD", "json.tool"), "malformed"),
            (("_CHILD", "cameo.no_such_module"), "status 1"),
            (("_MAX_ANSWER_BYTES", 10), "too long"),
        ],
    )
    def test_what_is_no_answer(self, reader, plain, monkeypatch, change, message):
        monkeypatch.setattr(credential_reading, *change)
        with pytest.raises(CredentialsNotReadError, match=message):
            reader.read(plain)

    def test_no_process_can_be_started(self, reader, plain, monkeypatch):
        monkeypatch.setattr(sys, "executable", "/no/such/python")
        with pytest.raises(CredentialsNotReadError, match="could be started"):
            reader.read(plain)

    def test_the_process_is_bounded(self, tmp_path):
        path = tmp_path / "written"
        said = subprocess.run(
            [sys.executable, "-I", "-c", LIMITS, str(path)], capture_output=True, check=True
        ).stdout.decode()
        limits = [(2 * 1024**3,) * 2, (15, 15), (0, 0), (0, 0)]
        assert said.splitlines() == [str(limits), "no file"]


class TestCounting:
    @pytest.mark.parametrize("kind", ["top level", "nested"])
    def test_each_box_once(self, tmp_path, kind):
        path = tmp_path / "boxes.mp4"
        path.write_bytes(bombs(10)[kind])
        boxes = 11 if kind == "top level" else 13
        assert has_too_many_boxes(path, boxes - 1)
        assert not has_too_many_boxes(path, boxes)

    def test_boxes_after_a_parent_and_in_meta_count(self, tmp_path):
        path = tmp_path / "boxes.mp4"
        path.write_bytes(FTYP + nested(b"meta", bytes(4) + FREE * 3) + FREE * 2)
        assert has_too_many_boxes(path, 6)
        assert not has_too_many_boxes(path, 7)

    @pytest.mark.parametrize(
        "data",
        [
            b"",
            b"\0\0\0",
            bytes(4096),
            b"\0\0\0\1moov" + b"\xff" * 8,
            b"\0\0\0\1moov",
            struct.pack(">I4s", 7, b"moov"),
            struct.pack(">I4s", 0, b"moov") * 500,
            b"text " * 999,
        ],
        ids=lambda data: repr(data[:12]),
    )
    def test_anything_else_ends(self, tmp_path, data):
        path = tmp_path / "odd.mp4"
        path.write_bytes(data)
        assert not has_too_many_boxes(path, 501)
