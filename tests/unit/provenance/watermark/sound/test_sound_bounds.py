from __future__ import annotations

import math

import numpy as np
import pytest

from provenance.watermark.keys import epoch_key
from provenance.watermark.sound import bounds, detect, features, reading
from provenance.watermark.sound.layout import CODED, Layout
from provenance.watermark.sound.search import HOP, STEPS, Search, Speed
from provenance.watermark.sound.spectrum import power


def test_both_sides_of_the_bound_add_up_to_the_wanted_rate():
    places, keys = detect.DECODED, 3
    short = bounds.short_threshold(places, keys)
    full = bounds.full_threshold(places, keys)
    union = (
        places * keys * (2.0**32 * math.exp(-(short**2) / 2) + 2.0**64 * math.exp(-(full**2) / 2))
    )
    assert union == pytest.approx(1e-9, rel=1e-6)


def test_no_more_places_are_decoded_than_are_counted(monkeypatch, speech, key):
    calls = []
    monkeypatch.setattr(detect, "_OTHER", detect._OTHER[::20])
    monkeypatch.setattr(detect, "read", lambda *given: calls.append(1) or reading.read(*given))
    sound = np.concatenate([speech(seed, 8.0) for seed in (31, 32, 33)])
    assert not detect.SoundDetector(key).detect(sound, 16_000).found
    assert 0 < len(calls) <= detect.DECODED


def test_the_search_does_not_look_at_the_cover(speech, key):
    one = Layout.of(key)
    other = Layout(key=key, pattern=one.pattern, group=one.group, cover=-one.cover)
    found = power(speech(34, 5.0)[:, None], HOP)
    speeds = [Speed(pitch=1.0, tempo=1.0), Speed(pitch=1.01, tempo=1.01)]
    assert Search(one).places(found, speeds) == Search(other).places(found, speeds)


def test_a_fixed_word_stays_under_hoeffding_for_many_keys(speech):
    """Tails of T over keys, at the place that each key's own search likes best."""
    found = power(speech(35, 5.0)[:, None], HOP)
    cells = features.values(features.bands(found), HOP, steps=STEPS)[::STEPS]
    word = np.zeros(48, np.uint8)
    seen = []
    for number in range(300):
        layout = Layout.of(epoch_key(bytes(32), number, "sound"))
        places = [layout.votes(cells, first) for first in range(0, 400, 80)]
        votes = max(places, key=lambda votes: float(np.sum(np.square(votes))))
        agreeing = votes * layout.signs(word, word)
        seen += [reading.statistic(agreeing[:CODED]), reading.statistic(agreeing[CODED:])]
    for level in (1.5, 2.0, 2.5, 3.0):
        allowed = math.exp(-(level**2) / 2)
        assert np.mean(np.array(seen) >= level) <= allowed + 3 * math.sqrt(allowed / len(seen))


def test_the_best_word_stays_far_under_the_threshold(speech):
    """What the decoder finds in unmarked sound: a maximum over all words, for many keys."""
    found = power(speech(36, 6.0)[:, None], HOP)
    cells = features.values(features.bands(found), HOP, steps=STEPS)[::STEPS]
    seen = []
    for number in range(40):
        layout = Layout.of(epoch_key(bytes(32), number, "sound"))
        seen.append(reading.read(layout, layout.votes(cells, number)))
    assert max(r.short_statistic for r in seen) < bounds.short_threshold(detect.DECODED)
    assert max(r.full_statistic for r in seen) < bounds.full_threshold(detect.DECODED)
    assert not [r for r in seen if r.short_id is not None]
