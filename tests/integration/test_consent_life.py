"""A random consent life against a model that shares no code with the flows.

Two thousand examples are played by `make soak`.
"""

from __future__ import annotations

from hypothesis import HealthCheck, settings

from tests.integration.life.machine import ConsentLife

TestConsentLife = ConsentLife.TestCase
TestConsentLife.settings = settings(
    max_examples=60,
    stateful_step_count=40,
    deadline=None,
    suppress_health_check=list(HealthCheck),
)
