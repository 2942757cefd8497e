"""A leaf's body is the canonical form that RFC 8785 gives, whatever the entry."""

from __future__ import annotations

import json
from datetime import UTC, datetime

import rfc8785
from hypothesis import given
from hypothesis import strategies as st

from provenance.log.entries import MAX_EPOCH, EntryType, EpochCite, LogEntry, build, parse

HASHES = st.binary(min_size=32, max_size=32).map(bytes.hex)
ENTRIES = st.builds(
    LogEntry,
    type=st.sampled_from(EntryType),
    commitment=HASHES,
    epochs=st.lists(
        st.builds(EpochCite, ref=HASHES, epoch=st.integers(0, MAX_EPOCH)),
        max_size=6,
        unique_by=lambda cite: cite.ref,
    ).map(tuple),
    at=st.datetimes(datetime(2000, 1, 1), datetime(9998, 1, 1), timezones=st.just(UTC)),  # noqa: DTZ001
)


@given(ENTRIES)
def test_it_is_canonical_and_reads_back(entry: LogEntry):
    body = build(entry)
    assert body == rfc8785.dumps(json.loads(body))
    assert build(parse(body)) == body
