"""How much of a hostile file is looked at."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True, slots=True)
class Limits:
    """Bounds on one media file; each is checked before, and again while, it is decoded."""

    max_bytes: int = 200_000_000
    max_seconds: float = 600.0
    max_side: int = 4096  # pixels
    max_frames: int = 60_000
    timeout_s: float = 120.0  # wall time of one decoding process
    memory_bytes: int = 4 << 30  # address space of one decoding process
