"""What the operator chose, as plain values; nothing in it can switch a check off."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta

from cameo.media.limits import Limits
from provenance.credentials.labels import SOFT_BINDINGS


@dataclass(frozen=True, kw_only=True, slots=True)
class Policy:
    """Limits of the flows; `cameo.wiring` fills it from the settings."""

    brand: str
    signup: bool
    min_assurance: int
    max_people: int
    daily_limit: int
    challenge_ttl: timedelta
    watermark_psnr_db: float
    limits: Limits = field(default_factory=Limits)
    mark_algs: Mapping[str, str] = field(default_factory=lambda: dict(SOFT_BINDINGS))
    """What the marks are called in soft bindings, by modality."""
    capture_seconds: tuple[float, float] = (4.0, 45.0)
    lockout_failures: int = 5
    lockout_window: timedelta = timedelta(hours=24)
    lease: timedelta = timedelta(hours=2)
    prepared_ttl: timedelta = timedelta(minutes=30)
    rp_id: str = "localhost"
    """The domain that passkeys are made for."""
    origins: tuple[str, ...] = ("http://localhost:8000",)
    """The origins whose pages may ask for a passkey."""
    recovery: timedelta = timedelta(hours=72)
    """How long a recovered key waits, so that the person can be heard."""
    capture_kept: timedelta = timedelta(days=30)
    """How long the recording of an enrolment is kept after it was accepted."""
    unused_kept: timedelta = timedelta(days=90)
    """How long a likeness is kept for which no consent was ever signed."""
    keys_bound: timedelta = timedelta(days=15)
    """After which no backup opens a key that was destroyed; see `KeyProvider.bound`."""
    backups_kept: timedelta = timedelta(days=30)
    """How long the operator keeps backups of the database."""
    contest_ttl: timedelta = timedelta(hours=24)
    """How long somebody who contests a cameo may take for a capture of their own."""
    session_ttl: timedelta = timedelta(hours=12)
