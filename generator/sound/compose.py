"""The whole sound of a scene, from its layers."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from generator.people.gait import footfalls
from generator.request import CastMember, VoiceProfile
from generator.scene import SceneSpec
from generator.sound.ambience import ambience
from generator.sound.dialogue import Plan, plan
from generator.sound.footsteps import footsteps, ground_of
from generator.sound.mix import DUCK_DB, ducking, echo, fade_edges, limit
from generator.sound.noise import add, pan
from generator.sound.values import SoundResult, SpokenLine, Stereo
from generator.speech.mouth import mouth_track
from generator.speech.synthesis import synthesise
from generator.speech.values import PAUSE, RATE, Speech

STEP_DUCK_DB = -3.0
WIDTH = 0.3  # how far to the side two people are heard


def compose(spec: SceneSpec, cast: Sequence[CastMember]) -> SoundResult:
    """Make all the sound of a clip: the place, the steps and what is said.

    Args:
        spec: the scene; the same spec and cast give the same samples.
        cast: voice profiles by handle.

    Returns:
        Stereo at 48 kHz of exactly ``round(seconds * 48000)`` samples, peaks at most -1 dBFS and
        speech about -20 dBFS RMS; the mouths; the lines as spoken; the notes.

    Raises:
        SpeechError: a line cannot be spoken because the engine is missing or failed.
    """
    count = round(spec.seconds * RATE)
    script = plan(spec, cast)
    spoken = [(line.start_s, line.end_s) for line in script.lines]
    talk, mouth = _talk(spec, script, count)
    place = ambience(spec, count) * ducking(spoken, count, DUCK_DB)[:, None]
    steps = _steps(spec, count) * ducking(spoken, count, STEP_DUCK_DB)[:, None]
    mixed = place + echo(talk + steps, spec.setting)
    return SoundResult(
        samples=fade_edges(limit(mixed)), mouth=mouth, lines=script.lines, notes=script.notes
    )


def place_of(index: int, people: int) -> float:
    """Return where the actor at ``index`` is heard: actors stand from left to right."""
    return 0.0 if people < 2 else WIDTH * (2.0 * index / (people - 1) - 1.0)


def _steps(spec: SceneSpec, count: int) -> Stereo:
    bus = np.zeros((count, 2), dtype=np.float32)
    falls, ground = footfalls(spec), ground_of(spec)
    for index, actor in enumerate(spec.actors):
        times = falls.get(actor.handle, ())
        if times:
            mono = footsteps(ground, times, count, spec.seed, actor.handle)
            bus += pan(mono, place_of(index, len(spec.actors)))
    return bus


def _talk(
    spec: SceneSpec, script: Plan, count: int
) -> tuple[Stereo, dict[str, npt.NDArray[np.float32]]]:
    bus = np.zeros((count, 2), dtype=np.float32)
    mouth = {actor.handle: np.zeros(spec.frames, dtype=np.float32) for actor in spec.actors}
    order = [actor.handle for actor in spec.actors]
    for line, profile in zip(script.lines, script.profiles, strict=True):
        speech = _speak(line, profile)
        first = next(phone.start_s for phone in speech.phones if phone.label != PAUSE)
        start = line.start_s - first
        place = place_of(order.index(line.handle), len(order))
        add(bus, pan(speech.samples, place), start)
        track = mouth_track(speech.phones, spec.fps, spec.frames, start)
        mouth[line.handle] = np.maximum(mouth[line.handle], track)
    return bus, mouth


def _speak(line: SpokenLine, profile: VoiceProfile | None) -> Speech:
    return synthesise(line.text, line.lang, line.voice, profile, tempo=line.tempo)
