"""Why a bundle does not hold, or cannot be made: one root, one code each."""

from __future__ import annotations

from typing import ClassVar

from cameo.flows.errors import FlowError


class BundleError(FlowError):
    """The bundle does not hold."""

    code: ClassVar[str] = "bundle.invalid"

    def __init__(self, detail: str = "") -> None:
        text = (type(self).__doc__ or "").strip()
        super().__init__(f"{text} ({detail})" if detail else text)


class BundleTooLargeError(BundleError):
    """The file is larger than any bundle."""

    code = "bundle.too_large"


class MalformedBundleError(BundleError):
    """The file is not a bundle of this form."""

    code = "bundle.malformed"


class OtherSpellingBundleError(BundleError):
    """The file is not the one canonical form (RFC 8785) of what it says."""

    code = "bundle.not_canonical"


class OtherLogError(BundleError):
    """The bundle is about another log than the one that is trusted."""

    code = "bundle.other_log"


class HeadError(BundleError):
    """The head of the log is not signed by the log and the witnesses that the bundle names."""

    code = "bundle.checkpoint"


class LeafError(BundleError):
    """An entry is not in the log, or not about what the bundle says."""

    code = "bundle.entry"


class MissingError(BundleError):
    """Something that is cited is not in the bundle."""

    code = "bundle.missing"


class SuperfluousError(BundleError):
    """Something is in the bundle that nothing cites, or not in its place."""

    code = "bundle.superfluous"


class SignatureError(BundleError):
    """The person's key did not sign this document, or not as a signature must be made."""

    code = "bundle.signature"


class KeyChainError(BundleError):
    """The key that signed may not have signed this."""

    code = "bundle.key"


class DocumentError(BundleError):
    """A document is not the one that the log's entry is about."""

    code = "bundle.document"


class EnrolmentError(BundleError):
    """The consent is not for the enrolment that the log's entry is about."""

    code = "bundle.enrolment"


class OrderError(BundleError):
    """Something stands in the log after what rests on it."""

    code = "bundle.order"


class EpochError(BundleError):
    """The people and epochs that the log's entries cite do not fit."""

    code = "bundle.epochs"


class TermsError(BundleError):
    """What was agreed does not allow this clip."""

    code = "bundle.terms"


class PublicationError(BundleError):
    """The publication is not of this clip, or an approval is not for it."""

    code = "bundle.publication"


class MediaDiffersError(BundleError):
    """The file is not the one that was released."""

    code = "bundle.media"


class NoBundleError(FlowError):
    """This clip was not released here, so nothing shows who agreed to it."""

    code = "bundle.none"


class BundleErasedError(FlowError):
    """Somebody in this clip erased their cameo; what proved their consent is theirs alone now."""

    code = "bundle.erased"


class PrivateTermsError(FlowError):
    """Somebody else's consent in it names people or words; only they and the operator get it."""

    code = "bundle.private"
