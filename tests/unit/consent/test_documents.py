from __future__ import annotations

import dataclasses
import hashlib
import importlib.util
import json
import re
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path

import pytest

from consent.documents import (
    JSON_NAMES,
    MAX_BYTES,
    canonical,
    describe,
    digest,
    parse,
    rendering_sha256,
    signing_input,
)
from consent.errors import ConsentError, DocumentTooLarge, MalformedDocument
from consent.evidence import RegisteredKey, evidence_from_json, verify_evidence
from consent.state import ConsentState, GrantState
from consent.vocabulary import RestrictionClass

VECTORS = Path(__file__).resolve().parents[2] / "vectors" / "consent"


def rows(name: str) -> list[dict[str, str]]:
    return json.loads((VECTORS / name).read_text(encoding="utf-8"))


@pytest.mark.parametrize("row", rows("signed.json"), ids=lambda row: row["name"])
def test_signed_vectors_read_and_verify(row):
    data = row["canonical"].encode()
    document = parse(data)
    evidence = evidence_from_json(row["evidence"].encode())
    key = RegisteredKey.ed25519(evidence.public_key)
    verified = verify_evidence(data, evidence, registered_keys={key.key_id: key})

    assert canonical(document) == data
    assert document.kind == row["name"]
    assert document.rendering_sha256 == rendering_sha256(document)
    assert row["sha256"] == hashlib.sha256(data).hexdigest() == digest(data)
    assert verified.document == document
    assert verified.document_sha256 == row["sha256"]


@pytest.mark.parametrize("row", rows("malformed.json"), ids=lambda row: row["fault"])
def test_malformed_vectors_are_refused_by_their_code(row):
    with pytest.raises(ConsentError) as caught:
        parse(bytes.fromhex(row["hex"]))
    assert caught.value.code == row["code"]


@pytest.fixture(scope="module")
def generator():
    spec = importlib.util.spec_from_file_location("consent_vectors", VECTORS / "generate.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_vectors_are_what_their_generator_makes(generator):
    for name, text in generator.files().items():
        assert (VECTORS / name).read_text(encoding="utf-8") == text, name


def test_the_page_about_documents_shows_what_the_code_makes(generator):
    text = generator.PAGE.read_text(encoding="utf-8")
    assert generator.page(text) == text
    example = generator.documents()["consent"]
    assert text.count(describe(example, "en")) == text.count(describe(example, "ja")) == 1


def test_the_page_about_documents_explains_every_field(generator):
    rows = re.findall(
        r"^\| `(\w+)` \| `(\w+)` \| ([\w, ]+) \| (.+) \|$",
        generator.PAGE.read_text(encoding="utf-8"),
        re.MULTILINE,
    )
    kinds = {kind: type(document) for kind, document in generator.documents().items()}
    told = {(name, kind) for name, _, where, _ in rows for kind in in_kinds(where, kinds)}
    fields = {
        (field.name, kind) for kind, form in kinds.items() for field in dataclasses.fields(form)
    }
    assert told == fields
    for name, written, _, why in rows:
        assert written == JSON_NAMES.get(name, name)
        # A name of the standard is explained by its clause, any other by the word "own".
        assert why.startswith("6.3.") == (name in {*JSON_NAMES, "language", "purposes"})
        assert why.startswith("own: ") != why.startswith("6.3.")


def in_kinds(where, kinds):
    return list(kinds) if where == "all" else where.split(", ")


KINDS = ["consent", "grant", "revocation", "key", "resumption", "approval"]


@pytest.mark.parametrize("kind", [f"{name}_document" for name in KINDS])
def test_every_document_survives_its_canonical_form(make, kind):
    document = getattr(make, kind)()
    assert parse(canonical(document)) == document


def test_canonical_form_is_sorted_utf8_without_white_space(make):
    data = canonical(make.consent_document())
    fields = json.loads(data)
    again = json.dumps(fields, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    assert data == again.encode()
    assert fields["pii_type"] == ["face", "voice"]
    assert "買って".encode() in data


@pytest.mark.parametrize("kind", [f"{name}_document" for name in KINDS])
def test_fields_are_written_by_their_names_in_the_standard(make, kind):
    document = getattr(make, kind)()
    names = {field.name for field in dataclasses.fields(document)}
    written = json.loads(canonical(document))
    assert written.keys() == {JSON_NAMES.get(name, name) for name in names}
    assert len(written) == len(names)


def test_where_the_standard_has_a_form_the_value_has_it(make):
    written = json.loads(canonical(make.consent_document()))
    assert written["schema_version"] == 2
    assert written["retention_period"] == "P90D"
    assert written["pii_controllers"] == ["Cameo"]
    assert written["event_time"] == "2026-01-02T03:04:05Z"


def test_a_rendering_of_another_version_is_read_and_not_judged(make):
    old = make.consent_document(rendering_sha256="0d" * 32)
    assert parse(canonical(old)) == old


def test_moments_in_other_zones_are_written_in_utc(make):
    tokyo = timezone(timedelta(hours=9))
    here = make.consent_document(issued_at=datetime(2026, 1, 2, 12, 4, 5, tzinfo=tokyo))
    assert canonical(here) == canonical(make.consent_document())


def test_the_largest_document_fits_the_limit(make):
    document = make.consent_document(
        never_say=tuple(f"{n:02d}" + "\U00020bb7" * 78 for n in range(50)),
        wishes=tuple(f"{n}" + "\U00020bb7" * 199 for n in range(10)),
        apart_from=tuple(f"prs_{n:064d}" for n in range(20)),
        apart_from_handles=tuple(f"{n:040d}" for n in range(20)),
        controller="\U00020bb7" * 200,
        subject="prs_" + "a" * 64,
        subject_handle="a" * 40,
        restrictions=frozenset(RestrictionClass),
    )
    assert len(canonical(document)) < MAX_BYTES


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
        {"version": 1},
        {"version": 3},
        {"language": "fr"},
        {"controller": ""},
        {"controller": "x" * 201},
        {"wishes": ("a\nb",)},
        {"apart_from": ("prs_alice",)},
        {"apart_from": ()},
        {"apart_from_handles": ("Mallory",)},
        {"approval": "always"},
        {"max_uses": 0},
        {"retention_days": 0},
        {"retention_days": 3651},
        {"retention_days": True},
        {"rendering_sha256": "00"},
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
        {"controller": " "},
        {"kind": "consent"},
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


@pytest.mark.parametrize(
    ("kind", "changes"),
    [
        ("revocation", {"kind": "grant"}),
        ("revocation", {"document_id": "cns_01"}),
        ("key", {"key_id": "kad_01"}),
        ("key", {"key_type": "ed25519"}),
        ("key", {"registration_sha256": ""}),
        ("key", {"document_id": "key_01"}),
        ("key", {"kind": "consent"}),
        ("resumption", {"document_id": "rvk_01"}),
        ("resumption", {"kind": "revocation"}),
        ("resumption", {"language": None}),
        ("approval", {"clip_id": "cns_01"}),
        ("approval", {"media_sha256": "0C" * 32}),
        ("approval", {"consent_id": "clip_01"}),
        ("approval", {"document_id": "rsm_01"}),
        ("approval", {"kind": "resumption"}),
    ],
    ids=str,
)
def test_an_invalid_act_cannot_be_made(make, kind, changes):
    with pytest.raises(MalformedDocument):
        getattr(make, f"{kind}_document")(**changes)


def test_what_is_signed_cannot_be_mistaken_for_another_protocol():
    assert signing_input(b"{}") == b"cameo-consent/v1\n{}"


def test_documents_cannot_be_changed(make):
    with pytest.raises(dataclasses.FrozenInstanceError):
        make.consent_document().max_people = 9


def test_states_take_over_every_term(make):
    consent, grant = make.consent_document(wishes=()), make.grant_document()
    state = ConsentState.of(consent, active=True, uses_reserved=3, uses_consumed=4)
    granted = GrantState.of(grant, active=False, uses_reserved=1, uses_consumed=2)
    for field in dataclasses.fields(ConsentState):
        if hasattr(consent, field.name) and field.name != "apart_from":
            assert getattr(state, field.name) == getattr(consent, field.name)
    assert (state.consent_id, state.active) == (consent.document_id, True)
    assert (state.uses_reserved, state.uses_consumed) == (3, 4)
    assert (state.apart_from, state.needs_judge) == (frozenset({"prs_mallory"}), False)
    assert (granted.grant_id, granted.consent_id) == (grant.document_id, grant.consent_id)
    assert (granted.max_uses, granted.uses_reserved, granted.uses_consumed) == (3, 1, 2)
    assert granted.active is False


def test_a_state_holds_the_compiled_wishes(make):
    wishes = ("no alcohol", 'never say "cheese"', "be kind")
    state = ConsentState.of(
        make.consent_document(wishes=wishes), active=True, uses_reserved=0, uses_consumed=0
    )
    assert state.restrictions == {"politics", "alcohol"}
    assert state.never_say == ("buy now", "買って", "cheese")
    assert state.needs_judge
