"""What a monitor remembers between its runs, as one JSON document.

It is the monitor's own word against the log's: whoever can change it can hide a second view.
"""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass, field
from datetime import datetime
from typing import Any, Final

from provenance.log.alarms import Alarm
from provenance.log.errors import LogError, MalformedState
from provenance.log.history import History, Standing
from provenance.log.merkle import Frontier, Node

VERSION: Final = 1


@dataclass(frozen=True, kw_only=True, slots=True)
class MonitorState:
    """A log as it was last read."""

    note: str
    """The signed checkpoint."""
    frontier: tuple[Node, ...]
    """The edge of its tree, recomputed from the entries."""
    history: History
    seen_at: datetime
    """When the checkpoint was got, by the monitor's clock."""
    alarms: tuple[Alarm, ...] = ()
    """What was ever found in the log itself: what was wrong once stays so."""
    references: dict[str, str] = field(default_factory=dict)
    """Person -> the reference that the service said is theirs."""

    def to_json(self) -> str:
        """The document."""
        return json.dumps(
            {
                "v": VERSION,
                "note": self.note,
                "seen_at": self.seen_at.isoformat(),
                "frontier": [[node.level, node.number, node.hash.hex()] for node in self.frontier],
                "latest": self.history.latest and self.history.latest.isoformat(),
                "people": {
                    ref: [each.epoch, each.has_key, each.has_consent, each.erased]
                    for ref, each in self.history.people.items()
                },
                "alarms": [asdict(alarm) for alarm in self.alarms],
                "references": self.references,
            },
            ensure_ascii=False,
        )

    @classmethod
    def from_json(cls, text: str) -> MonitorState:
        """The state of which `text` is the document.

        Raises:
            MalformedState: If it is none.
        """
        try:
            return _state(json.loads(text))
        except (ValueError, TypeError, KeyError, AttributeError, LogError) as cause:
            raise MalformedState("the monitor's state") from cause


def _state(loaded: dict[str, Any]) -> MonitorState:
    if loaded["v"] != VERSION:
        raise MalformedState("version")
    nodes = [Node(int(lv), int(n), bytes.fromhex(hash_)) for lv, n, hash_ in loaded["frontier"]]
    latest = loaded["latest"]
    return MonitorState(
        note=str(loaded["note"]),
        frontier=Frontier(nodes).nodes,
        history=History(
            people={
                str(ref): Standing(
                    epoch=None if epoch is None else int(epoch),
                    has_key=bool(key),
                    has_consent=bool(consent),
                    erased=bool(erased),
                )
                for ref, (epoch, key, consent, erased) in loaded["people"].items()
            },
            latest=None if latest is None else _moment(latest),
        ),
        seen_at=_moment(loaded["seen_at"]),
        alarms=tuple(
            Alarm(**{**alarm, "notes": tuple(alarm["notes"])}) for alarm in loaded["alarms"]
        ),
        references={str(person): str(ref) for person, ref in loaded["references"].items()},
    )


def _moment(text: str) -> datetime:
    moment = datetime.fromisoformat(text)
    if moment.utcoffset() is None:
        raise MalformedState("a time without its zone")
    return moment
