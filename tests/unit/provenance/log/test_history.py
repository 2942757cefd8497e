"""The rules of a log's order, each by a log that breaks it alone."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from provenance.log.entries import EntryType, EpochCite, LogEntry, build
from provenance.log.history import REASONS, SLACK, History

A, B = "0a" * 32, "0b" * 32
AT = datetime(2026, 1, 2, tzinfo=UTC)
LATER = timedelta(minutes=1)
EARLIER = AT - SLACK - timedelta(seconds=1)


def leaf(kind, *cites, at=AT):
    return build(
        LogEntry(
            type=EntryType(kind),
            commitment="cc" * 32,
            epochs=tuple(EpochCite(ref=ref, epoch=epoch) for ref, epoch in cites),
            at=at,
        )
    )


def agreed(ref=A, epoch=0):
    return [leaf("key", (ref, epoch)), leaf("enrol", (ref, epoch)), leaf("consent", (ref, epoch))]


def findings(*bodies, **clock):
    history = History()
    found = [f for n, body in enumerate(bodies) for f in history.read(n, body, **clock)]
    assert all(f.code in REASONS for f in found)
    return [(f.index, f.code.removeprefix("log."), f.ref) for f in found]


def test_a_log_in_good_order():
    assert (
        findings(
            *agreed(A, 1),
            *agreed(B, 4),
            leaf("lease", (A, 1), (B, 4)),
            leaf("release", (A, 1), (B, 4)),
            leaf("publish", (A, 1), (B, 4)),
            leaf("restrict", (A, 2)),
            leaf("restore", (A, 2)),
            leaf("release", (A, 2)),
            leaf("revoke", (A, 3)),
            leaf("consent", (A, 4)),
            leaf("release", (A, 4)),
            leaf("takedown", (A, 5)),
            leaf("erase", (A, 6)),
            leaf("release", (B, 4)),
            leaf("stamp"),
            leaf("release"),
            leaf("takedown"),
        )
        == []
    )


@pytest.mark.parametrize("kind", ["lease", "release", "publish"])
@pytest.mark.parametrize("denial", ["revoke", "restrict", "takedown"])
def test_a_use_that_was_decided_before_a_denial_that_precedes_it(kind, denial):
    assert findings(*agreed(), leaf(denial, (A, 1)), leaf(kind, (A, 0))) == [(4, "stale_epoch", A)]
    assert findings(*agreed(), leaf(denial, (A, 1)), leaf(kind, (A, 1))) == []


def test_only_the_person_concerned_is_named():
    assert findings(
        *agreed(A), *agreed(B), leaf("revoke", (A, 1)), leaf("publish", (A, 0), (B, 0))
    ) == [(7, "stale_epoch", A)]


@pytest.mark.parametrize("kind", ["revoke", "restrict", "takedown", "erase"])
def test_a_denial_that_leaves_the_epoch(kind):
    assert findings(*agreed(), leaf(kind, (A, 0))) == [(3, "epoch_not_raised", A)]
    assert findings(*agreed(), leaf(kind, (A, 1))) == []


@pytest.mark.parametrize("kind", ["consent", "grant", "key", "enrol", "restore", "revoke"])
def test_an_epoch_that_goes_back(kind):
    assert findings(*agreed(A, 5), leaf(kind, (A, 4))) == [(3, "epoch_went_back", A)]


@pytest.mark.parametrize("kind", ["lease", "release", "publish"])
def test_a_use_after_an_erasure(kind):
    erased = [*agreed(), leaf("erase", (A, 1))]
    assert findings(*erased, leaf(kind, (A, 1))) == [(4, "after_erasure", A)]
    # A consent alone does not bring the person back: what was enrolled is gone.
    assert findings(*erased, leaf("consent", (A, 1)), leaf(kind, (A, 1))) == [
        (5, "after_erasure", A)
    ]
    again = [*erased, leaf("enrol", (A, 1))]
    assert findings(*again, leaf(kind, (A, 1))) == [(5, "without_consent", A)]
    assert findings(*again, leaf("consent", (A, 1)), leaf(kind, (A, 1))) == []


@pytest.mark.parametrize("kind", ["lease", "release", "publish"])
def test_a_use_without_a_consent(kind):
    assert findings(leaf("key", (A, 0)), leaf(kind, (A, 0))) == [(1, "without_consent", A)]


def test_a_consent_without_a_key():
    assert findings(leaf("consent", (A, 0))) == [(0, "without_key", A)]


@pytest.mark.parametrize(
    "kind", ["consent", "grant", "revoke", "restrict", "restore", "key", "enrol", "erase"]
)
def test_an_entry_that_hides_from_the_person(kind):
    assert findings(leaf(kind)) == [(0, "nobody_named", None)]


def test_an_entry_that_claims_an_earlier_time():
    assert findings(leaf("stamp"), leaf("stamp", at=EARLIER)) == [(1, "back_dated", None)]
    assert findings(leaf("stamp"), leaf("stamp", at=AT - SLACK)) == []
    # One late clock does not make everything after it early.
    assert findings(leaf("stamp"), leaf("stamp", at=AT - SLACK), leaf("stamp")) == []


def test_an_entry_that_came_after_the_reader_and_claims_to_be_older():
    seen = {"since": AT + SLACK + LATER}
    assert findings(leaf("stamp"), **seen) == [(0, "back_dated", None)]
    assert findings(leaf("stamp", at=AT + LATER), **seen) == []


def test_an_entry_that_claims_a_time_to_come():
    assert findings(leaf("stamp", at=AT + SLACK + LATER), until=AT) == [(0, "post_dated", None)]
    assert findings(leaf("stamp", at=AT + SLACK), until=AT) == []


@pytest.mark.parametrize("body", [b"something else", b"", leaf("stamp")[:-1]])
def test_an_entry_that_cannot_be_read(body):
    assert findings(body, leaf("stamp")) == [(0, "unreadable_entry", None)]
