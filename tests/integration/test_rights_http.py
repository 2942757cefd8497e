"""Erasure, contests and legal holds as people and operators meet them: HTTP and command line."""

from __future__ import annotations

import json
import stat
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
from click.testing import CliRunner

from cameo.cli.client import Client
from cameo.cli.errors import ProblemError
from cameo.cli.keys import register_key
from cameo.cli.main import cameo
from cameo.flows.receipt import open_receipt
from cameo.likeness.templates import FaceTemplate
from cameo.settings import Settings
from cameo.wiring.service import Service, open_service
from consent.evidence import new_ed25519_key
from provenance.log.errors import BadNoteSignature
from tests.integration.harness import Server
from tests.integration.people import Member
from tests.integration.rights import PARTS, Office

pytestmark = pytest.mark.slow


@dataclass
class Town:
    """A service in a process of its own, and the same home opened here to put things into it."""

    service: Service
    server: Server
    office: Office
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
        record = self.service.accounts.find(handle)
        return Member(record=record, private_key=private), api

    def enrol(self, member: Member, seed: int) -> str:
        """Seal a likeness with a template of the service's own engine."""
        rng = np.random.default_rng(seed)
        face = rng.normal(size=128)
        near = [face + rng.normal(scale=0.01, size=128) for _ in range(5)]
        vectors = np.stack([each / np.linalg.norm(each) for each in near]).astype(np.float32)
        template = FaceTemplate(engine=self.service.engines.faces.name, vectors=vectors)
        return self.office.enrol(member, face=template.to_bytes()).id

    def command(self, *words: str, api: Client | None = None) -> Any:
        environment = {
            "CAMEO_HOME": str(self.server.home),
            "CAMEO_URL": self.server.url,
            "CAMEO_API_KEY": "" if api is None else _key_of(api),
            "CAMEO_MIN_ASSURANCE": "0",
        }
        return CliRunner().invoke(cameo, list(words), env=environment, catch_exceptions=True)

    def json(self, *words: str, api: Client | None = None) -> Any:
        done = self.command(*words, "--json", api=api)
        assert done.exit_code == 0, (done.output, done.exception)
        return json.loads(done.stdout)


def _key_of(api: Client) -> str:
    return str(api._http.headers["authorization"]).removeprefix("Bearer ")


@pytest.fixture(scope="module")
def town(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Town]:
    home = tmp_path_factory.mktemp("rights") / "home"
    service = open_service(Settings(home=home, min_assurance=0))
    server = Server(home)
    world = SimpleNamespace(
        db=service.db,
        policy=service.policy,
        ledger=service.ledger,
        vault=service.vault,
        revocations=service.revocations,
    )
    opened = Town(service=service, server=server, office=Office(world))  # type: ignore[arg-type]
    server.start()
    try:
        yield opened
    finally:
        for api in opened.clients:
            api.close()
        server.stop()
        service.close()


def refused(call: Any) -> tuple[int, str]:
    with pytest.raises(ProblemError) as problem:
        call()
    return problem.value.status, problem.value.code


def test_what_is_held_and_how_it_goes(town: Town):
    member, api = town.person("alice")
    assert api.get("/v1/cameo")["kept"] == []
    assert refused(lambda: api.delete("/v1/cameo", {"confirm": "alice"})) == (404, "cameo.none")
    town.enrol(member, 1)
    api.sign("consents", {"retention_days": 30}, member.private_key, lambda _: None)
    (kept,) = api.get("/v1/cameo")["kept"]
    assert kept["parts"] == sorted(PARTS)
    assert (kept["until"], kept["waits_for_destruction"]) == (None, False)
    assert kept["recording_until"] > kept["since"]
    assert refused(lambda: api.delete("/v1/cameo")) == (422, "request.invalid")
    wrong = refused(lambda: api.delete("/v1/cameo", {"confirm": "bobby"}))
    assert wrong == (422, "cameo.not_confirmed")
    done = api.delete("/v1/cameo", {"confirm": "@alice"})
    assert done["erasure"]["state"] == "done"
    assert done["withdrawal"]["promise"]
    assert len(done["past_consent"]["documents"]) == 1
    keys = api.get("/v1/log/keys")
    assert len({keys["log"], keys["promises"], keys["receipts"]}) == 3
    receipt = open_receipt(done["erasure"]["receipt"], keys["receipts"])
    assert receipt.likeness_keys == len(PARTS)
    with pytest.raises(BadNoteSignature):
        open_receipt(done["erasure"]["receipt"], keys["promises"])
    after = api.get("/v1/cameo")
    assert after["kept"] == []
    assert after["erasures"][0]["receipt"] == done["erasure"]["receipt"]
    assert after["consents"][0]["erased_at"] is not None
    listed = api.get("/v1/consents")["consents"][0]
    assert (listed["status"], listed["document"]) == ("revoked", None)
    assert listed["sha256"] == done["past_consent"]["documents"][0]["sha256"]
    assert api.get("/v1/people/me")["handle"] == "alice"
    town.service.ledger.sequence()
    assert town.service.ledger.audit().findings == ()


def test_at_the_command_line(town: Town, tmp_path: Path):
    member, api = town.person("bella")
    town.enrol(member, 2)
    api.sign("consents", {}, member.private_key, lambda _: None)
    shown = town.command("erase", api=api)
    assert "cameo erase --confirm bella" in shown.output
    assert "録画の期限" in shown.output
    assert town.json("erase", api=api)["handle"] == "bella"
    proof = tmp_path / "proof.json"
    proof.write_text("kept")
    taken = town.command("erase", "--confirm", "bella", "--proof", str(proof), api=api)
    assert taken.exit_code != 0
    assert proof.read_text() == "kept"
    proof.unlink()
    wrong = town.command("erase", "--confirm", "alice", "--proof", str(proof), api=api)
    assert isinstance(wrong.exception, ProblemError)
    assert not proof.exists()
    assert len(api.get("/v1/cameo")["kept"]) == 1
    done = town.command("erase", "--confirm", "bella", "--proof", str(proof), api=api)
    assert done.exit_code == 0, done.output
    assert "Receipt era_" in done.output
    assert "受領書 era_" in done.output
    assert stat.S_IMODE(proof.stat().st_mode) == 0o600
    assert json.loads(proof.read_text())["person"] == member.record.id
    note = tmp_path / "receipt"
    note.write_text(api.get("/v1/cameo")["erasures"][0]["receipt"])
    vkey = api.get("/v1/log/keys")["receipts"]
    checked = town.json("erase", "--check", str(note), "--key", vkey)
    assert checked["person"] == member.record.id
    note.write_text(note.read_text().replace("bella", "x").replace('"clips":0', '"clips":9'))
    bad = town.command("erase", "--check", str(note), "--key", vkey)
    assert isinstance(bad.exception, BadNoteSignature)
    assert "nothing is held" in town.command("erase", api=api).output


def test_a_contest_from_end_to_end(town: Town):
    """The service's own face engine compares; the operator decides."""
    thief, api = town.person("thief")
    town.enrol(thief, 7)
    carol, hers = town.person("carol")
    assert refused(lambda: hers.post("/v1/contests", {"handle": "carol"})) == (422, "contest.own")
    opened = town.json("contest", "open", "thief", api=hers)
    assert api.get("/v1/cameo")["frozen"]
    (against,) = api.get("/v1/contests")["data"]
    assert (against["mine"], against["status"]) == (False, "open")
    enrolment = town.enrol(carol, 8)
    other = town.json("contest", "compare", opened["id"], "--enrolment", enrolment, api=hers)
    assert other["status"] == "not_matched"
    assert not api.get("/v1/cameo")["frozen"]
    again = town.command("contest", "compare", opened["id"], "--enrolment", enrolment, api=hers)
    assert isinstance(again.exception, ProblemError)
    assert again.exception.code == "contest.over"
    # Now with the face that the thief enrolled.
    opened = hers.post("/v1/contests", {"handle": "@thief"})
    enrolment = town.enrol(carol, 7)
    body = {"enrolment_id": enrolment}
    assert hers.post(f"/v1/contests/{opened['id']}/compare", body)["status"] == "matched"
    assert "similarity" not in hers.get(f"/v1/contests/{opened['id']}")
    assert api.get(f"/v1/contests/{opened['id']}")["enrolment_id"] is None
    assert "matched (you contest)" in town.command("contest", "mine", api=hers).output
    (waiting,) = town.json("contest", "list")
    assert (waiting["contestant"], waiting["contested"]) == ("carol", "thief")
    assert waiting["similarity"] > 0.9
    assert town.json("contest", "uphold", opened["id"]) == {"id": opened["id"], "status": "upheld"}
    erasure = api.get("/v1/cameo")["erasures"][0]
    assert (erasure["state"], erasure["reason"]) == ("done", "contest")
    assert town.json("contest", "dismiss", opened["id"])["status"] == "dismissed"
    assert town.json("contest", "list") == []


def test_a_legal_hold_at_the_command_line(town: Town):
    member, api = town.person("heldy")
    town.enrol(member, 11)
    assert town.json("hold", "list") == []
    assert town.json("hold", "set", "@heldy", "--reason", "order 7")["held"] is True
    assert town.command("hold", "set", "heldy", "--reason", "order 8").exit_code != 0
    assert "order 7" in town.command("hold", "list").output
    done = api.delete("/v1/cameo", {"confirm": "heldy"})
    assert (done["erasure"]["state"], done["erasure"]["receipt"]) == ("held", None)
    shown = api.get("/v1/cameo")
    assert shown["legal_hold"]
    assert "order 7" not in json.dumps(shown)
    assert shown["kept"][0]["waits_for_destruction"]
    lifted = town.json("hold", "lift", "heldy")
    assert lifted == {"handle": "heldy", "held": False, "erasures_finished": 1}
    assert api.get("/v1/cameo")["erasures"][0]["state"] == "done"
    assert town.command("hold", "lift", "heldy").exit_code != 0


def test_nobody_is_recorded_without_having_released_it(town: Town):
    _member, api = town.person("norah")
    notice = api.get("/v1/notice")
    assert "I have read this notice" in notice["en"]
    body = {"notice_sha256": notice["sha256"], "simulated": True}
    assert refused(lambda: api.post("/v1/enrolments", body)) == (422, "request.invalid")
    no = {**body, "release": False}
    assert refused(lambda: api.post("/v1/enrolments", no)) == (422, "request.invalid")
    declined = town.command("enrol", "--simulated", api=api)
    assert declined.exit_code != 0
    assert "I have read this notice and allow this recording" in declined.output
    made = town.json("enrol", "--simulated", "--release", api=api)
    assert made["status"] == "challenged"


def test_the_bound_that_people_are_told_is_the_providers(town: Town):
    assert town.service.policy.keys_bound == town.service.keys.bound
