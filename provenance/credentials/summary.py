"""A few lines for people about a file's credentials."""

from __future__ import annotations

from typing import Final

from provenance.credentials import labels
from provenance.credentials.values import Credentials

_STATES: Final = {
    "none": "The file carries no Content Credentials.",
    "trusted": "The credentials are intact and signed under a trusted root.",
    "valid": "The credentials are intact; their signer is not known here.",
    "invalid": "The credentials do not fit the file: something was changed.",
    "unreadable": "The credentials could not be read.",
}


def summarise(credentials: Credentials) -> tuple[str, ...]:
    """Describe credentials in English, the most important line first."""
    if not credentials.bound:
        lines = ["Recovered from the archive, not byte-bound: it vouches for no byte of this file."]
    else:
        lines = [_STATES[credentials.state]]
    facts = [
        (credentials.ours_inside, "A manifest of ours lies inside a foreign one."),
        (
            credentials.laundered and not credentials.ours_inside,
            "A source of this file had already failed its own check.",
        ),
        (credentials.imitation, "It uses our labels under a root that is not ours."),
        (
            credentials.expired_only,
            "The signing certificate has ended and no trusted time stamp says when it signed.",
        ),
        (bool(credentials.generator), f"Made with, as it says: {credentials.generator}"),
        (bool(credentials.issuer), f"Signed by, as it says: {credentials.issuer}"),
        (bool(credentials.signed_at), f"Time stamp: {credentials.signed_at}"),
        (_stamp(credentials), "A mark was put on it; neither generation nor consent is claimed."),
    ]
    return tuple(lines + [line for present, line in facts if present])


def _stamp(credentials: Credentials) -> bool:
    return credentials.statement is not None and credentials.statement.action == labels.OPENED
