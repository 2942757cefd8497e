from __future__ import annotations

import dataclasses
import hashlib
import importlib.util
import json
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path

import pytest

from consent.documents import MAX_BYTES, canonical, digest, parse, signing_input
from consent.errors import ConsentError, DocumentTooLarge, MalformedDocument
from consent.evidence import evidence_from_json, key_id, verify_evidence
from consent.state import ConsentState, GrantState

VECTORS = Path(__file__).resolve().parents[2] / "vectors" / "consent"


def rows(name: str) -> list[dict[str, str]]:
    return json.loads((VECTORS / name).read_text(encoding="utf-8"))


@pytest.mark.parametrize("row", rows("signed.json"), ids=lambda row: row["name"])
def test_signed_vectors_read_and_verify(row):
    data = row["canonical"].encode()
    document = parse(data)
    evidence = evidence_from_json(row["evidence"].encode())
    registered = {key_id(evidence.public_key): evidence.public_key}
    verified = verify_evidence(data, evidence, registered_keys=registered)

    assert canonical(document) == data
    assert document.kind == row["name"]
    assert row["sha256"] == hashlib.sha256(data).hexdigest() == digest(data)
    assert verified.document == document
    assert verified.document_sha256 == row["sha256"]


@pytest.mark.parametrize("row", rows("malformed.json"), ids=lambda row: row["fault"])
def test_malformed_vectors_are_refused_by_their_code(row):
    with pytest.raises(ConsentError) as caught:
        parse(bytes.fromhex(row["hex"]))
    assert caught.value.code == row["code"]


def test_vectors_are_what_their_generator_makes():
    spec = importlib.util.spec_from_file_location("consent_vectors", VECTORS / "generate.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    for name, text in module.files().items():
        assert (VECTORS / name).read_text(encoding="utf-8") == text, name


@pytest.mark.parametrize("kind", ["consent_document", "grant_document", "revocation_document"])
def test_every_document_survives_its_canonical_form(make, kind):
    document = getattr(make, kind)()
    assert parse(canonical(document)) == document


def test_canonical_form_is_sorted_utf8_without_white_space(make):
    data = canonical(make.consent_document())
    fields = json.loads(data)
    again = json.dumps(fields, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    assert data == again.encode()
    assert fields["modalities"] == ["face", "voice"]
    assert "買って".encode() in data


def test_moments_in_other_zones_are_written_in_utc(make):
    tokyo = timezone(timedelta(hours=9))
    here = make.consent_document(issued_at=datetime(2026, 1, 2, 12, 4, 5, tzinfo=tokyo))
    assert canonical(here) == canonical(make.consent_document())


def test_the_largest_document_fits_the_limit(make):
    terms = tuple(f"{n:02d}" + "買" * 78 for n in range(50))
    assert len(canonical(make.consent_document(never_say=terms))) < MAX_BYTES


def test_a_document_over_the_limit_is_not_written(make, monkeypatch):
    monkeypatch.setattr("consent.canonical.MAX_BYTES", 100)
    with pytest.raises(DocumentTooLarge):
        canonical(make.consent_document())


@pytest.mark.parametrize(
    "changes",
    [
        {"issued_at": datetime(2026, 1, 1)},  # noqa: DTZ001 - the fault under test
        {"expires_at": datetime(2027, 1, 1)},  # noqa: DTZ001 - the fault under test
        {"expires_at": datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)},
        {"issued_at": datetime(9999, 12, 31, 23, 59, tzinfo=timezone(-timedelta(hours=9)))},
        {"modalities": frozenset()},
        {"modalities": frozenset({"body"})},
        {"audience": "everyone"},
        {"restrictions": frozenset({"politics"})},
        {"max_people": True},
        {"assurance": -1},
        {"simulated": 1},
        {"simulated": True, "assurance": 2},
        {"subject_epoch": 2**53},
        {"previous_sha256": "AB" * 32},
        {"kind": "grant"},
        {"version": 2},
        {"subject": "alice"},
    ],
    ids=str,
)
def test_an_invalid_consent_cannot_be_made(make, changes):
    with pytest.raises(MalformedDocument):
        make.consent_document(**changes)


@pytest.mark.parametrize(
    "changes",
    [
        {"max_uses": 0},
        {"max_uses": 1_000_001},
        {"grantee": "prs_alice"},
        {"consent_id": "gnt_01"},
        {"grantee_handle": ""},
        {"purposes": frozenset()},
    ],
    ids=str,
)
def test_an_invalid_grant_cannot_be_made(make, changes):
    with pytest.raises(MalformedDocument):
        make.grant_document(**changes)


def test_a_withdrawal_names_a_consent_or_a_grant(make):
    assert make.revocation_document(target_id="cns_01").target_id == "cns_01"
    with pytest.raises(MalformedDocument):
        make.revocation_document(target_id="prs_alice")


def test_what_is_signed_cannot_be_mistaken_for_another_protocol():
    assert signing_input(b"{}") == b"cameo-consent/v1\n{}"


def test_documents_cannot_be_changed(make):
    with pytest.raises(dataclasses.FrozenInstanceError):
        make.consent_document().max_people = 9


def test_states_take_over_every_term(make):
    consent, grant = make.consent_document(), make.grant_document()
    state = ConsentState.of(consent, active=True)
    granted = GrantState.of(grant, active=False, uses_reserved=1, uses_consumed=2)
    for field in dataclasses.fields(ConsentState):
        if field.name not in {"consent_id", "active"}:
            assert getattr(state, field.name) == getattr(consent, field.name)
    assert (state.consent_id, state.active) == (consent.document_id, True)
    assert (granted.grant_id, granted.consent_id) == (grant.document_id, grant.consent_id)
    assert (granted.max_uses, granted.uses_reserved, granted.uses_consumed) == (3, 1, 2)
    assert granted.active is False
