"""Erasing a cameo: what goes, what stays, and what others keep."""

from __future__ import annotations

import hashlib
import json
import threading
from pathlib import Path

import pytest

from cameo.flows.bundle import Bundles
from cameo.flows.bundle_check import verify_bundle
from cameo.flows.bundle_errors import BundleErasedError, NoBundleError
from cameo.flows.errors import (
    ConsentRefusedError,
    NoCameoError,
    NoConsentError,
    NotConfirmedError,
    NotEnrolledError,
    WithdrawnError,
)
from cameo.flows.log_views import LogViews
from cameo.flows.order import clip_context
from cameo.store.database import Database
from consent.documents import parse as parse_document
from consent.evidence import evidence_from_json, new_ed25519_key, sign_ed25519, verify_evidence
from consent.registration import parse_registration, registered_key
from consent.vocabulary import Audience
from provenance.log.entries import person_ref
from provenance.log.history import History
from provenance.log.mine import Mine, examine
from tests.integration.people import World
from tests.integration.rights import PARTS, Office, findings, keys_of, opens, raw, scene
from tests.integration.studio import Studio


@pytest.fixture
def world(database: Database, tmp_path: Path) -> World:
    return World(database, tmp_path)


@pytest.fixture
def studio(world: World) -> Studio:
    return Studio(world)


@pytest.fixture
def office(world: World) -> Office:
    return Office(world)


def test_nothing_of_the_person_opens_and_everything_of_others_does(office, studio):
    world = office.world
    alice, bob, both, solo = scene(office, studio)
    before = office.enrolments(alice)[0]
    deks = json.loads(before.deks or "{}")
    erased = office.erasures.erase(alice.record, confirm="@Alice")
    assert erased.record.done_at is not None
    for part, dek in deks.items():
        assert not world.vault.opens(dek, f"enrolment:{before.id}:{part}")
    assert not list(
        (office.world.vault.files._store.prefix / "people" / alice.record.id).rglob("*")
    )
    assert studio.get(both).status == "withdrawn"
    assert studio.get(both).dek_id is None
    assert not world.vault.opens(both.dek_id or "", clip_context(both.id))
    with pytest.raises(WithdrawnError):
        studio.library.require_served(bob.record, both.id)
    # Bob's likeness and his own clip are as they were.
    assert all(opens(office, office.enrolments(bob)[0], part) for part in PARTS)
    assert studio.library.require_served(bob.record, solo.id).id == solo.id
    with studio.library.open_media(solo) as media:
        assert media.read_range(0, media.size) == b"a film"
    assert studio.draft(bob, bob).status == "completed"


def test_the_gate_denies_and_lists_say_erased(office, studio):
    world = office.world
    alice, bob, both, _ = scene(office, studio)
    office.erasures.erase(alice.record, confirm="alice")
    with pytest.raises(ConsentRefusedError):
        studio.order(bob, alice)
    with pytest.raises(ConsentRefusedError):
        studio.order(alice, alice)
    with pytest.raises(NotEnrolledError):
        world.consent(alice, Audience.ONLY_ME)
    with pytest.raises(NoConsentError):
        world.grant(alice, bob)
    with pytest.raises(WithdrawnError):
        studio.remix(bob, both, bob)
    consents, grants = world.permits.mine(alice.record)
    for record in (*consents, *grants):
        assert (record.status, record.document) == ("revoked", b"")
        assert record.erased_at is not None
        assert record.sha256
        assert json.loads(record.evidence)["signature"]


def test_what_stays_is_a_digest_a_signature_and_times(office, studio):
    world = office.world
    alice, _bob, _both, _ = scene(office, studio)
    document = world.permits.mine(alice.record)[0][0]
    old = world.accounts.find("alice")
    office.erasures.erase(alice.record, confirm="alice")
    kept = world.permits.mine(alice.record)[0][0]
    assert hashlib.sha256(document.document).hexdigest() == kept.sha256 == document.sha256
    keys = {
        key.id: registered_key(parse_registration(key.registration))
        for key in keys_of(world, alice)
    }
    evidence = evidence_from_json(kept.evidence.encode())
    verified = verify_evidence(document.document, evidence, registered_keys=keys)
    assert verified.document == parse_document(document.document)
    with world.db.reading() as tx:
        assert tx.log.find("consent", kept.id) is not None
        person = tx.people.get(alice.record.id)
        enrolment = tx.enrolments.all(alice.record.id)[0]
    assert person.log_salt != old.log_salt
    assert (enrolment.status, enrolment.deks, enrolment.report) == ("erased", None, None)
    assert (enrolment.challenge, enrolment.nonce) == ("{}", None)
    row = raw(world, "select capture_sha256 from enrolment where id = :i", i=enrolment.id)
    assert row[0][0] is None


def test_no_entry_of_the_log_can_be_opened_or_computed_any_more(office, studio):
    world = office.world
    alice, bob, *_ = scene(office, studio)
    old = person_ref(alice.record.id, world.accounts.find("alice").log_salt)
    office.erasures.erase(alice.record, confirm="alice")
    rows = raw(world, "select kind, ref, opening, body from log_entry order by idx")
    about = [row for row in rows if old.encode() in bytes(row.body)]
    assert len(about) >= 6
    assert all(not row.opening for row in about)
    named = {row.kind for row in about if row.ref}
    assert named <= {"consent", "grant", "revoke", "lease", "release", "publish"}
    # Bob's own openings stand.
    mine = LogViews(db=world.db, ledger=world.ledger).mine(bob.record)
    assert {each["kind"] for each in mine["entries"] if not each["erased"]} >= {"key", "consent"}
    # Neither the old reference nor the old salt is anywhere outside the public leaves.
    salt = world_salt_is_nowhere(world, bytes(alice.record.log_salt), old)
    assert salt == []


def world_salt_is_nowhere(world: World, salt: bytes, ref: str) -> list[str]:
    """The columns in which a salt or a reference still stands, but for the public log."""
    from cameo.store.tables import metadata

    found = []
    with world.db.engine.connect() as connection:
        for table in metadata.sorted_tables:
            if table.name in {"log_entry", "log_cite", "log_pending"}:
                continue
            for row in connection.execute(table.select()).mappings():
                for name, value in row.items():
                    data = value if isinstance(value, bytes) else str(value).encode()
                    if salt in data or salt.hex().encode() in data or ref.encode() in data:
                        found.append(f"{table.name}.{name}")
    return found


def test_the_order_of_the_log_holds_and_a_use_after_it_would_be_found(office, studio):
    world = office.world
    alice, _bob, both, _ = scene(office, studio)
    before = world.accounts.find("alice")
    office.erasures.erase(alice.record, confirm="alice")
    assert findings(world) == []
    kinds = [row.kind for row in raw(world, "select kind from log_entry order by idx")]
    assert kinds.index("erase") == len(kinds) - 1 - kinds[::-1].index("erase")
    assert kinds.index("revoke") < kinds.index("erase")
    # Somebody with the service's keys releases her under the old reference all the same.
    with world.db.transaction() as tx:
        world.ledger.record(
            tx, kind="release", ref=both.id, private={}, at=tx.now(), people=[before]
        )
    assert [code for _, code in findings(world)] == ["log.after_erasure", "log.stale_epoch"]


@pytest.mark.parametrize("confirm", ["", "bobby", "alic", "alice2", "*"])
def test_nothing_happens_without_the_own_handle(office, studio, confirm):
    alice, *_ = scene(office, studio)
    with pytest.raises(NotConfirmedError):
        office.erasures.erase(alice.record, confirm=confirm)
    assert all(opens(office, office.enrolments(alice)[0], part) for part in PARTS)


def test_there_must_be_something_to_erase(office, studio):
    nobody = office.world.member("nobody", enrolled=False)
    with pytest.raises(NoCameoError):
        office.erasures.erase(nobody.record, confirm="nobody")
    alice, *_ = scene(office, studio)
    office.erasures.erase(alice.record, confirm="alice")
    with pytest.raises(NoCameoError):
        office.erasures.erase(alice.record, confirm="alice")


def test_the_account_goes_on_under_another_reference(office, studio):
    """She enrols again, and neither auditor nor her own monitor finds anything wrong."""
    world = office.world
    alice, bob, *_ = scene(office, studio)
    before = LogViews(db=world.db, ledger=world.ledger).mine(world.accounts.find("alice"))
    lost = world.keyring.recover(alice.record, _new_key())
    world.keyring.revoke(alice.record, lost.record.id)
    office.erasures.erase(alice.record, confirm="alice")
    office.enrol(alice)
    world.consent(alice, Audience.EVERYONE)
    assert studio.draft(bob, alice).status == "completed"
    assert findings(world) == []
    told = LogViews(db=world.db, ledger=world.ledger).mine(world.accounts.find("alice"))
    assert told["person_ref"] != before["person_ref"]
    mine, history, bodies = Mine.from_json(told), History(), {}
    for index, row in enumerate(raw(world, "select body from log_entry order by idx")):
        assert not list(history.read(index, bytes(row.body)))
        if told["person_ref"].encode() in bytes(row.body):
            bodies[index] = bytes(row.body)
    known = [key.id for key in keys_of(world, alice)]
    alarms = examine(mine, bodies, known_keys=known, before=before["person_ref"], history=history)
    assert alarms == []
    ended = [json.loads(each["private"]) for each in told["entries"] if each["kind"] == "restrict"]
    assert [each["key"] for each in ended] == [lost.record.id]
    # The proof that her consent rests on is that of the new entry.
    with world.db.reading() as tx:
        proof = world.ledger.prove(tx, kind="key", ref=known[0])
    assert proof is not None
    assert told["person_ref"].encode() in proof.body


def test_clips_made_afterwards_have_bundles_and_those_from_before_have_none(office, studio):
    world = office.world
    alice, bob, both, solo = scene(office, studio)
    bundles = Bundles(db=world.db, ledger=world.ledger, library=studio.library)
    assert verify_bundle(bundles.of(both.id), world.ledger.vkey)
    other = world.keyring.prepare(alice.record, _new_key())
    document = other.agreement.document
    signed = sign_ed25519(alice.private_key, document)
    world.keyring.add(alice.record, other.registration, document, signed)
    office.erasures.erase(alice.record, confirm="alice")
    with pytest.raises((BundleErasedError, NoBundleError)):
        bundles.of(both.id)
    assert verify_bundle(bundles.of(solo.id), world.ledger.vkey)
    office.enrol(alice)
    world.consent(alice, Audience.EVERYONE)
    made = studio.draft(bob, alice, bob)
    report = verify_bundle(bundles.of(made.id), world.ledger.vkey)
    assert {each.person for each in report.release.people} == {alice.record.id, bob.record.id}


def _new_key():
    from cameo.flows.registering import NewKey

    return NewKey(public_key=new_ed25519_key()[1])


def test_an_erasure_and_releases_at_once(office, studio):
    """Once it returned, nothing with her is served or will be, whichever came first."""
    world = office.world
    alice, bob = office.member("alice"), office.member("bobby")
    world.consent(alice, Audience.EVERYONE)
    clips = [studio.order(bob, alice) for _ in range(8)]
    for clip in clips:
        studio.render(clip)
    threads = [threading.Thread(target=studio.release, args=(clip,)) for clip in clips]
    for thread in threads[:4]:
        thread.start()
    erased = office.erasures.erase(alice.record, confirm="alice")
    for thread in threads[4:]:
        thread.start()
    for thread in threads:
        thread.join()
    assert erased.record.receipt
    assert {studio.get(clip).status for clip in clips} <= {"withdrawn", "failed"}
    world.revocations.sweep()
    assert not [clip for clip in clips if world.vault.opens(clip.dek_id or "", f"clip:{clip.id}")]
    assert findings(world) == []
