"""Writes the bundles beside this file: `python -m tests.vectors.bundle.generate`.

`good/` holds bundles that hold, `refused/` those that do not, each named by its one fault.
`refused.json` says with which code each is refused, `good.json` what each is about. The log's key
is that of `tests.smalllog.LOG`. Everything is deterministic; a test compares the files with what
this makes. Two faults need no file: another log's key, and another film.
"""

from __future__ import annotations

import json
from pathlib import Path

from tests.vectors.bundle.faults import REFUSED
from tests.vectors.bundle.stories import GOOD

HERE = Path(__file__).parent


def files() -> dict[str, bytes]:
    """Every file by its path under this folder."""
    made = {f"good/{name}.json": story().bundle() for name, (_, story) in GOOD.items()}
    made |= {f"refused/{name}.json": make() for name, (_, make) in REFUSED.items()}
    made["good.json"] = _table({name: about for name, (about, _) in GOOD.items()})
    made["refused.json"] = _table({name: code for name, (code, _) in REFUSED.items()})
    return made


def _table(rows: dict[str, str]) -> bytes:
    return (json.dumps(rows, indent=1) + "\n").encode()


if __name__ == "__main__":
    for old in [*HERE.glob("good/*"), *HERE.glob("refused/*")]:
        old.unlink()
    for path, data in files().items():
        (HERE / path).parent.mkdir(exist_ok=True)
        (HERE / path).write_bytes(data)
