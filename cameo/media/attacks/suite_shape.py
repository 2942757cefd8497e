"""The rows of compression, size, crop and turn."""

from __future__ import annotations

from typing import Final

from cameo.media.attacks import shapes
from cameo.media.attacks.attack import Attack, Group, Step
from cameo.media.attacks.codecs import Codec, Picture

H264: Final = Picture("h264", 28)  # what follows a change of the picture, as an editor saves it

_CRFS: Final = {
    "h264": (23, 28, 33, 38, 40, 44, 50),
    "h265": (28, 33, 40, 44),
    "vp9": (30, 36, 45, 55),
    "av1": (30, 38, 48, 58),
}
_NAMES: Final = {"h264": "H.264", "h265": "H.265", "vp9": "VP9", "av1": "AV1"}
_HARDEST: Final = {"h264": 44, "h265": 44, "vp9": 55, "av1": 58}


def row(
    group: Group, name: str, what: str, *steps: Step | Codec, hard: bool = False, crf: int = 28
) -> Attack:
    """A row whose picture is saved as H.264 at the end."""
    return Attack(
        name=name, group=group, what=what, steps=(*steps, Picture("h264", crf)), hard=hard
    )


def _codec(kind: str, crf: int) -> Attack:
    # The note's figures were made with these presets.
    preset = "medium" if kind == "h264" else None
    return Attack(
        name=f"{kind}-crf{crf}",
        group="compression",
        what=f"{_NAMES[kind]} at CRF {crf}",
        steps=(Picture(kind, crf, preset),),  # type: ignore[arg-type]
        hard=crf >= _HARDEST[kind],
    )


CONTROL: Final = (
    Attack(name="none", group="control", what="nothing: the marked clip itself", steps=()),
)
COMPRESSION: Final = tuple(_codec(kind, crf) for kind, crfs in _CRFS.items() for crf in crfs)

SIZE: Final = (
    row("size", "resize-0.5", "both sides halved", shapes.scaled(0.5)),
    row("size", "resize-2", "both sides doubled", shapes.scaled(2.0)),
    row("size", "480p", "shorter side 480", shapes.short_side(480)),
    row("size", "360p", "shorter side 360", shapes.short_side(360)),
    row("size", "240p", "shorter side 240", shapes.short_side(240)),
    row(
        "size",
        "resize-0.5-back",
        "halved and doubled again",
        shapes.restored_after(shapes.scaled(0.5)),
    ),
    row("size", "stretch-0.95", "width by 0.95, height kept", shapes.stretched(0.95)),
    row("size", "stretch-1.05", "width by 1.05, height kept", shapes.stretched(1.05)),
    row("size", "squeeze-4:3", "squeezed to 4:3, nothing cut", shapes.to_aspect(4 / 3), hard=True),
)

CROP: Final = (
    row("crop", "crop-84", "84% of each side", shapes.cropped(0.84)),
    row("crop", "crop-70", "70% of each side", shapes.cropped(0.70)),
    row("crop", "crop-50", "50% of each side", shapes.cropped(0.50)),
    row(
        "crop",
        "crop-80-back",
        "80% of each side, back to the size before",
        shapes.restored_after(shapes.cropped(0.80)),
    ),
    row("crop", "crop-9:16", "the largest 9:16 part", shapes.cropped_to_aspect(9 / 16)),
    row("crop", "crop-1:1", "the largest square", shapes.cropped_to_aspect(1.0)),
    row("crop", "letterbox", "bars above and below, to 4:3", shapes.padded_to_aspect(4 / 3)),
    row("crop", "pillarbox", "bars left and right, to 21:9", shapes.padded_to_aspect(21 / 9)),
    row(
        "crop",
        "upright",
        "bars above and below to 9:16, then 720 wide",
        shapes.padded_to_aspect(9 / 16),
        shapes.short_side(720),
    ),
    row("crop", "windowbox", "75% on black of the size before", shapes.windowed(0.75)),
    row("crop", "inset-50", "picture in picture: half size over other content", shapes.inset(0.5)),
)

TURN: Final = (
    row("turn", "flip", "left and right exchanged", shapes.mirrored),
    row("turn", "flip-vertical", "top and bottom exchanged", shapes.upside_down),
    row("turn", "turn-90", "a quarter turn", shapes.quarter_turns(1)),
    row("turn", "turn-180", "half a turn", shapes.quarter_turns(2)),
    row("turn", "turn-270", "three quarter turns", shapes.quarter_turns(3)),
    *(
        row(
            "turn",
            f"rotate{degrees:+d}{'-cut' if cut else ''}",
            f"{degrees:+d} degrees, " + ("cut inside" if cut else "black corners"),
            shapes.rotated(degrees, inscribed=cut),
            hard=abs(degrees) == 10,
        )
        for cut in (False, True)
        for degrees in (2, -2, 5, -5, 10, -10)
    ),
)
