"""The transparency log over real databases: gapless, provable, readable from outside, forgetful."""

from __future__ import annotations

import base64
import itertools
import json
import multiprocessing
import os
import random
import signal
import threading
import time
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import text

from cameo.flows.errors import NoPromiseKeyError
from cameo.flows.ledger import Ledger, opening_of
from cameo.flows.log_views import LogViews
from cameo.store.database import Database
from cameo.store.errors import NotFoundError
from cameo.store.records import PersonRecord
from cameo.wiring.home import migrate
from provenance.log.checkpoint import open_checkpoint
from provenance.log.entries import check_commitment, parse, person_ref
from provenance.log.errors import LogError, OutOfTree
from provenance.log.merkle import Frontier, leaf_hash, verify_consistency
from provenance.log.notes import NoteSigner
from provenance.log.promise import open_promise, promise_key_name
from provenance.log.tiles import MAX_LEVEL, TilePath, decode_bundle

ORIGIN = "test.example/log"
SIGNER = NoteSigner(ORIGIN, bytes(range(32)))
PROMISER = NoteSigner(promise_key_name(ORIGIN), bytes(range(1, 33)))


@pytest.fixture
def ledger(database: Database) -> Ledger:
    return Ledger(db=database, signer=SIGNER, promiser=PROMISER)


@pytest.fixture
def views(ledger: Ledger) -> LogViews:
    return LogViews(db=ledger.db, ledger=ledger)


def person(ledger: Ledger, handle: str) -> PersonRecord:
    with ledger.db.transaction() as tx:
        return tx.people.add(handle=handle, display_name=handle, api_key_hash=handle, now=tx.now())


def record(ledger: Ledger, ref: str, *people: PersonRecord, kind: str = "lease") -> bytes:
    with ledger.db.transaction() as tx:
        return ledger.record(
            tx,
            kind=kind,  # type: ignore[arg-type]
            ref=ref,
            private={"ref": ref},
            at=tx.now(),
            people=people,
        )


def bodies_of(db: Database) -> list[bytes]:
    with db.reading() as tx:
        return [entry.body for entry in tx.log.entries(0, 100_000)]


def root_of(bodies: list[bytes]) -> bytes:
    frontier = Frontier()
    for body in bodies:
        frontier.append(leaf_hash(body))
    return frontier.root()


def test_leaves_get_their_places_in_batches(ledger: Ledger):
    made = [record(ledger, f"clip_{n}") for n in range(10)]
    assert ledger.sequence(3) == 10
    assert bodies_of(ledger.db) == made
    with ledger.db.reading() as tx:
        heads = [tx.log.checkpoint_of(size) for size in range(1, 11)]
    assert [head.size for head in heads if head is not None] == [3, 6, 9, 10]
    head = ledger.head()
    assert head is not None
    assert open_checkpoint(head.note, ledger.vkey).root == root_of(made)
    assert ledger.sequence() == 10


def test_a_leaf_that_was_rolled_back_is_nowhere(ledger: Ledger):
    class Failure(Exception):
        pass

    def fail() -> None:
        with ledger.db.transaction() as tx:
            ledger.record(tx, kind="stamp", ref="x", private={}, at=tx.now())
            raise Failure

    with pytest.raises(Failure):
        fail()
    kept = record(ledger, "y")
    assert ledger.sequence() == 1
    assert bodies_of(ledger.db) == [kept]


def test_a_step_that_was_rolled_back_is_done_again(ledger: Ledger, monkeypatch):
    from cameo.store.log import Log

    made = [record(ledger, f"clip_{n}") for n in range(5)]
    real, failed = Log.write, []

    def failing(self, *args):
        real(self, *args)
        if not failed:
            failed.append(True)
            raise ConnectionError

    with monkeypatch.context() as patch:
        patch.setattr(Log, "write", failing)
        with pytest.raises(ConnectionError):
            ledger.sequence(2)
        assert bodies_of(ledger.db) == []
        assert ledger.sequence(2) == 5
    assert bodies_of(ledger.db) == made


def test_a_changed_tree_stops_the_sequencer(ledger: Ledger):
    record(ledger, "clip_1")
    ledger.sequence()
    with ledger.db.engine.begin() as connection:
        connection.execute(text("update log_node set hash = :hash"), {"hash": b"x" * 32})
    record(ledger, "clip_2")
    with pytest.raises(LogError):
        ledger.sequence()
    assert len(bodies_of(ledger.db)) == 1


def test_every_leaf_proves_itself_and_every_head_the_next(ledger: Ledger, views: LogViews):
    for n in range(7):
        record(ledger, f"clip_{n}")
        ledger.sequence()
    with ledger.db.reading() as tx:
        proofs = [ledger.prove(tx, kind="lease", ref=f"clip_{n}") for n in range(7)]
        heads = [tx.log.checkpoint_of(size) for size in range(1, 8)]
    assert [proof.index for proof in proofs if proof is not None] == list(range(7))
    for old, new in itertools.combinations(heads, 2):
        assert old is not None
        assert new is not None
        answer = views.consistency(old.size, new.size)
        hashes = [base64.b64decode(each) for each in answer["hashes"]]
        verify_consistency(old.size, new.size, hashes, old.root, new.root)


def test_no_proof_beyond_the_log(ledger: Ledger, views: LogViews):
    with pytest.raises(NotFoundError):
        views.consistency(0, 0)
    record(ledger, "clip_1")
    with ledger.db.reading() as tx:
        assert ledger.prove(tx, kind="lease", ref="clip_1") is None
    ledger.sequence()
    with pytest.raises(NotFoundError):
        views.consistency(0, 2)
    with pytest.raises(OutOfTree):
        views.consistency(1, 0)
    assert views.consistency(0, 1)["hashes"] == []


def test_tiles_are_those_of_the_tree(ledger: Ledger, views: LogViews):
    with ledger.db.transaction() as tx:
        for n in range(600):
            ledger.record(tx, kind="stamp", ref=f"clip_{n}", private={}, at=tx.now())
    ledger.sequence(100)
    bodies = bodies_of(ledger.db)
    for number, width in ((0, 256), (1, 256), (2, 88), (2, 1), (0, 7)):
        leaves = bodies[number * 256 : number * 256 + width]
        full = width == 256
        bundle = views.tile(TilePath(level=None, number=number, width=width).text())
        assert (decode_bundle(bundle.data, width), bundle.immutable) == (leaves, full)
        tile = views.tile(TilePath(level=0, number=number, width=width).text())
        assert (tile.data, tile.immutable) == (b"".join(map(leaf_hash, leaves)), full)
    above = views.tile("tile/1/000.p/2").data
    assert above == root_of(bodies[:256]) + root_of(bodies[256:512])


@pytest.mark.parametrize(
    "path",
    [
        "tile/0/000",
        "tile/0/000.p/4",
        "tile/0/001.p/1",
        "tile/1/000.p/1",
        "tile/entries/000.p/4",
        "tile/entries/001",
        "tile/0/00",
        "tile/0/000.p/0",
        "tile/x/000",
        "tile/0/../entries/000",
        TilePath(level=MAX_LEVEL, number=1000**7 - 1).text(),
        TilePath(level=0, number=2**62).text(),
    ],
)
def test_tiles_that_no_head_covers(ledger: Ledger, views: LogViews, path: str):
    for n in range(3):
        record(ledger, f"clip_{n}")
    ledger.sequence()
    record(ledger, "pending")
    with pytest.raises(NotFoundError):
        views.tile(path)


def test_a_person_finds_their_own_entries(ledger: Ledger, views: LogViews):
    alice, bob = person(ledger, "alice"), person(ledger, "bobby")
    record(ledger, "clip_1", alice)
    record(ledger, "clip_2", bob)
    body = record(ledger, "clip_3", alice, bob)
    ledger.sequence()
    mine = views.mine(alice)
    assert [entry["index"] for entry in mine["entries"]] == [0, 2]
    assert mine["person_ref"] == person_ref(alice.id, bytes.fromhex(mine["salt"]))
    last = mine["entries"][1]
    assert (last["body"], last["erased"]) == (body.decode(), False)
    private, salt = last["private"].encode(), bytes.fromhex(last["salt"])
    check_commitment(parse(body), private, salt)
    assert json.loads(private) == {"ref": "clip_3"}
    assert [entry["index"] for entry in views.mine(bob)["entries"]] == [1, 2]
    assert views.mine(person(ledger, "carol"))["entries"] == []


def test_who_restricted_somebody_else_is_not_told(ledger: Ledger, views: LogViews):
    alice, bob = person(ledger, "alice"), person(ledger, "bobby")
    with ledger.db.transaction() as tx:
        for by in (alice.id, None):
            private = {"act": "block", "people": [alice.id, bob.id], "by": by}
            both = [alice, bob]
            ledger.record(
                tx, kind="restrict", ref=alice.id, private=private, at=tx.now(), people=both
            )
    ledger.sequence()
    for told, withheld in ((alice, [False, False]), (bob, [True, False])):
        shown = views.mine(told)["entries"]
        assert [entry["withheld"] for entry in shown] == withheld
        assert [entry["private"] is None for entry in shown] == withheld
        assert [entry["salt"] is None for entry in shown] == withheld
        assert not any(entry["erased"] for entry in shown)


def test_own_entries_come_in_pages(ledger: Ledger, views: LogViews, monkeypatch):
    from cameo.flows import log_views

    monkeypatch.setattr(log_views, "_OWN_LIMIT", 2)
    alice = person(ledger, "alice")
    for n in range(5):
        record(ledger, f"clip_{n}", alice)
    ledger.sequence()
    start, seen = 0, []
    while start is not None:
        page = views.mine(alice, start)
        seen += [entry["index"] for entry in page["entries"]]
        start = page["next"]
    assert seen == [0, 1, 2, 3, 4]


def test_what_is_forgotten_opens_no_more_and_proves_still(ledger: Ledger, views: LogViews):
    alice = person(ledger, "alice")
    for ref in ("cns_1", "clip_1", "clip_2"):
        record(ledger, ref, alice)
    ledger.sequence()
    record(ledger, "clip_3", alice)
    with ledger.db.transaction() as tx:
        # One of them has no place yet.
        assert tx.log.forget_openings(["cns_1", "clip_3", "nothing"]) == 2
        assert tx.log.forget_openings(["cns_1"]) == 0
        assert tx.log.forget_openings([]) == 0
    ledger.sequence()
    shown = views.mine(alice)["entries"]
    assert [entry["erased"] for entry in shown] == [True, False, False, True]
    assert (shown[0]["salt"], shown[0]["private"]) == (None, None)
    assert [bool(entry["private"]) for entry in shown] == [False, True, True, False]
    with ledger.db.reading() as tx:
        entry = tx.log.find("lease", "cns_1")
        assert entry is not None
        assert opening_of(entry) is None
        assert ledger.prove(tx, kind="lease", ref="cns_1") is not None
    assert ledger.audit().checkpoint.size == 4


def test_a_promise_is_about_the_leaf_that_follows(ledger: Ledger):
    alice = person(ledger, "alice")
    body = record(ledger, "cns_1", alice, kind="revoke")
    with ledger.db.reading() as tx:
        now = tx.now()
    promise = open_promise(ledger.promise(body, now), PROMISER.vkey)
    assert (promise.origin, promise.within) == (ORIGIN, timedelta(minutes=10))
    assert timedelta(0) <= now - promise.at < timedelta(seconds=1)
    ledger.sequence()
    assert [leaf_hash(body) for body in bodies_of(ledger.db)] == [promise.leaf_hash]


def test_without_a_key_nothing_is_promised(database: Database):
    ledger = Ledger(db=database, signer=SIGNER)
    with ledger.db.reading() as tx, pytest.raises(NoPromiseKeyError):
        ledger.promise(b"leaf", tx.now())


def test_reading_while_the_log_grows_is_one_view(ledger: Ledger):
    """An audit ends where its head ends, whatever is added meanwhile."""
    for n in range(20):
        record(ledger, f"clip_{n}")
    ledger.sequence()
    stop = threading.Event()

    def grow() -> None:
        for n in itertools.count():
            if stop.is_set():
                return
            record(ledger, f"more_{n}")
            ledger.sequence()

    growing = threading.Thread(target=grow)
    growing.start()
    try:
        sizes = [ledger.audit().checkpoint.size for _ in range(20)]
    finally:
        stop.set()
        growing.join()
    assert sizes == sorted(sizes)


@pytest.mark.postgres
def test_a_row_that_is_committed_late_is_not_lost(postgres_url: str):
    """Its id is smaller than those that have their places already."""
    migrate(postgres_url)
    db = Database(postgres_url)
    ledger = Ledger(db=db, signer=SIGNER)
    with db.transaction() as late:
        first = ledger.record(late, kind="stamp", ref="late", private={}, at=late.now())
        second = record(ledger, "early")
        assert ledger.sequence() == 1
    assert ledger.sequence() == 2
    assert bodies_of(db) == [second, first]
    db.close()


@pytest.mark.postgres
def test_what_is_forgotten_while_it_gets_its_place_stays_forgotten(postgres_url: str):
    migrate(postgres_url)
    db = Database(postgres_url)
    ledger = Ledger(db=db, signer=SIGNER)
    for round_ in range(20):
        refs = [f"clip_{round_}_{n}" for n in range(8)]
        for ref in refs:
            record(ledger, ref)
        sequencing = threading.Thread(target=ledger.sequence, args=[4])
        sequencing.start()
        with db.transaction() as tx:
            tx.log.forget_openings(refs)
            time.sleep(random.random() / 100)
        sequencing.join()
        ledger.sequence()
    with db.reading() as tx:
        assert [entry.idx for entry in tx.log.entries(0, 1000)] == list(range(160))
        assert [entry.opening for entry in tx.log.entries(0, 1000)] == [b""] * 160
    db.close()


def _record_many(url: str, name: str, seconds: float, told: str) -> None:
    """Record as fast as it goes; every committed leaf is written down afterwards."""
    db = Database(url)
    ledger = Ledger(db=db, signer=SIGNER)
    end, jitter = time.monotonic() + seconds, random.Random(name)
    with Path(told).open("a", buffering=1) as file:
        for n in itertools.count():
            if time.monotonic() > end:
                return
            with db.transaction() as tx:
                made = [
                    ledger.record(tx, kind="stamp", ref=f"{name}_{n}_{k}", private={}, at=tx.now())
                    for k in range(jitter.randrange(1, 4))
                ]
                time.sleep(jitter.random() / 500)
            file.writelines(f"{leaf_hash(body).hex()}\n" for body in made)


def _sequence_for_ever(url: str, name: str) -> None:
    db = Database(url)
    ledger = Ledger(db=db, signer=SIGNER)
    jitter = random.Random(name)
    while True:
        ledger.sequence(jitter.randrange(1, 9))
        time.sleep(jitter.random() / 200)


def _stop_after_claiming(url: str, claimed: str) -> None:
    """Claim, write, and stand still before the commit; the parent kills it there."""
    from cameo.store.log import Log

    real = Log.write

    def write(self: Log, *args: object) -> None:
        real(self, *args)  # type: ignore[arg-type]
        Path(claimed).touch()
        time.sleep(600)

    Log.write = write  # type: ignore[method-assign,assignment]
    Ledger(db=Database(url), signer=SIGNER).sequence(5)


def _wait_for(path: Path) -> None:
    deadline = time.monotonic() + 60
    while not path.exists():
        assert time.monotonic() < deadline
        time.sleep(0.01)


@pytest.mark.postgres
@pytest.mark.slow
def test_gapless_with_many_processes_of_which_some_are_killed(postgres_url: str, tmp_path: Path):
    migrate(postgres_url)
    fork = multiprocessing.get_context("fork")
    told = [tmp_path / f"told_{n}" for n in range(3)]
    recorders = [
        fork.Process(target=_record_many, args=(postgres_url, f"r{n}", 8.0, str(told[n])))
        for n in range(3)
    ]
    sequencers = [
        fork.Process(target=_sequence_for_ever, args=(postgres_url, f"s{n}")) for n in range(2)
    ]
    claimed = tmp_path / "claimed"
    victim = fork.Process(target=_stop_after_claiming, args=(postgres_url, str(claimed)))
    for process in [*recorders, *sequencers]:
        process.start()
    _wait_for(told[0])
    victim.start()
    try:
        # It holds the sequencer's lock with rows taken away and entries written, uncommitted.
        _wait_for(claimed)
        os.kill(victim.pid or 0, signal.SIGKILL)
        # A sequencer and a recorder are killed wherever they happen to be.
        time.sleep(1.0)
        os.kill(sequencers[0].pid or 0, signal.SIGKILL)
        os.kill(recorders[2].pid or 0, signal.SIGKILL)
        for process in recorders:
            process.join(timeout=120)
    finally:
        for process in [*recorders, *sequencers, victim]:
            process.kill()
            process.join()
    db = Database(postgres_url)
    ledger = Ledger(db=db, signer=SIGNER)
    size = ledger.sequence()
    leaves = [leaf_hash(body).hex() for body in bodies_of(db)]
    committed = [line for path in told for line in path.read_text().split()]
    # Gapless: as many as the head says, each once, and everything that was committed is there. (A
    # process that was killed between its commit and its note leaves a leaf that nobody told of.)
    assert size == len(leaves) == len(set(leaves))
    assert set(committed) <= set(leaves)
    assert len(leaves) - len(committed) <= 3
    assert len(committed) > 100
    assert ledger.audit().findings == ()
    _require_one_history(db, ledger)
    db.close()


def _require_one_history(db: Database, ledger: Ledger) -> None:
    """Every head that was ever signed is the beginning of the last one."""
    with db.engine.connect() as connection:
        rows = connection.execute(text("select size, note from log_checkpoint order by size"))
        heads = [open_checkpoint(note, ledger.vkey) for _, note in rows]
    frontier, at = Frontier(), iter(heads)
    head = next(at)
    for body in bodies_of(db):
        frontier.append(leaf_hash(body))
        if frontier.size == head.size:
            assert frontier.root() == head.root
            head = next(at, head)
    assert head is heads[-1]
    assert frontier.size == head.size
