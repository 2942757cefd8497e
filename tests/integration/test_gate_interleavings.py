"""What happens when two come at once, statement by statement, over two PostgreSQL connections.

Nothing here depends on luck: one transaction is stopped at a point, and the other is put there.
"""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from secrets import token_hex

import pytest
from sqlalchemy import Connection, Engine, event, text

from cameo.cli.bench.cluster import fresh_database
from cameo.store.locks import lock_number, lock_number_sql
from cameo.store.records import ConsentRecord
from cameo.store.tables import metadata
from cameo.wiring.home import migrate
from consent.vocabulary import Audience
from tests.integration.life.stage import outcome
from tests.integration.people import Member
from tests.integration.race.driver import watch_of, watching
from tests.integration.race.halt import PATIENCE, Point, is_kept_waiting, stopped, wait_for
from tests.integration.race.scene import (
    ACTS,
    SUCCEEDED,
    USES,
    Scene,
    Side,
    audience_for,
    pairs,
    prepare,
)

pytestmark = pytest.mark.postgres


@pytest.fixture(scope="module")
def sides(
    postgres_server: str, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[tuple[Side, Side]]:
    """Two processes' worth of connections to one database."""
    folder = tmp_path_factory.mktemp("sides")
    with fresh_database(postgres_server, "interleavings") as url:
        migrate(url)
        both = Side(url, folder), Side(url, folder)
        yield both
        for side in both:
            side.world.vault.work.close()
            side.db.close()


def everything(side: Side) -> dict[str, str]:
    """A digest of every table."""
    with side.db.engine.connect() as connection:
        return {
            table: connection.execute(
                text(f'select md5(string_agg(t::text, chr(10) order by t::text)) from "{table}" t')  # noqa: S608
            ).scalar_one()
            for table in metadata.tables
        }


@pytest.mark.parametrize(("use", "act"), pairs())
class TestAUseAndADenial:
    """Whichever takes its lock first is finished before the other looks."""

    def test_a_denial_waits_for_a_use_that_was_decided(
        self, sides: tuple[Side, Side], use: str, act: str
    ):
        slow, fast = sides
        scene = prepare(fast, use, audience_for(act))
        with stopped(slow.db.engine, Point.AFTER_READ, lambda: USES[use](slow, scene)) as first:
            denial = first.meanwhile(lambda: ACTS[act](fast, scene))
            assert is_kept_waiting(slow.db.engine, denial), f"{act}, and returned"
            assert first.go_on() in SUCCEEDED
            denial.result(PATIENCE)
        fast.world.ledger.sequence()
        assert fast.world.ledger.audit().findings == ()

    def test_a_use_waits_for_a_denial_that_is_not_committed(
        self, sides: tuple[Side, Side], use: str, act: str
    ):
        slow, fast = sides
        scene = prepare(fast, use, audience_for(act))
        with stopped(slow.db.engine, Point.BEFORE_COMMIT, lambda: ACTS[act](slow, scene)) as first:
            wanted = first.meanwhile(lambda: USES[use](fast, scene))
            assert is_kept_waiting(slow.db.engine, wanted), f"{use} did not wait"
            first.go_on()
            assert wanted.result(PATIENCE) not in SUCCEEDED

    def test_what_was_read_before_the_lock_does_not_count(
        self, sides: tuple[Side, Side], use: str, act: str
    ):
        slow, fast = sides
        scene = prepare(fast, use, audience_for(act))
        with stopped(slow.db.engine, Point.BEFORE_LOCK, lambda: USES[use](slow, scene)) as first:
            ACTS[act](fast, scene)
            assert first.go_on() not in SUCCEEDED


@pytest.mark.parametrize("what", [*USES, *ACTS])
def test_what_cannot_be_committed_has_left_nothing(sides: tuple[Side, Side], what: str):
    """Rows, uses, epochs and log entries stand together, or not at all."""
    slow, fast = sides
    scene = prepare(fast, what if what in USES else "publication", audience_for(what))
    act = USES.get(what) or ACTS[what]
    before = everything(fast)
    with failing_commits(slow.db.engine), pytest.raises(CommitFailedError):
        act(slow, scene)
    assert everything(fast) == before
    act(slow, scene)
    assert everything(fast) != before


class TestUses:
    """One use is one clip, whoever comes at the same time."""

    def test_two_orders_do_not_share_the_last_use(self, sides: tuple[Side, Side]):
        slow, fast = sides
        scene = prepare(fast, "order", Audience.EVERYONE)
        consent = fast.world.consent(scene.alice, Audience.EVERYONE, max_uses=1)
        order = USES["order"]
        with stopped(slow.db.engine, Point.AFTER_READ, lambda: order(slow, scene)) as first:
            assert outcome(fast.studio.order, scene.carol, scene.alice) == "done"
            assert first.go_on() == "consent.refused"
        with fast.db.reading() as tx:
            counted = tx.consents.get(consent.id)
        assert (counted.uses_reserved, counted.uses_consumed) == (1, 0)

    def test_a_clip_that_is_released_twice_at_once_counts_once(self, sides: tuple[Side, Side]):
        slow, fast = sides
        scene = prepare(fast, "release", Audience.APPROVED)
        release = USES["release"]
        with stopped(slow.db.engine, Point.AFTER_READ, lambda: release(slow, scene)) as first:
            assert release(fast, scene) == "completed"
            assert first.go_on() == "completed"
        assert scene.grant is not None
        assert scene.clip is not None
        assert counts(fast, scene.grant.id) == (0, 1)
        assert entries(fast).count(("release", scene.clip.id)) == 1

    def test_a_clip_that_is_given_up_and_released_at_once_keeps_its_books(
        self, sides: tuple[Side, Side]
    ):
        slow, fast = sides
        scene = prepare(fast, "release", Audience.APPROVED)
        clip, grant = scene.clip, scene.grant
        assert clip is not None
        assert grant is not None
        release = USES["release"]
        with stopped(slow.db.engine, Point.AFTER_READ, lambda: release(slow, scene)) as first:
            fast.studio.releases.give_up(clip.id, "render.failed")
            assert first.go_on() == "failed"
        assert counts(fast, grant.id) == (0, 0)
        assert ("release", clip.id) not in entries(fast)


class TestTheSequencer:
    """One at a time gives indexes, and nothing is lost that commits late."""

    def test_a_second_one_waits(self, sides: tuple[Side, Side]):
        slow, fast = sides
        prepare(fast, "order", Audience.EVERYONE)
        ledger = slow.world.ledger
        with stopped(slow.db.engine, Point.BEFORE_COMMIT, ledger.sequence) as first:
            second = first.meanwhile(fast.world.ledger.sequence)
            assert is_kept_waiting(slow.db.engine, second)
            first.go_on()
            second.result(PATIENCE)
        assert fast.world.ledger.audit().findings == ()

    def test_what_commits_late_is_not_passed_over(self, sides: tuple[Side, Side]):
        slow, fast = sides
        early, late = (prepare(fast, "order", Audience.EVERYONE) for _ in range(2))
        with stopped(
            slow.db.engine, Point.BEFORE_COMMIT, lambda: slow.world.acts.pause(late.alice.record)
        ) as first:
            # Its row is written, with a smaller number than the next one, and not to be seen yet.
            fast.world.acts.pause(early.alice.record)
            fast.world.ledger.sequence()
            first.go_on()
        for scene in (early, late):
            assert ("restrict", scene.alice.record.id) in entries(fast)


@pytest.mark.parametrize(
    "wanted",
    [
        ({"exclusive": ["b"], "shared": ["a"]}, {"exclusive": ["a"], "shared": ["b"]}),
        ({"shared": ["a", "b"]}, {"exclusive": ["a", "b"]}),
    ],
    ids=["crosswise", "a release and a block"],
)
def test_nobody_waits_in_a_circle(sides: tuple[Side, Side], wanted):
    """Two people, `a` with the smaller lock; each of two transactions wants both of them.

    Taken in one order, both stand before `a`. Otherwise the first gets `b`, the second gets `a`,
    and each waits for the other.
    """
    slow, fast = sides
    a, b = sorted((token_hex(8), token_hex(8)), key=lock_number)
    names = {"a": a, "b": b}
    asked = [
        {kind: [names[name] for name in chosen] for kind, chosen in each.items()} for each in wanted
    ]

    def take(side: Side, locks: dict[str, list[str]]) -> str:
        def both() -> None:
            with side.db.transaction(**locks):
                pass

        return outcome(both)

    with ThreadPoolExecutor(max_workers=2) as threads, ExitStack() as holding_a:
        with ExitStack() as holding_b:
            holding_a.enter_context(fast.db.transaction(exclusive=[a]))
            holding_b.enter_context(fast.db.transaction(exclusive=[b]))
            first = threads.submit(take, slow, asked[0])
            wait_for(fast.db.engine, ["advisory"])
            second = threads.submit(take, slow, asked[1])
            wait_for(fast.db.engine, ["advisory"] * 2)
        wait_for(fast.db.engine, ["advisory"] * 2)
        holding_a.close()
        assert [first.result(PATIENCE), second.result(PATIENCE)] == ["done", "done"]


def test_a_release_takes_its_locks_in_the_same_order(sides: tuple[Side, Side]):
    """As above, where the first is a release: it takes its locks in a statement of its own."""
    slow, fast = sides
    one, other, maker = (fast.world.member(f"{name}{token_hex(4)}") for name in "abc")
    for member in (one, other):
        fast.world.consent(member, Audience.EVERYONE)
    clip = fast.studio.order(maker, one, other)
    fast.studio.render(clip)
    a, b = sorted((one.record.id, other.record.id), key=lock_number)

    def take_both() -> str:
        with fast.db.transaction(exclusive=[a, b]):
            return "done"

    with ThreadPoolExecutor(max_workers=2) as threads, ExitStack() as holding_a:
        with ExitStack() as holding_b:
            holding_a.enter_context(fast.db.transaction(exclusive=[a]))
            holding_b.enter_context(fast.db.transaction(exclusive=[b]))
            first = threads.submit(outcome, slow.studio.release, clip)
            wait_for(fast.db.engine, ["advisory"])
            second = threads.submit(outcome, take_both)
            wait_for(fast.db.engine, ["advisory"] * 2)
        wait_for(fast.db.engine, ["advisory"] * 2)
        holding_a.close()
        assert [first.result(PATIENCE), second.result(PATIENCE)] == ["done", "done"]
    with fast.db.reading() as tx:
        assert tx.clips.get(clip.id).status == "completed"


def test_the_numbers_of_locks_are_the_same_everywhere(sides: tuple[Side, Side]):
    names = [token_hex(8), "prs_\u00e9", ""]
    number = lock_number_sql("name")
    query = text(f"select {number} from unnest(cast(:names as text[])) as name")  # noqa: S608
    with sides[0].db.engine.connect() as connection:
        found = connection.execute(query, {"names": names}).scalars().all()
    assert found == [lock_number(name) for name in names]


class TestDestruction:
    """What is over is destroyed, unless the law wants it kept; no withdrawal waits for that."""

    def test_a_legal_hold_waits_for_it(self, sides: tuple[Side, Side]):
        slow, fast = sides
        scene, clip = self._over(fast)
        with stopped(
            slow.db.engine, Point.BEFORE_COMMIT, slow.world.revocations.sweep
        ) as destruction:
            hold = destruction.meanwhile(lambda: self._hold(fast, scene))
            assert is_kept_waiting(slow.db.engine, hold)
            destruction.go_on()
            hold.result(PATIENCE)
        assert self._key(fast, clip) is None

    def test_it_waits_for_a_legal_hold(self, sides: tuple[Side, Side]):
        slow, fast = sides
        scene, clip = self._over(fast)
        with stopped(slow.db.engine, Point.BEFORE_COMMIT, lambda: self._hold(slow, scene)) as hold:
            destruction = hold.meanwhile(fast.world.revocations.sweep)
            assert is_kept_waiting(slow.db.engine, destruction)
            hold.go_on()
            destruction.result(PATIENCE)
        assert self._key(fast, clip) is not None

    def test_a_withdrawal_does_not_wait_for_it(self, sides: tuple[Side, Side]):
        slow, fast = sides
        scene, _ = self._over(fast)
        with stopped(
            slow.db.engine, Point.BEFORE_COMMIT, slow.world.revocations.sweep
        ) as destruction:
            denial = destruction.meanwhile(lambda: ACTS["a consent is withdrawn"](fast, scene))
            assert not is_kept_waiting(slow.db.engine, denial)
            denial.result(PATIENCE)
            destruction.go_on()

    def test_a_receipt_is_written_while_nothing_is_destroyed(self, sides: tuple[Side, Side]):
        """It says which clips a hold on another person keeps."""
        slow, fast = sides
        alice, bob = (fast.office.member(f"{name}{token_hex(4)}") for name in "ab")
        for member in (alice, bob):
            fast.world.consent(member, Audience.EVERYONE)
        clip = fast.studio.draft(bob, alice, bob)
        fast.office.holds.set(bob.record, "order 7")

        def lift() -> None:
            fast.office.holds.lift(bob.record)

        def erase() -> None:
            slow.office.erasures.erase(alice.record, confirm=alice.record.handle)

        with stopped(slow.db.engine, "UPDATE erasure", erase) as erasure:
            lifted = erasure.meanwhile(lift)
            assert is_kept_waiting(slow.db.engine, lifted)
            erasure.go_on()
            lifted.result(PATIENCE)
        assert self._key(fast, clip.id) is None

    def _over(self, side: Side) -> tuple[Scene, str]:
        """Alice's grant was withdrawn, and the key of the clip under it is still there."""
        side.world.revocations.sweep()
        scene = prepare(side, "publication", Audience.APPROVED)
        assert scene.clip is not None
        ACTS["a grant is withdrawn"](side, scene)
        return scene, scene.clip.id

    def _hold(self, side: Side, scene: Scene) -> None:
        side.office.holds.set(scene.alice.record, "order 7")

    def _key(self, side: Side, clip_id: str) -> str | None:
        with side.db.reading() as tx:
            return tx.clips.get(clip_id).dek_id


def test_two_withdrawals_that_reach_one_clip_come_one_after_the_other(sides: tuple[Side, Side]):
    """Each ends its own consent and gives back a use of the other's."""
    slow, fast = sides
    one, other, maker = (fast.world.member(f"{name}{token_hex(4)}") for name in "abc")
    consents = [
        fast.world.consent(member, Audience.EVERYONE, max_uses=5) for member in (one, other)
    ]
    clip = fast.studio.order(maker, one, other)

    def withdraw(side: Side, member: Member, consent: ConsentRecord) -> str:
        return outcome(side.world.revocations.revoke_consent, member.record, consent.id)

    with stopped(
        slow.db.engine, "UPDATE consent SET status", lambda: withdraw(slow, one, consents[0])
    ) as first:
        second = first.meanwhile(lambda: withdraw(fast, other, consents[1]))
        wait_for(slow.db.engine, ["transactionid"])
        assert first.go_on() == "done"
        assert second.result(PATIENCE) == "done"
    assert fast.studio.get(clip).status == "failed"
    with fast.db.reading() as tx:
        assert [tx.consents.get(consent.id).uses_reserved for consent in consents] == [0, 0]


def test_a_declined_clip_and_a_withdrawal_do_not_wait_in_a_circle(sides: tuple[Side, Side]):
    """Each holds the lock of another person; both change the clip and the rows of its people."""
    slow, fast = sides
    one, other, maker = (fast.world.member(f"{name}{token_hex(4)}") for name in "abc")
    for member in (one, other):
        consent = fast.world.consent(member, Audience.EVERYONE)
    clip = fast.studio.order(maker, one, other)

    def decline() -> str:
        return outcome(slow.world.acts.decline, one.record, clip.id)

    with stopped(slow.db.engine, "UPDATE clip", decline) as first:
        withdrawal = first.meanwhile(
            lambda: outcome(fast.world.revocations.revoke_consent, other.record, consent.id)
        )
        wait_for(slow.db.engine, ["transactionid"])
        assert first.go_on() == "done"
        assert withdrawal.result(PATIENCE) == "done"
    assert fast.studio.get(clip).status == "failed"


def test_what_is_deleted_is_not_published(sides: tuple[Side, Side]):
    slow, fast = sides
    scene = prepare(fast, "publication", Audience.APPROVED)
    clip = scene.clip
    assert clip is not None
    publish = USES["publication"]
    with stopped(slow.db.engine, Point.AFTER_READ, lambda: publish(slow, scene)) as first:
        fast.studio.library.delete(scene.bob.record, clip.id)
        assert first.go_on() == "video.not_ready"
    assert ("publish", clip.id) not in entries(fast)


class CommitFailedError(Exception):
    """What a lost connection looks like at the worst moment."""


@contextmanager
def failing_commits(engine: Engine) -> Iterator[None]:
    """No transaction that holds locks of people is committed; another one beside it would be."""
    holding: set[int] = set()

    def look(driver: object, statement: str) -> None:
        if "pg_advisory_xact_lock" in statement:
            holding.add(id(driver))

    def refuse(connection: Connection) -> None:
        if id(connection.connection.driver_connection) in holding:
            raise CommitFailedError

    event.listen(engine, "commit", refuse)
    try:
        with watching(watch_of(engine).after, look):
            yield
    finally:
        event.remove(engine, "commit", refuse)


def counts(side: Side, grant_id: str) -> tuple[int, int]:
    with side.db.reading() as tx:
        grant = tx.consents.get_grant(grant_id)
    return grant.uses_reserved, grant.uses_consumed


def entries(side: Side) -> list[tuple[str, str]]:
    """Kind and subject of every entry of the log, in its order."""
    side.world.ledger.sequence()
    with side.db.reading() as tx:
        return [(entry.kind, entry.ref) for entry in tx.log.entries(limit=100_000)]
