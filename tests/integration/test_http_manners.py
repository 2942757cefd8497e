"""HTTP as RFC 9110 has it, and no link's secret in the log: over real publications, in-process."""

from __future__ import annotations

from contextlib import contextmanager
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from fastapi.testclient import TestClient
from structlog.testing import capture_logs

from cameo.app.application import create_app
from cameo.flows.accounts import Accounts
from cameo.flows.errors import WithdrawnError
from cameo.keys.errors import KeyDestroyed
from cameo.store.database import Database
from consent.vocabulary import Audience
from tests.integration.people import World
from tests.integration.studio import Studio


class Nobody:
    """Knows no names."""

    def is_known_name(self, _name: str) -> bool:
        return False


class Site:
    """The whole application over the parts that these tests need."""

    def __init__(self, world: World) -> None:
        studio = Studio(world)
        alice, bob = world.member("alice"), world.member("bobby")
        world.consent(alice, Audience.EVERYONE)
        clip = studio.draft(bob, alice)
        self.token = studio.publications.publish(bob.record, clip.id).share_token or ""
        self.path = f"/v1/shared/{self.token}/content"
        self.service: Any = SimpleNamespace(
            db=world.db,
            accounts=Accounts(db=world.db, policy=world.policy, names=Nobody()),
            publications=studio.publications,
            library=studio.library,
            settings=SimpleNamespace(brand="Cameo", max_upload_bytes=1000, render_processes=1),
        )
        self.app = create_app(self.service)
        # Not entered: the service behind it is no whole one, and has nothing to start.
        self.client = TestClient(self.app, raise_server_exceptions=False)


@pytest.fixture
def site(database: Database, tmp_path: Path) -> Site:
    return Site(World(database, tmp_path))


def test_head_is_get_without_a_body(site: Site):
    for path in ("/", "/static/app.js", "/health", f"/s/{site.token}", site.path):
        got, head = site.client.get(path), site.client.head(path)
        assert (head.status_code, dict(head.headers)) == (got.status_code, dict(got.headers))
        assert head.status_code == 200
    assert site.client.head(site.path).content == b""
    assert site.client.head("/v1/videos/clip_none/content").status_code == 401
    assert site.client.head("/s/nonsense").status_code == 404


def test_head_is_not_listed_apart(site: Site):
    paths = site.client.get("/openapi.json").json()["paths"]
    assert all("head" not in methods for methods in paths.values())
    assert "get" in paths["/v1/shared/{token}/content"]


@pytest.mark.parametrize("header", ["items=0-5", "bytes=a-b", "bytes=0-1,3-4", "bytes=-", ""])
def test_a_range_to_be_ignored_is_a_whole_answer(site: Site, header: str):
    whole = site.client.get(site.path)
    answer = site.client.get(site.path, headers={"Range": header})
    assert (answer.status_code, answer.content) == (200, whole.content)
    assert "content-range" not in answer.headers


def test_a_range_is_a_part(site: Site):
    whole = site.client.get(site.path).content
    part = site.client.get(site.path, headers={"Range": "bytes=1-3"})
    assert (part.status_code, part.content) == (206, whole[1:4])
    assert part.headers["content-range"] == f"bytes 1-3/{len(whole)}"
    all_of_it = site.client.get(site.path, headers={"Range": "bytes=0-"})
    assert (all_of_it.status_code, all_of_it.content) == (206, whole)
    outside = site.client.get(site.path, headers={"Range": f"bytes={len(whole)}-"})
    assert outside.status_code == 416
    head = site.client.head(site.path, headers={"Range": "bytes=1-3"})
    assert (head.status_code, head.headers["content-length"]) == (200, str(len(whole)))


class Failing:
    """Media that cannot be read any more after its first bytes."""

    size = 1000

    def __init__(self, error: Exception) -> None:
        self.error = error

    def iter_range(self, _start: int, _length: int) -> Any:
        yield b"first"
        raise self.error

    @contextmanager
    def open_media(self, _clip: Any) -> Any:
        yield self


@pytest.mark.parametrize("error", [WithdrawnError(), KeyDestroyed("dek_1")])
def test_what_is_erased_on_the_way_just_ends(site: Site, error: Exception):
    site.service.library = Failing(error)
    loud = TestClient(site.app)  # would raise what a server would log
    with capture_logs() as logs:
        assert loud.get(site.path).content == b"first"
    assert logs == []


def test_a_log_line_names_the_route_and_no_secret(site: Site):
    site.service.library = Failing(RuntimeError("broken"))
    with capture_logs() as logs:
        site.client.get(site.path)
    assert [line["route"] for line in logs] == ["/shared/{token}/content"]
    assert site.token not in str(logs)


@pytest.mark.parametrize("adult", [1, "true", "yes", 1.0, None, False])
def test_the_declaration_is_a_plain_true(site: Site, adult: Any):
    body = {"handle": "carol", "display_name": "Carol", "adult": adult}
    answer = site.client.post("/v1/people", json=body)
    assert answer.status_code in (403, 422)
    assert site.client.post("/v1/people", json={**body, "adult": True}).status_code == 201


@pytest.mark.parametrize(
    "handle", ["admin", "@Support", "cameo", "everyone", "me", "root", "ad.min", "cameo_"]
)
def test_nobody_passes_for_the_service(site: Site, handle: str):
    body = {"handle": handle, "display_name": "Carol", "adult": True}
    answer = site.client.post("/v1/people", json=body)
    assert (answer.status_code, answer.json()["code"]) == (422, "person.handle")
    assert site.client.post("/v1/people", json={**body, "handle": "adminka"}).status_code == 201
