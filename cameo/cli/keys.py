"""A person's keys at the command line. Private halves stay in their files, on this machine."""

from __future__ import annotations

import base64
import hashlib
import json
import os
import shlex
from pathlib import Path
from typing import Any, Final

import click

from cameo.cli.client import Client
from cameo.cli.common import as_json, client, plain_id, show
from cameo.cli.errors import ProblemError
from cameo.cli.marks import mark
from cameo.cli.reading import asker
from consent.evidence import (
    evidence_to_json,
    key_id,
    new_ed25519_key,
    public_half,
    sign_ed25519,
)
from consent.vocabulary import LANGUAGES, EvidenceType

_FILE: Final = click.Path(exists=True, dir_okay=False, path_type=Path)
_label = click.option("--label", default="", help="What you call it, up to 60 characters.")


@click.group()
def keys() -> None:
    """Keys: yours, with which you sign, and the service's own."""


@keys.command("new")
@click.argument("out", type=click.Path(exists=False, dir_okay=False, path_type=Path))
@click.option("--register/--no-register", default=True, help="Register it as your first key.")
@_label
@as_json
def keys_new(out: Path, register: bool, label: str, as_json: bool) -> None:
    """Make a key of your own on this machine. The private half never leaves the file."""
    if out.exists():
        raise click.UsageError(f"{out} exists; a key file is never overwritten")
    private, public = new_ed25519_key()
    if not register:
        write_private(out, private)
        made = {"id": key_id(public), "public_key": base64.b64encode(public).decode()}
        _say(made, f"{out}: public key {made['public_key']}, not registered", as_json)
        return
    with client() as api:
        write_private(out, private)
        made = _register_made(api, out, public, label)
    _say(made, f"{out}: registered as {made['id']}", as_json)


@keys.command("register")
@click.argument("key", type=_FILE)
@_label
@as_json
def keys_register(key: Path, label: str, as_json: bool) -> None:
    """Register the public half of a key file as your first key."""
    with client() as api:
        made = register_key(api, public_half(key.read_bytes()), label)
    _say(made, f"{key}: registered as {made['id']}", as_json)


@keys.command("add")
@click.argument("new", type=_FILE)
@click.option("--key", type=_FILE, required=True, help="A key file of yours that is registered.")
@_label
@click.option("--lang", type=click.Choice(list(LANGUAGES)), default="en")
@click.option("--yes", is_flag=True, help="Do not ask before signing.")
@as_json
def keys_add(*, new: Path, key: Path, label: str, lang: str, yes: bool, as_json: bool) -> None:
    """Register a further key; one that you have signs for it."""
    public = public_half(new.read_bytes())
    body = {"key": _key_body(public, label), "language": lang}
    with client() as api:
        prepared = api.post("/v1/keys/prepare", body)
        registration = base64.b64decode(prepared["registration"])
        agreed = {
            "key_id": key_id(public),
            "key_type": EvidenceType.ED25519,
            "registration_sha256": hashlib.sha256(registration).hexdigest(),
            "language": lang,
        }
        asker("key", agreed, yes=yes)(prepared)
        evidence = sign_ed25519(key.read_bytes(), base64.b64decode(prepared["document"]))
        signed = {
            "registration": prepared["registration"],
            "document": prepared["document"],
            "evidence": json.loads(evidence_to_json(evidence)),
        }
        made = api.post("/v1/keys/add", signed)
    _say(made, f"{new}: registered as {made['id']}", as_json)


@keys.command("recover")
@click.argument("new", type=_FILE)
@_label
@as_json
def keys_recover(new: Path, label: str, as_json: bool) -> None:
    """Start over with a new key where you lost the others. It waits before it counts."""
    with client() as api:
        body = _key_body(public_half(new.read_bytes()), label)
        made = api.post("/v1/keys/recover", body)
    _say(
        made,
        f"{new}: recovery as {made['id']}. From {made['effective_at']} on, enrol anew with it:\n"
        f"  cameo enrol --key-id {made['id']}\n"
        "Until then it signs withdrawals and nothing else. To stop this:\n"
        f"  cameo keys cancel {made['id']}",
        as_json,
    )


@keys.command("cancel")
@click.argument("key_id", type=plain_id)
@as_json
def keys_cancel(key_id: str, as_json: bool) -> None:
    """Stop a recovery that waits."""
    with client() as api:
        made = api.post(f"/v1/keys/{key_id}/cancel")
    _say(made, f"{made['id']}: recovery cancelled", as_json)


@keys.command("revoke")
@click.argument("key_id", type=plain_id)
@as_json
def keys_revoke(key_id: str, as_json: bool) -> None:
    """End a key of yours. What it signed stays signed; withdraw that apart."""
    with client() as api:
        made = api.post(f"/v1/keys/{key_id}/revoke")
    _say(made, f"{made['id']}: revoked at {made['revoked_at']}", as_json)


@keys.command("list")
@as_json
def keys_list(as_json: bool) -> None:
    """Your keys, and what each may do now."""
    with client() as api:
        found = api.get("/v1/keys")
    _say(found, "\n".join(_line(key) for key in found["data"]) or "no key yet", as_json)


@keys.command("init")
def keys_init() -> None:
    """Make the service's own keys in CAMEO_HOME; done by itself on first use."""
    from cameo.cli.common import service  # noqa: PLC0415 - the rest of this file is a client

    with service() as opened:
        opened.ledger.sequence()
        click.echo(f"{opened.settings.home}: ready, log key {opened.ledger.vkey}")


def write_private(path: Path, content: bytes) -> None:
    """Create a file that only its owner can read, from its first byte on; never replaces one."""
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "wb") as file:
        file.write(content)


def register_key(api: Client, public: bytes, label: str = "") -> dict[str, Any]:
    """Register the public half of somebody's first key."""
    return api.post("/v1/keys", _key_body(public, label))


def _register_made(api: Client, out: Path, public: bytes, label: str) -> dict[str, Any]:
    """Register a key just made; its file goes only where the service said that it has no part."""
    try:
        return register_key(api, public, label)
    except BaseException as error:
        if isinstance(error, ProblemError) and 400 <= error.status < 500:
            out.unlink()
        else:
            click.echo(
                f"cameo: {out} is kept: the answer was lost, so the key may be registered; "
                f"`cameo keys list` shows it, or try `cameo keys register {shlex.quote(str(out))}`",
                err=True,
            )
        raise


def _key_body(public: bytes, label: str) -> dict[str, Any]:
    encoded = base64.b64encode(public).decode()
    return {"type": "ed25519", "public_key": encoded, "label": label}


def _line(key: dict[str, Any]) -> str:
    until = f" until {key['effective_at']}" if key["status"] == "waiting" else ""
    label = f" {key['label']!r}" if key["label"] else ""
    return f"{key['id']}  {key['type']}  {key['how']}  {key['status']}{until}{label}"


def _say(made: dict[str, Any], text: str, as_json: bool) -> None:
    if as_json:
        show(made)
    else:
        click.echo(text)


keys.add_command(mark)

COMMANDS = (keys,)
