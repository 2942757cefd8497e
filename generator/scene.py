"""The scene: everything about a clip that is decided before a frame is drawn.

A `SceneSpec` is a plain value. It survives a round trip through JSON unchanged, so that a worker
on another machine, or after a crash, draws the very same clip.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from enum import StrEnum
from typing import Literal, TypeVar

from generator.errors import GeneratorError, MalformedSceneError
from generator.request import MAX_PEOPLE, Style, check_format

Lang = Literal["en", "ja"]
VERSION = 1
MAX_LINES = 12  # lines one actor speaks
MAX_LINE = 4000  # characters of one line


class Setting(StrEnum):
    """Where it happens."""

    AVENUE = "avenue"  # an avenue of cherry trees
    SHORE = "shore"  # a beach and the open sea
    STREET = "street"  # a city street, wet from the rain
    ROOM = "room"  # a living room


class TimeOfDay(StrEnum):
    """When it happens."""

    MORNING = "morning"
    DAY = "day"
    DUSK = "dusk"
    NIGHT = "night"


class Weather(StrEnum):
    """What the sky does."""

    CLEAR = "clear"
    CLOUDY = "cloudy"
    RAIN = "rain"
    SNOW = "snow"


class CameraMove(StrEnum):
    """How the camera moves."""

    STATIC = "static"
    PAN_LEFT = "pan_left"
    PAN_RIGHT = "pan_right"
    DOLLY_IN = "dolly_in"
    DOLLY_OUT = "dolly_out"
    TRACKING = "tracking"
    ORBIT = "orbit"
    HANDHELD = "handheld"


class Action(StrEnum):
    """What a person does; whoever has lines also speaks them."""

    WALK = "walk"
    TALK = "talk"
    STAND = "stand"
    WAVE = "wave"


@dataclass(frozen=True, kw_only=True, slots=True)
class Line:
    """Something said.

    Attributes:
        text: the words.
        lang: their language.
        start_s: when to begin, in seconds from the start; None leaves it to the sound.
    """

    text: str
    lang: Lang
    start_s: float | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class Actor:
    """One person in the scene, from the left of the picture to the right in tuple order."""

    handle: str
    action: Action
    lines: tuple[Line, ...] = ()


@dataclass(frozen=True, kw_only=True, slots=True)
class SceneSpec:
    """A whole scene.

    Attributes:
        setting: where.
        time_of_day: when.
        weather: sky and precipitation.
        camera: the camera's move.
        style: the look.
        size: width and height in pixels.
        fps: frames a second.
        seconds: length in seconds, 4..60.
        seed: everything random is drawn from it.
        actors: who is in it, at most two.
        prompt_lang: the language of the prompt.
        explanation: one line for each thing that was understood, assumed or left out.
    """

    setting: Setting
    time_of_day: TimeOfDay
    weather: Weather
    camera: CameraMove
    style: Style
    size: tuple[int, int]
    fps: int
    seconds: float
    seed: int
    actors: tuple[Actor, ...] = ()
    prompt_lang: Lang = "en"
    explanation: tuple[str, ...] = ()

    @property
    def frames(self) -> int:
        """How many frames the clip has."""
        return round(self.seconds * self.fps)

    def to_json(self) -> str:
        """Return the scene as JSON text with sorted keys."""
        fields = {"version": VERSION, **asdict(self)}
        return json.dumps(fields, sort_keys=True, ensure_ascii=False, separators=(",", ":"))

    @staticmethod
    def from_json(text: str | bytes) -> SceneSpec:
        """Read what `to_json` wrote.

        Raises:
            MalformedSceneError: not JSON, a field missing, unknown or of a wrong type, or a value
                out of its bounds.
        """
        try:
            return _scene(json.loads(text))
        except MalformedSceneError:
            raise
        except (ValueError, RecursionError, GeneratorError) as error:
            raise MalformedSceneError(str(error)) from error


_E = TypeVar("_E", bound=StrEnum)
_SCENE_FIELDS = frozenset(
    {"version", "setting", "time_of_day", "weather", "camera", "style", "size", "fps", "seconds"}
    | {"seed", "actors", "prompt_lang", "explanation"}
)


def _scene(value: object) -> SceneSpec:
    fields = _object(value, _SCENE_FIELDS, "scene")
    if fields["version"] != VERSION:
        raise MalformedSceneError("another version")
    size = tuple(_integer(side, "size") for side in _array(fields["size"], "size", 2))
    if len(size) != 2:
        raise MalformedSceneError("size: two numbers are needed")
    seconds, fps = _number(fields["seconds"], "seconds"), _integer(fields["fps"], "fps")
    check_format((size[0], size[1]), seconds, fps)
    return SceneSpec(
        setting=_enum(Setting, fields["setting"]),
        time_of_day=_enum(TimeOfDay, fields["time_of_day"]),
        weather=_enum(Weather, fields["weather"]),
        camera=_enum(CameraMove, fields["camera"]),
        style=_enum(Style, fields["style"]),
        size=(size[0], size[1]),
        fps=fps,
        seconds=seconds,
        seed=_integer(fields["seed"], "seed"),
        actors=tuple(_actor(item) for item in _array(fields["actors"], "actors", MAX_PEOPLE)),
        prompt_lang=_lang(fields["prompt_lang"]),
        explanation=tuple(
            _string(item, "explanation") for item in _array(fields["explanation"], "lines", 64)
        ),
    )


def _actor(value: object) -> Actor:
    fields = _object(value, frozenset({"handle", "action", "lines"}), "actor")
    return Actor(
        handle=_string(fields["handle"], "handle"),
        action=_enum(Action, fields["action"]),
        lines=tuple(_line(item) for item in _array(fields["lines"], "lines", MAX_LINES)),
    )


def _line(value: object) -> Line:
    fields = _object(value, frozenset({"text", "lang", "start_s"}), "line")
    text, start = _string(fields["text"], "text"), fields["start_s"]
    if len(text) > MAX_LINE:
        raise MalformedSceneError("text: too long")
    return Line(
        text=text,
        lang=_lang(fields["lang"]),
        start_s=None if start is None else _number(start, "start_s"),
    )


def _object(value: object, fields: frozenset[str], name: str) -> Mapping[str, object]:
    if not isinstance(value, dict) or frozenset(value) != fields:
        raise MalformedSceneError(f"{name}: the fields must be {', '.join(sorted(fields))}")
    return value


def _array(value: object, name: str, most: int) -> list[object]:
    if not isinstance(value, list) or len(value) > most:
        raise MalformedSceneError(f"{name}: a list of at most {most} is needed")
    return value


def _string(value: object, name: str) -> str:
    if not isinstance(value, str):
        raise MalformedSceneError(f"{name}: text is needed")
    return value


def _integer(value: object, name: str) -> int:
    if not isinstance(value, int) or isinstance(value, bool):
        raise MalformedSceneError(f"{name}: a whole number is needed")
    return value


def _number(value: object, name: str) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise MalformedSceneError(f"{name}: a number is needed")
    return float(value)


def _enum(kind: type[_E], value: object) -> _E:
    return kind(_string(value, kind.__name__))


def _lang(value: object) -> Lang:
    if value == "en":
        return "en"
    if value == "ja":
        return "ja"
    raise MalformedSceneError("a language must be en or ja")
