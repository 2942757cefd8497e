"""The page behind a link, over real publications: shown, held back, withdrawn, ended."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from cameo.store.database import Database
from cameo.web.shared import shared
from consent.evidence import sign_ed25519
from consent.vocabulary import Audience
from tests.integration.people import Member, World
from tests.integration.studio import Studio


class Visit:
    """Opens links as a browser would."""

    def __init__(self, studio: Studio, brand: str = "Cameo") -> None:
        service = SimpleNamespace(
            publications=studio.publications,
            library=studio.library,
            settings=SimpleNamespace(brand=brand),
        )
        self._app = SimpleNamespace(state=SimpleNamespace(service=service))

    def open(self, token: str, accept: str = "en") -> Any:
        request: Any = SimpleNamespace(app=self._app, headers={"accept-language": accept})
        return shared(request, token)


@pytest.fixture
def world(database: Database, tmp_path: Path) -> World:
    return World(database, tmp_path)


@pytest.fixture
def studio(world: World) -> Studio:
    return Studio(world)


@pytest.fixture
def told(world: World, studio: Studio) -> tuple[Member, str, str]:
    """Alice, her consent, and the link to a clip with her."""
    alice, bob = world.member("alice"), world.member("bobby")
    consent = world.consent(alice, Audience.EVERYONE)
    clip = studio.draft(bob, alice)
    token = studio.publications.publish(bob.record, clip.id).share_token or ""
    return alice, consent.id, token


def test_a_link_shows_the_clip_and_who_agreed(studio: Studio, told):
    _, _, token = told
    page = Visit(studio).open(token)
    assert page.status_code == 200
    text = page.body.decode()
    assert f"/v1/shared/{token}/content" in text
    assert "@alice" in text
    assert "was generated" in text
    assert "script-src" not in page.headers["content-security-policy"]
    assert page.headers["cache-control"] == "no-store"


def test_it_speaks_japanese(studio: Studio, told):
    page = Visit(studio).open(told[2], accept="ja,en;q=0.5")
    assert "生成された" in page.body.decode()


def test_a_pause_holds_it_back_and_a_withdrawal_ends_it(world: World, studio: Studio, told):
    alice, consent_id, token = told
    visit = Visit(studio)
    world.acts.pause(alice.record)
    assert visit.open(token).status_code == 423
    prepared = world.acts.prepare_resumption(alice.record)
    signed = sign_ed25519(alice.private_key, prepared.document)
    world.acts.resume(alice.record, prepared.document, signed)
    assert visit.open(token).status_code == 200
    world.revocations.revoke_consent(alice.record, consent_id)
    page = visit.open(token)
    assert page.status_code == 410
    assert "withdrawn" in page.body.decode()
    assert "@alice" not in page.body.decode()


def test_links_that_never_were_and_brands_that_hold_markup(studio: Studio, told):
    page = Visit(studio, brand="<script>alert(1)</script>").open("nonsense")
    assert page.status_code == 404
    assert "<script>" not in page.body.decode()
