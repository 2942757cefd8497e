"""The figures of the mark in the sound."""

from __future__ import annotations

from collections import defaultdict

from cameo.cli.bench.watermark import sound
from cameo.cli.bench.watermark.scale import Scale
from cameo.cli.bench.watermark.sheet import Sheet

_SOUND = "watermark.sound"


def heard(scale: Scale, sheet: Sheet) -> None:
    """Every attack on every sound."""
    attacks = [
        each
        for each in sound.on_sound(scale.only)
        if scale.sound_attacks is None or each.name in scale.sound_attacks
    ]
    results = list(sound.measure(scale.choice, attacks, scale.workers)) if attacks else []
    for one in results:
        if not one.short:
            hard = ", beyond ordinary processing" if one.hard else ""
            sheet.note(
                f"not heard: {one.attack}, {one.case}, T {one.statistic:.1f} "
                f"of {one.threshold:.1f}{hard}"
            )
    groups: dict[str, list[sound.Heard]] = defaultdict(list)
    for one in results:
        groups[one.attack].append(one)
    for one in results:
        groups[f"{one.kind}, {'hard' if one.hard else 'ordinary'}"].append(one)
    for on, chosen in groups.items():
        count = len(chosen)
        sheet.share(f"{_SOUND}.recovered", sum(one.short for one in chosen), count, on=on)
        sheet.share(f"{_SOUND}.full", sum(one.full for one in chosen), count, on=on)
    if results:
        wrong = sum(one.wrong for one in results)
        sheet.add(f"{_SOUND}.wrong", wrong, "count", n=len(results))


def others(scale: Scale, sheet: Sheet) -> None:
    """Cost, speed, chance, and Perth on the same sounds."""
    for cost in sound.costs(scale.choice):
        on = f"{cost.case}, {cost.kind}"
        if cost.snr is None:
            sheet.note(f"{on}: too little sound to carry a mark")
            continue
        sheet.add(f"{_SOUND}.snr", cost.snr, "dB", on=on)
        sheet.add(f"{_SOUND}.embed", cost.embed, "times real time", on=on)
        sheet.add(f"{_SOUND}.detect", cost.detect, "times real time", on=on)
    verdicts = list(sound.unmarked(scale.choice, scale.false_positives))
    if verdicts:
        found, count = sum(v.found for v in verdicts), len(verdicts)
        sheet.add("watermark.false_positives", found, "count", on="sound", n=count)
        top = max(verdicts, key=lambda v: v.confidence)
        limit = ("threshold", top.threshold)
        name = "watermark.false_positives.highest"
        sheet.add(name, top.confidence, "T", on="sound", n=count, peer=limit)
    theirs = list(sound.peer(scale.choice))
    if not theirs:
        sheet.note("Perth (resemble-perth) is not installed, or there is no sound: no peer")
    for one in theirs:
        on = f"{one.case}, Perth"
        sheet.add(f"{_SOUND}.snr", one.snr, "dB", on=on)
        sheet.add(f"{_SOUND}.embed", one.embed, "times real time", on=on)
        sheet.add(f"{_SOUND}.detect", one.detect, "times real time", on=on)
        for name, confidence in one.confidence.items():
            sheet.add("watermark.peer.confidence", confidence, "rate", on=f"{on}, {name}")
