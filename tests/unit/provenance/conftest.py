"""A small real clip, an authority, and the tools of someone who changes files."""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from fractions import Fraction
from pathlib import Path

import av
import c2pa
import numpy as np
import pytest

from provenance.credentials.manifest import ClipClaim, ConsentCitation, build
from provenance.credentials.pki import Authority, create_authority, issue_claim_signer, leaf_of
from provenance.credentials.reader import CredentialReader
from provenance.credentials.signer import LocalSigner, sign_file
from provenance.credentials.trust import TrustSettings, context

COMPOSITE = "http://cv.iptc.org/newscodes/digitalsourcetype/compositeSynthetic"


@dataclass(frozen=True)
class House:
    """One installation: its authority, its signer and whom it trusts."""

    authority: Authority
    signer: LocalSigner
    trust: TrustSettings

    def reader(self) -> CredentialReader:
        return CredentialReader(self.trust)


def make_house(now: datetime, name: str, **more) -> House:
    authority = create_authority(now, organisation=name, common_name=name)
    return House(
        authority=authority,
        signer=LocalSigner(issue_claim_signer(authority, now)),
        trust=TrustSettings(own_roots_pem=authority.root_pem, **more),
    )


@pytest.fixture(scope="session")
def now() -> datetime:
    return datetime.now(UTC)


@pytest.fixture(scope="session")
def house(now) -> House:
    return make_house(now, "Cameo")


@pytest.fixture(scope="session")
def other_house(now) -> House:
    return make_house(now, "Elsewhere")


@pytest.fixture(scope="session")
def plain_mp4(tmp_path_factory) -> Path:
    """One second of 320x240 H.264 and AAC, index first."""
    path = tmp_path_factory.mktemp("media") / "plain.mp4"
    write_mp4(path)
    return path


@pytest.fixture(scope="session")
def other_mp4(tmp_path_factory) -> Path:
    """Another second, of another picture."""
    path = tmp_path_factory.mktemp("media") / "other.mp4"
    write_mp4(path, shift=97)
    return path


def write_mp4(path: Path, *, frames: int = 24, shift: int = 0) -> None:
    with av.open(str(path), "w", options={"movflags": "+faststart"}) as out:
        video = out.add_stream("libx264", rate=24, options={"crf": "28", "threads": "1"})
        video.width, video.height, video.pix_fmt = 320, 240, "yuv420p"
        sound = out.add_stream("aac", rate=48000, layout="mono")
        y, x = np.mgrid[0:240, 0:320]
        for at in range(frames):
            tone = (x + y + 5 * at + shift) % 256
            rgb = np.stack([tone, 255 - tone, (2 * x + shift) % 256], axis=-1).astype(np.uint8)
            frame = av.VideoFrame.from_ndarray(rgb, format="rgb24")
            frame.pts, frame.time_base = at, Fraction(1, 24)
            out.mux(video.encode(frame))
        out.mux(video.encode(None))
        wave = 0.2 * np.sin(np.arange(frames * 2000) * 2 * np.pi * 440 / 48000)
        for at in range(0, len(wave) - 1023, 1024):
            part = wave[None, at : at + 1024].astype(np.float32)
            block = av.AudioFrame.from_ndarray(part, format="fltp", layout="mono")
            block.sample_rate, block.pts, block.time_base = 48000, at, Fraction(1, 48000)
            out.mux(sound.encode(block))
        out.mux(sound.encode(None))


@pytest.fixture(scope="session")
def citation() -> ConsentCitation:
    return ConsentCitation(
        consent_id="cns_01",
        grant_id="gnt_01",
        person_ref="p-7f3a",
        document_sha256="ab" * 32,
        assurance=0,
        simulated=True,
        epoch=3,
    )


@pytest.fixture(scope="session")
def claim(citation) -> ClipClaim:
    return ClipClaim(
        clip_id="clip_01",
        title="clip_01.mp4",
        created_at=datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC),
        digital_source_type=COMPOSITE,
        generator_name="embedded",
        generator_version="1",
        payload="0123456789abcdef",
        fingerprint=bytes(range(48)),
        duration_ms=1000,
        consents=(citation,),
        style="anime",
        label_text="AI generated",
    )


@pytest.fixture(scope="session")
def stamp_claim(claim) -> ClipClaim:
    return ClipClaim(
        clip_id="clip_02",
        title="stamped.mp4",
        created_at=claim.created_at,
        action="c2pa.opened",
        generator_name="cameo stamp",
        generator_version="1",
        payload="fedcba9876543210",
        fingerprint=b"\1\2\3",
        duration_ms=1000,
        source_sha256="cd" * 32,
    )


@pytest.fixture(scope="session")
def signed(tmp_path_factory, plain_mp4, house, claim) -> tuple[Path, bytes]:
    """A signed clip of ours and its manifest store."""
    path = tmp_path_factory.mktemp("signed") / "clip.mp4"
    return path, sign_file(plain_mp4, path, build(claim), house.signer, house.trust)


@pytest.fixture(scope="session")
def imitation(tmp_path_factory, plain_mp4, other_house, claim) -> Path:
    """A clip with our labels, signed by another installation."""
    path = tmp_path_factory.mktemp("imitation") / "clip.mp4"
    sign_file(plain_mp4, path, build(claim), other_house.signer, other_house.trust)
    return path


@pytest.fixture
def flip(signed, tmp_path) -> Callable[[int], Path]:
    """Our clip with one bit changed at an offset."""

    def change(offset: int) -> Path:
        data = bytearray(signed[0].read_bytes())
        data[offset] ^= 1
        path = tmp_path / f"flip-{offset}.mp4"
        path.write_bytes(data)
        return path

    return change


@pytest.fixture
def foreign_sign(plain_mp4, other_house):
    """Sign as another tool does, with a parent of any kind, without our checks."""

    def sign(dst: Path, parent: Path | None = None, house: House = other_house) -> Path:
        actions: list[dict] = [{"action": "c2pa.created", "digitalSourceType": COMPOSITE}]
        if parent is not None:
            actions = [{"action": "c2pa.opened", "parameters": {"ingredientIds": ["p"]}}]
        manifest = {
            "claim_version": 2,
            "claim_generator_info": [{"name": "OtherTool", "version": "9"}],
            "format": "video/mp4",
            "assertions": [{"label": "c2pa.actions.v2", "data": {"actions": actions}}],
        }
        with (
            c2pa.Signer.from_callback(
                house.signer.sign,
                c2pa.C2paSigningAlg.ES256,
                house.signer.chain_pem.decode(),
                None,
            ) as native,
            c2pa.Builder(json.dumps(manifest), context(house.trust)) as builder,
            plain_mp4.open("rb") as source,
            dst.open("w+b") as target,
        ):
            if parent is not None:
                ingredient = {"title": "s", "relationship": "parentOf", "label": "p"}
                with parent.open("rb") as file:
                    builder.add_ingredient(json.dumps(ingredient), "video/mp4", file)
            builder.sign(native, "video/mp4", source, target)
        return dst

    return sign


@pytest.fixture(scope="session")
def time_authority(now) -> Authority:
    return create_authority(now, common_name="Cameo Time")


@pytest.fixture(scope="session")
def expired(tmp_path_factory, plain_mp4, house, claim) -> tuple[Path, bytes]:
    """A clip of ours whose certificate ended seconds after it signed; waits for that."""
    path = tmp_path_factory.mktemp("expired") / "clip.mp4"
    end_soon = datetime.now(UTC) - timedelta(days=1) + timedelta(minutes=5, seconds=4)
    material = issue_claim_signer(house.authority, end_soon, 1)
    store = sign_file(plain_mp4, path, build(claim), LocalSigner(material), house.trust)
    ended = leaf_of(material.chain_pem).not_valid_after_utc + timedelta(seconds=1.5)
    time.sleep(max(0.0, (ended - datetime.now(UTC)).total_seconds()))
    return path, store
