"""The figures of the mark in the picture, part by part."""

from __future__ import annotations

import statistics
from collections import defaultdict
from collections.abc import Iterable

from cameo.cli.bench.watermark import chance, hostile, peers, quality, removal, robustness, speed
from cameo.cli.bench.watermark.clips import Case
from cameo.cli.bench.watermark.marking import detected, loaded, marked, payload_of, payloads
from cameo.cli.bench.watermark.robustness import Result
from cameo.cli.bench.watermark.scale import Scale
from cameo.cli.bench.watermark.sheet import Sheet
from cameo.media.processing import attack

_VIDEO = "watermark.video"


def speeds(scale: Scale, sheet: Sheet) -> None:
    """Frames a second without a codec, at every size of the run."""
    for case in _one_a_side(scale):
        clip = loaded(scale.choice, case.name)
        for rate in speed.rates(clip, runs=scale.runs):
            on = f"{clip.size[0]}x{clip.size[1]}, {rate.threads} thread{'s'[: rate.threads - 1]}"
            sheet.add(f"{_VIDEO}.embed", rate.embed, "fps", on=on, n=len(clip.frames))
            sheet.add(f"{_VIDEO}.detect", rate.detect, "fps", on=on, n=len(clip.frames))


def searches(scale: Scale, sheet: Sheet) -> None:
    """Seconds to find the mark of a clip in an unknown geometry, or to find none."""
    for case in _one_a_side(scale):
        clip = loaded(scale.choice, case.name)
        taken = []
        for found in speed.searches(clip, scale.geometries):
            on = f"{2 * clip.seconds:g} s at {case.side}p, {found.what}"
            sheet.add(f"{_VIDEO}.search", found.seconds, "s", on=on)
            sheet.add(f"{_VIDEO}.search.cpu", found.cpu, "s", on=on)
            if found.what != "no mark":
                taken.append(found.seconds)
        on = f"{2 * clip.seconds:g} s at {case.side}p"
        count = len(taken)
        sheet.add(f"{_VIDEO}.search", statistics.median(taken), "s", on=f"{on}, median", n=count)
        sheet.add(f"{_VIDEO}.search", max(taken), "s", on=f"{on}, worst", n=count)


def qualities(scale: Scale, sheet: Sheet) -> None:
    """PSNR reached, what the encoding grows by, and the curve of the three."""
    cases = scale.choice.cases()
    means: dict[tuple[float, int], list[float]] = defaultdict(list)
    names = [case.name for case in cases]
    for made in quality.measure(scale.choice, names, quality.PSNRS, workers=scale.workers):
        where = f"{made.case}, {made.wanted:g} dB"
        sheet.add(f"{_VIDEO}.psnr", made.psnr, "dB", on=where)
        for crf, cost in made.costs.items():
            means[made.wanted, crf].append(cost)
            sheet.add(f"{_VIDEO}.bitrate_cost", cost, "ratio", on=f"{where}, CRF {crf}")
    for (wanted, crf), costs in means.items():
        on = f"mean, {wanted:g} dB, CRF {crf}"
        sheet.add(f"{_VIDEO}.bitrate_cost", statistics.mean(costs), "ratio", on=on, n=len(costs))
    curve = [case.name for case in cases if case.scene in scale.curve_scenes]
    points = quality.measure(
        scale.choice, curve, scale.curve, crfs=(23,), reads=True, workers=scale.workers
    )
    for made in points:
        where = f"{made.case}, {made.wanted:g} dB"
        sheet.add(f"{_VIDEO}.curve.cost", made.costs[23], "ratio", on=where)
        sheet.add(f"{_VIDEO}.curve.read_to", float(made.crf or 0), "CRF", on=where)


def beside(scale: Scale, sheet: Sheet) -> None:
    """Ours and invisible-watermark on the same 8 frames."""
    if not peers.available():
        sheet.note("invisible-watermark is not installed: no peer for the picture")
    exact: dict[tuple[str, str], list[bool]] = defaultdict(list)
    for case in scale.choice.cases():
        short = peers.shortened(loaded(scale.choice, case.name))
        for method in peers.methods():
            if method == "rivaGan" and case.scene not in scale.peer_scenes:
                continue
            theirs = peers.pictures(short, method, scale.peer_attacks)
            on = f"{case.name}, {method}"
            sheet.add(f"{_VIDEO}.embed", theirs.embed, "fps", on=on, n=peers.FRAMES)
            sheet.add(f"{_VIDEO}.detect", theirs.detect, "fps", on=on, n=peers.FRAMES)
            sheet.add("watermark.peer.psnr", theirs.psnr, "dB", on=on)
            for name in scale.peer_attacks:
                exact[method, name].append(theirs.exact[name])
                bits = theirs.accuracy[name]
                sheet.add("watermark.peer.bits", bits, "rate", on=f"{on}, {name}", n=peers.FRAMES)
        payload = payload_of(case.name)
        made = marked(short, payload)
        for name in scale.peer_attacks:
            copy = attack(name).apply(made).clip
            exact["ours", name].append(payload in payloads(detected(copy)))
    for (method, name), right in exact.items():
        sheet.share("watermark.peer.recovered", sum(right), len(right), on=f"{method}, {name}")


def robust(scale: Scale, sheet: Sheet) -> None:
    """Every attack on every clip."""
    attacks = [
        each
        for each in robustness.on_picture(scale.only)
        if scale.attacks is None or each.name in scale.attacks
    ]
    if not attacks:
        return
    results = []
    for result in robustness.measure(scale.choice, attacks, scale.workers):
        results.append(result)
        limit = ("threshold", result.threshold)
        on = f"{result.attack}, {result.case}"
        sheet.add(f"{_VIDEO}.statistic", result.statistic, "T", on=on, peer=limit)
        sheet.add(f"{_VIDEO}.read", float(result.recovered), "count", on=on)
        if not result.recovered:
            sheet.note(
                f"not read: {on}, T {result.statistic:.1f} of {result.threshold:.1f}"
                f"{', beyond ordinary processing' if result.hard else ''}"
            )
    for each in attacks:
        _rate(sheet, each.name, [r for r in results if r.attack == each.name])
    for side in sorted({r.side for r in results}):
        for hard, words in ((False, "ordinary"), (True, "hard")):
            chosen = [r for r in results if r.side == side and r.hard is hard]
            _rate(sheet, f"{side}p, {words}", chosen)
    sheet.add(f"{_VIDEO}.wrong", sum(r.wrong for r in results), "count", n=len(results))


def _rate(sheet: Sheet, on: str, results: Iterable[Result]) -> None:
    right = [r.recovered for r in results]
    sheet.share(f"{_VIDEO}.recovered", sum(right), len(right), on=on)


def chances(scale: Scale, sheet: Sheet) -> None:
    """False positives of whole searches, and the tail of the statistic."""
    verdicts = list(chance.searches(scale.choice, scale.false_positives, scale.workers))
    count = len(verdicts)
    found = sum(v.found for v in verdicts)
    sheet.add("watermark.false_positives", found, "count", on="video", n=count)
    highest = max(v.statistic for v in verdicts)
    limit = ("threshold", verdicts[0].threshold)
    sheet.add("watermark.false_positives.highest", highest, "T", on="video", n=count, peer=limit)
    tail = chance.tail(scale.choice, placements=scale.placements, keys=scale.keys)
    for limit_at, share in tail.shares.items():
        bound = ("exp(-t^2/2)", tail.bound(limit_at))
        on = f"T >= {limit_at:g}"
        sheet.add("watermark.chance.tail", share, "rate", on=on, n=tail.hypotheses, peer=bound)
    on = f"{tail.placements} placements"
    sheet.add("watermark.chance.highest", tail.highest, "T", on=on, n=tail.hypotheses)


def hostiles(scale: Scale, sheet: Sheet) -> None:
    """Copying, removing, averaging and marking again, without the key."""
    copied = list(hostile.copies(scale.choice, scale.copies, scale.workers))
    count = len(copied)
    if copied:
        ours, read = sum(c.ours for c in copied), sum(c.read for c in copied)
        sheet.add("watermark.keyless_copy", ours, "count", on="called ours", n=count)
        sheet.add("watermark.keyless_copy.read", read, "count", on="mark alone", n=count)
        likest = max(c.score for c in copied)
        sheet.add("watermark.keyless_copy.likeness", likest, "rate", on="highest", n=count)
    ways: dict[str, list[removal.Removed]] = defaultdict(list)
    for one in removal.removals(scale.choice, scale.workers):
        ways[one.way].append(one)
        on = f"{one.way}, {one.case}"
        sheet.add("watermark.keyless_removal.correlation", one.correlation, "r", on=on)
        if one.gain is not None and one.psnr is not None:
            sheet.add("watermark.keyless_removal.gain", one.gain, "ratio", on=on)
            sheet.add("watermark.keyless_removal.psnr", one.psnr, "dB", on=on)
    for way, all_of in ways.items():
        mean = statistics.mean(one.correlation for one in all_of)
        gone = sum(one.gain is not None for one in all_of)
        sheet.add("watermark.keyless_removal.correlation", mean, "r", on=way, n=len(all_of))
        sheet.add("watermark.keyless_removal.removed", gone, "count", on=way, n=len(all_of))
    for mean_of in removal.averages(scale.choice, scale.averaged):
        for what in ("second", "block", "static"):
            on = f"{mean_of.clips} clips, {what}"
            sheet.add("watermark.averaging.correlation", getattr(mean_of, what), "r", on=on)
    again = list(hostile.remarkings(scale.choice))
    for key in dict.fromkeys(one.key for one in again):
        of_key = [one for one in again if one.key == key]
        first, second = sum(o.first for o in of_key), sum(o.second for o in of_key)
        sheet.share("watermark.remarked.first", first, len(of_key), on=key)
        sheet.share("watermark.remarked.second", second, len(of_key), on=key)


def _one_a_side(scale: Scale) -> list[Case]:
    """One case of each size, the first: speed hardly depends on the content."""
    sides: dict[int, Case] = {}
    for case in scale.choice.cases():
        sides.setdefault(case.side, case)
    return list(sides.values())
