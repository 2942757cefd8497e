"""Where the storm takes place: a few people whom everybody wants, and a table of marks.

Marks are what a bystander with the database's clock would note down: who began what, and when it
returned. They are written outside of every transaction of the flows.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from secrets import token_hex
from typing import Any

import psycopg

from consent.evidence import sign_ed25519
from consent.vocabulary import Approval, Audience
from tests.integration.people import Member, World
from tests.integration.race.scene import Side

LEASE = timedelta(seconds=4)
GRANT_USES = 3
HOT = ("alice", "bobby", "carol")
"""Whom everybody wants. Alice grants, Bobby lets everybody, Carol has friends and looks first."""
MAKERS = ("maker-1", "maker-2", "maker-3")


class NoFiles:
    """Keeps no media: who races here races for rows. Nor does it start threads before a fork."""

    def put(self, name: str, content: object) -> None:
        """Nothing is kept."""

    def delete_all(self, prefix: str) -> None:
        """There is nothing."""


_MARKS = """
create table race_mark (
    id bigserial primary key, call text not null, phase text not null, what text not null,
    person text, other text, outcome text, at timestamptz not null default clock_timestamp()
)"""
_NOTE = (
    "insert into race_mark (call, phase, what, person, other, outcome) values (%s,%s,%s,%s,%s,%s)"
)


@dataclass(frozen=True)
class Ground:
    """How a process finds everything."""

    url: str
    folder: Path

    def side(self) -> Side:
        """Flows of one's own over it."""
        return Side(self.url, self.folder, files=NoFiles(), lease=LEASE, daily_limit=1_000_000)

    @property
    def plain_url(self) -> str:
        return self.url.replace("postgresql+psycopg://", "postgresql://")

    def people(self, world: World) -> dict[str, Member]:
        """Everybody, with the keys that only they hold."""
        kept: dict[str, str] = json.loads((self.folder / "keys.json").read_text())
        with world.db.reading() as tx:
            found = {handle: tx.people.find_handle(handle) for handle in kept}
        return {
            handle: Member(record=record, private_key=kept[handle].encode())
            for handle, record in found.items()
            if record is not None
        }

    def settle(self) -> None:
        """Sign everybody up, and let the hot ones agree."""
        side = self.side()
        members = {handle: side.world.member(handle) for handle in (*HOT, *MAKERS)}
        keys = {handle: member.private_key.decode() for handle, member in members.items()}
        (self.folder / "keys.json").write_text(json.dumps(keys))
        for handle in HOT:
            agree(side.world, members, handle)
        side.world.ledger.sequence()
        side.world.vault.work.close()
        side.db.close()
        with psycopg.connect(self.plain_url, autocommit=True) as connection:
            connection.execute(_MARKS)


def agree(world: World, members: dict[str, Member], handle: str) -> str:
    """Sign what this person usually agrees to; the consent's id."""
    member = members[handle]
    if handle == "alice":
        consent = world.consent(member, Audience.APPROVED)
        for maker in MAKERS:
            world.grant(member, members[maker], max_uses=GRANT_USES)
    elif handle == "bobby":
        consent = world.consent(member, Audience.EVERYONE, max_uses=200)
    else:
        consent = world.consent(member, Audience.MUTUALS, approval=Approval.ALWAYS)
        for maker in MAKERS:
            world.ties.follow(member.record, members[maker].record)
            world.ties.follow(members[maker].record, member.record)
    return consent.id


def warm_up(side: Side) -> None:
    """Do a little of everything once, so that those who are forked from here need not learn it.

    Everything that a process must not inherit is given back at the end.
    """
    world, studio = side.world, side.studio
    one, other = (world.member(f"warm-{token_hex(4)}") for _ in range(2))
    world.consent(one, Audience.EVERYONE, approval=Approval.ALWAYS)
    grant = world.grant(one, other)
    clip = studio.draft(other, one)
    remix = studio.remix(other, clip, one)
    studio.releases.give_up(remix.id, "render.failed")
    ready = world.acts.prepare_approval(one.record, clip.id)
    evidence = sign_ed25519(one.private_key, ready.document)
    world.acts.approve(one.record, ready.document, evidence, clip_id=clip.id)
    studio.publications.publish(other.record, clip.id)
    world.acts.decline(one.record, clip.id)
    for act in ("follow", "unfollow", "block", "unblock"):
        getattr(world.ties, act)(one.record, other.record)
    world.acts.pause(one.record)
    ready = world.acts.prepare_resumption(one.record)
    world.acts.resume(one.record, ready.document, sign_ed25519(one.private_key, ready.document))
    world.revocations.revoke_grant(one.record, grant.id)
    studio.releases.sweep()
    world.revocations.sweep()
    world.ledger.sequence()
    world.vault.work.close()
    side.db.close()


class Notes:
    """Writes marks over a connection of its own, each committed at once."""

    def __init__(self, ground: Ground) -> None:
        self._connection = psycopg.connect(ground.plain_url, autocommit=True)
        self._connection.execute("set synchronous_commit = off")

    def note(self, call: str, phase: str, what: str, *about: Any) -> None:
        """`about` is person, other, outcome, as far as they are known."""
        person, other, outcome = (*about, None, None, None)[:3]
        self._connection.execute(_NOTE, (call, phase, what, person, other, outcome))
