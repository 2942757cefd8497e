from __future__ import annotations

import numpy as np

from provenance.watermark.sound.grid import BANDS
from provenance.watermark.sound.layout import CODED, PERIOD, Layout

STRETCH = 125
"""Cells of three seconds."""


def test_every_three_seconds_speak_about_every_coded_bit(key):
    group = Layout.of(key).group
    for start in (0, 100, PERIOD - STRETCH):
        counts = np.bincount(group[start : start + STRETCH].ravel() + 1, minlength=2 * CODED + 1)
        assert counts[1 : CODED + 1].min() >= 12
        assert counts[CODED + 1 :].min() >= 5


def test_every_time_has_the_same_shares(key):
    group = Layout.of(key).group
    assert group.shape == (PERIOD, BANDS)
    assert set((group < 0).sum(axis=1)) == {10}
    assert set((group >= CODED).sum(axis=1)) == {14}


def test_votes_undo_what_signs_write(key):
    layout = Layout.of(key)
    rng = np.random.default_rng(1)
    short, further = rng.integers(0, 2, (2, 48)).astype(np.uint8)
    signs = layout.signs(short, further)
    written = layout.pattern * np.concatenate([[1.0], signs])[layout.group + 1]
    for first in (0, 17, PERIOD - 1):
        votes = layout.votes(np.roll(written, -first, axis=0).astype(np.float32), first)
        assert (np.sign(votes) == signs).all()


def test_keys_have_unlike_plans(key):
    one, two = Layout.of(key), Layout.of(bytes(32))
    assert abs(float(np.mean(one.pattern * two.pattern))) < 0.05
    assert np.mean(one.group == two.group) < 0.1
    assert abs(float(np.mean(one.cover * two.cover))) < 0.2
