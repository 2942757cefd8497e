"""What a private record must say before a bundle rests on it."""

from __future__ import annotations

import json
from typing import Any

import pytest

from cameo.flows.bundle_errors import MalformedBundleError
from cameo.flows.bundle_records import DocumentRecord, EnrolRecord, PublishRecord, ReleaseRecord

PERSON = {"person": "prs_alice", "consent": "cns_01", "grant": None, "epoch": 0}
RELEASE = {
    "clip": "clip_01",
    "payload": "00112233aabbccdd",
    "media_sha256": "0" * 64,
    "maker": "prs_bob",
    "modalities": ["face", "voice"],
    "purpose": "personal",
    "classes": ["politics"],
    "people": [PERSON],
}
PUBLISH = {
    "clip": "clip_01",
    "media_sha256": "0" * 64,
    "people": [PERSON],
    "approvals": {"prs_alice": {"sha256": "0" * 64, "evidence_sha256": "0" * 64}},
}
DOCUMENT = {
    "id": "gnt_01",
    "person": "prs_alice",
    "sha256": "0" * 64,
    "evidence_sha256": "0" * 64,
}
ENROL = {
    "enrolment": "enr_01",
    "person": "prs_alice",
    "assurance": 1,
    "simulated": False,
    "key": "key_01",
    "nonce": "0" * 32,
    "notice_sha256": "0" * 64,
    "released_at": "2026-01-02T03:04:05+00:00",
}
FORMS: dict[str, tuple[Any, dict[str, Any]]] = {
    "release": (ReleaseRecord, RELEASE),
    "publish": (PublishRecord, PUBLISH),
    "document": (DocumentRecord, DOCUMENT),
    "enrol": (EnrolRecord, ENROL),
}


def read(form: str, **changes: Any) -> Any:
    kind, values = FORMS[form]
    return kind.of(json.dumps({**values, **changes}).encode())


@pytest.mark.parametrize("form", FORMS)
def test_each_is_read(form: str):
    assert read(form)


@pytest.mark.parametrize("form", FORMS)
def test_members_that_are_missing_or_more(form: str):
    kind, values = FORMS[form]
    with pytest.raises(MalformedBundleError):
        read(form, note="x")
    for name in values:
        rest = {other: value for other, value in values.items() if other != name}
        with pytest.raises(MalformedBundleError):
            kind.of(json.dumps(rest).encode())
    with pytest.raises(MalformedBundleError):
        kind.of(b"[]")


@pytest.mark.parametrize(
    ("form", "changes"),
    [
        ("release", {"clip": "cns_01"}),
        ("release", {"clip": None}),
        ("release", {"payload": 5}),
        ("release", {"media_sha256": "0"}),
        ("release", {"media_sha256": "A" * 64}),
        ("release", {"maker": "bob"}),
        ("release", {"modalities": "face"}),
        ("release", {"modalities": [1]}),
        ("release", {"modalities": ["smell"]}),
        ("release", {"purpose": "fun"}),
        ("release", {"classes": None}),
        ("release", {"people": {}}),
        ("release", {"people": [PERSON, PERSON]}),
        ("release", {"people": [{**PERSON, "person": f"prs_{n}"} for n in range(17)]}),
        ("release", {"people": [{**PERSON, "epoch": True}]}),
        ("release", {"people": [{**PERSON, "epoch": None}]}),
        ("release", {"people": [{**PERSON, "grant": "cns_02"}]}),
        ("release", {"people": [{**PERSON, "consent": "gnt_02"}]}),
        ("publish", {"approvals": []}),
        ("publish", {"approvals": {"alice": PUBLISH["approvals"]}}),
        ("publish", {"approvals": {"prs_alice": {"sha256": "0" * 64}}}),
        ("document", {"id": "enr_01"}),
        ("document", {"evidence_sha256": None}),
        ("enrol", {"assurance": "1"}),
        ("enrol", {"assurance": True}),
        ("enrol", {"simulated": 0}),
        ("enrol", {"key": None}),
        ("enrol", {"released_at": "2026-01-02T03:04:05"}),
        ("enrol", {"released_at": "yesterday"}),
        ("enrol", {"released_at": 5}),
    ],
)
def test_members_of_another_kind(form: str, changes: dict[str, Any]):
    with pytest.raises(MalformedBundleError):
        read(form, **changes)


def test_the_operators_own_clips_have_no_maker():
    assert read("release", maker=None, people=[]).maker is None
