"""Are these two faces, or these two voices, the same person's?"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from cameo.likeness.arrays import Frame, Samples, Vector
from cameo.likeness.errors import NoFaceError, SeveralFacesError, TooLittleSpeechError
from cameo.likeness.faces import FaceEngine
from cameo.likeness.segments import spoken
from cameo.likeness.speech import Speech
from cameo.likeness.voices import VoiceEngine

Verdict = Literal["same", "different", "retry"]
_RIVAL_FACE = 0.6  # of the largest face's width: then it is not clear whose picture it is


@dataclass(frozen=True, kw_only=True, slots=True)
class Comparison:
    """Two likenesses compared.

    Attributes:
        similarity: higher is more alike, on the scale of `model`.
        threshold: from which the verdict is "same".
        verdict: "retry" a little below: a better picture or recording may decide.
        model: name of the engine.
    """

    similarity: float
    threshold: float
    verdict: Verdict
    model: str

    def to_json(self) -> dict[str, object]:
        """Returns plain values, the similarity rounded to four places."""
        return {
            "similarity": round(self.similarity, 4),
            "threshold": self.threshold,
            "verdict": self.verdict,
            "model": self.model,
        }


def judge(engine: FaceEngine | VoiceEngine, similarity: float) -> Comparison:
    """Returns the verdict that the engine's own thresholds give a similarity."""
    verdict: Verdict = "different"
    if similarity >= engine.accept:
        verdict = "same"
    elif similarity >= engine.retry:
        verdict = "retry"
    return Comparison(
        similarity=similarity, threshold=engine.accept, verdict=verdict, model=engine.name
    )


def compare_faces(engine: FaceEngine, a: Frame, b: Frame) -> Comparison:
    """Compares the one face of each picture.

    Raises:
        NoFaceError: a picture shows none.
        SeveralFacesError: a picture shows several of about the same size.
    """
    return judge(engine, engine.similarity(face_vector(engine, a), face_vector(engine, b)))


def face_vector(engine: FaceEngine, picture: Frame) -> Vector:
    """Returns the vector of the one face of a picture; smaller faces behind it are left out.

    Raises:
        NoFaceError: it shows none.
        SeveralFacesError: it shows several of about the same size.
    """
    faces = engine.detect(picture, thorough=True)
    if not faces:
        raise NoFaceError
    if len(faces) > 1 and faces[1].width >= _RIVAL_FACE * faces[0].width:
        raise SeveralFacesError(f"{len(faces)} faces.")
    return engine.embed(picture, faces[0])


def compare_voices(
    engine: VoiceEngine, a: Samples, b: Samples, speech: Speech | None = None
) -> Comparison:
    """Compares the one voice of each recording.

    Args:
        engine: compares them.
        a: 16 kHz mono in [-1, 1].
        b: the same.
        speech: cuts the pauses out; without it the whole recordings are compared.

    Raises:
        TooLittleSpeechError: a recording holds too little.
    """
    return judge(
        engine, engine.similarity(voice_vector(engine, a, speech), voice_vector(engine, b, speech))
    )


def voice_vector(engine: VoiceEngine, samples16k: Samples, speech: Speech | None) -> Vector:
    """Returns the vector of a recording's voice.

    Raises:
        TooLittleSpeechError: it holds too little speech.
    """
    if speech is None:
        return engine.embed(samples16k)
    segments = speech.segments(samples16k)
    if not segments:
        raise TooLittleSpeechError
    return engine.embed(spoken(samples16k, segments))
