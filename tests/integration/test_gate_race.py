"""Many processes want the same few people, and some of them are killed on the way.

Eight seconds here; a minute by `make soak`. What must not happen is looked for in the database
afterwards, by three readings that know nothing of the gate: see `tests.integration.race.evidence`.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from tests.integration.race.evidence import Call, Leaf, Seen, faults
from tests.integration.race.storm import storm

NOON = datetime(2031, 3, 1, 12, tzinfo=UTC)


@pytest.mark.postgres
@pytest.mark.slow
def test_a_storm_leaves_nothing_that_must_not_be(postgres_server: str, tmp_path: Path):
    weathered = storm(postgres_server, tmp_path, seconds=8)
    assert weathered.crashes == []
    assert weathered.faults == []
    assert weathered.kills
    assert weathered.counts["release"] >= 5
    assert weathered.counts["withdrawn"] >= 1


class TestTheReadings:
    """A reading that finds nothing must be one that could have."""

    def test_an_ordinary_day(self):
        assert faults(seen(*the_usual(), leaf(4, "release", epoch=0))) == []

    def test_a_release_after_a_withdrawal(self):
        found = faults(seen(*the_usual(), revoked(4), leaf(5, "release", epoch=1)))
        assert any("rests on what was withdrawn" in fault for fault in found)

    def test_a_release_on_an_old_epoch(self):
        found = faults(seen(*the_usual(), revoked(4), leaf(5, "release", epoch=0)))
        assert any("cites epoch 0, and 1 stands" in fault for fault in found)

    def test_a_release_during_a_pause(self):
        pause = leaf(4, "restrict", epoch=1, act="pause")
        found = faults(seen(*the_usual(), pause, leaf(5, "release", epoch=1)))
        assert any("somebody had paused" in fault for fault in found)

    def test_a_release_on_a_replaced_consent(self):
        newer = leaf(4, "consent", ref="cns_2", epoch=1)
        found = faults(seen(*the_usual(), newer, leaf(5, "release", epoch=1)))
        assert any("cns_2 stands" in fault for fault in found)

    def test_an_order_that_is_right_in_the_log_and_wrong_by_the_clock(self):
        late = leaf(4, "release", epoch=0, minute=9)
        found = faults(seen(*the_usual(), late, revoked(5, minute=8)))
        assert found
        assert all(not fault.startswith("in log order") for fault in found)

    @pytest.mark.parametrize(
        ("what", "other"),
        [("pause", None), ("block", "maker"), ("ungrant", "gnt_1"), ("revoke", "cns_1")],
    )
    def test_a_use_that_began_after_a_denial_had_returned(self, what: str, other: str | None):
        denial = call(what, other, began=4, returned=5)
        use = call("release", "clip_1", began=6, returned=8)
        world = seen(*the_usual(), leaf(4, "release", epoch=0, minute=7), calls=[denial, use])
        assert any(f"{what} of alice had returned" in fault for fault in faults(world))

    def test_a_use_that_began_before_it_returned_may_pass(self):
        denial = call("pause", None, began=4, returned=7)
        use = call("release", "clip_1", began=6, returned=8)
        world = seen(*the_usual(), leaf(4, "release", epoch=0, minute=7), calls=[denial, use])
        assert faults(world) == []

    def test_books_that_do_not_agree(self):
        world = seen(*the_usual(), leaf(4, "release", epoch=0))
        world.grants["gnt_1"].uses_consumed = 0
        assert any("clips hold otherwise" in fault for fault in faults(world))
        world.grants["gnt_1"].uses_consumed = 1
        world.grants["gnt_1"].max_uses = 0
        assert any("was used" in fault for fault in faults(world))

    def test_a_use_that_is_held_for_ever(self):
        world = seen(*the_usual(), leaf(4, "release", epoch=0))
        world.members[0].use = "reserved"
        assert any("still holds a use" in fault for fault in faults(world))

    def test_a_clip_that_is_not_in_the_log(self):
        assert any("is logged 0 times" in fault for fault in faults(seen(*the_usual())))

    def test_a_gap(self):
        world = seen(*the_usual(), leaf(9, "release", epoch=0))
        assert any("gaps" in fault for fault in faults(world))


def leaf(
    index: int,
    kind: str,
    *,
    epoch: int,
    ref: str = "clip_1",
    minute: int | None = None,
    **private: Any,
) -> Leaf:
    if kind == "release":
        cited = {"person": "alice", "consent": "cns_1", "grant": "gnt_1", "epoch": epoch}
        private = {"people": [cited]}
    return Leaf(
        index=index,
        kind=kind,
        ref=ref,
        at=NOON + timedelta(minutes=index if minute is None else minute),
        private=private,
        epochs={"alice": epoch},
    )


def revoked(index: int, minute: int | None = None) -> Leaf:
    return leaf(index, "revoke", ref="gnt_1", epoch=1, minute=minute, targets=["gnt_1"])


def the_usual() -> list[Leaf]:
    return [
        leaf(0, "key", ref="key_1", epoch=0),
        leaf(1, "enrol", ref="enr_1", epoch=0),
        leaf(2, "consent", ref="cns_1", epoch=0),
        leaf(3, "grant", ref="gnt_1", epoch=0),
    ]


def call(what: str, other: str | None, *, began: int, returned: int) -> Call:
    return Call(
        what=what,
        person=None if what == "release" else "alice",
        other=other,
        began=NOON + timedelta(minutes=began),
        returned=NOON + timedelta(minutes=returned),
        outcome="done",
    )


def seen(*leaves: Leaf, calls: list[Call] | None = None) -> Seen:
    """One clip by `maker` with Alice, under her one grant."""
    uses = {"max_uses": None, "uses_reserved": 0}
    clip = SimpleNamespace(
        id="clip_1", maker_id="maker", status="completed", media_sha256="0" * 64, share_token=None
    )
    member = SimpleNamespace(
        clip_id="clip_1", consent_id="cns_1", grant_id="gnt_1", counts_consent=False, use="consumed"
    )
    consents = {
        name: SimpleNamespace(id=name, document=b"", created_at=NOON, uses_consumed=0, **uses)
        for name in ("cns_1", "cns_2")
    }
    grant = SimpleNamespace(id="gnt_1", grantee_id="maker", uses_consumed=1, **uses)
    return Seen(
        leaves=list(leaves),
        calls=calls or [],
        clips={"clip_1": clip},
        members=[member],
        consents=consents,
        grants={"gnt_1": grant},
        pending=0,
        deadlocks=0,
    )
