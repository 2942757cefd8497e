"""Builds the likeness engines that the settings choose; each once a process, on first use."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from pathlib import Path

from cameo.flows.chunks import Frames
from cameo.likeness.arrays import Vector
from cameo.likeness.capture import Capture
from cameo.likeness.challenge import Challenge
from cameo.likeness.faces import FaceEngine
from cameo.likeness.liveness import LivenessReport, assess
from cameo.likeness.speech import LocalSpeech
from cameo.likeness.voices import VoiceEngine
from cameo.settings import Settings
from moderation.output import FaceHit


@dataclass(frozen=True)
class Engines:
    """Face, voice and speech, as chosen."""

    settings: Settings

    @cached_property
    def faces(self) -> FaceEngine:
        """The face engine. Heavy libraries are imported only when they are wanted."""
        choice = self.settings.face_model
        if choice.startswith("insightface:"):
            from cameo.likeness.insightface_faces import InsightFaces  # noqa: PLC0415

            return InsightFaces(Path(choice.removeprefix("insightface:")))
        from cameo.likeness.dlib_faces import DlibFaces  # noqa: PLC0415

        return DlibFaces()

    @cached_property
    def voices(self) -> VoiceEngine:
        """The voice engine."""
        choice = self.settings.voice_model
        if choice.startswith("speechbrain:"):
            from cameo.likeness.ecapa_voices import EcapaVoices  # noqa: PLC0415

            return EcapaVoices(Path(choice.removeprefix("speechbrain:")))
        from cameo.likeness.resemblyzer_voices import ResemblyzerVoices  # noqa: PLC0415

        return ResemblyzerVoices()

    @cached_property
    def speech(self) -> LocalSpeech:
        """Voice activity and spoken digits."""
        return LocalSpeech()


@dataclass(frozen=True)
class EngineAssessor:
    """`cameo.flows.enrol.Assessor` over the chosen engines."""

    engines: Engines

    @property
    def models(self) -> tuple[str, str]:
        """Names of the face and the voice model."""
        return self.engines.faces.name, self.engines.voices.name

    def assess(
        self, capture: Capture, challenge: Challenge, *, now: datetime, simulated: bool
    ) -> LivenessReport:
        """Judge a capture."""
        return assess(
            capture,
            challenge,
            self.engines.faces,
            self.engines.voices,
            self.engines.speech,
            now=now,
            simulated=simulated,
        )


@dataclass(frozen=True)
class EngineMatcher:
    """`moderation.output.FaceMatcher` over the chosen face engine."""

    engine: FaceEngine

    def faces(self, frame: Frames) -> Sequence[FaceHit]:
        """Every face in a frame with its vector."""
        return [
            FaceHit(box=face.box, vector=self.engine.embed(frame, face))
            for face in self.engine.detect(frame)
        ]

    def similarity(self, left: Vector, right: Vector) -> float:
        """How alike two vectors are, on the engine's scale."""
        return self.engine.similarity(left, right)
