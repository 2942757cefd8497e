"""The one root of what this package raises."""

from __future__ import annotations

from typing import ClassVar


class ProvenanceError(Exception):
    """Something about the provenance of a clip could not be established."""

    code: ClassVar[str] = "provenance.error"
