"""What an order needs of the embedded generator before anybody's appearance is opened."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from cameo.flows.order import Plan, VideoAsk
from cameo.flows.render import spoken_lines

if TYPE_CHECKING:
    from generator.embedded import EmbeddedGenerator
from generator.request import Appearance, CastMember, RenderRequest


@dataclass(frozen=True, slots=True)
class EmbeddedPlanner:
    """`cameo.flows.order.Planner` over the embedded generator."""

    generator: EmbeddedGenerator

    @property
    def model(self) -> str:
        """The generator's name."""
        return self.generator.card.name

    @property
    def allows_commercial(self) -> bool:
        """Whether the generator's licence allows what is made with it to be sold."""
        return self.generator.card.commercial_use

    def plan(self, ask: VideoAsk, handles: Sequence[str], seed: int) -> Plan:
        """Understand the request with stand-ins in place of the people."""
        request = RenderRequest(
            prompt=ask.prompt,
            seconds=ask.seconds,
            size=ask.size,
            fps=ask.fps,
            style=ask.style,
            seed=seed,
            cast=tuple(CastMember(handle=handle, appearance=_STAND_IN) for handle in handles),
        )
        spec = self.generator.plan(request)
        return Plan(
            spoken=spoken_lines(spec),
            explanation=spec.explanation,
        )


_STAND_IN = Appearance(
    image=np.full((64, 64, 3), 128, dtype=np.uint8),
    landmarks5=np.array([[20, 24], [28, 24], [44, 24], [36, 24], [32, 36]], dtype=np.float32),
    box=(16.0, 12.0, 48.0, 52.0),
)
