"""When somebody speaks, and which digits are heard.

Voice activity is silero-vad's ONNX network, run directly: its Python package would import torch.
Digits are decoded one at a time by pocketsphinx: with a loop over all digits it was right for no
whole code, with each digit cut out first a majority is right. Its model is American English;
digits in other languages are not heard.
"""

from __future__ import annotations

import importlib.util
import threading
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol, runtime_checkable

import numpy as np
import onnxruntime
import pocketsphinx

from cameo.likeness.arrays import LIKENESS_RATE, Samples
from cameo.likeness.errors import ModelBrokenError, ModelMissingError
from cameo.likeness.segments import Segment, cut_long, merge

_WORDS = ("zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine")
_ALSO = {"oh": "0"}
_CHUNK = 512
_CONTEXT = 64
_LEVEL = 0.7
_MARGIN = 4800  # samples of faint noise around each digit; the decoder wants silence to start from


@dataclass(frozen=True, kw_only=True, slots=True)
class DigitsHeard:
    """What was heard: one entry a segment, `text` joined; "" where a segment was no digit."""

    per_segment: tuple[str, ...]
    segments: tuple[Segment, ...]

    @property
    def text(self) -> str:
        """The digits in their order."""
        return "".join(self.per_segment)


@runtime_checkable
class Speech(Protocol):
    """Finds speech and digits in sound.

    Implementations use local models only, are deterministic and may be called from several threads.
    """

    def segments(self, samples16k: Samples) -> list[Segment]:
        """Returns where somebody speaks, in order and not overlapping; silence gives none."""
        ...

    def recognise_digits(self, samples16k: Samples, expected_count: int = 6) -> DigitsHeard:
        """Returns the digits heard.

        `expected_count` may steer where long stretches are cut; it never steers which digits are
        heard, and the expected digits themselves are never given.
        """
        ...


class LocalSpeech:
    """silero-vad and pocketsphinx, both from their packages."""

    def __init__(self) -> None:
        """Loads both models.

        Raises:
            ModelMissingError: silero-vad is not installed.
            ModelBrokenError: a model could not be loaded.
        """
        options = onnxruntime.SessionOptions()
        options.inter_op_num_threads = 1
        options.intra_op_num_threads = 1
        options.log_severity_level = 3
        path = _silero_file()
        try:
            self._activity = onnxruntime.InferenceSession(
                str(path), options, providers=["CPUExecutionProvider"]
            )
            self._decoder = _digit_decoder()
        except Exception as error:
            raise ModelBrokenError(str(error)) from error
        self._lock = threading.Lock()  # the decoder is one utterance at a time

    def probabilities(self, samples16k: Samples) -> np.ndarray:
        """Returns how likely speech is in each 32 ms, float32 (n,)."""
        wave = np.clip(np.asarray(samples16k, dtype=np.float32), -1.0, 1.0)
        count = -(-wave.size // _CHUNK)
        wave = np.pad(wave, (_CONTEXT, count * _CHUNK - wave.size))
        state = np.zeros((2, 1, 128), np.float32)
        rate = np.array(LIKENESS_RATE, dtype=np.int64)
        found = np.zeros(count, np.float32)
        for i in range(count):
            window = wave[None, i * _CHUNK : (i + 1) * _CHUNK + _CONTEXT]
            output, state = self._activity.run(None, {"input": window, "state": state, "sr": rate})
            found[i] = output[0, 0]
        return found

    def segments(self, samples16k: Samples) -> list[Segment]:
        """See `Speech.segments`."""
        if samples16k.size < _CHUNK:
            return []
        seconds = samples16k.size / LIKENESS_RATE
        return merge(self.probabilities(samples16k), _CHUNK / LIKENESS_RATE, seconds)

    def recognise_digits(self, samples16k: Samples, expected_count: int = 6) -> DigitsHeard:
        """See `Speech.recognise_digits`."""
        pieces = cut_long(samples16k, LIKENESS_RATE, self.segments(samples16k), expected_count)
        heard = [(self._decode(_piece(samples16k, piece)), piece) for piece in pieces]
        return DigitsHeard(
            per_segment=tuple(digit for digit, _ in heard),
            segments=tuple(piece for _, piece in heard),
        )

    def _decode(self, wave: Samples) -> str:
        pcm = (np.clip(wave, -1, 1) * 32767).astype("<i2").tobytes()
        with self._lock:
            self._decoder.start_utt()
            self._decoder.process_raw(pcm, full_utt=True)
            self._decoder.end_utt()
            hypothesis = self._decoder.hyp()
        word = hypothesis.hypstr.strip() if hypothesis is not None else ""
        return _ALSO.get(word, str(_WORDS.index(word)) if word in _WORDS else "")


def _piece(samples16k: Samples, segment: Segment) -> Samples:
    """Cuts the segment out, at a fixed level, between margins of faint noise of a fixed seed."""
    start, end = (round(t * LIKENESS_RATE) for t in (segment.start_s, segment.end_s))
    wave = np.asarray(samples16k[start:end], dtype=np.float32)
    peak = float(np.abs(wave).max()) if wave.size else 0.0
    wave = wave * (_LEVEL / peak) if peak > 0 else wave
    noise = np.random.default_rng(0).standard_normal(2 * _MARGIN).astype(np.float32) * 1e-3
    return np.concatenate([noise[:_MARGIN], wave, noise[_MARGIN:]]).astype(np.float32)


def _silero_file() -> Path:
    spec = importlib.util.find_spec("silero_vad")
    if spec is not None and spec.origin is not None:
        path = Path(spec.origin).parent / "data" / "silero_vad.onnx"
        if path.is_file():
            return path
    raise ModelMissingError("Install the package silero-vad.")


def _digit_decoder() -> pocketsphinx.Decoder:
    decoder = pocketsphinx.Decoder(lm=None, loglevel="FATAL")
    words = " | ".join((*_WORDS, *_ALSO))
    decoder.add_jsgf_string("digit", f"#JSGF V1.0;\ngrammar digit;\npublic <one> = {words};\n")
    decoder.activate_search("digit")
    return decoder
