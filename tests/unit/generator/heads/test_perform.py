from __future__ import annotations

import numpy as np
import pytest

from generator.heads import Performance, perform, person
from generator.heads.errors import BadPerformanceError

MOUTH = np.clip(np.sin(np.arange(60) / 3.0), 0, 1)


def play(seed: int = 3, turns: tuple[str, ...] = ("left", "right", "right")) -> Performance:
    return perform(person("aiko"), turns, MOUTH, 24.0, seed, size=(96, 72))  # type: ignore[arg-type]


def test_turns_follow_the_order_asked_for() -> None:
    performance = play()
    timeline = performance.timeline
    yaw = np.array([pose.yaw_deg for pose in performance.poses])
    assert [turn.side for turn in timeline.turns] == ["left", "right", "right"]
    assert [turn.seconds for turn in timeline.turns] == sorted(t.seconds for t in timeline.turns)
    for turn in timeline.turns:
        at = yaw[round(turn.seconds * 24)]
        assert np.sign(at) == (1 if turn.side == "left" else -1)
        assert 24 < abs(at) < 33
    assert np.abs(yaw[:24]).max() < 4
    assert np.abs(yaw[round(timeline.speech_start_s * 24) :]).max() < 4


def test_the_mouth_follows_the_track_and_is_shut_before_it() -> None:
    performance = play()
    mouth = np.array([pose.mouth for pose in performance.poses])
    start = round(performance.timeline.speech_start_s * 24)
    assert np.array_equal(mouth[start : start + 60], MOUTH)
    assert not mouth[:start].any()
    assert performance.timeline.speech_end_s == pytest.approx((start + 60) / 24)


def test_the_head_moves_smoothly_and_blinks() -> None:
    performance = play()
    yaw = np.array([pose.yaw_deg for pose in performance.poses])
    assert np.abs(np.diff(yaw)).max() < 5.0
    assert len(performance.timeline.blinks_s) >= 2
    assert max(pose.blink for pose in performance.poses) > 0.8


def test_frames_are_as_many_as_said_and_repeat() -> None:
    performance = perform(person("aiko"), (), MOUTH[:2], 6.0, 9, size=(96, 72))
    first = list(performance.frames())
    assert len(first) == performance.timeline.frame_count == len(performance.poses)
    assert first[0].shape == (72, 96, 3)
    assert all(np.array_equal(a, b) for a, b in zip(first, performance.frames(), strict=True))


def test_another_seed_is_another_take() -> None:
    assert play(3).poses == play(3).poses
    assert play(3).poses != play(4).poses


@pytest.mark.parametrize(
    ("turns", "mouth", "fps"),
    [(("up",), MOUTH, 24.0), ((), MOUTH + 1, 24.0), ((), MOUTH[None], 24.0), ((), MOUTH, 0.0)],
)
def test_nonsense_is_refused(turns: tuple[str, ...], mouth: np.ndarray, fps: float) -> None:
    with pytest.raises(BadPerformanceError):
        perform(person("aiko"), turns, mouth, fps)  # type: ignore[arg-type]
