"""What a report says of marks, for people: where they were found, which seconds, which clips."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Final, Literal

from provenance.verifier.ports import MarkFinding
from provenance.verifier.report import VerifyReport

Lang = Literal["en", "ja"]
MAX_STRETCHES: Final = 5
_MOMENT: Final = 0.25
"""Seconds: what a detector says a still lasts."""

_WORDS: Final = {
    "en": {
        "found": "Mark found in",
        "picture": "picture",
        "sound": "sound",
        "unknown": "a clip that this registry does not know, payload {payload}",
        "more": "... and {n} more stretches",
    },
    "ja": {
        "found": "透かしのある所",
        "picture": "映像",
        "sound": "音声",
        "unknown": "この登録簿にないクリップ(番号 {payload})",
        "more": "... ほか {n} 区間",
    },
}


def mark_lines(report: VerifyReport, lang: Lang) -> list[str]:
    """One line where one clip was found; one more for each stretch where it were several."""
    words = _WORDS[lang]
    mark, sound = report.mark, report.sound
    parts = []
    if mark is not None and mark.found:
        parts.append(_part(words["picture"], [(each.start, each.end) for each in mark.spans]))
    if sound is not None and sound.found:
        parts.append(_part(words["sound"], sound.spans))
    if not parts:
        return []
    several = _several(mark, report, lang) if mark is not None and mark.found else []
    return [f"{words['found']}: {'; '.join(parts)}", *several]


def _several(mark: MarkFinding, report: VerifyReport, lang: Lang) -> list[str]:
    """Each stretch with its clip, where clips were cut together."""
    if len({span.payload for span in mark.spans}) < 2:
        return []
    words = _WORDS[lang]
    lines = []
    for span in mark.spans[:MAX_STRETCHES]:
        unknown = words["unknown"].format(payload=f"{span.payload:016x}")
        clip = report.clips.get(span.payload, unknown)
        lines.append(f"  {_seconds(span.start, span.end)}: {clip}")
    if len(mark.spans) > MAX_STRETCHES:
        lines.append("  " + words["more"].format(n=len(mark.spans) - MAX_STRETCHES))
    return lines


def _part(where: str, spans: Iterable[Sequence[float]]) -> str:
    """`picture (0-4 s, 6.5-9 s)`; a still, a single moment, has no times."""
    times = [_seconds(start, end) for start, end in spans if end > _MOMENT]
    if len(times) > MAX_STRETCHES:
        times = [*times[:MAX_STRETCHES], "..."]
    return f"{where} ({', '.join(times)})" if times else where


def _seconds(start: float, end: float) -> str:
    return f"{round(start, 1):g}-{round(end, 1):g} s"
