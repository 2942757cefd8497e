"""Whole captures: live ones pass, each kind of attack fails with a code of its own."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import timedelta

import numpy as np
import pytest

from cameo.likeness.capture import Capture
from cameo.likeness.errors import CaptureUnusableError
from cameo.likeness.liveness import LivenessReport, assess
from cameo.likeness.reasons import REASONS


@pytest.fixture
def judge(faces, voices, hearing, stage):
    def run(capture: Capture, challenge=None, **options) -> LivenessReport:
        asked = challenge or stage.challenge()
        options = {"now": stage.now} | options
        report = assess(capture, asked, faces, voices, hearing, **options)
        assert set(report.reasons) <= set(REASONS)
        assert report.passed == (report.face_template is not None)
        return report

    return run


def status(report: LivenessReport) -> dict[str, str]:
    return {check.name: check.status for check in report.checks}


def test_live_capture_passes_and_gives_templates(judge, stage, faces, voices) -> None:
    report = judge(stage.live())
    assert report.passed, report.to_json()
    assert report.assurance_level == 1
    assert report.reasons == ()
    assert status(report)["presentation_attack"] == "not_checked"
    assert status(report)["voice_spoof"] == "not_checked"
    assert report.face_template.engine == faces.name
    assert report.voice_template.engine == voices.name
    assert report.appearance.image.shape == (512, 512, 3)
    left, _, right, _ = report.appearance.box
    assert (right - left) / 512 == pytest.approx(0.45, abs=0.01)
    json.dumps(report.to_json())


def test_a_simulated_capture_must_pass_and_stays_at_level_0(judge, stage) -> None:
    report = judge(stage.live(), simulated=True)
    assert report.passed
    assert report.assurance_level == 0
    assert report.simulated
    wrong = judge(stage.live(), stage.challenge(digits="855766"), simulated=True)
    assert not wrong.passed


def test_expired_challenge(judge, stage) -> None:
    late = judge(stage.live(), now=stage.now + timedelta(seconds=151))
    assert late.reasons == ("challenge.expired",)
    assert late.assurance_level == 0


def test_digits_of_another_code(judge, stage) -> None:
    report = judge(stage.live(), stage.challenge(digits="855766"))
    assert report.reasons == ("capture.wrong_digits",)


def test_turns_in_another_order(judge, stage) -> None:
    report = judge(stage.live(), stage.challenge(turns=("right", "left", "left")))
    assert report.reasons == ("capture.wrong_turns",)


def test_one_clear_turn_too_many(judge, stage) -> None:
    report = judge(stage.live(), stage.challenge(turns=("left", "right")))
    assert report.reasons == ("capture.wrong_turns",)


def test_static_photograph(judge, stage) -> None:
    person = stage.person("bruno")
    report = judge(stage.capture(stage.scene(), lambda i, _yaw, _mouth: person(i, 0, 0)))
    assert set(report.reasons) == {"capture.wrong_turns", "capture.flat"}


@pytest.mark.slow
def test_printed_photograph_that_is_turned(judge, stage, flat) -> None:
    person = stage.person("bruno")
    report = judge(
        stage.capture(stage.scene(), lambda i, yaw, _mouth: flat(person(i, 0, 0), 1.5 * yaw))
    )
    assert "capture.flat" in report.reasons
    assert "capture.wrong_turns" in report.reasons


def test_silence(judge, stage) -> None:
    report = judge(replace(stage.live(), samples=np.zeros(16_000, np.float32)))
    assert report.reasons == ("capture.silent",)


def test_another_face_from_the_middle_on(judge, stage) -> None:
    one, other, scene = stage.person("bruno"), stage.person("aiko"), stage.scene()
    half = len(scene.yaws) // 2
    report = judge(
        stage.capture(scene, lambda i, yaw, mouth: (one if i < half else other)(i, yaw, mouth))
    )
    assert "capture.changed_face" in report.reasons


@pytest.mark.slow
def test_a_second_face_in_the_picture(judge, stage) -> None:
    person = stage.person("bruno")

    def beside(i: int, yaw: float, mouth: float) -> np.ndarray:
        return np.hstack([person(i, yaw, mouth)[:, 120:360], person(i, 0, 0)[:, 120:360]])

    report = judge(stage.capture(stage.scene(), beside))
    assert "capture.two_faces" in report.reasons


@pytest.mark.slow
def test_nobody_in_the_picture(judge, stage) -> None:
    wall = np.full((360, 480, 3), 128, np.uint8)
    report = judge(stage.capture(stage.scene(), lambda *_: wall))
    assert "capture.no_face" in report.reasons
    assert status(report)["same_face"] == "not_checked"


def test_another_voice_from_the_middle_on(judge, stage, spoken_digits) -> None:
    one, other = spoken_digits("493021", "mai"), spoken_digits("493021", "jun")
    middle = min(len(one), len(other)) // 2
    sound = np.concatenate([one[:middle], other[middle:]])
    report = judge(replace(stage.live(), samples=sound))
    assert "capture.changed_voice" in report.reasons


@pytest.mark.parametrize("count", [0, 10])
def test_too_short(judge, stage, count) -> None:
    frames = [np.zeros((360, 480, 3), np.uint8)] * count
    capture = Capture(frames=frames, fps=16, samples=np.zeros(0, np.float32), rate=16_000)
    with pytest.raises(CaptureUnusableError):
        judge(capture)


def test_too_long(judge) -> None:
    frames = (np.zeros((48, 64, 3), np.uint8) for _ in range(10**6))
    capture = Capture(frames=frames, fps=1.0, samples=np.zeros(0, np.float32), rate=16_000)
    with pytest.raises(CaptureUnusableError):
        judge(capture)
