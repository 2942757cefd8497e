"""`cameo keys`, and keys and sessions over HTTP, against a real service."""

from __future__ import annotations

import json
import stat
from collections.abc import Iterator
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from cameo.cli.client import Client
from cameo.cli.errors import ProblemError
from cameo.cli.keys import keys
from consent.evidence import key_id, public_half
from tests.integration.harness import AIKO, Account, Server
from tests.passkey import Authenticator, Faults

pytestmark = [pytest.mark.slow, pytest.mark.xdist_group("keys")]


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    started = Server(tmp_path_factory.mktemp("keys") / "home", CAMEO_WORKERS="0")
    started.start()
    yield started
    started.stop()


class Shell:
    """The command line of one person."""

    def __init__(self, account: Account, folder: Path) -> None:
        self.account = account
        self.folder = folder

    def run(self, *words: str) -> Result:
        return CliRunner().invoke(keys, words)

    def json(self, *words: str) -> dict:
        done = self.run(*words, "--json")
        assert done.exit_code == 0, (done.output, done.exception)
        return json.loads(done.stdout)

    def refused(self, *words: str) -> str:
        done = self.run(*words)
        assert isinstance(done.exception, ProblemError), done.output
        return str(done.exception)

    def file(self, name: str) -> str:
        return str(self.folder / name)


@pytest.fixture
def shell(
    server: Server,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    request: pytest.FixtureRequest,
) -> Shell:
    handle = f"k{abs(hash(request.node.nodeid)) % 10**10}"
    account = Account(server.url, AIKO, handle=handle)
    monkeypatch.setenv("CAMEO_URL", server.url)
    monkeypatch.setenv("CAMEO_API_KEY", account.api_key)
    return Shell(account, tmp_path)


def test_a_first_key_and_a_further_one(shell: Shell):
    first, second = shell.file("a.pem"), shell.file("b.pem")
    made = shell.json("new", first, "--label", "laptop")
    assert (made["status"], made["label"]) == ("active", "laptop")
    assert made["id"] == key_id(public_half(Path(first).read_bytes()))
    assert stat.S_IMODE(Path(first).stat().st_mode) == 0o600
    told = shell.refused("new", second)
    assert "key.exists" in told
    assert "cameo keys add" in told
    assert not Path(second).exists()
    shell.json("new", second, "--no-register")
    asked = shell.run("add", second, "--key", first)  # nobody says yes
    assert asked.exit_code != 0
    assert "Another key: you let one more key sign for you" in asked.output
    added = shell.json("add", second, "--key", first, "--yes", "--lang", "ja")
    assert (added["how"], added["status"]) == ("added", "active")
    assert [key["id"] for key in shell.json("list")["data"]] == [made["id"], added["id"]]
    assert "added  active" in shell.run("list").output


def test_a_key_file_that_was_made_before_is_registered(shell: Shell):
    path = shell.file("a.pem")
    assert "not registered" in shell.run("new", path, "--no-register").output
    assert shell.json("register", path)["how"] == "first"


def test_recovering_cancelling_and_revoking(shell: Shell):
    old, new = shell.file("a.pem"), shell.file("b.pem")
    shell.json("new", new, "--no-register")
    assert "key.none" in shell.refused("recover", new)
    first = shell.json("new", old)
    text = shell.run("recover", new).output
    waiting = shell.json("list")["data"][1]
    assert waiting["status"] == "waiting"
    assert f"cameo keys cancel {waiting['id']}" in text
    assert "cameo keys cancel KEY_ID" in shell.refused("recover", old)
    assert shell.json("cancel", waiting["id"])["status"] == "revoked"
    assert "key.not_pending" in shell.refused("cancel", waiting["id"])
    assert shell.json("revoke", first["id"])["status"] == "revoked"
    assert "request.not_found" in shell.refused("revoke", "key_of_nobody")


def test_files_that_are_no_keys(shell: Shell, tmp_path: Path):
    text = tmp_path / "notes.pem"
    text.write_text("no key")
    done = shell.run("register", str(text))
    assert getattr(done.exception, "code", None) == "consent.unreadable_key"
    assert shell.run("new", str(text)).exit_code == 2  # a key file is never overwritten
    assert text.read_text() == "no key"


# -- over HTTP -------------------------------------------------------------------------------------


def passkey(server: Server) -> Authenticator:
    return Authenticator(origin=f"http://localhost:{server.port}")


def register(account: Account, device: Authenticator, faults: Faults | None = None) -> dict:
    options = account.api.post("/v1/keys/challenge")["publicKey"]
    assert (options["attestation"], options["rp"]["id"]) == ("none", "localhost")
    assert options["authenticatorSelection"]["userVerification"] == "required"
    credential = device.create(options, faults or Faults())
    return account.api.post("/v1/keys", {"type": "webauthn", "credential": credential})


def signed_in(server: Server, device: Authenticator, **changes: object) -> dict:
    anonymous = Client(server.url)
    try:
        options = anonymous.post("/v1/sessions/challenge")["publicKey"]
        given = device.get(options)
        given["response"].update(changes)
        return anonymous.post("/v1/sessions", {"credential": given})
    finally:
        anonymous.close()


def problem(status: int, code: str, call) -> None:
    with pytest.raises(ProblemError) as caught:
        call()
    assert (caught.value.status, caught.value.code) == (status, code)


def test_a_session_of_a_passkey(server: Server, shell: Shell):
    account, device = shell.account, passkey(server)
    made = register(account, device)
    assert (made["id"], made["status"], made["rp_id"]) == (device.key_id, "active", "localhost")
    opened = signed_in(server, device)
    session = Client(server.url, opened["token"])
    assert session.get("/v1/people/me")["handle"] == account.handle
    problem(403, "session.passkey_required", lambda: account.api.post("/v1/people/me/api-key"))
    changed = session.post("/v1/people/me/api-key")
    problem(401, "auth.required", lambda: account.api.get("/v1/people/me"))
    newer = Client(server.url, changed["api_key"])
    assert newer.get("/v1/keys")["data"][0]["credential_id"] == made["credential_id"]
    assert newer.delete("/v1/sessions/current") == {"ended": False}
    assert session.delete("/v1/sessions/current") == {"ended": True}
    problem(401, "auth.required", lambda: session.get("/v1/people/me"))
    session.close()
    newer.close()


def test_what_is_refused_by_its_status(server: Server, shell: Shell):
    account, device = shell.account, passkey(server)
    for faults, code in (
        (Faults(verified=False), "consent.user_not_verified"),
        (Faults(origin="https://evil.example"), "consent.wrong_origin"),
        (Faults(members={"crossOrigin": True}), "consent.cross_origin"),
    ):
        problem(422, code, lambda faults=faults: register(account, device, faults))
    problem(
        409, "session.challenge", lambda: register(account, device, Faults(challenge=bytes(32)))
    )
    problem(401, "session.refused", lambda: signed_in(server, device))
    register(account, device)
    problem(422, "request.invalid", lambda: signed_in(server, device, signature="!"))
    problem(422, "request.invalid", lambda: signed_in(server, device, signature="A" * 6001))
    problem(422, "consent.bad_signature", lambda: signed_in(server, device, signature="AAAA"))
    problem(401, "session.refused", lambda: signed_in(server, device, userHandle=""))
    problem(409, "key.exists", lambda: register(account, passkey(server)))
    unknown = {"type": "rsa", "public_key": "AA=="}
    problem(422, "request.invalid", lambda: account.api.post("/v1/keys", unknown))
