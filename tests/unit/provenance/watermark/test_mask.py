import numpy as np
import pytest

from provenance.watermark import mask


def test_flat_places_get_the_floor() -> None:
    assert np.allclose(mask.strength(np.full((90, 160), 128, np.uint8)), mask.FLOOR, atol=1e-3)


def test_texture_gets_more_and_never_more_than_the_ceiling() -> None:
    noise = np.random.default_rng(1).integers(0, 256, (90, 160)).astype(np.uint8)
    strength = mask.strength(noise)
    assert strength.shape == noise.shape
    assert strength.mean() > 3 * mask.FLOOR
    assert strength.max() <= mask.CEILING + 1e-3


def test_an_edge_hides_less_than_texture_of_the_same_contrast() -> None:
    edge = np.full((120, 160), 60, np.uint8)
    edge[:, 80:] = 180
    assert mask.strength(edge)[:, 40].max() == pytest.approx(mask.FLOOR, abs=1e-3)
    texture = edge[:, np.random.default_rng(2).permutation(160)]
    assert mask.strength(edge).mean() < 0.5 * mask.strength(texture).mean()
