"""Did a live person answer this challenge? Every check apart, then one verdict and its level.

What level 1 means: the challenge was answered, by what moves like a solid head and speaks with one
voice. What it does not mean: video that software makes in answer to the challenge and feeds in
place of the camera (a deepfake injected, a warped mesh) is NOT detected at level 1, nor are
synthetic or cloned voices. Levels 2 and 3 need models and capture devices that are not part of this
package, and are not reachable without them.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

import numpy as np

from cameo.likeness.appearance import Appearance, best_appearance
from cameo.likeness.arrays import Samples, Vector
from cameo.likeness.capture import Capture
from cameo.likeness.challenge import Challenge
from cameo.likeness.checks.absent import absent_checks
from cameo.likeness.checks.check import Check
from cameo.likeness.checks.digits import check_digits
from cameo.likeness.checks.fresh import check_fresh
from cameo.likeness.checks.lips import check_lips
from cameo.likeness.checks.one_speaker import check_one_speaker
from cameo.likeness.checks.presence import check_face_present, check_one_face
from cameo.likeness.checks.same_face import check_same_face
from cameo.likeness.checks.solid import check_solid
from cameo.likeness.checks.turns import check_turns
from cameo.likeness.dlib_faces import FivePoints
from cameo.likeness.faces import FaceEngine
from cameo.likeness.segments import Segment, spoken
from cameo.likeness.speech import Speech
from cameo.likeness.survey import Survey, survey
from cameo.likeness.templates import FaceTemplate, VoiceTemplate, voice_template
from cameo.likeness.turning import find_turns
from cameo.likeness.voices import VoiceEngine

ANSWERED, SIMULATED = 1, 0
_FACING = 14.0  # degrees: vectors of wider turned faces differ too much to tell people apart
_VECTOR_EVERY_S = 0.6
_TEMPLATE_VECTORS = 8


@dataclass(frozen=True, kw_only=True, slots=True, eq=False)
class LivenessReport:
    """All checks and what follows from them.

    Attributes:
        checks: in a fixed order, each with its figure.
        passed: every required check passed.
        assurance_level: 1 passed, 0 not passed or a self-declared simulated capture.
        simulated: the capture was declared to be simulated.
        face_template, voice_template, appearance: only where `passed`.
    """

    checks: tuple[Check, ...]
    passed: bool
    assurance_level: int
    simulated: bool
    face_template: FaceTemplate | None = None
    voice_template: VoiceTemplate | None = None
    appearance: Appearance | None = None

    @property
    def reasons(self) -> tuple[str, ...]:
        """Reason codes of the required checks that do not stand, without repetition."""
        codes = [c.code or "capture.unusable" for c in self.checks if not c.stands]
        return tuple(dict.fromkeys(codes))

    def to_json(self) -> dict[str, object]:
        """Returns plain values; templates and pictures are left out."""
        return {
            "passed": self.passed,
            "assurance_level": self.assurance_level,
            "simulated": self.simulated,
            "reasons": list(self.reasons),
            "checks": [check.to_json() for check in self.checks],
        }


def assess(
    capture: Capture,
    challenge: Challenge,
    face_engine: FaceEngine,
    voice_engine: VoiceEngine,
    speech: Speech,
    *,
    now: datetime,
    simulated: bool = False,
) -> LivenessReport:
    """Judges a capture against the challenge that it answers.

    Args:
        capture: pictures and sound; its frames are read once.
        challenge: as it was issued; that it is used once is the caller's duty.
        face_engine: finds and compares faces.
        voice_engine: compares voices.
        speech: finds speech and digits.
        now: when the capture arrived, aware.
        simulated: the caller says that no real person was recorded. Every check must pass all the
            same, and the level stays 0.

    Raises:
        CaptureUnusableError: no pictures, pictures of several sizes, wrong times, shorter than 2 s
            or longer than 45 s.
        ModelMissingError: dlib's landmark model, which the appearance needs, is not installed.
    """
    seen = survey(capture, face_engine)
    sound = capture.speech_samples()
    heard = speech.recognise_digits(sound, len(challenge.digits))
    words = spoken(sound, heard.segments)
    vectors = _facing_vectors(seen, face_engine)
    turns = find_turns(seen.yaws)
    checks = (
        check_fresh(challenge, now),
        check_face_present(seen),
        check_one_face(seen),
        check_turns(turns, challenge.turns),
        check_solid(seen, turns),
        check_same_face(face_engine, vectors),
        check_digits(heard, challenge.digits),
        check_one_speaker(voice_engine, words),
        check_lips(seen, sound),
        *absent_checks(),
    )
    if not all(check.stands for check in checks):
        return LivenessReport(
            checks=checks, passed=False, assurance_level=SIMULATED, simulated=simulated
        )
    return LivenessReport(
        checks=checks,
        passed=True,
        assurance_level=SIMULATED if simulated else ANSWERED,
        simulated=simulated,
        face_template=_face_template(face_engine, vectors),
        voice_template=_voice_template(voice_engine, words),
        appearance=_appearance(seen, heard.segments),
    )


def _facing_vectors(seen: Survey, engine: FaceEngine) -> list[Vector]:
    vectors, due = [], 0.0
    for look in seen.with_face:
        if look.at >= due and abs(look.yaw) <= _FACING:
            vectors.append(engine.embed(look.frame, look.faces[0]))
            due = look.at + _VECTOR_EVERY_S
    return vectors


def _face_template(engine: FaceEngine, vectors: Sequence[Vector]) -> FaceTemplate:
    """Keeps vectors from all over the capture, so that one bad moment does not stand for it."""
    picks = np.linspace(0, len(vectors) - 1, min(_TEMPLATE_VECTORS, len(vectors))).round()
    chosen = np.stack([vectors[int(i)] for i in picks]).astype(np.float32)
    return FaceTemplate(engine=engine.name, vectors=chosen)


def _voice_template(engine: VoiceEngine, words: Samples) -> VoiceTemplate:
    return voice_template(engine, [engine.embed(words)])


def _appearance(seen: Survey, speech: Sequence[Segment]) -> Appearance:
    return best_appearance(seen, speech, FivePoints())
