"""A drawn face and small scenes, for the picture half of the generator."""

from __future__ import annotations

from collections.abc import Callable

import cv2
import numpy as np
import pytest

from generator.request import Appearance, CastMember, Style
from generator.scene import (
    Action,
    Actor,
    CameraMove,
    Line,
    SceneSpec,
    Setting,
    TimeOfDay,
    Weather,
)


def draw_face(skin: tuple[int, int, int] = (214, 170, 140)) -> Appearance:
    """A face of circles and lines on a plain background, 256 pixels."""
    image = np.full((256, 256, 3), (92, 108, 120), np.uint8)
    cv2.rectangle(image, (100, 190), (156, 256), tuple(int(v * 0.9) for v in skin), -1)
    cv2.ellipse(image, (128, 112), (64, 84), 0, 0, 360, (44, 34, 30), -1, cv2.LINE_AA)
    cv2.ellipse(image, (128, 132), (54, 72), 0, 0, 360, skin, -1, cv2.LINE_AA)
    for x in (105, 151):
        cv2.ellipse(image, (x, 122), (11, 6), 0, 0, 360, (240, 240, 240), -1, cv2.LINE_AA)
        cv2.circle(image, (x, 122), 5, (40, 30, 26), -1, cv2.LINE_AA)
    cv2.line(image, (128, 126), (128, 152), tuple(int(v * 0.85) for v in skin), 4, cv2.LINE_AA)
    cv2.ellipse(image, (128, 175), (18, 5), 0, 0, 360, (176, 90, 88), -1, cv2.LINE_AA)
    cv2.line(image, (110, 175), (146, 175), (90, 40, 40), 2, cv2.LINE_AA)
    points = np.array([[162, 122], [140, 122], [94, 122], [116, 122], [128, 155]], np.float32)
    return Appearance(image=image, landmarks5=points, box=(70.0, 90.0, 186.0, 206.0))


@pytest.fixture(scope="session")
def appearance() -> Appearance:
    return draw_face()


@pytest.fixture(scope="session")
def cast() -> tuple[CastMember, ...]:
    return (
        CastMember(handle="alice", appearance=draw_face()),
        CastMember(handle="bob", appearance=draw_face((150, 104, 80))),
    )


@pytest.fixture(scope="session")
def make_spec() -> Callable[..., SceneSpec]:
    """Make a scene; `actions` is a mapping from handle to action, a talker has a line."""

    def make(setting: Setting = Setting.AVENUE, **changes: object) -> SceneSpec:
        actions = changes.pop("actions", {})
        actors = tuple(
            Actor(
                handle=handle,
                action=action,
                lines=(Line(text="Hello.", lang="en"),) if action is Action.TALK else (),
            )
            for handle, action in actions.items()
        )
        fields = {
            "setting": setting,
            "time_of_day": TimeOfDay.DUSK,
            "weather": Weather.CLEAR,
            "camera": CameraMove.STATIC,
            "style": Style.PHOTOREAL,
            "size": (640, 360),
            "fps": 24,
            "seconds": 4.0,
            "seed": 5,
            "actors": actors,
        }
        return SceneSpec(**{**fields, **changes})

    return make
