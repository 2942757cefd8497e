from collections.abc import Callable

import numpy as np
import pytest

from provenance.fingerprint import picture
from provenance.fingerprint.errors import NothingToFingerprint


def levels(values: list[int]) -> list[np.ndarray]:
    return [np.full((90, 160), v, np.uint8) for v in values]


def test_a_strip_has_four_pictures_a_second() -> None:
    taken = picture.strip(levels([10] * 6 + [50] * 6), 24.0)
    assert taken.size == (160, 90)
    assert taken.pictures[:, 0, 0].tolist() == [10.0, 50.0]


@pytest.mark.parametrize("fps", [1.0, 2.0])
def test_a_slow_clip_keeps_its_length(fps: float) -> None:
    taken = picture.strip(levels([10, 20, 30]), fps)
    assert len(taken.pictures) == int(2 / fps * 4) + 1
    assert taken.pictures[0, 0, 0] == taken.pictures[1, 0, 0] == 10.0


@pytest.mark.parametrize("fps", [0.0, -1.0, float("nan"), float("inf")])
def test_a_rate_that_is_none_is_refused(fps: float) -> None:
    with pytest.raises(NothingToFingerprint):
        picture.strip(levels([1]), fps)


def test_no_frames_are_refused() -> None:
    with pytest.raises(NothingToFingerprint):
        picture.strip([], 24.0)


@pytest.mark.parametrize(("quarters", "expected"), [(1, 1), (4, 1), (5, 1), (6, 2), (8, 2), (9, 2)])
def test_a_last_second_counts_from_its_half_on(quarters: int, expected: int) -> None:
    pictures = np.zeros((quarters, 72, 128), np.float32)
    assert len(picture.seconds(pictures, 0, 4)) == expected


def test_what_is_flat_has_no_signs() -> None:
    taken = picture.strip(levels([16] * 24 + [200] * 24), 24.0)
    assert not picture.signs(picture.seconds(taken.pictures, 0, 4)).any()


def test_a_crop_has_the_signs_of_the_places_that_it_shows(scene: Callable) -> None:
    (frame,) = scene(1, count=1)
    pictures = picture.strip([frame], 24.0).pictures
    whole = picture.signs(pictures)
    shown = np.zeros((72, 128), np.float32)
    shown[18:54, 32:96] = 1.0
    crop = picture.signs(pictures * shown, shown)
    seen = crop[0, 0] != 0
    assert not seen[:2].any()
    assert not seen[:, :4].any()
    assert 15 < seen.sum() < 40
    product = (crop * whole)[0, 0]
    assert np.mean(product[product != 0] > 0) > 0.8


def test_to_show_all_changes_nothing(scene: Callable) -> None:
    pictures = picture.strip(scene(2, count=1), 24.0).pictures
    everything = np.ones((72, 128), np.float32)
    assert np.array_equal(picture.signs(pictures), picture.signs(pictures, everything))
