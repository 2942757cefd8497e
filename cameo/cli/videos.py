"""Videos at the command line: order and watch, list, download, delete."""

from __future__ import annotations

import math
from pathlib import Path
from typing import Any

import click

from cameo.cli.common import as_json, client, force, output, plain_id, show
from cameo.cli.errors import EX_REFUSED
from cameo.cli.reading import asker
from cameo.settings import load_settings
from generator.request import Style


def _finite(_context: click.Context, _option: click.Parameter, seconds: float) -> float:
    if not math.isfinite(seconds):
        raise click.BadParameter(f"{seconds:g} is no length; give a number of seconds, such as 8")
    return seconds


@click.group()
def video() -> None:
    """Videos: yours, and those with you in them."""


@video.command("create")
@click.argument("prompt")
@click.option("--cameo", "cameos", multiple=True, help="@handle of somebody in it.")
@click.option("--seconds", type=float, default=8.0, show_default=True, callback=_finite)
@click.option("--size", default="1280x720", show_default=True)
@click.option("--style", type=click.Choice([str(s) for s in Style]), default="photoreal")
@click.option("--seed", type=int, default=None)
@click.option("--out", type=click.Path(dir_okay=False, path_type=Path), help="Download it here.")
@force
@as_json
def create(out: Path | None, force: bool, as_json: bool, **wanted: Any) -> None:
    """Order a video and watch it being made. Ctrl-C stops watching; the video goes on."""
    if out is not None:
        output(out, force=force)
    body = {name: value for name, value in wanted.items() if value is not None}
    body["cameos"] = list(wanted["cameos"])
    with client() as api:
        job = ordered = api.post("/v1/videos", body)
        click.echo(ordered["id"], err=True)
        for job in api.watch(ordered["id"]):
            if not as_json:
                click.echo(f"{job['progress']:3}% {job['step']}", err=True)
        if out is not None and job["status"] == "completed":
            api.download(f"/v1/videos/{job['id']}/content", out)
    if as_json:
        show(job)
    else:
        click.echo(f"{job['id']}: {job['status']}" + (f" {job['error']}" if job["error"] else ""))
    if job["status"] != "completed":
        raise click.exceptions.Exit(EX_REFUSED)


@video.command("list")
@as_json
def list_(as_json: bool) -> None:
    """Newest first."""
    with client() as api:
        found = api.get("/v1/videos", limit=100)
    if as_json:
        show(found)
        return
    for item in found["data"]:
        handles = " ".join("@" + cameo["handle"] for cameo in item["cameos"])
        click.echo(f"{item['id']} {item['status']:11} {item['seconds']:>4} s {handles}")
    if not found["data"]:
        click.echo("no videos yet: cameo video create PROMPT")


@video.command("get")
@click.argument("video_id", type=plain_id)
def get(video_id: str) -> None:
    """One video's state."""
    with client() as api:
        show(api.get(f"/v1/videos/{video_id}"))


@video.command("download")
@click.argument("video_id", type=plain_id)
@click.argument("out", type=click.Path(dir_okay=False, path_type=Path))
@force
def download(video_id: str, out: Path, force: bool) -> None:
    """Download the finished file."""
    output(out, force=force)
    with client() as api:
        api.download(f"/v1/videos/{video_id}/content", out)
    click.echo(str(out))


@video.command("publish")
@click.argument("video_id", type=plain_id)
@as_json
def publish(video_id: str, as_json: bool) -> None:
    """Give your video a link that anyone who has it can open."""
    with client() as api:
        done = api.post(f"/v1/videos/{video_id}/publish")
    if as_json:
        show(done)
    else:
        click.echo(load_settings().url + done["path"])


@video.command("unpublish")
@click.argument("video_id", type=plain_id)
def unpublish(video_id: str) -> None:
    """End a link: whoever made the video may, and so may everybody in it."""
    with client() as api:
        api.delete(f"/v1/videos/{video_id}/publish")
    click.echo(f"{video_id}: the link is ended")


@video.command("approve")
@click.argument("video_id", type=plain_id)
@click.option(
    "--key",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    required=True,
    help="Your key file (cameo keys new).",
)
@click.option("--yes", is_flag=True, help="Do not ask before signing.")
@as_json
def approve(video_id: str, key: Path, yes: bool, as_json: bool) -> None:
    """Let a video with you in it be shared; you sign that."""
    wish = {"clip_id": video_id}
    with client() as api:
        look = asker("approval", wish, yes=yes)
        done = api.sign(f"videos/{video_id}/approval", {}, key.read_bytes(), look)
    if as_json:
        show(done)
    else:
        click.echo(f"{video_id}: approved")


@video.command("decline")
@click.argument("video_id", type=plain_id)
def decline(video_id: str) -> None:
    """Refuse to let a video with you be shared, or take your approval back."""
    with client() as api:
        api.delete(f"/v1/videos/{video_id}/approval")
    click.echo(f"{video_id}: declined; a link that it had is ended")


@video.command("delete")
@click.argument("video_id", type=plain_id)
def delete(video_id: str) -> None:
    """Delete a video: its maker may, and so may everybody who is in it."""
    with client() as api:
        api.delete(f"/v1/videos/{video_id}")
    click.echo(f"{video_id}: deleted; its key is destroyed")


COMMANDS = (video,)
