"""Who uses whom in an interleaving, and everything that can turn that use into a refusal."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from secrets import token_hex
from typing import Any

from cameo.store.database import Database
from cameo.store.records import ClipRecord, ConsentRecord, GrantRecord
from consent.vocabulary import Audience, Purpose
from tests.integration.life.stage import outcome
from tests.integration.people import Member, World
from tests.integration.rights import Office
from tests.integration.studio import Studio


class Side:
    """The flows over a connection pool of their own: what another process would have."""

    def __init__(self, url: str, folder: Path, **changes: Any) -> None:
        self.db = Database(url)
        self.world = World(self.db, folder, **changes)
        self.studio = Studio(self.world)
        self.office = Office(self.world)


@dataclass
class Scene:
    """Bob makes clips with Alice, who permits it; Carol looks on."""

    alice: Member
    bob: Member
    carol: Member
    consent: ConsentRecord
    grant: GrantRecord | None
    clip: ClipRecord | None = None


Use = Callable[[Side, Scene], str]
Act = Callable[[Side, Scene], object]


def prepare(side: Side, use: str, audience: Audience) -> Scene:
    """Everything but the use itself."""
    world, studio = side.world, side.studio
    # One database serves all interleavings, so everybody is somebody new.
    alice, bob, carol = (world.member(f"{name}{token_hex(4)}") for name in "abc")
    consent = world.consent(alice, audience)
    grant = world.grant(alice, bob) if audience is Audience.APPROVED else None
    for one, other in ((alice, bob), (bob, alice)):
        world.ties.follow(one.record, other.record)
    scene = Scene(alice, bob, carol, consent, grant)
    if use == "release":
        scene.clip = studio.order(bob, alice)
        studio.render(scene.clip)
    elif use == "release of a remix":
        world.consent(bob, Audience.ONLY_ME)
        scene.clip = studio.remix(bob, studio.draft(bob, alice), bob)
        studio.render(scene.clip)
    elif use == "publication":
        scene.clip = studio.draft(bob, alice)
    return scene


def _release(side: Side, scene: Scene) -> str:
    assert scene.clip is not None
    return side.studio.release(scene.clip)


def _publish(side: Side, scene: Scene) -> str:
    assert scene.clip is not None
    name = scene.clip.id
    return outcome(side.studio.publications.publish, scene.bob.record, name)


def _order(side: Side, scene: Scene) -> str:
    return outcome(side.studio.order, scene.bob, scene.alice)


USES: dict[str, Use] = {
    "release": _release,
    "release of a remix": _release,
    "publication": _publish,
    "order": _order,
}
SUCCEEDED = {"completed", "done"}


def _decline(side: Side, scene: Scene) -> None:
    assert scene.clip is not None
    side.world.acts.decline(scene.alice.record, scene.clip.id)


def _revoke_grant(side: Side, scene: Scene) -> None:
    assert scene.grant is not None
    side.world.revocations.revoke_grant(scene.alice.record, scene.grant.id)


ACTS: dict[str, Act] = {
    "a consent is withdrawn": lambda side, scene: side.world.revocations.revoke_consent(
        scene.alice.record, scene.consent.id
    ),
    "a grant is withdrawn": _revoke_grant,
    "a consent is narrowed": lambda side, scene: side.world.consent(scene.alice, Audience.ONLY_ME),
    "a grant is narrowed": lambda side, scene: side.world.grant(
        scene.alice, scene.bob, purposes=frozenset({Purpose.COMMERCIAL})
    ),
    "somebody blocks": lambda side, scene: side.world.ties.block(
        scene.alice.record, scene.bob.record
    ),
    "a friend unfollows": lambda side, scene: side.world.ties.unfollow(
        scene.alice.record, scene.bob.record
    ),
    "the maker unfollows": lambda side, scene: side.world.ties.unfollow(
        scene.bob.record, scene.alice.record
    ),
    "somebody pauses": lambda side, scene: side.world.acts.pause(scene.alice.record),
    "a cameo is contested": lambda side, scene: side.office.contests.open(
        scene.carol.record, scene.alice.record
    ),
    "a cameo is erased": lambda side, scene: side.office.erasures.erase(
        scene.alice.record, confirm=scene.alice.record.handle
    ),
    "a publication is declined": _decline,
}
"""Everything that can turn allow into deny, while a clip is made or about to be shared."""


def audience_for(act: str) -> Audience:
    """What Alice agreed to, so that this act makes a difference."""
    if "grant" in act:
        return Audience.APPROVED
    return Audience.MUTUALS if "unfollows" in act else Audience.EVERYONE


def pairs() -> list[tuple[str, str]]:
    """Every use with every act that concerns it."""
    of_source = {"a consent is withdrawn", "a cameo is erased"}
    return [
        (use, act)
        for use in USES
        for act in ACTS
        if (act != "a publication is declined" or use == "publication")
        and (use != "release of a remix" or act in of_source)
    ]
