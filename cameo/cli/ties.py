"""Who follows and blocks whom; pause and resume."""

from __future__ import annotations

from pathlib import Path

import click

from cameo.cli.common import as_json, client, show
from cameo.cli.reading import asker

_KEY = click.Path(exists=True, dir_okay=False, path_type=Path)


@click.group()
def ties() -> None:
    """Whom you follow and block. Those who follow each other are mutuals."""


@ties.command("list")
@as_json
def list_(as_json: bool) -> None:
    """Whom you follow and block, and who follows you."""
    with client() as api:
        found = api.get("/v1/people/me/ties")
    if as_json:
        show(found)
        return
    for name, people in found.items():
        click.echo(f"{name:10} {' '.join('@' + each['handle'] for each in people) or '-'}")


@ties.command("follow")
@click.argument("handle")
@as_json
def follow(handle: str, as_json: bool) -> None:
    """Follow somebody."""
    _change("PUT", handle, "follow", as_json=as_json)


@ties.command("unfollow")
@click.argument("handle")
@as_json
def unfollow(handle: str, as_json: bool) -> None:
    """Follow somebody no more."""
    _change("DELETE", handle, "follow", as_json=as_json)


@ties.command("block")
@click.argument("handle")
@as_json
def block(handle: str, as_json: bool) -> None:
    """Never appear for somebody, nor beside them; they are not told."""
    _change("PUT", handle, "block", as_json=as_json)


@ties.command("unblock")
@click.argument("handle")
@as_json
def unblock(handle: str, as_json: bool) -> None:
    """Block somebody no more."""
    _change("DELETE", handle, "block", as_json=as_json)


@click.command()
@as_json
def pause(as_json: bool) -> None:
    """Allow nothing new and show nothing with you in it; asks for no signature."""
    with client() as api:
        done = api.post("/v1/cameo/pause")
    if as_json:
        show(done)
    else:
        click.echo("paused" if done["changed"] else "it was paused before")


@click.command()
@click.option("--key", type=_KEY, required=True, help="Your key file (cameo keys new).")
@click.option("--yes", is_flag=True, help="Do not ask before signing.")
@as_json
def resume(key: Path, yes: bool, as_json: bool) -> None:
    """End your pause; you sign that."""
    with client() as api:
        done = api.sign("cameo/resume", {}, key.read_bytes(), asker("resumption", {}, yes=yes))
    if as_json:
        show(done)
    else:
        click.echo("resumed")


def _change(method: str, handle: str, what: str, *, as_json: bool) -> None:
    name = handle.strip().removeprefix("@")
    with client() as api:
        done = api.call(method, f"/v1/people/{name}/{what}")
    if as_json:
        show(done)
    else:
        click.echo("done" if done["changed"] else "nothing changed: it was so before")


COMMANDS = (ties, pause, resume)
