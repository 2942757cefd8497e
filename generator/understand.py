"""From a prompt to a scene: a small grammar of settings, times, moves, people and speech.

It is a table, not a model, and says so: whatever it could not follow, it reports in the scene's
`explanation`.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import TypeVar

from generator import speech_in_prompt as speech
from generator import vocabulary as words
from generator.request import RenderRequest
from generator.scene import (
    Action,
    Actor,
    CameraMove,
    Lang,
    Line,
    SceneSpec,
    Setting,
    Weather,
)

_E = TypeVar("_E", bound=StrEnum)


@dataclass(slots=True)
class _Reading:
    """A prompt being read: its words without quotations, and what is to be explained."""

    plain: str
    lang: Lang
    notes: list[str] = field(default_factory=list)


def parse(request: RenderRequest) -> SceneSpec:
    """Understand a request.

    Raises:
        GeneratorError: what `RenderRequest.validate` raises, and nothing else.
    """
    request.validate()
    lang = speech.language(request.prompt)
    reading = _Reading(plain=speech.without_quotes(request.prompt).lower(), lang=lang)
    setting = _setting(reading)
    actors = _actors(request, reading, setting)
    time = _first(reading.plain, words.TIMES) or words.USUAL_TIME[setting]
    weather = _weather(reading, setting)
    return SceneSpec(
        setting=setting,
        time_of_day=time,
        weather=weather,
        camera=_camera(reading, setting, actors),
        style=request.style,
        size=request.size,
        fps=request.fps,
        seconds=float(request.seconds),
        seed=request.seed,
        actors=actors,
        prompt_lang=lang,
        explanation=(
            f"Setting: {words.NAMES[setting]}; {time.value}; {weather.value}.",
            *reading.notes,
        ),
    )


def _find(text: str, word: str) -> int:
    """Where a word stands in lower-case text, or -1; Latin words match whole words only."""
    if word.isascii() or "é" in word:
        match = re.search(rf"(?<![a-z@_]){re.escape(word)}(?![a-z_])", text)
        return match.start() if match else -1
    return text.find(word)


def _first(text: str, table: Mapping[_E, Sequence[str]]) -> _E | None:
    """Return the entry whose word stands first; of two at one place the longer word wins."""
    hits = [
        (place, -len(word), entry)
        for entry, listed in table.items()
        for word in listed
        if (place := _find(text, word)) >= 0
    ]
    return min(hits, key=lambda hit: hit[:2])[2] if hits else None


def _word(text: str, listed: Sequence[str]) -> str | None:
    hits = [word for word in listed if _find(text, word) >= 0]
    return min(hits, key=lambda word: _find(text, word)) if hits else None


def _setting(reading: _Reading) -> Setting:
    known = _first(reading.plain, words.SETTINGS)
    near = _first(reading.plain, words.NEAREST)
    if known is not None:
        return known
    if near is not None:
        word = _word(reading.plain, words.NEAREST[near])
        reading.notes.append(f"“{word}” cannot be drawn; the nearest is {words.NAMES[near]}.")
        return near
    name = words.NAMES[Setting.AVENUE]
    reading.notes.append(f"No setting that can be drawn is named; it is {name}.")
    return Setting.AVENUE


def _weather(reading: _Reading, setting: Setting) -> Weather:
    text = reading.plain
    after = _word(text, words.AFTER_RAIN)
    if after is not None:
        text = text.replace(after, " ")
        if setting is not Setting.STREET:
            reading.notes.append("The rain is over; only a street shows the wet ground.")
    return _first(text, words.WEATHERS) or Weather.CLEAR


def _camera(reading: _Reading, setting: Setting, actors: tuple[Actor, ...]) -> CameraMove:
    asked = _first(reading.plain, words.MOVES)
    if asked is not None:
        return asked
    near = _first(reading.plain, words.NEAREST_MOVE)
    if near is not None:
        word = _word(reading.plain, words.NEAREST_MOVE[near])
        reading.notes.append(f"The camera cannot do “{word}”; it does {near.value} instead.")
        return near
    if any(actor.action is Action.WALK for actor in actors):
        return CameraMove.TRACKING
    if not actors and setting is Setting.SHORE:
        return CameraMove.PAN_RIGHT
    return CameraMove.DOLLY_IN


def _actors(request: RenderRequest, reading: _Reading, setting: Setting) -> tuple[Actor, ...]:
    found = speech.mentions(request.prompt)
    cast = [member.handle.lower() for member in request.cast]
    named = [handle for handle in dict.fromkeys(m.handle for m in found) if handle in cast]
    for handle in dict.fromkeys(m.handle for m in found):
        if handle not in cast:
            reading.notes.append(f"@{handle} is not in the cast and is left out.")
    handles = named or cast
    if cast and not named:
        reading.notes.append("The prompt names nobody; everybody in the cast appears.")
    for handle in cast:
        if handle not in handles:
            reading.notes.append(f"@{handle} is cast but not named in the prompt and is left out.")
    lines, notes = speech.speakers(speech.quotes(request.prompt), found, handles)
    reading.notes.extend(notes)
    texts = speech.clauses(reading.plain, found)
    return tuple(
        _actor(reading, setting, handle, texts.get(handle, ""), lines[handle]) for handle in handles
    )


def _actor(
    reading: _Reading, setting: Setting, handle: str, clause: str, lines: tuple[Line, ...]
) -> Actor:
    action = _first(clause, words.ACTIONS) or _first(reading.plain, words.ACTIONS)
    source = clause if _first(clause, words.ACTIONS) else reading.plain
    talks = bool(_word(source, words.ACTIONS[Action.TALK]))
    if action is None:
        action = Action.TALK if lines else Action.STAND
    elif action in (Action.TALK, Action.STAND) and _word(source, words.ACTIONS[Action.WALK]):
        action = Action.WALK
    odd = _word(source, tuple(words.INSTEAD))
    if odd is not None:
        reading.notes.append(f"“{odd}” cannot be shown; @{handle} {words.INSTEAD[odd]} instead.")
    if talks and not lines:
        lines = (_small_talk(reading, setting),)
        reading.notes.append(f"@{handle} is given a line: {lines[0].text}")
    return Actor(handle=handle, action=action, lines=lines)


def _small_talk(reading: _Reading, setting: Setting) -> Line:
    said = sum(": " in note and "is given a line" in note for note in reading.notes)
    text = words.SMALL_TALK[setting, reading.lang][said % 2]
    return Line(text=text, lang=reading.lang)
