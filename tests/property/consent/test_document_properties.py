"""What must hold of documents whatever is in them."""

from __future__ import annotations

import contextlib
from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from consent.documents import ConsentDocument, canonical, describe, parse
from consent.errors import ConsentError, MalformedDocument
from consent.evidence import evidence_from_json, key_id, new_ed25519_key, sign_ed25519
from consent.evidence import verify_evidence as verify
from consent.folding import Speech, fold, heard
from consent.vocabulary import Audience, Purpose, RestrictionClass

# No deadline: a loaded machine is no failure.
QUICK = settings(max_examples=50, deadline=None, suppress_health_check=[HealthCheck.too_slow])

# Fixed offsets only: a local time that a change of the clocks skips equals no other time in Python.
zones = st.sampled_from([UTC, timezone(timedelta(hours=9)), timezone(-timedelta(minutes=210))])
moments = st.datetimes(datetime(2000, 1, 2), datetime(2500, 1, 1), timezones=zones)  # noqa: DTZ001 - bounds must be naive
hex64 = st.binary(min_size=32, max_size=32).map(bytes.hex)
terms = st.text(max_size=80).filter(
    lambda t: bool(t) and t.isprintable() and t == t.strip() and bool(fold(t))
)
PEM, PUBLIC = new_ed25519_key()
REGISTERED = {key_id(PUBLIC): PUBLIC}


@st.composite
def documents(draw: st.DrawFn) -> ConsentDocument:
    simulated = draw(st.booleans())
    issued = draw(moments)
    later = draw(st.none() | moments.filter(lambda t: t > issued))
    return ConsentDocument(
        document_id=draw(st.from_regex(r"cns_[0-9A-Za-z]{1,20}", fullmatch=True)),
        subject=draw(st.from_regex(r"prs_[0-9A-Za-z]{1,20}", fullmatch=True)),
        subject_handle=draw(st.from_regex(r"[0-9a-z][0-9a-z_.-]{0,39}", fullmatch=True)),
        audience=draw(st.sampled_from(Audience)),
        modalities=draw(st.frozensets(st.sampled_from(["face", "voice"]), min_size=1)),
        purposes=draw(st.frozensets(st.sampled_from(Purpose), min_size=1)),
        restrictions=draw(st.frozensets(st.sampled_from(RestrictionClass))),
        never_say=tuple(draw(st.lists(terms, unique=True, max_size=5))),
        max_people=draw(st.integers(1, 10)),
        expires_at=later,
        issued_at=issued,
        nonce=draw(hex64),
        notice_sha256=draw(hex64),
        assurance=0 if simulated else draw(st.integers(0, 3)),
        simulated=simulated,
        enrolment_id="enr_1",
        subject_epoch=draw(st.integers(0, 2**53 - 1)),
        previous_sha256=draw(st.none() | hex64),
    )


@QUICK
@given(document=documents())
def test_round_trip(document: ConsentDocument) -> None:
    data = canonical(document)
    again = parse(data)
    assert again == document
    assert canonical(again) == data


@QUICK
@given(first=documents(), second=documents())
def test_texts_are_equal_only_where_documents_are(
    first: ConsentDocument, second: ConsentDocument
) -> None:
    for lang in ("en", "ja"):
        same_text = describe(first, lang) == describe(second, lang)  # type: ignore[arg-type]
        assert same_text == (first == second)


@QUICK
@given(document=documents(), data=st.data())
def test_a_changed_byte_is_refused_or_no_longer_signed(
    document: ConsentDocument, data: st.DataObject
) -> None:
    good = canonical(document)
    at = data.draw(st.integers(0, len(good) - 1))
    byte = data.draw(st.integers(0, 255).filter(lambda b: b != good[at]))
    changed = good[:at] + bytes([byte]) + good[at + 1 :]
    with contextlib.suppress(MalformedDocument):
        assert parse(changed) != document
    with pytest.raises(ConsentError):
        verify(changed, sign_ed25519(PEM, good), registered_keys=REGISTERED)


@QUICK
@given(data=st.binary(max_size=200))
def test_whatever_comes_in_the_error_is_ours(data: bytes) -> None:
    for read in (parse, evidence_from_json):
        with pytest.raises(ConsentError):
            read(data)


@QUICK
@given(text=st.text())
def test_folding_twice_changes_nothing(text: str) -> None:
    assert fold(fold(text)) == fold(text)


@QUICK
@given(text=st.text())
def test_hearing_twice_changes_nothing(text: str) -> None:
    assert heard(heard(text)) == heard(text)


@QUICK
@given(before=st.text(), term=st.text(), after=st.text())
def test_what_the_folded_text_holds_is_said(before: str, term: str, after: str) -> None:
    spoken = f"{before} {term} {after}"
    assert Speech.of(spoken).says(term) or fold(term) not in fold(spoken)
    assert Speech.of(spoken).says(term.strip())
