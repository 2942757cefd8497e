"""Who is in the story, and what it means that the service must refuse."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from cameo.cli.client import Client
from cameo.cli.demo.actors import Actor
from cameo.cli.demo.report import Step
from cameo.cli.errors import ProblemError

AIKO: Final = Actor(handle="aiko", display_name="Aiko (simulated)", head="aiko", voice="mai")
EMRE: Final = Actor(handle="emre", display_name="Emre (simulated)", head="emre", voice="jun")
SIZE: Final = "1280x720"


@dataclass
class Member:
    """Somebody in the story, with an account and, where they sign, a key of their own."""

    actor: Actor
    handle: str
    api: Client
    private_key: bytes = b""
    consent_id: str = ""
    capture: Path | None = None


def expect(step: Step, call: Callable[[], object]) -> None:
    """The call must be refused by the service, with a reason code."""
    try:
        call()
    except ProblemError as problem:
        step.outcome = "refused"
        reasons = problem.body.get("reasons") or []
        codes = [r if isinstance(r, str) else r["code"] for r in reasons]
        step.code = ", ".join([problem.code, *codes])
        step.detail = problem.body
    else:
        step.outcome = "allowed"
