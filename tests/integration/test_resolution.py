"""The Soft Binding Resolution API over both databases, in-process: who may find what."""

from __future__ import annotations

import base64
from collections.abc import AsyncIterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from fastapi.testclient import TestClient

from cameo.api import resolution as routes
from cameo.app.application import create_app
from cameo.flows.mark_epochs import MarkEpochs
from cameo.flows.resolution import MAX_VALUE, BindingValueError, Resolution, _payload
from cameo.store.database import Database
from cameo.store.records import ClipRecord
from consent.vocabulary import Audience
from provenance.verifier.ports import LogStatus
from provenance.verifier.report import VerifyReport
from provenance.verifier.verdicts import Verdict
from tests.integration.people import World
from tests.integration.rights import Office
from tests.integration.studio import Studio

ALGS = {"video": "com.example.v", "image": "com.example.i", "sound": "com.example.s"}
SMALL = 1000


def report(verdict: Verdict, clip_id: str | None = None, **changes: Any) -> VerifyReport:
    values: dict[str, Any] = {
        "verdict": verdict,
        "integrity": "none",
        "clip_id": clip_id,
        "payload": None,
        "mark": None,
        "agreement": None,
        "credentials": None,
        "archived": None,
        "consents": (),
        "log": LogStatus(status="not_checked"),
        "reasons": (),
        "not_run": (),
        "checked_at": datetime(2026, 1, 1, tzinfo=UTC),
    }
    return VerifyReport(**{**values, **changes})


@dataclass
class Judge:
    """Says of every file what it was told to say."""

    says: VerifyReport
    seen: tuple[str, bytes] = ("", b"")

    def verify(self, path: Path, /) -> VerifyReport:
        self.seen = (path.suffix, path.read_bytes())
        return self.says


class Site:
    """The routes over one world with a clip that was released."""

    def __init__(self, world: World) -> None:
        self.world, self.studio = world, Studio(world)
        self.alice, self.bob = world.member("alice"), world.member("bobby")
        world.consent(self.alice, Audience.EVERYONE)
        self.clip = self.studio.draft(self.bob, self.alice)
        self.judge = Judge(report(Verdict.NOT_OURS))
        self.resolution = Resolution(db=world.db, judge=self.judge, algs=ALGS)

        @contextmanager
        def folder() -> Any:
            with world.vault.work.folder() as made:
                yield made

        service: Any = SimpleNamespace(
            db=world.db,
            accounts=world.accounts,
            resolution=self.resolution,
            marks=MarkEpochs(db=world.db, ledger=world.ledger, secret_of=lambda _number: bytes(32)),
            vault=SimpleNamespace(work=SimpleNamespace(folder=folder)),
            settings=SimpleNamespace(brand="Cameo", max_upload_bytes=SMALL, render_processes=1),
        )
        self.client = TestClient(create_app(service), raise_server_exceptions=False)

    @property
    def manifest_id(self) -> str:
        with self.world.db.reading() as tx:
            record = tx.registry.by_clip(self.clip.id)
        assert record is not None
        return record.manifest_id

    def binding(self, value: str, alg: str = ALGS["video"], **more: Any) -> Any:
        asked = {"alg": alg, "value": value, **more}
        return self.client.get("/v1/matches/byBinding", params=asked)

    def content(self, body: Any = b"a copy", **asked: Any) -> Any:
        return self.client.post("/v1/matches/byContent", content=body, params=asked)

    def matches(self, clip: ClipRecord | None = None) -> list[str]:
        answer = self.binding(raw64((clip or self.clip).payload))
        assert answer.status_code == 200, answer.text
        return [each["manifestId"] for each in answer.json()["matches"]]


def raw64(payload: str) -> str:
    return base64.b64encode(bytes.fromhex(payload)).decode()


def hex64(payload: str) -> str:
    return base64.b64encode(payload.encode()).decode()


@pytest.fixture
def site(database: Database, tmp_path: Path) -> Site:
    return Site(World(database, tmp_path))


def problem(answer: Any) -> tuple[int, str]:
    assert answer.headers["content-type"] == "application/problem+json"
    return answer.status_code, answer.json()["code"]


# -- by binding ------------------------------------------------------------------------------------


def test_a_mark_leads_to_its_manifest(site: Site):
    for value in (raw64(site.clip.payload), hex64(site.clip.payload)):
        for answer in (
            site.binding(value),
            site.client.post("/v1/matches/byBinding", json={"alg": ALGS["video"], "value": value}),
        ):
            assert answer.status_code == 200
            assert answer.json() == {"matches": [{"manifestId": site.manifest_id}]}
    found = site.client.get(f"/v1/manifests/{site.manifest_id}")
    assert (found.status_code, found.content) == (200, b"m")
    assert found.headers["content-type"] == "application/c2pa"
    assert found.headers["cameo-standing"] == "stands"
    assert found.headers["cache-control"] == "no-store"


def test_base64_as_clients_write_it():
    for payload in ("fbffbefbffbefbff", "0000000000000000", "f" * 16):
        raw = bytes.fromhex(payload)
        text = base64.b64encode(raw).decode()
        forms = (text, text.rstrip("="), base64.urlsafe_b64encode(raw).decode())
        assert {_payload(form) for form in (*forms, text.replace("+", " "))} == {payload}


@pytest.mark.parametrize(
    "value",
    [
        "",
        "=",
        "====",
        "!!!!",
        "AAAA",
        "A",
        "AAECAwQFBgcI",
        "0123456789abcdef" * 1000,
        base64.b64encode(b"0123456789ABCDEF").decode(),
        base64.b64encode(b"01234567").decode() + "AA",
        base64.b64encode(b"%s%s%s%s%s%s%s%s").decode(),
        "AAECAwQFBgc=\n",
        "AAEC=AwQFBgc",
        "ＡＡＥＣＡｗＱＦＢｇｃ",
        "\0" * 11,
        "'; drop table registry; --",
    ],
)
def test_rubbish_is_no_value(site: Site, value: str):
    assert problem(site.binding(value)) == (400, "binding.value")
    body = {"alg": ALGS["video"], "value": value}
    assert problem(site.client.post("/v1/matches/byBinding", json=body)) == (400, "binding.value")


def test_huge_values_are_refused_before_they_are_read(site: Site):
    with pytest.raises(BindingValueError):
        _payload("A" * (MAX_VALUE + 1))
    body = {"alg": ALGS["video"], "value": "A" * 200_000}
    answer = site.client.post("/v1/matches/byBinding", json=body)
    assert problem(answer) == (400, "binding.value")
    body["value"] *= 3
    answer = site.client.post("/v1/matches/byBinding", json=body)
    assert problem(answer)[0] in {400, 413}  # more than a request that is no upload may have


@pytest.mark.parametrize("alg", ["", "com.example", "org.cameo.wm.video.1", "COM.EXAMPLE.V", "\0"])
def test_unknown_algorithms_are_refused(site: Site, alg: str):
    answer = site.binding(raw64(site.clip.payload), alg=alg)
    assert problem(answer) == (400, "binding.unknown_algorithm")
    assert problem(site.content(alg=alg)) == (400, "binding.unknown_algorithm")


def test_a_mark_that_the_clip_does_not_carry_leads_nowhere(site: Site):
    answer = site.binding(raw64(site.clip.payload), alg=ALGS["sound"])
    assert answer.json() == {"matches": []}


def test_the_short_id_of_sound_leads_nowhere_by_itself(site: Site):
    """32 bits can be tried through; a copy that carries no more is sent in whole."""
    with site.world.db.transaction() as tx:
        row = tx.registry.by_clip(site.clip.id)
        assert row is not None
        assert tx.registry.by_prefix(site.clip.payload[:8]) == row
    for value in (raw64(site.clip.payload[:8]), hex64(site.clip.payload[:8])):
        answer = site.binding(value, alg=ALGS["sound"])
        # Eight hex digits are eight bytes: read as a payload, they are nobody's.
        found = answer.json().get("matches", []), answer.status_code
        assert found in (([], 200), ([], 400))


def test_neighbours_of_a_payload_lead_nowhere(site: Site):
    for bit in range(64):
        other = f"{int(site.clip.payload, 16) ^ (1 << bit):016x}"
        assert site.binding(raw64(other)).json() == {"matches": []}


@pytest.mark.parametrize(("most", "status"), [(1, 200), (1000, 200), (0, 422), (-1, 422)])
def test_how_many_are_wanted(site: Site, most: int, status: int):
    answer = site.binding(raw64(site.clip.payload), maxResults=most)
    assert answer.status_code == status
    assert site.binding(raw64(site.clip.payload), maxResults="many").status_code == 422


def test_what_must_be_asked(site: Site):
    for asked in ({}, {"alg": ALGS["video"]}, {"value": "AAECAwQFBgc="}):
        answer = site.client.get("/v1/matches/byBinding", params=asked)
        assert problem(answer) == (422, "request.invalid")
    for body in ({}, {"alg": 1, "value": 2}, {"alg": "a", "value": "b", "more": 1}, []):
        answer = site.client.post("/v1/matches/byBinding", json=body)
        assert problem(answer) == (422, "request.invalid")


def test_what_is_supported(site: Site):
    answer = site.client.get("/v1/services/supportedAlgorithms")
    assert answer.json() == {
        "watermarks": [{"alg": name} for name in ALGS.values()],
        "fingerprints": [],
    }


# -- who is told what ------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "name",
    [
        "clip",
        "0",
        "urn:c2pa:00000000-0000-4000-8000-000000000000",
        "urn:c2pa:%25",
        "..%2f..%2fkeys",
        "%00",
        "a" * 3000,
    ],
)
def test_ids_of_nothing(site: Site, name: str):
    assert problem(site.client.get(f"/v1/manifests/{name}"))[0] == 404


def test_a_manifest_is_not_found_by_anything_else(site: Site):
    for name in (site.clip.id, site.clip.payload, raw64(site.clip.payload), site.manifest_id[:-1]):
        assert site.client.get(f"/v1/manifests/{name}").status_code == 404
    answer = site.client.get(f"/v1/manifests/{site.manifest_id}?returnActiveManifest=true")
    assert problem(answer) == (501, "manifest.store_only")


def test_what_was_never_released_is_not_told(site: Site):
    clip = site.studio.order(site.bob, site.alice)
    site.studio.render(clip)
    with site.world.db.reading() as tx:
        record = tx.registry.by_clip(clip.id)
    assert record is not None
    assert site.matches(clip) == []
    assert site.client.get(f"/v1/manifests/{record.manifest_id}").status_code == 404
    with site.world.db.transaction() as tx:
        tx.clips.change(clip.id, status="failed", completed_at=tx.now())
    assert site.matches(clip) == []
    assert site.client.get(f"/v1/manifests/{record.manifest_id}").status_code == 404


def standing(site: Site) -> str:
    answer = site.client.get(f"/v1/manifests/{site.manifest_id}")
    assert (answer.status_code, answer.content) == (200, b"m")
    return str(answer.headers["cameo-standing"])


def test_a_withdrawn_clip_is_still_found_and_said_to_be_withdrawn(site: Site):
    with site.world.db.reading() as tx:
        consent = tx.consents.latest(site.alice.record.id)
    assert consent is not None
    site.world.revocations.revoke_consent(site.alice.record, consent.id)
    assert site.matches() == [site.manifest_id]
    assert standing(site) == "withdrawn"


def test_a_deleted_and_a_held_clip(site: Site):
    site.world.acts.pause(site.alice.record)
    assert standing(site) == "held"
    site.studio.library.delete(site.bob.record, site.clip.id)
    assert standing(site) == "deleted"
    assert site.matches() == [site.manifest_id]


def test_after_an_erasure_it_is_not_handed_out_any_more(database: Database, tmp_path: Path):
    world = World(database, tmp_path)
    site = Site(world)
    office = Office(world)
    office.erasures.erase(site.alice.record, confirm=site.alice.record.handle)
    office.erasures.resume(site.alice.record)
    assert site.matches() == []
    answer = site.client.get(f"/v1/manifests/{site.manifest_id}")
    assert problem(answer) == (410, "manifest.erased")
    site.judge.says = report(Verdict.WITHDRAWN, site.clip.id, integrity="recovered")
    assert site.content().json() == {"matches": []}


# -- by content ------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Agrees:
    """How the content compares."""

    score: float
    agrees: bool = True


@pytest.mark.parametrize(
    ("verdict", "integrity", "score", "told"),
    [
        (Verdict.AUTHENTIC, "authentic", None, 100),
        (Verdict.RECOVERED, "recovered", 0.934, 93),
        (Verdict.WITHDRAWN, "authentic", None, 100),
        (Verdict.WITHDRAWN, "recovered", 1.0, 100),
    ],
)
def test_a_copy_leads_to_its_manifest(
    site: Site, verdict: Verdict, integrity: str, score: float | None, told: int
):
    agreement = None if score is None else Agrees(score)
    site.judge.says = report(verdict, site.clip.id, integrity=integrity, agreement=agreement)
    match = {"manifestId": site.manifest_id, "similarityScore": told}
    assert site.content().json() == {"matches": [match]}
    assert site.content(alg=ALGS["video"]).json() == {"matches": [match]}
    assert site.content(alg=ALGS["image"]).json() == {"matches": []}
    hints = {"hintAlg": "any", "hintValue": "thing", "maxResults": 1}
    assert site.content(**hints).json() == {"matches": [match]}


@pytest.mark.parametrize(
    ("verdict", "integrity"),
    [
        (Verdict.MARK_MISMATCH, "none"),
        (Verdict.NOT_OURS, "none"),
        (Verdict.TAMPERED, "tampered"),
    ],
)
def test_a_mark_on_other_content_leads_nowhere(site: Site, verdict: Verdict, integrity: str):
    site.judge.says = report(
        verdict, site.clip.id, integrity=integrity, agreement=Agrees(0.4, agrees=False)
    )
    answer = site.content()
    assert (answer.status_code, answer.json()) == (200, {"matches": []})


def test_what_could_not_be_judged_is_no_empty_answer(site: Site):
    site.judge.says = report(Verdict.UNREADABLE, reasons=("mark.not_checked",))
    answer = site.content()
    assert problem(answer) == (422, "binding.not_judged")
    assert answer.json()["reasons"] == ["mark.not_checked"]


def test_a_clip_that_the_registry_does_not_know_leads_nowhere(site: Site):
    site.judge.says = report(Verdict.AUTHENTIC, "clip_of_another", integrity="authentic")
    assert site.content().json() == {"matches": []}


@pytest.mark.parametrize(
    ("body", "suffix"),
    [
        (b"\0\0\0\x18ftypisom", ".mp4"),
        (b"\x89PNG\r\n\x1a\n", ".png"),
        (b"RIFF\0\0\0\0WAVE", ".wav"),
        (b"no container at all", ".mp4"),
    ],
)
def test_the_copy_arrives_whole_and_under_no_name_of_the_senders(
    site: Site, body: bytes, suffix: str
):
    kinds = {"content-type": "image/../../../etc/passwd", "content-disposition": "filename=x.sh"}
    site.client.post("/v1/matches/byContent", content=body, headers=kinds)
    assert site.judge.seen == (suffix, body)
    left = [each.name for each in site.world.vault.work.path.rglob("*") if each.is_file()]
    assert set(left) <= {"held"}


def test_copies_are_bounded(site: Site):
    assert problem(site.content(b"")) == (422, "request.invalid")
    assert problem(site.content(b"x" * (SMALL + 1))) == (413, "media.too_large")
    assert problem(site.content(b"x" * 300_000)) == (413, "request.too_large")
    assert site.judge.seen == ("", b"")


def test_a_copy_that_does_not_arrive_is_not_waited_for(site: Site, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(routes, "RECEIVED_WITHIN_S", 0.0)

    monkeypatch.setattr("starlette.requests.Request.stream", lambda _self: _forever(), raising=True)
    assert problem(site.content(b"ab")) == (408, "request.timeout")


async def _forever() -> AsyncIterator[bytes]:
    from anyio import sleep

    yield b"a"
    await sleep(60)
    yield b"b"


# -- what is published of the keys -----------------------------------------------------------------


def test_epochs_are_public_and_keys_are_not(site: Site):
    assert site.client.get("/v1/log/marks").json() == {"object": "list", "data": []}
    site.client.app.state.service.marks.rotate()  # type: ignore[attr-defined]
    second, first = site.client.get("/v1/log/marks").json()["data"]
    assert [second["epoch"], first["epoch"]] == [2, 1]
    assert (second["keys"], first["keys"]) == (None, None)
    assert set(first["commitments"]) == {"video", "image", "sound"}
    assert first["entries"][0]["index"] is not None


def test_the_routes_are_described(site: Site):
    paths = site.client.get("/openapi.json").json()["paths"]
    assert set(paths["/v1/matches/byBinding"]) == {"get", "post"}
    body = paths["/v1/matches/byContent"]["post"]["requestBody"]["content"]
    assert body["video/*"]["schema"] == {"type": "string", "format": "binary"}
    answers = paths["/v1/manifests/{manifest_id}"]["get"]["responses"]
    assert "application/c2pa" in answers["200"]["content"]


def test_a_token_that_comes_along_is_not_looked_at(site: Site):
    """Clients of the library always send one."""
    headers = {"Authorization": "Bearer nonsense"}
    asked = {"alg": ALGS["video"], "value": raw64(site.clip.payload)}
    answer = site.client.get("/v1/matches/byBinding", params=asked, headers=headers)
    assert answer.status_code == 200
