"""Soft bindings of every kind of file that is signed: as they are read back, and as raw CBOR."""

from __future__ import annotations

import dataclasses
import json
import struct
import wave
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import av
import c2pa
import cbor2
import cv2
import numpy as np
import pytest

from provenance.credentials.binding import MAX_SPANS, MarkClaim, soft_binding
from provenance.credentials.errors import BadClaim, SigningFailed
from provenance.credentials.formats import SIGNED, sniff
from provenance.credentials.jumbf import manifest_id
from provenance.credentials.labels import SOFT_BINDINGS
from provenance.credentials.manifest import build
from provenance.credentials.signer import sign_file
from provenance.credentials.trust import context

SUFFIX = {
    "video/mp4": "mp4",
    "image/jpeg": "jpg",
    "image/png": "png",
    "image/webp": "webp",
    "audio/wav": "wav",
    "audio/mpeg": "mp3",
    "audio/flac": "flac",
    "audio/mp4": "m4a",
}
CODEC = {"mp3": ("libmp3lame", "fltp"), "flac": ("flac", "s16"), "m4a": ("aac", "fltp")}
SPANS = ((0, 400), (500, 1000))
MARKS = {
    "video": (
        MarkClaim(modality="video", spans=((0, 1000),)),
        MarkClaim(modality="sound", spans=SPANS),
    ),
    "image": (MarkClaim(modality="image"),),
    "audio": (MarkClaim(modality="sound", spans=SPANS),),
}


def write_plain(path: Path, plain_mp4: Path) -> None:
    """A second of tone or a picture, of the kind that the name says."""
    kind = path.suffix[1:]
    if kind == "mp4":
        path.write_bytes(plain_mp4.read_bytes())
    elif kind in {"jpg", "png", "webp"}:
        y, x = np.mgrid[0:120, 0:160]
        cv2.imwrite(str(path), np.stack([y, x, y ^ x], axis=-1).astype(np.uint8))
    elif kind == "wav":
        with wave.open(str(path), "wb") as out:
            out.setnchannels(1)
            out.setsampwidth(2)
            out.setframerate(16000)
            out.writeframes((9000 * np.sin(np.arange(16000) / 9)).astype("<i2").tobytes())
    else:
        encode(path, *CODEC[kind])


def encode(path: Path, codec: str, form: str) -> None:
    with av.open(str(path), "w", format="mp4" if path.suffix == ".m4a" else None) as out:
        stream = out.add_stream(codec, rate=44100, layout="mono")
        tone = np.sin(np.arange(1024) / 9)[None]
        block = (9000 * tone).astype(np.int16) if form == "s16" else (0.3 * tone).astype(np.float32)
        for _ in range(43):
            frame = av.AudioFrame.from_ndarray(block, format=form, layout="mono")
            frame.sample_rate = 44100
            out.mux(stream.encode(frame))
        out.mux(stream.encode(None))


def claimed(claim: Any, kind: str, **changes: Any) -> Any:
    family = kind.partition("/")[0]
    values: dict[str, Any] = {"format": kind, "marks": MARKS[family]}
    if family == "image":
        values["duration_ms"] = 0
    if family != "image":
        values["sound_fingerprint"] = b"heard"
    if family == "audio":
        values["fingerprint"] = b""
    return dataclasses.replace(claim, **{**values, **changes})


def report_of(path: Path, trust: Any) -> dict[str, Any]:
    with path.open("rb") as file, c2pa.Reader(None, file, context=context(trust)) as reader:
        report: dict[str, Any] = json.loads(reader.json())
    return report


def boxes(data: bytes, at: int, end: int) -> Iterator[tuple[str, bytes]]:
    """(label, content) of each content box in a store (ISO 19566-5), by the label around it."""
    label = ""
    while at + 8 <= end:
        size, kind = struct.unpack_from(">I4s", data, at)
        inside = data[at + 8 : at + size]
        if kind == b"jumd":
            label = inside[17:].split(b"\0", 1)[0].decode()
        elif kind == b"jumb":
            yield from boxes(data, at + 8, at + size)
        else:
            yield label, inside
        at += size


@pytest.mark.parametrize("kind", SIGNED)
def test_every_kind_of_file_carries_its_bindings_there_and_back(
    tmp_path: Path, plain_mp4: Path, house: Any, claim: Any, kind: str
):
    plain, signed = (tmp_path / f"{name}.{SUFFIX[kind]}" for name in ("plain", "signed"))
    write_plain(plain, plain_mp4)
    said = claimed(claim, kind)
    store = sign_file(plain, signed, build(said), house.signer, house.trust)
    found = house.reader().read(signed)
    assert (found.state, found.ours, found.codes) == ("trusted", True, ())
    assert found.statement is not None
    assert found.statement.sound_fingerprint == said.sound_fingerprint
    assert found.fingerprint == said.fingerprint
    wanted = [soft_binding(mark, said.payload)["data"] for mark in said.marks]
    report = report_of(signed, house.trust)
    active = report["manifests"][report["active_manifest"]]
    told = [each for each in active["assertions"] if each["label"] == "c2pa.soft-binding"]
    assert [each["data"] for each in told] == wanted
    assert all("instance" in each or told.index(each) == 0 for each in told)
    raw = {label: content for label, content in boxes(store, 0, len(store)) if "soft" in label}
    names = ["c2pa.soft-binding" + (f"__{n}" if n else "") for n in range(len(wanted))]
    assert sorted(raw) == names
    assert [cbor2.loads(raw[name]) for name in names] == wanted
    assert all(type(block["value"]) is str for data in wanted for block in data["blocks"])  # type: ignore[attr-defined]
    assert manifest_id(store) == report["active_manifest"]
    actions = next(a for a in active["assertions"] if a["label"].startswith("c2pa.actions"))
    marked = [a for a in actions["data"]["actions"] if a["action"] == "c2pa.watermarked.bound"]
    assert len(marked) == len(wanted)


@pytest.mark.parametrize("kind", ["image/png", "audio/wav", "audio/mp4"])
def test_a_changed_byte_is_found_in_every_kind(
    tmp_path: Path, plain_mp4: Path, house: Any, claim: Any, kind: str
):
    plain, signed = (tmp_path / f"{name}.{SUFFIX[kind]}" for name in ("plain", "signed"))
    write_plain(plain, plain_mp4)
    sign_file(plain, signed, build(claimed(claim, kind)), house.signer, house.trust)
    data = bytearray(signed.read_bytes())
    at = data.rfind(plain.read_bytes()[-40:-20])
    data[at] ^= 1
    signed.write_bytes(data)
    found = house.reader().read(signed)
    assert (found.state, found.ours) == ("invalid", True)


@pytest.mark.parametrize(
    "case",
    [
        ({"alg-params": "64"}, True),
        ({"alg-params": {"bits": 64}}, False),
        ({"blocks": [{"scope": {}, "value": 7}]}, False),
        ({"blocks": [{"scope": {}, "value": "0123456789abcdef"}]}, True),
    ],
)
def test_what_the_library_takes_for_a_soft_binding(
    tmp_path: Path, plain_mp4: Path, house: Any, claim: Any, case: tuple[dict[str, Any], bool]
):
    """Why a value is text and no parameters are written; a new version may take more."""
    change, survives = case
    manifest: Any = build(claim)
    binding = next(a for a in manifest["assertions"] if a["label"] == "c2pa.soft-binding")
    binding["data"].update(change)
    signed = tmp_path / "signed.mp4"
    if not survives:
        with pytest.raises(SigningFailed, match="soft binding"):
            sign_file(plain_mp4, signed, manifest, house.signer, house.trust)
        return
    store = sign_file(plain_mp4, signed, manifest, house.signer, house.trust)
    raw = next(cbor2.loads(c) for label, c in boxes(store, 0, len(store)) if "soft" in label)
    report = report_of(signed, house.trust)
    active = report["manifests"][report["active_manifest"]]
    read = next(a["data"] for a in active["assertions"] if a["label"] == "c2pa.soft-binding")
    assert read == raw == binding["data"]


def test_a_still_is_marked_all_over(claim: Any):
    assert soft_binding(MarkClaim(modality="image"), claim.payload) == {
        "label": "c2pa.soft-binding",
        "data": {
            "alg": "org.cameo.wm.image.1",
            "blocks": [{"scope": {}, "value": claim.payload}],
        },
    }


def test_names_are_the_operators(claim: Any):
    marks = (MarkClaim(modality="sound", alg="com.example.wm.2"),)
    manifest: Any = build(dataclasses.replace(claim, marks=marks))
    (binding,) = (a for a in manifest["assertions"] if a["label"] == "c2pa.soft-binding")
    assert binding["data"]["alg"] == "com.example.wm.2"
    assert MarkClaim(modality="sound").name == SOFT_BINDINGS["sound"]


@pytest.mark.parametrize(
    ("fault", "marks"),
    [
        ("marked once", (MarkClaim(modality="video"), MarkClaim(modality="video", alg="a.b"))),
        (
            "of its own",
            (MarkClaim(modality="video", alg="a.b"), MarkClaim(modality="image", alg="a.b")),
        ),
        ("dotted name", (MarkClaim(modality="video", alg="mark"),)),
        ("dotted name", (MarkClaim(modality="video", alg="a.b\n"),)),
        ("dotted name", (MarkClaim(modality="video", alg="a." + "b" * 41),)),
        ("no times", (MarkClaim(modality="image", spans=((0, 1),)),)),
        ("in order", (MarkClaim(modality="sound", spans=((0, 1001),)),)),
        ("in order", (MarkClaim(modality="sound", spans=((-1, 5),)),)),
        ("in order", (MarkClaim(modality="sound", spans=((5, 5),)),)),
        ("in order", (MarkClaim(modality="sound", spans=((9, 5),)),)),
        ("in order", (MarkClaim(modality="sound", spans=((500, 600), (0, 100))),)),
        ("in order", (MarkClaim(modality="sound", spans=((0, 600), (500, 700))),)),
        ("in order", (MarkClaim(modality="sound", spans=((0, 1),) * (MAX_SPANS + 1)),)),
    ],
)
def test_marks_that_must_not_be_signed(claim: Any, fault: str, marks: tuple[MarkClaim, ...]):
    with pytest.raises(BadClaim, match=fault):
        build(dataclasses.replace(claim, marks=marks))


@pytest.mark.parametrize(
    ("fault", "changes"),
    [
        ("not signed", {"format": "video/x-matroska"}),
        ("not signed", {"format": ""}),
        ("fingerprint is empty", {"fingerprint": b"", "sound_fingerprint": b"heard"}),
        ("sound's fingerprint", {"sound_fingerprint": b""}),
        ("sound's fingerprint", {"sound_fingerprint": bytes(64 * 1024 + 1)}),
        ("no fingerprint", {"format": "audio/wav", "fingerprint": b""}),
        ("length", {"format": "audio/wav", "duration_ms": 0}),
    ],
)
def test_claims_about_other_kinds_that_must_not_be_signed(
    claim: Any, fault: str, changes: dict[str, Any]
):
    with pytest.raises(BadClaim, match=fault):
        build(dataclasses.replace(claim, **changes))


def test_a_file_is_signed_as_what_it_is(tmp_path: Path, plain_mp4: Path, house: Any, claim: Any):
    picture = tmp_path / "picture.png"
    write_plain(picture, plain_mp4)
    for source, kind in ((picture, "video/mp4"), (plain_mp4, "image/png"), (picture, "audio/wav")):
        target = tmp_path / "signed.bin"
        with pytest.raises(SigningFailed):
            sign_file(source, target, build(claimed(claim, kind)), house.signer, house.trust)
        assert not target.exists()
    manifest = {**build(claim), "format": "text/plain"}
    with pytest.raises(SigningFailed, match="not signed"):
        sign_file(plain_mp4, tmp_path / "signed.txt", manifest, house.signer, house.trust)


def test_every_kind_is_known_by_its_first_bytes(tmp_path: Path, plain_mp4: Path):
    for kind in SIGNED:
        path = tmp_path / f"plain.{SUFFIX[kind]}"
        write_plain(path, plain_mp4)
        assert sniff(path) == ("video/mp4" if kind == "audio/mp4" else kind)


@pytest.mark.parametrize(
    "store",
    [
        b"",
        b"m",
        bytes(8),
        bytes(100),
        b"\xff" * 100,
        struct.pack(">I4s", 16, b"jumb") + struct.pack(">I4s", 2**32 - 1, b"jumb"),
        struct.pack(">I4s", 16, b"jumb") + struct.pack(">I4s", 8, b"jumb"),
    ],
)
def test_what_is_no_store_has_no_id(store: bytes):
    assert manifest_id(store) is None


@pytest.mark.parametrize("at", [0, 4, 9, 41, 60])
def test_a_bent_store_has_no_id_or_another(signed: tuple[Path, bytes], at: int):
    store = bytearray(signed[1])
    store[at] ^= 0x40
    found = manifest_id(bytes(store))
    assert found is None or found.startswith("urn:c2pa:")
