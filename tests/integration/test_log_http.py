"""The log as strangers see it: a running service, its witnesses, and a monitor outside of it."""

from __future__ import annotations

import json
import socket
import time
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest
from click.testing import CliRunner

from cameo.cli.main import cameo
from cameo.settings import Settings
from cameo.store.records import PersonRecord
from cameo.wiring.service import Service, open_service
from provenance.log.checkpoint import open_checkpoint
from provenance.log.cosignature import Cosigner, verify_cosignature
from provenance.log.merkle import leaf_hash
from provenance.log.tiles import decode_bundle
from tests.integration.harness import Server
from tests.integration.test_witness import Process

pytestmark = pytest.mark.slow


@dataclass
class Town:
    """A service in a process of its own, and the same home opened here to put things into it."""

    service: Service
    server: Server
    witness: Process
    silent: Cosigner
    hole: socket.socket
    folder: Path

    @property
    def vkey(self) -> str:
        return self.service.ledger.vkey

    def record(self, kind: str, ref: str, *people: PersonRecord, **private: Any) -> bytes:
        ledger = self.service.ledger
        with ledger.db.transaction() as tx:
            return ledger.record(
                tx,
                kind=kind,  # type: ignore[arg-type]
                ref=ref,
                private={"ref": ref, **private},
                at=tx.now(),
                people=people,
            )

    def size(self) -> int:
        answer = self.get("/checkpoint")
        return open_checkpoint(answer.text, self.vkey).size if answer.status_code == 200 else 0

    def grown(self, size: int) -> None:
        """Wait until the log shows this many leaves."""
        deadline = time.monotonic() + 60
        while self.size() < size:
            assert time.monotonic() < deadline
            time.sleep(0.05)

    def get(self, path: str, api_key: str | None = None) -> httpx.Response:
        headers = {} if api_key is None else {"Authorization": f"Bearer {api_key}"}
        return httpx.get(f"{self.server.url}/v1/log{path}", headers=headers, timeout=60)

    def person(self, handle: str) -> tuple[PersonRecord, str]:
        return self.service.accounts.sign_up(handle=handle, display_name="Somebody", adult=True)

    def monitor(self, state: str, *options: str, api_key: str = "") -> tuple[int, dict[str, Any]]:
        command = ["log", "monitor", self.server.url, "--key", self.vkey, "--json"]
        options = ("--state", str(self.folder / state), *options)
        environment = {"CAMEO_API_KEY": api_key} if api_key else {}
        done = CliRunner().invoke(cameo, [*command, *options], env=environment)
        assert done.exit_code in (0, 1), (done.output, done.exception)
        return done.exit_code, json.loads(done.stdout)


@pytest.fixture(scope="module")
def town(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Town]:
    folder = tmp_path_factory.mktemp("town")
    service = open_service(Settings(home=folder / "home", min_assurance=0))
    witness = Process(folder / "witness", log=service.ledger.vkey)
    witness.start()
    silent = Cosigner("silent.example/w", b"q" * 32)
    # Takes connections and never says a word.
    hole = socket.create_server(("127.0.0.1", 0), backlog=64)
    hole.settimeout(60)
    server = Server(
        folder / "home",
        CAMEO_WITNESSES=f"http://127.0.0.1:{hole.getsockname()[1]} {silent.vkey}, "
        f"{witness.url} {witness.vkey}",
    )
    server.start()
    town = Town(
        service=service, server=server, witness=witness, silent=silent, hole=hole, folder=folder
    )
    town.record("stamp", "the_first")
    town.grown(1)
    yield town
    server.stop()
    witness.end()
    hole.close()
    service.close()


def is_open(connection: socket.socket) -> bool:
    """Whether the other side, which asked something, still waits for an answer."""
    connection.setblocking(False)
    try:
        while connection.recv(65536):
            pass
    except BlockingIOError:
        return True
    return False


def codes(report: dict[str, Any]) -> list[tuple[str, int | None]]:
    assert all(finding["text"] for finding in report["findings"])
    return [(finding["code"], finding["index"]) for finding in report["findings"]]


def test_a_silent_witness_keeps_neither_the_log_nor_the_other_witness(town: Town):
    size = town.size()
    town.record("stamp", "first")
    deadline = time.monotonic() + 120
    # The head grows while the silent witness is being waited for: the connection to it, on which
    # it was asked, is still open afterwards. (One that was given up before it was taken is not.)
    while True:
        assert time.monotonic() < deadline
        asked, _ = town.hole.accept()
        with asked:
            size += 1
            town.record("stamp", f"clip_{size}")
            town.grown(size + 1)
            if is_open(asked):
                break
    while town.get("/cosigned").status_code != 200 or (
        open_checkpoint(town.get("/cosigned").text, town.vkey).size < size + 1
    ):
        assert time.monotonic() < deadline
        time.sleep(0.1)
    note = town.get("/cosigned").text
    assert verify_cosignature(note, town.witness.vkey).checkpoint.size == size + 1
    assert town.get("/checkpoint").text == note


def test_the_log_is_read_as_static_files(town: Town):
    begin = town.size()
    bodies = [town.record("stamp", f"tile_{n}") for n in range(260)]
    town.grown(begin + 260)
    note = town.get("/checkpoint")
    assert note.headers["content-type"] == "text/plain; charset=utf-8"
    assert note.headers["cache-control"] == "no-store"
    size = open_checkpoint(note.text, town.vkey).size
    full = town.get("/tile/0/000")
    assert full.headers["content-type"] == "application/octet-stream"
    assert "immutable" in full.headers["cache-control"]
    assert len(full.content) == 8192
    partial = town.get(f"/tile/0/001.p/{size - 256}")
    assert partial.headers["cache-control"] == "no-store"
    leaves = full.content + partial.content
    assert leaf_hash(bodies[-1]) == leaves[-32:]
    bundle = town.get("/tile/entries/000")
    assert "immutable" in bundle.headers["cache-control"]
    hashes = b"".join(map(leaf_hash, decode_bundle(bundle.content, 256)))
    assert hashes == full.content
    for path in ("/tile/0/0", "/tile/0/002", "/tile/9/000", "/tile/0/000.p/256", "/tile/..%2f"):
        assert town.get(path).status_code == 404


def test_proofs_and_keys_are_served(town: Town):
    begin = town.size()
    town.record("stamp", "clip_stamped")
    town.record("release", "clip_released")
    town.grown(begin + 2)
    size = town.size()
    answer = town.get(f"/consistency?from=1&to={size}").json()
    assert (answer["from"], answer["to"], bool(answer["hashes"])) == (1, size, True)
    assert town.get(f"/consistency?from=1&to={size + 1000}").status_code == 404
    assert town.get("/consistency?from=2&to=1").status_code == 422
    assert town.get("/consistency?from=-1&to=1").status_code == 422
    assert town.get("/proof/clip_released").text.startswith("c2sp.org/tlog-proof@v1\n")
    assert town.get("/proof/clip_unknown").status_code == 404
    assert town.get("/key").text == town.vkey
    keys = town.get("/keys").json()
    assert keys["log"] == town.vkey
    assert keys["promises"].startswith("cameo.local/log/promises+")
    assert [each["key"] for each in keys["witnesses"]] == [town.silent.vkey, town.witness.vkey]
    assert len(town.get("/entries?start=0&limit=2").json()["data"]) == 2


def test_a_monitor_reads_on_and_finds_a_stale_release(town: Town):
    alice, _ = town.person("alice")
    begin = town.size()
    for kind in ("key", "consent"):
        town.record(kind, f"{kind}_of_alice", alice)
    town.grown(begin + 2)
    _, first = town.monitor("stale")
    assert not {"log.stale_epoch", "log.second_view"} & {code for code, _ in codes(first)}
    town.record("restrict", alice.id, replace(alice, epoch=1), act="pause", by=alice.id)
    town.record("release", "clip_stale", alice)
    town.grown(first["size"] + 2)
    code, second = town.monitor("stale")
    assert (code, second["new"]) == (1, 2)
    assert codes(second)[-1] == ("log.stale_epoch", first["size"] + 1)
    # What was found stays found.
    code, third = town.monitor("stale")
    assert (code, third["new"], codes(third)) == (1, 0, codes(second))


def test_who_used_my_key(town: Town):
    bob, api_key = town.person("bobby")
    begin = town.size()
    town.record("key", "key_1", bob, key_id="key_1")
    town.record("consent", "cns_1", bob)
    town.record("release", "clip_of_bob", bob, clip="clip_of_bob")
    town.grown(begin + 3)
    code, report = town.monitor("mine", "--mine", "--known-key", "key_1", api_key=api_key)
    mine = report["mine"]
    assert [finding for finding in report["findings"] if finding["ref"] == mine["person_ref"]] == []
    assert [(entry["index"], entry["type"]) for entry in mine["entries"]] == [
        (begin, "key"),
        (begin + 1, "consent"),
        (begin + 2, "release"),
    ]
    assert mine["entries"][2]["private"]["clip"] == "clip_of_bob"
    # A key that the service registered in the person's name.
    town.record("key", "key_2", bob, key_id="key_2")
    town.grown(begin + 4)
    code, report = town.monitor("mine", "--mine", "--known-key", "key_1", api_key=api_key)
    assert code == 1
    assert ("log.unknown_key", begin + 3) in codes(report)
    # Erased: the entries stay and open no more; without an erasure in the log that is a finding.
    with town.service.db.transaction() as tx:
        assert tx.log.forget_openings(["cns_1"]) == 1
    options = ("--mine", "--known-key", "key_1", "--known-key", "key_2")
    code, report = town.monitor("mine", *options, api_key=api_key)
    assert codes(report)[-1] == ("log.not_opened", begin + 1)
    town.record("erase", "erasure_1", replace(bob, epoch=1))
    town.grown(begin + 5)
    code, report = town.monitor("mine", *options, api_key=api_key)
    assert ("log.not_opened", begin + 1) not in codes(report)
    assert [entry["private"] is None for entry in report["mine"]["entries"]] == [
        False,
        True,
        False,
        False,
        False,
    ]


def test_only_i_am_told_what_opens_my_entries(town: Town):
    assert town.get("/mine").status_code == 401
    _, api_key = town.person("carol")
    answer = town.get("/mine", api_key).json()
    assert (answer["entries"], answer["next"]) == ([], None)


def test_a_promise_that_was_broken_and_one_that_was_kept(town: Town):
    ledger = town.service.ledger
    begin = town.size()
    kept = town.record("revoke", "cns_kept", town.person("dana")[0])
    town.grown(begin + 1)
    with ledger.db.reading() as tx:
        past = tx.now() - timedelta(minutes=1)
    files = []
    for name, body in (("kept", kept), ("broken", b"was never logged")):
        file = town.folder / f"{name}.note"
        file.write_text(ledger.promise(body, past, timedelta(seconds=5)), "utf-8")
        files.append(file)
    key = town.get("/keys").json()["promises"]
    options = ("--promise-key", key)
    _, report = town.monitor("promises", "--promise", str(files[0]), *options)
    assert "log.broken_promise" not in [code for code, _ in codes(report)]
    code, report = town.monitor("promises", "--promise", str(files[1]), *options)
    assert code == 1
    (broken,) = [f for f in report["findings"] if f["code"] == "log.broken_promise"]
    assert broken["notes"] == [files[1].read_text("utf-8")]


def test_a_monitor_asks_for_witnesses(town: Town):
    begin = town.size()
    town.record("stamp", "to_be_witnessed")
    town.grown(begin + 1)
    deadline = time.monotonic() + 90
    while town.get("/cosigned").status_code != 200:
        assert time.monotonic() < deadline
        time.sleep(0.1)
    _, report = town.monitor("witnessed", "--witness", town.witness.vkey)
    assert "log.not_cosigned" not in [code for code, _ in codes(report)]
    code, report = town.monitor("witnessed", "--witness", town.silent.vkey)
    assert code == 1
    assert codes(report)[-1] == ("log.not_cosigned", None)


def test_a_second_view_is_found_by_whoever_saw_the_first(town: Town):
    """The operator shows this monitor another history under the same key."""
    town.monitor("views")
    begin = town.size()
    shown = json.loads((town.folder / "views").read_text("utf-8"))
    other = open_service(Settings(home=town.folder / "home"))
    forged = {**shown, "note": _forged(other, begin)}
    (town.folder / "views").write_text(json.dumps(forged), "utf-8")
    code, report = town.monitor("views")
    other.close()
    assert code == 1
    assert codes(report)[-1][0] == "log.second_view"
    assert len(report["findings"][-1]["notes"]) == 2


def _forged(service: Service, size: int) -> str:
    """A head of the same size over other leaves, signed with the log's own key."""
    from provenance.log.checkpoint import Checkpoint, sign_checkpoint

    signer = service.ledger.signer
    return sign_checkpoint(Checkpoint(origin=signer.name, size=size, root=b"z" * 32), signer)


@pytest.mark.parametrize(
    ("fault", "options"),
    [
        ("key_of_another_kind", ["--key", "x+1+A", "--state", "s"]),
        ("promise_without_its_key", ["--promise", "nothing"]),
        ("no_such_folder", ["--state", "/nowhere/at/all"]),
        ("mine_without_an_account", ["--mine"]),
    ],
)
def test_usage_errors(town: Town, fault: str, options: list[str]):
    given = ["log", "monitor", town.server.url]
    if "--key" not in options:
        given += ["--key", town.vkey]
    if "--state" not in options:
        given += ["--state", str(town.folder / "usage")]
    done = CliRunner().invoke(cameo, [*given, *options], env={"CAMEO_API_KEY": None})
    assert done.exit_code == 2, done.output
    assert not (town.folder / "usage").exists()


def test_a_service_that_does_not_answer_is_not_a_good_log(town: Town):
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        url = f"http://127.0.0.1:{probe.getsockname()[1]}"
    state = town.folder / "unreachable"
    command = ["log", "monitor", url, "--key", town.vkey, "--state", str(state), "--json"]
    done = CliRunner().invoke(cameo, command)
    assert (done.exit_code, done.stdout) == (2, "")
    assert "log.unreachable" in done.stderr
    assert not state.exists()


def test_another_key_is_a_finding(town: Town):
    key = town.get("/keys").json()["promises"]
    command = ["log", "monitor", town.server.url, "--key", key, "--state"]
    done = CliRunner().invoke(cameo, [*command, str(town.folder / "wrong")])
    assert done.exit_code == 1
    assert "FOUND log.bad_note_signature" in done.stdout
