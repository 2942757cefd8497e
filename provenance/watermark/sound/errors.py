"""What can be wrong with sound."""

from __future__ import annotations

from typing import ClassVar

from provenance.watermark.errors import WatermarkError


class BadSound(WatermarkError):
    """The samples are not finite floating-point sound of a supported shape and rate."""

    code: ClassVar[str] = "watermark.bad_sound"
