"""Single byte ranges (RFC 9110, section 14)."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cameo.api.ranges import RangeNotSatisfiableError, requested_range


@pytest.mark.parametrize(
    ("header", "expected"),
    [
        (None, None),
        ("bytes=0-99", (0, 100)),
        ("bytes=900-", (900, 1000)),
        ("bytes=-100", (900, 1000)),
        ("bytes=-5000", (0, 1000)),
        ("bytes=0-99999", (0, 1000)),
        ("bytes=0-1,5-9", None),
        ("items=0-1", None),
        ("bytes=-", None),
        ("bytes=a-b", None),
        ("nonsense", None),
    ],
)
def test_ranges(header: str | None, expected: tuple[int, int] | None):
    assert requested_range(header, 1000) == expected


@pytest.mark.parametrize("header", ["bytes=1000-", "bytes=5-4", "bytes=-0", "bytes=4000-5000"])
def test_outside(header: str):
    with pytest.raises(RangeNotSatisfiableError):
        requested_range(header, 1000)


@given(st.text(max_size=40), st.integers(0, 10**9))
def test_never_outside_the_content(header: str, size: int):
    try:
        start, end = requested_range(header, size) or (0, size)
    except RangeNotSatisfiableError:
        return
    assert 0 <= start <= end <= size
