from __future__ import annotations

from datetime import timedelta

import pytest

from provenance.log.alarms import ALARMS
from provenance.log.cosignature import Cosigner
from provenance.log.errors import (
    BadNoteSignature,
    LogDiverged,
    MalformedState,
    MalformedTile,
    WrongOrigin,
)
from provenance.log.history import REASONS, SLACK
from provenance.log.merkle import leaf_hash
from provenance.log.monitor import WITNESS_LAG, check_cosigned, check_promises, watch
from provenance.log.monitor_state import MonitorState
from provenance.log.notes import NoteSigner
from provenance.log.promise import Promise

A = "0a" * 32
DAY = timedelta(days=1)
WITNESS = Cosigner("witness.example/w1", b"w" * 32)


@pytest.fixture
def now(start):
    return start + DAY


def codes(state):
    assert all(alarm.code in ALARMS.keys() | REASONS.keys() for alarm in state.alarms)
    return [alarm.code.removeprefix("log.") for alarm in state.alarms]


def again(state: MonitorState) -> MonitorState:
    """As it comes back from its file."""
    return MonitorState.from_json(state.to_json())


def agreed(log):
    log.add("key", (A, 0))
    log.add("consent", (A, 0))


def test_a_log_that_grows_is_read_on(shown, now):
    agreed(shown)
    first = watch(shown, shown.vkey, now=now)
    assert (first.new, first.checkpoint.size, codes(first.state)) == (2, 2, [])
    shown.fetched.clear()
    same = watch(shown, shown.vkey, now=now, before=again(first.state))
    assert (same.new, shown.fetched) == (0, [])
    for n in range(300):
        shown.add("release", (A, 0), private=b"%d" % n, at=now)
    more = watch(shown, shown.vkey, now=now, before=again(same.state))
    assert (more.new, more.continues, codes(more.state)) == (300, True, [])
    shown.fetched.clear()
    shown.add("stamp")
    watch(shown, shown.vkey, now=now, before=again(more.state))
    assert shown.fetched == ["tile/entries/001.p/47"]


def test_what_was_said_before_is_remembered(shown, now, start):
    agreed(shown)
    shown.add("revoke", (A, 1))
    state = watch(shown, shown.vkey, now=start).state
    shown.add("release", (A, 0))
    watched = watch(shown, shown.vkey, now=now, before=again(state))
    (alarm,) = watched.state.alarms
    assert (alarm.code, alarm.index, alarm.ref) == ("log.stale_epoch", 3, A)
    # It stays known, and is not found twice.
    later = watch(shown, shown.vkey, now=now, before=again(watched.state), visit=lambda *_: None)
    assert later.state.alarms == watched.state.alarms


def test_a_second_view_of_the_same_size(shown, now):
    shown.fill(3)
    state = watch(shown, shown.vkey, now=now).state
    fork = shown.fork(2)
    fork.add_body(b"another third")
    watched = watch(fork, shown.vkey, now=now, before=again(state))
    (alarm,) = [each for each in watched.state.alarms if each.code == "log.second_view"]
    assert alarm.notes == (shown.checkpoint(), fork.checkpoint())
    assert watched.continues is False
    assert watched.state.note == shown.checkpoint()


@pytest.mark.parametrize("whole", [False, True])
def test_a_second_view_that_is_larger(shown, now, whole):
    shown.fill(3)
    state = watch(shown, shown.vkey, now=now).state
    fork = shown.fork(2)
    fork.fill(5)
    visit = (lambda *_: None) if whole else None
    watched = watch(fork, shown.vkey, now=now, before=again(state), visit=visit)
    assert codes(watched.state)[-1] == "second_view"
    assert watched.state.alarms[-1].notes == (shown.checkpoint(), fork.checkpoint())
    assert watched.state.frontier == state.frontier
    # Once the log shows the first view again, it is read on, and what was found stays found.
    shown.fill(1)
    back = watch(shown, shown.vkey, now=now, before=again(watched.state))
    assert (back.continues, "second_view" in codes(back.state)) == (True, True)


def test_a_log_that_went_back(shown, now):
    shown.fill(3)
    state = watch(shown, shown.vkey, now=now).state
    watched = watch(shown.fork(2), shown.vkey, now=now, before=again(state))
    assert codes(watched.state)[-1] == "went_back"


def test_entries_that_are_not_those_of_the_head(shown, now):
    shown.fill(2)
    state = watch(shown, shown.vkey, now=now).state
    shown.fill(1)
    shown.wrong["tile/entries/000.p/3"] = b"\x00\x01a\x00\x01b\x00\x01c"
    watched = watch(shown, shown.vkey, now=now, before=again(state))
    assert codes(watched.state)[-1] == "entries_differ"
    assert watched.state.note == state.note
    with pytest.raises(LogDiverged):
        watch(shown, shown.vkey, now=now)


def test_tiles_that_hide_a_fork_hide_nothing(shown, now):
    shown.fill(3)
    state = watch(shown, shown.vkey, now=now).state
    fork = shown.fork(2)
    fork.fill(2)
    fork.wrong["tile/0/000.p/4"] = b"short"
    assert codes(watch(fork, shown.vkey, now=now, before=again(state)).state)[-1] == "second_view"


def test_a_bundle_that_is_cut_off(shown, now):
    shown.fill(1)
    shown.wrong["tile/entries/000.p/1"] = b"\x00"
    with pytest.raises(MalformedTile):
        watch(shown, shown.vkey, now=now)


def test_a_head_of_another_key_or_another_log(shown, now):
    shown.fill(1)
    with pytest.raises(BadNoteSignature):
        watch(shown, NoteSigner(shown.signer.name, b"o" * 32).vkey, now=now)
    checkpoint = shown.checkpoint().replace(shown.signer.name, "other.example/log", 1)
    text = checkpoint.rsplit("\n\n", 1)[0] + "\n"
    shown.store.notes.append(shown.signer.sign(text))
    with pytest.raises(WrongOrigin):
        watch(shown, shown.vkey, now=now)


def test_times_are_held_against_the_monitor_s_own_clock(shown, now, start):
    shown.add("stamp", at=start)
    state = watch(shown, shown.vkey, now=now).state
    shown.add("stamp", at=now - SLACK - timedelta(seconds=1))
    shown.add("stamp", at=now)
    shown.add("stamp", at=now + DAY + SLACK + timedelta(seconds=1))
    watched = watch(shown, shown.vkey, now=now + DAY, before=again(state))
    assert [(a.code, a.index) for a in watched.state.alarms] == [
        ("log.back_dated", 1),
        ("log.post_dated", 3),
    ]


def test_every_entry_is_visited_in_its_place(shown, now):
    bodies = [shown.add("stamp", private=b"%d" % n) for n in range(260)]
    seen = {}
    state = watch(shown, shown.vkey, now=now, visit=seen.__setitem__).state
    assert list(seen.values()) == bodies
    assert list(seen) == list(range(260))
    seen.clear()
    watch(shown, shown.vkey, now=now, before=again(state), visit=seen.__setitem__)
    assert len(seen) == 260


@pytest.mark.parametrize(
    ("fault", "old", "new"),
    [
        ("not_json", "{", "["),
        ("another_version", '"v": 1', '"v": 2'),
        ("no_version", '"v": 1, ', ""),
        ("a_time_without_zone", "+00:00", ""),
        ("a_hash_too_short", '[0, 2, "', '[0, 2, "00'),
        ("a_gap_in_the_edge", "[0, 2,", "[0, 3,"),
        ("an_unknown_alarm_field", '"alarms": []', '"alarms": [{"x": 1, "notes": []}]'),
    ],
)
def test_a_damaged_state_is_refused(shown, now, fault, old, new):
    agreed(shown)
    shown.add("stamp")
    text = watch(shown, shown.vkey, now=now).state.to_json()
    changed = text.replace(old, new, 1)
    assert changed != text
    with pytest.raises(MalformedState):
        MonitorState.from_json(changed)


def test_a_state_whose_tree_was_changed_is_refused(shown, now):
    shown.fill(1)
    state = watch(shown, shown.vkey, now=now).state
    text = state.to_json().replace(state.frontier[0].hash.hex(), "00" * 32)
    shown.fill(1)
    with pytest.raises(MalformedState):
        watch(shown, shown.vkey, now=now, before=MonitorState.from_json(text))


def cosigned(log, *witnesses):
    text = log.checkpoint().rsplit("\n\n", 1)[0] + "\n"
    return log.checkpoint() + "".join(w.cosign(text, 5) for w in witnesses)


def ask_cosigned(shown, note, now, before=None, witnesses=(WITNESS.vkey,)):
    head = watch(shown, shown.vkey, now=now).checkpoint
    alarms = check_cosigned(
        note, shown.vkey, witnesses, fetch=shown.fetch, head=head, before=before, now=now
    )
    return [alarm.code.removeprefix("log.") for alarm in alarms]


def test_a_head_that_its_witnesses_cosigned(shown, now):
    shown.fill(2)
    note = cosigned(shown, WITNESS)
    assert ask_cosigned(shown, note, now) == []
    shown.fill(3)
    assert ask_cosigned(shown, note, now) == []


def test_a_witness_that_is_missing(shown, now):
    shown.fill(2)
    other = Cosigner("witness.example/w2", b"v" * 32)
    note = cosigned(shown, other)
    assert ask_cosigned(shown, note, now) == ["not_cosigned"]
    assert ask_cosigned(shown, note, now, witnesses=(other.vkey,)) == []
    assert ask_cosigned(shown, shown.checkpoint(), now) == ["not_cosigned"]
    assert ask_cosigned(shown, None, now) == ["not_cosigned"]


def test_witnesses_that_saw_another_tree(shown, now):
    shown.fill(2)
    fork = shown.fork(1)
    fork.fill(2)
    shown.fill(3)
    assert ask_cosigned(shown, cosigned(fork, WITNESS), now) == ["second_view"]
    fork.fill(9)
    assert ask_cosigned(shown, cosigned(fork, WITNESS), now) == ["second_view"]


def test_witnesses_that_stay_behind(shown, now):
    shown.fill(2)
    note = cosigned(shown, WITNESS)
    shown.fill(1)
    state = watch(shown, shown.vkey, now=now).state
    assert ask_cosigned(shown, note, now + WITNESS_LAG, before=state) == []
    late = now + WITNESS_LAG + timedelta(seconds=1)
    assert ask_cosigned(shown, note, late, before=state) == ["not_cosigned"]


def test_promises_are_due_after_their_time(now):
    promise = Promise(
        origin="o", leaf_hash=leaf_hash(b"leaf"), at=now, within=timedelta(minutes=10)
    )
    kept, broken = {leaf_hash(b"leaf")}, {leaf_hash(b"other")}
    due = promise.due + timedelta(seconds=1)
    assert check_promises([("note", promise)], broken, promise.due) == []
    assert check_promises([("note", promise)], kept, due) == []
    (alarm,) = check_promises([("note", promise)], broken, due)
    assert (alarm.code, alarm.notes) == ("log.broken_promise", ("note",))
