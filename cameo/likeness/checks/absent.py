"""Checks whose models are not installed. They are reported as not made, never as passed."""

from __future__ import annotations

from cameo.likeness.checks.check import Check, not_made

_CODE = "model.not_installed"


def absent_checks() -> tuple[Check, ...]:
    """Returns the two attack models that levels 2 and 3 would need."""
    return (
        not_made(
            "presentation_attack",
            "No model that recognises photographs, masks and screens is installed.",
            _CODE,
            required=False,
        ),
        not_made(
            "voice_spoof",
            "No model that recognises synthetic or replayed voices is installed.",
            _CODE,
            required=False,
        ),
    )
