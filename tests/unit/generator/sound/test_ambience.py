from __future__ import annotations

from itertools import product

import numpy as np
import pytest
from scipy.signal import butter, sosfilt

from generator.request import Style
from generator.scene import CameraMove, SceneSpec, Setting, TimeOfDay, Weather
from generator.sound import nature, town
from generator.sound.ambience import ambience
from generator.speech.values import RATE

COUNT = 6 * RATE


def place(
    setting: Setting,
    time: TimeOfDay = TimeOfDay.DUSK,
    weather: Weather = Weather.CLEAR,
    seed: int = 11,
) -> SceneSpec:
    return SceneSpec(
        setting=setting,
        time_of_day=time,
        weather=weather,
        camera=CameraMove.STATIC,
        style=Style.CINEMATIC,
        size=(640, 360),
        fps=24,
        seconds=6.0,
        seed=seed,
    )


def loudness(sound: np.ndarray) -> float:
    return float(20 * np.log10(np.sqrt(np.mean(np.square(sound, dtype=np.float64)))))


def share(sound: np.ndarray, low: float, high: float) -> float:
    power = (np.abs(np.fft.rfft(sound, axis=0)) ** 2).sum(axis=1)
    hz = np.fft.rfftfreq(sound.shape[0], 1 / RATE)
    return float(power[(hz >= low) & (hz < high)].sum() / power.sum())


@pytest.mark.parametrize(
    ("setting", "time", "weather"),
    list(product(Setting, (TimeOfDay.MORNING, TimeOfDay.NIGHT), Weather)),
)
def test_every_place_is_heard_softly_at_all_times(
    setting: Setting, time: TimeOfDay, weather: Weather
) -> None:
    sound = ambience(place(setting, time, weather), 2 * RATE)
    assert sound.shape == (2 * RATE, 2)
    assert sound.dtype == np.float32
    assert np.isfinite(sound).all()
    assert -50.0 < loudness(sound) < -26.0
    assert np.abs(sound).max() < 0.4


@pytest.mark.parametrize("setting", list(Setting))
def test_a_seed_repeats_a_place_and_another_varies_it(setting: Setting) -> None:
    first, again = (ambience(place(setting), RATE) for _ in range(2))
    np.testing.assert_array_equal(first, again)
    assert not np.array_equal(first, ambience(place(setting, seed=12), RATE))


@pytest.mark.parametrize("seed", [-1, 0, 2**63, 2**70])
def test_any_whole_number_is_a_seed(seed: int) -> None:
    assert np.isfinite(ambience(place(Setting.ROOM, seed=seed), RATE // 10)).all()


def test_the_sides_are_related_but_not_the_same() -> None:
    left, right = ambience(place(Setting.AVENUE), COUNT).T
    assert 0.2 < np.corrcoef(left, right)[0, 1] < 0.9


def test_places_have_the_spectra_of_what_is_in_them() -> None:
    sea = ambience(place(Setting.SHORE), COUNT)
    room = ambience(place(Setting.ROOM, TimeOfDay.NIGHT), COUNT)
    assert share(sea, 300, 6000) > 2 * share(room, 300, 1500)
    rain = ambience(place(Setting.STREET, weather=Weather.RAIN), COUNT)
    dry = ambience(place(Setting.STREET), COUNT)
    assert share(rain, 2000, 12_000) > 1.5 * share(dry, 2000, 12_000)


def test_waves_rise_and_fall_once_in_several_seconds() -> None:
    sea = nature.sea(5, 20 * RATE, -30.0).mean(axis=1)
    power = np.square(sea).reshape(200, -1).mean(axis=1)
    smooth = np.convolve(power, np.ones(10) / 10, mode="valid")
    assert smooth.max() > 4 * smooth.min()
    high = smooth > (smooth.max() + smooth.min()) / 2
    swells = int(np.count_nonzero(np.diff(high.astype(int)) == 1))
    assert 2 <= swells <= 8


def test_birds_sing_by_day_and_crickets_at_night() -> None:
    sos = butter(4, (2000, 6000), btype="bandpass", fs=RATE, output="sos")

    def band(sound: np.ndarray) -> np.ndarray:
        return np.square(sosfilt(sos, sound.mean(axis=1))).reshape(120, -1).mean(axis=1)

    birds = band(nature.birds(11, COUNT, -37.0, 0.4))
    assert birds.max() > 50 * max(np.median(birds), 1e-12)
    crickets = nature.crickets(11, COUNT, -50.0)
    assert share(crickets, 3500, 5000) > 0.9


def test_the_clock_ticks_once_a_second() -> None:
    mono = town.clock(9, COUNT, -30.0).mean(axis=1)
    loud = np.flatnonzero(np.abs(mono) > 0.2 * np.abs(mono).max())
    starts = loud[np.concatenate(([True], np.diff(loud) > RATE // 4))]
    assert len(starts) in {5, 6}
    np.testing.assert_allclose(np.diff(starts) / RATE, 1.0, atol=0.002)


def test_a_car_on_a_wet_road_passes_from_side_to_side() -> None:
    sound = town.wet_tyres(4, 12 * RATE, -30.0)
    power = np.square(sound).reshape(48, -1, 2).mean(axis=1)
    balance = (power[:, 0] - power[:, 1]) / power.sum(axis=1)
    assert balance.max() > 0.5
    assert balance.min() < -0.5


def test_drips_are_short() -> None:
    sound = np.abs(town.drips(2, COUNT, -30.0, 1.5)).max(axis=1)
    assert (sound > 0.1 * sound.max()).mean() < 0.1
    assert sound.max() > 0.005
