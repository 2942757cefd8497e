"""English by Flite, run as a child process: text goes in by file, samples and phone ends come out.

Flite is a system package (Debian: ``flite``), so nothing of it is imported. It answers an unknown
voice name by silently using another voice; names are therefore checked before it is started.
"""

from __future__ import annotations

import re
import shutil
import subprocess
import tempfile
import unicodedata
import wave
from pathlib import Path

import numpy as np
import numpy.typing as npt
from anyascii import anyascii

from generator.speech.errors import EngineFailedError, EngineMissingError, NothingToSayError
from generator.speech.values import PAUSE, Phone, Raw

FLITE_VOICES = ("slt", "rms", "awb", "kal16")
TIMEOUT_S = 60.0

_SEGMENT = re.compile(r"([a-z]+[0-9]?):([0-9]+\.[0-9]+)")


def available() -> bool:
    """Whether the ``flite`` program is on this machine."""
    return shutil.which("flite") is not None


def plain(text: str) -> str:
    """Return ``text`` in printable ASCII, which is all that Flite reads.

    Raises:
        NothingToSayError: no letter or digit is left.
    """
    folded = anyascii(unicodedata.normalize("NFKC", text))
    clean = " ".join("".join(c if " " <= c <= "~" else " " for c in folded).split())
    if not any(c.isalnum() for c in clean):
        raise NothingToSayError
    return clean


def say(text: str, voice: str) -> Raw:
    """Speak English text with one of Flite's own voices.

    Args:
        text: what to say; folded to ASCII first.
        voice: one of `FLITE_VOICES`.

    Returns:
        Samples at Flite's rate (16 kHz) and its phones; the same input gives the same samples.

    Raises:
        EngineMissingError: the program is not installed.
        EngineFailedError: it ran too long, failed, or wrote what cannot be read.
        NothingToSayError: the text holds nothing that can be spoken.
    """
    program = shutil.which("flite")
    if program is None:
        raise EngineMissingError
    words = plain(text)
    with tempfile.TemporaryDirectory(prefix="speech-") as folder:
        source, target = Path(folder, "text.txt"), Path(folder, "speech.wav")
        source.write_text(words + "\n", encoding="ascii")
        listing = _run([program, "-voice", voice, "-psdur", "-f", str(source), "-o", str(target)])
        samples, rate = _read_wave(target)
    phones = _phones(listing, samples.shape[0] / rate)
    if all(phone.label == PAUSE for phone in phones):
        raise NothingToSayError
    return Raw(samples=samples, rate=rate, phones=phones)


def _run(command: list[str]) -> str:
    try:
        done = subprocess.run(
            command,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            timeout=TIMEOUT_S,
            check=True,
        )
    except (OSError, subprocess.SubprocessError) as error:
        raise EngineFailedError("flite") from error
    return done.stdout.decode("ascii", errors="replace")


def _read_wave(path: Path) -> tuple[npt.NDArray[np.float64], int]:
    try:
        with wave.open(str(path), "rb") as source:
            if source.getsampwidth() != 2 or source.getnchannels() != 1:
                raise EngineFailedError("flite")
            pcm = np.frombuffer(source.readframes(source.getnframes()), dtype="<i2")
            rate = source.getframerate()
    except (OSError, EOFError, wave.Error) as error:
        raise EngineFailedError("flite") from error
    return pcm.astype(np.float64) / 32768.0, rate


def _phones(listing: str, seconds: float) -> tuple[Phone, ...]:
    """Join Flite's lines, one a sentence with times from its own start, into one time line.

    The printed ends of a sentence overshoot its samples by up to a few milliseconds, so that the
    whole is scaled to the real length.
    """
    found: list[tuple[str, float, float]] = []
    offset = 0.0
    for line in listing.splitlines():
        start = offset
        for label, end in _SEGMENT.findall(line):
            found.append((label, start, offset + float(end)))
            start = offset + float(end)
        offset = start
    if not found or offset <= 0.0 or seconds <= 0.0:
        raise NothingToSayError
    scale = seconds / offset
    return tuple(Phone(label=p, start_s=a * scale, end_s=b * scale) for p, a, b in found)
