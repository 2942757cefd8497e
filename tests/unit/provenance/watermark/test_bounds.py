import math

import numpy as np
import pytest

from provenance.watermark import bounds


@pytest.mark.parametrize(("keys", "bits"), [(1, 64), (7, 64), (1, 32)])
def test_all_candidates_together_stay_under_the_stated_rate(keys: int, bits: int) -> None:
    taus = [bounds.threshold(n, keys=keys, word_bits=bits) for n in range(1, 20_000)]
    union = keys * sum(2.0**bits * math.exp(-(tau**2) / 2) for tau in taus)
    assert 0.99e-9 < union <= 1e-9
    assert taus == sorted(taus)


def test_the_figures_in_the_derivation() -> None:
    taus = [round(bounds.threshold(n), 1) for n in (1, 100, 1000)]
    assert taus == [11.5, 12.2, 12.6]


def test_a_candidate_at_the_threshold_has_its_share_of_the_rate() -> None:
    found = bounds.false_positive_bound(bounds.threshold(1))
    assert found == pytest.approx(0.5e-9, rel=1e-6)


def test_a_bound_is_a_probability() -> None:
    assert bounds.false_positive_bound(0.0) == 1.0


def test_hoeffding_holds_for_uneven_weights() -> None:
    # The one step of the derivation that is not counting, against simulation.
    rng = np.random.default_rng(1)
    weights = rng.exponential(size=256) ** 2
    weights /= np.sqrt(np.sum(weights**2))
    sums = (rng.integers(0, 2, (20_000, 256)) * 2 - 1) @ weights
    for tau in (1.0, 2.0, 3.0):
        assert np.mean(sums >= tau) <= math.exp(-(tau**2) / 2)
