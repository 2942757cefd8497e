"""In-memory ports: each answers from plain values, and can be told to fail."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from provenance.credentials.values import Credentials, OwnStatement
from provenance.verifier.chain import Verifier
from provenance.verifier.ports import (
    ConsentAtRelease,
    LogStatus,
    MediaUnderTest,
    RegistryRecord,
    Sound,
)

WHEN = datetime(2026, 5, 6, 7, 8, 9, tzinfo=UTC)
PAYLOAD = 0x0123456789ABCDEF
OTHER = 0x1111111111111111
STORE = b"the archived store"


@dataclass(frozen=True)
class Geometry:
    scale_x: float = 0.5
    flip: bool = False
    offset: tuple[float, float] = (1.0, 2.0)


@dataclass(frozen=True)
class Found:
    found: bool
    payload: int | None = None
    confidence: float = 3.5
    threshold: float = 8.0
    geometry: Geometry | None = None
    spans: tuple[Any, ...] = ()


@dataclass(frozen=True)
class Heard:
    found: bool
    short_id: int | None = None
    payload: int | None = None
    confidence: float = 4.5
    threshold: float = 9.0
    speed: float = 1.0
    spans: tuple[tuple[float, float], ...] = ()


@dataclass(frozen=True)
class Span:
    start: float
    end: float
    payload: int
    source_start: float = 0.0
    speed: float = 1.0


@dataclass(frozen=True)
class Agrees:
    agrees: bool
    score: float = 0.97
    threshold: float = 0.8
    seconds_compared: float = 4.0
    offset_s: float = 0.0
    reason: str = "fingerprint.agrees"


@dataclass
class World:
    """What the ports will say; a field set to an exception makes that port fail."""

    credentials: object = field(default_factory=lambda: Credentials(present=False, state="none"))
    archived: object = None
    mark: object = field(default_factory=lambda: Found(False))
    records: object = field(default_factory=dict)
    agreement: object = field(default_factory=lambda: Agrees(True))
    states: object = field(default_factory=dict)
    log: object = field(default_factory=lambda: LogStatus(status="included", index=7, tree_size=9))
    readable: bool = True
    kind: str = "video"
    audible: bool = False
    sound: object = field(default_factory=lambda: Heard(False))
    sound_agreement: object = field(default_factory=lambda: Agrees(True))
    compared: list = field(default_factory=list)

    def verify(self):
        subject = MediaUnderTest(
            path=Path("clip.mp4"),
            luma_frames=lambda: iter([np.zeros((4, 4), np.uint8)]),
            fps=24.0,
            seconds=1.0,
            readable=self.readable,
            kind=self.kind,
            sound=self._decode if self.audible else None,
        )
        verifier = Verifier(
            credentials=_Credentials(self),
            detector=_Detector(self),
            sound_detector=_SoundDetector(self),
            registry=_Registry(self),
            consents=_Ledger(self),
            log=_Log(self),
            fingerprinter=_Fingerprinter(self),
        )
        return verifier.verify(subject, checked_at=WHEN)

    def _decode(self):
        assert self.kind != "image"
        return Sound(samples=np.zeros((80, 2), np.float32), rate=8)


def _say(value):
    if isinstance(value, Exception):
        raise value
    return value


@dataclass
class _Credentials:
    world: World

    def read(self, path):
        return _say(self.world.credentials)

    def read_manifest_bytes(self, manifest):
        return _say(self.world.archived)


@dataclass
class _Detector:
    world: World

    def detect(self, frames, fps):
        assert len(list(frames)) == 1
        return _say(self.world.mark)


@dataclass
class _SoundDetector:
    world: World

    def detect(self, samples, rate):
        assert samples.shape == (80, 2)
        assert rate == 8
        return _say(self.world.sound)


@dataclass
class _Registry:
    world: World

    def by_payload(self, payload):
        records = _say(self.world.records)
        return next((r for r in records.values() if r.payload == payload), None)

    def by_prefix(self, short_id):
        records = _say(self.world.records)
        return next((r for r in records.values() if r.payload >> 32 == short_id), None)

    def by_clip(self, clip_id):
        return _say(self.world.records).get(clip_id)


@dataclass
class _Ledger:
    world: World

    def states(self, clip_id):
        return _say(self.world.states)[clip_id]


@dataclass
class _Log:
    world: World

    def inclusion(self, clip_id):
        return _say(self.world.log)


@dataclass
class _Fingerprinter:
    world: World

    def compare(self, reference, frames, fps, mark):
        assert len(list(frames)) == 1
        return _say(self.world.agreement)

    def compare_sound(self, reference, sound, speed):
        assert reference == b"s"
        self.world.compared.append((len(sound.samples) / sound.rate, speed))
        return _say(self.world.sound_agreement)


@pytest.fixture
def statement(citation):
    return OwnStatement(
        clip_id="clip_01",
        action="c2pa.created",
        payload=f"{PAYLOAD:016x}",
        fingerprint=b"f",
        consents=(citation,),
    )


@pytest.fixture
def ours(statement):
    """Our intact credentials."""
    return Credentials(present=True, state="trusted", ours=True, statement=statement, store=STORE)


@pytest.fixture
def record():
    return RegistryRecord(
        clip_id="clip_01", payload=PAYLOAD, kind="clip", fingerprint=b"f", manifest=STORE
    )


@pytest.fixture
def standing():
    return ConsentAtRelease(
        id="cns_01", state_then="active", state_now="active", assurance=0, simulated=True
    )


@pytest.fixture
def intact(ours, record, standing):
    """An unchanged clip of ours whose consents stand."""
    return World(
        credentials=ours,
        mark=Found(True, PAYLOAD, 12.0),
        records={"clip_01": record},
        states={"clip_01": [standing]},
    )


@pytest.fixture
def stripped(intact, ours):
    """A copy of it without credentials."""
    archived = replace(ours, state="valid", bound=False)
    return replace(intact, credentials=Credentials(present=False, state="none"), archived=archived)


@pytest.fixture
def nothing():
    """A file that has nothing to do with us."""
    return World()
