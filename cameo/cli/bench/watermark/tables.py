"""The generated parts of docs/watermark.md, each a table or a paragraph."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any, Final

from cameo.cli.bench.watermark.lines import Lines, number, percent, table
from cameo.media.processing import ATTACKS

_VIDEO: Final = "watermark.video"
_SOUND: Final = "watermark.sound"


def machine(lines: Lines) -> str:
    """When, where and under what load."""
    loads = [float(line["load"]) for line in lines.lines]
    days = sorted({str(line["date"]) for line in lines.lines if line.get("date")})
    cpus = max(int(line["cpus"]) for line in lines.lines)
    return (
        f"Measured {' to '.join(dict.fromkeys((days[0], days[-1]))) if days else ''} on {cpus} "
        f"shared cores, load {min(loads):.1f} to {max(loads):.1f}; {len(lines.lines)} figures."
    )


def summary(lines: Lines) -> str:
    """Recovered over all clips of a size."""
    found = lines.named(f"{_VIDEO}.recovered")
    kinds = ("ordinary", "hard")
    sides = [side for side in ("480p", "720p", "1080p") if f"{side}, ordinary" in found]
    rows = [[side, *(_rate(found.get(f"{side}, {kind}")) for kind in kinds)] for side in sides]
    return table(("size", "ordinary processing", "beyond it"), rows)


def attacks(lines: Lines) -> str:
    """Recovered and the lowest statistic for every attack on the picture."""
    recovered = lines.named(f"{_VIDEO}.recovered")
    statistics = lines.named(f"{_VIDEO}.statistic")
    rows = []
    for each in ATTACKS:
        if each.name not in recovered:
            continue
        lowest = [
            float(line["value"])
            for on, line in statistics.items()
            if on.rpartition(", ")[0] == each.name
        ]
        name = f"{each.name}{' (hard)' if each.hard else ''}"
        rows.append(
            [
                each.group,
                name,
                each.what,
                _rate(recovered[each.name]),
                number(min(lowest, default=None)),
            ]
        )
    return table(("group", "attack", "what it does", "read", "lowest T"), rows)


def cost(lines: Lines) -> str:
    """What the encoding grows by, clip by clip."""
    found = lines.named(f"{_VIDEO}.bitrate_cost")
    columns = [(db, crf) for db in (43, 46) for crf in (23, 28)]
    names = list(dict.fromkeys(on.split(", ")[0] for on in found))
    names = [*(n for n in names if n != "mean"), *(n for n in names if n == "mean")]
    rows = [
        [name, *(_growth(found.get(f"{name}, {db} dB, CRF {crf}")) for db, crf in columns)]
        for name in names
    ]
    return table(("clip", *(f"{db} dB, CRF {crf}" for db, crf in columns)), rows)


def curve(lines: Lines) -> str:
    """PSNR against cost and the CRF up to which it is read."""
    costs = lines.named(f"{_VIDEO}.curve.cost")
    reads = lines.named(f"{_VIDEO}.curve.read_to")
    rows = []
    for on, line in costs.items():
        clip, psnr = on.split(", ")
        read = reads.get(on)
        rows.append([clip, psnr, _growth(line), number(_value(read), 0)])
    return table(("clip", "PSNR", "bytes at CRF 23", "read up to CRF"), rows)


def speed(lines: Lines) -> str:
    """Frames a second, ours and the peers'."""
    embed, detect = lines.named(f"{_VIDEO}.embed"), lines.named(f"{_VIDEO}.detect")
    rows = [
        [on, number(float(line["value"])), number(_value(detect.get(on)))]
        for on, line in embed.items()
    ]
    return table(("on", "embed, frames/s", "detect, frames/s"), rows)


def search(lines: Lines) -> str:
    """Seconds of a search in an unknown geometry."""
    wall, cpu = lines.named(f"{_VIDEO}.search"), lines.named(f"{_VIDEO}.search.cpu")
    rows = [
        [on, number(float(line["value"])), number(_value(cpu.get(on)))] for on, line in wall.items()
    ]
    return table(("on", "seconds", "processor seconds"), rows)


def beside(lines: Lines) -> str:
    """Ours and the peers on the same 8 frames."""
    found = lines.named("watermark.peer.recovered")
    methods = list(dict.fromkeys(on.split(", ")[0] for on in found))
    names = list(dict.fromkeys(on.split(", ")[1] for on in found))
    rows = [
        [name, *(_rate(found.get(f"{method}, {name}")) for method in methods)] for name in names
    ]
    return table(("attack", *methods), rows)


def chance(lines: Lines) -> str:
    """False positives, and the tail beside its bound."""
    rows = [
        [f"whole searches, {on}: reported", number(_value(line), 0), f"of {line['n']}"]
        for on, line in lines.named("watermark.false_positives").items()
    ]
    for on, line in lines.named("watermark.false_positives.highest").items():
        rows.append([f"highest T of these, {on}", number(_value(line)), _peer(line)])
    for on, line in lines.named("watermark.chance.tail").items():
        rows.append([f"share of hypotheses with {on}", f"{line['value']:.2e}", _peer(line)])
    for on, line in lines.named("watermark.chance.highest").items():
        rows.append([f"highest of {line['n']:,} hypotheses, {on}", number(_value(line), 2), ""])
    return table(("figure", "value", "beside"), rows)


def hostile(lines: Lines) -> str:
    """What an attacker without the key achieves."""
    rows = []
    for name, words in _HOSTILE.items():
        for on, line in lines.named(name).items():
            rows.append([words, on, f"{line['value']:g}", line["unit"], str(line["n"])])
    return table(("row", "on", "value", "unit", "n"), rows)


_HOSTILE: Final = {
    "watermark.keyless_copy": "mark copied onto another clip: called ours by the verifier",
    "watermark.keyless_copy.read": "the same: payload read, before the content is compared",
    "watermark.keyless_copy.likeness": "the same: likeness of the contents (0.82 agrees)",
    "watermark.keyless_removal.correlation": "correlation of the estimate with the true pattern",
    "watermark.keyless_removal.removed": "clips of which the mark was removed",
    "watermark.keyless_removal.gain": "gain at which it is not found any more",
    "watermark.keyless_removal.psnr": "PSNR of that copy against the original",
    "watermark.averaging.correlation": "correlation after averaging over clips of one key",
    "watermark.remarked.first": "marked again: first payload read",
    "watermark.remarked.second": "marked again: second payload read",
}


def sound(lines: Lines) -> str:
    """Recovered for every attack on the sound."""
    short, full = lines.named(f"{_SOUND}.recovered"), lines.named(f"{_SOUND}.full")
    what = {each.name: each.what for each in ATTACKS}
    rows = [[on, what.get(on, ""), _rate(line), _rate(full.get(on))] for on, line in short.items()]
    return table(("attack", "what it does", "short id read", "all 64 bits read"), rows)


def sound_cost(lines: Lines) -> str:
    """What marking a sound costs."""
    names = [f"{_SOUND}.{what}" for what in ("snr", "embed", "detect")]
    rows = [
        [on, *(number(lines.value(name, on)) for name in names)] for on in lines.named(names[0])
    ]
    return table(("sound", "SNR, dB", "embed, x real time", "detect, x real time"), rows)


PARTS: Final[Mapping[str, Callable[[Lines], str]]] = {
    each.__name__: each
    for each in (
        machine,
        summary,
        attacks,
        cost,
        curve,
        speed,
        search,
        beside,
        chance,
        hostile,
        sound,
        sound_cost,
    )
}


def filled(text: str, lines: Lines) -> str:
    """The document with every generated part written anew between its markers."""

    def part(match: re.Match[str]) -> str:
        name = match["name"]
        return f"<!-- {name} -->\n\n{PARTS[name](lines)}\n\n<!-- /{name} -->"

    names = "|".join(PARTS)
    return re.sub(rf"<!-- (?P<name>{names}) -->.*?<!-- /(?P=name) -->", part, text, flags=re.DOTALL)


def _value(line: Mapping[str, Any] | None) -> float | None:
    return None if line is None else float(line["value"])


def _rate(line: Mapping[str, Any] | None) -> str:
    if line is None:
        return "-"
    count = int(line["n"])
    return f"{percent(float(line['value']))} ({round(float(line['value']) * count)}/{count})"


def _growth(line: Mapping[str, Any] | None) -> str:
    return "-" if line is None else f"{100 * (float(line['value']) - 1):+.1f}%"


def _peer(line: Mapping[str, Any]) -> str:
    peer = line["peer"]
    return "" if peer is None else f"{peer['name']}: {peer['value']:.3g}"
