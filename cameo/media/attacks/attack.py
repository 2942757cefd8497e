"""One row of a robustness table: a name, a group, and what it does to a clip."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

from cameo.media.attacks.clip import Clip
from cameo.media.attacks.codecs import Codec, Sizes
from cameo.media.attacks.pace import joined

Group = Literal[
    "control",
    "compression",
    "size",
    "crop",
    "turn",
    "colour",
    "filter",
    "overlay",
    "time",
    "combo",
    "sound",
]
Step = Callable[[Clip], Clip]


@dataclass(frozen=True, kw_only=True, slots=True, eq=False)
class Outcome:
    """What an attack leaves.

    Attributes:
        clip: what a detector would get.
        sizes: bytes of the last encoding of picture and of sound.
    """

    clip: Clip
    sizes: Sizes

    @property
    def size_bytes(self) -> int:
        """Bytes of picture and sound together."""
        return self.sizes.picture + self.sizes.sound


@dataclass(frozen=True, kw_only=True, slots=True)
class Attack:
    """Something that happens to a copy; the same clip gives the same outcome.

    Attributes:
        name: stable, for tables and for `on` of a figure.
        group: which part of the table it stands in.
        what: one line for a reader.
        steps: in this order; a codec encodes to bytes and decodes them again.
        partner: which second clip is joined behind the first one, before any step.
        touches: what of the clip is changed, so that a benchmark looks at that mark only.
        hard: beyond what ordinary processing does; a failure is expected and shown.
    """

    name: str
    group: Group
    what: str
    steps: tuple[Step | Codec, ...]
    partner: Literal["marked", "unmarked"] | None = None
    touches: Literal["picture", "sound", "both"] = "picture"
    hard: bool = False

    def apply(self, clip: Clip, partner: Clip | None = None) -> Outcome:
        """Do it to a clip, in memory; the clip itself is not changed.

        Args:
            clip: the marked clip.
            partner: where `partner` names one: a clip of the same size and rates, marked with
                another payload, or not at all.

        Raises:
            ValueError: the partner is missing or has another form, or a sound is missing.
        """
        if self.partner is not None:
            if partner is None:
                raise ValueError(f"{self.name} needs a second clip that is {self.partner}")
            clip = joined(clip, partner)
        if self.touches == "sound" and clip.samples is None:
            raise ValueError(f"{self.name} needs a clip with sound")
        sizes = Sizes()
        for step in self.steps:
            if isinstance(step, Codec):
                clip, later = step.run(clip)
                sizes = sizes.updated(later)
            else:
                clip = step(clip)
        return Outcome(clip=clip, sizes=sizes)
