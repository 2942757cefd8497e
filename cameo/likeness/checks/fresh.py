"""The challenge is answered while it is valid."""

from __future__ import annotations

from datetime import datetime

from cameo.likeness.challenge import Challenge
from cameo.likeness.checks.check import Check, judged


def check_fresh(challenge: Challenge, now: datetime) -> Check:
    """Fails for an expired challenge and for one from the future. Figure: seconds left."""
    early = challenge.not_yet_valid(now)
    left = (challenge.expires_at - now).total_seconds()
    return judged(
        "challenge_fresh",
        not early and not challenge.expired(now),
        figure=left,
        limit=0.0,
        detail=f"{left:.0f} seconds are left to answer.",
        code="challenge.not_yet_valid" if early else "challenge.expired",
    )
