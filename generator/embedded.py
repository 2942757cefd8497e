"""The generator that needs no model weights and no GPU: procedural scenes on the CPU."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Mapping, Sequence
from hashlib import sha256

import numpy as np
from numpy.typing import NDArray

from generator import sound as sounds
from generator.card import ALGORITHMIC, COMPOSITE, CapabilityCard
from generator.renderer import Renderer
from generator.request import (
    MAX_PEOPLE,
    MAX_SECONDS,
    MIN_SECONDS,
    CastMember,
    RenderRequest,
    Style,
)
from generator.scene import SceneSpec
from generator.sound import SoundResult
from generator.understand import parse

KEPT = 2  # renderers kept baked; each holds some 100 MB

CARD = CapabilityCard(
    name="embedded",
    version="1",
    licence="Apache-2.0",
    digital_source_type_alone=ALGORITHMIC,
    digital_source_type_with_person=COMPOSITE,
    commercial_use=True,
    styles=(Style.PHOTOREAL, Style.ANIME, Style.CINEMATIC),
    sizes=(
        (1280, 720),
        (1920, 1080),
        (854, 480),
        (640, 360),
        (720, 1280),
        (1080, 1920),
        (480, 854),
        (360, 640),
        (720, 720),
        (1080, 1080),
    ),
    max_people=MAX_PEOPLE,
    seconds_min=MIN_SECONDS,
    seconds_max=MAX_SECONDS,
    languages=("en", "ja"),
    simulated_notes=(
        "Scenes are drawn procedurally; photoreal is a grade, not a photograph.",
        "People are cut out of their enrolment picture and placed on a drawn body.",
        "Voices are adapted towards a person's pitch and timbre; they are not clones.",
    ),
)


class EmbeddedGenerator:
    """Implements `Generator`; keeps the last scenes baked, so chunks of one clip are quick."""

    def __init__(self) -> None:
        self._baked: OrderedDict[str, Renderer] = OrderedDict()

    @property
    def card(self) -> CapabilityCard:
        """What it can do."""
        return CARD

    def plan(self, request: RenderRequest) -> SceneSpec:
        """Understand a request; see `generator.understand.parse` for what it raises."""
        return parse(request)

    def sound(self, spec: SceneSpec, cast: Sequence[CastMember]) -> SoundResult:
        """Return sound and mouth tracks."""
        return sounds.compose(spec, tuple(cast))

    def frames(
        self,
        spec: SceneSpec,
        cast: Sequence[CastMember],
        mouth: Mapping[str, NDArray[np.float32]],
        start: int,
        count: int,
    ) -> NDArray[np.uint8]:
        """Return frames, uint8 (count, H, W, 3) RGB; see `Renderer` for what it raises."""
        return self._renderer(spec, cast, mouth).frames(start, count)

    def _renderer(
        self,
        spec: SceneSpec,
        cast: Sequence[CastMember],
        mouth: Mapping[str, NDArray[np.float32]],
    ) -> Renderer:
        key = _key(spec, cast, mouth)
        if key in self._baked:
            self._baked.move_to_end(key)
            return self._baked[key]
        made = Renderer(spec, cast, mouth)
        self._baked[key] = made
        while len(self._baked) > KEPT:
            self._baked.popitem(last=False)
        return made


def _key(
    spec: SceneSpec, cast: Sequence[CastMember], mouth: Mapping[str, NDArray[np.float32]]
) -> str:
    """Name a clip by everything its frames depend on, so that no two clips share a renderer."""
    digest = sha256(spec.to_json().encode())
    for member in cast:
        look = member.appearance
        digest.update(f"|{member.handle}|{look.image.shape}|{look.box}|".encode())
        digest.update(look.image.tobytes())
        digest.update(look.landmarks5.tobytes())
    for handle in sorted(mouth):
        digest.update(f"|{handle}|".encode())
        digest.update(np.asarray(mouth[handle], np.float32).tobytes())
    return digest.hexdigest()
