"""What must hold of documents whatever is in them."""

from __future__ import annotations

import contextlib
from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from consent.documents import ConsentDocument, canonical, describe, parse, with_rendering
from consent.errors import ConsentError, MalformedDocument
from consent.evidence import RegisteredKey, evidence_from_json, new_ed25519_key, sign_ed25519
from consent.evidence import verify_evidence as verify
from consent.folding import Speech, fold, heard
from consent.rules import compile_rules
from consent.vocabulary import Approval, Audience, Purpose, RestrictionClass

# No deadline: a loaded machine is no failure.
QUICK = settings(max_examples=50, deadline=None, suppress_health_check=[HealthCheck.too_slow])

# Fixed offsets only: a local time that a change of the clocks skips equals no other time in Python.
zones = st.sampled_from([UTC, timezone(timedelta(hours=9)), timezone(-timedelta(minutes=210))])
moments = st.datetimes(datetime(2000, 1, 2), datetime(2500, 1, 1), timezones=zones)  # noqa: DTZ001 - bounds must be naive
spans = st.timedeltas(timedelta(microseconds=1), timedelta(days=365 * 300))
hex64 = st.binary(min_size=32, max_size=32).map(bytes.hex)
words = st.text(st.characters(exclude_categories=("C", "Z")), min_size=1, max_size=39)
terms = st.lists(words, min_size=1, max_size=2).map(" ".join).filter(fold)
wishes = terms | st.sampled_from(
    [
        "no politics",
        "政治はなし",
        'never say "cheese"',
        "not with @h0",
        "always wear a hat",
        "be kind",
    ]
)
PEM, PUBLIC = new_ed25519_key()
KEY = RegisteredKey.ed25519(PUBLIC)
REGISTERED = {KEY.key_id: KEY}


@st.composite
def documents(draw: st.DrawFn) -> ConsentDocument:
    simulated = draw(st.booleans())
    issued = draw(moments)
    later = draw(st.none() | spans.map(lambda span: issued + span))
    apart = draw(st.integers(0, 3))
    draft = ConsentDocument(
        controller=draw(terms),
        language=draw(st.sampled_from(["en", "ja"])),
        wishes=tuple(draw(st.lists(wishes, unique=True, max_size=4))),
        apart_from=tuple(f"prs_{n}_" for n in range(apart)),
        apart_from_handles=tuple(f"h{n}" for n in range(apart)),
        approval=draw(st.sampled_from(Approval)),
        max_uses=draw(st.none() | st.integers(1, 1_000_000)),
        retention_days=draw(st.integers(1, 3650)),
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
    return with_rendering(draft)


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
@given(document=documents())
def test_every_wish_is_compiled_or_judged_and_no_limit_is_lost(document: ConsentDocument) -> None:
    rules = compile_rules(document)
    compiled = [reading.wish for reading in rules.compiled]
    assert sorted([*compiled, *rules.judge]) == sorted(document.wishes)
    assert rules.classes >= document.restrictions
    assert set(rules.never_say) >= set(document.never_say)
    assert rules.apart_from == document.apart_from
    text = describe(document, "en")
    judged = text[text.index("Needs a judge") :] if document.wishes else ""
    assert all(f"\n  - {wish}\n" in judged for wish in rules.judge)


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
