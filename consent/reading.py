"""Strict JSON: one object, every field read exactly once with its one type."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from types import MappingProxyType
from typing import Final, NoReturn

import rfc8785

from consent.errors import ConsentError

_TIME_FORMATS: Final = ("%Y-%m-%dT%H:%M:%SZ", "%Y-%m-%dT%H:%M:%S.%fZ")

_NO_NAMES: Final[Mapping[str, str]] = MappingProxyType({})

Json = str | int | bool | list[str] | None
"""What a field of a document may hold."""


def format_time(value: datetime) -> str:
    """`value` as RFC 3339 text in UTC with ``Z``; a fraction only where it is not zero."""
    return value.astimezone(UTC).replace(tzinfo=None).isoformat() + "Z"


def to_canonical(fields: Mapping[str, Json], error: type[ConsentError]) -> bytes:
    """The RFC 8785 form of one flat object.

    Raises:
        ConsentError: Of type `error`, if a text in it has no UTF-8 form.
    """
    try:
        return rfc8785.dumps(dict(fields))
    except rfc8785.CanonicalizationError as cause:
        raise error("a value has no canonical form") from cause


class Fields:
    """The fields of one JSON object.

    Args:
        data: UTF-8 text of one object. Numbers with a fraction or an exponent are refused.
        error: What is raised for everything that is wrong.
        names: What a field is called in the text, where that is not what it is asked for by.
    """

    def __init__(
        self,
        data: bytes,
        error: type[ConsentError],
        names: Mapping[str, str] = _NO_NAMES,
    ) -> None:
        self._error = error
        self._names = names
        self._left = self._load(data)

    def text(self, name: str) -> str:
        """The text `name`."""
        value = self._take(name)
        return value if isinstance(value, str) else self._wrong(name)

    def optional_text(self, name: str) -> str | None:
        """The text `name`, or None for ``null``."""
        value = self._take(name)
        return value if value is None or isinstance(value, str) else self._wrong(name)

    def whole(self, name: str) -> int:
        """The integer `name`."""
        value = self._take(name)
        # A JSON true is an int to Python; a reader of the document would not agree.
        return value if type(value) is int else self._wrong(name)

    def optional_whole(self, name: str) -> int | None:
        """The integer `name`, or None for ``null``."""
        value = self._take(name)
        return value if value is None or type(value) is int else self._wrong(name)

    def flag(self, name: str) -> bool:
        """The truth value `name`."""
        value = self._take(name)
        return value if isinstance(value, bool) else self._wrong(name)

    def texts(self, name: str) -> tuple[str, ...]:
        """The list of texts `name`."""
        value = self._take(name)
        if not isinstance(value, list):
            self._wrong(name)
        return tuple(item if isinstance(item, str) else self._wrong(name) for item in value)

    def time(self, name: str) -> datetime:
        """The moment `name`."""
        return self._moment(name, self.text(name))

    def optional_time(self, name: str) -> datetime | None:
        """The moment `name`, or None for ``null``."""
        value = self.optional_text(name)
        return None if value is None else self._moment(name, value)

    def done(self) -> None:
        """Say that nothing else was expected.

        Raises:
            ConsentError: If a field is left.
        """
        if self._left:
            raise self._error(f"unknown field: {_shown(sorted(self._left))}")

    def _moment(self, name: str, value: str) -> datetime:
        for form in _TIME_FORMATS:
            try:
                moment = datetime.strptime(value, form).replace(tzinfo=UTC)
            except ValueError:
                continue
            # strptime accepts "1" for "01"; only the one spelling that we write is read.
            return moment if format_time(moment) == value else self._wrong(name)
        return self._wrong(name)

    def _take(self, name: str) -> object:
        written = self._names.get(name, name)
        if written not in self._left:
            raise self._error(f"missing field: {written}")
        return self._left.pop(written)

    def _wrong(self, name: str) -> NoReturn:
        raise self._error(f"wrong value: {name}")

    def _load(self, data: bytes) -> dict[str, object]:
        try:
            loaded = json.loads(
                data.decode("utf-8"),
                object_pairs_hook=self._no_duplicates,
                parse_float=self._no_number,
                parse_constant=self._no_number,
            )
        except (ValueError, RecursionError) as cause:
            raise self._error("not JSON") from cause
        if not isinstance(loaded, dict):
            raise self._error("not a JSON object")
        return loaded

    def _no_duplicates(self, pairs: list[tuple[str, object]]) -> dict[str, object]:
        names = [name for name, _ in pairs]
        if len(set(names)) != len(names):
            raise self._error("a field twice")
        return dict(pairs)

    def _no_number(self, _text: str) -> NoReturn:
        raise self._error("a number that is not whole")


def _shown(names: Iterable[str]) -> str:
    # Field names of a refused document come from a stranger; keep the log line short and plain.
    return ", ".join(name.encode("ascii", "backslashreplace").decode()[:40] for name in names)[:200]
