"""The service as its clients meet it: real HTTP, real files, synthetic people."""

from __future__ import annotations

import json
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import numpy as np
import pytest

from cameo.cli.demo import thief
from cameo.cli.demo.actors import answer_challenge
from cameo.cli.errors import ProblemError
from cameo.media.encode import encode_file, to_yuv420p
from tests.integration.harness import AIKO, EMRE, Account, Server
from tests.integration.processes import children_of, left_after

pytestmark = [pytest.mark.slow, pytest.mark.xdist_group("service")]

SIZE = "640x360"


@dataclass
class Set:
    """A running service with two enrolled people."""

    server: Server
    aiko: Account
    emre: Account
    folder: Path
    grant_id: str

    def verify(self, path: Path) -> tuple[int, dict[str, Any]]:
        done = subprocess.run(
            [sys.executable, "-m", "cameo.cli", "verify", str(path), "--json"],
            env=self.server.environment,
            capture_output=True,
            check=False,
        )
        return done.returncode, json.loads(done.stdout)


@pytest.fixture(scope="module")
def stage(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Set]:
    folder = tmp_path_factory.mktemp("service")
    server = Server(folder / "home")
    server.start()
    try:
        aiko, emre = Account(server.url, AIKO), Account(server.url, EMRE)
        for account in (aiko, emre):
            done = account.enrol(folder)
            assert (done["status"], done["assurance"]) == ("accepted", 0)
        aiko.consent("approved")
        emre.consent("only_me")
        grant = aiko.grant("emre")
        yield Set(server, aiko, emre, folder, grant["id"])
    finally:
        server.stop()


def refused(call: Callable[[], object]) -> dict[str, Any]:
    with pytest.raises(ProblemError) as caught:
        call()
    body = caught.value.body
    assert body["error"]["code"] == body["code"]
    assert body["status"] == caught.value.status
    return body


def video(prompt: str, **more: Any) -> dict[str, Any]:
    return {"prompt": prompt, "seconds": 4, "size": SIZE, "seed": 5, **more}


# -- a clip's whole life --------------------------------------------------------------------------


def test_kill_9_at_every_step_and_the_clip_is_made_once(stage: Set):
    server, emre = stage.server, stage.emre
    prompt = '@aiko and @emre stand on the shore and talk. @aiko says "Once, and only once."'
    uses = """select uses_reserved, uses_consumed from "grant" where id = ?"""
    ((_, used),) = server.query(uses, stage.grant_id)
    clip_id = emre.api.post("/v1/videos", video(prompt))["id"]
    caught = []
    for step in ("sound", "drawing", "joining", "signing"):
        deadline = time.monotonic() + 240
        now = server.step_of(clip_id)
        while now not in {step, "completed"} and time.monotonic() < deadline:
            time.sleep(0.002)
            now = server.step_of(clip_id)
        if now == "completed":
            break
        server.kill()
        caught.append(now)
        server.start()
    assert {"sound", "drawing", "joining"} <= set(caught)
    done = emre.finish(clip_id)
    assert (done["status"], done["progress"]) == ("completed", 100), done
    count = {
        table: server.query(
            f"select count(*) from {table} where {column} = ?",  # noqa: S608
            clip_id,
        )[0][0]
        for table, column in (("registry", "clip_id"), ("charge", "clip_id"), ("outbox", "ref"))
    }
    assert count == {"registry": 1, "charge": 1, "outbox": 1}
    logged = server.query("select kind from log_entry where ref = ? order by idx", clip_id)
    assert logged == [("lease",), ("release",)]
    assert server.query(uses, stage.grant_id) == [(0, used + 1)]
    assert not list((server.home / "work").rglob("*.mp4"))


@pytest.fixture(scope="module")
def made(stage: Set) -> tuple[str, Path]:
    """A clip with both, downloaded."""
    prompt = '@aiko and @emre stand on the shore and talk. @emre says "Here we are."'
    clip_id = stage.emre.api.post("/v1/videos", video(prompt))["id"]
    assert stage.emre.finish(clip_id)["status"] == "completed"
    path = stage.folder / "both.mp4"
    stage.emre.api.download(f"/v1/videos/{clip_id}/content", path)
    return clip_id, path


def test_the_clip_verifies_and_names_its_consents(stage: Set, made: tuple[str, Path]):
    clip_id, path = made
    code, verdict = stage.verify(path)
    assert (code, verdict["verdict"], verdict["clip_id"]) == (0, "authentic", clip_id)
    assert [(c["state_then"], c["state_now"]) for c in verdict["consents"]] == [
        ("active", "active")
    ] * 2
    assert all(c["simulated"] and c["assurance"] == 0 for c in verdict["consents"])
    assert verdict["log"]["status"] == "included"
    assert verdict["watermark"]["found_in"] == ["picture", "sound"]
    assert verdict["watermark"]["sound"]["payload"] == verdict["payload"]


def test_its_bundle_holds_before_a_verifier_of_no_code_of_ours(stage: Set, made: tuple[str, Path]):
    clip_id, clip = made
    bundle = stage.folder / "clip.bundle.json"
    stage.emre.api.download(f"/v1/videos/{clip_id}/bundle", bundle)
    key = stage.emre.api.get("/v1/log/keys")["log"]
    script = Path(__file__).parents[2] / "docs" / "verify_bundle.py"
    done = subprocess.run(
        [sys.executable, "-I", str(script), str(bundle), key, str(clip)],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert "aiko" in done.stdout
    assert "simulated" in done.stdout
    code, report = stage.verify(bundle)
    assert (code, report["holds"], report["clip_id"]) == (0, True, clip_id)


def test_a_stripped_smaller_copy_is_recovered(stage: Set, made: tuple[str, Path]):
    copy = stage.folder / "stripped.mp4"
    thief.strip_and_shrink(made[1], copy, scale=0.75)  # of 360 lines: half of it is too small
    code, verdict = stage.verify(copy)
    assert (code, verdict["verdict"], verdict["clip_id"]) == (3, "recovered", made[0])


def test_one_changed_byte_is_tampering(stage: Set, made: tuple[str, Path]):
    copy = stage.folder / "tampered.mp4"
    thief.flip_a_byte(made[1], copy)
    assert stage.verify(copy)[0] == 5


def test_the_mark_on_another_clip_is_a_mismatch(stage: Set, made: tuple[str, Path]):
    foreign, pasted = stage.folder / "foreign.mp4", stage.folder / "pasted.mp4"
    thief.make_foreign(foreign, (640, 360))
    assert stage.verify(foreign)[0] == 4
    thief.lift_and_paste(made[1], foreign, pasted)
    code, verdict = stage.verify(pasted)
    assert (code, verdict["verdict"]) == (6, "mark_mismatch")


def test_the_same_verdict_over_http(stage: Set, made: tuple[str, Path]):
    with made[1].open("rb") as file:
        answer = httpx.post(f"{stage.server.url}/v1/verify", files={"file": file}, timeout=120)
    assert answer.json()["verdict"] == "authentic"


def test_content_is_served_in_ranges_to_those_concerned(stage: Set, made: tuple[str, Path]):
    clip_id, path = made
    whole = path.read_bytes()
    url = f"{stage.server.url}/v1/videos/{clip_id}/content"
    key = {"Authorization": f"Bearer {stage.aiko.api_key}"}
    part = httpx.get(url, headers={**key, "Range": "bytes=100-299"})
    assert (part.status_code, part.content) == (206, whole[100:300])
    assert part.headers["content-range"] == f"bytes 100-299/{len(whole)}"
    assert httpx.get(url, headers={**key, "Range": "bytes=-50"}).content == whole[-50:]
    beyond = httpx.get(url, headers={**key, "Range": f"bytes={len(whole)}-"})
    assert beyond.status_code == 416
    stranger = Account(stage.server.url, AIKO, handle="stranger")
    assert refused(lambda: stranger.api.get(f"/v1/videos/{clip_id}"))["status"] == 404
    assert httpx.get(url).status_code == 401


def test_nothing_biometric_lies_in_the_clear(stage: Set, made: tuple[str, Path]):
    media = stage.server.home / "media"
    for path in media.rglob("*"):
        if path.is_file():
            head = path.read_bytes()[:4096]
            assert b"ftyp" not in head, path
            assert b"PNG" not in head, path
            assert b"engine" not in head, path
    assert b"Here we are" not in (stage.server.home / "cameo.db").read_bytes()
    assert b"Here we are" not in (stage.server.home / "workflows.db").read_bytes()
    assert b"Here we are" not in (stage.server.home.parent / "server.log").read_bytes()


def test_withdrawal_over_http(stage: Set, made: tuple[str, Path]):
    """A grant of its own, so that the other tests' clips keep theirs."""
    clip_id, _path = made
    carol = Account(stage.server.url, AIKO, handle="carol")
    grant = stage.aiko.grant("carol", max_uses=3)
    before = stage.aiko.api.get("/v1/videos/" + clip_id)
    done = stage.aiko.api.post(f"/v1/grants/{grant['id']}/revoke")
    assert done["withdrawn"] == []
    body = refused(lambda: carol.api.post("/v1/videos", video("@aiko on the shore")))
    assert body["code"] == "consent.refused"
    assert "consent.grant_revoked" in body["reasons"]
    assert stage.aiko.api.get("/v1/videos/" + clip_id) == before


# -- bad input ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("wanted", "code"),
    [
        ({"prompt": ""}, "prompt.empty"),
        ({"prompt": " \n"}, "prompt.empty"),
        ({"prompt": "a" * 100_000}, "prompt.too_long"),
        ({"prompt": "@nobody.here on the shore"}, "reference.unknown_handle"),
        ({"prompt": "a shore", "cameos": ["@nobody.here"]}, "reference.unknown_handle"),
        ({"prompt": "a shore", "seconds": 3}, "request.seconds"),
        ({"prompt": "a shore", "seconds": 61}, "request.seconds"),
        ({"prompt": "a shore", "size": "1280x721"}, "request.size"),
        ({"prompt": "a shore", "size": "big"}, "request.invalid"),
        ({"prompt": "a shore", "style": "cubist"}, "request.invalid"),
        ({"prompt": "a shore", "model": "sora-2"}, "request.invalid"),
        ({"prompt": "a shore", "bypass_consent": True}, "request.invalid"),
        ({"prompt": "Pikachu on the shore"}, "moderation.blocked"),
    ],
)
def test_bad_orders(stage: Set, wanted: dict[str, Any], code: str):
    body = refused(lambda: stage.emre.api.post("/v1/videos", {**video("x"), **wanted}))
    assert body["code"] == code
    assert body["detail"]


def test_a_form_is_read_as_well(stage: Set):
    url = f"{stage.server.url}/v1/videos"
    key = {"Authorization": f"Bearer {stage.emre.api_key}"}
    fields = {"prompt": "a shore", "seconds": "4", "size": SIZE, "cameos": '["@nobody.here"]'}
    answer = httpx.post(url, headers=key, data=fields)
    assert answer.json()["code"] == "reference.unknown_handle"
    answer = httpx.post(url, headers=key, data={"prompt": ""})
    assert answer.json()["code"] == "prompt.empty"


def test_minors_are_refused(stage: Set):
    body = {"handle": "young", "display_name": "Young", "adult": False}
    answer = httpx.post(f"{stage.server.url}/v1/people", json=body)
    assert (answer.status_code, answer.json()["code"]) == (403, "person.adult_required")


@pytest.fixture
def newcomer(stage: Set, request: pytest.FixtureRequest) -> Account:
    """An account of its own, so that refusals of one test do not lock another one out."""
    digest = abs(hash(request.node.nodeid)) % 10**10
    return Account(stage.server.url, AIKO, handle=f"n{digest}")


def film(path: Path, frames: list[np.ndarray], sound: np.ndarray | None = None) -> Path:
    planar = [to_yuv420p(frame) for frame in frames]
    height, width = frames[0].shape[:2]
    encode_file(path, planar, sound, fps=10, size=(width, height))
    return path


def silence(seconds: float) -> np.ndarray:
    return np.zeros(round(48000 * seconds), np.float32)


def test_captures_that_cannot_be_used(stage: Set, newcomer: Account, tmp_path: Path):
    grey = [np.full((240, 320, 3), 120, np.uint8)] * 60
    text = tmp_path / "text.mp4"
    text.write_text("no film at all")
    whole = film(tmp_path / "whole.mp4", grey, silence(6)).read_bytes()
    cut = tmp_path / "cut.mp4"
    cut.write_bytes(whole[: len(whole) * 2 // 5])
    cases = {
        "media.unreadable": text,
        "media.no_sound": film(tmp_path / "mute.mp4", grey),
        "capture.no_face": film(tmp_path / "grey.mp4", grey, silence(6)),
    }
    for code, path in cases.items():
        body = refused(lambda path=path: newcomer.answer(newcomer.challenge(), path))
        assert body["code"] == code
        assert str(stage.server.home) not in str(body)
    body = refused(lambda: newcomer.answer(newcomer.challenge(), cut))
    assert body["code"] in ("media.truncated", "media.unreadable")
    assert not list((stage.server.home / "media" / "people").glob(f"*{newcomer.handle}*"))


def grey_film(path: Path, shade: int) -> Path:
    """A film that decodes and shows nobody."""
    return film(path, [np.full((120, 160, 3), shade, np.uint8)] * 42, silence(4.2))


def test_too_many_refusals_lock_out(newcomer: Account, tmp_path: Path):
    for number in range(5):
        path = grey_film(tmp_path / f"{number}.mp4", 40 * number)
        refused(lambda path=path: newcomer.answer(newcomer.challenge(), path))
    assert refused(newcomer.challenge)["code"] == "challenge.locked_out"


def test_a_challenge_is_answered_once(newcomer: Account, tmp_path: Path):
    enrolment = newcomer.challenge()
    text = tmp_path / "text.mp4"
    text.write_text("no film")
    assert refused(lambda: newcomer.answer(enrolment, text))["code"] == "media.unreadable"
    # Shades that no other test here uses: a recording is accepted once by the whole service.
    first, second = (grey_film(tmp_path / f"{shade}.mp4", shade) for shade in (60, 220))
    assert refused(lambda: newcomer.answer(enrolment, first))["code"] == "capture.no_face"
    assert refused(lambda: newcomer.answer(enrolment, second))["code"] == "challenge.used"
    body = refused(lambda: newcomer.answer(newcomer.challenge(), first))
    assert body["code"] == "capture.replayed"


def test_wrong_digits_and_silence(newcomer: Account, tmp_path: Path):
    enrolment = newcomer.challenge()
    digits = "".join(str((int(d) + 5) % 10) for d in enrolment["challenge"]["digits"])
    path = tmp_path / "wrong.mp4"
    answer_challenge(AIKO, {**enrolment["challenge"], "digits": digits}, path)
    body = refused(lambda: newcomer.answer(enrolment, path))
    assert body["code"] == "capture.wrong_digits"
    statuses = {check["name"]: check["status"] for check in body["checks"]}
    assert "failed" in statuses.values()


def test_another_persons_enrolment_is_not_found(stage: Set, newcomer: Account):
    enrolment = stage.aiko.challenge()
    assert refused(lambda: newcomer.api.get(f"/v1/enrolments/{enrolment['id']}"))["status"] == 404


def test_no_key_no_answer(stage: Set):
    for path in ("/v1/videos", "/v1/consents", "/v1/people/me"):
        answer = httpx.get(stage.server.url + path)
        assert (answer.status_code, answer.json()["code"]) == (401, "auth.required")
    answer = httpx.get(stage.server.url + "/v1/nothing")
    assert (answer.status_code, answer.json()["code"]) == (404, "request.not_found")


def test_render_processes_do_not_outlive_a_killed_worker(stage: Set):
    """They hold likenesses in memory."""
    clip_id = stage.emre.api.post("/v1/videos", video("@emre walks along the shore"))["id"]
    while stage.server.step_of(clip_id) != "drawing":
        time.sleep(0.02)
    time.sleep(1.0)
    parent = stage.server._process.pid
    children = children_of(parent)
    stage.server.kill()
    alive = left_after(children, 60)  # one that was just starting must first get that far
    stage.server.start()
    assert stage.emre.finish(clip_id)["status"] == "completed"
    assert children
    assert not alive
