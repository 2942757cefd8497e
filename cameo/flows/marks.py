"""Keys of the marks as values: one for each epoch and modality, and what is published of them.

    keys = MarkKeys(present=2, epochs={2: derive(master, 2), 1: derive(master, 1)})
    keys.tried("video")              # the present epoch's key first, then the others, newest first
    commitments(keys.epochs[1])      # what the log said when epoch 1 began
    check_revealed(published, shown) # what an auditor does with keys that were revealed

A key is derived, never stored. Its digest is published before the first clip is marked with it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final, Literal, TypeAlias, get_args

from cameo.flows.mark_errors import RevealedKeyError, UnknownEpochError
from provenance.watermark.errors import BadKey
from provenance.watermark.keys import epoch_key, key_commitment

Modality = Literal["video", "image", "sound"]
MODALITIES: Final[tuple[Modality, ...]] = get_args(Modality)

Keys: TypeAlias = Mapping[Modality, bytes]
"""The keys of one epoch."""
Because = Literal["start", "rotation", "leak"]


@dataclass(frozen=True, kw_only=True, slots=True)
class MarkKeys:
    """The keys that a detector tries, and the one that marks are made with now."""

    present: int
    """The number of the epoch that clips are ordered under now."""
    epochs: Mapping[int, Keys] = field(repr=False)
    """The present one, and those under which something was marked."""

    @property
    def numbers(self) -> tuple[int, ...]:
        """The epochs in the order in which they are tried: the present one, then the newest."""
        others = sorted(self.epochs.keys() - {self.present}, reverse=True)
        return (self.present, *others) if self.present in self.epochs else tuple(others)

    def key(self, epoch: int, modality: Modality) -> bytes:
        """One key.

        Raises:
            UnknownEpochError: the epoch is not among these.
        """
        if epoch not in self.epochs:
            raise UnknownEpochError
        return self.epochs[epoch][modality]

    def tried(self, modality: Modality) -> tuple[bytes, ...]:
        """The keys of a modality in the order in which they are tried."""
        return tuple(self.epochs[number][modality] for number in self.numbers)


def derive(master: bytes, epoch: int) -> dict[Modality, bytes]:
    """The keys of an epoch."""
    return {modality: epoch_key(master, epoch, modality) for modality in MODALITIES}


def commitments(keys: Keys) -> dict[str, str]:
    """What is published of an epoch's keys: a digest each, hex."""
    return {modality: key_commitment(keys[modality]) for modality in MODALITIES}


def check_revealed(published: Mapping[str, str], keys: Keys) -> None:
    """Check that revealed keys are those of which the digests were published.

    Raises:
        RevealedKeyError: one is not, or is missing, or is none.
    """
    try:
        shown: dict[str, str] = {name: key_commitment(key) for name, key in keys.items()}
    except BadKey as error:
        raise RevealedKeyError from error
    if shown != dict(published) or shown.keys() != set(MODALITIES):
        raise RevealedKeyError


def beginning(epoch: int, published: Mapping[str, str], because: Because) -> dict[str, Any]:
    """The private record of the log's entry with which an epoch begins."""
    return {
        "act": "begin",
        "epoch": epoch,
        "because": because,
        "commitments": dict(sorted(published.items())),
    }


def revelation(epoch: int, keys: Keys) -> dict[str, Any]:
    """The private record of the log's entry that reveals an epoch's keys."""
    return {
        "act": "reveal",
        "epoch": epoch,
        "keys": {modality: keys[modality].hex() for modality in sorted(keys)},
    }
