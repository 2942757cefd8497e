"""The page in a real browser, with a virtual authenticator, against a real service."""

from __future__ import annotations

import base64
import json
import threading
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import httpx
import pytest
from playwright.sync_api import (
    Browser,
    Playwright,
    Route,
    expect,
    sync_playwright,
)

from consent.documents import parse
from consent.evidence import evidence_from_json, verify_evidence
from consent.registration import parse_registration, registered_key
from tests.integration.browser import (
    Visitor,
    arrived,
    ask_consent,
    enrolled,
    expect_error,
    joined,
    launched,
)
from tests.integration.harness import Server

pytestmark = [pytest.mark.slow, pytest.mark.xdist_group("browser")]


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    started = Server(tmp_path_factory.mktemp("page") / "home", CAMEO_WORKERS="0")
    started.start()
    yield started
    started.stop()


@pytest.fixture(scope="module")
def site(server: Server) -> str:
    """Passkeys are for a name, not for an address."""
    return f"http://localhost:{server.port}"


@pytest.fixture(scope="module")
def driver() -> Iterator[Playwright]:
    with sync_playwright() as running:
        yield running


@pytest.fixture(scope="module")
def browser(driver: Playwright) -> Iterator[Browser]:
    opened = launched(driver)
    yield opened
    opened.close()


@pytest.fixture
def visit(browser: Browser, site: str) -> Iterator[Callable[..., Visitor]]:
    opened: list[Visitor] = []

    def visitor(**options: Any) -> Visitor:
        opened.append(arrived(browser, site, **options))
        return opened[-1]

    yield visitor
    for each in opened:
        each.context.close()


def test_the_whole_way(visit: Callable[..., Visitor], server: Server, site: str):
    visitor = visit()
    page = visitor.page
    api_key = joined(visitor, "alice")
    enrolled(server, "alice")

    # A session of the passkey's own, from another visit on.
    visitor.press("Sign out")
    visitor.press("Sign in with a passkey")
    expect(page.locator("#handle")).to_have_text("@alice")
    token = page.evaluate("sessionStorage.getItem('cameo-token')")
    assert token.startswith("session_")

    ask_consent(visitor)
    expect(page.get_by_role("heading", name="Read before you sign")).to_be_focused()
    text = page.locator("#text")
    expect(text).to_contain_text("Consent to the use of your likeness in generated video")
    expect(text).to_contain_text("- be kind")
    page.locator("#text-ja").click()
    expect(text).to_contain_text("生成動画にあなたの肖像や声を使うことへの同意書")
    facts = page.locator("#facts")
    expect(facts).to_contain_text("People to whom you sign a grant")
    expect(facts).to_contain_text("Nudity; Politics")
    challenge = page.locator("#challenge").text_content()
    visitor.press("Sign with my passkey")
    expect(page.get_by_role("status")).to_have_text("Signed. Your consent holds from now on.")

    # What the service took verifies with what was registered and logged, and nothing else.
    own = "(select id from person where handle = 'alice')"
    ((document, evidence),) = server.query(
        f"select document, evidence from consent where person_id = {own}"  # noqa: S608
    )
    ((registration,),) = server.query(
        f"select registration from person_key where person_id = {own}"  # noqa: S608
    )
    key = registered_key(parse_registration(registration))
    signed = evidence_from_json(evidence.encode())
    assert verify_evidence(document, signed, registered_keys={key.key_id: key})
    client = json.loads(signed.client_data_json)
    assert client["origin"] == site
    assert base64.urlsafe_b64decode(client["challenge"] + "=").hex() == challenge
    assert parse(document).audience == "approved"

    visitor.press("Withdraw")
    page.locator("#ask").get_by_role("button", name="Withdraw").press("Enter")
    expect(page.get_by_role("status")).to_have_text("Withdrawn. 0 clip(s) are no longer served.")
    standing = server.query(f"select status from consent where person_id = {own}")  # noqa: S608
    assert standing == [("revoked",)]
    assert visitor.complaints == []
    who = {"Authorization": f"Bearer {api_key}"}
    assert httpx.get(f"{site}/v1/people/me", headers=who).json()["handle"] == "alice"


def test_a_service_that_shows_one_thing_and_has_another_signed(
    visit: Callable[..., Visitor], server: Server
):
    """The page reads the bytes itself, and signs nothing that was not asked for."""
    visitor = visit()
    page = visitor.page
    joined(visitor, "bobby")
    enrolled(server, "bobby")

    def lie(change: Callable[[dict[str, Any]], None]) -> None:
        def answer(route: Route) -> None:
            whole = route.fetch()
            prepared = whole.json()
            change(prepared)
            route.fulfill(response=whole, json=prepared)

        page.unroute("**/v1/consents/prepare")
        page.route("**/v1/consents/prepare", answer)
        visitor.press("Show me what I would sign")
        expect_error(visitor, "document.differs")
        expect(page.locator("#review")).to_be_hidden()

    def document(change: Callable[[dict[str, Any]], None], space: str = ",") -> Callable[..., None]:
        def changed(prepared: dict[str, Any]) -> None:
            fields = json.loads(base64.b64decode(prepared["document"]))
            change(fields)
            text = json.dumps(fields, sort_keys=True, separators=(space, ":"), ensure_ascii=False)
            prepared["document"] = base64.b64encode(text.encode()).decode()

        return changed

    lie(document(lambda fields: fields.update(audience="everyone")))
    lie(document(lambda fields: fields.update(restrictions=[])))
    lie(document(lambda fields: fields.update(max_uses=5)))
    lie(document(lambda fields: fields.update(pii_principal_id="prs_somebody")))
    lie(document(lambda fields: fields.update(rendering_sha256="0" * 64)))
    lie(document(lambda fields: fields.update(also="this")))
    lie(document(dict.copy, space=", "))
    lie(document(lambda fields: fields.update(kind="grant")))
    lie(lambda prepared: prepared.update(text_en="You agree to very little."))
    lie(lambda prepared: prepared.update(document=base64.b64encode(b"{}").decode()))
    assert server.query("select count(*) from consent where document like '%bobby%'") == [(0,)]


def test_a_user_who_is_not_verified(visit: Callable[..., Visitor], server: Server):
    visitor = visit()
    page = visitor.page
    joined(visitor, "carol")
    enrolled(server, "carol")
    ask_consent(visitor)
    expect(page.locator("#review")).to_be_visible()
    visitor.verify_user(False)
    visitor.press("Sign with my passkey")
    expect_error(visitor, "NotAllowedError")
    # And a page that does not demand it gets no further: the service looks.
    page.evaluate(
        """() => {
            const get = navigator.credentials.get.bind(navigator.credentials);
            navigator.credentials.get = ({ publicKey }) =>
                get({ publicKey: { ...publicKey, userVerification: "discouraged" } });
        }"""
    )
    visitor.press("Sign with my passkey")
    expect_error(visitor, "consent.user_not_verified")
    visitor.press("Back")
    visitor.press("Sign out")
    visitor.press("Sign in with a passkey")
    expect_error(visitor, "consent.user_not_verified")


@pytest.fixture
def elsewhere(site: str) -> Iterator[str]:
    """Another site, with a page that holds ours in a frame and lets it ask for passkeys."""

    class Other(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(200)
            self.send_header("content-type", "text/html")
            self.end_headers()
            allow = "publickey-credentials-get *"
            frame = f'<iframe src="{site}/" allow="{allow}" width="900" height="900"></iframe>'
            self.wfile.write(frame.encode())

        def log_message(self, *_: object) -> None:
            return

    served = ThreadingHTTPServer(("127.0.0.1", 0), Other)
    thread = threading.Thread(target=served.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{served.server_address[1]}/"
    served.shutdown()
    thread.join()
    served.server_close()


def test_a_page_in_a_frame_of_another_site(
    visit: Callable[..., Visitor], server: Server, site: str, elsewhere: str
):
    visitor = visit()
    page = visitor.page
    joined(visitor, "doris")
    page.goto(elsewhere)
    for _ in range(100):  # the frame is refused a moment after the page is loaded
        if len(page.frames) > 1 and page.frames[1].url:
            break
        page.wait_for_timeout(100)
    assert [frame.url for frame in page.frames][1:] == ["chrome-error://chromewebdata/"]
    # Where a browser would show it all the same, the service refuses what is signed there.
    page.route(f"{site}/", _without_headers)
    page.goto(elsewhere)
    inside = page.frame_locator("iframe")
    inside.get_by_role("button", name="Sign in with a passkey").click()
    expect(inside.get_by_role("alert")).to_contain_text("(consent.cross_origin)")
    opened = server.query(
        "select count(*) from login_session where person_id in "
        "(select id from person where handle = 'doris')"
    )
    assert opened == [(0,)]


def _without_headers(route: Route) -> None:
    answer = route.fetch()
    kept = {
        name: value
        for name, value in answer.headers.items()
        if name in ("content-type", "content-length")
    }
    route.fulfill(response=answer, headers=kept)


def test_keys_are_recovered_cancelled_and_revoked(visit: Callable[..., Visitor], server: Server):
    visitor = visit()
    page = visitor.page
    joined(visitor, "erika")
    # A new device: the old authenticator holds no passkey any more.
    visitor.cdp.send("WebAuthn.clearCredentials", {"authenticatorId": visitor.authenticator})
    visitor.press("I lost my keys")
    page.locator("#ask").get_by_role("button", name="I lost my keys").click()
    visitor.verify_user(True)
    # The service lists the old passkey as one to exclude, which the new device does not hold.
    expect(page.get_by_role("status")).to_contain_text("The recovery has begun")
    rows = page.locator("#keys li")
    expect(rows).to_have_count(2)
    expect(rows.nth(1)).to_contain_text("waiting")
    rows.nth(1).get_by_role("button", name="Stop this recovery").click()
    page.locator("#ask").get_by_role("button", name="Stop this recovery").click()
    expect(rows.nth(1)).to_contain_text("revoked")
    rows.nth(0).get_by_role("button", name="Revoke").click()
    page.keyboard.press("Escape")  # nothing happens
    expect(rows.nth(0)).to_contain_text("active")
    rows.nth(0).get_by_role("button", name="Revoke").click()
    page.locator("#ask").get_by_role("button", name="Revoke").click()
    expect(rows.nth(0)).to_contain_text("revoked")


def test_a_second_passkey_is_agreed_to_by_the_first(visit: Callable[..., Visitor], server: Server):
    visitor = visit()
    page = visitor.page
    joined(visitor, "frank")
    # Another device beside the first: a key on a cable, which is unplugged before the signature.
    other = visitor.cdp.send(
        "WebAuthn.addVirtualAuthenticator",
        {
            "options": {
                "protocol": "ctap2",
                "transport": "usb",
                "hasResidentKey": True,
                "hasUserVerification": True,
                "isUserVerified": True,
                "automaticPresenceSimulation": True,
            }
        },
    )
    visitor.press("Add another passkey")
    expect(page.locator("#text")).to_contain_text("Another key: you let one more key sign for you")
    visitor.cdp.send(
        "WebAuthn.removeVirtualAuthenticator", {"authenticatorId": other["authenticatorId"]}
    )
    visitor.press("Sign with my passkey")
    expect(page.get_by_role("status")).to_have_text("Your new passkey is registered.")
    hows = server.query(
        "select how from person_key where person_id in "
        "(select id from person where handle = 'frank') order by registered_at"
    )
    assert hows == [("first",), ("added",)]
    assert visitor.complaints == []


def test_nothing_comes_from_elsewhere_and_it_fits_a_small_screen(
    visit: Callable[..., Visitor], site: str
):
    visitor = visit(viewport={"width": 360, "height": 740})
    page = visitor.page
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.reload()
    joined(visitor, "georg")
    assert asked
    assert [url for url in asked if not url.startswith(site)] == []
    assert page.evaluate("document.documentElement.scrollWidth") <= 360
    policy = httpx.get(site).headers["content-security-policy"]
    assert "default-src 'none'" in policy
    assert "unsafe" not in policy
    labels = page.evaluate(
        "[...document.querySelectorAll('input, select, textarea')]"
        ".filter((each) => each.labels.length === 0).map((each) => each.outerHTML)"
    )
    assert labels == []
    empty = "[...document.querySelectorAll('[data-t]')].filter((each) => !each.textContent).length"
    for lang in ("ja", "en"):
        page.locator("#language").click()
        assert page.evaluate("document.documentElement.lang") == lang
        assert page.evaluate(empty) == 0
        assert page.evaluate("document.documentElement.scrollWidth") <= 360
    assert visitor.complaints == []


def test_whoever_is_not_enrolled_is_told_in_both_languages(visit: Callable[..., Visitor]):
    visitor = visit()
    page = visitor.page
    joined(visitor, "gerda")
    expect(page.locator("#enrol-first")).to_contain_text("cameo enrol")
    expect(page.locator("#wish-audience-hint")).to_contain_text("at the command line")
    expect(page.locator("#wish-approval-hint")).to_contain_text("at the command line")
    visitor.press("Show me what I would sign")
    expect_error(visitor, "consent.not_enrolled")
    visitor.press("日本語")
    expect(page.get_by_role("alert")).to_contain_text("先に顔と声を登録してください")
    expect(page.locator("#enrol-first")).to_contain_text("顔と声の登録が必要です")
    expect(page.locator("#wish-audience-hint")).to_contain_text("鍵ファイル")
    assert visitor.complaints == []


def test_both_languages_say_the_same_things(visit: Callable[..., Visitor]):
    page = visit().page
    differing = page.evaluate(
        """async () => {
            const { WORDS } = await import("/static/words.js");
            const names = (value, at) => typeof value === "object"
                ? Object.entries(value).flatMap(([name, each]) => names(each, `${at}.${name}`))
                : [`${at}:${typeof value}`];
            const [en, ja] = [names(WORDS.en, ""), names(WORDS.ja, "")];
            return [...en.filter((n) => !ja.includes(n)), ...ja.filter((n) => !en.includes(n))];
        }"""
    )
    assert differing == []


def test_every_word_of_the_vocabulary_has_a_name_on_the_page(visit: Callable[..., Visitor]):
    from consent.vocabulary import (
        MODALITIES,
        Approval,
        Audience,
        EvidenceType,
        Purpose,
        RestrictionClass,
    )

    tables = {
        "audiences": Audience,
        "purposeNames": Purpose,
        "restrictionNames": RestrictionClass,
        "approvals": Approval,
        "keyTypes": EvidenceType,
    }
    page = visit().page
    words = page.evaluate(
        'async () => JSON.parse(JSON.stringify((await import("/static/words.js")).WORDS.en))'
    )
    for table, names in tables.items():
        assert set(words[table]) == {str(name) for name in names}, table
    assert set(words["modalityNames"]) == set(MODALITIES)
