"""Rotation with real media: over HTTP from a running service, at the command line, and by kits."""

from __future__ import annotations

import base64
import io
import json
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import c2pa
import httpx
import pytest
from click.testing import CliRunner, Result

from cameo.cli.demo import thief
from cameo.cli.main import cameo
from cameo.flows.chunks import ChunkResult, ChunkTask
from cameo.flows.marks import check_revealed, derive
from cameo.flows.order import VideoAsk
from cameo.settings import Settings
from cameo.wiring.service import Service, open_service
from tests.integration.harness import Server

pytestmark = [pytest.mark.slow, pytest.mark.xdist_group("marks")]

SIZE = (640, 360)
VIDEO = "org.cameo.wm.video.1"


@dataclass
class House:
    """A running service, the same home opened here, and a film that it marked."""

    service: Service
    server: Server
    folder: Path
    film: Path
    first: Path
    first_id: str

    def post(self, path: Path, **asked: Any) -> httpx.Response:
        url = f"{self.server.url}/v1/matches/byContent"
        kind = {"content-type": "video/mp4"}
        return httpx.post(url, content=path.read_bytes(), params=asked, headers=kind, timeout=120)

    def get(self, path: str, **asked: Any) -> httpx.Response:
        return httpx.get(f"{self.server.url}/v1/{path}", params=asked, timeout=30)

    def copy(self, source: Path) -> Path:
        target = self.folder / f"copy-{source.name}"
        if not target.exists():
            thief.strip_and_shrink(source, target, scale=1.0)
        return target

    def run(self, *words: str | Path) -> Result:
        environment = {"CAMEO_HOME": str(self.server.home), "CAMEO_URL": "http://127.0.0.1:9"}
        return CliRunner().invoke(cameo, [str(word) for word in words], env=environment)

    def epochs(self, *words: str) -> list[dict[str, Any]]:
        done = self.run("keys", "mark", *words, "--json")
        assert done.exit_code == 0, (done.output, done.exception)
        data: list[dict[str, Any]] = json.loads(done.stdout)["data"]
        return data

    def verify(self, file: Path, kit: Path) -> tuple[int, dict[str, Any]]:
        done = self.run("verify", file, "--kit", kit, "--json")
        return done.exit_code, json.loads(done.stdout)


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    folder = tmp_path_factory.mktemp("marks")
    service = open_service(Settings(home=folder / "home"))
    server = Server(folder / "home")
    film, first = folder / "film.mp4", folder / "first.mp4"
    thief.make_foreign(film, SIZE)
    stamped = service.stamping.stamp(film, first)
    server.start()
    try:
        yield House(service, server, folder, film, first, stamped.clip_id)
    finally:
        server.stop()
        service.close()


def matches(answer: httpx.Response) -> list[dict[str, Any]]:
    assert answer.status_code == 200, answer.text
    found: list[dict[str, Any]] = answer.json()["matches"]
    return found


def test_a_stripped_copy_leads_to_the_manifest_that_it_lost(house: House):
    (match,) = matches(house.post(house.copy(house.first)))
    assert match["similarityScore"] > 80
    found = house.get(f"manifests/{match['manifestId']}")
    assert found.headers["content-type"] == "application/c2pa"
    with c2pa.Reader("application/c2pa", io.BytesIO(found.content)) as reader:
        report = json.loads(reader.json())
    assert report["active_manifest"] == match["manifestId"]
    active = report["manifests"][report["active_manifest"]]
    data = next(a["data"] for a in active["assertions"] if a["label"] == "c2pa.soft-binding")
    assert data["alg"] == VIDEO
    value = data["blocks"][0]["value"]
    for sent in (value.encode(), bytes.fromhex(value)):
        asked = {"alg": VIDEO, "value": base64.b64encode(sent).decode()}
        (same,) = matches(house.get("matches/byBinding", **asked))
        assert same["manifestId"] == match["manifestId"]
    (whole,) = matches(house.post(house.first, alg=VIDEO))
    assert whole == {"manifestId": match["manifestId"], "similarityScore": 100}


def test_what_is_not_ours_leads_nowhere(house: House):
    assert matches(house.post(house.film)) == []
    bent = house.folder / "bent.mp4"
    thief.flip_a_byte(house.first, bent)
    assert matches(house.post(bent)) == []
    nothing = house.folder / "nothing.mp4"
    nothing.write_bytes(b"no film at all")
    assert house.post(nothing).status_code == 422


def test_a_mark_pasted_onto_another_film_leads_nowhere(house: House):
    marked, forged = house.folder / "marked.mp4", house.folder / "forged.mp4"
    made = house.run("render", "a street at night", marked, "--seconds", "4", "--size", "640x360")
    assert made.exit_code == 0, (made.output, made.exception)
    assert len(matches(house.post(marked))) == 1
    thief.lift_and_paste(marked, house.film, forged)
    assert matches(house.post(forged)) == []


class Capturing:
    """Runs no chunk, and remembers what it was asked."""

    width = 1

    def __init__(self) -> None:
        self.tasks: list[ChunkTask] = []

    def run(self, tasks: list[ChunkTask]) -> list[ChunkResult]:
        self.tasks += tasks
        return []


def test_a_clip_is_marked_under_the_epoch_that_it_was_ordered_under(house: House):
    service = house.service
    clip = service.orders.order(None, VideoAsk(prompt="a quiet shore", seconds=4, size=SIZE))
    master = service.marks.secret_of(1)
    count = service.rendering.start(clip.id)
    runner = Capturing()
    rendering = replace(service.rendering, runner=runner)
    rendering.chunks(clip.id, 0, 1, count)
    before = service.marks.keys().present
    assert house.epochs("rotate", "--yes")[0]["epoch"] == before + 1
    rendering.chunks(clip.id, 1, 1, count)
    assert {task.mark_key for task in runner.tasks} == {derive(master, before)["video"]}
    with service.db.reading() as tx:
        assert tx.clips.get(clip.id).mark_epoch == before
    service.releases.give_up(clip.id, "render.failed")


def test_old_and_new_clips_are_found_and_a_revealed_key_opens_the_old_ones(house: House):
    """A running service, its command line, and an auditor with and without keys."""
    if house.service.marks.keys().present == 1:
        house.epochs("rotate", "--yes")
    second = house.folder / "second.mp4"
    second_id = house.service.stamping.stamp(house.film, second).clip_id
    views = {each["epoch"]: each for each in house.epochs()}
    present = max(views)
    assert (views[1]["state"], views[present]["state"]) == ("ended", "present")
    for source, clip_id in ((house.first, house.first_id), (second, second_id)):
        (match,) = matches(house.post(house.copy(source)))
        with house.service.db.reading() as tx:
            record = tx.registry.by_clip(clip_id)
        assert record is not None
        assert record.manifest_id == match["manifestId"]

    refused = house.run("keys", "mark", "reveal", str(present), "--yes")
    assert getattr(refused.exception, "code", "") == "mark.present_epoch"
    stopped = house.run("keys", "mark", "reveal", "1")  # nobody answers
    assert stopped.exit_code != 0
    shown = {each["epoch"]: each for each in house.epochs("reveal", "1", "--yes")}[1]
    keys = {name: bytes.fromhex(key) for name, key in shown["keys"].items()}
    check_revealed(shown["commitments"], keys)
    public = {each["epoch"]: each for each in house.get("log/marks").json()["data"]}
    assert public[1]["keys"] == shown["keys"]
    assert public[present]["keys"] is None
    text = house.run("keys", "mark").output
    assert f"epoch {present}: present" in text
    assert shown["keys"]["video"] in text

    plain, full = house.folder / "plain.json", house.folder / "full.json"
    assert house.run("kit", plain).exit_code == 0
    assert house.run("kit", full, "--with-mark-key").exit_code == 0
    code, report = house.verify(house.copy(house.first), plain)
    assert (code, report["clip_id"]) == (3, house.first_id)
    code, report = house.verify(house.copy(second), plain)
    assert (code, report["reasons"][0]) == (2, "mark.not_checked")
    assert house.verify(house.copy(second), full)[0] == 3
    assert house.verify(house.film, plain)[0] == 2
    assert house.verify(house.film, full)[0] == 4
    doctor = house.run("doctor", "--json")
    assert json.loads(doctor.stdout)["mark keys"].startswith(f"epoch {present}, ")
