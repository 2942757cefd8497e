"""More than films of 8 bits: pictures, sound files, 10 bits, odd sizes, other kinds."""

from __future__ import annotations

from pathlib import Path

import av
import cv2
import numpy as np
import pytest

from cameo.media.decode import FrameStream, probe, read_samples
from cameo.media.encode import SAMPLE_RATE, encode_file, to_yuv420p
from cameo.media.errors import NoVideoError, UnsignableMediaError
from cameo.media.kinds import KINDS, kind_of
from cameo.media.limits import Limits
from cameo.media.sound_files import rate_for, write_sound
from cameo.media.stills import luma_of, with_luma, write_still

LIMITS = Limits(timeout_s=60.0)


def picture(width: int, height: int) -> np.ndarray:
    rng = np.random.default_rng(4)
    rough = rng.integers(20, 235, (height, width, 3)).astype(np.uint8)
    return cv2.GaussianBlur(rough, (0, 0), 4)


def tones(channels: int, seconds: float = 1.0) -> np.ndarray:
    t = np.arange(round(seconds * SAMPLE_RATE)) / SAMPLE_RATE
    pitches = 110.0 * np.arange(1, channels + 1)
    return (0.3 * np.sin(2 * np.pi * t[:, None] * pitches)).astype(np.float32)


def frames_of(path: Path, pixels: str) -> tuple[FrameStream, list[np.ndarray]]:
    with FrameStream(path, LIMITS, pixels=pixels) as stream:
        return stream, list(stream)


class TestStills:
    @pytest.mark.parametrize("kind", ["png", "jpeg", "webp"])
    @pytest.mark.parametrize("size", [(160, 96), (151, 101)])
    def test_one_frame_comes_out_in_every_pixel_format(self, kind, size, tmp_path):
        path, rgb = tmp_path / "still", picture(*size)
        write_still(path, rgb, kind)
        facts = probe(path, LIMITS)
        assert (facts.kind, facts.width, facts.height) == ("image", *size)
        assert (facts.bit_depth, facts.has_alpha, facts.sound_channels) == (8, False, 0)
        assert kind_of(facts).name == kind
        even = (size[0] // 2 * 2, size[1] // 2 * 2)
        planar = (even[1] * 3 // 2, even[0])
        shapes = {"rgb24": rgb.shape, "luma": rgb.shape[:2], "yuv420p": planar, "yuv420p10": planar}
        for pixels, shape in shapes.items():
            stream, frames = frames_of(path, pixels)
            assert [frame.shape for frame in frames] == [shape]
            assert stream.size == (even if pixels.startswith("yuv") else size)
        shown = frames_of(path, "rgb24")[1][0]
        assert np.abs(shown.astype(int) - rgb).mean() < {"png": 1e-9, "jpeg": 1.5, "webp": 3}[kind]
        assert np.array_equal(frames_of(path, "luma")[1][0], luma_of(shown))

    def test_a_png_and_a_jpeg_of_one_picture_have_one_luma(self, tmp_path):
        rgb = picture(120, 90)
        for kind in ("png", "jpeg"):
            write_still(tmp_path / kind, rgb, kind)
        one, other = (frames_of(tmp_path / kind, "luma")[1][0] for kind in ("png", "jpeg"))
        assert np.abs(one.astype(int) - other).mean() < 0.7

    def test_a_new_luma_arrives_and_leaves_colours(self):
        rgb = picture(151, 101)
        before = luma_of(rgb)
        after = np.clip(before + np.random.default_rng(1).integers(-5, 6, before.shape), 16, 235)
        changed = with_luma(rgb, before, after.astype(np.uint8))
        assert np.abs(luma_of(changed).astype(int) - after).max() <= 1
        tint = changed.astype(int) - changed.mean(axis=2, keepdims=True)
        assert np.abs(tint - (rgb - rgb.mean(axis=2, keepdims=True))).max() <= 1
        assert np.array_equal(with_luma(rgb, before, before), rgb)

    def test_transparency_is_told(self, tmp_path):
        path = tmp_path / "clear.png"
        path.write_bytes(cv2.imencode(".png", np.full((20, 30, 4), 90, np.uint8))[1].tobytes())
        assert probe(path, LIMITS).has_alpha


class TestFilms:
    @pytest.mark.parametrize("codec", ["h264", "h265"])
    def test_ten_bits_go_in_and_out(self, codec, tmp_path):
        path = tmp_path / "deep.mp4"
        ramp = np.linspace(64, 940, 320).astype(np.uint16)
        frame = np.full((360, 320), 512, np.uint16)
        frame[:240] = ramp
        pq = (9, 16, 9)  # BT.2020, SMPTE ST 2084
        encode_file(
            path, [frame] * 6, None, fps=24, size=(320, 240), crf=8, codec=codec, bit_depth=10,
            colour=pq,
        )  # fmt: skip
        assert probe(path, LIMITS).bit_depth == 10
        stream, frames = frames_of(path, "yuv420p10")
        assert (stream.colour, frames[0].dtype, len(frames)) == (pq, np.uint16, 6)
        assert np.abs(frames[2].astype(int) - frame).mean() < 2
        assert frames_of(path, "yuv420p")[1][0].dtype == np.uint8

    def test_a_turned_film_is_upright_in_every_pixel_format(self, tmp_path):
        plain, turned = tmp_path / "plain.mp4", tmp_path / "turned.mp4"
        rgb = picture(160, 96)
        encode_file(plain, [to_yuv420p(rgb)] * 4, None, fps=24, size=(160, 96), crf=8)
        _with_rotation(plain, turned)
        assert (probe(turned, LIMITS).width, probe(turned, LIMITS).height) == (96, 160)
        (_, [upright, *_]), (_, [planar, *_]) = (
            frames_of(turned, pixels) for pixels in ("rgb24", "yuv420p")
        )
        assert upright.shape == (160, 96, 3)
        assert planar.shape == (240, 96)
        assert np.abs(to_yuv420p(upright).astype(int) - planar).mean() < 2
        assert min(_distance(upright, np.rot90(rgb, turns)) for turns in (1, 3)) < 6

    @pytest.mark.parametrize("channels", [1, 2, 6])
    def test_sound_keeps_its_channels(self, channels, tmp_path):
        path, sound = tmp_path / "film.mp4", tones(channels)
        frames = [to_yuv420p(picture(64, 48))] * 24
        encode_file(path, frames, sound, fps=24, size=(64, 48))
        facts = probe(path, LIMITS)
        assert (facts.sound_rate, facts.sound_channels) == (SAMPLE_RATE, channels)
        kept = read_samples(path, LIMITS, rate=SAMPLE_RATE, channels="source")
        assert kept.shape[1] == channels
        middle = slice(12_000, 36_000)
        assert _heard_apart(kept[middle], sound[middle]) < 0.02
        assert read_samples(path, LIMITS, rate=16_000).ndim == 1


class TestSoundFiles:
    @pytest.mark.parametrize("channels", [1, 2, 6])
    @pytest.mark.parametrize("kind", ["wav", "flac", "mp3", "m4a"])
    def test_each_kind_comes_back(self, kind, channels, tmp_path):
        path, sound = tmp_path / "sound", tones(channels)
        if kind == "mp3" and channels > 2:
            with pytest.raises(ValueError, match="6 channels"):
                write_sound(path, sound, kind, rate=SAMPLE_RATE)
            return
        write_sound(path, sound, kind, rate=SAMPLE_RATE)
        facts = probe(path, LIMITS)
        assert (facts.kind, kind_of(facts).name) == ("audio", kind)
        assert (facts.sound_rate, facts.sound_channels) == (SAMPLE_RATE, channels)
        back = read_samples(path, LIMITS, rate=SAMPLE_RATE, channels="source")
        assert 0 <= len(back) - len(sound) <= (1024 if kind == "m4a" else 0)
        apart = _heard_apart(back[12_000:36_000], sound[12_000:36_000])
        assert apart < (0.02 if kind in ("mp3", "m4a") else 4e-5)

    @pytest.mark.parametrize("kind", ["wav", "flac"])
    def test_24_bits_are_kept(self, kind, tmp_path):
        quiet = tones(2) / 8192
        write_sound(tmp_path / "fine", quiet, kind, rate=96_000, bits=24)
        back = read_samples(tmp_path / "fine", LIMITS, rate=96_000, channels="source")
        assert np.abs(back - quiet).max() < 2e-7

    def test_a_rate_that_a_kind_does_not_have(self, tmp_path):
        assert (rate_for("mp3", 96_000), rate_for("mp3", 44_100)) == (48_000, 44_100)
        assert (rate_for("m4a", 8_000), rate_for("flac", 8_000)) == (16_000, 8_000)
        with pytest.raises(ValueError, match="96000"):
            write_sound(tmp_path / "sound", tones(2), "mp3", rate=96_000)

    def test_a_record_with_a_cover_is_sound(self, tmp_path):
        path = tmp_path / "record.mp3"
        _with_cover(path)
        facts = probe(path, LIMITS)
        assert (facts.kind, facts.width, kind_of(facts).name) == ("audio", 0, "mp3")
        with pytest.raises(NoVideoError), FrameStream(path, LIMITS) as stream:
            list(stream)

    def test_ogg_cannot_be_signed_and_the_error_says_what_can(self, tmp_path):
        path = tmp_path / "sound.ogg"
        with av.open(str(path), "w", format="ogg") as output:
            stream = output.add_stream("libopus", rate=SAMPLE_RATE, layout="mono")
            frame = av.AudioFrame.from_ndarray(tones(1).T.copy(), format="fltp", layout="mono")
            frame.sample_rate, frame.pts = SAMPLE_RATE, 0
            output.mux([*stream.encode(frame), *stream.encode(None)])
        with pytest.raises(UnsignableMediaError, match="FLAC, WAV, MP3 or M4A"):
            kind_of(probe(path, LIMITS))


def test_every_kind_has_a_suffix_and_a_media_type_of_its_own():
    assert len({kind.suffix for kind in KINDS}) == len({kind.media_type for kind in KINDS}) == 8


def _heard_apart(one: np.ndarray, other: np.ndarray) -> float:
    """The mean distance, but for the LFE, which AAC gives its bass only."""
    kept = [index for index in range(one.shape[1]) if index != 3]
    return float(np.abs(one - other)[:, kept].mean())


def _distance(one: np.ndarray, other: np.ndarray) -> float:
    return float(np.abs(one.astype(int) - other).mean())


def _with_rotation(source: Path, target: Path) -> None:
    """A quarter turn in the track header's matrix (ISO/IEC 14496-12, 8.3), as phones write it."""
    data = bytearray(source.read_bytes())
    at = data.index(b"tkhd") + 4 + 40
    turn = (0, 1 << 16, 0, -(1 << 16) & 0xFFFFFFFF, 0, 0, 0, 0, 1 << 30)
    data[at : at + 36] = b"".join(value.to_bytes(4, "big") for value in turn)
    target.write_bytes(data)


def _with_cover(path: Path) -> None:
    """An MP3 behind an ID3v2.3 tag with an attached picture (id3.org, 4.15)."""
    write_sound(path, tones(2), "mp3", rate=SAMPLE_RATE)
    cover = cv2.imencode(".jpg", picture(64, 64))[1].tobytes()
    body = b"\0image/jpeg\0\x03\0" + cover
    frame = b"APIC" + len(body).to_bytes(4, "big") + b"\0\0" + body
    size = bytes(len(frame) >> shift & 0x7F for shift in (21, 14, 7, 0))
    path.write_bytes(b"ID3\3\0\0" + size + frame + path.read_bytes())
