"""For auditors, from the operator: the bundle of one clip, and the kit that verifies copies."""

from __future__ import annotations

import hashlib
import os
import secrets
from pathlib import Path
from typing import Final

import click

from cameo.cli.common import as_json, force, output, service, show

_OUT: Final = click.Path(dir_okay=False, path_type=Path)
_WARNING: Final = (
    "this kit holds the watermark keys of every epoch: whoever has it can put marks of this "
    "service on any video, and take them off. Hand it over in confidence, to nobody who need not "
    "recognise copies."
)


@click.command()
@click.argument("clip_id")
@click.argument("out", type=_OUT, required=False)
@force
@as_json
def bundle(clip_id: str, out: Path | None, force: bool, as_json: bool) -> None:
    """What shows anybody, without this service, who agreed to a clip.

    Holds ids, handles and everything that the people in it signed; see docs/bundle.md.
    """
    target = output(out or Path(f"{clip_id}.bundle.json"), force=force)
    with service() as opened:
        data = opened.proofs.bundles.of(clip_id)
        vkey = opened.ledger.vkey
    _write(target, data)
    made = {"clip_id": clip_id, "path": str(target), **_facts(data), "log_key": vkey}
    if as_json:
        show(made)
    else:
        click.echo(f"{target}: {len(data)} bytes. Anybody checks it with")
        click.echo(f"  cameo verify {target} --log-key {vkey}")
        click.echo(f"  python docs/verify_bundle.py {target} {vkey}")


@click.command()
@click.argument("out", type=_OUT)
@click.option("--clip", "clips", multiple=True, help="Only this clip; may be repeated.")
@click.option("--with-mark-key", is_flag=True, help="All watermark keys; read the warning.")
@force
@as_json
def kit(out: Path, clips: tuple[str, ...], with_mark_key: bool, force: bool, as_json: bool) -> None:
    """What an auditor verifies copies with, without network and without this service.

    Roots, log key, registry, archived manifests, fingerprints, and how consents stand today.
    """
    target = output(out, force=force)
    if with_mark_key:
        click.echo(f"cameo: warning: {_WARNING}", err=True)
    with service() as opened:
        data = opened.proofs.kits.make(clips=clips, with_mark_key=with_mark_key)
        keys = {"kit_key": opened.proofs.kit_signer.vkey, "log_key": opened.ledger.vkey}
    _write(target, data)
    made = {"path": str(target), **_facts(data), "with_mark_key": with_mark_key, **keys}
    if as_json:
        show(made)
    else:
        click.echo(f"{target}: {len(data)} bytes, signed with {keys['kit_key']}")
        click.echo("Tell the auditor that key by another way than the file.")


def _facts(data: bytes) -> dict[str, object]:
    return {"bytes": len(data), "sha256": hashlib.sha256(data).hexdigest()}


def _write(target: Path, data: bytes) -> None:
    """The whole file or none; readable by its owner alone, for it tells of people."""
    temporary = target.with_name(f".{target.name}.{secrets.token_hex(4)}.tmp")
    descriptor = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(data)
        temporary.replace(target)
    finally:
        temporary.unlink(missing_ok=True)


COMMANDS = (bundle, kit)
