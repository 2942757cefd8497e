"""What a place is to the renderer."""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol

from generator.paint import Easel

People = Callable[[Easel], None]


class Place(Protocol):
    """A setting that has baked its assets and can draw itself at any moment.

    Both methods are pure functions of their arguments, of the scene and of its seed: they keep
    nothing from one frame to the next, so frames may be drawn in any order and in any process.
    """

    def behind(self, easel: Easel, t: float, depth: float, people: People) -> None:
        """Draw sky, ground and whatever is at least `depth` metres away, far things first.

        `people` draws the people on any easel; a place that mirrors them may call it.
        """

    def before(self, easel: Easel, t: float, depth: float) -> None:
        """Draw whatever is nearer than `depth` metres, far things first."""
