"""Why a decision was taken: every reason code with its one-line explanation.

Codes are stable. The order of the table is the order in which reasons are reported.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from types import MappingProxyType
from typing import Final

ALLOWED: Final = "consent.allowed"
INVALID_STATE: Final = "consent.invalid_state"
INVALID_REQUEST: Final = "consent.invalid_request"
UNKNOWN_PERSON: Final = "consent.unknown_person"
MINOR: Final = "consent.minor"
FROZEN: Final = "consent.frozen"
PAUSED: Final = "consent.paused"
UNAVAILABLE: Final = "consent.unavailable"
BLOCKED: Final = "consent.blocked"
NOT_TOGETHER: Final = "consent.not_together"
TOO_MANY_PEOPLE: Final = "consent.too_many_people"
NONE: Final = "consent.none"
REVOKED: Final = "consent.revoked"
EXPIRED: Final = "consent.expired"
ASSURANCE_TOO_LOW: Final = "consent.assurance_too_low"
AUDIENCE: Final = "consent.audience"
NOT_GRANTED: Final = "consent.not_granted"
GRANT_REVOKED: Final = "consent.grant_revoked"
GRANT_EXPIRED: Final = "consent.grant_expired"
GRANT_USED_UP: Final = "consent.grant_used_up"
USED_UP: Final = "consent.used_up"
MODALITY: Final = "consent.modality"
PURPOSE: Final = "consent.purpose"
LICENCE: Final = "consent.licence"
RESTRICTED_CONTENT: Final = "consent.restricted_content"
UNKNOWN_CLASS: Final = "consent.unknown_class"
NEVER_SAY: Final = "consent.never_say"
NEEDS_APPROVAL: Final = "consent.needs_approval"

REASONS: Final[Mapping[str, str]] = MappingProxyType(
    {
        ALLOWED: "every person in the clip agreed to this use",
        INVALID_STATE: "what is stored about the person or the rules contradicts itself",
        INVALID_REQUEST: "the request names a person but neither face nor voice",
        UNKNOWN_PERSON: "nothing is known about this person",
        MINOR: "the person is not known to be an adult",
        FROZEN: "the person's cameo is frozen while a report or a dispute is open",
        PAUSED: "the person has paused every use of their cameo",
        UNAVAILABLE: "the person's cameo cannot be used at present",
        BLOCKED: "the person has blocked whoever asks, or somebody else in the clip",
        NOT_TOGETHER: "the person does not want to appear with somebody else in the clip",
        TOO_MANY_PEOPLE: "more people would appear together than the person or the service allows",
        NONE: "the person has not signed a consent",
        REVOKED: "the person has withdrawn the consent",
        EXPIRED: "the consent has expired",
        ASSURANCE_TOO_LOW: "the enrolment was checked less than the service requires",
        AUDIENCE: "the person's consent does not reach whoever asks",
        NOT_GRANTED: "the person has not signed a grant for whoever asks",
        GRANT_REVOKED: "the person has withdrawn the grant for whoever asks",
        GRANT_EXPIRED: "the grant for whoever asks has expired",
        GRANT_USED_UP: "every use that the grant allows is taken",
        USED_UP: "every clip by others that the person's consent allows is taken",
        MODALITY: "the person did not agree to this use of face or voice",
        PURPOSE: "the person did not agree to this purpose",
        LICENCE: "the generator's licence does not allow commercial use",
        RESTRICTED_CONTENT: "the person has ruled out this kind of content",
        UNKNOWN_CLASS: "the content is of a kind that no consent speaks about",
        NEVER_SAY: "the clip would say words that the person has ruled out",
        NEEDS_APPROVAL: "the person has not yet approved that this clip is published",
    }
)

PUBLIC: Final[Mapping[str, str]] = MappingProxyType(
    {
        BLOCKED: UNAVAILABLE,
        NOT_TOGETHER: UNAVAILABLE,
        FROZEN: UNAVAILABLE,
        PAUSED: UNAVAILABLE,
    }
)
"""What others are told in the place of a reason that would give a private list or state away.
`consent.decide` itself never answers with one of these."""

_CLOSED: Final = frozenset(
    {
        UNKNOWN_PERSON,
        MINOR,
        FROZEN,
        PAUSED,
        BLOCKED,
        NONE,
        REVOKED,
        EXPIRED,
        ASSURANCE_TOO_LOW,
        AUDIENCE,
        NOT_GRANTED,
        GRANT_REVOKED,
        GRANT_EXPIRED,
    }
)
"""Reasons for which a person is out of reach, whatever is asked for."""
_TERMS: Final = frozenset({NOT_TOGETHER, MODALITY, PURPOSE, RESTRICTED_CONTENT, NEVER_SAY})
"""What a consent says of what is made: whoever it does not reach learns none of that."""

_RANK: Final[Mapping[str, int]] = MappingProxyType({code: n for n, code in enumerate(REASONS)})


def public(codes: Iterable[str]) -> tuple[str, ...]:
    """What somebody else may be told of one person's `codes`, in the order of the table."""
    found = set(codes)
    if found & _CLOSED:
        found -= _TERMS
    return in_order(PUBLIC.get(code, code) for code in found)


def in_order(codes: Iterable[str]) -> tuple[str, ...]:
    """The distinct `codes` in the order of the table, so that equal findings read the same."""
    return tuple(sorted(set(codes), key=_RANK.__getitem__))
