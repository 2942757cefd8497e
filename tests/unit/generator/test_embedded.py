from __future__ import annotations

import numpy as np

from generator.embedded import CARD, EmbeddedGenerator
from generator.generator import Generator
from generator.renderer import Renderer
from generator.request import RenderRequest
from generator.scene import Action, Setting


def test_it_plans_and_draws(cast):
    made: Generator = EmbeddedGenerator()
    request = RenderRequest(
        prompt='@alice says "hello" on a shore', seconds=4, size=(640, 360), cast=cast
    )
    spec = made.plan(request)
    frames = made.frames(spec, cast, {}, 5, 2)
    assert frames.shape == (2, 360, 640, 3)
    assert (Renderer(spec, cast, {}).frames(5, 2) == frames).all()


def test_clips_do_not_share_a_renderer(make_spec, cast):
    made = EmbeddedGenerator()
    spec = make_spec(Setting.SHORE, actions={"alice": Action.TALK})
    first = made.frames(spec, cast, {}, 5, 1)
    track = {"alice": np.ones(spec.frames, np.float32)}
    assert (made.frames(spec, cast, track, 5, 1) != first).any()
    swapped = (
        type(cast[0])(handle="alice", appearance=cast[1].appearance),
        cast[1],
    )
    assert (made.frames(spec, swapped, {}, 5, 1) != first).any()
    assert (made.frames(spec, cast, {}, 5, 1) == first).all()


def test_the_card_tells_the_source_type():
    assert CARD.source_type(with_person=False).endswith("/algorithmicMedia")
    assert CARD.source_type(with_person=True).endswith("/compositeSynthetic")
    assert all(w % 2 == h % 2 == 0 for w, h in CARD.sizes)
    for size in CARD.sizes:
        RenderRequest(prompt="x", seconds=CARD.seconds_min, size=size).validate()
