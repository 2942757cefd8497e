"""Keys of the marks as values: their order, their digests, and keys that were revealed."""

from __future__ import annotations

import json
from dataclasses import FrozenInstanceError
from typing import Any

import pytest
import rfc8785

from cameo.flows.mark_errors import RevealedKeyError, UnknownEpochError
from cameo.flows.marks import (
    MODALITIES,
    MarkKeys,
    beginning,
    check_revealed,
    commitments,
    derive,
    revelation,
)
from provenance.watermark.keys import epoch_key, key_commitment

MASTER = bytes(range(32))


def keys(present: int, *numbers: int) -> MarkKeys:
    return MarkKeys(present=present, epochs={number: derive(MASTER, number) for number in numbers})


def test_the_present_epoch_is_tried_first_and_then_the_newest():
    held = keys(3, 1, 2, 3, 5)
    assert held.numbers == (3, 5, 2, 1)
    assert held.tried("sound") == tuple(epoch_key(MASTER, n, "sound") for n in (3, 5, 2, 1))
    assert keys(9, 1, 2).numbers == (2, 1)


def test_one_key():
    assert keys(1, 1).key(1, "image") == epoch_key(MASTER, 1, "image")
    with pytest.raises(UnknownEpochError):
        keys(1, 1).key(2, "video")


def test_keys_of_epochs_and_modalities_have_nothing_in_common():
    found = {key for number in range(4) for key in derive(MASTER, number).values()}
    assert len(found) == 4 * len(MODALITIES)


def test_no_key_is_shown_by_accident():
    held = keys(1, 1)
    assert held.key(1, "video").hex() not in repr(held)
    assert str(held.key(1, "video")) not in repr(held)
    with pytest.raises(FrozenInstanceError):
        held.present = 2  # type: ignore[misc]


def test_revealed_keys_are_those_that_were_published():
    published = commitments(derive(MASTER, 1))
    assert published["video"] == key_commitment(derive(MASTER, 1)["video"])
    check_revealed(published, derive(MASTER, 1))


@pytest.mark.parametrize(
    "changes",
    [
        {"video": bytes(32)},
        {"video": derive(MASTER, 1)["image"], "image": derive(MASTER, 1)["video"]},
        {"sound": b""},
        {"sound": bytes(31)},
        {"smell": bytes(32)},
        {"sound": None},
    ],
)
def test_other_revealed_keys_are_refused(changes: dict[str, Any]):
    shown = {name: key for name, key in {**derive(MASTER, 1), **changes}.items() if key is not None}
    with pytest.raises(RevealedKeyError):
        check_revealed(commitments(derive(MASTER, 1)), shown)  # type: ignore[arg-type]
    with pytest.raises(RevealedKeyError):
        check_revealed({}, {})


def test_what_the_log_commits_to_has_one_spelling():
    published = commitments(derive(MASTER, 1))
    told = beginning(1, published, "start")
    assert rfc8785.dumps(told) == rfc8785.dumps(
        beginning(1, dict(reversed(published.items())), "start")
    )
    shown = json.loads(rfc8785.dumps(revelation(1, derive(MASTER, 1))))
    assert (shown["act"], shown["epoch"]) == ("reveal", 1)
    check_revealed(published, {name: bytes.fromhex(key) for name, key in shown["keys"].items()})
