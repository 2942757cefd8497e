"""From request to release: a 10 s clip at 720p through the shipped service, split by step."""

from __future__ import annotations

import statistics
import tempfile
import threading
import time
from collections import defaultdict
from pathlib import Path
from typing import Any, Final

from cameo.cli.bench.figures import emit
from cameo.cli.client import Client
from cameo.cli.demo.actors import Actor, answer_challenge
from cameo.cli.demo.server import serving
from cameo.cli.keys import register_key
from consent.evidence import new_ed25519_key

_RUNS: Final = 5
_ACTOR: Final = Actor(handle="emre", display_name="Emre (simulated)", head="emre", voice="jun")
_POLL: Final = 0.05


def measure_story(runs: int = _RUNS) -> None:
    """Run the story's main job and print its figures."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        began = time.perf_counter()
        with serving(folder / "home", folder / "log", CAMEO_MIN_ASSURANCE="0") as url:
            emit("story.cold_start", time.perf_counter() - began, "s", on="cameo serve, empty home")
            memory = _Memory()
            api, captured = _enrolled(url, folder)
            emit("story.step", captured, "s", on="enrol: judge a capture")
            wholes: list[float] = []
            steps: dict[str, list[float]] = defaultdict(list)
            for number in range(runs):
                whole, split = _one(api, number)
                wholes.append(whole)
                for step, seconds in split.items():
                    steps[step].append(seconds)
            peak = memory.stop()
    on = "10 s 1280x720 24 fps, one person talking"
    emit("story.request_to_release", statistics.median(wholes), "s", on=on, n=runs)
    for step, times in steps.items():
        emit("story.step", statistics.median(times), "s", on=step, n=len(times))
    emit("story.peak_memory", peak, "MB", on="service and render processes, resident")


def _enrolled(url: str, folder: Path) -> tuple[Client, float]:
    body = {"handle": _ACTOR.handle, "display_name": _ACTOR.display_name, "adult": True}
    api = Client(url, Client(url).post("/v1/people", body)["api_key"])
    private, public = new_ed25519_key()
    register_key(api, public)
    notice = api.get("/v1/notice")["sha256"]
    wanted = {"notice_sha256": notice, "release": True, "simulated": True}
    asked = api.post("/v1/enrolments", wanted)
    capture = folder / "capture.mp4"
    answer_challenge(_ACTOR, asked["challenge"], capture)
    began = time.perf_counter()
    api.upload(f"/v1/enrolments/{asked['id']}/capture", "capture", capture)
    seconds = time.perf_counter() - began
    api.sign("consents", {}, private, lambda _prepared: None)
    return api, seconds


def _one(api: Client, number: int) -> tuple[float, dict[str, float]]:
    wanted: dict[str, Any] = {
        "prompt": f'@{_ACTOR.handle} talks in the living room: "Ten seconds, from start to end."',
        "seconds": 10,
        "size": "1280x720",
        "seed": number,
    }
    split: dict[str, float] = defaultdict(float)
    began = last = time.perf_counter()
    video = api.post("/v1/videos", wanted)
    split["order"] = time.perf_counter() - began
    last = time.perf_counter()
    while video["status"] in ("queued", "in_progress"):
        step = video["step"]
        time.sleep(_POLL)
        video = api.get(f"/v1/videos/{video['id']}")
        now = time.perf_counter()
        split[step] += now - last
        last = now
    if video["status"] != "completed":
        raise RuntimeError(f"the clip was not made: {video['error']}")
    return time.perf_counter() - began, split


class _Memory:
    """The peak of the resident memory of all processes that this one started."""

    def __init__(self) -> None:
        self._ended = threading.Event()
        self._peak = 0
        self._thread = threading.Thread(target=self._watch, daemon=True)
        self._thread.start()

    def stop(self) -> float:
        """End; the peak in MB."""
        self._ended.set()
        self._thread.join()
        return self._peak / 1e6

    def _watch(self) -> None:
        while not self._ended.wait(0.2):
            self._peak = max(self._peak, _resident_of_children())


def _resident_of_children() -> int:
    parents: dict[int, int] = {}
    resident: dict[int, int] = {}
    for entry in Path("/proc").iterdir():
        if not entry.name.isdigit():
            continue
        try:
            fields = (entry / "stat").read_text().rpartition(")")[2].split()
        except OSError:
            continue
        parents[int(entry.name)] = int(fields[1])
        resident[int(entry.name)] = int(fields[21]) * 4096
    own = int(Path("/proc/self").readlink().name)
    return sum(size for pid, size in resident.items() if _descends(pid, own, parents))


def _descends(pid: int, ancestor: int, parents: dict[int, int]) -> bool:
    while pid in parents:
        pid = parents[pid]
        if pid == ancestor:
            return True
    return False
