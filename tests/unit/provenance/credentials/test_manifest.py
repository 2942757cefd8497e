from __future__ import annotations

import dataclasses
import json
from datetime import UTC, datetime
from pathlib import Path

import pytest

from provenance.credentials.errors import BadClaim
from provenance.credentials.labels import CREATED_LABELS
from provenance.credentials.manifest import LogReference, build, opens_parent

VECTORS = Path(__file__).parents[3] / "vectors" / "credentials"


def by_label(manifest):
    return {entry["label"]: entry["data"] for entry in manifest["assertions"]}


@pytest.mark.parametrize("name", ["created", "opened"])
def test_the_manifest_is_the_committed_one(name, claim, stamp_claim):
    """The format is read by others; `tests/vectors/credentials/generate.py` renews the vectors."""
    wanted = json.loads((VECTORS / f"manifest_{name}.json").read_text())
    assert build(claim if name == "created" else stamp_claim) == wanted


def test_a_created_clip_states_its_source_and_its_mark(claim):
    actions = by_label(build(claim))["c2pa.actions.v2"]
    assert actions["allActionsIncluded"] is True
    first, second = actions["actions"]
    assert first["action"] == "c2pa.created"
    assert first["digitalSourceType"] == claim.digital_source_type
    assert first["parameters"]["ingredientIds"] == ["person-1"]
    assert second["action"] == "c2pa.watermarked.bound"


def test_a_stamp_claims_neither_generation_nor_consent(stamp_claim):
    manifest = build(stamp_claim)
    parts = by_label(manifest)
    first = parts["c2pa.actions.v2"]["actions"][0]
    assert "digitalSourceType" not in first
    assert "c2pa.ai-disclosure" not in parts
    assert parts["org.cameo.consent"]["consents"] == []
    assert opens_parent(manifest)


def test_a_mark_that_a_file_lacks_is_said(claim, stamp_claim):
    lacking = ("sound: cannot carry a mark because the sound is silent",)
    for each in (claim, stamp_claim):
        said = dataclasses.replace(each, missing=lacking)
        told = by_label(build(said))["org.cameo.consent"]
        assert told["marks_absent"] == list(lacking)
        assert "marks_absent" not in by_label(build(each))["org.cameo.consent"]


def test_no_label_ends_in_the_suffix_that_is_dropped():
    assert not [label for label in CREATED_LABELS if label.endswith(".v1")]


def test_a_log_reference_is_cited(claim):
    cited = dataclasses.replace(claim, release_log=LogReference(origin="log.example", index=4))
    log = by_label(build(cited))["org.cameo.consent"]["release_log"]
    assert log == {"origin": "log.example", "index": 4, "checkpoint_size": None}


@pytest.mark.parametrize(
    ("fault", "change"),
    [
        ("payload", {"payload": "0123456789ABCDEF"}),
        ("payload", {"payload": "123"}),
        ("aware", {"created_at": datetime(2026, 1, 1, tzinfo=UTC).replace(tzinfo=None)}),
        ("length", {"duration_ms": 0}),
        ("fingerprint", {"fingerprint": b""}),
        ("kind of its source", {"digital_source_type": None}),
    ],
)
def test_a_malformed_claim_is_refused(claim, fault, change):
    with pytest.raises(BadClaim, match=fault):
        build(dataclasses.replace(claim, **change))


@pytest.mark.parametrize(
    ("fault", "change"),
    [
        ("no generation", {"digital_source_type": "x"}),
        ("source's digest", {"source_sha256": None}),
    ],
)
def test_a_stamp_that_claims_too_much_or_too_little_is_refused(stamp_claim, fault, change):
    with pytest.raises(BadClaim, match=fault):
        build(dataclasses.replace(stamp_claim, **change))


def test_a_stamp_with_consents_is_refused(stamp_claim, citation):
    with pytest.raises(BadClaim, match="no consent"):
        build(dataclasses.replace(stamp_claim, consents=(citation,)))


@pytest.mark.parametrize("change", [{"document_sha256": "ab"}, {"assurance": 4}])
def test_a_malformed_citation_is_refused(claim, citation, change):
    with pytest.raises(BadClaim):
        build(dataclasses.replace(claim, consents=(dataclasses.replace(citation, **change),)))


def test_a_manifest_of_another_shape_is_refused():
    with pytest.raises(BadClaim, match="begin"):
        opens_parent({"assertions": []})
