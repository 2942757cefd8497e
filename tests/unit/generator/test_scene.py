from __future__ import annotations

import json

import pytest

from generator.errors import MalformedSceneError
from generator.scene import Action, SceneSpec, Setting


def test_a_scene_survives_json(make_spec):
    spec = make_spec(
        Setting.SHORE,
        actions={"alice": Action.TALK, "bob": Action.WAVE},
        explanation=("一行", "a line"),
        seconds=7.5,
    )
    assert SceneSpec.from_json(spec.to_json()) == spec
    assert SceneSpec.from_json(spec.to_json().encode()) == spec


def test_the_number_of_frames(make_spec):
    assert make_spec(seconds=4.0).frames == 96


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("setting", "moon"),
        ("setting", 3),
        ("size", [640]),
        ("size", [640, 360, 3]),
        ("size", [640, "360"]),
        ("size", [641, 361]),
        ("fps", 24.5),
        ("fps", True),
        ("seconds", "8"),
        ("seconds", 1e9),
        ("seed", None),
        ("actors", {}),
        ("actors", [{"handle": "a", "action": "fly", "lines": []}]),
        ("actors", [{"handle": "a", "action": "walk"}]),
        ("actors", [{"handle": "a", "action": "walk", "lines": [{"text": 1}]}]),
        ("prompt_lang", "fr"),
        ("explanation", "text"),
        ("version", 2),
    ],
)
def test_wrong_values_are_refused(make_spec, field, value):
    fields = json.loads(make_spec().to_json())
    fields[field] = value
    with pytest.raises(MalformedSceneError):
        SceneSpec.from_json(json.dumps(fields))


def test_missing_and_unknown_fields_are_refused(make_spec):
    fields = json.loads(make_spec().to_json())
    with pytest.raises(MalformedSceneError):
        SceneSpec.from_json(json.dumps({**fields, "extra": 1}))
    del fields["seed"]
    with pytest.raises(MalformedSceneError):
        SceneSpec.from_json(json.dumps(fields))


@pytest.mark.parametrize("text", ["", "[]", "null", "{", "[" * 100_000, b"\xff\xfe"])
def test_what_is_not_a_scene_is_refused(text):
    with pytest.raises(MalformedSceneError):
        SceneSpec.from_json(text)
