"""What the person is given: the receipt, and what proves their past consent."""

from __future__ import annotations

import base64
import hashlib
import json
from datetime import timedelta
from pathlib import Path

import pytest

from cameo.flows.receipt import Receipt, ReceiptError, in_words, open_receipt, read_receipt
from cameo.flows.vault import Vault
from cameo.store.database import Database
from consent.evidence import evidence_from_json, verify_evidence
from consent.registration import parse_registration, registered_key
from provenance.log.audit import verify_entry
from provenance.log.entries import check_commitment, parse, person_ref
from provenance.log.errors import BadNoteSignature
from tests.integration.people import World
from tests.integration.rights import Office, scene
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


def test_the_person_can_prove_past_consent_alone(office, studio):
    """Everything is checked offline from what was handed out, with the log's key alone."""
    alice, *_ = scene(office, studio)
    past = json.loads(json.dumps(office.erasures.erase(alice.record, confirm="alice").past))
    assert past["person_ref"] == person_ref(past["person"], bytes.fromhex(past["salt"]))
    assert {each["id"][:3] for each in past["documents"]} == {"cns", "gnt"}
    keys = {}
    for key in past["keys"]:
        registration = parse_registration(base64.b64decode(key["registration"]))
        keys[key["id"]] = registered_key(registration)
    openings = {each["body"]: each for each in past["entries"]}
    for kept in past["documents"]:
        document = base64.b64decode(kept["document"])
        evidence = evidence_from_json(json.dumps(kept["evidence"]).encode())
        verify_evidence(document, evidence, registered_keys=keys)
        digest = hashlib.sha256(document).hexdigest()
        found = [
            body
            for body, each in openings.items()
            if each["kind"] in {"consent", "grant"}
            and json.loads(each["private"])["sha256"] == digest
        ]
        entry = verify_entry(found[0].encode(), kept["proof"], past["log_key"]).entry
        opened = openings[found[0]]
        check_commitment(entry, opened["private"].encode(), bytes.fromhex(opened["salt"]))
        assert past["person_ref"] in {cite.ref for cite in entry.epochs}
    assert "erase" in {parse(body.encode()).type for body in openings}


def test_the_receipt_says_what_was_destroyed(office, studio):
    alice, _bob, _both, _ = scene(office, studio)
    office.enrol(alice)
    erased = office.erasures.erase(alice.record, confirm="alice")
    receipt = open_receipt(erased.record.receipt or "", office.signer.vkey)
    assert receipt == read_receipt(erased.record.receipt or "")
    assert receipt.enrolments == tuple(each.id for each in office.enrolments(alice))
    assert (receipt.likeness_keys, receipt.clips, receipt.clips_held) == (10, 1, ())
    assert len(receipt.documents) == 2
    bound = office.world.vault.keys.bound
    assert receipt.likeness_unreadable_at - receipt.done_at == bound == timedelta(days=15)
    assert receipt.documents_unreadable_at - receipt.done_at == timedelta(days=30)
    english, japanese = in_words(receipt)
    assert "10 keys of 2 enrolments" in english
    assert receipt.erasure in japanese
    assert office.erasures.of(alice.record)[0].receipt == erased.record.receipt
    assert office.told(alice)[-2:] == ["cameo.erasure_requested", "cameo.erased"]


def test_a_receipt_is_nobody_elses_and_cannot_be_changed(office, studio):
    alice, *_ = scene(office, studio)
    note = office.erasures.erase(alice.record, confirm="alice").record.receipt or ""
    for changed in (note.replace('"clips":1', '"clips":2'), note.replace("asked", "contest")):
        assert changed != note
        with pytest.raises(BadNoteSignature):
            open_receipt(changed, office.signer.vkey)
    with pytest.raises(BadNoteSignature):
        open_receipt(note, office.world.ledger.vkey)
    for bad in ("", "x\n", note.replace("cameo-erasure", "cameo"), note.replace('"clips":1', "")):
        with pytest.raises(ReceiptError):
            read_receipt(bad)
    with pytest.raises(ReceiptError):
        Receipt.from_text(read_receipt(note).to_text().replace(",", ", ", 1))


def test_no_receipt_while_a_key_still_opens(office, studio, monkeypatch):
    """The receipt rests on asking the keys, not on having told them to go."""
    alice, *_ = scene(office, studio)
    with monkeypatch.context() as patch:
        patch.setattr(Vault, "destroy", lambda *_: None)
        erased = office.erasures.erase(alice.record, confirm="alice")
    assert erased.record.receipt is None
    assert office.permits_are_whole(alice)
    assert office.erasures.finish(erased.record.id)
    assert office.erasures.of(alice.record)[0].receipt is not None
