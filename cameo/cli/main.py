"""The `cameo` command."""

from __future__ import annotations

import errno
import json
import re
import sys
from importlib import import_module
from typing import Final, NoReturn

import click

from cameo.cli.errors import EX_REFUSED, EX_SOFTWARE, EX_USAGE, ProblemError, UnreachableError
from cameo.settings import SettingsError

_HOMES: Final = {
    "audit": ("verify", "stamp"),
    "account": ("people", "enrol"),
    "agreements": ("consent", "grant"),
    "bundle": ("bundle", "kit"),
    "keys": ("keys",),
    "likeness": ("compare", "liveness"),
    "operate": ("serve", "worker", "doctor", "moderate", "render", "models"),
    "log": ("log",),
    "rights": ("erase", "contest", "hold"),
    "story": ("demo", "bench"),
    "ties": ("ties", "pause", "resume"),
    "videos": ("video",),
}
_DISK: Final = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG, errno.EROFS, errno.EIO)
_CODED: Final = re.compile(r"([a-z_]+(?:\.[a-z_]+)+): (.*)", re.DOTALL)
_HOME_OF: Final = {name: home for home, names in _HOMES.items() for name in names}


class _Commands(click.Group):
    """Loads a command's module when it is called: an auditor's `verify` waits for no web server."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Every command's name."""
        del ctx
        return sorted(_HOME_OF)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """The command of this name."""
        del ctx
        if cmd_name not in _HOME_OF:
            return None
        module = import_module(f"cameo.cli.{_HOME_OF[cmd_name]}")
        commands: tuple[click.Command, ...] = module.COMMANDS
        return next(command for command in commands if command.name == cmd_name)


@click.group(
    cls=_Commands,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
)
@click.version_option(package_name="cameo", prog_name="cameo")
def cameo() -> None:
    """Faces and voices in generated video, only with a consent that can be checked."""


def run() -> NoReturn:
    """Run the command line; every error becomes one line on standard error and an exit code."""
    try:
        code = cameo.main(standalone_mode=False)
    except click.exceptions.Exit as error:
        sys.exit(error.exit_code)
    except click.UsageError as error:
        _misused(error)
    except click.ClickException as error:
        _end(EX_REFUSED, error.format_message())
    except click.Abort:
        click.echo("stopped", err=True)
        sys.exit(130)
    except SettingsError as error:
        _end(EX_USAGE, f"settings.invalid: {error}")
    except (ProblemError, UnreachableError) as error:
        _end(EX_REFUSED, _line(error))
    except Exception as error:  # noqa: BLE001 - the last place; nothing may show as a trace
        _end(_code(error), _line(error))
    sys.exit(code if isinstance(code, int) else 0)


def _misused(error: click.UsageError) -> NoReturn:
    if "--json" in sys.argv:
        _end(EX_USAGE, f"usage.invalid: {error.format_message()}")
    error.show()
    sys.exit(EX_USAGE)


def _file_line(error: Exception) -> str | None:
    """A file or disk that failed, by its name and the system's reason; None for other failures."""
    if not isinstance(error, OSError) or (error.filename is None and error.errno not in _DISK):
        return None
    paths = [str(path) for path in (error.filename, error.filename2) if path is not None]
    cause = ": ".join([" -> ".join(paths), str(error.strerror)] if paths else [str(error.strerror)])
    return f"file.unusable: {cause}; choose another path, or see to its permissions and space"


def _code(error: Exception) -> int:
    foreseen = isinstance(getattr(error, "code", None), str) or _file_line(error)
    return EX_REFUSED if foreseen else EX_SOFTWARE


def _line(error: Exception) -> str:
    code = getattr(error, "code", None)
    text = str(error) or (type(error).__doc__ or "").strip()
    if not isinstance(code, str):
        return _file_line(error) or f"internal.error: {type(error).__name__}: {text}"
    return text if text.startswith(code) else f"{code}: {text}"


def _told(message: str) -> str:
    """An error for a program: one line of JSON, with the code apart where there is one."""
    found = _CODED.fullmatch(message)
    code, detail = found.groups() if found else (None, message)
    return json.dumps({"error": {"code": code, "detail": detail}}, ensure_ascii=False)


def _end(code: int, message: str) -> NoReturn:
    click.echo(_told(message) if "--json" in sys.argv else f"cameo: {message}", err=True)
    sys.exit(code)
