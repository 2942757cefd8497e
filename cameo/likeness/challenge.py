"""The question a capture must answer: head turns in a random order and six digits.

The digits are derived from the key that the person registered and a fresh nonce, so a capture says
which key it was made for. Six digits are 20 bits: whoever may try keys or nonces finds a pair that
fits a given recording, so this ties a capture to a key weakly, and no more is claimed.

Sides are the person's own, as they see themselves: "left" means to their own left hand.
"""

from __future__ import annotations

import hashlib
import json
import re
import secrets
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Literal, cast

from cameo.likeness.errors import MalformedChallengeError

Side = Literal["left", "right"]
SIDES: tuple[Side, Side] = ("left", "right")

_KEYS = {"turns", "digits", "issued_at", "expires_at"}
_DIGITS = re.compile(r"[0-9]{4,12}")
_MOST_TURNS = 8
_LARGEST = 4096
_CLOCK_SKEW = timedelta(seconds=30)
_DIGITS_PREFIX = b"cameo-challenge/v1\n"
DIGITS = 6
NONCE_BYTES = 32


@dataclass(frozen=True, kw_only=True, slots=True)
class Challenge:
    """One question, to be answered once and soon.

    That it is answered only once is the caller's duty: store it and mark it used.

    Attributes:
        turns: sides to turn the head to, in this order, with the face to the camera between them.
        digits: what to say, a digit at a time.
        issued_at: aware.
        expires_at: aware; a capture judged later fails.
    """

    turns: tuple[Side, ...]
    digits: str
    issued_at: datetime
    expires_at: datetime

    def __post_init__(self) -> None:
        """Refuses values that no challenge may have.

        Raises:
            MalformedChallengeError: says which.
        """
        if not 1 <= len(self.turns) <= _MOST_TURNS or any(t not in SIDES for t in self.turns):
            raise MalformedChallengeError('turns must be 1 to 8 of "left" and "right".')
        if not _DIGITS.fullmatch(self.digits):
            raise MalformedChallengeError("digits must be 4 to 12 of 0-9.")
        if self.issued_at.tzinfo is None or self.expires_at.tzinfo is None:
            raise MalformedChallengeError("times must carry their offset from UTC.")
        if self.expires_at <= self.issued_at:
            raise MalformedChallengeError("expires_at must be later than issued_at.")

    def expired(self, now: datetime) -> bool:
        """Tells whether it is too late to answer; `now` must be aware."""
        return now >= self.expires_at

    def not_yet_valid(self, now: datetime) -> bool:
        """Tells whether it comes from the future, beyond what clocks may differ."""
        return now < self.issued_at - _CLOCK_SKEW

    def to_json(self) -> str:
        """Returns the challenge file's text."""
        return json.dumps(
            {
                "turns": list(self.turns),
                "digits": self.digits,
                "issued_at": self.issued_at.astimezone(UTC).isoformat(),
                "expires_at": self.expires_at.astimezone(UTC).isoformat(),
            }
        )

    @classmethod
    def from_json(cls, text: str | bytes) -> Challenge:
        """Reads a challenge file strictly.

        Raises:
            MalformedChallengeError: not JSON, missing or unknown keys, wrong types or values.
        """
        if len(text) > _LARGEST:
            raise MalformedChallengeError("longer than 4096 characters.")
        try:
            value = json.loads(text)
        except (ValueError, RecursionError) as error:
            raise MalformedChallengeError("not JSON.") from error
        if not isinstance(value, dict) or set(value) != _KEYS:
            raise MalformedChallengeError(f"keys must be exactly {', '.join(sorted(_KEYS))}.")
        turns = value["turns"]
        if not isinstance(turns, list) or not all(isinstance(t, str) for t in turns):
            raise MalformedChallengeError("turns must be a list of texts.")
        if not isinstance(value["digits"], str):
            raise MalformedChallengeError("digits must be a text.")
        return cls(
            turns=tuple(cast("Side", t) for t in turns),
            digits=value["digits"],
            issued_at=_moment(value["issued_at"]),
            expires_at=_moment(value["expires_at"]),
        )


def _moment(value: object) -> datetime:
    try:
        return datetime.fromisoformat(cast("str", value))
    except (TypeError, ValueError) as error:
        raise MalformedChallengeError("times must be ISO 8601 texts.") from error


def derived_digits(public_key: bytes, nonce: bytes) -> str:
    """The digits for a key and a nonce: SHA-256 of both behind a prefix, modulo a million.

    Args:
        public_key: as it was registered, before the nonce was drawn.
        nonce: 32 random bytes.

    Raises:
        MalformedChallengeError: the nonce has another length.
    """
    if len(nonce) != NONCE_BYTES:
        raise MalformedChallengeError("the nonce must be 32 bytes.")
    # The nonce has a fixed length, so no two pairs of key and nonce give the same input.
    digest = hashlib.sha256(_DIGITS_PREFIX + public_key + nonce).digest()
    return f"{int.from_bytes(digest, 'big') % 10**DIGITS:0{DIGITS}d}"


def new_challenge(
    now: datetime, *, digits: str, ttl_s: int = 180, turns: int | None = None
) -> Challenge:
    """Draws the turns of a challenge from the operating system's random source.

    Both sides always occur, so a head that only ever turns one way cannot answer.

    Args:
        now: aware.
        digits: what to say, see `derived_digits`.
        ttl_s: seconds until it expires.
        turns: how many; None draws three or four.
    """
    count = turns if turns is not None else 3 + secrets.randbelow(2)
    drawn = [secrets.choice(SIDES) for _ in range(count)]
    if count > 1 and len(set(drawn)) == 1:
        at = secrets.randbelow(count)
        drawn[at] = "left" if drawn[at] == "right" else "right"
    return Challenge(
        turns=tuple(drawn),
        digits=digits,
        issued_at=now,
        expires_at=now + timedelta(seconds=ttl_s),
    )
