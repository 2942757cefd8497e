"""A browser with a virtual authenticator, for tests of the page."""

from __future__ import annotations

import os
import re
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest
from playwright.sync_api import (
    Browser,
    BrowserContext,
    CDPSession,
    ConsoleMessage,
    Page,
    Playwright,
    expect,
)

from cameo.store.database import Database
from cameo.store.ids import new_id
from cameo.store.records import EnrolmentRecord
from tests.integration.harness import Server

CHROMIUM = Path("/usr/bin/chromium")
PATIENCE_MS = 15_000

expect.set_options(timeout=PATIENCE_MS)


@dataclass
class Visitor:
    """A browser with an authenticator of its own."""

    context: BrowserContext
    page: Page
    cdp: CDPSession
    authenticator: str
    complaints: list[str]

    def verify_user(self, verified: bool) -> None:
        """Whether the authenticator's user passes its PIN, finger or face."""
        self.cdp.send(
            "WebAuthn.setUserVerified",
            {"authenticatorId": self.authenticator, "isUserVerified": verified},
        )

    def press(self, name: str) -> None:
        self.page.get_by_role("button", name=name, exact=True).click()


def launched(driver: Playwright) -> Browser:
    """The browser of this machine; a test without it fails, and is not skipped."""
    if not CHROMIUM.exists():
        pytest.fail("Chromium is missing: apt-get install chromium")
    arguments = ["--disable-dev-shm-usage"]
    if os.geteuid() == 0:
        arguments.append("--no-sandbox")
    return driver.chromium.launch(executable_path=CHROMIUM, args=arguments)


def arrived(browser: Browser, site: str, **options: Any) -> Visitor:
    """Somebody who opened the page."""
    context = browser.new_context(locale="en-GB", **options)
    page = context.new_page()
    page.set_default_timeout(PATIENCE_MS)
    complaints: list[str] = []
    page.on("console", lambda message: _collect(complaints, message))
    page.on("pageerror", lambda error: complaints.append(str(error)))
    cdp = context.new_cdp_session(page)
    cdp.send("WebAuthn.enable")
    made = cdp.send(
        "WebAuthn.addVirtualAuthenticator",
        {
            "options": {
                "protocol": "ctap2",
                "transport": "internal",
                "hasResidentKey": True,
                "hasUserVerification": True,
                "isUserVerified": True,
                "automaticPresenceSimulation": True,
            }
        },
    )
    page.goto(site)
    return Visitor(context, page, cdp, made["authenticatorId"], complaints)


def _collect(complaints: list[str], message: ConsoleMessage) -> None:
    # A refusal of the service is a failed request to the browser; all else would be a fault.
    if message.type == "error" and "Failed to load resource" not in message.text:
        complaints.append(message.text)


def joined(visitor: Visitor, handle: str) -> str:
    """Sign up and register a passkey, with the keyboard alone; returns the API key."""
    page = visitor.page
    page.get_by_label("Handle").focus()
    page.keyboard.type(handle)
    page.keyboard.press("Tab")
    page.keyboard.type(handle.title())
    page.keyboard.press("Tab")
    page.keyboard.press("Space")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    shown = page.get_by_role("textbox", name="API key").and_(page.locator("#shown-key"))
    expect(shown).to_have_value(re.compile(r"^cameo_.{40,}$"))
    api_key = shown.input_value()
    visitor.press("I kept it")
    visitor.press("Register a passkey")
    expect(page.get_by_role("status")).to_have_text("Your passkey is registered.")
    return api_key


def enrolled(server: Server, handle: str) -> None:
    """What the flow leaves after a capture: the page does not record one."""
    ((person,),) = server.query("select id from person where handle = ?", handle)
    notice = httpx.get(f"{server.url}/v1/notice").json()["sha256"]
    database = Database(f"sqlite:///{server.home / 'cameo.db'}")
    with database.transaction() as tx:
        now = tx.now()
        record = EnrolmentRecord(
            id=new_id("enr"),
            person_id=person,
            status="challenged",
            challenge="{}",
            simulated=True,
            notice_sha256=notice,
            expires_at=now + timedelta(minutes=3),
            created_at=now,
            decided_at=None,
            assurance=None,
            report=None,
            deks=None,
            face_model=None,
            voice_model=None,
        )
        tx.enrolments.add(record)
        tx.enrolments.decide(
            record.id,
            accepted=True,
            assurance=0,
            report="{}",
            deks=None,
            models=("test", "test"),
            now=now,
        )
    database.close()


def expect_error(visitor: Visitor, code: str) -> None:
    expect(visitor.page.get_by_role("alert")).to_contain_text(f"({code})")


def ask_consent(visitor: Visitor) -> None:
    """Choose something, and come to the text."""
    page = visitor.page
    page.get_by_label("People to whom you sign a grant").check()
    page.get_by_label("Politics").check()
    page.get_by_label("Words that must not be said").fill("buy now\n買って")
    page.get_by_label("Wishes in your own words").fill("be kind")
    page.get_by_label("Ends").fill("2099-01-01")
    visitor.press("Show me what I would sign")
