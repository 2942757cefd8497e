"""The whole suite, in the order of a table."""

from __future__ import annotations

from typing import Final

from cameo.media.attacks import colours, overlays, pace, screen, shapes
from cameo.media.attacks.attack import Attack, Step
from cameo.media.attacks.codecs import Codec, Picture, Sound
from cameo.media.attacks.suite_look import COLOUR, FILTER, OVERLAY, TIME
from cameo.media.attacks.suite_shape import COMPRESSION, CONTROL, CROP, H264, SIZE, TURN
from cameo.media.attacks.suite_sound import SOUND


def _combo(name: str, what: str, *steps: Step | Codec) -> Attack:
    both = any(isinstance(step, Sound) for step in steps)
    return Attack(
        name=name,
        group="combo",
        what=what,
        steps=steps,
        touches="both" if both else "picture",
    )


COMBO: Final = (
    _combo("twice-480p", "CRF 28, then 480p and CRF 28", H264, shapes.short_side(480), H264),
    _combo("thrice", "CRF 28, then 33, then 28", H264, Picture("h264", 33), H264),
    _combo(
        "codec-hop",
        "H.264, then VP9, then H.264, 28, 36 and 28",
        H264,
        Picture("vp9", 36),
        H264,
    ),
    _combo(
        "videoseal",
        "71% of each side, RGB by 0.5, CRF 30: VideoSeal's combination",
        shapes.cropped(0.71),
        colours.brightness(0.5),
        Picture("h264", 30),
    ),
    _combo(
        "social-480p",
        "480p, CRF 33, AAC 64",
        shapes.short_side(480),
        Picture("h264", 33),
        Sound("aac", 64),
    ),
    _combo(
        "social-upright",
        "9:16 part with captions, CRF 30, AAC 96",
        shapes.cropped_to_aspect(9 / 16),
        overlays.captions,
        Picture("h264", 30),
        Sound("aac", 96),
    ),
    _combo(
        "social-faster",
        "saved again, speed 1.1, CRF 28, AAC 96",
        H264,
        pace.faster(1.1),
        H264,
        Sound("aac", 96),
    ),
    _combo(
        "screen-recording",
        "synthetic: on a desktop at 90%, slanted, soft, gamma, noise, 30 fps, CRF 28",
        H264,
        screen.filmed,
        H264,
    ),
)

ATTACKS: Final[tuple[Attack, ...]] = (
    *CONTROL,
    *COMPRESSION,
    *SIZE,
    *CROP,
    *TURN,
    *COLOUR,
    *FILTER,
    *OVERLAY,
    *TIME,
    *COMBO,
    *SOUND,
)


def attack(name: str) -> Attack:
    """One row by its name.

    Raises:
        KeyError: no row is called so.
    """
    return {each.name: each for each in ATTACKS}[name]
