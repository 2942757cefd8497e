"""Japanese by OpenJTalk's front end and HTS voice (`pyopenjtalk`), with exact phone times.

The engine does not tell phone times. At its normal speed it chooses the length of every phone from
that phone's full-context label alone, each state rounded to whole 5 ms frames: so the samples of a
phone said by itself are as many as it has within the sentence, and the parts add up to the whole,
sample for sample. `say` makes use of that, and refuses to answer if the sum is ever wrong.
"""

from __future__ import annotations

import re
import warnings
from collections.abc import Callable
from typing import TypeVar

import numpy as np
import numpy.typing as npt
import pyopenjtalk

from generator.speech.errors import EngineFailedError, NothingToSayError
from generator.speech.values import PAUSE, Phone, Raw

HTS_VOICES = ("mei",)

_T = TypeVar("_T")
_LABEL = re.compile(r"-([^+]+)\+")


def words(text: str) -> tuple[str, ...]:
    """Split Japanese text where the front end sees words; joined, they give the text to say."""
    return tuple(feature["string"] for feature in _front_end(text))


def say(text: str) -> Raw:
    """Speak Japanese text with the bundled voice.

    Args:
        text: kanji and kana; kana are read as they stand, which overrides a wrong reading.

    Returns:
        Samples at 48 kHz and the phones; the same input gives the same samples.

    Raises:
        NothingToSayError: the text holds nothing that can be spoken.
        EngineFailedError: the engine failed, or its phone times do not add up.
    """
    features = _front_end(text)
    labels: list[str] = _guarded(lambda: pyopenjtalk.make_label(features))
    names = [_name(label) for label in labels]
    if all(name == PAUSE for name in names):
        raise NothingToSayError
    samples, rate = _voice(labels)
    ends = np.cumsum([_voice([label])[0].shape[0] for label in labels])
    if ends[-1] != samples.shape[0]:
        raise EngineFailedError("pyopenjtalk")
    starts = np.concatenate(([0], ends[:-1]))
    phones = tuple(
        Phone(label=name, start_s=float(start) / rate, end_s=float(end) / rate)
        for name, start, end in zip(names, starts, ends, strict=True)
    )
    return Raw(samples=samples, rate=rate, phones=phones)


def _front_end(text: str) -> list[dict[str, str]]:
    clean = " ".join(text.split())
    if not clean:
        raise NothingToSayError
    with warnings.catch_warnings():
        # The front end calls a function of its tokenizer that has been renamed since.
        warnings.filterwarnings("ignore", r"Dictionary\.create", DeprecationWarning)
        features: list[dict[str, str]] = _guarded(lambda: pyopenjtalk.run_frontend(clean))
    if not features:
        raise NothingToSayError
    return features


def _name(label: str) -> str:
    found = _LABEL.search(label)
    if found is None:
        raise EngineFailedError("pyopenjtalk")
    return PAUSE if found[1] in {"sil", "pau"} else found[1]


def _voice(labels: list[str]) -> tuple[npt.NDArray[np.float64], int]:
    samples, rate = _guarded(lambda: pyopenjtalk.synthesize(labels))
    return np.asarray(samples, dtype=np.float64) / 32768.0, int(rate)


def _guarded(call: Callable[[], _T]) -> _T:
    try:
        return call()
    except (RuntimeError, ValueError, OSError) as error:
        raise EngineFailedError("pyopenjtalk") from error
