"""Orders and releases without a renderer: a scripted planner, and media of a few bytes.

Documents, gate, locks, uses, charges, outbox and log are the real thing.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from cameo.flows.library import Library
from cameo.flows.order import Orders, Plan, VideoAsk, clip_context
from cameo.flows.publish import Publications
from cameo.flows.release import Releases
from cameo.flows.vault import media_name
from cameo.store.records import ClipRecord
from consent.vocabulary import RestrictionClass
from moderation.text import Moderator
from tests.integration.people import Member, World


@dataclass
class ScriptedPlanner:
    """Says what would be spoken."""

    spoken: tuple[str, ...] = ()
    model: str = "scripted"
    allows_commercial: bool = True
    seen: list[tuple[str, ...]] = field(default_factory=list)

    def plan(self, ask: VideoAsk, handles: Sequence[str], seed: int) -> Plan:
        self.seen.append(tuple(handles))
        return Plan(spoken=self.spoken, explanation=())


class Studio:
    """What makes and releases clips in these tests."""

    moderator = Moderator([str(name) for name in RestrictionClass])

    def __init__(self, world: World) -> None:
        self.world = world
        self.planner = ScriptedPlanner()
        self.orders = Orders(
            db=world.db,
            vault=world.vault,
            ledger=world.ledger,
            policy=world.policy,
            planner=self.planner,
            moderator=self.moderator,
        )
        self.releases = Releases(
            db=world.db, vault=world.vault, ledger=world.ledger, policy=world.policy
        )
        self.library = Library(db=world.db, vault=world.vault, ledger=world.ledger)
        self.publications = Publications(
            db=world.db,
            vault=world.vault,
            ledger=world.ledger,
            library=self.library,
            policy=world.policy,
        )

    def order(self, maker: Member, *people: Member, prompt: str | None = None) -> ClipRecord:
        """Order a clip with people in it."""
        names = " and ".join(f"@{person.record.handle}" for person in people)
        text = prompt or f"{names or 'nobody'} on the shore"
        return self.orders.order(maker.record, VideoAsk(prompt=text, seconds=4))

    def render(self, clip: ClipRecord) -> None:
        """What a worker leaves before the release."""
        with self.world.db.transaction() as tx:
            tx.clips.change(clip.id, only=("queued",), status="in_progress")
        with self.world.vault.work.folder() as folder:
            (folder / "film").write_bytes(b"a film")
            self.world.vault.put_file(
                clip.dek_id or "", clip_context(clip.id), media_name(clip.id), folder / "film"
            )
        with self.world.db.transaction() as tx:
            tx.registry.add(
                payload=clip.payload,
                clip_id=clip.id,
                fingerprint=b"f",
                manifest=b"m",
                now=tx.now(),
            )

    def release(self, clip: ClipRecord) -> str:
        """Ask for the release."""
        return self.releases.release(clip.id, media_sha256="0" * 64, media_bytes=6)

    def draft(self, maker: Member, *people: Member, prompt: str | None = None) -> ClipRecord:
        """A clip that is released and covered by a checkpoint."""
        clip = self.order(maker, *people, prompt=prompt)
        self.render(clip)
        assert self.release(clip) == "completed"
        self.world.ledger.sequence()
        return self.get(clip)

    def remix(self, maker: Member, source: ClipRecord, *people: Member) -> ClipRecord:
        """Order a clip made from another."""
        names = " and ".join(f"@{person.record.handle}" for person in people) or "nobody"
        return self.orders.order(
            maker.record,
            VideoAsk(prompt=f"{names} on the shore again", seconds=4, remixed_from=source.id),
        )

    def get(self, clip: ClipRecord) -> ClipRecord:
        """The clip as it stands."""
        with self.world.db.reading() as tx:
            return tx.clips.get(clip.id)
