"""The order of the steps, and what every kind of failure ends with."""

from __future__ import annotations

from types import SimpleNamespace

import pytest

from cameo.flows.errors import OutputBlockedError
from cameo.flows.render import Finished, StoppedError
from cameo.store.errors import UnavailableError
from cameo.worker import generation
from cameo.worker.generation import Generation


class Script:
    """A service that notes what it is asked, and fails where it is told."""

    def __init__(self, chunks: int = 5) -> None:
        self.calls: list[tuple] = []
        self.fails: dict[str, Exception] = {}
        self.count = chunks
        self.status = "in_progress"
        self.rendering = SimpleNamespace(
            start=self._called("start", chunks),
            chunks=self._called("chunks", None),
            finish=self._called("finish", Finished(media_sha256="0" * 64, media_bytes=9)),
            tidy=self._called("tidy", None),
        )
        self.releases = SimpleNamespace(
            release=self._called("release", "completed"),
            give_up=self._called("give_up", None),
        )
        self.ledger = SimpleNamespace(sequence=self._called("sequence", 7))

    def _called(self, name: str, answer: object):
        def call(*arguments: object, **named: object) -> object:
            self.calls.append((name, *arguments[1:], *named.values()))
            if name in self.fails:
                raise self.fails[name]
            if name == "release":
                self.status = "completed"
            if name == "give_up":
                self.status = "failed"
            return answer

        return call

    @property
    def names(self) -> list[str]:
        return [call[0] for call in self.calls]


@pytest.fixture
def script(monkeypatch: pytest.MonkeyPatch) -> Script:
    made = Script()

    def run_step(options: dict, work) -> object:
        """As the engine does: an unknown error is tried again, then raised."""
        for attempt in range(options["max_attempts"]):
            try:
                return work()
            except Exception:
                if attempt + 1 == options["max_attempts"]:
                    raise
        raise AssertionError

    monkeypatch.setattr(generation.DBOS, "run_step", run_step)
    monkeypatch.setattr(Generation, "_status", lambda *_: made.status)
    return made


def test_the_order(script: Script):
    assert Generation(script).run("clip_x") == "completed"
    assert script.names == [
        "start",
        *["chunks"] * 3,
        "finish",
        "release",
        "sequence",
        "tidy",
    ]
    assert [call[1:4] for call in script.calls if call[0] == "chunks"] == [
        (0, 2, 5),
        (2, 2, 5),
        (4, 1, 5),
    ]


@pytest.mark.parametrize("step", ["start", "chunks", "finish", "release"])
def test_a_refusal_gives_up_once_with_its_code(script: Script, step: str):
    script.fails[step] = OutputBlockedError("a stranger")
    assert Generation(script).run("clip_x") == "failed"
    assert script.names.count(step) == 1
    given_up = [call for call in script.calls if call[0] == "give_up"]
    assert given_up == [("give_up", "output.blocked", "a stranger")]
    assert script.names[-2:] == ["sequence", "tidy"]
    assert script.names.count("release") == (step == "release")


def test_what_is_unknown_is_tried_again_and_then_fails_closed(script: Script):
    script.fails["finish"] = UnavailableError("no database")
    assert Generation(script).run("clip_x") == "failed"
    assert script.names.count("finish") == 3
    assert ("give_up", "internal.error", "UnavailableError") in script.calls
    assert "release" not in script.names


def test_a_clip_that_is_not_wanted_any_more_is_not_finished(script: Script):
    script.fails["chunks"] = StoppedError()
    Generation(script).run("clip_x")
    assert "finish" not in script.names
    assert "release" not in script.names
