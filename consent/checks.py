"""What every document must keep: the checks that its forms share."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from consent.errors import MalformedDocument
from consent.folding import fold
from consent.ids import PERSON, PersonId, Sha256Hex, is_id, is_sha256_hex
from consent.vocabulary import LANGUAGES, MODALITIES, Lang, Modality, Purpose

VERSION: Final = 2
"""The version of the form of documents; it stands in each as `schema_version`."""
MAX_EPOCH: Final = 2**53 - 1
"""The largest integer that canonical JSON carries without loss."""
UNSHOWN: Final = Sha256Hex("0" * 64)
"""Stands for the digest of the rendering until the document is complete."""

_YEARS: Final = range(2000, 9999)


@dataclass(frozen=True, kw_only=True, slots=True)
class SignedForm:
    """What every document says."""

    version: int = VERSION
    subject: PersonId
    """The person who signs."""
    language: Lang
    """The language in which it was shown."""
    issued_at: datetime
    """When the service prepared it for signing, by the clock of its database."""
    nonce: str
    """32 random bytes of the service as lower-case hex: no two requests to sign are equal."""
    subject_epoch: int
    """The number of the person's changes so far."""
    previous_sha256: Sha256Hex | None
    """The digest of the document before this one; None for the first. What is before it: for a
    consent or a key the person's last of that kind; for a grant the last one to the same person;
    for a revocation what it withdraws, where the person has it. None for a resumption and an
    approval: the epoch alone makes an older one stale."""
    rendering_sha256: Sha256Hex = UNSHOWN
    """The SHA-256 of the text that was shown, see `consent.documents.rendering_sha256`."""


def require(holds: bool, field: str) -> None:
    """Say which field is wrong.

    Raises:
        MalformedDocument: If it does not hold.
    """
    if not holds:
        raise MalformedDocument(field)


def whole(value: object, low: int, high: int) -> bool:
    """Whether `value` is an integer from `low` to `high`."""
    # A bool is an int to Python but not to a reader of the document.
    return type(value) is int and low <= value <= high


def check_common(document: SignedForm) -> None:
    """Check the fields that every document has.

    Raises:
        MalformedDocument: If one is out of its range.
    """
    require(whole(document.version, VERSION, VERSION), "version")
    require(is_id(document.subject, PERSON), "subject")
    require(document.language in LANGUAGES, "language")
    check_time(document.issued_at, "issued_at")
    require(is_sha256_hex(document.nonce), "nonce")
    require(whole(document.subject_epoch, 0, MAX_EPOCH), "subject_epoch")
    previous = document.previous_sha256
    require(previous is None or is_sha256_hex(previous), "previous_sha256")
    require(is_sha256_hex(document.rendering_sha256), "rendering_sha256")


def check_time(value: datetime, field: str) -> None:
    """Check a moment.

    Raises:
        MalformedDocument: If it has no zone or lies outside the years 2000 to 9998.
    """
    require(value.tzinfo is not None and value.utcoffset() is not None, f"{field} without a zone")
    require(value.year in _YEARS, field)


def check_scope(
    modalities: frozenset[Modality],
    purposes: frozenset[Purpose],
    expires_at: datetime | None,
    issued_at: datetime,
) -> None:
    """Check what may be used, what for and how long.

    Raises:
        MalformedDocument: If nothing may be used, or it ends before it begins.
    """
    require(bool(modalities) and modalities <= MODALITIES.keys(), "modalities")
    require(bool(purposes) and all(isinstance(p, Purpose) for p in purposes), "purposes")
    if expires_at is not None:
        check_time(expires_at, "expires_at")
        require(expires_at > issued_at, "expires_at: the end lies before the beginning")


def check_lines(texts: Collection[str], field: str, *, most: int, longest: int) -> None:
    """Check texts that are shown one a line.

    Raises:
        MalformedDocument: If there are too many, one stands there twice, or one is blank, padded,
            longer than `longest` code points, or holds what is not printed (a line break).
    """
    require(len(texts) <= most, f"{field}: too many")
    require(len(set(texts)) == len(texts), f"{field}: one twice")
    for text in texts:
        require(0 < len(text) <= longest and text.isprintable(), f"{field}: not a printable line")
        # What folds to nothing would be found in every text, so it is no term.
        require(bool(fold(text)) and text == text.strip(), f"{field}: blank or padded")
