from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone

import pytest

from provenance.log.errors import (
    BadNoteSignature,
    MalformedNote,
    MalformedPromise,
    WrongOrigin,
)
from provenance.log.merkle import leaf_hash
from provenance.log.notes import NoteSigner
from provenance.log.promise import Promise, open_promise, promise_key_name, sign_promise

ORIGIN = "cameo.example/log"
SIGNER = NoteSigner(promise_key_name(ORIGIN), b"p" * 32)
PROMISE = Promise(
    origin=ORIGIN,
    leaf_hash=leaf_hash(b"leaf"),
    at=datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC),
    within=timedelta(minutes=10),
)
TEXT = (
    "cameo-revocation-promise/v1\ncameo.example/log\n"
    "DSfif3gnzNdFGZ6Os6avNo4QZK9Crp+DdA6YEh4rwCU=\n2026-01-02T03:04:05Z\n600\n"
)


def test_a_promise_is_five_lines():
    assert PROMISE.to_text() == TEXT
    assert Promise.from_text(TEXT) == PROMISE
    assert PROMISE.due == datetime(2026, 1, 2, 3, 14, 5, tzinfo=UTC)


def test_times_of_other_zones_are_written_in_utc():
    tokyo = timezone(timedelta(hours=9))
    other = Promise(
        origin=ORIGIN,
        leaf_hash=PROMISE.leaf_hash,
        at=PROMISE.at.astimezone(tokyo),
        within=PROMISE.within,
    )
    assert other.to_text() == PROMISE.to_text()


def test_a_signed_promise_is_read():
    note = sign_promise(PROMISE, SIGNER)
    assert open_promise(note, SIGNER.vkey) == PROMISE


def test_the_log_s_own_key_signs_no_promise():
    log = NoteSigner(ORIGIN, b"p" * 32)
    with pytest.raises(WrongOrigin):
        sign_promise(PROMISE, log)
    with pytest.raises(WrongOrigin):
        open_promise(log.sign(PROMISE.to_text()), log.vkey)


def test_a_promise_about_another_log_is_refused():
    other = NoteSigner(promise_key_name("other.example/log"), b"p" * 32)
    with pytest.raises(WrongOrigin):
        open_promise(other.sign(PROMISE.to_text()), other.vkey)


def test_every_changed_character_is_refused():
    note = sign_promise(PROMISE, SIGNER)
    for at, character in enumerate(note[: len(PROMISE.to_text())]):
        if character != "\n":
            changed = note[:at] + chr(ord(character) ^ 1) + note[at + 1 :]
            with pytest.raises((BadNoteSignature, MalformedNote)):
                open_promise(changed, SIGNER.vkey)


@pytest.mark.parametrize(
    ("fault", "old", "new"),
    [
        ("another_header", "promise/v1", "promise/v2"),
        ("leaf_too_short", PROMISE.to_text().split("\n")[2], "AAAA"),
        ("leaf_not_base64", PROMISE.to_text().split("\n")[2], "!"),
        ("time_without_zone", "05Z", "05"),
        ("time_with_fraction", "05Z", "05.5Z"),
        ("time_that_is_none", "01-02", "13-02"),
        ("within_zero", "\n600\n", "\n0\n"),
        ("within_negative", "\n600\n", "\n-600\n"),
        ("within_too_long", "\n600\n", "\n604801\n"),
        ("within_endless", "\n600\n", "\n9999999999999999999\n"),
        ("within_with_zero", "\n600\n", "\n0600\n"),
        ("a_line_more", "\n600\n", "\n600\nmore\n"),
        ("a_line_less", "\n600\n", "\n"),
        ("no_origin", f"\n{ORIGIN}\n", "\n\n"),
        ("month_in_one_digit", "01-02T", "1-02T"),
    ],
)
def test_malformed_promises_are_refused(fault, old, new):
    text = PROMISE.to_text().replace(old, new)
    assert text != PROMISE.to_text()
    with pytest.raises(MalformedPromise):
        Promise.from_text(text)


@pytest.mark.parametrize(
    "changes",
    [
        {"origin": ""},
        {"origin": "a\nb"},
        {"leaf_hash": b"x"},
        {"at": datetime(2026, 1, 2)},  # noqa: DTZ001 - the fault under test
        {"at": PROMISE.at.replace(microsecond=1)},
        {"within": timedelta(0)},
        {"within": timedelta(days=7, seconds=1)},
        {"within": timedelta(milliseconds=1500)},
    ],
    ids=str,
)
def test_invalid_promises_cannot_be_made(changes):
    fields = {
        "origin": ORIGIN,
        "leaf_hash": PROMISE.leaf_hash,
        "at": PROMISE.at,
        "within": PROMISE.within,
    }
    with pytest.raises(MalformedPromise):
        Promise(**{**fields, **changes})
