"""Stamping films: both marks are found again, or it is said why not, or nothing is left."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from cameo.flows.stamp import Stamped
from cameo.media.decode import FrameStream, probe, read_samples
from cameo.media.encode import encode_file
from cameo.media.sound_files import write_sound
from tests.integration.material import film, speech
from tests.integration.stamp_desk import LARGER, LIMITS, SIZE, Desk, Nothing, found_in, opened

pytestmark = [pytest.mark.slow, pytest.mark.xdist_group("films")]


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Desk]:
    with opened(tmp_path_factory.mktemp("desk")) as made:
        yield made


# -- films -----------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def talkie(desk: Desk) -> tuple[Stamped, Path]:
    """A stamped film with sound."""
    return desk.stamp(film(desk.new(".mp4"), LARGER, 96, samples=speech(4, 48_000, 2)))


def test_a_film_carries_both_marks(desk: Desk, talkie: tuple[Stamped, Path]):
    stamped, out = talkie
    assert (stamped.kind, stamped.missing) == ("video", ())
    marks = {mark.modality: mark.spans for mark in stamped.marks}
    assert set(marks) == {"video", "sound"}
    assert marks["video"][0][0] == 0.0
    assert stamped.psnr_db is not None
    assert stamped.psnr_db >= 42.5
    assert stamped.snr_db is not None
    assert stamped.snr_db > 15
    report = desk.verify(out)
    assert (report.verdict, report.clip_id) == ("authentic", stamped.clip_id)
    assert found_in(report) == ["picture", "sound"]
    with desk.service.db.reading() as tx:
        record = tx.registry.by_clip(stamped.clip_id)
        short = tx.registry.by_prefix(stamped.payload[:8])
    assert record is not None
    assert record == short
    assert record.marks == ("video", "sound")
    assert record.sound_fingerprint


def frames_of(path: Path) -> list[Any]:
    with FrameStream(path, LIMITS, pixels="yuv420p") as stream:
        return list(stream)


def test_it_is_recovered_with_and_without_its_sound(desk: Desk, talkie: tuple[Stamped, Path]):
    stamped, out = talkie
    frames = frames_of(out)
    sound = read_samples(out, LIMITS, rate=48_000, channels=2)
    for samples, code in (
        (sound, "sound.found"),
        (None, "sound.missing"),
        (speech(4, 48_000, 2, seed=1), "sound.differs"),
    ):
        copy = desk.new(".mp4")
        encode_file(copy, frames, samples, fps=24, size=LARGER, crf=23)
        report = desk.verify(copy)
        assert (report.verdict, report.clip_id) == ("recovered", stamped.clip_id)
        assert code in report.reasons


def test_its_sound_alone_is_recovered(desk: Desk, talkie: tuple[Stamped, Path]):
    stamped, out = talkie
    copy = desk.new(".mp3")
    samples = read_samples(out, LIMITS, rate=44_100, channels=2)
    write_sound(copy, samples, "mp3", rate=44_100)
    report = desk.verify(copy)
    assert (report.verdict, report.clip_id) == ("recovered", stamped.clip_id)
    assert found_in(report) == ["sound"]


def test_its_sound_under_another_picture_is_a_mismatch(desk: Desk, talkie: tuple[Stamped, Path]):
    stamped, out = talkie
    sound = read_samples(out, LIMITS, rate=48_000, channels=2)
    other = film(desk.new(".mp4"), SIZE, 96, samples=sound, seed=77)
    nothing: Any = Nothing()
    nothing.confidence, nothing.threshold, nothing.payload = 0.0, 1.0, None
    nothing.geometry, nothing.spans = None, ()
    report = replace(desk.service.verification, detector=nothing).verify(other)
    assert (report.verdict, report.reasons[0]) == ("mark_mismatch", "sound.on_other_picture")
    assert report.clip_id == stamped.clip_id


@pytest.mark.parametrize(
    ("size", "frames", "more"),
    [
        (SIZE, 48, {"still": True}),
        (SIZE, 1, {}),
        ((640, 360), 6, {}),
        ((3840, 2160), 2, {"fps": 4}),
    ],
    ids=["slides", "one frame", "a quarter of a second", "4K"],
)
def test_unusual_films(desk: Desk, size: tuple[int, int], frames: int, more: dict[str, Any]):
    stamped, out = desk.stamp(film(desk.new(".mp4"), size, frames, **more))
    assert [mark.modality for mark in stamped.marks] == ["video"]
    assert stamped.marks[0].spans[0][0] == 0.0
    assert found_in(desk.verify(out)) == ["picture"]


def test_ten_bits_stay_ten_bits(desk: Desk):
    stamped, out = desk.stamp(film(desk.new(".mp4"), SIZE, 24, bit_depth=10))
    assert probe(out, LIMITS).bit_depth == 10
    assert stamped.psnr_db is not None
    assert stamped.psnr_db >= 42.5


@pytest.mark.parametrize(
    ("samples", "kept", "missing"),
    [
        (speech(4, 48_000), 1, ()),
        (speech(4, 48_000, 6), 6, ()),
        (
            np.zeros((96_000, 2), np.float32),
            2,
            ("sound: cannot carry a mark because the sound is silent",),
        ),
        (speech(0.8, 48_000, 2), 2, ("sound: cannot carry a mark because it lasts less than",)),
    ],
    ids=["mono", "5.1", "silence", "too short"],
)
def test_the_sound_of_a_film(desk: Desk, samples: Any, kept: int, missing: tuple[str, ...]):
    stamped, out = desk.stamp(film(desk.new(".mp4"), SIZE, 48, samples=samples))
    assert probe(out, LIMITS).sound_channels == kept
    assert [mark.modality for mark in stamped.marks] == ["video"] + ["sound"] * (not missing)
    assert len(stamped.missing) == len(missing)
    assert all(said.startswith(why) for said, why in zip(stamped.missing, missing, strict=True))
    assert desk.verify(out).verdict == "authentic"


def test_films_that_are_refused(desk: Desk):
    assert "48 pixels" in desk.refused(film(desk.new(".mp4"), (48, 48), 8))
    assert "too small (64x64)" in desk.refused(film(desk.new(".mp4"), (64, 64), 24))
    assert "black" in desk.refused(film(desk.new(".mp4"), SIZE, 24, black=True))
