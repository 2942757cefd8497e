"""Stamping pictures and sounds: it is recognised, or refused and nothing is left."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import cv2
import numpy as np
import pytest
from click.testing import CliRunner

from cameo.cli.main import cameo
from cameo.flows.errors import AlreadyMarkedError, InvalidRequestError
from cameo.media.decode import FrameStream, probe, read_samples
from cameo.media.sound_files import write_sound
from cameo.media.stills import write_still
from tests.integration.material import film, scene, speech
from tests.integration.stamp_desk import LARGER, LIMITS, Desk, found_in, opened

pytestmark = [pytest.mark.slow, pytest.mark.xdist_group("stamp")]


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Desk]:
    with opened(tmp_path_factory.mktemp("desk")) as made:
        yield made


# -- pictures --------------------------------------------------------------------------------------

KINDS: dict[str, Any] = {".png": "png", ".jpg": "jpeg", ".webp": "webp"}


@pytest.mark.parametrize("suffix", list(KINDS))
def test_pictures(desk: Desk, suffix: str):
    source = desk.new(suffix)
    write_still(source, scene((641, 481)), KINDS[suffix])
    stamped, out = desk.stamp(source)
    assert (stamped.kind, stamped.snr_db, stamped.missing) == ("image", None, ())
    assert [(mark.modality, mark.spans) for mark in stamped.marks] == [("image", ())]
    facts = probe(out, LIMITS)
    assert (facts.width, facts.height) == (641, 481)
    report = desk.verify(out)
    assert (report.verdict, found_in(report)) == ("authentic", ["picture"])
    with FrameStream(out, LIMITS) as stream:
        rgb = next(iter(stream))
    copy = desk.new(".jpg")
    write_still(copy, rgb, "jpeg")
    report = desk.verify(copy)
    assert (report.verdict, report.clip_id) == ("recovered", stamped.clip_id)


def test_a_frame_of_a_film_leads_to_the_film(desk: Desk):
    stamped, out = desk.stamp(film(desk.new(".mp4"), LARGER, 4))
    with FrameStream(out, LIMITS) as stream:
        frame = next(iter(stream))
    still = desk.new(".png")
    write_still(still, frame, "png")
    report = desk.verify(still)
    assert (report.verdict, report.clip_id) == ("recovered", stamped.clip_id)


@pytest.mark.parametrize(
    ("picture", "why"),
    [
        (np.zeros((400, 600, 3), np.uint8), "black"),
        (np.full((400, 600, 3), 128, np.uint8), "flat"),
        (scene((64, 64)), "small"),
        (scene((40, 400)), "64"),
    ],
    ids=["black", "grey", "64x64", "narrow"],
)
def test_pictures_that_are_refused(desk: Desk, picture: Any, why: str):
    source = desk.new(".png")
    write_still(source, picture, "png")
    assert why in desk.refused(source)


def test_what_is_transparent_is_not_made_opaque(desk: Desk):
    source = desk.new(".png")
    half = np.full((300, 400, 1), 100, np.uint8)
    cv2.imwrite(str(source), np.concatenate([scene((400, 300)), half], axis=2))
    assert "transparent" in desk.refused(source)


# -- sound -----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("suffix", "kind", "rate", "channels"),
    [
        (".wav", "wav", 44_100, 1),
        (".wav", "wav", 48_000, 6),
        (".wav", "wav", 8_000, 1),
        (".flac", "flac", 48_000, 2),
        (".mp3", "mp3", 44_100, 2),
        (".m4a", "m4a", 48_000, 6),
    ],
)
def test_sound_files(desk: Desk, suffix: str, kind: Any, rate: int, channels: int):
    source = desk.new(suffix)
    write_sound(source, speech(8, rate, channels), kind, rate=rate)
    stamped, out = desk.stamp(source)
    assert (stamped.kind, stamped.psnr_db, stamped.missing) == ("sound", None, ())
    assert [mark.modality for mark in stamped.marks] == ["sound"]
    facts = probe(out, LIMITS)
    assert (facts.sound_rate, facts.sound_channels) == (rate, channels)
    report = desk.verify(out)
    assert (report.verdict, found_in(report)) == ("authentic", ["sound"])
    copy = desk.new(".m4a")
    samples = read_samples(out, LIMITS, rate=48_000, channels=1)
    write_sound(copy, samples, "m4a", rate=48_000)
    report = desk.verify(copy)
    assert (report.verdict, report.clip_id) == ("recovered", stamped.clip_id)


def tone(rate: int) -> Any:
    return (0.3 * np.sin(np.arange(8 * rate) * 2 * np.pi * 440 / rate)).astype(np.float32)


@pytest.mark.parametrize(
    ("samples", "why"),
    [
        (np.zeros(96_000, np.float32), "silent"),
        (speech(0.6, 48_000), "1.0 s"),
        (tone(48_000), ""),
    ],
    ids=["silence", "too short", "one tone"],
)
def test_sounds_that_are_refused(desk: Desk, samples: Any, why: str):
    source = desk.new(".wav")
    write_sound(source, samples, "wav", rate=48_000)
    assert why in desk.refused(source)


# -- names, and what is ours already ---------------------------------------------------------------


def test_a_picture_is_not_written_under_the_name_of_another_kind(desk: Desk):
    source = desk.new(".png")
    write_still(source, scene((200, 200)), "png")
    with pytest.raises(InvalidRequestError, match=r"\.png"):
        desk.quick.stamp(source, desk.new(".jpg"))


def test_what_is_ours_is_not_stamped_again(desk: Desk):
    """With the real searches: a sound of ours whose credentials are gone, and the command line."""
    source, out, copy = desk.new(".wav"), desk.new(".wav"), desk.new(".wav")
    write_sound(source, speech(8, 16_000, 1, seed=4), "wav", rate=16_000)
    environment = {"CAMEO_HOME": str(desk.service.settings.home)}
    words = ["stamp", str(source), str(out), "--json"]
    done = CliRunner().invoke(cameo, words, env=environment)
    assert done.exit_code == 0, (done.output, done.exception)
    said = json.loads(done.stdout)
    assert (said["kind"], said["psnr_db"], said["missing"]) == ("sound", None, [])
    assert said["marks"][0]["modality"] == "sound"
    assert said["snr_db"] > 15
    write_sound(copy, read_samples(out, LIMITS, rate=16_000), "wav", rate=16_000)
    for again in (out, copy):
        with pytest.raises(AlreadyMarkedError):
            desk.service.stamping.stamp(again, desk.new(".wav"))
    shown = CliRunner().invoke(cameo, ["verify", str(copy)], env=environment)
    assert shown.exit_code == 3
    assert "Mark found in: sound (" in shown.output
