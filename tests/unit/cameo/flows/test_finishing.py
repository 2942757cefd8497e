"""The end of a generation: both marks are found in the finished film, or it is said, or it ends."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import cv2
import numpy as np
import pytest

from cameo.flows.finishing import Film, Finishing, MarkLostError
from cameo.flows.policy import Policy
from cameo.flows.read_back import spans_ms
from cameo.media.encode import encode_segment, to_yuv420p
from provenance.watermark.keys import epoch_key
from provenance.watermark.payload import from_hex
from provenance.watermark.video import VideoMark

PAYLOAD = "feedc0de12345678"
SIZE = (320, 180)
MASTER = bytes(range(32))
FPS = 24
SECONDS = 2


class Keys:
    """Keys of epochs, and which were asked for."""

    def __init__(self) -> None:
        self.asked: set[tuple[int, str]] = set()

    def key(self, epoch: int, modality: str) -> bytes:
        self.asked.add((epoch, modality))
        return epoch_key(MASTER, epoch, modality)


Parts = Callable[[int], list[Path]]


@pytest.fixture
def parts(tmp_path: Path) -> Parts:
    """Segments of a pan, marked under an epoch."""

    def made(epoch: int) -> list[Path]:
        rng = np.random.default_rng(3)
        small = rng.uniform(30, 220, (9, 16, 3)).astype(np.float32)
        wide = cv2.resize(small, (400, 220), interpolation=cv2.INTER_CUBIC)
        wide = np.clip(wide + rng.normal(0, 20, wide.shape), 0, 255).astype(np.uint8)
        mark = VideoMark(epoch_key(MASTER, epoch, "video"), from_hex(PAYLOAD), SIZE, 43.0)
        paths = []
        for second in range(SECONDS):
            frames = []
            for number in range(second * FPS, (second + 1) * FPS):
                planar = to_yuv420p(np.ascontiguousarray(wide[:180, number:][:, :320]))
                luma = np.ascontiguousarray(planar[:180])
                planar[:180] = mark.embed(luma, number / FPS)
                frames.append(planar)
            paths.append(tmp_path / f"{second}.mp4")
            encode_segment(paths[-1], frames, fps=FPS, size=SIZE)
        return paths

    return made


def joined(segments: list[Path], samples: Any, keys: Keys | None = None) -> Film:
    policy = Policy(
        brand="Cameo",
        signup=True,
        min_assurance=1,
        max_people=2,
        daily_limit=30,
        challenge_ttl=timedelta(minutes=3),
        watermark_psnr_db=43.0,
    )
    clip: Any = SimpleNamespace(payload=PAYLOAD, seconds=float(SECONDS), fps=FPS, mark_epoch=2)
    nothing: Any = None
    finishing = Finishing(db=nothing, policy=policy, marks=keys or Keys(), version="1")
    return finishing.join(clip, segments, samples, segments[0].with_name("joined.mp4"))


def voice() -> Any:
    count = SECONDS * 48_000
    noise = np.random.default_rng(5).normal(0, 0.1, count).astype(np.float32)
    syllables = np.abs(np.sin(np.arange(count) / 9000)).astype(np.float32)
    return np.repeat((noise * (0.3 + syllables))[:, None], 2, axis=1)


def test_both_marks_are_found_under_the_clips_own_epoch(parts: Parts):
    keys = Keys()
    film = joined(parts(2), voice(), keys)
    assert [claim.modality for claim in film.claims] == ["video", "sound"]
    assert all(claim.spans and claim.spans[-1][1] <= 2000 for claim in film.claims)
    assert film.missing == ()
    assert film.heard is not None
    assert film.heard.fingerprint
    assert keys.asked == {(2, "video"), (2, "sound")}


def test_silence_is_said_to_carry_none(parts: Parts):
    film = joined(parts(2), np.zeros((SECONDS * 48_000, 2), np.float32))
    assert [claim.modality for claim in film.claims] == ["video"]
    assert film.missing == ("sound: cannot carry a mark because the sound is silent",)


def test_a_picture_whose_mark_is_not_found_does_not_leave(parts: Parts):
    with pytest.raises(MarkLostError) as caught:
        joined(parts(1), voice())  # marked, but under another key
    assert caught.value.code == "render.mark_lost"


@pytest.mark.parametrize(
    ("spans", "told"),
    [
        ([], ()),
        ([(0.0, 4.008)], ((0, 4000),)),
        ([(2.0, 3.0), (-0.1, 1.0)], ((0, 1000), (2000, 3000))),
        ([(0.0, 2.0), (1.5, 1.8), (2.0, 3.0)], ((0, 3000),)),
        ([(5.0, 6.0), (1.0, 1.0)], ()),
    ],
)
def test_times_lie_inside_the_film_in_order_and_apart(spans: Any, told: Any):
    assert spans_ms(spans, 4000) == told
