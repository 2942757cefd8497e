"""One plays the operator: full power over database, keys of the service and what is shown.

Each test says what is impossible, what is found and by whom, or what stays possible;
`docs/trust.md` says the same in words, and names these tests.
"""

from __future__ import annotations

import base64
import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import click
import pytest
from sqlalchemy import text

from cameo.cli.reading import asker
from cameo.flows.errors import BrokenEvidenceError, StaleDocumentError
from cameo.flows.log_views import LogViews
from cameo.flows.permit import ConsentWish
from cameo.flows.registering import NewKey
from cameo.flows.signing import Prepared
from cameo.store.database import Database
from cameo.wiring.home import migrate
from consent.documents import canonical, describe, digest, parse, with_rendering
from consent.errors import UnknownKey
from consent.evidence import evidence_to_json, new_ed25519_key, sign_ed25519
from consent.vocabulary import Audience
from provenance.log.alarms import (
    BROKEN_PROMISE,
    SECOND_VIEW,
    UNKNOWN_KEY,
    USED_AFTER_WITHDRAWAL,
    WENT_BACK,
)
from provenance.log.cosignature import Cosigner
from provenance.log.history import BACK_DATED, STALE_EPOCH
from provenance.log.merkle import leaf_hash
from provenance.log.mine import Mine, cites, examine
from provenance.log.monitor import check_promises, watch
from provenance.log.promise import open_promise
from provenance.log.witness import Witness, build_request
from tests.integration.people import Member, World
from tests.integration.studio import Studio

NOW = datetime.now(UTC)


@pytest.fixture
def world(database: Database, tmp_path: Path) -> World:
    return World(database, tmp_path)


@pytest.fixture
def studio(world: World) -> Studio:
    return Studio(world)


class Shown:
    """The log as anybody reads it."""

    def __init__(self, world: World) -> None:
        self.views = LogViews(db=world.db, ledger=world.ledger)
        self.ledger = world.ledger

    def checkpoint(self) -> str:
        self.ledger.sequence()
        head = self.ledger.head()
        assert head is not None
        return head.note

    def fetch(self, path: str) -> bytes:
        return self.views.tile(path).data


def prepare(world: World, member: Member, audience: Audience) -> Prepared:
    return world.permits.prepare_consent(member.record, ConsentWish(audience=audience))


def own_alarms(world: World, member: Member, *known: str) -> set[str]:
    """What `cameo log monitor --mine` finds for a person who knows these keys as theirs."""
    bodies: dict[int, bytes] = {}
    watched = watch(
        Shown(world), world.ledger.vkey, now=datetime.now(UTC), visit=bodies.__setitem__
    )
    with world.db.reading() as tx:
        person = tx.people.get(member.record.id)
    mine = Mine.from_json(Shown(world).views.mine(person))
    own = {index: body for index, body in bodies.items() if cites(body, mine.ref)}
    found = examine(mine, own, known_keys=known, before=None, history=watched.state.history)
    return {alarm.code for alarm in (*watched.state.alarms, *found)}


def key_of(world: World, member: Member) -> str:
    with world.db.reading() as tx:
        return tx.people.keys(member.record.id)[0].id


class TestShowsOneTextAndHasAnotherSigned:
    def test_a_client_that_renders_the_bytes_itself_signs_neither(self, world: World):
        """Impossible with the command line: it shows what it signs, and compares the wish."""
        alice = world.member("alice")
        wide = prepare(world, alice, Audience.EVERYONE)
        prepared = {"document": base64.b64encode(wide.document).decode(), "text_en": "only you"}
        look = asker("consent", {"audience": "only_me"}, yes=True)
        with pytest.raises(click.ClickException, match="audience"):
            look(prepared)

    def test_a_lying_text_cannot_be_hashed_into_the_document(self, world: World):
        """Impossible: what was shown is hashed into what is signed, and is the terms' own text."""
        alice = world.member("alice")
        honest = parse(prepare(world, alice, Audience.EVERYONE).document)
        lying = replace(honest, rendering_sha256=digest(b"only you may use your likeness"))
        look = asker("consent", {}, yes=True)
        with pytest.raises(click.ClickException, match="another text"):
            look({"document": base64.b64encode(canonical(lying)).decode()})
        with pytest.raises(StaleDocumentError):
            world.permits.sign_consent(
                alice.record, canonical(lying), sign_ed25519(alice.private_key, canonical(lying))
            )

    def test_what_a_page_of_the_operator_had_signed_is_found_afterwards(self, world: World):
        """Possible with the operator's page; found by the person: the log opens to its digest."""
        alice = world.member("alice")
        shown = prepare(world, alice, Audience.ONLY_ME)
        signed = prepare(world, alice, Audience.EVERYONE)
        evidence = sign_ed25519(alice.private_key, signed.document)
        consent = world.permits.sign_consent(alice.record, signed.document, evidence)
        world.ledger.sequence()
        with world.db.reading() as tx:
            told = Shown(world).views.mine(tx.people.get(alice.record.id))
        (entry,) = [each for each in told["entries"] if each["kind"] == "consent"]
        assert json.loads(entry["private"])["sha256"] == digest(signed.document)
        assert digest(shown.document) != digest(signed.document)
        assert "everyone" in describe(parse(consent.document), "en")


class TestSignsForAPerson:
    def test_without_the_persons_key_there_is_no_evidence(self, world: World):
        """Impossible: no key of the service signs for a person."""
        alice = world.member("alice")
        prepared = prepare(world, alice, Audience.EVERYONE)
        mine, _ = new_ed25519_key()
        with pytest.raises(UnknownKey):
            world.permits.sign_consent(
                alice.record, prepared.document, sign_ed25519(mine, prepared.document)
            )

    @pytest.mark.parametrize("how", ["terms changed", "signature and terms changed"])
    def test_a_changed_row_lends_nobody(self, world: World, studio: Studio, how: str):
        """Found by the service's own code at the next order, and by every bundle."""
        alice, bob = world.member("alice"), world.member("bobby")
        consent = world.consent(alice, Audience.ONLY_ME)
        wide = with_rendering(replace(parse(consent.document), audience=Audience.EVERYONE))
        changed = {"document": canonical(wide)}
        if how == "signature and terms changed":
            forged = sign_ed25519(new_ed25519_key()[0], canonical(wide))
            changed |= {
                "evidence": evidence_to_json(forged).decode(),
                "sha256": digest(canonical(wide)),
            }
        overwrite(world, "consent", consent.id, changed)
        with pytest.raises(BrokenEvidenceError):
            studio.order(bob, alice)

    def test_a_key_minted_under_the_persons_name_is_found_by_the_person(self, world: World):
        """Possible; found by the person's monitor, because a key that is used must be logged."""
        alice = world.member("alice")
        known = key_of(world, alice)
        assert own_alarms(world, alice, known) == set()
        overwrite(world, "person_key", known, {"revoked_at": NOW})
        forget_keys(world, alice)
        world.keyring.register(alice.record, NewKey(public_key=new_ed25519_key()[1]))
        assert UNKNOWN_KEY in own_alarms(world, alice, known)

    def test_a_second_reference_hides_uses_from_the_person(self, world: World):
        """Stays possible: entries under another reference look like another person's.

        Only who is shown a bundle sees the person's id beside keys that the person never had.
        """
        alice = world.member("alice")
        known = key_of(world, alice)
        assert own_alarms(world, alice, known) == set()
        with world.db.reading() as tx:
            double = replace(tx.people.get(alice.record.id), log_salt=bytes(32))
        with world.db.transaction() as tx:
            world.ledger.record(
                tx,
                kind="key",
                ref="key_double",
                private={"key_id": "key_double", "person": alice.record.id},
                at=tx.now(),
                people=[double],
            )
        assert own_alarms(world, alice, known) == set()


class TestHidesAWithdrawal:
    def test_a_promise_that_is_not_kept_is_found_by_whoever_holds_it(self, world: World):
        """Found by the person: the signed promise is evidence against the operator."""
        alice = world.member("alice")
        consent = world.consent(alice, Audience.EVERYONE)
        done = world.revocations.revoke_consent(alice.record, consent.id)
        assert done.promise
        with world.db.transaction() as tx:
            tx.gate._connection.execute(text("delete from log_pending where kind = 'revoke'"))
        seen: list[bytes] = []
        watch(
            Shown(world),
            world.ledger.vkey,
            now=datetime.now(UTC),
            visit=lambda _index, body: seen.append(leaf_hash(body)),
        )
        promise = open_promise(done.promise, world.ledger.promiser.vkey)
        late = promise.due + timedelta(seconds=1)
        held = [(done.promise, promise)]
        assert {a.code for a in check_promises(held, seen, now=late)} == {BROKEN_PROMISE}
        assert check_promises(held, seen, now=promise.due - timedelta(seconds=1)) == []

    def test_a_release_after_a_withdrawal_is_found_in_the_order_of_the_log(self, world: World):
        """Found by everybody, where the release cites the state it was decided on."""
        alice = world.member("alice")
        consent = world.consent(alice, Audience.EVERYONE)
        with world.db.reading() as tx:
            before = tx.people.get(alice.record.id)
        world.revocations.revoke_consent(alice.record, consent.id)
        forged_release(world, before, consent.id)
        assert STALE_EPOCH in own_alarms(world, alice, key_of(world, alice))

    def test_a_release_that_cites_the_newer_state_is_found_by_the_person(self, world: World):
        """Found by the person alone: what the release opens to cites what they withdrew."""
        alice = world.member("alice")
        consent = world.consent(alice, Audience.EVERYONE)
        world.revocations.revoke_consent(alice.record, consent.id)
        with world.db.reading() as tx:
            after = tx.people.get(alice.record.id)
        forged_release(world, after, consent.id)
        assert USED_AFTER_WITHDRAWAL in own_alarms(world, alice, key_of(world, alice))


class TestServesTwoViewsOfTheLog:
    def test_a_monitor_that_saw_one_view_finds_the_other(self, world: World, tmp_path: Path):
        """Found by every monitor that has seen an entry of the other view."""
        for name in ("alice", "bobby"):
            world.consent(world.member(name), Audience.ONLY_ME)
        first = watch(Shown(world), world.ledger.vkey, now=datetime.now(UTC))
        assert first.state.alarms == ()
        for members, code in ((3, SECOND_VIEW), (0, WENT_BACK)):
            other = Shown(another(tmp_path / code, members))
            again = watch(other, world.ledger.vkey, now=datetime.now(UTC), before=first.state)
            assert code in {alarm.code for alarm in again.state.alarms}
            assert not again.continues

    def test_a_witness_cosigns_one_view_only(self, world: World, tmp_path: Path):
        """Impossible with a quorum of witnesses that do not collude: none signs the second view."""
        world.member("alice")
        shown = Shown(world)
        note = shown.checkpoint()
        memory: dict[str, str] = {}
        witness = Witness(
            Cosigner("witness.example", bytes(32)),
            {world.ledger.signer.name: world.ledger.vkey},
            Remembered(memory),
        )
        assert witness.add_checkpoint(build_request(0, [], note).encode(), 1).status == 200
        size = int(note.split("\n")[1])
        other = Shown(another(tmp_path / "other", 3))
        lying_note = other.checkpoint()
        larger = int(lying_note.split("\n")[1])
        hashes = other.views.consistency(size, larger)["hashes"]
        lying = build_request(size, [base64.b64decode(each) for each in hashes], lying_note)
        assert witness.add_checkpoint(lying.encode(), 2).status == 422
        assert memory[world.ledger.signer.name].startswith(note.split("\n\n")[0])


class TestBackDates:
    def test_an_entry_that_claims_an_earlier_time_stands_out(self, world: World):
        """Found by everybody: the place in the log is fixed when its head is signed."""
        alice = world.member("alice")
        world.consent(alice, Audience.APPROVED)
        world.ledger.sequence()
        with world.db.transaction() as tx:
            world.ledger.record(
                tx,
                kind="grant",
                ref="gnt_late",
                private={"id": "gnt_late", "person": alice.record.id, "sha256": "0" * 64},
                at=tx.now() - timedelta(days=30),
                people=[tx.people.get(alice.record.id)],
            )
        assert BACK_DATED in own_alarms(world, alice, key_of(world, alice))

    def test_a_person_does_not_sign_into_the_past(self, world: World):
        """Impossible with an honest client: a document that is too old is not taken."""
        alice = world.member("alice")
        prepared = parse(prepare(world, alice, Audience.EVERYONE).document)
        old = with_rendering(replace(prepared, issued_at=NOW - timedelta(days=2)))
        with pytest.raises(StaleDocumentError):
            world.permits.sign_consent(
                alice.record, canonical(old), sign_ed25519(alice.private_key, canonical(old))
            )


def another(folder: Path, members: int) -> World:
    """A log of the same name and key that says something else."""
    folder.mkdir()
    url = f"sqlite:///{folder / 'cameo.db'}"
    migrate(url)
    other = World(Database(url), folder)
    other.member("mallory")
    for number in range(members):
        other.consent(other.member(f"other{number}"), Audience.ONLY_ME)
    return other


class Remembered:
    """A witness's memory."""

    def __init__(self, notes: dict[str, str]) -> None:
        self._notes = notes

    def load(self, origin: str) -> str | None:
        return self._notes.get(origin)

    def store(self, origin: str, note: str) -> None:
        self._notes[origin] = note


def overwrite(world: World, table: str, row: str, values: dict[str, object]) -> None:
    """Change a row, as whoever owns the database can."""
    named = ", ".join(f"{name} = :{name}" for name in values)
    with world.db.transaction() as tx:
        tx.gate._connection.execute(
            text(f"update {table} set {named} where id = :row"),  # noqa: S608
            {**values, "row": row},
        )


def forget_keys(world: World, member: Member) -> None:
    """Let the service believe that a person never had a key."""
    with world.db.transaction() as tx:
        tx.gate._connection.execute(
            text("delete from person_key where person_id = :person"),
            {"person": member.record.id},
        )


def forged_release(world: World, person, consent_id: str) -> None:
    """A release that no gate decided."""
    with world.db.transaction() as tx:
        world.ledger.record(
            tx,
            kind="release",
            ref="clip_forged",
            private={
                "clip": "clip_forged",
                "people": [{"person": person.id, "consent": consent_id, "grant": None, "epoch": 0}],
            },
            at=tx.now(),
            people=[person],
        )
