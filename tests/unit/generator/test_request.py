from __future__ import annotations

import numpy as np
import pytest

from generator.errors import (
    AppearanceError,
    EmptyPromptError,
    FrameRateError,
    PeopleError,
    PromptTooLongError,
    SecondsError,
    SizeError,
)
from generator.request import Appearance, CastMember, RenderRequest


def request(**changes):
    return RenderRequest(**{"prompt": "A shore.", "seconds": 8, "size": (1280, 720), **changes})


@pytest.mark.parametrize(
    "size", [(640, 360), (854, 480), (1920, 1080), (360, 640), (1080, 1920), (360, 360), (720, 720)]
)
def test_sizes_of_the_three_aspects_are_accepted(size):
    request(size=size).validate()


@pytest.mark.parametrize(
    "size", [(641, 361), (320, 180), (2560, 1440), (800, 600), (0, 0), (-640, -360), (1279, 720)]
)
def test_other_sizes_are_refused(size):
    with pytest.raises(SizeError) as caught:
        request(size=size).validate()
    assert caught.value.code == "request.size"


@pytest.mark.parametrize("seconds", [3.9, 60.1, 0, -4, float("nan"), float("inf")])
def test_lengths_outside_the_bounds_are_refused(seconds):
    with pytest.raises(SecondsError) as caught:
        request(seconds=seconds).validate()
    assert caught.value.code == "request.seconds"


@pytest.mark.parametrize("prompt", ["", "   \n\t", "\u3000"])
def test_an_empty_prompt_is_refused(prompt):
    with pytest.raises(EmptyPromptError) as caught:
        request(prompt=prompt).validate()
    assert caught.value.code == "prompt.empty"


def test_a_prompt_may_have_4000_characters_and_no_more():
    request(prompt="海" * 4000).validate()
    with pytest.raises(PromptTooLongError) as caught:
        request(prompt="海" * 4001).validate()
    assert caught.value.code == "prompt.too_long"


def test_frame_rates_are_bounded():
    with pytest.raises(FrameRateError):
        request(fps=0).validate()


def test_a_handle_is_cast_once_and_at_most_two_people(appearance):
    def people(*handles):
        return tuple(CastMember(handle=handle, appearance=appearance) for handle in handles)

    request(cast=people("a", "b")).validate()
    for handles in (("a", "a"), ("a", "b", "c")):
        with pytest.raises(PeopleError):
            request(cast=people(*handles)).validate()


@pytest.mark.parametrize(
    "change",
    [
        {"image": np.zeros((256, 256), np.uint8)},
        {"image": np.zeros((256, 256, 3), np.float32)},
        {"image": np.zeros((8, 8, 3), np.uint8)},
        {"landmarks5": np.zeros((4, 2), np.float32)},
        {"landmarks5": np.full((5, 2), np.nan, np.float32)},
        {"box": (10.0, 10.0, 10.0, 10.0)},
    ],
)
def test_a_broken_appearance_is_refused(appearance, change):
    whole = {
        "image": appearance.image,
        "landmarks5": appearance.landmarks5,
        "box": appearance.box,
    }
    with pytest.raises(AppearanceError):
        Appearance(**{**whole, **change})
