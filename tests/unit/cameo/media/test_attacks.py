"""What happens to clips, on tiny ones."""

from __future__ import annotations

import numpy as np
import pytest

from cameo.media.attacks import colours, filters, pace, screen, shapes, sounds
from cameo.media.attacks.backdrop import backdrop
from cameo.media.processing import (
    ATTACKS,
    Clip,
    Picture,
    Sound,
    attack,
    pack,
    to_planar,
    to_rgb,
    unpack,
)

FPS, RATE, SIZE = 24.0, 48_000, (192, 112)
SOUNDS = [each.name for each in ATTACKS if each.touches == "sound"]
PICTURES = [each.name for each in ATTACKS if each.touches != "sound"]


def make(seed: int, count: int = 48, size: tuple[int, int] = SIZE) -> Clip:
    t = np.arange(round(count / FPS * RATE)) / RATE
    tones = [0.2 * np.sin(2 * np.pi * f * t) for f in (300 + 10 * seed, 1200)]
    empty = Clip(
        frames=np.zeros((1, 6, 4), np.uint8),
        fps=FPS,
        samples=np.stack(tones, axis=1).astype(np.float32),
        rate=RATE,
    )
    return Clip.of_planes(backdrop(size, count, seed=seed, moving=True), empty)


@pytest.fixture(scope="module")
def clip() -> Clip:
    return make(1)


@pytest.fixture(scope="module")
def other() -> Clip:
    return make(2)


def near(one: np.ndarray, two: np.ndarray) -> float:
    return float(np.abs(one.astype(float) - two.astype(float)).mean())


class TestSuite:
    def test_names_are_unique_and_every_row_is_described(self):
        assert len({each.name for each in ATTACKS}) == len(ATTACKS)
        assert all(each.what and each.group for each in ATTACKS)

    @pytest.mark.parametrize("name", PICTURES)
    def test_every_picture_row_gives_a_clip_that_the_next_can_take(self, name, clip, other):
        outcome = attack(name).apply(clip, other if attack(name).partner else None)
        width, height = outcome.clip.size
        assert width % 2 == height % 2 == 0
        assert outcome.clip.frames.dtype == np.uint8
        assert (outcome.sizes.picture > 0) == (name != "none")
        seconds = {"trim-1s": 1, "trim-2s": 2, "screenshot": 1 / 24, "speed-1.1": 2 / 1.1}
        seconds |= {"speed-0.9": 2 / 0.9, "speed-1.25": 1.6, "social-faster": 2 / 1.1}
        seconds |= {"join-marked": 4, "join-unmarked": 4}
        assert outcome.clip.seconds == pytest.approx(seconds.get(name, 2), abs=0.05)

    @pytest.mark.parametrize("name", SOUNDS)
    def test_every_sound_row_changes_the_sound_and_leaves_the_picture(self, name, clip):
        outcome = attack(name).apply(clip)
        assert outcome.clip.frames is clip.frames
        samples = outcome.clip.samples
        assert samples is not None
        assert samples.dtype == np.float32
        assert np.abs(samples).max() > 0.02
        factor = float(name.rsplit("-", 1)[1]) if "-speed-" in name or "-tempo-" in name else 1
        assert len(samples) / RATE == pytest.approx(2 / factor, abs=0.05)

    @pytest.mark.parametrize("name", ["h264-crf33", "noise-20", "grain", "drop-20", "noise-20db"])
    def test_the_same_clip_gives_the_same_outcome(self, name, clip):
        first, second = (attack(name).apply(clip) for _ in range(2))
        assert first.sizes == second.sizes
        assert np.array_equal(first.clip.frames, second.clip.frames)
        assert np.array_equal(first.clip.samples, second.clip.samples)

    def test_a_clip_is_not_changed(self, clip, other):
        before = clip.frames.copy()
        for name in ("logo", "captions", "inset-50", "brightness-0.5", "join-marked"):
            attack(name).apply(clip, other if attack(name).partner else None)
        assert np.array_equal(before, clip.frames)

    def test_a_join_needs_its_partner(self, clip):
        with pytest.raises(ValueError, match="second clip"):
            attack("join-marked").apply(clip)
        with pytest.raises(ValueError, match="one size"):
            attack("join-unmarked").apply(clip, make(2, size=(96, 56)))

    def test_a_sound_row_needs_sound(self, clip):
        with pytest.raises(ValueError, match="sound"):
            attack("aac-64").apply(clip.sounding(None))


class TestCodecs:
    @pytest.mark.parametrize("kind", ["h264", "h265", "vp9", "av1"])
    def test_each_codec_keeps_the_picture_and_a_higher_crf_takes_fewer_bytes(self, kind, clip):
        good, small = (Picture(kind, crf).run(clip) for crf in (20, 45))
        assert good[0].frames.shape == clip.frames.shape
        assert near(good[0].frames, clip.frames) < 3
        assert small[1].picture < good[1].picture

    @pytest.mark.parametrize(("kind", "slack"), [("aac", 1024), ("mp3", 0), ("opus", 0)])
    def test_each_sound_codec_comes_back_in_step(self, kind, slack, clip):
        heard = Sound(kind, 128).run(clip)[0].samples
        assert heard is not None
        assert 0 <= len(heard) - len(clip.samples) <= slack
        middle = slice(RATE // 2, RATE)
        assert near(heard[middle], clip.samples[middle]) < 0.02

    def test_a_kept_clip_comes_back_bit_for_bit(self, clip):
        back = unpack(pack(clip))
        assert np.array_equal(back.frames, clip.frames)
        assert np.array_equal(back.samples, clip.samples)
        assert (back.fps, back.rate) == (clip.fps, clip.rate)
        assert unpack(pack(clip.sounding(None))).samples is None

    def test_rgb_and_back(self, clip):
        assert near(to_planar(to_rgb(clip.frames[0])), clip.frames[0]) < 2


class TestShapes:
    def test_a_flip_flips(self, clip):
        assert np.array_equal(shapes.mirrored(clip).luma, clip.luma[..., ::-1])
        assert np.array_equal(shapes.upside_down(clip).luma, clip.luma[:, ::-1])

    def test_quarter_turns_turn_counter_clockwise(self, clip):
        turned = shapes.quarter_turns(1)(clip)
        assert turned.size == SIZE[::-1]
        assert turned.luma[0, -1, 0] == clip.luma[0, 0, 0]
        whole = shapes.quarter_turns(2)(shapes.quarter_turns(2)(clip))
        assert np.array_equal(whole.frames, clip.frames)

    def test_chroma_goes_along(self, clip):
        for step in (shapes.mirrored, shapes.quarter_turns(1), shapes.rotated(5, inscribed=True)):
            there = step(clip)
            assert there.planes()[1].shape[1:] == (there.size[1] // 2, there.size[0] // 2)
        moved = shapes.warped(clip, np.array([[1.0, 0, 8], [0, 1, 6], [0, 0, 1]]))
        for before, after, share in zip(clip.planes(), moved.planes(), (1, 2, 2), strict=True):
            x, y = 8 // share, 6 // share
            assert near(after[:, y:, x:], before[:, :-y, :-x]) < 1

    @pytest.mark.parametrize(
        ("name", "size"),
        [
            ("resize-0.5", (96, 56)),
            ("resize-2", (384, 224)),
            ("crop-50", (96, 56)),
            ("crop-80-back", SIZE),
            ("crop-1:1", (112, 112)),
            ("crop-9:16", (64, 112)),
            ("letterbox", (192, 144)),
            ("pillarbox", (262, 112)),
            ("windowbox", SIZE),
            ("inset-50", SIZE),
            ("squeeze-4:3", (150, 112)),
            ("turn-90", (112, 192)),
            ("rotate+5", SIZE),
        ],
    )
    def test_sizes(self, name, size, clip):
        assert attack(name).apply(clip).clip.size == size

    def test_only_an_inscribed_rotation_has_no_black_corners(self, clip):
        white = clip.showing(np.full_like(clip.frames, 200))
        for degrees in (2, -5, 10):
            assert shapes.rotated(degrees, inscribed=False)(white).luma.min() <= 16
            assert shapes.rotated(degrees, inscribed=True)(white).luma.min() == 200

    def test_opposite_rotations_undo_each_other(self, clip):
        back = shapes.rotated(-5, inscribed=False)(shapes.rotated(5, inscribed=False)(clip))
        middle = (slice(None), slice(40, 72), slice(60, 130))
        assert near(back.luma[middle], clip.luma[middle]) < 3

    def test_a_filmed_screen_shows_the_clip_in_a_desktop(self, clip):
        seen = screen.filmed(clip)
        assert (seen.size, seen.fps, len(seen.frames)) == (SIZE, 30.0, 60)


class TestLooks:
    def test_brightness_and_saturation(self, clip):
        darker = colours.brightness(0.5)(clip)
        assert darker.luma.mean() == pytest.approx(16 + (clip.luma.mean() - 16) / 2, abs=1)
        assert np.all(colours.saturation(0)(clip).planes()[1] == 128)

    def test_a_gamma_below_one_darkens(self, clip):
        assert colours.gamma(0.6)(clip).luma.mean() < clip.luma.mean() - 5

    def test_half_a_hue_turn_mirrors_chroma(self, clip):
        turned = colours.hue(180)(clip).planes()[1]
        assert near(turned, 256 - clip.planes()[1].astype(int)) < 1

    def test_noise_has_the_sigma_that_is_said(self, clip):
        flat = clip.showing(np.full_like(clip.frames, 128))
        assert filters.noisy(20)(flat).luma.std() == pytest.approx(20 / 3**0.5, rel=0.1)
        assert filters.grained(6.0)(flat).luma.std() == pytest.approx(6, rel=0.15)

    def test_blur_and_denoising_take_detail_away(self, clip):
        rough = filters.noisy(10)(clip)
        for step in (filters.blurred(2.0), filters.denoised, filters.median(3)):
            assert (
                np.diff(step(rough).luma.astype(int)).std() < np.diff(rough.luma.astype(int)).std()
            )


class TestTime:
    def test_reverse_reverses_both(self, clip):
        back = pace.reversed_order(clip)
        assert np.array_equal(back.frames[0], clip.frames[-1])
        assert np.array_equal(back.samples[0], clip.samples[-1])

    def test_a_trim_cuts_sound_where_it_cuts_the_picture(self, clip):
        cut = pace.trimmed(1.0, start=0.5)(clip)
        assert np.array_equal(cut.frames, clip.frames[12:36])
        assert np.array_equal(cut.samples, clip.samples[24_000:72_000])

    def test_rates(self, clip):
        assert len(pace.at_rate(15.0)(clip).frames) == 30
        doubled = pace.at_rate(48.0)(clip)
        assert np.array_equal(doubled.frames[::2], clip.frames)
        blend = pace.at_rate(48.0, blended=True)(clip)
        mean = (clip.frames[0].astype(int) + clip.frames[1]) / 2
        assert near(blend.frames[1], mean) <= 0.5

    def test_a_kept_pitch_and_a_moved_one(self, clip):
        def pitch(samples: np.ndarray) -> float:
            power = np.abs(np.fft.rfft(samples[:, 1] * np.hanning(len(samples))))
            return float(np.argmax(power) * RATE / len(samples))

        assert pitch(sounds.tempo(1.1)(clip).samples) == pytest.approx(1200, abs=15)
        assert pitch(sounds.faster(1.1)(clip).samples) == pytest.approx(1320, abs=15)

    def test_noise_is_as_loud_as_is_said(self, clip):
        noise = sounds.noisy(20.0)(clip).samples - clip.samples
        ratio = 20 * np.log10(clip.samples.std() / noise.std())
        assert ratio == pytest.approx(20, abs=0.3)


def test_a_clip_of_another_form_is_refused():
    with pytest.raises(ValueError, match="frames"):
        Clip(frames=np.zeros((6, 4), np.uint8), fps=24)
    with pytest.raises(ValueError, match="even"):
        Clip(frames=np.zeros((1, 6, 5), np.uint8), fps=24)
    with pytest.raises(ValueError, match="samples"):
        Clip(frames=np.zeros((1, 6, 4), np.uint8), fps=24, samples=np.zeros(9, np.float32))
