"""Containers in and out, with hostile files."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from cameo.media import errors
from cameo.media.decode import FrameStream, probe, read_samples
from cameo.media.encode import (
    SAMPLE_RATE,
    encode_file,
    encode_segment,
    join_segments,
    reencode,
    to_yuv420p,
)
from cameo.media.limits import Limits

FPS, SIZE = 24, (320, 240)
LIMITS = Limits(timeout_s=60.0)


def picture(index: int, flash: bool = False) -> np.ndarray:
    rgb = np.zeros((SIZE[1], SIZE[0], 3), np.uint8)
    rgb[:] = (60, 80, 120)
    rgb[40:120, (index * 3) % 240 : (index * 3) % 240 + 60] = (220, 120, 40)
    if flash:
        rgb[:] = 255
    return rgb


def tone(seconds: float) -> np.ndarray:
    t = np.arange(round(seconds * SAMPLE_RATE)) / SAMPLE_RATE
    return (0.3 * np.sin(2 * np.pi * 440 * t)).astype(np.float32)


@pytest.fixture(scope="module")
def clip(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("media") / "clip.mp4"
    frames = (to_yuv420p(picture(i)) for i in range(48))
    encode_file(path, frames, tone(2.0), fps=FPS, size=SIZE)
    return path


def test_probe_says_what_a_file_is(clip: Path):
    facts = probe(clip, LIMITS)
    assert (facts.kind, facts.width, facts.height, facts.fps) == ("video", 320, 240, 24.0)
    assert facts.has_sound
    assert facts.seconds == pytest.approx(2.0, abs=0.05)


def test_frames_come_back_as_they_were(clip: Path):
    with FrameStream(clip, LIMITS) as stream:
        frames = list(stream)
    assert len(frames) == 48
    assert np.abs(frames[10].astype(int) - picture(10)).mean() < 6


def test_frames_can_be_thinned_and_scaled(clip: Path):
    with FrameStream(clip, LIMITS, fps=8, max_side=160) as stream:
        assert stream.size == (160, 120)
        assert len(list(stream)) == 16


def test_luma_is_the_limited_range_plane(clip: Path):
    with FrameStream(clip, LIMITS, pixels="luma") as stream:
        first = next(iter(stream))
    assert first.shape == (240, 320)
    assert 16 <= first.min() < first.max() <= 235


def test_segments_join_with_sound_in_sync(tmp_path: Path):
    paths = []
    for number in range(3):
        path = tmp_path / f"{number}.mp4"
        first = number * FPS
        frames = (to_yuv420p(picture(i, flash=i % FPS == 12)) for i in range(first, first + FPS))
        encode_segment(path, frames, fps=FPS, size=SIZE)
        paths.append(path)
    sound = np.zeros((3 * SAMPLE_RATE, 2), np.float32)
    for second in range(3):
        at = round((second + 0.5) * SAMPLE_RATE)
        sound[at : at + 2400] = tone(0.05)[:, None] * 2.5
    joined = tmp_path / "joined.mp4"
    join_segments(paths, sound, fps=FPS, out=joined)
    with FrameStream(joined, LIMITS, pixels="luma") as stream:
        flashes = [i / FPS for i, frame in enumerate(stream) if frame.mean() > 200]
    loud = np.flatnonzero(np.abs(read_samples(joined, LIMITS, rate=SAMPLE_RATE)) > 0.3)
    beeps = loud[np.insert(np.diff(loud) > SAMPLE_RATE // 2, 0, True)] / SAMPLE_RATE
    assert flashes == [0.5, 1.5, 2.5]
    assert beeps == pytest.approx(flashes, abs=0.01)


def test_a_reencoded_copy_has_half_the_size_and_no_metadata(clip: Path, tmp_path: Path):
    copy = tmp_path / "copy.mp4"
    reencode(clip, copy, LIMITS, scale=0.5)
    assert (probe(copy, LIMITS).width, probe(copy, LIMITS).height) == (160, 120)
    assert b"c2pa" not in copy.read_bytes()


class TestHostile:
    def test_text_renamed(self, tmp_path: Path):
        path = tmp_path / "notes.mp4"
        path.write_text("not a film\n" * 50)
        with pytest.raises(errors.UnreadableMediaError):
            probe(path, LIMITS)

    def test_empty(self, tmp_path: Path):
        path = tmp_path / "empty.mp4"
        path.touch()
        with pytest.raises(errors.UnreadableMediaError):
            probe(path, LIMITS)

    def test_picture_renamed(self, tmp_path: Path):
        import cv2

        path = tmp_path / "picture.mp4"
        path.write_bytes(cv2.imencode(".png", picture(0))[1].tobytes())
        assert probe(path, LIMITS).kind == "image"

    def test_too_many_bytes(self, clip: Path):
        with pytest.raises(errors.TooLargeError):
            probe(clip, Limits(max_bytes=1000))

    def test_four_hours(self, tmp_path: Path):
        path = tmp_path / "long.mp4"
        frames = [to_yuv420p(picture(0))] * 240
        encode_file(path, frames, None, fps=1 / 60, size=SIZE)
        with pytest.raises(errors.TooLongError):
            probe(path, LIMITS)

    def test_plays_longer_than_its_header_says(self, clip: Path):
        limits = Limits(max_frames=20)
        with pytest.raises(errors.TooLongError), FrameStream(clip, limits) as stream:
            list(stream)

    def test_sixteen_thousand_pixels(self, tmp_path: Path):
        import cv2

        path = tmp_path / "huge.png"
        path.write_bytes(cv2.imencode(".png", np.zeros((8, 16000), np.uint8))[1].tobytes())
        with pytest.raises(errors.TooLargeError):
            probe(path, LIMITS)

    def test_no_sound(self, tmp_path: Path):
        path = tmp_path / "mute.mp4"
        encode_file(path, [to_yuv420p(picture(0))] * 8, None, fps=FPS, size=SIZE)
        with pytest.raises(errors.NoSoundError):
            read_samples(path, LIMITS, rate=16000)

    def test_cut_in_the_middle_gives_what_decodes(self, clip: Path, tmp_path: Path):
        path = tmp_path / "cut.mp4"
        data = clip.read_bytes()
        path.write_bytes(data[: len(data) * 2 // 3])
        with FrameStream(path, LIMITS) as stream:
            assert 0 < len(list(stream)) < 48

    def test_a_decoder_that_does_not_end_is_killed(self, clip: Path):
        limits = Limits(timeout_s=0.01)
        with pytest.raises(errors.DecodeTimeoutError):
            probe(clip, limits)

    def test_playlists_are_not_followed(self, clip: Path, tmp_path: Path):
        path = tmp_path / "list.m3u8"
        path.write_text(f"#EXTM3U\n#EXTINF:2,\nfile://{clip}\n#EXT-X-ENDLIST\n")
        with pytest.raises(errors.UnreadableMediaError):
            probe(path, LIMITS)

    def test_concat_scripts_are_not_followed(self, clip: Path, tmp_path: Path):
        path = tmp_path / "script.mp4"
        path.write_text(f"ffconcat version 1.0\nfile '{clip}'\n")
        with pytest.raises(errors.UnreadableMediaError):
            probe(path, LIMITS)


def test_every_code_has_its_class():
    for cls in errors.MediaError.__subclasses__():
        assert errors.by_code(cls.code) is cls
    assert errors.by_code("unheard.of") is errors.MediaError
