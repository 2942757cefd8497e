"""What happens to a clip once it is out: values, and hands that do it, for benchmarks.

    >>> outcome = attack("480p").apply(clip)
    >>> outcome.clip.size, outcome.size_bytes
    ((854, 480), 152_311)

Everything runs in this process and in memory, on clips that a benchmark made itself; files that
somebody sent are opened by `cameo.media.decode` alone.
"""

from __future__ import annotations

from cameo.media.attacks.attack import Attack, Group, Outcome
from cameo.media.attacks.clip import Clip
from cameo.media.attacks.codecs import Picture, Sizes, Sound
from cameo.media.attacks.keeping import pack, unpack
from cameo.media.attacks.shapes import resized
from cameo.media.attacks.stills import to_planar, to_rgb
from cameo.media.attacks.suite import ATTACKS, attack

__all__ = [
    "ATTACKS",
    "Attack",
    "Clip",
    "Group",
    "Outcome",
    "Picture",
    "Sizes",
    "Sound",
    "attack",
    "pack",
    "resized",
    "to_planar",
    "to_rgb",
    "unpack",
]
