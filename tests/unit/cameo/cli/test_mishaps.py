"""What goes wrong at the command line: lost answers, full disks, ids that lead elsewhere."""

from __future__ import annotations

import errno
import json
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import click
import httpx
import pytest
from click.testing import CliRunner

from cameo.cli import agreements, keys, main, videos
from cameo.cli.client import Client
from cameo.cli.errors import PathError, ProblemError, UnreachableError
from cameo.settings import SettingsError

PROMISE = "the signed promise"


class Service:
    """Answers every call with one thing: a document, or an error."""

    def __init__(self, answer: dict[str, Any] | BaseException) -> None:
        self.answer = answer
        self.called: list[str] = []

    def post(self, path: str, _body: Any = None) -> dict[str, Any]:
        self.called.append(path)
        if isinstance(self.answer, BaseException):
            raise self.answer
        return self.answer


def invoke(
    monkeypatch: pytest.MonkeyPatch,
    module: Any,
    command: click.Command,
    service: Service,
    *words: Any,
) -> Any:
    @contextmanager
    def client() -> Iterator[Service]:
        yield service

    monkeypatch.setattr(module, "client", client)
    return CliRunner().invoke(command, [str(word) for word in words])


def withdrawal() -> Service:
    done = {"id": "cns_1", "already": False, "withdrawn": ["clip_1"], "stopped": []}
    return Service({**done, "promise": PROMISE})


def over(answer: Callable[[httpx.Request], httpx.Response]) -> Client:
    """A client whose requests end in a function."""
    client = Client("http://cameo.test", "key")
    client.close()
    client._http = httpx.Client(base_url="http://cameo.test", transport=httpx.MockTransport(answer))
    return client


def end(monkeypatch: pytest.MonkeyPatch, error: BaseException, *words: str) -> int:
    def fail(**_: Any) -> None:
        raise error

    monkeypatch.setattr(main.cameo, "main", fail)
    monkeypatch.setattr(sys, "argv", ["cameo", *words])
    with pytest.raises(SystemExit) as ended:
        main.run()
    assert isinstance(ended.value.code, int)
    return ended.value.code


@pytest.mark.parametrize(
    "lost",
    [
        UnreachableError("http://cameo.test"),
        ProblemError(503, {"code": "request.failed"}),
        ProblemError(200, {"code": "request.failed"}),
        KeyboardInterrupt(),
    ],
    ids=lambda error: type(error).__name__,
)
def test_a_key_whose_registration_was_not_answered_is_kept(monkeypatch, tmp_path, lost):
    out = tmp_path / "my key.pem"
    done = invoke(monkeypatch, keys, keys.keys, Service(lost), "new", out)
    assert done.exit_code != 0
    assert out.read_bytes().startswith(b"-----BEGIN")
    assert f"{out} is kept" in done.stderr
    assert f"cameo keys register '{out}'" in done.stderr


def test_a_key_that_was_refused_leaves_no_file(monkeypatch, tmp_path):
    refused = Service(ProblemError(409, {"code": "key.exists"}))
    out = tmp_path / "key.pem"
    done = invoke(monkeypatch, keys, keys.keys, refused, "new", out)
    assert isinstance(done.exception, ProblemError)
    assert not out.exists()
    assert "is kept" not in done.stderr


def test_a_key_that_was_registered_or_never_sent_stays(monkeypatch, tmp_path):
    service = Service({"id": "key_1"})
    done = invoke(monkeypatch, keys, keys.keys, service, "new", tmp_path / "a.pem")
    assert (done.exit_code, service.called) == (0, ["/v1/keys"])
    options = ("new", tmp_path / "b.pem", "--no-register")
    assert invoke(monkeypatch, keys, keys.keys, service, *options).exit_code == 0
    assert (tmp_path / "a.pem").exists()
    assert (tmp_path / "b.pem").exists()
    assert service.called == ["/v1/keys"]


def test_a_promise_without_a_place_withdraws_nothing(monkeypatch, tmp_path):
    (tmp_path / "there").write_text("an earlier promise")
    for place in (tmp_path / "none" / "promise", tmp_path / "there", tmp_path):
        service = withdrawal()
        words = ("revoke", "cns_1", "--promise", place)
        done = invoke(monkeypatch, agreements, agreements.consent, service, *words)
        assert (done.exit_code, service.called) == (2, [])
    assert (tmp_path / "there").read_text() == "an earlier promise"


@pytest.mark.parametrize("as_json", [(), ("--json",)], ids=["text", "json"])
def test_a_promise_that_cannot_be_written_is_printed(monkeypatch, tmp_path, as_json):
    def full(*_: Any, **__: Any) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(Path, "write_text", full)
    words = ("revoke", "cns_1", "--promise", tmp_path / "promise", *as_json)
    done = invoke(monkeypatch, agreements, agreements.consent, withdrawal(), *words)
    assert done.exit_code == 1
    assert PROMISE in done.stdout
    assert "output.unwritable" in done.stderr
    assert "No space left on device; it was withdrawn" in done.stderr


def test_a_promise_is_written_and_said(monkeypatch, tmp_path):
    words = ("revoke", "gnt_1", "--promise", tmp_path / "promise")
    done = invoke(monkeypatch, agreements, agreements.grant, withdrawal(), *words)
    assert done.exit_code == 0
    assert (tmp_path / "promise").read_text() == PROMISE
    assert f"{tmp_path / 'promise'}: the signed promise" in done.stdout


def test_a_promise_that_was_not_given_is_not_said_to_be_kept(monkeypatch, tmp_path):
    ended = {"id": "cns_1", "already": True, "withdrawn": [], "stopped": [], "promise": None}
    words = ("revoke", "cns_1", "--promise", tmp_path / "promise")
    done = invoke(monkeypatch, agreements, agreements.consent, Service(ended), *words)
    assert done.stdout == "cns_1: had ended before\n"


@pytest.mark.parametrize("error", [PermissionError, FileNotFoundError, IsADirectoryError])
def test_a_file_that_fails_is_named(monkeypatch, capsys, error):
    assert end(monkeypatch, error(errno.EACCES, "the reason", "/a/file")) == 1
    assert "file.unusable: /a/file: the reason" in capsys.readouterr().err


def test_a_full_disk_is_no_internal_error_and_a_strange_failure_is_one(monkeypatch, capsys):
    assert end(monkeypatch, OSError(errno.ENOSPC, "No space left on device")) == 1
    assert "file.unusable: No space left on device" in capsys.readouterr().err
    assert end(monkeypatch, OSError(errno.EBADF, "Bad file descriptor")) == 70
    assert "internal.error" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("error", "code", "rc"),
    [
        (ProblemError(404, {"code": "video.none", "detail": "it: is not there"}), "video.none", 1),
        (click.ClickException("nothing was signed"), None, 1),
        (click.UsageError("no such option"), "usage.invalid", 64),
        (SettingsError("CAMEO_PORT: no number"), "settings.invalid", 64),
        (OSError(errno.EACCES, "the reason", "/a/file"), "file.unusable", 1),
        (ZeroDivisionError("x"), "internal.error", 70),
    ],
    ids=str,
)
def test_an_error_for_a_program_is_one_line_of_json(monkeypatch, capsys, error, code, rc):
    assert end(monkeypatch, error, "video", "list", "--json") == rc
    out, err = capsys.readouterr()
    assert out == ""
    assert json.loads(err)["error"]["code"] == code


@pytest.mark.parametrize("seconds", ["nan", "inf", "-inf"])
def test_a_length_that_is_no_number_is_refused(monkeypatch, seconds):
    service = Service({})
    words = ("create", "a shore", "--seconds", seconds)
    done = invoke(monkeypatch, videos, videos.video, service, *words)
    assert (done.exit_code, service.called) == (2, [])
    assert f"{seconds} is no length" in done.stderr


@pytest.mark.parametrize("bad", ["", ".", "..", "../people/me", "a?b", "a#b", "a%2e", "é", "a b"])
def test_an_id_that_leads_elsewhere_is_never_sent(monkeypatch, tmp_path, bad):
    client = over(lambda _request: pytest.fail("it was sent"))
    with pytest.raises(PathError):
        client.get(f"/v1/videos/{bad}")
    with pytest.raises(PathError):
        client.download(f"/v1/videos/{bad}/content", tmp_path / "out")
    service = Service({})
    assert invoke(monkeypatch, videos, videos.video, service, "get", bad).exit_code == 2


def test_an_id_with_a_slash_deletes_nothing_else(monkeypatch):
    service = Service({})
    words = ("delete", "clip_1/publish")
    assert invoke(monkeypatch, videos, videos.video, service, *words).exit_code == 2


@pytest.mark.parametrize("part", ["clip_1", "@aiko", "aiko.b-c_d", "key_0af"])
def test_what_the_service_gives_out_is_sent(part):
    assert over(lambda request: httpx.Response(200, json={"at": request.url.path})).get(
        f"/v1/videos/{part}"
    ) == {"at": f"/v1/videos/{part}"}


@pytest.mark.parametrize(
    ("answer", "said"),
    [
        (httpx.Response(307, headers={"location": "/v1/videos"}), "307 on to /v1/videos"),
        (httpx.Response(200, text="<html>"), "answered 200"),
        (httpx.Response(200, json=["a"]), "answered 200"),
        (httpx.Response(502, text="bad gateway"), "bad gateway"),
        (httpx.Response(502, json=["a"]), "request.failed"),
    ],
    ids=["moved", "html", "list", "gateway", "gateway-list"],
)
def test_an_answer_that_is_not_the_services_is_a_problem(answer, said):
    with pytest.raises(ProblemError, match=r"request\.failed") as problem:
        over(lambda _request: answer).get("/v1/videos")
    assert said in str(problem.value)


def test_a_download_follows_nowhere(tmp_path):
    moved = httpx.Response(302, headers={"location": "http://elsewhere.test"})
    with pytest.raises(ProblemError, match=r"http://elsewhere\.test"):
        over(lambda _request: moved).download("/v1/videos/clip_1/content", tmp_path / "out")
    assert list(tmp_path.iterdir()) == []


def test_an_api_key_is_stripped_or_refused():
    client = Client("http://cameo.test\n", " secret\n")
    assert client.api_key == "secret"
    client.close()
    for bad in ("sec\nret", "secret\u201d", "sec\x00ret"):
        with pytest.raises(SettingsError, match="CAMEO_API_KEY") as refused:
            Client("http://cameo.test", bad)
        assert "sec" not in str(refused.value)
    with pytest.raises(SettingsError, match="CAMEO_URL"):
        Client("http://cameo.test:port", "secret")
