import math

import numpy as np
import pytest

from provenance.watermark import bounds


def test_the_threshold_reaches_the_stated_rate() -> None:
    places = bounds.hypotheses(cell_sizes=2000, orientations=8, cell_steps=6, keys=1)
    tau = bounds.threshold(places)
    union = places * 2.0**64 * math.exp(-(tau**2) / 2)
    assert union == pytest.approx(1e-9, rel=1e-6)
    assert bounds.false_positive_bound(tau, places) == pytest.approx(1e-9, rel=1e-6)


def test_a_wider_search_asks_for_more() -> None:
    one = bounds.hypotheses(cell_sizes=10, orientations=1, cell_steps=6, keys=1)
    assert one == 10 * 384 * 384
    assert bounds.threshold(bounds.hypotheses(cell_sizes=10, orientations=8, cell_steps=6, keys=3))
    assert bounds.threshold(24 * one) > bounds.threshold(one)


def test_a_bound_is_a_probability() -> None:
    assert bounds.false_positive_bound(0.0, 10**6) == 1.0


def test_hoeffding_holds_for_uneven_weights() -> None:
    # The one step of the derivation that is not counting, against simulation.
    rng = np.random.default_rng(1)
    weights = rng.exponential(size=256) ** 2
    weights /= np.sqrt(np.sum(weights**2))
    sums = (rng.integers(0, 2, (20_000, 256)) * 2 - 1) @ weights
    for tau in (1.0, 2.0, 3.0):
        assert np.mean(sums >= tau) <= math.exp(-(tau**2) / 2)
