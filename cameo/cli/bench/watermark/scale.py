"""How much of the benchmark a run does: quick, usual or full."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Self

from cameo.cli.bench.watermark import chance, peers, quality, speed
from cameo.cli.bench.watermark.clips import SCENES
from cameo.cli.bench.watermark.marking import Choice

PARTS = ("speed", "search", "quality", "peers", "robustness", "chance", "hostile", "sound")


@dataclass(frozen=True, kw_only=True, slots=True)
class Scale:
    """What a run does.

    Attributes:
        choice: the clips.
        only: a group of attacks, GROUP/ATTACK or an attack; then nothing but those is measured.
        attacks: names of attacks on the picture, None for all that `only` leaves.
        sound_attacks: the same for attacks on the sound.
        geometries: of the timed searches.
        curve: the PSNRs of the curve in dB.
        curve_scenes: which scenes it is drawn from.
        peer_scenes: which scenes the slow peer, rivaGAN, is run on.
        peer_attacks: what the peers are compared on.
        runs: how often a speed is measured.
        placements: of the tail of the statistic.
        keys: of the same.
        false_positives: how many whole searches of unmarked clips.
        copies: how many marks are copied without the key.
        averaged: over how many clips an attacker averages.
        workers: processes.
    """

    choice: Choice
    only: str | None = None
    attacks: tuple[str, ...] | None = None
    sound_attacks: tuple[str, ...] | None = None
    geometries: tuple[str, ...] = speed.GEOMETRIES
    curve: tuple[float, ...] = quality.CURVE
    curve_scenes: tuple[str, ...] = ("anime", "dark", "talking-head")
    peer_scenes: tuple[str, ...] = ("talking-head",)
    peer_attacks: tuple[str, ...] = peers.ATTACKS
    runs: int = 3
    placements: int = 250
    keys: int = 40_000
    false_positives: int = 20
    copies: int = 20
    averaged: tuple[int, ...] = (2, 5, 10, 20)
    workers: int = 2

    def quick(self) -> Self:
        """The same figures from less: for a look, not for a table."""
        return replace(
            self,
            choice=replace(
                self.choice,
                scenes=self.choice.scenes or ("anime", "talking-head"),
                seconds=min(2.0, self.choice.seconds),
            ),
            attacks=_QUICK if self.only is None else None,
            sound_attacks=_QUICK_SOUND if self.only is None else None,
            geometries=("none", "crop-70"),
            curve=(43.0,),
            curve_scenes=("anime",),
            peer_scenes=(),
            peer_attacks=("none", "h264-crf28"),
            runs=1,
            placements=20,
            keys=4_000,
            false_positives=1,
            copies=2,
            averaged=(2, 4),
        )

    def full(self) -> Self:
        """Everything, as long as it takes."""
        return replace(
            self,
            curve_scenes=_ALL,
            peer_scenes=_ALL,
            runs=5,
            placements=chance.MANY[0],
            keys=chance.MANY[1],
            false_positives=max(500, self.false_positives),
            copies=200,
        )


_ALL = tuple(scene.name for scene in SCENES)
_QUICK = (
    "none",
    "h264-crf28",
    "h264-crf38",
    "resize-0.5",
    "crop-70",
    "flip",
    "rotate+2",
    "brightness-0.5",
    "blur-1",
    "drop-50",
    "trim-1s",
    "twice-480p",
)
_QUICK_SOUND = ("aac-128", "mp3-64", "opus-48", "noise-20db", "volume-0.25")
