"""What each process of the storm does, over and over, until it is killed."""

from __future__ import annotations

import os
import random
import time
import traceback
from collections.abc import Callable
from secrets import token_hex
from typing import Any

from sqlalchemy import event, text

from cameo.flows.errors import FlowError
from cameo.keys.errors import KeyDestroyed
from cameo.store.errors import NotFoundError
from consent.evidence import sign_ed25519
from consent.vocabulary import Audience
from tests.integration.race.driver import watch_of
from tests.integration.race.ground import GRANT_USES, HOT, MAKERS, Ground, Notes, agree
from tests.integration.race.scene import Side


class Actor:
    """One process: flows, marks, and a random stream of its own."""

    def __init__(self, ground: Ground, side: Side, seed: str) -> None:
        self.random = random.Random(seed)
        self.side = side
        self.world, self.studio = self.side.world, self.side.studio
        self.members = ground.people(self.world)
        self.notes = Notes(ground)
        self._jitter()

    def marked(self, act: Callable[[], Any], what: str, *about: str | None) -> str:
        """Do something between two marks. Refusals are answers; anything else is a fault."""
        call = token_hex(8)
        self.notes.note(call, "began", what, *about)
        try:
            outcome = str(act() or "done")
        except (FlowError, NotFoundError, KeyDestroyed) as refusal:
            outcome = refusal.code
        person, other = (*about, None, None)[:2]
        self.notes.note(call, "returned", what, person, other, outcome)
        return outcome

    def some(self, query: str, **values: str) -> Any:
        """One of the rows of a query; None where there is none."""
        with self.side.db.engine.connect() as connection:
            rows = list(connection.execute(text(query), values))
        return self.random.choice(rows) if rows else None

    def _jitter(self) -> None:
        """Dawdle at the worst moments: with the locks, with the decision, before the commit."""
        engine = self.side.db.engine

        def after(_connection: Any, statement: str) -> None:
            if "pg_advisory_xact_lock" in statement or " AS mutual" in statement:
                self.dawdle()

        watch_of(engine).after.append(after)
        event.listen(engine, "commit", lambda _connection: self.dawdle())

    def dawdle(self) -> None:
        if self.random.random() < 0.5:
            time.sleep(self.random.choice([0.001, 0.003, 0.02]) * self.random.random())


def order(actor: Actor) -> None:
    """Order clips with one or two of the hot people, some of them made from others."""
    members, chance = actor.members, actor.random
    maker = members[chance.choice(MAKERS)]
    people = [members[handle] for handle in chance.sample(HOT, chance.choice([1, 1, 2]))]
    source = actor.some("select id from clip where status = 'completed' limit 50")

    def act() -> None:
        if source is not None and chance.random() < 0.3:
            with actor.side.db.reading() as tx:
                parent = tx.clips.get(source.id)
            clip = actor.studio.remix(maker, parent, *people)
        else:
            clip = actor.studio.order(maker, *people)
        actor.studio.render(clip)

    actor.marked(act, "order", maker.record.id)


def release(actor: Actor) -> None:
    """Release whatever is rendered, sometimes what another process releases too."""
    row = actor.some(
        "select clip.id from clip join registry on clip_id = clip.id"
        " where status = 'in_progress' order by clip.id limit 4"
    )
    if row is None:
        time.sleep(0.005)
        return
    releases = actor.studio.releases
    actor.marked(
        lambda: releases.release(row.id, media_sha256="0" * 64, media_bytes=6),
        "release",
        None,
        row.id,
    )


def publish(actor: Actor) -> None:
    """Share finished clips."""
    row = actor.some(
        "select id, maker_id from clip where status = 'completed' and share_token is null"
        " order by id desc limit 6"
    )
    if row is None:
        time.sleep(0.005)
        return
    with actor.side.db.reading() as tx:
        maker = tx.people.get(row.maker_id)
    actor.marked(
        lambda: actor.studio.publications.publish(maker, row.id) and None, "publish", None, row.id
    )
    time.sleep(0.1)


def sweep(actor: Actor) -> None:
    """What the worker does all the time."""
    actor.studio.releases.sweep()
    actor.world.revocations.sweep()
    time.sleep(0.2)


def sequence(actor: Actor) -> None:
    actor.world.ledger.sequence()
    time.sleep(0.02)


class Denier:
    """One hot person: withdraws, blocks, pauses, declines, and takes it back again."""

    def __init__(self, handle: str) -> None:
        self.handle = handle

    def __call__(self, actor: Actor) -> None:
        me, chance = actor.members[self.handle], actor.random
        with actor.side.db.reading() as tx:
            now = tx.people.get(me.record.id)
            consent = tx.consents.latest(me.record.id)
            blocked = [handle for handle, _ in tx.ties.blocked(me.record.id)]
        if now.paused_at is not None:
            self._resume(actor)
        elif consent is None or consent.status != "active":
            actor.marked(
                lambda: agree(actor.world, actor.members, self.handle), "consent", me.record.id
            )
        elif blocked:
            other = actor.members[blocked[0]].record
            actor.marked(
                lambda: actor.world.ties.unblock(me.record, other),
                "unblock",
                me.record.id,
                other.id,
            )
        else:
            self._deny(actor, consent.id)
        time.sleep(0.15 * chance.random())

    def _deny(self, actor: Actor, consent_id: str) -> None:
        me, world = actor.members[self.handle].record, actor.world
        maker = actor.members[actor.random.choice(MAKERS)].record
        grant = actor.some(
            "select id, grantee_id from \"grant\" where status = 'active' and person_id = :me",
            me=me.id,
        )
        acts: dict[str, tuple[Callable[[], Any], str]] = {
            "revoke": (lambda: world.revocations.revoke_consent(me, consent_id).id, consent_id),
            "block": (lambda: world.ties.block(me, maker), maker.id),
            "pause": (lambda: world.acts.pause(me), ""),
            "narrow": (self._narrow(actor), consent_id),
            "unfollow": (lambda: world.ties.unfollow(me, maker), maker.id),
            "follow": (self._befriend(actor, maker), maker.id),
        }
        if grant is not None:
            withdraw = world.revocations.revoke_grant
            acts["ungrant"] = (lambda: withdraw(me, grant.id).id, grant.id)
            grantee = next(m for m in actor.members.values() if m.record.id == grant.grantee_id)
            acts["grant"] = (
                lambda: world.grant(actor.members[self.handle], grantee, max_uses=GRANT_USES).id,
                grantee.record.id,
            )
        shown = actor.some(
            "select clip_id from clip_person join clip on clip.id = clip_id"
            " where person_id = :me and status = 'completed' order by clip_id desc limit 8",
            me=me.id,
        )
        if shown is not None:
            acts["decline"] = (lambda: world.acts.decline(me, shown.clip_id), shown.clip_id)
            acts["approve"] = (self._approve(actor, shown.clip_id), shown.clip_id)
        weights = {"grant": 5, "approve": 8, "follow": 4}
        names = list(acts)
        (what,) = actor.random.choices(names, [weights.get(name, 1) for name in names])
        act, other = acts[what]
        actor.marked(lambda: act() and None, what, me.id, other)

    def _resume(self, actor: Actor) -> None:
        me = actor.members[self.handle]

        def act() -> None:
            ready = actor.world.acts.prepare_resumption(me.record)
            evidence = sign_ed25519(me.private_key, ready.document)
            actor.world.acts.resume(me.record, ready.document, evidence)

        actor.marked(act, "resume", me.record.id)

    def _approve(self, actor: Actor, clip_id: str) -> Callable[[], None]:
        me = actor.members[self.handle]

        def act() -> None:
            ready = actor.world.acts.prepare_approval(me.record, clip_id)
            evidence = sign_ed25519(me.private_key, ready.document)
            actor.world.acts.approve(me.record, ready.document, evidence, clip_id=clip_id)

        return act

    def _narrow(self, actor: Actor) -> Callable[[], None]:
        """A new consent that reaches nobody, then the usual one again."""
        me = actor.members[self.handle]

        def act() -> None:
            actor.world.consent(me, Audience.ONLY_ME)
            agree(actor.world, actor.members, self.handle)

        return act

    def _befriend(self, actor: Actor, maker: Any) -> Callable[[], None]:
        me = actor.members[self.handle].record

        def act() -> None:
            actor.world.ties.follow(me, maker)
            actor.world.ties.follow(maker, me)

        return act


ROLES: dict[str, Callable[[Actor], None]] = {
    "orderer-1": order,
    "orderer-2": order,
    "orderer-3": order,
    "releaser-1": release,
    "releaser-2": release,
    "releaser-3": release,
    "publisher": publish,
    "sweeper": sweep,
    "sequencer": sequence,
    **{f"denier-{handle}": Denier(handle) for handle in HOT},
}


def play(role: str, ground: Ground, side: Side, seed: str) -> None:
    """Be one process until killed; ends by itself only with its parent, or by a fault."""
    parent = os.getppid()
    try:
        actor = Actor(ground, side, seed)
        while os.getppid() == parent:
            ROLES[role](actor)
    except BaseException:  # noqa: BLE001 - whatever it is, the storm must hear of it
        (ground.folder / f"fault-{role}-{os.getpid()}").write_text(traceback.format_exc())
