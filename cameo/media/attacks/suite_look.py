"""The rows of colour, filters, overlays and time."""

from __future__ import annotations

from typing import Final

from cameo.media.attacks import colours, filters, overlays, pace
from cameo.media.attacks.attack import Attack, Step
from cameo.media.attacks.codecs import Picture, Sound
from cameo.media.attacks.stills import Gif, Screenshot
from cameo.media.attacks.suite_shape import row

_FINE: Final = 23  # so that a row of colour or noise shows that, and not the codec
_AAC: Final = Sound("aac", 128)

COLOUR: Final = tuple(
    row("colour", name, what, step, crf=_FINE)
    for name, what, step in (
        ("brightness-0.5", "RGB by 0.5", colours.brightness(0.5)),
        ("brightness-1.5", "RGB by 1.5, clipped", colours.brightness(1.5)),
        ("contrast-0.5", "distance from middle grey by 0.5", colours.contrast(0.5)),
        ("contrast-1.5", "distance from middle grey by 1.5", colours.contrast(1.5)),
        ("gamma-0.6", "gamma 0.6: darker", colours.gamma(0.6)),
        ("gamma-1.6", "gamma 1.6: lighter", colours.gamma(1.6)),
        ("saturation-0", "grey", colours.saturation(0.0)),
        ("saturation-2", "colours twice as strong", colours.saturation(2.0)),
        ("hue-60", "hue turned by 60 degrees", colours.hue(60.0)),
    )
)

FILTER: Final = tuple(
    row("filter", name, what, step, crf=_FINE)
    for name, what, step in (
        ("blur-1", "Gaussian blur, sigma 1", filters.blurred(1.0)),
        ("blur-2", "Gaussian blur, sigma 2", filters.blurred(2.0)),
        ("median-3", "median of 3 x 3", filters.median(3)),
        ("median-5", "median of 5 x 5", filters.median(5)),
        ("denoise", "bilateral and recursive in time", filters.denoised),
        ("nlmeans", "non-local means, light", filters.nlmeans),
        ("sharpen", "unsharp mask, amount 1", filters.sharpened(1.0)),
        ("noise-10", "noise of sigma 6 (FFmpeg's strength 10)", filters.noisy(10)),
        ("noise-20", "noise of sigma 12 (FFmpeg's strength 20)", filters.noisy(20)),
        ("noise-35", "noise of sigma 20 (FFmpeg's strength 35)", filters.noisy(35)),
        ("grain", "film grain of sigma 6", filters.grained(6.0)),
    )
)

OVERLAY: Final = (
    row("overlay", "logo", "an opaque sign over 8% of the picture", overlays.logo(0.08)),
    row("overlay", "captions", "a bar with text over the lowest 16%", overlays.captions),
)


def _timed(name: str, what: str, *steps: Step) -> Attack:
    return Attack(
        name=name,
        group="time",
        what=what,
        steps=(*steps, Picture("h264", 28), _AAC),
        touches="both",
    )


def _joint(name: str, what: str, partner: str) -> Attack:
    return Attack(
        name=name,
        group="time",
        what=what,
        steps=(Picture("h264", 28), _AAC),
        partner="marked" if partner == "marked" else "unmarked",
        touches="both",
    )


TIME: Final = (
    row("time", "15-fps", "15 frames a second", pace.at_rate(15.0)),
    row("time", "30-fps", "30 frames a second, some twice", pace.at_rate(30.0)),
    row("time", "30-fps-blend", "30 frames a second, blended", pace.at_rate(30.0, blended=True)),
    row("time", "drop-50", "every second frame gone", pace.every_second),
    row("time", "drop-20", "20% of the frames gone at random", pace.dropped(0.2)),
    _timed("trim-2s", "2 s of it", pace.trimmed(2.0)),
    _timed("trim-1s", "1 s of it", pace.trimmed(1.0)),
    *(
        _timed(f"speed-{factor:g}", f"played at {factor:g} times the speed", pace.faster(factor))
        for factor in (0.9, 1.1, 1.25)
    ),
    _timed("reverse", "backwards", pace.reversed_order),
    _joint("join-marked", "another marked clip joined behind", "marked"),
    _joint("join-unmarked", "an unmarked clip joined behind", "unmarked"),
    Attack(
        name="gif",
        group="time",
        what="10 frames a second in 256 colours, a GIF",
        steps=(pace.at_rate(10.0), Gif()),
    ),
    Attack(
        name="screenshot",
        group="time",
        what="one frame of an H.264 copy as a JPEG of quality 75",
        steps=(Picture("h264", 23), Screenshot(75)),
        hard=True,
    ),
)
