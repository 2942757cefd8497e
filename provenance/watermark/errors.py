"""What can go wrong with a mark."""

from __future__ import annotations

from typing import ClassVar

from provenance.errors import ProvenanceError


class WatermarkError(ProvenanceError):
    """The mark could not be written or looked for."""

    code: ClassVar[str] = "watermark.error"


class CannotCarry(WatermarkError):
    """The picture cannot carry a mark."""

    code: ClassVar[str] = "watermark.cannot_carry"

    def __init__(self, because: str) -> None:
        super().__init__(f"cannot carry a mark because {because}")


class BadKey(WatermarkError):
    """The watermark key has the wrong form."""

    code: ClassVar[str] = "watermark.bad_key"


class BadPayload(WatermarkError):
    """A payload is a whole number from 0 to 2**64 - 1."""

    code: ClassVar[str] = "watermark.bad_payload"


class BadFrame(WatermarkError):
    """A frame is not a luma plane of the expected size and type."""

    code: ClassVar[str] = "watermark.bad_frame"
