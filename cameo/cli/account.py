"""A person's account and enrolment."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Final

import click

from cameo.cli.common import as_json, client, plain_id, show
from cameo.flows.notice import RELEASE_EN, RELEASE_JA

_KEY: Final = click.Path(exists=True, dir_okay=False, path_type=Path)


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


@click.command()
@click.argument("capture", type=_KEY, required=False)
@click.option(
    "--enrolment", type=plain_id, help="Answer this enrolment; without it a challenge is asked for."
)
@click.option("--simulated", is_flag=True, help="Declare a synthetic person: assurance level 0.")
@click.option("--key-id", help="Draw the challenge from this key of yours; else from the newest.")
@click.option("--release", is_flag=True, help="I have read the notice and allow the recording.")
@as_json
def enrol(  # noqa: PLR0917 - click passes options by name
    capture: Path | None,
    enrolment: str | None,
    simulated: bool,
    key_id: str | None,
    release: bool,
    as_json: bool,
) -> None:
    """Ask for a challenge, then send the video that answers it."""
    with client() as api:
        if enrolment is None and capture is not None:
            raise click.UsageError("name the challenge that it answers: --enrolment enr_...")
        if enrolment is None:
            notice = api.get("/v1/notice")
            click.echo(notice["en"] + "\n" + notice["ja"], err=True)
            if not release:
                click.confirm(f"{RELEASE_EN} / {RELEASE_JA}", abort=True, err=True)
            body = {
                "notice_sha256": notice["sha256"],
                "release": True,
                "simulated": simulated,
                "key_id": key_id,
            }
            made = api.post("/v1/enrolments", body)
        elif capture is None:
            raise click.UsageError("name the video that answers the challenge")
        else:
            made = api.upload(f"/v1/enrolments/{enrolment}/capture", "capture", capture)
    if as_json:
        show(made)
    else:
        click.echo(_enrolment_text(made))


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


COMMANDS = (people, enrol)
