"""The rows that touch the sound alone."""

from __future__ import annotations

from typing import Final

from cameo.media.attacks import sounds
from cameo.media.attacks.attack import Attack, Step
from cameo.media.attacks.codecs import Codec, Sound


def _row(name: str, what: str, *steps: Step | Codec, hard: bool = False) -> Attack:
    return Attack(name=name, group="sound", what=what, steps=steps, touches="sound", hard=hard)


SOUND: Final[tuple[Attack, ...]] = (
    *(_row(f"aac-{k}", f"AAC at {k} kbit/s", Sound("aac", k)) for k in (128, 96, 64)),
    *(_row(f"mp3-{k}", f"MP3 at {k} kbit/s", Sound("mp3", k)) for k in (128, 64)),
    *(_row(f"opus-{k}", f"Opus at {k} kbit/s", Sound("opus", k)) for k in (48, 32)),
    _row("resample-16k", "resampled to 16 kHz and back", sounds.resampled(16_000)),
    _row("resample-8k", "resampled to 8 kHz and back", sounds.resampled(8_000), hard=True),
    _row("volume-0.25", "a quarter as loud, AAC 128", sounds.volume(0.25), Sound("aac", 128)),
    _row("volume-2", "twice as loud, clipped, AAC 128", sounds.volume(2.0), Sound("aac", 128)),
    _row("noise-20db", "white noise 20 dB below the track", sounds.noisy(20.0)),
    _row("noise-30db", "white noise 30 dB below the track", sounds.noisy(30.0)),
    _row("sound-trim-5s", "5 s of the sound, AAC 128", sounds.trimmed(5.0), Sound("aac", 128)),
    _row("sound-trim-3s", "3 s of the sound, AAC 96", sounds.trimmed(3.0), Sound("aac", 96)),
    *(
        _row(
            f"sound-speed-{factor:g}",
            f"speed {factor:g} and the pitch along, AAC 128",
            sounds.faster(factor),
            Sound("aac", 128),
        )
        for factor in (0.9, 0.95, 1.05, 1.1)
    ),
    *(
        _row(
            f"sound-tempo-{factor:g}",
            f"speed {factor:g} with the pitch kept, AAC 128",
            sounds.tempo(factor),
            Sound("aac", 128),
        )
        for factor in (0.9, 0.95, 1.05, 1.1)
    ),
    _row("low-pass-4k", "nothing above 4 kHz, AAC 128", sounds.low_pass(4000), Sound("aac", 128)),
    _row("echo", "two reflections of a small room", sounds.echoing),
    _row("mono", "both channels' mean, AAC 96", sounds.mono, Sound("aac", 96)),
    _row(
        "sound-twice",
        "AAC 96 and then Opus 48: uploaded and sent on",
        Sound("aac", 96),
        Sound("opus", 48),
    ),
    _row(
        "sound-phone",
        "mono, nothing above 4 kHz, noise 25 dB below, Opus 32",
        sounds.mono,
        sounds.low_pass(4000),
        sounds.noisy(25.0),
        Sound("opus", 32),
        hard=True,
    ),
)
