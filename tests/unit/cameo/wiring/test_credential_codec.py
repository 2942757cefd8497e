"""Every value survives the pipe, and nothing else gets through it."""

from __future__ import annotations

import json
from dataclasses import fields
from typing import get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cameo.wiring import credential_codec
from cameo.wiring.credential_codec import decode, encode
from provenance.credentials.manifest import ConsentCitation
from provenance.credentials.values import Credentials, OwnStatement, State

PLAIN = Credentials(present=False, state="none")

citations = st.builds(
    ConsentCitation,
    consent_id=st.text(),
    grant_id=st.none() | st.text(),
    person_ref=st.text(),
    document_sha256=st.text(),
    assurance=st.integers(),
    simulated=st.booleans(),
    epoch=st.integers(),
)
statements = st.builds(
    OwnStatement,
    clip_id=st.text(),
    action=st.text(),
    payload=st.text(),
    fingerprint=st.binary(),
    consents=st.lists(citations, max_size=3).map(tuple),
    ftyp_sha256=st.none() | st.text(),
)
values = st.builds(
    Credentials,
    present=st.booleans(),
    state=st.sampled_from(get_args(State)),
    ours=st.booleans(),
    bound=st.booleans(),
    codes=st.lists(st.text(), max_size=3).map(tuple),
    statement=st.none() | statements,
    generator=st.none() | st.text(),
    timestamp=st.sampled_from(["yes", "no", "not_checked"]),
    store=st.binary(),
    summary=st.lists(st.text(), max_size=3).map(tuple),
)


@given(values)
def test_there_and_back(value):
    assert decode(encode(value)) == value


def test_a_lone_surrogate_survives():
    value = Credentials(present=True, state="valid", generator="a\udcffb\0\n")
    assert decode(encode(value)) == value


@pytest.mark.parametrize(
    ("table", "value"),
    [("_CREDENTIALS", Credentials), ("_STATEMENT", OwnStatement), ("_CITATION", ConsentCitation)],
)
def test_no_field_is_forgotten(table, value):
    assert set(getattr(credential_codec, table)) == {field.name for field in fields(value)}


@pytest.mark.parametrize(
    "change",
    [
        {"state": "authentic"},
        {"state": ["none"]},
        {"ours": 1},
        {"ours": None},
        {"codes": "abc"},
        {"codes": [1]},
        {"store": "?"},
        {"store": None},
        {"generator": 3},
        {"statement": []},
        {"statement": {"clip_id": "c"}},
        {"timestamp": "maybe"},
        {"more": 1},
    ],
    ids=str,
)
def test_other_fields_and_types_are_refused(change):
    document = json.loads(encode(PLAIN)) | change
    with pytest.raises(ValueError, match=r"."):
        decode(json.dumps(document).encode())


@pytest.mark.parametrize(
    "document",
    [b"", b"null", b"[]", b"{}", b"\xff", b"{" * 9, b"[" * 200_000, encode(PLAIN) * 2],
    ids=lambda document: repr(document[:9]),
)
def test_no_other_document_passes(document):
    with pytest.raises(ValueError, match=r"."):
        decode(document)
