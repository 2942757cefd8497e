"""The seam between the service and whatever makes pictures and sound."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from generator.card import CapabilityCard
from generator.request import CastMember, RenderRequest
from generator.scene import SceneSpec
from generator.sound import SoundResult


class Generator(Protocol):
    """Makes a clip in chunks.

    Whoever calls it has checked every consent and the prompt; a generator must not be handed a
    person's appearance before that. Every method may be called again after a crash, in another
    process and on another machine, and must give the same result for the same arguments.
    """

    @property
    def card(self) -> CapabilityCard:
        """What it can do; the same for the whole life of the object."""

    def plan(self, request: RenderRequest) -> SceneSpec:
        """Understand a request.

        Must raise a `GeneratorError` for a request that cannot be fulfilled, and must put every
        assumption it makes into the scene's `explanation` rather than make it silently.
        """

    def sound(self, spec: SceneSpec, cast: Sequence[CastMember]) -> SoundResult:
        """Return the clip's whole sound and the mouth tracks that belong to it."""

    def frames(
        self,
        spec: SceneSpec,
        cast: Sequence[CastMember],
        mouth: Mapping[str, NDArray[np.float32]],
        start: int,
        count: int,
    ) -> NDArray[np.uint8]:
        """Return frames `start` .. `start + count - 1`, uint8 (count, H, W, 3) RGB.

        A frame depends on its number alone, not on the chunk it is asked for in. The visible label
        is the caller's duty.
        """
