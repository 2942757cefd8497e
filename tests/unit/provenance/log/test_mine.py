from __future__ import annotations

import json

import pytest

from provenance.log.alarms import ALARMS
from provenance.log.entries import parse, person_ref
from provenance.log.errors import MalformedEntry
from provenance.log.history import History
from provenance.log.mine import Mine, cites, examine, own_entries

ME, OTHER = "prs_me", "prs_other"
MY_SALT = b"m" * 32
MINE, THEIRS = person_ref(ME, MY_SALT), person_ref(OTHER, b"o" * 32)


class Told:
    """A log, and what the service tells one person about it."""

    def __init__(self, log, salt) -> None:
        self._log, self._salt = log, salt
        self.openings = []

    def add(self, kind, private, *, ref=MINE, epoch=0, open_=True, others=()):
        record = json.dumps(private).encode()
        self._log.add(kind, (ref, epoch), *others, private=record)
        if ref == MINE and open_:
            self.tell(self._log.size - 1, self._salt, record)

    def tell(self, index, salt, record, *, withheld=False):
        self.openings.append(
            {
                "index": index,
                "salt": None if salt is None else salt.hex(),
                "private": None if record is None else record.decode(),
                "withheld": withheld,
            }
        )

    def mine(self, **changes):
        answer = {
            "person": ME,
            "salt": MY_SALT.hex(),
            "person_ref": MINE,
            "entries": self.openings,
        }
        return Mine.from_json({**answer, **changes})

    def bodies(self, ref=MINE):
        return {e.index: e.body for e in self._log.store.entries if cites(e.body, ref)}

    def history(self):
        history = History()
        for entry in self._log.store.entries:
            list(history.read(entry.index, entry.body))
        return history

    def alarms(self, *known, before=None, **changes):
        found = examine(
            self.mine(**changes),
            self.bodies(),
            known_keys=known,
            before=before,
            history=self.history(),
        )
        assert all(alarm.code in ALARMS for alarm in found)
        return [(alarm.code.removeprefix("log."), alarm.index) for alarm in found]


@pytest.fixture
def told(shown, salt):
    told = Told(shown, salt)
    told.add("key", {"key_id": "key_1"})
    told.add("consent", {"id": "cns_1"})
    told.add("key", {"key_id": "key_9"}, ref=THEIRS)
    told.add("release", {"clip": "clip_1"})
    return told


def test_my_entries_are_listed_with_what_they_open_to(told):
    listed = own_entries(told.mine(), told.bodies())
    assert [(own.index, str(own.entry.type), own.private) for own in listed] == [
        (0, "key", {"key_id": "key_1"}),
        (1, "consent", {"id": "cns_1"}),
        (3, "release", {"clip": "clip_1"}),
    ]
    assert told.alarms("key_1") == []


def test_a_key_that_i_do_not_know(told):
    assert told.alarms() == [("unknown_key", 0)]
    told.add("key", {"key": "key_2"})
    assert told.alarms("key_1") == [("unknown_key", 4)]
    assert told.alarms("key_1", "key_2") == []


@pytest.mark.parametrize("record", [{}, {"key_id": ""}, [], "key_1", None], ids=str)
def test_a_registration_that_does_not_say_which_key_it_is(told, record):
    told.add("key", record)
    assert told.alarms("key_1") == [("unknown_key", 4)]


def test_a_registration_that_is_not_opened_is_not_known(told):
    told.add("key", {"key_id": "key_1"}, open_=False)
    assert told.alarms("key_1") == [("not_opened", 4), ("unknown_key", 4)]


def test_a_key_of_mine_that_is_not_there(told):
    assert told.alarms("key_1", "key_7") == [("key_missing", None)]


def test_an_entry_that_was_not_opened(told):
    told.add("release", {"clip": "clip_2"}, open_=False)
    assert told.alarms("key_1") == [("not_opened", 4)]
    assert own_entries(told.mine(), told.bodies())[-1].private is None


def test_only_a_restriction_may_be_withheld(told):
    told.add("restrict", {"act": "block"}, epoch=1, open_=False)
    told.tell(4, None, None, withheld=True)
    assert told.alarms("key_1") == []
    assert own_entries(told.mine(), told.bodies())[-1].private is None
    told.add("release", {"clip": "clip_2"}, epoch=1, open_=False)
    told.tell(5, None, None, withheld=True)
    assert told.alarms("key_1") == [("not_opened", 5)]


@pytest.mark.parametrize("kind", ["lease", "release", "publish"])
def test_a_use_between_a_pause_and_its_end(told, kind):
    told.add("restrict", {"act": "unfollow"}, epoch=1)
    told.add(kind, {"clip": "clip_2"}, epoch=1)
    assert told.alarms("key_1") == []
    told.add("restrict", {"act": "pause"}, epoch=2)
    told.add(kind, {"clip": "clip_3"}, epoch=2)
    told.add("restore", {"act": "unblock"}, epoch=2)
    told.add(kind, {"clip": "clip_4"}, epoch=2)
    assert told.alarms("key_1") == [("used_while_paused", 7), ("used_while_paused", 9)]
    told.add("restore", {"act": "resume"}, epoch=2)
    told.add(kind, {"clip": "clip_5"}, epoch=2)
    assert len(told.alarms("key_1")) == 2


def test_an_opening_that_is_not_that_of_the_entry(told, salt):
    told.add("release", {"clip": "clip_2"}, open_=False)
    told.tell(4, salt, b'{"clip": "clip_3"}')
    assert told.alarms("key_1") == [("opening_differs", 4)]
    assert own_entries(told.mine(), told.bodies())[-1].private is None


@pytest.mark.parametrize("bad", [b"short", b"x" * 33])
def test_a_salt_that_is_none(told, bad):
    told.add("release", {"clip": "clip_2"}, open_=False)
    told.tell(4, bad, b'{"clip": "clip_2"}')
    assert told.alarms("key_1") == [("opening_differs", 4)]


def test_an_entry_that_is_not_in_the_log(told, salt):
    told.tell(2, salt, b'{"key_id": "key_9"}')
    told.tell(77, salt, b"{}")
    assert sorted(told.alarms("key_1")) == [("not_in_log", 2), ("not_in_log", 77)]
    assert told.mine().up_to(4).openings == told.mine().openings[:-1]


def test_what_was_erased_says_so_only_before_an_erasure(told):
    told.openings[1] = {"index": 1, "salt": None, "private": None}
    assert told.alarms("key_1") == [("not_opened", 1)]
    told.add("erase", {"person": ME}, epoch=1)
    assert told.alarms("key_1") == []
    told.add("consent", {"id": "cns_2"}, epoch=1, open_=False)
    told.tell(5, None, None)
    assert told.alarms("key_1") == [("not_opened", 5)]


def test_what_was_erased_because_of_somebody_else(told):
    told.add("release", {"clip": "clip_2"}, open_=False, others=[(THEIRS, 0)])
    told.tell(4, None, None)
    assert told.alarms("key_1") == [("not_opened", 4)]
    told.add("erase", {}, ref=THEIRS, epoch=1)
    assert told.alarms("key_1") == []
    # It excuses nothing that they are not in.
    told.openings[1] = {"index": 1, "salt": None, "private": None}
    assert told.alarms("key_1") == [("not_opened", 1)]


def test_a_reference_that_is_not_mine(told):
    assert told.alarms("key_1", salt=(b"n" * 32).hex()) == [("wrong_reference", None)]
    assert told.alarms("key_1", salt="00") == [("wrong_reference", None)]
    assert told.alarms("key_1", person=OTHER) == [("wrong_reference", None)]


def test_a_reference_that_changed(told):
    assert told.alarms("key_1", before=MINE) == []
    assert told.alarms("key_1", before=THEIRS) == [("reference_changed", None)]
    assert told.alarms("key_1", before="0f" * 32) == [("reference_changed", None)]
    told.add("erase", {}, ref=THEIRS, epoch=1)
    assert told.alarms("key_1", before=THEIRS) == []


@pytest.mark.parametrize(
    ("fault", "answer"),
    [
        ("nothing", None),
        ("empty", {}),
        ("salt_not_hex", {"person": ME, "salt": "x", "person_ref": MINE, "entries": []}),
        ("entries_missing", {"person": ME, "salt": "00", "person_ref": MINE}),
        (
            "index_missing",
            {"person": ME, "salt": "00", "person_ref": MINE, "entries": [{"salt": None}]},
        ),
    ],
)
def test_malformed_answers_are_refused(fault, answer):
    with pytest.raises(MalformedEntry):
        Mine.from_json(answer)


def test_what_cites_whom(told):
    assert set(told.bodies(THEIRS)) == {2}
    assert parse(told.bodies(THEIRS)[2]).type == "key"
    assert not cites(b"no entry " + MINE.encode(), MINE)
