"""docs/watermark.md and its pictures, from the lines of a run."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import cv2

from cameo.cli.bench.watermark import pictures
from cameo.cli.bench.watermark.lines import Lines
from cameo.cli.bench.watermark.marking import Choice, loaded, marked, payload_of
from cameo.cli.bench.watermark.tables import PARTS, filled

_SHOWN = ("anime", "dark", "talking-head")


def write_docs(folder: Path, lines: Iterable[Mapping[str, Any]], choice: Choice | None) -> None:
    """Write the generated parts anew, and the pictures; the prose around them stays.

    Args:
        folder: the docs folder; its watermark.md is begun where it is missing.
        lines: the lines of one run or more.
        choice: which clips to show side by side; None draws the charts only.
    """
    found = Lines.of(lines)
    page, images = folder / "watermark.md", folder / "images" / "watermark"
    text = page.read_text() if page.is_file() else _bare()
    images.mkdir(parents=True, exist_ok=True)
    page.write_text(filled(text, found))
    for name, picture in (("heat", pictures.heat(found)), ("curve", pictures.curve(found))):
        if picture is not None:
            _written(images / f"{name}.png", picture)
    if choice is not None:
        _side_by_side(images, choice)


def _side_by_side(images: Path, choice: Choice) -> None:
    for case in choice.cases():
        path = images / f"{case.scene}.png"
        if case.scene not in _SHOWN:
            continue
        clip = loaded(choice, case.name)
        index = len(clip.frames) // 2
        still = clip.showing(clip.frames[index : index + 1])
        made = marked(still, payload_of(case.name))
        _written(path, pictures.side_by_side(still.frames[0], made.frames[0]))


def _written(path: Path, picture: pictures.U8) -> None:
    cv2.imwrite(str(path), picture, [cv2.IMWRITE_PNG_COMPRESSION, 9])


def _bare() -> str:
    parts = "\n\n".join(f"<!-- {name} --><!-- /{name} -->" for name in PARTS)
    return f"# The mark, measured\n\n{parts}\n"
