"""A person's own commands: account, key, enrolment, consent, grants, withdrawal."""

from __future__ import annotations

import base64
import os
from pathlib import Path
from typing import Any, Final

import click

from cameo.cli.client import Client
from cameo.cli.common import as_json, client, show
from cameo.flows.notice import NOTICE_EN, NOTICE_JA
from consent.evidence import new_ed25519_key
from consent.vocabulary import Audience, Purpose, RestrictionClass

DEFAULT_FORBIDDEN: Final = (str(RestrictionClass.NUDITY),)
_KEY: Final = click.Path(exists=True, dir_okay=False, path_type=Path)
_yes = click.option("--yes", is_flag=True, help="Do not ask before signing.")
_key = click.option("--key", type=_KEY, required=True, help="Your key file (cameo keys new).")


@click.group()
def people() -> None:
    """Accounts."""


@people.command("create")
@click.argument("handle")
@click.option("--name", required=True, help="Display name.")
@click.option("--adult", is_flag=True, help="I declare that I am 18 or older.")
@as_json
def people_create(handle: str, name: str, adult: bool, as_json: bool) -> None:
    """Create an account; prints its API key, this once. Set CAMEO_API_KEY to it."""
    with client(anonymous=True) as api:
        made = api.post("/v1/people", {"handle": handle, "display_name": name, "adult": adult})
    if as_json:
        show(made)
    else:
        click.echo(f"@{made['handle']} ({made['id']})\nexport CAMEO_API_KEY={made['api_key']}")


@click.group()
def keys() -> None:
    """Keys: yours, with which you sign, and the service's own."""


@keys.command("new")
@click.argument("out", type=click.Path(exists=False, dir_okay=False, path_type=Path))
@click.option("--register/--no-register", default=True, help="Register its public half as well.")
def keys_new(out: Path, register: bool) -> None:
    """Make a key of your own on this machine. The private half never leaves the file."""
    if out.exists():
        raise click.UsageError(f"{out} exists; a key file is never overwritten")
    private, public = new_ed25519_key()
    write_private(out, private)
    if register:
        try:
            with client() as api:
                made = register_key(api, public)
        except BaseException:
            out.unlink()
            raise
        click.echo(f"{out}: registered as {made['id']}")
    else:
        click.echo(f"{out}: public key {base64.b64encode(public).decode()}")


@keys.command("init")
def keys_init() -> None:
    """Make the service's own keys in CAMEO_HOME; done by itself on first use."""
    from cameo.cli.common import service  # noqa: PLC0415 - the rest of this file is a client

    with service() as opened:
        opened.ledger.sequence()
        click.echo(f"{opened.settings.home}: ready, log key {opened.ledger.vkey}")


@click.command()
@click.argument("capture", type=_KEY, required=False)
@click.option("--enrolment", help="Answer this enrolment; without it a challenge is asked for.")
@click.option("--simulated", is_flag=True, help="Declare a synthetic person: assurance level 0.")
@as_json
def enrol(capture: Path | None, enrolment: str | None, simulated: bool, as_json: bool) -> None:
    """Ask for a challenge, then send the video that answers it."""
    with client() as api:
        if enrolment is None and capture is not None:
            raise click.UsageError("name the challenge that it answers: --enrolment enr_...")
        if enrolment is None:
            notice = api.get("/v1/notice")
            click.echo(NOTICE_EN + "\n" + NOTICE_JA, err=True)
            body = {"notice_sha256": notice["sha256"], "simulated": simulated}
            made = api.post("/v1/enrolments", body)
        elif capture is None:
            raise click.UsageError("name the video that answers the challenge")
        else:
            made = api.upload(f"/v1/enrolments/{enrolment}/capture", "capture", capture)
    if as_json:
        show(made)
    else:
        click.echo(_enrolment_text(made))


@click.group()
def consent() -> None:
    """Your consent: sign, look, withdraw."""


@consent.command("sign")
@_key
@click.option("--audience", type=click.Choice([str(a) for a in Audience]), default="only_me")
@click.option("--modality", "modalities", multiple=True, default=("face", "voice"))
@click.option("--purpose", "purposes", multiple=True, default=(str(Purpose.PERSONAL),))
@click.option(
    "--forbid",
    multiple=True,
    default=DEFAULT_FORBIDDEN,
    show_default=True,
    type=click.Choice([str(r) for r in RestrictionClass]),
)
@click.option("--never-say", multiple=True, help="A word that must not be spoken in your voice.")
@click.option("--expires", help="ISO 8601; without it, until you withdraw.")
@_yes
@as_json
def consent_sign(key: Path, yes: bool, as_json: bool, **terms: Any) -> None:
    """Sign a consent. Default: only you may use your cameo."""
    wish = {
        "audience": terms["audience"],
        "modalities": list(terms["modalities"]),
        "purposes": list(terms["purposes"]),
        "restrictions": list(terms["forbid"]),
        "never_say": list(terms["never_say"]),
        "expires_at": terms["expires"],
    }
    with client() as api:
        made = api.sign("consents", wish, key.read_bytes(), _asker(yes))
    _print_signed(made, as_json)


@consent.command("list")
def consent_list() -> None:
    """Everything you agreed to."""
    with client() as api:
        show(api.get("/v1/consents"))


@consent.command("revoke")
@click.argument("consent_id")
@as_json
def consent_revoke(consent_id: str, as_json: bool) -> None:
    """Withdraw a consent; asks for no signature, holds at once."""
    with client() as api:
        _print_withdrawal(api.post(f"/v1/consents/{consent_id}/revoke"), as_json)


@click.group()
def grant() -> None:
    """Permissions for other people."""


@grant.command("sign")
@click.argument("grantee")
@_key
@click.option("--modality", "modalities", multiple=True, default=("face", "voice"))
@click.option("--purpose", "purposes", multiple=True, default=(str(Purpose.PERSONAL),))
@click.option("--expires", help="ISO 8601; without it, until you withdraw.")
@click.option("--max-uses", type=click.IntRange(min=1), default=None)
@_yes
@as_json
def grant_sign(grantee: str, key: Path, yes: bool, as_json: bool, **terms: Any) -> None:
    """Permit one other person to make videos with you."""
    wish = {
        "grantee": grantee,
        "modalities": list(terms["modalities"]),
        "purposes": list(terms["purposes"]),
        "expires_at": terms["expires"],
        "max_uses": terms["max_uses"],
    }
    with client() as api:
        made = api.sign("grants", wish, key.read_bytes(), _asker(yes))
    _print_signed(made, as_json)


@grant.command("revoke")
@click.argument("grant_id")
@as_json
def grant_revoke(grant_id: str, as_json: bool) -> None:
    """Withdraw a permission; asks for no signature, holds at once."""
    with client() as api:
        _print_withdrawal(api.post(f"/v1/grants/{grant_id}/revoke"), as_json)


def write_private(path: Path, content: bytes) -> None:
    """Create a file that only its owner can read, from its first byte on; never replaces one."""
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "wb") as file:
        file.write(content)


def register_key(api: Client, public: bytes) -> dict[str, Any]:
    """Register the public half of a key."""
    encoded = base64.b64encode(public).decode()
    return api.post("/v1/keys", {"type": "ed25519", "public_key": encoded})


def _asker(yes: bool) -> Any:
    def show_document(prepared: dict[str, Any]) -> None:
        click.echo(prepared["text_en"] + "\n\n" + prepared["text_ja"], err=True)
        if not yes:
            click.confirm("Sign this?", abort=True, err=True)

    return show_document


def _print_signed(made: dict[str, Any], as_json: bool) -> None:
    if as_json:
        show(made)
    else:
        click.echo(f"{made['id']}: {made['status']}, sha256 {made['sha256']}")


def _print_withdrawal(done: dict[str, Any], as_json: bool) -> None:
    if as_json:
        show(done)
        return
    click.echo(f"{done['id']}: {'had ended before' if done['already'] else 'withdrawn'}")
    for clip_id in done["withdrawn"]:
        click.echo(f"  {clip_id} is no longer served; copies that were downloaded remain")
    for clip_id in done["stopped"]:
        click.echo(f"  {clip_id} was being made and is stopped")


def _enrolment_text(made: dict[str, Any]) -> str:
    if made["challenge"] is None:
        return f"{made['id']}: {made['status']}, assurance level {made['assurance']}"
    asked = made["challenge"]
    return (
        f"{made['id']}, until {made['expires_at']}\n"
        f"Record one video with sound. Turn your head to your own: {', '.join(asked['turns'])};"
        f" face the camera in between. Then say, with pauses: {' '.join(asked['digits'])}.\n"
        f"Then: cameo enrol --enrolment {made['id']} VIDEO"
    )


COMMANDS = (people, keys, enrol, consent, grant)
