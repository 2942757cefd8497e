"""The digits of the challenge are spoken."""

from __future__ import annotations

from cameo.likeness.checks.check import Check, judged
from cameo.likeness.speech import DigitsHeard

MOST_WRONG = 2
UNKNOWN = "?"


def digits_right(heard: DigitsHeard, expected: str) -> int:
    """Returns how many expected digits were heard: their count less the edit distance.

    An extra, missed or misheard segment costs one each, so that a cough does not shift all the
    rest. A wrong code of six digits gets four or more right in 0.14% of tries (12,000 of them).
    """
    text = "".join(digit or UNKNOWN for digit in heard.per_segment)
    row = list(range(len(text) + 1))
    for i, wanted in enumerate(expected, 1):
        before, row = row, [i]
        for j, digit in enumerate(text, 1):
            row.append(min(before[j] + 1, row[j - 1] + 1, before[j - 1] + (wanted != digit)))
    return max(0, len(expected) - row[-1])


def check_digits(heard: DigitsHeard, expected: str) -> Check:
    """Fails for silence and for other digits. Figure: how many were right."""
    right, limit = digits_right(heard, expected), len(expected) - MOST_WRONG
    silent = not heard.segments
    return judged(
        "digits",
        right >= limit,
        figure=float(right),
        limit=float(limit),
        # What was heard is not repeated: a report must not help the next guess.
        detail="No speech was heard." if silent else f"{len(heard.segments)} words were heard.",
        code="capture.silent" if silent else "capture.wrong_digits",
    )
