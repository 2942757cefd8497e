"""Signing at the command line: what is asked for, shown, and refused before anything is signed."""

from __future__ import annotations

import base64
import dataclasses
import json
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import click
import pytest
from click.testing import CliRunner

from cameo.cli import agreements
from cameo.cli.reading import asker, differing
from consent.documents import (
    ConsentDocument,
    GrantDocument,
    canonical,
    parse,
    rendering,
    with_rendering,
)
from consent.evidence import new_ed25519_key, sign_ed25519
from consent.vocabulary import Approval, Audience, Purpose, RestrictionClass

ISSUED = datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)
PROMISE: dict[str, Any] = {"promise": "the signed promise"}
COMMON: dict[str, Any] = {
    "subject": "prs_alice",
    "controller": "Cameo",
    "issued_at": ISSUED,
    "nonce": "ab" * 32,
    "subject_epoch": 0,
    "previous_sha256": None,
}


class Service:
    """Prepares what is asked for, as the real one would, with changes where it is dishonest."""

    def __init__(self, **changes: Any) -> None:
        self.changes = changes
        self.signed: list[ConsentDocument | GrantDocument] = []

    def prepare(self, kind: str, wish: dict[str, Any]) -> dict[str, Any]:
        draft = self._consent(wish) if kind == "consents" else self._grant(wish)
        document = dataclasses.replace(with_rendering(draft), **self.changes)
        if "rendering_sha256" not in self.changes:
            document = with_rendering(document)
        text_en, text_ja = rendering(draft)
        encoded = base64.b64encode(canonical(document)).decode()
        return {"document": encoded, "text_en": text_en, "text_ja": text_ja}

    def sign(self, kind: str, wish: dict[str, Any], key: bytes, show: Any) -> dict[str, Any]:
        prepared = self.prepare(kind, json.loads(json.dumps(wish)))
        show(prepared)
        document = base64.b64decode(prepared["document"])
        sign_ed25519(key, document)
        self.signed.append(parse(document))  # type: ignore[arg-type]
        return {"id": "cns_1", "status": "active", "sha256": "00"}

    def get(self, _path: str) -> dict[str, Any]:
        record = {"id": "cns_1", "status": "active", "created_at": "2026", "uses_consumed": 2}
        return {"consents": [record], "grants": []}

    def post(self, path: str) -> dict[str, Any]:
        return {"id": path, "already": False, "withdrawn": ["clip_1"], "stopped": [], **PROMISE}

    def _consent(self, wish: dict[str, Any]) -> ConsentDocument:
        handles = tuple(name.removeprefix("@").casefold() for name in wish["apart_from"])
        return ConsentDocument(
            **COMMON,
            **_scope(wish),
            document_id="cns_1",
            subject_handle="alice",
            audience=Audience(wish["audience"]),
            restrictions=frozenset(RestrictionClass(name) for name in wish["restrictions"]),
            never_say=tuple(wish["never_say"]),
            wishes=tuple(wish["wishes"]),
            apart_from=tuple(f"prs_{name}" for name in handles),
            apart_from_handles=handles,
            max_people=2,
            approval=Approval(wish["approval"]),
            retention_days=wish["retention_days"],
            notice_sha256="cd" * 32,
            assurance=1,
            simulated=False,
            enrolment_id="enr_1",
        )

    def _grant(self, wish: dict[str, Any]) -> GrantDocument:
        return GrantDocument(
            **COMMON,
            **_scope(wish),
            document_id="gnt_1",
            consent_id="cns_1",
            grantee="prs_bob",
            grantee_handle=wish["grantee"].removeprefix("@"),
        )


def _scope(wish: dict[str, Any]) -> dict[str, Any]:
    expires = wish["expires_at"]
    return {
        "modalities": frozenset(wish["modalities"]),
        "purposes": frozenset(Purpose(name) for name in wish["purposes"]),
        "expires_at": None if expires is None else datetime.fromisoformat(expires),
        "max_uses": wish["max_uses"],
        "language": wish["language"],
    }


@pytest.fixture
def key(tmp_path: Path) -> str:
    path = tmp_path / "key.pem"
    path.write_bytes(new_ed25519_key()[0])
    return str(path)


def run(monkeypatch: pytest.MonkeyPatch, service: Service, *words: str, say: str = "") -> Any:
    @contextmanager
    def client() -> Iterator[Service]:
        yield service

    monkeypatch.setattr(agreements, "client", client)
    group = agreements.consent if words[0] == "consent" else agreements.grant
    return CliRunner().invoke(group, list(words[1:]), input=say)


def test_every_option_reaches_the_document(monkeypatch, key):
    service = Service()
    options = [
        *("--audience", "approved", "--modality", "face", "--purpose", "social"),
        *("--forbid", "politics", "--never-say", "cheese", "--wish", "be kind"),
        *("--wish", "no alcohol", "--apart-from", "@bob", "--approve-each"),
        *("--max-uses", "7", "--retention-days", "30", "--lang", "ja"),
        *("--expires", "2027-01-01"),
    ]
    done = run(monkeypatch, service, "consent", "sign", "--key", key, "--yes", "--json", *options)
    assert done.exit_code == 0, done.output
    assert json.loads(done.stdout)["id"] == "cns_1"
    (document,) = service.signed
    assert isinstance(document, ConsentDocument)
    assert (document.audience, document.approval) == (Audience.APPROVED, Approval.ALWAYS)
    assert (document.modalities, document.purposes) == ({"face"}, {"social"})
    assert (document.restrictions, document.never_say) == ({"politics"}, ("cheese",))
    assert (document.wishes, document.apart_from_handles) == (("be kind", "no alcohol"), ("bob",))
    assert (document.max_uses, document.retention_days, document.language) == (7, 30, "ja")
    assert document.expires_at == datetime(2027, 1, 1, tzinfo=UTC)
    assert done.stderr.startswith("生成動画にあなたの肖像や声を使うことへの同意書")


def test_the_defaults_are_the_safe_ones(monkeypatch, key):
    service = Service()
    assert run(monkeypatch, service, "consent", "sign", "--key", key, "--yes").exit_code == 0
    (document,) = service.signed
    assert isinstance(document, ConsentDocument)
    assert (document.audience, document.restrictions) == (Audience.ONLY_ME, {"nudity"})
    assert (document.purposes, document.retention_days) == ({"personal"}, 90)


def test_nothing_is_signed_without_a_yes(monkeypatch, key):
    service = Service()
    done = run(monkeypatch, service, "consent", "sign", "--key", key, say="n\n")
    assert done.exit_code == 1
    assert "Consent to the use of your likeness" in done.stderr
    assert not service.signed
    assert run(monkeypatch, service, "consent", "sign", "--key", key, say="y\n").exit_code == 0
    assert len(service.signed) == 1


@pytest.mark.parametrize(
    ("changes", "found"),
    [
        ({"audience": Audience.EVERYONE}, "audience"),
        ({"modalities": frozenset({"voice"})}, "modalities"),
        ({"purposes": frozenset({Purpose.COMMERCIAL})}, "purposes"),
        ({"restrictions": frozenset()}, "restrictions"),
        ({"never_say": ()}, "never_say"),
        ({"wishes": ("be kind",)}, "wishes"),
        ({"apart_from": (), "apart_from_handles": ()}, "apart_from"),
        ({"approval": Approval.IF_NEEDED}, "approval"),
        ({"max_uses": None}, "max_uses"),
        ({"expires_at": None}, "expires_at"),
        ({"expires_at": datetime(2028, 1, 1, tzinfo=UTC)}, "expires_at"),
        ({"retention_days": 3650}, "retention_days"),
        ({"language": "ja"}, "language"),
        ({"rendering_sha256": "00" * 32}, "another text"),
    ],
    ids=str,
)
def test_a_service_that_changes_what_was_asked_for_gets_no_signature(
    monkeypatch, key, changes, found
):
    service = Service(**changes)
    options = [
        *("--never-say", "cheese", "--wish", "no alcohol", "--apart-from", "@bob"),
        *("--approve-each", "--max-uses", "7", "--expires", "2027-01-01T00:00:00Z"),
    ]
    done = run(monkeypatch, service, "consent", "sign", "--key", key, "--yes", *options)
    assert done.exit_code == 1
    assert found in done.output
    assert "nothing was signed" in done.output
    assert not service.signed


@pytest.mark.parametrize(
    ("changes", "found"),
    [
        ({"grantee_handle": "mallory"}, "grantee"),
        ({"max_uses": 9}, "max_uses"),
        ({"expires_at": datetime(2028, 1, 1, tzinfo=UTC)}, "expires_at"),
    ],
    ids=str,
)
def test_a_grant_is_looked_at_as_well(monkeypatch, key, changes, found):
    service = Service(**changes)
    words = ("grant", "sign", "@bob", "--key", key, "--yes", "--max-uses", "3")
    done = run(monkeypatch, service, *words)
    assert (done.exit_code, service.signed) == (1, [])
    assert found in done.output
    honest = Service()
    assert run(monkeypatch, honest, *words).exit_code == 0
    assert len(honest.signed) == 1


def test_a_grant_is_not_taken_for_a_consent():
    service = Service()
    wish = {
        "grantee": "bob",
        "modalities": ["face"],
        "purposes": ["social"],
        "expires_at": None,
        "max_uses": None,
        "language": "en",
    }
    prepared = service.prepare("grants", wish)
    with pytest.raises(click.ClickException):
        asker("consent", {}, yes=True)(prepared)
    document = parse(base64.b64decode(prepared["document"]))
    assert differing(document, wish) == []
    assert differing(document, {**wish, "purposes": ["personal"]}) == ["purposes"]


def test_what_is_no_document_is_not_signed():
    for sent in ("", "e30=", "*"):
        with pytest.raises(click.ClickException):
            asker("consent", {}, yes=True)({"document": sent})


def test_a_time_that_is_none_is_a_usage_error(monkeypatch, key):
    words = ("consent", "sign", "--key", key, "--expires", "tomorrow")
    assert run(monkeypatch, Service(), *words).exit_code == 2


def test_listing_and_withdrawing(monkeypatch):
    listed = run(monkeypatch, Service(), "consent", "list")
    assert listed.stdout == "cns_1: active, since 2026, 2 clips\n"
    as_json = run(monkeypatch, Service(), "consent", "list", "--json")
    assert json.loads(as_json.stdout)["grants"] == []
    revoked = run(monkeypatch, Service(), "consent", "revoke", "cns_1")
    assert "clip_1 is no longer served" in revoked.stdout
    ended = run(monkeypatch, Service(), "grant", "revoke", "gnt_1", "--json")
    assert json.loads(ended.stdout)["withdrawn"] == ["clip_1"]
