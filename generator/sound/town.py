"""The layers of street and room: traffic, passing cars, drips, room tone, clock."""

from __future__ import annotations

import numpy as np

from generator.sound.noise import add, coloured, decaying, level, moments, pan, random_of, wander
from generator.sound.values import Stereo
from generator.speech.values import RATE

_TRAFFIC = ((20, -14), (60, 0), (160, -5), (500, -18), (2000, -38), (20000, -90))
_TYRES = ((80, -14), (300, -12), (900, -4), (2400, 0), (6000, -8), (12000, -22), (20000, -44))
_TONE = ((20, -6), (50, 0), (150, -10), (600, -24), (4000, -42), (20000, -64))


def traffic(seed: int, count: int, decibels: float) -> Stereo:
    """Return the hum of distant traffic, swelling slowly."""
    rng = random_of(seed, "traffic")
    bed = coloured(rng, count, _TRAFFIC) * (0.7 + 0.6 * wander(rng, count, 3.4)[:, None])
    return bed * np.float32(level(decibels))


def wet_tyres(seed: int, count: int, decibels: float) -> Stereo:
    """Return cars that pass on a wet road: hiss that swells and crosses from side to side."""
    rng = random_of(seed, "tyres")
    t = np.arange(count) / RATE
    hiss = coloured(rng, count, _TYRES, 1)[:, 0]
    bus = np.zeros((count, 2), dtype=np.float32)
    at = rng.uniform(0.5, 4.0)
    while at < t[-1] + 1.0:
        width, way = rng.uniform(0.7, 1.3), rng.choice((-1.0, 1.0))
        near = 1.0 / (1.0 + ((t - at) / width) ** 2) ** 1.5
        place = np.clip(way * (t - at) / (2.2 * width), -0.9, 0.9)
        angle = (place + 1.0) * np.pi / 4.0
        gains = np.stack([np.cos(angle), np.sin(angle)], axis=1) * near[:, None]
        bus += (gains * hiss[:, None] * rng.uniform(0.6, 1.0)).astype(np.float32)
        at += rng.uniform(3.5, 7.5)
    return bus * np.float32(level(decibels) * 1.4)


def drips(seed: int, count: int, decibels: float, per_second: float) -> Stereo:
    """Return drops from eaves into puddles: short notes that bend upwards."""
    rng = random_of(seed, "drips")
    bus = np.zeros((count, 2), dtype=np.float32)
    for start in moments(rng, count / RATE, per_second):
        size = int(0.07 * RATE)
        t = np.arange(size) / RATE
        hz = rng.uniform(900.0, 2600.0) * (1.0 + 4.0 * t)
        note = np.sin(2 * np.pi * np.cumsum(hz) / RATE) * decaying(size, 0.06)
        loud = decibels + rng.uniform(-9.0, 3.0)
        add(bus, pan(note * level(loud), rng.uniform(-0.8, 0.8)), start)
    return bus


def room_tone(seed: int, count: int, decibels: float) -> Stereo:
    """Return the air of a quiet room with the faintest mains hum."""
    rng = random_of(seed, "tone")
    t = np.arange(count) / RATE
    hum = np.sin(2 * np.pi * 100.0 * t) + 0.4 * np.sin(2 * np.pi * 200.0 * t + 0.6)
    tone = coloured(rng, count, _TONE) + pan(0.25 * hum, 0.4)
    return tone * np.float32(level(decibels))


def clock(seed: int, count: int, decibels: float) -> Stereo:
    """Return a wall clock: tick and tock in turn, one a second."""
    rng = random_of(seed, "clock")
    bus = np.zeros((count, 2), dtype=np.float32)
    size = int(0.06 * RATE)
    t = np.arange(size) / RATE
    first = rng.uniform(0.1, 1.0)
    for beat in range(int(count / RATE) + 1):
        hz = 2350.0 if beat % 2 else 1900.0
        ring = np.sin(2 * np.pi * hz * t) + 0.6 * np.sin(2 * np.pi * 2.7 * hz * t)
        tick = ring * decaying(size, 0.035, 0.0005)
        add(bus, pan(tick * level(decibels), -0.45), first + beat)
    return bus
