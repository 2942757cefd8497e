"""What a place sounds like when nobody speaks or walks."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import MappingProxyType

import numpy as np
from scipy.signal import butter, sosfilt

from generator.scene import SceneSpec, Setting, TimeOfDay, Weather
from generator.sound import nature, town
from generator.sound.values import Stereo
from generator.speech.values import RATE

_BIRDS = {TimeOfDay.MORNING: 0.55, TimeOfDay.DAY: 0.3, TimeOfDay.DUSK: 0.22}


def ambience(spec: SceneSpec, count: int) -> Stereo:
    """Return the sound of the place.

    Args:
        spec: setting, time of day, weather and seed are used.
        count: samples.

    Returns:
        float32 (count, 2), about -42 to -30 dBFS RMS; the same spec gives the same samples.
    """
    sides = _PLACES[spec.setting](spec, count)
    # Independent sides sound hollow; a quarter of each in the other gives them a middle.
    return np.asarray((sides + 0.25 * sides[:, ::-1]) / np.hypot(1.0, 0.25), dtype=np.float32)


def _avenue(spec: SceneSpec, count: int) -> Stereo:
    calm = spec.weather is Weather.SNOW
    bus = nature.wind(spec.seed, count, -38.0, -120.0 if calm else -43.0)
    return bus + _life(spec, count, -43.0) + _weather(spec, count)


def _shore(spec: SceneSpec, count: int) -> Stereo:
    bus = nature.sea(spec.seed, count, -33.0) + nature.wind(spec.seed, count, -44.0)
    if spec.time_of_day is not TimeOfDay.NIGHT and _dry(spec):
        bus += nature.gulls(spec.seed, count, -40.0)
    return bus + _weather(spec, count)


def _street(spec: SceneSpec, count: int) -> Stereo:
    hush = -6.0 if spec.weather is Weather.SNOW or spec.time_of_day is TimeOfDay.NIGHT else 0.0
    bus = town.traffic(spec.seed, count, -37.0 + hush)
    bus += town.wet_tyres(spec.seed, count, -37.0 + hush)
    if spec.weather is not Weather.SNOW:
        bus += town.drips(spec.seed, count, -38.0, 1.6)
    return bus + _weather(spec, count)


def _room(spec: SceneSpec, count: int) -> Stereo:
    bus = town.room_tone(spec.seed, count, -50.0) + town.clock(spec.seed, count, -38.0)
    outside = town.traffic(spec.seed, count, -46.0)
    outside += _life(spec, count, -46.0) + _weather(spec, count)
    return bus + _behind_glass(outside)


def _dry(spec: SceneSpec) -> bool:
    return spec.weather in {Weather.CLEAR, Weather.CLOUDY}


def _life(spec: SceneSpec, count: int, decibels: float) -> Stereo:
    if not _dry(spec):
        return np.zeros((count, 2), dtype=np.float32)
    if spec.time_of_day is TimeOfDay.NIGHT:
        return nature.crickets(spec.seed, count, decibels - 9.0)
    return nature.birds(spec.seed, count, decibels + 6.0, _BIRDS[spec.time_of_day])


def _weather(spec: SceneSpec, count: int) -> Stereo:
    if spec.weather is Weather.RAIN:
        return nature.rain(spec.seed, count, -36.0)
    return np.zeros((count, 2), dtype=np.float32)


def _behind_glass(sound: Stereo) -> Stereo:
    muffle = butter(2, 700.0, fs=RATE, output="sos")
    faint: Stereo = (0.7 * sosfilt(muffle, sound, axis=0)).astype(np.float32)
    return faint


_PLACES: Mapping[Setting, Callable[[SceneSpec, int], Stereo]] = MappingProxyType(
    {
        Setting.AVENUE: _avenue,
        Setting.SHORE: _shore,
        Setting.STREET: _street,
        Setting.ROOM: _room,
    }
)
