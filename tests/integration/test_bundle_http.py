"""Bundles over HTTP and at the command line: from the service to somebody who has only a file."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from cameo.cli.client import Client
from cameo.cli.errors import ProblemError
from cameo.cli.keys import register_key
from cameo.cli.main import cameo
from cameo.flows.bundle_check import verify_bundle
from cameo.settings import Settings
from cameo.store.records import PersonRecord
from cameo.wiring.service import Service, open_service
from consent.evidence import new_ed25519_key
from consent.vocabulary import Audience
from tests.integration.harness import Server
from tests.integration.people import Member, World
from tests.integration.studio import Studio
from tests.integration.test_bundle import independent

pytestmark = pytest.mark.slow


@dataclass
class Town:
    """A service in a process of its own, and the same home opened here to put things into it."""

    service: Service
    server: Server
    world: World
    studio: Studio
    folder: Path
    clients: list[Client] = field(default_factory=list)

    def person(self, handle: str) -> tuple[Member, Client]:
        anonymous = Client(self.server.url)
        body = {"handle": handle, "display_name": "Somebody", "adult": True}
        made = anonymous.post("/v1/people", body)
        anonymous.close()
        api = Client(self.server.url, made["api_key"])
        self.clients.append(api)
        private, public = new_ed25519_key()
        register_key(api, public)
        record: PersonRecord = self.service.accounts.find(handle)
        self.world.enrol(record)
        return Member(record=record, private_key=private), api

    def bundle(self, api: Client, clip_id: str, name: str) -> bytes:
        api.download(f"/v1/videos/{clip_id}/bundle", self.folder / name)
        return (self.folder / name).read_bytes()

    def command(self, *words: str | Path, home: str | None = None) -> Result:
        environment = {
            "CAMEO_HOME": home or str(self.server.home),
            "CAMEO_URL": "http://127.0.0.1:9",
        }
        return CliRunner().invoke(cameo, [str(word) for word in words], env=environment)


@pytest.fixture(scope="module")
def town(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Town]:
    folder = tmp_path_factory.mktemp("bundle")
    server = Server(folder / "home", CAMEO_WORKERS="0")
    server.start()
    service = open_service(Settings(home=server.home))
    world = World(service.db, folder / "vault", keys=service.keys, ledger=service.ledger)
    made = Town(service, server, world, Studio(world), folder)
    yield made
    for each in made.clients:
        each.close()
    service.close()
    server.stop()


def test_from_the_service_to_a_stranger(town: Town):
    (alice, alice_api), (bob, bob_api) = town.person("alice"), town.person("bobby")
    _, carol_api = town.person("carol")
    town.world.consent(alice, Audience.EVERYONE)
    clip = town.studio.draft(bob, alice)
    nowhere = str(town.folder / "nowhere")
    out = town.folder / "clip.bundle.json"

    done = town.command("bundle", clip.id, out, "--json")
    assert done.exit_code == 0, done.output
    made = json.loads(done.stdout)
    assert (made["clip_id"], made["bytes"]) == (clip.id, out.stat().st_size)
    assert out.stat().st_mode & 0o077 == 0
    assert town.command("bundle", clip.id, out).exit_code != 0  # it is there already
    assert town.command("bundle", clip.id, out, "--force").exit_code == 0

    # With no folder of the service and no network, under the log key alone.
    key = made["log_key"]
    holds = town.command("verify", out, "--log-key", key, "--json", home=nowhere)
    assert (holds.exit_code, json.loads(holds.stdout)["holds"]) == (0, True), holds.output
    assert not Path(nowhere).exists()
    assert town.command("verify", out, "--log-key", key, home=nowhere).output.startswith("HOLDS")
    assert town.command("verify", out).exit_code == 0  # here, the service's own key is known
    untrusted = town.command("verify", out, home=nowhere)
    assert "--log-key" in untrusted.output
    assert untrusted.exit_code != 0
    film = town.folder / "film.mp4"
    film.write_bytes(b"a film")
    other = town.command("verify", film, "--bundle", out, "--log-key", key, "--json", home=nowhere)
    assert (other.exit_code, json.loads(other.stdout)["code"]) == (5, "bundle.media")

    data = out.read_bytes()
    for at in range(0, len(data), 997):
        bent = town.folder / "bent.json"
        bent.write_bytes(data[:at] + bytes([data[at] ^ 1]) + data[at + 1 :])
        assert town.command("verify", bent, "--log-key", key, home=nowhere).exit_code != 0

    for number, api in enumerate((alice_api, bob_api)):
        answer = town.bundle(api, clip.id, f"{number}.json")
        assert verify_bundle(answer, key).clip_id == clip.id
        assert independent(answer, key)
    with pytest.raises(ProblemError) as caught:
        town.bundle(carol_api, clip.id, "none.json")
    assert caught.value.status == 404
    town.world.consent(alice, Audience.EVERYONE, wishes=("no alcohol",))
    private = town.studio.draft(bob, alice)
    with pytest.raises(ProblemError) as caught:
        town.bundle(bob_api, private.id, "none.json")
    assert (caught.value.status, caught.value.body["code"]) == (403, "bundle.private")
