"""What the operator chose, as plain values; nothing in it can switch a check off."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import timedelta

from cameo.media.limits import Limits


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
    capture_seconds: tuple[float, float] = (4.0, 45.0)
    lockout_failures: int = 5
    lockout_window: timedelta = timedelta(hours=24)
    lease: timedelta = timedelta(hours=2)
    prepared_ttl: timedelta = timedelta(minutes=30)
