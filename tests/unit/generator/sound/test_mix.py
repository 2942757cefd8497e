from __future__ import annotations

import numpy as np
import pytest

from generator.scene import Setting
from generator.sound.mix import CEILING, ducking, echo, fade_edges, limit
from generator.sound.noise import add, coloured, moments, pan, random_of, wander
from generator.speech.values import RATE


def tone(seconds: float, loud: float) -> np.ndarray:
    t = np.arange(int(seconds * RATE)) / RATE
    return pan(loud * np.sin(2 * np.pi * 440 * t), 0.0)


def test_the_limiter_leaves_soft_sound_alone() -> None:
    soft = tone(0.5, 0.5)
    assert limit(soft) is soft


@pytest.mark.parametrize("loud", [1.0, 3.0, 20.0])
def test_the_limiter_keeps_peaks_under_its_ceiling(loud: float) -> None:
    limited = limit(tone(0.5, loud))
    assert np.abs(limited).max() <= CEILING + 1e-6
    assert np.abs(limited[RATE // 10 : -RATE // 10]).max() > 0.8 * CEILING


def test_the_limiter_turns_down_smoothly_around_a_peak() -> None:
    sound = tone(1.0, 0.3)
    sound[RATE // 2] = 4.0
    limited = limit(sound)
    assert np.abs(limited).max() <= CEILING + 1e-6
    np.testing.assert_array_equal(limited[: RATE // 4], sound[: RATE // 4])
    rest = np.delete(limited, RATE // 2, axis=0)
    assert np.abs(np.diff(rest, axis=0)).max() < 0.05


def test_ducking_is_full_under_speech_and_gone_elsewhere() -> None:
    gain = ducking([(1.0, 2.0)], 3 * RATE, -6.0)
    assert gain.dtype == np.float32
    np.testing.assert_allclose(gain[: int(0.8 * RATE)], 1.0)
    np.testing.assert_allclose(gain[RATE + 500 : 2 * RATE - 500], 10 ** (-6 / 20), rtol=0.01)
    np.testing.assert_allclose(gain[int(2.2 * RATE) :], 1.0)
    assert np.abs(np.diff(gain)).max() < 1e-3
    assert (ducking([], RATE, -6.0) == 1.0).all()


@pytest.mark.parametrize("setting", list(Setting))
def test_an_echo_follows_and_never_precedes(setting: Setting) -> None:
    click = np.zeros((RATE, 2), dtype=np.float32)
    click[RATE // 4] = 1.0
    heard = echo(click, setting)
    assert np.abs(heard[: RATE // 4]).max() < 1e-5
    np.testing.assert_allclose(heard[RATE // 4], 1.0, atol=1e-4)
    after = np.square(heard[RATE // 4 + 1 :]).sum(axis=0)
    assert (after > 1e-4).all()
    assert (after < 0.3).all()


def test_a_room_answers_more_than_a_shore() -> None:
    click = np.zeros((RATE, 2), dtype=np.float32)
    click[0] = 1.0
    room, shore = (np.square(echo(click, s)[1:]).sum() for s in (Setting.ROOM, Setting.SHORE))
    assert room > 20 * shore


def test_edges_are_faded() -> None:
    faded = fade_edges(np.ones((RATE, 2), dtype=np.float32))
    assert (faded[0] == 0).all()
    assert (faded[-1] == 0).all()
    assert (faded[RATE // 2] == 1).all()
    assert fade_edges(np.ones((1, 2), dtype=np.float32)).shape == (1, 2)


@pytest.mark.parametrize("where", [-1.0, -0.3, 0.0, 0.6, 1.0])
def test_panning_keeps_the_power(where: float) -> None:
    mono = random_of(1, "x").standard_normal(5000)
    placed = pan(mono, where)
    assert np.mean(np.square(placed)) == pytest.approx(np.mean(np.square(mono)), rel=1e-4)
    left, right = np.square(placed).mean(axis=0)
    assert np.sign(right - left) == np.sign(where) or abs(right - left) < 1e-6


@pytest.mark.parametrize("at", [-0.5, -2.0, 0.2, 0.95, 5.0])
def test_sound_outside_the_bus_is_dropped(at: float) -> None:
    bus = np.zeros((RATE, 2), dtype=np.float32)
    add(bus, np.ones((RATE // 2 + 7, 2), dtype=np.float32), at)
    overlap = max(0.0, min(1.0, at + 0.5) - max(0.0, at))
    assert bus[:, 0].sum() == pytest.approx(overlap * RATE, abs=8)


def test_noise_has_unit_power_and_the_asked_colour() -> None:
    noise = coloured(random_of(3, "n"), 2 * RATE, ((20, 0), (500, 0), (1000, -40), (20000, -40)))
    assert np.mean(np.square(noise)) == pytest.approx(1.0, rel=1e-3)
    power = np.abs(np.fft.rfft(noise[:, 0])) ** 2
    hz = np.fft.rfftfreq(noise.shape[0], 1 / RATE)
    assert power[hz < 500].mean() > 3000 * power[hz > 1200].mean()


def test_streams_are_independent_and_repeatable() -> None:
    one, again, other = (random_of(5, name).uniform(size=4) for name in ("a", "a", "b"))
    np.testing.assert_array_equal(one, again)
    assert not np.array_equal(one, other)


def test_slow_curves_stay_in_range_and_are_slow() -> None:
    curve = wander(random_of(1, "w"), 20 * RATE, 1.0)
    assert curve.shape == (20 * RATE,)
    assert 0.0 <= curve.min() < 0.5
    assert 0.6 < curve.max() <= 1.0
    assert np.abs(np.diff(curve)).max() < 1e-3


def test_moments_come_in_order_at_the_rate_asked_for() -> None:
    times = moments(random_of(1, "m"), 100.0, 0.3)
    assert times == sorted(times)
    assert 28 <= len(times) <= 31
    assert 0 <= times[0] < times[-1] < 100
