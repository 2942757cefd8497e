"""Why a kit cannot be used or made: one root, one code each."""

from __future__ import annotations

from typing import ClassVar

from cameo.flows.errors import FlowError


class KitError(FlowError):
    """The kit cannot be used."""

    code: ClassVar[str] = "kit.invalid"

    def __init__(self, detail: str = "") -> None:
        text = (type(self).__doc__ or "").strip()
        super().__init__(f"{text} ({detail})" if detail else text)


class MalformedKitError(KitError):
    """The file is not a kit of this form."""

    code = "kit.malformed"


class OtherSpellingKitError(KitError):
    """The file is not the one canonical form (RFC 8785) of what it says."""

    code = "kit.not_canonical"


class KitTooLargeError(KitError):
    """A kit holds 20,000 clips and 256 MiB at most; choose clips with --clip."""

    code = "kit.too_large"


class KitSignatureError(KitError):
    """The kit is not signed by the key that was asked for; something in it was changed."""

    code = "kit.signature"


class KitLogError(KitError):
    """The kit's head is not one of the log that it names, or that log is not the one trusted."""

    code = "kit.other_log"


class MarkKeyMissingError(KitError):
    """The kit lacks watermark keys, so that no mark was found does not say that there is none."""

    code = "kit.no_mark_key"


class KitMarkKeyError(KitError):
    """The watermark key in the kit is not the one that was committed to."""

    code = "kit.mark_key"


class KitMarkLogError(KitError):
    """What the kit says about an epoch of the watermark's keys is not what the log says."""

    code = "kit.mark_log"
