from __future__ import annotations

import numpy as np
import pytest

from generator.people.cutout import EYE_X, EYE_Y, cut_out
from generator.request import Appearance


def test_head_and_hair_are_kept_and_the_background_is_not(appearance):
    head = cut_out(appearance, 50.0)
    assert head.alpha.shape == (300, 250)
    eye_row, middle = round(EYE_Y * 50), round(EYE_X * 50)
    assert head.alpha[eye_row, middle] > 0.95
    assert head.alpha[eye_row - 75, middle] > 0.9  # hair
    assert head.alpha[:10].max() < 0.05
    assert head.alpha[eye_row, :10].max() < 0.05
    assert head.alpha[-20:].max() < 0.05  # shoulders
    assert 0.12 < head.alpha.mean() < 0.5


def test_landmarks_are_found(appearance):
    head = cut_out(appearance, 46.0)  # the drawing's own scale: 46 pixels between the eyes
    origin = np.array([128 - EYE_X * 46, 122 - EYE_Y * 46])
    assert np.array(head.mouth) + origin == pytest.approx((128, 175), abs=4)
    assert head.chin + origin[1] == pytest.approx(204, abs=12)
    assert head.skin == pytest.approx((214, 170, 140), abs=8)
    assert sum(head.hair) < 200


def test_no_background_shines_through_the_edge(appearance):
    head = cut_out(appearance, 50.0)
    edge = (head.alpha > 0.05) & (head.alpha < 0.9)
    background = np.abs(head.rgb[edge] - np.array([92, 108, 120])).max(axis=1) < 12
    assert background.mean() < 0.05


def test_the_matte_is_the_same_each_time(appearance):
    first, second = cut_out(appearance, 40.0), cut_out(appearance, 40.0)
    assert (first.alpha == second.alpha).all()
    assert (first.rgb == second.rgb).all()


def test_noise_and_plain_pictures_still_give_a_head(appearance):
    rng = np.random.default_rng(1)
    for image in (
        rng.integers(0, 256, (256, 256, 3), dtype=np.uint8),
        np.full((256, 256, 3), 90, np.uint8),
    ):
        odd = Appearance(image=image, landmarks5=appearance.landmarks5, box=appearance.box)
        head = cut_out(odd, 40.0)
        assert np.isfinite(head.rgb).all()
        assert head.alpha[round(EYE_Y * 40), round(EYE_X * 40)] > 0.9


def test_landmarks_at_one_point_do_not_crash(appearance):
    points = np.full((5, 2), 128, np.float32)
    head = cut_out(Appearance(image=appearance.image, landmarks5=points, box=appearance.box), 40.0)
    assert np.isfinite(head.alpha).all()
