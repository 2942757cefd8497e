"""For auditors: verify a copy or a bundle; stamp a file."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Final, NoReturn

import click

from cameo.cli.common import as_json, client, force, output, service, show
from cameo.flows.bundle_check import verify_bundle
from cameo.flows.bundle_errors import BundleError
from cameo.flows.bundle_form import MAX_BYTES
from cameo.flows.bundle_report import render_bundle
from cameo.flows.kit_form import Kit
from cameo.flows.kit_form import read as read_kit
from cameo.flows.vault import file_sha256
from cameo.media.limits import Limits
from cameo.settings import Settings, load_settings
from cameo.wiring.proofs import offline
from provenance.verifier.render import render
from provenance.verifier.report import VerifyReport
from provenance.verifier.verdicts import Verdict

_FILE: Final = click.Path(exists=True, dir_okay=False, path_type=Path)
_MARK: Final = b"cameo-bundle/"


@click.command()
@click.argument("file", type=_FILE)
@click.option("--lang", type=click.Choice(["en", "ja"]), default="en", show_default=True)
@click.option("--kit", type=_FILE, help="Judge by this kit alone; see `cameo kit`.")
@click.option("--kit-key", help="VKEY that must have signed the kit.")
@click.option("--bundle", type=_FILE, help="Check this bundle, and that FILE is its clip.")
@click.option("--log-key", help="VKEY of the log that you trust.")
@click.option("--witness", "witnesses", multiple=True, help="VKEY of a witness that you trust.")
@as_json
def verify(  # noqa: PLR0917 - click passes options by name
    file: Path,
    lang: str,
    kit: Path | None,
    kit_key: str | None,
    bundle: Path | None,
    log_key: str | None,
    witnesses: tuple[str, ...],
    as_json: bool,
) -> None:
    """Where does this copy come from, and does everybody in it still agree?

    FILE may be a bundle as well: then it is checked whether it holds.

    Exit code: 0 authentic, 3 recovered, 4 not ours, 5 tampered, 6 mark mismatch, 7 withdrawn,
    2 unreadable. Of a bundle: 0 it holds, 5 it does not.
    """
    asked = _Asked(kit=_kit(kit, kit_key, log_key), log_key=log_key, as_json=as_json)
    if bundle is not None:
        _check_bundle(bundle.read_bytes(), asked, witnesses, media=file)
    if (found := _bundle_in(file)) is not None:
        _check_bundle(found, asked, witnesses)
    if asked.kit is not None:
        _by_kit(file, asked.kit, lang, as_json)
    if not _has_data(load_settings()):
        _ask_service(file, as_json)
    with service() as opened:
        report = opened.verification.verify(file)
    _say(report, lang, as_json)


def _ask_service(file: Path, as_json: bool) -> NoReturn:
    """There is no data folder here: the service at CAMEO_URL is asked instead.

    Without a registry a copy of ours could only be called foreign, which would be wrong.
    """
    with client(anonymous=True) as api:
        found = api.upload("/v1/verify", "file", file)
    if as_json:
        show(found)
    else:
        click.echo(f"{found['verdict'].upper()}  (asked the service at {load_settings().url})")
        for text in found["explanations"].values():
            click.echo(f"- {text}")
    raise click.exceptions.Exit(found["exit_code"])


@dataclass(frozen=True)
class _Asked:
    """How a file is to be checked."""

    kit: Kit | None
    log_key: str | None
    as_json: bool


def _kit(path: Path | None, kit_key: str | None, log_key: str | None) -> Kit | None:
    if path is None:
        if kit_key is not None:
            raise click.UsageError("--kit-key is for a kit; add --kit FILE")
        return None
    return read_kit(path.read_bytes(), kit_key=kit_key, log_key=log_key)


def _bundle_in(file: Path) -> bytes | None:
    """The bytes of a bundle; None for what begins like none: no video begins with a brace."""
    with file.open("rb") as opened:
        if opened.read(1) != b"{":
            return None
        data = b"{" + opened.read(MAX_BYTES)
    return data if _MARK in data else None


def _check_bundle(
    data: bytes, asked: _Asked, witnesses: tuple[str, ...], media: Path | None = None
) -> NoReturn:
    vkey = _trusted_log(asked)
    digest = None if media is None else file_sha256(media)
    try:
        report = verify_bundle(data, vkey, media_sha256=digest, witnesses=witnesses)
    except BundleError as error:
        if asked.as_json:
            show({"holds": False, "code": error.code, "detail": str(error)})
        else:
            click.echo(f"DOES NOT HOLD - {error.code}: {error}")
        raise click.exceptions.Exit(Verdict.TAMPERED.exit_code) from error
    if asked.as_json:
        show(report.to_json())
    else:
        click.echo(render_bundle(report))
    raise click.exceptions.Exit(0)


def _trusted_log(asked: _Asked) -> str:
    """The log's key: as given, as the kit has it, or as this machine's own service does."""
    if asked.log_key is not None:
        return asked.log_key
    if asked.kit is not None:
        return asked.kit.content.log_key
    if not _has_data(load_settings()):
        raise click.UsageError("say which log you trust: --log-key VKEY, or --kit FILE")
    with service() as opened:
        return opened.ledger.vkey


def _has_data(settings: Settings) -> bool:
    return settings.database_url is not None or (settings.home / "cameo.db").exists()


def _by_kit(file: Path, kit: Kit, lang: str, as_json: bool) -> NoReturn:
    settings = load_settings()
    limits = Limits(
        max_bytes=settings.max_upload_bytes,
        max_seconds=float(settings.max_media_seconds),
        max_side=settings.max_media_side,
        timeout_s=float(settings.decode_timeout),
    )
    made_at = kit.content.made_at.isoformat()
    about = {"made_at": made_at, "key": kit.key, "authenticated": kit.authenticated}
    note = f"By a kit of {made_at}; what was withdrawn later is not in it."
    if not kit.authenticated:
        note += " Nobody vouches for the kit: compare its key and give it as --kit-key."
    _say(offline(kit, limits).verify(file), lang, as_json, {"kit": about}, note)


def _say(
    report: VerifyReport,
    lang: str,
    as_json: bool,
    more: Mapping[str, Any] | None = None,
    note: str = "",
) -> NoReturn:
    if as_json:
        show({**report.to_json(), **(more or {})})
    else:
        click.echo(render(report, "ja" if lang == "ja" else "en"))
        if note:
            click.echo(note)
    raise click.exceptions.Exit(report.exit_code)


@click.command()
@click.argument("source", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.argument("out", type=click.Path(dir_okay=False, path_type=Path))
@force
@as_json
def stamp(source: Path, out: Path, force: bool, as_json: bool) -> None:
    """Mark and sign a video, picture or sound file; claims no consent and no generation.

    A video becomes MP4; JPEG, PNG, WebP, WAV, FLAC, MP3 and M4A keep their kind. What cannot carry
    a mark that is found again in the finished file is refused, and nothing is published.
    """
    output(out, force=force, source=source)
    with service() as opened:
        stamped = opened.stamping.stamp(source, out)
    if as_json:
        show(asdict(stamped))
    else:
        costs = (("picture", stamped.psnr_db), ("sound", stamped.snr_db))
        said = ", ".join(f"{where} {cost} dB" for where, cost in costs if cost is not None)
        click.echo(f"{out}: payload {stamped.payload}, {said}, {stamped.clip_id}")
        for lacking in stamped.missing:
            click.echo(f"  no mark in the {lacking}")


COMMANDS = (verify, stamp)
