"""What every rule of the state machine uses: the stage, the model, and how answers are compared."""

from __future__ import annotations

import atexit
import shutil
import tempfile
from datetime import datetime
from functools import lru_cache
from pathlib import Path
from typing import Any

from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine

from cameo.store.records import PersonRecord
from tests.integration.life.model import Life
from tests.integration.life.stage import HANDLES, Stage
from tests.integration.life.terms import Enrolment, Key, Person
from tests.integration.life.wishes import mostly

PERSON = st.sampled_from(HANDLES)
PAIR = st.permutations(HANDLES).map(lambda drawn: (drawn[0], drawn[1]))
WHICH = mostly(-1, 0, 1, 2)
"""An index into a person's keys or papers, cut to what there is; mostly the newest."""


@lru_cache(maxsize=1)
def the_stage() -> Stage:
    """One for the whole process: only its content is put back between examples."""
    folder = Path(tempfile.mkdtemp(prefix="cameo-life-"))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    return Stage(folder)


class Player(RuleBasedStateMachine):
    """Plays the flows and the model side by side."""

    def __init__(self) -> None:
        super().__init__()
        self.stage = the_stage()
        self.stage.reset()
        self.world, self.studio = self.stage.world, self.stage.studio
        self.life = Life(people={handle: self._settled(handle) for handle in HANDLES})
        self.life.leaves.update({"key": len(HANDLES), "enrol": len(HANDLES)})
        self.step = 0
        self.epochs = dict.fromkeys(HANDLES, 0)

    def _settled(self, handle: str) -> Person:
        name, private = self.stage.first_keys[handle]
        key = Key(name, private)
        begun = self.stage.clock.now.replace(hour=0)
        first = Enrolment(self.stage.first_enrolments[handle], handle, key, begun, checked=True)
        return Person(handle, keys=[key], enrolments=[first])

    @property
    def now(self) -> datetime:
        return self.stage.clock.now

    def record(self, handle: str) -> PersonRecord:
        return self.stage.people[handle]

    def key(self, handle: str, which: int) -> Key:
        found: Key = pick(self.life.people[handle].keys, which)
        return found

    def covered(self) -> None:
        for clip in self.life.clips.values():
            clip.covered = clip.covered or clip.status == "completed"


def pick(among: list[Any], which: int) -> Any:
    """One of several, by an index that may be too large."""
    return among[which] if which < 0 else among[min(which, len(among) - 1)]
