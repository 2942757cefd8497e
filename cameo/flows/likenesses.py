"""Likenesses at rest: every part of an enrolment sealed under a key of its own.

Parts are `face`, `voice`, `appearance`, `voice-profile` and `capture`. Destroying one key ends one
part; an enrolment of which not every part could be kept is not kept at all.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

from cameo.flows.errors import FlowError
from cameo.flows.vault import Vault
from cameo.store.records import EnrolmentRecord


class LikenessErasedError(FlowError):
    """This part of the likeness was erased, or was never kept."""

    code = "render.likeness_erased"


@dataclass(frozen=True, kw_only=True, slots=True)
class Likenesses:
    """Keeps, opens and forgets the parts of enrolments."""

    vault: Vault

    def keep(
        self,
        record: EnrolmentRecord,
        parts: Mapping[str, bytes | Path],
        remember: Callable[[str], None],
    ) -> str:
        """Seal all parts; returns the map of part to key id, as the enrolment's row holds it.

        Args:
            record: whose parts they are.
            parts: name -> content, or the file that holds it.
            remember: writes the map into the enrolment's row; called before anything is sealed, so
                that a crash leaves no key that a sweep does not know.
        """
        deks = {part: self.vault.new_key(_context(record, part)) for part in parts}
        try:
            remember(json.dumps(deks))
            for part, content in parts.items():
                context, name = _context(record, part), _name(record, part)
                if isinstance(content, Path):
                    self.vault.put_file(deks[part], context, name, content)
                else:
                    self.vault.put(deks[part], context, name, content)
        except BaseException:
            self._forget(record, deks)
            raise
        return json.dumps(deks)

    def part(self, record: EnrolmentRecord, part: str) -> bytes:
        """Open one part.

        Raises:
            LikenessErasedError: there is no key for it, or it waits for its destruction.
            KeyDestroyed: its key was destroyed.
        """
        dek_id = _deks(record).get(part)
        if dek_id is None or record.status == "erased":
            # What a legal hold keeps from being destroyed is not used for that.
            raise LikenessErasedError
        return self.vault.get(dek_id, _context(record, part), _name(record, part))

    def forget(self, record: EnrolmentRecord) -> None:
        """Destroy the keys of all parts and delete what they locked."""
        self._forget(record, _deks(record))

    def forget_part(self, record: EnrolmentRecord, part: str) -> str:
        """Destroy the key of one part and delete what it locked; the map of what is left."""
        deks = _deks(record)
        dek_id = deks.pop(part, None)
        if dek_id is not None:
            self.vault.destroy(dek_id)
        self.vault.files.delete(_name(record, part))
        return json.dumps(deks)

    def count(self, record: EnrolmentRecord) -> int:
        """How many keys lock this likeness, destroyed or not."""
        return len(_deks(record))

    def parts(self, record: EnrolmentRecord) -> tuple[str, ...]:
        """The names of the parts that are kept."""
        return tuple(sorted(_deks(record)))

    def is_gone(self, record: EnrolmentRecord) -> bool:
        """Whether no key of this likeness opens: asked of the keys themselves."""
        return not any(
            self.vault.opens(dek_id, _context(record, part))
            for part, dek_id in _deks(record).items()
        )

    def _forget(self, record: EnrolmentRecord, deks: Mapping[str, str]) -> None:
        for dek_id in deks.values():
            self.vault.destroy(dek_id)
        self.vault.files.delete_all(_folder(record))


def _deks(record: EnrolmentRecord) -> dict[str, str]:
    deks: dict[str, str] = json.loads(record.deks or "{}")
    return deks


def _context(record: EnrolmentRecord, part: str) -> str:
    return f"enrolment:{record.id}:{part}"


def _folder(record: EnrolmentRecord) -> str:
    return f"people/{record.person_id}/{record.id}"


def _name(record: EnrolmentRecord, part: str) -> str:
    return f"{_folder(record)}/{part}"
