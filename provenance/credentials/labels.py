"""The names under which our statements stand in a manifest.

None ends in `.v1`: the library drops such a suffix, and the label would not be found again.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

ACTIONS: Final = "c2pa.actions.v2"
SOFT_BINDING: Final = "c2pa.soft-binding"
TRAINING_MINING: Final = "cawg.training-mining"
AI_DISCLOSURE: Final = "c2pa.ai-disclosure"
CONSENT: Final = "org.cameo.consent"
CONTAINER: Final = "org.cameo.container"

CREATED: Final = "c2pa.created"
OPENED: Final = "c2pa.opened"
WATERMARKED: Final = "c2pa.watermarked.bound"

DEFAULT_SOFT_BINDING: Final = "org.cameo.wm.video.1"
SOFT_BINDINGS: Final[Mapping[str, str]] = {
    "video": DEFAULT_SOFT_BINDING,
    "image": "org.cameo.wm.image.1",
    "sound": "org.cameo.wm.sound.1",
}
"""What each mark is called unless the operator says otherwise; not registered with C2PA yet."""
DEFAULT_BRAND: Final = "Cameo"
SPEC_VERSION: Final = "2.4.0"

CREATED_LABELS: Final = (
    "c2pa.actions",
    "c2pa.ingredient",
    "c2pa.thumbnail",
    SOFT_BINDING,
    AI_DISCLOSURE,
    TRAINING_MINING,
    CONSENT,
    CONTAINER,
)
"""What the signer itself vouches for, as against statements that it only gathered."""
