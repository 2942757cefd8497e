"""Figures of single parts: mark, decision, log."""

from __future__ import annotations

import secrets
import tempfile
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from cameo.cli.bench.figures import emit, median_seconds
from cameo.flows.ledger import Ledger
from cameo.media.encode import to_yuv420p
from cameo.store.database import Database
from cameo.wiring.home import clock, migrate
from consent.decide import decide
from consent.ids import ConsentId, GrantId, PersonId
from consent.state import ConsentState, GrantState, Request, State, Subject
from consent.vocabulary import Approval, Audience, Purpose
from generator.embedded import EmbeddedGenerator
from generator.request import RenderRequest
from provenance.log.notes import NoteSigner
from provenance.watermark.detect import Detector
from provenance.watermark.video import VideoMark

_SIZE: Final = (1280, 720)
_KEY: Final = bytes(range(32))
_PEER_FRAMES: Final = 8
_ENTRIES: Final = 512
_DECISIONS: Final = 2000


def measure_mark() -> None:
    """Embed and detect at 720p, beside invisible-watermark's dwtDctSvd on the same frames."""
    rgb = _frames()
    luma = [np.ascontiguousarray(to_yuv420p(frame)[: _SIZE[1]]) for frame in rgb]
    mark = VideoMark(_KEY, 0x0123456789ABCDEF, _SIZE)
    marked = [mark.embed(frame) for frame in luma]
    detector = Detector(_KEY)
    embed = len(luma) / median_seconds(lambda: [mark.embed(frame) for frame in luma])
    detect = len(marked) / median_seconds(lambda: detector.detect(iter(marked)))
    theirs = _peer(rgb[:_PEER_FRAMES])
    on = "1280x720"
    for name, ours, peer in (("embed", embed, theirs[0]), ("detect", detect, theirs[1])):
        emit(
            f"watermark.video.{name}",
            ours,
            "fps",
            on=on,
            n=len(luma),
            peer=None if peer is None else ("invisible-watermark dwtDctSvd", peer),
        )


def measure_decide() -> None:
    """The pure decision: two people, one of them with 100 grants."""
    state, request = _state()
    seconds = median_seconds(lambda: [decide(state, request) for _ in range(_DECISIONS)])
    emit("consent.decide.pure", seconds / _DECISIONS * 1e6, "us", on="2 people", n=_DECISIONS)
    emit("consent.decide.rate", _DECISIONS / seconds, "1/s", on="2 people", n=_DECISIONS)


def measure_log() -> None:
    """Leaves written and sequenced on SQLite, durable; batches of 256."""
    with tempfile.TemporaryDirectory() as folder:
        url = f"sqlite:///{Path(folder) / 'cameo.db'}"
        migrate(url)
        db = Database(url)
        ledger = Ledger(db=db, signer=NoteSigner("bench.example/log", _KEY))

        def append() -> None:
            with db.transaction() as tx:
                now = tx.now()
                for _ in range(_ENTRIES):
                    ref = secrets.token_hex(8)
                    ledger.record(tx, kind="stamp", ref=ref, private={"n": ref}, at=now)
            ledger.sequence()

        seconds = median_seconds(append)
        db.close()
    emit("log.append.rate", _ENTRIES / seconds, "1/s", on="SQLite, batch 256", n=_ENTRIES)


def _frames() -> list[npt.NDArray[np.uint8]]:
    generator = EmbeddedGenerator()
    spec = generator.plan(RenderRequest(prompt="a shore", seconds=4.0, size=_SIZE, seed=3))
    return list(generator.frames(spec, (), {}, 0, 24))


def _peer(frames: list[npt.NDArray[np.uint8]]) -> tuple[float | None, float | None]:
    try:
        from imwatermark import WatermarkDecoder, WatermarkEncoder  # noqa: PLC0415
    except ImportError:
        return None, None
    encoder: Any = WatermarkEncoder()
    encoder.set_watermark("bytes", b"8 bytes!")
    decoder: Any = WatermarkDecoder("bytes", 64)
    bgr = [np.ascontiguousarray(frame[..., ::-1]) for frame in frames]
    marked = [encoder.encode(frame, "dwtDctSvd") for frame in bgr]
    embed = median_seconds(lambda: [encoder.encode(f, "dwtDctSvd") for f in bgr])
    detect = median_seconds(lambda: [decoder.decode(f, "dwtDctSvd") for f in marked])
    return len(bgr) / embed, len(bgr) / detect


def _state() -> tuple[State, Request]:
    alice, bob = PersonId("prs_alice"), PersonId("prs_bob")
    grants = tuple(
        GrantState(
            grant_id=GrantId(f"gnt_{number}"),
            grantee=bob if number == 99 else PersonId(f"prs_{number}"),
            modalities=frozenset({"face", "voice"}),
            purposes=frozenset({Purpose.PERSONAL}),
            expires_at=None,
            active=True,
            max_uses=None,
            uses_reserved=0,
            uses_consumed=0,
        )
        for number in range(100)
    )
    subjects = {
        person: Subject(
            person_id=person,
            handle=person[4:],
            adult=True,
            frozen=False,
            paused=False,
            epoch=3,
            consent=_consent(person),
            grants=grants if person == alice else (),
            blocked=frozenset(),
            mutuals=frozenset(),
        )
        for person in (alice, bob)
    }
    state = State(subjects=subjects, now=clock(), min_assurance=1, max_people=2)
    request = Request(
        requester=bob,
        people=(alice, bob),
        modalities=frozenset({"face", "voice"}),
        purpose=Purpose.PERSONAL,
        content_classes=frozenset(),
    )
    return state, request


def _consent(person: PersonId) -> ConsentState:
    return ConsentState(
        consent_id=ConsentId(f"cns_{person[4:]}"),
        audience=Audience.APPROVED,
        modalities=frozenset({"face", "voice"}),
        purposes=frozenset({Purpose.PERSONAL}),
        restrictions=frozenset(),
        never_say=(),
        apart_from=frozenset(),
        max_people=2,
        expires_at=datetime(2100, 1, 1, tzinfo=UTC),
        active=True,
        assurance=1,
        simulated=False,
        approval=Approval.IF_NEEDED,
        needs_judge=False,
        max_uses=None,
        uses_reserved=0,
        uses_consumed=0,
    )
