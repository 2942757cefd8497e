"""The benchmark of the marks runs on a tiny clip and prints what the design names."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from click.testing import CliRunner

from cameo.cli.bench.watermark import marking
from cameo.cli.bench.watermark.clips import Case
from cameo.cli.bench.watermark.command import bench_watermark
from cameo.cli.bench.watermark.lines import Lines
from cameo.cli.bench.watermark.tables import PARTS, filled
from cameo.media.processing import Clip

KEYS = {"name", "value", "unit", "on", "n", "interval", "peer", "ratio", "load", "cpus", "date"}


def tiny() -> Clip:
    """A second of soft shapes and of noise."""
    rng = np.random.default_rng(3)
    rows, columns = np.mgrid[0:360, 0:640]
    luma = 120 + 60 * np.sin(rows / 40) * np.cos(columns / 55) + rng.normal(0, 3, (360, 640))
    frame = np.full((540, 640), 128, np.uint8)
    frame[:360] = np.clip(luma, 16, 235)
    samples = rng.normal(0, 0.1, (48_000, 2)).astype(np.float32)
    return Clip(frames=np.repeat(frame[None], 12, axis=0), fps=12.0, samples=samples)


@pytest.fixture(autouse=True)
def one_case(monkeypatch: pytest.MonkeyPatch) -> None:
    """The only case there is."""
    case = Case(name="tiny-360p", scene="tiny", side=360, how="drawn", load=tiny)
    monkeypatch.setattr(marking, "cases", lambda **_asked: [case])
    marking.loaded.cache_clear()
    marking.loaded_marked.cache_clear()


def test_only_one_attack(tmp_path: Path) -> None:
    out, docs = tmp_path / "lines.jsonl", tmp_path / "docs"
    docs.mkdir()
    asked = ["--quick", "--only", "turn/flip", "--workers", "1"]
    result = CliRunner().invoke(
        bench_watermark, [*asked, "--out", str(out), "--docs", str(docs)], catch_exceptions=False
    )
    assert result.exit_code == 0
    lines = [json.loads(line) for line in result.stdout.splitlines()]
    assert lines == [json.loads(line) for line in out.read_text().splitlines()]
    assert all(set(line) == KEYS for line in lines)
    found = Lines.of(lines)
    assert found.value("watermark.video.recovered", "flip") == 1.0
    assert found.value("watermark.video.recovered", "360p, ordinary") == 1.0
    assert found.value("watermark.video.wrong", "") == 0.0
    assert "| turn | flip |" in (docs / "watermark.md").read_text()
    assert (docs / "images" / "watermark" / "heat.png").stat().st_size < 300_000


def test_an_unknown_attack_or_clip_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    assert CliRunner().invoke(bench_watermark, ["--only", "turn/no-such"]).exit_code == 2
    monkeypatch.setattr(marking, "cases", lambda **_asked: [])
    assert CliRunner().invoke(bench_watermark, []).exit_code == 2


def test_prose_around_generated_parts_stays() -> None:
    line = {"name": "watermark.video.recovered", "value": 0.5, "n": 2, "on": "720p, ordinary"}
    lines = Lines.of([{**line, "load": 1.0, "cpus": 2, "date": "2026-01-02"}])
    text = "Before.\n\n<!-- summary -->old<!-- /summary -->\n\nAfter.\n"
    once = filled(text, lines)
    assert once.startswith("Before.")
    assert once.endswith("After.\n")
    assert "50% (1/2)" in once
    assert filled(once, lines) == once
    assert set(PARTS) >= {"summary", "attacks", "hostile", "sound"}
