"""Seed one fault at a time into a copy of the tree, and demand that an assertion notices it.

    python scripts/mutants.py                 # all of tests/mutants/*.toml
    python scripts/mutants.py lock epoch      # those whose names contain one of these

One JSON line a mutant: {"mutant", "killed_by", "how", "seconds"}. Exit 1 where one survives, where
a mutant fits its file not exactly once, or where a test fails without any fault.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import tempfile
import threading
import time
import tomllib
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from queue import Queue

ROOT = Path(__file__).resolve().parents[1]
LIST = ROOT / "tests" / "mutants"
PACKAGES = ("cameo", "consent", "provenance", "moderation", "generator", "tests")
JOBS = 2
LONGEST_TEST = 120
LONGEST_RUN = 400


class MutantsError(Exception):
    """The list or the tree is not as it must be."""


@dataclass(frozen=True)
class Edit:
    """One replacement of exact text."""

    path: str
    old: str
    new: str


@dataclass(frozen=True)
class Target:
    """Tests that must pass without a fault: pytest's arguments."""

    tests: tuple[str, ...]
    only: str = ""

    def arguments(self) -> list[str]:
        """As pytest takes them."""
        return [*self.tests, *(["-k", self.only] if self.only else [])]


@dataclass(frozen=True)
class Mutant:
    """A fault, and the tests of which one must notice it."""

    name: str
    says: str
    edits: tuple[Edit, ...]
    target: Target


@dataclass(frozen=True)
class Verdict:
    """What a run of pytest came to."""

    passed: int
    asserted: dict[str, str] | None
    """The first failure by assertion."""
    otherwise: dict[str, str] | None
    """The first failure of another kind."""
    output: str


def load() -> list[Mutant]:
    """All mutants, each fitting its file exactly once.

    Raises:
        MutantsError: one does not, or two have one name.
    """
    found = [_mutant(entry) for path in sorted(LIST.glob("*.toml")) for entry in _entries(path)]
    names = [mutant.name for mutant in found]
    if len(set(names)) != len(names):
        raise MutantsError("two mutants have one name")
    for mutant in found:
        for edit in mutant.edits:
            count = (ROOT / edit.path).read_text().count(edit.old)
            if count != 1:
                raise MutantsError(f"{mutant.name}: fits {edit.path} {count} times")
    return found


def _entries(path: Path) -> list[dict[str, object]]:
    entries: list[dict[str, object]] = tomllib.loads(path.read_text())["mutant"]
    return entries


def _mutant(entry: dict[str, object]) -> Mutant:
    edits = entry.get("edit") or [entry]
    return Mutant(
        name=str(entry["name"]),
        says=str(entry["says"]),
        edits=tuple(Edit(e["path"], e["old"], e["new"]) for e in edits),  # type: ignore[attr-defined]
        target=Target(tuple(entry["tests"]), str(entry.get("only", ""))),  # type: ignore[arg-type]
    )


class Copy:
    """A copy of the tree in which pytest runs; tracked files, and new ones that git sees."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        listed = ["git", "ls-files", "-co", "--exclude-standard", "-z"]
        names = subprocess.run(listed, cwd=ROOT, check=True, capture_output=True).stdout
        for name in names.decode().split("\0"):
            source = ROOT / name
            if name and source.is_file():
                (folder / name).parent.mkdir(parents=True, exist_ok=True)
                shutil.copy2(source, folder / name)
        beside = ROOT.parent / "shared"
        if beside.is_dir():
            (folder.parent / "shared").symlink_to(beside)
        self._writes = 0
        self._require_own_code()

    def run(self, target: Target) -> Verdict:
        """Run tests here, up to the first that fails by assertion."""
        verdicts = self._folder.parent / "verdicts"
        verdicts.unlink(missing_ok=True)
        command = [
            *(sys.executable, "-m", "pytest", "-q", "--no-header", "-p", "no:randomly"),
            *("-p", "no:cacheprovider", "-p", "tests.mutants.recorder", f"--verdicts={verdicts}"),
            *(f"--timeout={LONGEST_TEST}", *target.arguments()),
        ]
        try:
            done = subprocess.run(
                command,
                cwd=self._folder,
                env=self._environment(),
                capture_output=True,
                text=True,
                timeout=LONGEST_RUN,
                check=False,
            )
            output = done.stdout + done.stderr
        except subprocess.TimeoutExpired:
            output = f"longer than {LONGEST_RUN} s"
        lines = verdicts.read_text().splitlines() if verdicts.exists() else []
        return _verdict([json.loads(line) for line in lines], output)

    @contextmanager
    def mutated(self, mutant: Mutant) -> Iterator[None]:
        """The tree with one fault in it."""
        kept = {edit.path: (self._folder / edit.path).read_text() for edit in mutant.edits}
        try:
            for edit in mutant.edits:
                now = (self._folder / edit.path).read_text()
                self._write(edit.path, now.replace(edit.old, edit.new))
            yield
        finally:
            for path, text in kept.items():
                self._write(path, text)

    def _write(self, path: str, text: str) -> None:
        # Compiled files are told apart by whole seconds: each writing gets seconds of its own.
        self._writes += 2
        file = self._folder / path
        file.write_text(text)
        moment = time.time() + self._writes
        os.utime(file, (moment, moment))

    def _environment(self) -> dict[str, str]:
        return {**os.environ, "PYTHONPATH": str(self._folder)}  # noqa: TID251 - for a child

    def _require_own_code(self) -> None:
        """Tests that ran another copy's code would notice nothing, or everything."""
        code = "import importlib, sys\nfor name in sys.argv[1:]:\n"
        code += "    print(importlib.import_module(name).__file__)"
        found = subprocess.run(
            [sys.executable, "-c", code, *PACKAGES],
            cwd=self._folder,
            env=self._environment(),
            check=True,
            capture_output=True,
            text=True,
        ).stdout.split()
        if not all(Path(path).is_relative_to(self._folder) for path in found):
            raise MutantsError(f"not the copy's own code: {found}")


def _verdict(lines: list[dict[str, object]], output: str) -> Verdict:
    failed = [line for line in lines if not line.get("passed")]
    asserted = next((line for line in failed if line["asserts"]), None)
    otherwise = next((line for line in failed if not line["asserts"]), None)
    return Verdict(
        passed=sum(bool(line.get("passed")) for line in lines),
        asserted=asserted,  # type: ignore[arg-type]
        otherwise=otherwise,  # type: ignore[arg-type]
        output=output,
    )


class Laboratory:
    """Several copies, each for one run at a time."""

    def __init__(self, folder: Path) -> None:
        self._copies: Queue[Copy] = Queue()
        self._say = threading.Lock()
        for number in range(JOBS):
            place = folder / str(number) / "tree"
            place.mkdir(parents=True)
            self._copies.put(Copy(place))

    def is_sound(self, target: Target) -> bool:
        """Whether the tests pass without a fault; there must be some."""
        with self._copy() as copy:
            verdict = copy.run(target)
        failed = verdict.asserted or verdict.otherwise
        if failed is None and verdict.passed:
            return True
        self._print({"fails_unmutated": target.arguments(), "why": failed or "no test ran"})
        sys.stderr.write(verdict.output[-3000:])
        return False

    def is_noticed(self, mutant: Mutant) -> bool:
        """Seed it, run, and report."""
        began = time.monotonic()
        with self._copy() as copy, copy.mutated(mutant):
            verdict = copy.run(mutant.target)
        killer = verdict.asserted or {}
        how = killer.get("how") or (verdict.otherwise or {}).get("how") or "nothing failed"
        self._print(
            {
                "mutant": mutant.name,
                "killed_by": killer.get("test"),
                "how": how,
                "seconds": round(time.monotonic() - began, 1),
            }
        )
        return bool(killer)

    @contextmanager
    def _copy(self) -> Iterator[Copy]:
        copy = self._copies.get()
        try:
            yield copy
        finally:
            self._copies.put(copy)

    def _print(self, line: dict[str, object]) -> None:
        with self._say:
            print(json.dumps(line), flush=True)


def main(wanted: list[str]) -> int:
    """Run; the exit status."""
    began = time.monotonic()
    mutants = [m for m in load() if not wanted or any(word in m.name for word in wanted)]
    with (
        tempfile.TemporaryDirectory(prefix="cameo-mutants-") as folder,
        ThreadPoolExecutor(max_workers=JOBS) as jobs,
    ):
        laboratory = Laboratory(Path(folder))
        targets = dict.fromkeys(mutant.target for mutant in mutants)
        if not all(jobs.map(laboratory.is_sound, targets)):
            return 1
        noticed = list(jobs.map(laboratory.is_noticed, mutants))
    survived = [m.name for m, seen in zip(mutants, noticed, strict=True) if not seen]
    seconds = round(time.monotonic() - began, 1)
    print(json.dumps({"mutants": len(mutants), "survived": survived, "seconds": seconds}))
    return 1 if survived or not mutants else 0


if __name__ == "__main__":
    try:
        sys.exit(main(sys.argv[1:]))
    except MutantsError as error:
        sys.exit(f"mutants: {error}")
