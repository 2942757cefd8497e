"""What a kit says about the keys of the marks: digests of every epoch, and the keys it may hold."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final, get_args

import rfc8785

from cameo.flows.kit_entry import Entry, entry_in, entry_json
from cameo.flows.kit_errors import KitMarkKeyError, KitMarkLogError, MalformedKitError
from cameo.flows.mark_errors import RevealedKeyError
from cameo.flows.marks import MODALITIES, Because, Keys, Modality, beginning, check_revealed
from cameo.flows.shapes import Shapes, time_text
from provenance.log.entries import EntryType, check_commitment, parse
from provenance.log.errors import LogError
from provenance.log.merkle import leaf_hash, verify_inclusion
from provenance.log.openings import ReadHead

MAX_EPOCHS: Final = 1000

_SHAPES: Final = Shapes(MalformedKitError)
_BECAUSE: Final = get_args(Because)
_NAMES: Final = (
    "epoch",
    "because",
    "began_at",
    "ended_at",
    "leaked",
    "revealed",
    "commitments",
    "keys",
    "entry",
    "salt",
)


@dataclass(frozen=True, kw_only=True, slots=True)
class KitEpoch:
    """One epoch of the marks' keys."""

    epoch: int
    because: Because
    began_at: datetime
    """Whole seconds."""
    ended_at: datetime | None
    leaked: bool
    revealed: bool
    """Whether the service has published its keys."""
    commitments: Mapping[str, str]
    keys: Keys | None = field(repr=False)
    """Where they are revealed, or handed over: with them marks can be made and taken off."""
    entry: Entry | None
    """Where the log has its beginning; None where the kit's head does not cover that."""
    salt: bytes | None
    """With which that entry opens."""


def keys_at_hand(marks: tuple[KitEpoch, ...], modality: Modality) -> tuple[bytes, ...]:
    """The keys of a modality that a kit holds, those of the newest epoch first."""
    ordered = sorted(marks, key=lambda each: -each.epoch)
    return tuple(each.keys[modality] for each in ordered if each.keys is not None)


def check_logged(marks: tuple[KitEpoch, ...], head: ReadHead | None) -> None:
    """Check that the log says of each epoch what the kit says of it.

    Raises:
        KitMarkLogError: it says something else, or the proof does not hold.
    """
    for each in marks:
        if each.entry is None:
            continue
        if head is None or each.salt is None:
            raise KitMarkLogError
        told = rfc8785.dumps(beginning(each.epoch, each.commitments, each.because))
        checkpoint = head.checkpoint
        try:
            entry = parse(each.entry.body)
            check_commitment(entry, told, each.salt)
            verify_inclusion(
                leaf_hash(each.entry.body),
                each.entry.index,
                checkpoint.size,
                each.entry.proof,
                checkpoint.root,
            )
        except LogError as cause:
            raise KitMarkLogError(cause.code) from cause
        if entry.type is not EntryType.MARK:
            raise KitMarkLogError


def epoch_json(epoch: KitEpoch) -> dict[str, Any]:
    """As a kit's JSON."""
    ended, keys = epoch.ended_at, epoch.keys
    return {
        "epoch": epoch.epoch,
        "because": epoch.because,
        "began_at": time_text(epoch.began_at),
        "ended_at": None if ended is None else time_text(ended),
        "leaked": epoch.leaked,
        "revealed": epoch.revealed,
        "commitments": dict(epoch.commitments),
        "keys": None if keys is None else {name: key.hex() for name, key in keys.items()},
        "entry": entry_json(epoch.entry),
        "salt": None if epoch.salt is None else epoch.salt.hex(),
    }


def epoch_in(value: Any) -> KitEpoch:
    """From a kit's JSON.

    Raises:
        KitMarkKeyError: its keys are not those that were published.
        MalformedKitError: it is none.
    """
    found = _SHAPES.members(value, *_NAMES)
    digests = _digests(found["commitments"])
    published: dict[str, str] = {name: digest.hex() for name, digest in digests.items()}
    keys = None if found["keys"] is None else _digests(found["keys"])
    if keys is not None:
        try:
            check_revealed(published, keys)
        except RevealedKeyError as cause:
            raise KitMarkKeyError from cause
    ended, salt = found["ended_at"], found["salt"]
    because: Because = _SHAPES.word(found["because"], _BECAUSE)  # type: ignore[assignment]
    return KitEpoch(
        epoch=_SHAPES.whole(found["epoch"]),
        because=because,
        began_at=_SHAPES.time(found["began_at"]),
        ended_at=None if ended is None else _SHAPES.time(ended),
        leaked=_SHAPES.flag(found["leaked"]),
        revealed=_SHAPES.flag(found["revealed"]),
        commitments=published,
        keys=keys,
        entry=entry_in(found["entry"]),
        salt=None if salt is None else _SHAPES.hash(salt),
    )


def _digests(value: Any) -> dict[Modality, bytes]:
    found = _SHAPES.members(value, *MODALITIES)
    return {name: _SHAPES.hash(found[name]) for name in MODALITIES}
