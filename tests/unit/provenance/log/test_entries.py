from __future__ import annotations

import hashlib
import json
from datetime import UTC, datetime, timedelta, timezone

import pytest

from provenance.log.entries import (
    EntryType,
    EpochCite,
    LogEntry,
    build,
    check_commitment,
    commit,
    parse,
    person_ref,
)
from provenance.log.errors import CommitmentMismatch, LogError, MalformedEntry
from provenance.log.history import REASONS

SALT = bytes(range(32))
A, B = "0a" * 32, "0b" * 32
AT = datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)


def entry(**changes):
    fields = {
        "type": EntryType.RELEASE,
        "commitment": "cc" * 32,
        "epochs": (EpochCite(ref=B, epoch=2), EpochCite(ref=A, epoch=1)),
        "at": AT,
    }
    return LogEntry(**{**fields, **changes})


def test_a_leaf_is_canonical_and_small():
    body = build(entry())
    assert body == (
        b'{"at":"2026-01-02T03:04:05Z","commitment":"' + b"cc" * 32 + b'","epochs":[{"epoch":1,'
        b'"ref":"' + A.encode() + b'"},{"epoch":2,"ref":"' + B.encode() + b'"}],"type":"release",'
        b'"v":1}'
    )


@pytest.mark.parametrize("kind", list(EntryType))
def test_entries_survive_their_bytes(kind):
    body = build(entry(type=kind, epochs=(), at=AT + timedelta(microseconds=7)))
    assert build(parse(body)) == body
    assert parse(body).type is kind


def test_moments_in_other_zones_are_written_in_utc():
    tokyo = timezone(timedelta(hours=9))
    assert build(entry(at=AT.astimezone(tokyo))) == build(entry())


@pytest.mark.parametrize(
    "changes",
    [
        {"commitment": "CC" * 32},
        {"commitment": "cc" * 31},
        {"epochs": (EpochCite(ref="x", epoch=1),)},
        {"epochs": (EpochCite(ref=A, epoch=-1),)},
        {"epochs": (EpochCite(ref=A, epoch=True),)},
        {"epochs": (EpochCite(ref=A, epoch=2**53),)},
        {"epochs": (EpochCite(ref=A, epoch=1), EpochCite(ref=A, epoch=2))},
        {"epochs": tuple(EpochCite(ref=f"{n:064x}", epoch=1) for n in range(17))},
        {"at": datetime(2026, 1, 1)},  # noqa: DTZ001 - the fault under test
        {"at": datetime(1999, 1, 1, tzinfo=UTC)},
    ],
    ids=str,
)
def test_invalid_entries_cannot_be_made(changes):
    with pytest.raises(MalformedEntry):
        entry(**changes)


def spelled(**changes):
    fields = json.loads(build(entry()))
    return json.dumps({**fields, **changes}, sort_keys=True, separators=(",", ":")).encode()


@pytest.mark.parametrize(
    ("fault", "body"),
    [
        ("empty", b""),
        ("not_utf8", b"\xff"),
        ("not_an_object", b"[]"),
        ("deeply_nested", b"[" * 4000),
        ("missing_field", b'{"v":1}'),
        ("unknown_field", spelled(more=1)),
        ("unknown_type", spelled(type="delete")),
        ("type_not_text", spelled(type=["release"])),
        ("version_2", spelled(v=2)),
        ("version_true", spelled(v=True)),
        ("white_space", build(entry()).replace(b":", b": ", 1)),
        ("trailing_newline", build(entry()) + b"\n"),
        ("duplicate_field", build(entry())[:-1] + b',"v":1}'),
        ("epochs_not_a_list", spelled(epochs={})),
        ("cite_not_an_object", spelled(epochs=["x"])),
        ("cite_without_epoch", spelled(epochs=[{"ref": A}])),
        ("cite_with_unknown_field", spelled(epochs=[{"ref": A, "epoch": 1, "name": "x"}])),
        ("cite_epoch_as_text", spelled(epochs=[{"ref": A, "epoch": "1"}])),
        ("cites_unsorted", spelled(epochs=[{"ref": B, "epoch": 1}, {"ref": A, "epoch": 1}])),
        ("time_naive", spelled(at="2026-01-02T03:04:05")),
        ("time_not_text", spelled(at=5)),
        ("too_large", spelled(more="x" * 5000)),
    ],
)
def test_malformed_entries_are_refused(fault, body):
    with pytest.raises(MalformedEntry):
        parse(body)


def test_a_commitment_is_the_salted_digest():
    private = b'{"clip":"clip_1"}'
    expected = hashlib.sha256(b"cameo-log-commitment/v1\n" + SALT + private).hexdigest()
    assert commit(private, SALT) == expected
    check_commitment(entry(commitment=expected), private, SALT)


@pytest.mark.parametrize(
    ("private", "salt"), [(b"other", SALT), (b"", SALT), (b"record", SALT[::-1])]
)
def test_another_record_or_salt_does_not_match(private, salt):
    with pytest.raises(CommitmentMismatch):
        check_commitment(entry(commitment=commit(b"record", SALT)), private, salt)


def test_a_salt_of_another_length_is_refused():
    for salt in (b"", b"x" * 31, b"x" * 33):
        with pytest.raises(MalformedEntry):
            commit(b"record", salt)
        with pytest.raises(MalformedEntry):
            person_ref("prs_a", salt)


def test_references_of_one_person_agree_and_say_nothing_without_the_salt():
    assert person_ref("prs_a", SALT) == person_ref("prs_a", SALT)
    assert person_ref("prs_a", SALT) != person_ref("prs_a", SALT[::-1])
    assert person_ref("prs_a", SALT) != commit(b"prs_a", SALT)


def test_every_error_has_a_message_and_a_code_of_its_own():
    def tree(root):
        return [root, *(e for child in root.__subclasses__() for e in tree(child))]

    found = tree(LogError)
    codes = [error.code for error in found]
    assert len(set(codes)) == len(codes)
    assert all(code.startswith("log.") for code in [*codes, *REASONS])
    assert all(str(error()) == error.__doc__ for error in found)
    assert not set(codes) & REASONS.keys()
