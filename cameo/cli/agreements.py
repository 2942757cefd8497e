"""A person's consent and grants: sign, look, withdraw."""

from __future__ import annotations

import os
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

import click

from cameo.cli.common import as_json, client, plain_id, show
from cameo.cli.reading import asker
from consent.vocabulary import LANGUAGES, Approval, Audience, Purpose, RestrictionClass

_KEY: Final = click.Path(exists=True, dir_okay=False, path_type=Path)

_promise: Final = click.option(
    "--promise",
    type=click.Path(dir_okay=False, writable=True, path_type=Path),
    callback=lambda _context, _option, path: _place(path),
    help="Keep the signed promise here; `cameo log monitor --promise` holds the service to it.",
)


def _signing(command: Callable[..., Any]) -> Callable[..., Any]:
    """The options that signing a consent and signing a grant share."""
    options = (
        click.option("--key", type=_KEY, required=True, help="Your key file (cameo keys new)."),
        click.option("--modality", "modalities", multiple=True, default=("face", "voice")),
        click.option("--purpose", "purposes", multiple=True, default=(str(Purpose.PERSONAL),)),
        click.option("--expires", help="ISO 8601; without it, until you withdraw."),
        click.option("--max-uses", type=click.IntRange(min=1), help="Clips by others, in all."),
        click.option("--lang", type=click.Choice(list(LANGUAGES)), default="en"),
        click.option("--yes", is_flag=True, help="Do not ask before signing."),
        as_json,
    )
    for option in reversed(options):
        command = option(command)
    return command


@click.group()
def consent() -> None:
    """Your consent: sign, look, withdraw."""


@consent.command("sign")
@_signing
@click.option("--audience", type=click.Choice([str(a) for a in Audience]), default="only_me")
@click.option(
    "--forbid",
    multiple=True,
    default=(str(RestrictionClass.NUDITY),),
    show_default=True,
    type=click.Choice([str(r) for r in RestrictionClass]),
)
@click.option("--never-say", multiple=True, help="A word that must not be spoken in your clips.")
@click.option("--wish", "wishes", multiple=True, help="A limit in your own words, up to ten.")
@click.option("--apart-from", multiple=True, help="@handle of somebody not to appear with.")
@click.option("--approve-each", is_flag=True, help="Ask me before any clip by others goes public.")
@click.option(
    "--retention-days",
    type=click.IntRange(1, 3650),
    default=90,
    show_default=True,
    help="Your likeness is destroyed so long after the consent ended.",
)
def consent_sign(key: Path, yes: bool, as_json: bool, **terms: Any) -> None:
    """Sign a consent. Default: only you may use your cameo."""
    wish = {
        **_common(terms),
        "audience": terms["audience"],
        "restrictions": list(terms["forbid"]),
        "never_say": list(terms["never_say"]),
        "wishes": list(terms["wishes"]),
        "apart_from": list(terms["apart_from"]),
        "approval": str(Approval.ALWAYS if terms["approve_each"] else Approval.IF_NEEDED),
        "retention_days": terms["retention_days"],
    }
    with client() as api:
        made = api.sign("consents", wish, key.read_bytes(), asker("consent", wish, yes=yes))
    _print_signed(made, as_json)


@consent.command("list")
@as_json
def consent_list(as_json: bool) -> None:
    """Everything you agreed to, newest first."""
    with client() as api:
        found = api.get("/v1/consents")
    if as_json:
        show(found)
        return
    for record in (*found["consents"], *found["grants"]):
        uses = f", {record['uses_consumed']} clips" if record["uses_consumed"] else ""
        click.echo(f"{record['id']}: {record['status']}, since {record['created_at']}{uses}")


@consent.command("revoke")
@click.argument("consent_id", type=plain_id)
@_promise
@as_json
def consent_revoke(consent_id: str, promise: Path | None, as_json: bool) -> None:
    """Withdraw a consent; asks for no signature, holds at once."""
    with client() as api:
        _print_withdrawal(api.post(f"/v1/consents/{consent_id}/revoke"), as_json, promise)


@click.group()
def grant() -> None:
    """Permissions for other people."""


@grant.command("sign")
@click.argument("grantee")
@_signing
def grant_sign(grantee: str, key: Path, yes: bool, as_json: bool, **terms: Any) -> None:
    """Permit one other person to make videos with you."""
    wish = {**_common(terms), "grantee": grantee}
    with client() as api:
        made = api.sign("grants", wish, key.read_bytes(), asker("grant", wish, yes=yes))
    _print_signed(made, as_json)


@grant.command("revoke")
@click.argument("grant_id", type=plain_id)
@_promise
@as_json
def grant_revoke(grant_id: str, promise: Path | None, as_json: bool) -> None:
    """Withdraw a permission; asks for no signature, holds at once."""
    with client() as api:
        _print_withdrawal(api.post(f"/v1/grants/{grant_id}/revoke"), as_json, promise)


def _common(terms: dict[str, Any]) -> dict[str, Any]:
    return {
        "modalities": list(terms["modalities"]),
        "purposes": list(terms["purposes"]),
        "expires_at": _moment(terms["expires"]),
        "max_uses": terms["max_uses"],
        "language": terms["lang"],
    }


def _moment(text: str | None) -> str | None:
    if text is None:
        return None
    try:
        moment = datetime.fromisoformat(text)
    except ValueError as error:
        raise click.UsageError(f"--expires: {text} is no ISO 8601 time") from error
    return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).isoformat()


def _print_signed(made: dict[str, Any], as_json: bool) -> None:
    if as_json:
        show(made)
    else:
        click.echo(f"{made['id']}: {made['status']}, sha256 {made['sha256']}")


def _place(promise: Path | None) -> Path | None:
    """Where a promise may be kept; found out before anything is withdrawn."""
    if promise is None:
        return None
    if promise.is_file():
        raise click.UsageError(f"{promise} exists; choose another name for --promise")
    if not promise.parent.is_dir():
        raise click.UsageError(f"there is no folder {promise.parent} for --promise")
    if not promise.exists() and not os.access(promise.parent, os.W_OK):
        raise click.UsageError(f"{promise.parent} cannot be written; choose another --promise")
    return promise


def _print_withdrawal(done: dict[str, Any], as_json: bool, promise: Path | None) -> None:
    failure = _keep(done["promise"], promise)
    if as_json:
        show(done)
    else:
        _print_effects(done, None if failure else promise)
    if failure is not None:
        raise click.ClickException(
            f"output.unwritable: {promise}: {failure.strerror}; it was withdrawn all the same, and "
            "the signed promise is printed instead: keep that"
        ) from failure


def _keep(text: str | None, promise: Path | None) -> OSError | None:
    """Write a promise; what went wrong is returned, for the withdrawal must be told first."""
    if promise is None or not text:
        return None
    try:
        promise.write_text(text, encoding="utf-8")
    except OSError as error:
        return error
    return None


def _print_effects(done: dict[str, Any], promise: Path | None) -> None:
    click.echo(f"{done['id']}: {'had ended before' if done['already'] else 'withdrawn'}")
    for clip_id in done["withdrawn"]:
        click.echo(f"  {clip_id} is no longer served; copies that were downloaded remain")
    for clip_id in done["stopped"]:
        click.echo(f"  {clip_id} was being made and is stopped")
    if not done["promise"]:
        return
    if promise is not None:
        click.echo(f"  {promise}: the signed promise that the log will show it; keep it")
    else:
        click.echo("  the signed promise that the log will show it (keep it: --promise FILE):")
        click.echo(done["promise"])


COMMANDS = (consent, grant)
