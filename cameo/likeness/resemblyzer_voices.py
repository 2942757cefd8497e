"""Voices by Resemblyzer (a GE2E speaker encoder): 256 numbers, weights inside its package."""

from __future__ import annotations

import threading
import warnings
from typing import Any

import numpy as np

from cameo.likeness.arrays import LIKENESS_RATE, Samples, Vector, unit
from cameo.likeness.errors import ModelBrokenError, ModelMissingError, TooLittleSpeechError

_SHORTEST_S = 0.5
_QUIETEST = 1e-4


class ResemblyzerVoices:
    """The embedded voice engine, on the CPU and one thread."""

    name = "resemblyzer-0.1"
    accept = 0.80
    retry = 0.75
    steady = 0.68

    def __init__(self) -> None:
        """Loads the encoder.

        Raises:
            ModelMissingError: the package is not installed.
            ModelBrokenError: its weights could not be read.
        """
        with warnings.catch_warnings():
            # It imports pkg_resources and an old scipy path; both only warn.
            warnings.simplefilter("ignore")
            try:
                import resemblyzer  # noqa: PLC0415 - slow to import; only where voices are compared
                import torch  # noqa: PLC0415
            except ImportError as error:
                raise ModelMissingError(
                    "Install the packages resemblyzer and setuptools<81."
                ) from error
            torch.set_num_threads(1)  # more threads were slower by 2-20 times under load
            try:
                self._encoder: Any = resemblyzer.VoiceEncoder(device="cpu", verbose=False)
            except Exception as error:
                raise ModelBrokenError(str(error)) from error
            self._preprocess: Any = resemblyzer.preprocess_wav
        self._encoder.eval()
        self._lock = threading.Lock()

    def embed(self, samples16k: Samples) -> Vector:
        """See `VoiceEngine.embed`; pauses are cut out and the level is raised first."""
        wave = np.clip(np.asarray(samples16k, dtype=np.float32), -1.0, 1.0)
        if wave.size < _SHORTEST_S * LIKENESS_RATE or float(np.abs(wave).max()) < _QUIETEST:
            raise TooLittleSpeechError
        with self._lock, warnings.catch_warnings():
            warnings.simplefilter("ignore")
            trimmed = np.asarray(self._preprocess(wave), dtype=np.float32)
            if trimmed.size < _SHORTEST_S * LIKENESS_RATE:
                trimmed = wave
            return unit(self._encoder.embed_utterance(trimmed))

    def similarity(self, a: Vector, b: Vector) -> float:
        """The cosine of the angle between two vectors; never negative for this encoder."""
        return float(unit(a) @ unit(b))
