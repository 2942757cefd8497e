"""Who says what when: lines one after another, hastened or cut where the clip is too short.

The plan is made from the engines' own phone times, so that nothing is adapted twice. What is
changed against the scene is noted, never silent.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import zip_longest

from generator.request import CastMember, VoiceProfile
from generator.scene import Lang, Line, SceneSpec
from generator.sound.values import SpokenLine
from generator.speech import japanese
from generator.speech.errors import NothingToSayError
from generator.speech.synthesis import engine_speech
from generator.speech.values import PAUSE
from generator.speech.voices import PRESETS, base_of, nearest_preset

TEMPOS = (1.0, 1.08, 1.16, 1.24, 1.32)
SPACINGS = ((0.5, 0.4), (0.25, 0.2))
"""(seconds before the first line, seconds between lines): the ease that is tried first."""

TAIL_S = 0.15
FASTEST = {"en": 26.0, "ja": 13.0}  # characters a second that no voice exceeds


@dataclass(frozen=True, kw_only=True, slots=True, eq=False)
class Part:
    """A line with the voice that speaks it."""

    handle: str
    line: Line
    voice: str
    profile: VoiceProfile | None
    natural_s: float  # length at tempo 1
    cut: bool = False


@dataclass(frozen=True, kw_only=True, slots=True, eq=False)
class Plan:
    """Lines in order of time, the profile for each, and the notes."""

    lines: tuple[SpokenLine, ...]
    profiles: tuple[VoiceProfile | None, ...]
    notes: tuple[str, ...]


def plan(spec: SceneSpec, cast: Sequence[CastMember]) -> Plan:
    """Place every line of the scene.

    Lines with a start time of their own start there. The others follow one another in turns
    (each actor's first line, then each one's second), without overlap. When they do not fit they
    are moved closer, then spoken up to 1.32 times as fast, and then cut at a word.

    Args:
        spec: the scene.
        cast: who has a voice profile; all others speak with presets in turn.

    Raises:
        SpeechError: the engine is missing or failed.
    """
    notes: list[str] = []
    parts = _parts(spec, cast, notes)
    fixed = [_place_fixed(p, spec.seconds, notes) for p in parts if p.line.start_s is not None]
    placed = [entry for entry in fixed if entry is not None]
    free = [part for part in parts if part.line.start_s is None]
    placed += _place_free(free, [(s.start_s, s.end_s) for s, _ in placed], spec.seconds, notes)
    placed.sort(key=lambda entry: (entry[0].start_s, entry[0].handle))
    return Plan(
        lines=tuple(line for line, _ in placed),
        profiles=tuple(profile for _, profile in placed),
        notes=tuple(notes),
    )


def voices_of(spec: SceneSpec, cast: Sequence[CastMember]) -> dict[str, str]:
    """Return the preset for each actor: the nearest to the profile, else one not yet taken."""
    profiles = _profiles(cast)
    chosen = {
        actor.handle: nearest_preset(profile)
        for actor in spec.actors
        if (profile := profiles.get(actor.handle)) is not None
    }
    for actor in spec.actors:
        if actor.handle not in chosen:
            free = [v.name for v in PRESETS if v.name not in chosen.values()]
            chosen[actor.handle] = free[0] if free else PRESETS[0].name
    return chosen


def _profiles(cast: Sequence[CastMember]) -> Mapping[str, VoiceProfile | None]:
    return {member.handle: member.voice for member in cast}


def _parts(spec: SceneSpec, cast: Sequence[CastMember], notes: list[str]) -> list[Part]:
    names, profiles = voices_of(spec, cast), _profiles(cast)
    turns = zip_longest(*([(a.handle, line) for line in a.lines] for a in spec.actors))
    parts = []
    left = 2.0 * TEMPOS[-1] * spec.seconds  # more cannot be heard; to measure it would be waste
    for entry in (entry for turn in turns for entry in turn if entry is not None):
        handle, line = entry
        if left <= 0.0:
            notes.append(f"A line of {handle} does not fit into the clip and is left out.")
            continue
        part = Part(
            handle=handle,
            line=line,
            voice=names[handle],
            profile=profiles.get(handle),
            natural_s=0.0,
        )
        try:
            parts.append(_shortened(part, spec.seconds))
            left -= parts[-1].natural_s
        except NothingToSayError:
            notes.append(f"A line of {handle} holds nothing that can be spoken and is left out.")
    return parts


def _shortened(part: Part, seconds: float) -> Part:
    """Measure a line; one that could not fit into the clip at any tempo is cut before."""
    most = int(FASTEST[part.line.lang] * seconds)
    if len(part.line.text) > most:
        words = _words(part.line)
        kept = next(k for k in range(len(words), -1, -1) if len(_text(words, k, part)) <= most)
        part = _with_text(part, _text(words, max(kept, 1), part)[:most], cut=True)
    return replace(part, natural_s=natural_seconds(part.line.text, part.line.lang, part.voice))


def natural_seconds(text: str, lang: Lang, voice: str) -> float:
    """Return the seconds from the first speech sound to the last at the voice's own tempo."""
    phones = engine_speech(text, lang, base_of(voice, lang).engine_voice).phones
    spoken = [phone for phone in phones if phone.label != PAUSE]
    return spoken[-1].end_s - spoken[0].start_s


def _place_fixed(
    part: Part, seconds: float, notes: list[str]
) -> tuple[SpokenLine, VoiceProfile | None] | None:
    start = max(0.0, part.line.start_s or 0.0)
    return _fit(part, start, seconds - TAIL_S - start, 1.0, notes)


def _place_free(
    parts: list[Part], taken: list[tuple[float, float]], seconds: float, notes: list[str]
) -> list[tuple[SpokenLine, VoiceProfile | None]]:
    if not parts:
        return []
    for ease in ((1.0, *SPACINGS[0]), *((tempo, *SPACINGS[-1]) for tempo in TEMPOS)):
        tempo, starts = ease[0], _starts(parts, taken, *ease)
        if starts[-1] + parts[-1].natural_s / tempo <= seconds - TAIL_S:
            break
    placed = []
    for start, part in zip(starts, parts, strict=True):
        ends_by = min([s for s, _ in taken if s >= start] + [seconds - TAIL_S])
        entry = _fit(part, start, ends_by - start, tempo, notes)
        if entry is not None:
            placed.append(entry)
    return placed


def _starts(
    parts: list[Part], taken: list[tuple[float, float]], tempo: float, lead: float, gap: float
) -> list[float]:
    starts, cursor = [], lead
    for part in parts:
        length = part.natural_s / tempo
        for begin, end in sorted(taken):
            if cursor < end + gap and cursor + length > begin - gap:
                cursor = end + gap
        starts.append(cursor)
        cursor += length + gap
    return starts


def _fit(
    part: Part, start: float, room_s: float, tempo: float, notes: list[str]
) -> tuple[SpokenLine, VoiceProfile | None] | None:
    """Place a line in ``room_s`` seconds: hasten it first, then cut it at a word."""
    fits = [t for t in TEMPOS if t >= tempo and part.natural_s / t <= room_s + 1e-6]
    chosen = fits[0] if fits else TEMPOS[-1]
    if not fits:
        shorter = _cut(part, room_s * chosen)
        if shorter is None:
            notes.append(f"A line of {part.handle} does not fit into the clip and is left out.")
            return None
        part = shorter
    if part.cut:
        notes.append(f"A line of {part.handle} is cut after “{_last_words(part.line)}”.")
    if chosen > 1.0:
        notes.append(f"A line of {part.handle} is spoken {chosen:.2f} times as fast.")
    line = SpokenLine(
        handle=part.handle,
        text=part.line.text,
        lang=part.line.lang,
        voice=part.voice,
        start_s=start,
        end_s=start + part.natural_s / chosen,
        tempo=chosen,
        whole=not part.cut,
    )
    return line, part.profile


def _cut(part: Part, room_s: float) -> Part | None:
    """Return the longest beginning of whole words that lasts at most ``room_s``, or None.

    Length grows almost evenly with the words, so that the search guesses by proportion, and halves
    the rest every third time in case it does not.
    """
    words, best = _words(part.line), None
    low, low_s, high, high_s = 0, 0.0, len(words), part.natural_s
    probes = 0
    while high - low > 1:
        probes += 1
        share = (room_s - low_s) / max(high_s - low_s, 1e-6) if probes % 3 else 0.5
        middle = min(max(low + int((high - low) * share), low + 1), high - 1)
        beginning = _beginning(part, words, middle)
        if beginning.natural_s <= room_s:
            low, low_s = middle, beginning.natural_s
            best = beginning if beginning.natural_s > 0.0 else best
        else:
            high, high_s = middle, beginning.natural_s
    return best


def _beginning(part: Part, words: Sequence[str], count: int) -> Part:
    """Cut a line to its first words; it lasts 0 seconds where nothing of them is spoken."""
    text = _text(words, count, part)
    try:
        length = natural_seconds(text, part.line.lang, part.voice)
    except NothingToSayError:
        length = 0.0
    return replace(_with_text(part, text, cut=True), natural_s=length)


def _words(line: Line) -> tuple[str, ...]:
    return japanese.words(line.text) if line.lang == "ja" else tuple(line.text.split())


def _text(words: Sequence[str], count: int, part: Part) -> str:
    return ("" if part.line.lang == "ja" else " ").join(words[:count])


def _with_text(part: Part, text: str, *, cut: bool) -> Part:
    return replace(part, line=replace(part.line, text=text), cut=cut)


def _last_words(line: Line) -> str:
    return line.text[-24:].strip()
