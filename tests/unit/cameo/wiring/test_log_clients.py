"""The two clients of the log's protocols: bounded, and never with another error than their own."""

from __future__ import annotations

import httpx
import pytest

from cameo.flows.errors import WitnessUnreachableError
from cameo.wiring.log_reader import HttpLog, LogUnreachableError
from cameo.wiring.witness_client import HttpWitnesses
from provenance.log.tiles import MAX_BUNDLE_BYTES


def endless(_request: httpx.Request) -> httpx.Response:
    def body():
        while True:
            yield b"x" * 65536

    return httpx.Response(200, content=body())


def refusing(_request: httpx.Request) -> httpx.Response:
    raise httpx.ConnectError("refused")


def slow(_request: httpx.Request) -> httpx.Response:
    raise httpx.ReadTimeout("too late")


def breaking(_request: httpx.Request) -> httpx.Response:
    def body():
        yield b"half"
        raise httpx.RemoteProtocolError("gone")

    return httpx.Response(200, content=body())


def log(handler) -> HttpLog:
    return HttpLog("http://service/", transport=httpx.MockTransport(handler))


def pages(*answers):
    left = list(answers)
    return lambda _: httpx.Response(200, json=left.pop(0))


@pytest.mark.parametrize("handler", [endless, refusing, slow, breaking])
def test_a_witness_that_does_not_answer_well(handler):
    client = HttpWitnesses(transport=httpx.MockTransport(handler))
    with pytest.raises(WitnessUnreachableError):
        client.add_checkpoint("http://witness", "old 0\n\n")
    client.close()


@pytest.mark.parametrize("url", ["http://", "http://witness:port", "http://\x00"])
def test_an_address_that_is_none(url):
    client = HttpWitnesses(transport=httpx.MockTransport(refusing))
    with pytest.raises(WitnessUnreachableError):
        client.add_checkpoint(url, "old 0\n\n")
    client.close()


def test_what_a_witness_answers_is_handed_on():
    def answer(request: httpx.Request) -> httpx.Response:
        assert (request.method, str(request.url)) == ("POST", "http://witness/w/add-checkpoint")
        assert request.content == b"old 0\n\n"
        return httpx.Response(409, content=b"\xff7\n", headers={"content-type": "text/x.tlog.size"})

    client = HttpWitnesses(transport=httpx.MockTransport(answer))
    found = client.add_checkpoint("http://witness/w/", "old 0\n\n")
    assert (found.status, found.body, found.content_type) == (409, "\ufffd7\n", "text/x.tlog.size")
    client.close()


def test_a_redirection_is_not_followed():
    def answer(request: httpx.Request) -> httpx.Response:
        assert request.url.host == "witness"
        return httpx.Response(307, headers={"location": "http://elsewhere/add-checkpoint"})

    client = HttpWitnesses(transport=httpx.MockTransport(answer))
    assert client.add_checkpoint("http://witness", "").status == 307
    client.close()


@pytest.mark.parametrize("handler", [endless, refusing, slow, breaking])
@pytest.mark.parametrize("ask", ["checkpoint", "cosigned", "fetch"])
def test_a_log_that_does_not_answer_well(handler, ask):
    reader = log(handler)
    with pytest.raises(LogUnreachableError):
        getattr(reader, ask)(*(["tile/0/000"] if ask == "fetch" else []))
    reader.close()


def test_a_bundle_has_a_bound():
    reader = log(lambda _: httpx.Response(200, content=b"x" * (MAX_BUNDLE_BYTES + 1)))
    with pytest.raises(LogUnreachableError, match="too large"):
        reader.fetch("tile/entries/000")
    reader.close()


def test_paths_are_under_the_log_s_prefix():
    def answer(request: httpx.Request) -> httpx.Response:
        return httpx.Response(200, text=str(request.url))

    reader = log(answer)
    assert reader.fetch("tile/0/000") == b"http://service/v1/log/tile/0/000"
    assert reader.checkpoint() == "http://service/v1/log/checkpoint"
    reader.close()


def test_a_log_without_a_cosigned_head_says_so():
    reader = log(lambda _: httpx.Response(404))
    assert reader.cosigned() is None
    with pytest.raises(LogUnreachableError):
        reader.checkpoint()
    reader.close()
    reader = log(lambda _: httpx.Response(500))
    with pytest.raises(LogUnreachableError):
        reader.cosigned()
    reader.close()


def test_a_head_that_is_no_text():
    reader = log(lambda _: httpx.Response(200, content=b"\xff"))
    with pytest.raises(LogUnreachableError):
        reader.checkpoint()
    reader.close()


def test_own_entries_are_gathered_over_pages():
    first = {"person": "p", "entries": [{"index": 0}], "next": 1}
    last = {"person": "p", "entries": [{"index": 4}], "next": None}
    reader = log(pages(first, last))
    assert reader.mine("key")["entries"] == [{"index": 0}, {"index": 4}]
    reader.close()


@pytest.mark.parametrize(
    "answer",
    [[], {}, {"entries": []}, {"entries": [], "next": 0}, {"entries": [], "next": "x"}, "x"],
    ids=str,
)
def test_pages_that_never_end_or_are_none(answer):
    reader = log(lambda _: httpx.Response(200, json=answer))
    with pytest.raises(LogUnreachableError):
        reader.mine("key")
    reader.close()
