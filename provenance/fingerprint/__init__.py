"""A content fingerprint: a few dozen bytes a second that say what a clip shows.

A watermark can be pasted onto other content; the fingerprint of what was released is in the signed
manifest, so that a mark found on a copy counts only where the content agrees::

    reference = fingerprint(luma_frames, fps=24.0)            # at release
    outcome = agreement(reference, fingerprint(copy, 24.0))   # a whole copy
    outcome = recognise(reference, copy, 24.0, found_mark)    # cropped, padded, turned or trimmed

It is not a secret and not a proof: someone who knows it can make content that agrees.
"""

from provenance.fingerprint.compare import (
    THRESHOLD,
    Agreement,
    FoundMark,
    agreement,
    fingerprint,
    recognise,
)
from provenance.fingerprint.errors import BadFingerprint, FingerprintError
from provenance.fingerprint.values import Fingerprint

__all__ = [
    "THRESHOLD",
    "Agreement",
    "BadFingerprint",
    "Fingerprint",
    "FingerprintError",
    "FoundMark",
    "agreement",
    "fingerprint",
    "recognise",
]
