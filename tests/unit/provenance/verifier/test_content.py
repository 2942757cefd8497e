from __future__ import annotations

import numpy as np
import pytest

from provenance.fingerprint import BadFingerprint, fingerprint
from provenance.verifier.content import ContentFingerprinter


def clip(seed: int, seconds: int = 4, fps: int = 8) -> list[np.ndarray]:
    rng = np.random.default_rng(seed)
    pictures = rng.uniform(20, 235, size=(seconds + 1, 9, 16))
    return [
        np.kron(pictures[at // fps], np.ones((10, 10))).astype(np.uint8)
        for at in range(seconds * fps)
    ]


def test_the_same_content_agrees_and_other_content_does_not():
    reference = fingerprint(clip(1), 8.0).to_bytes()
    port = ContentFingerprinter()
    assert port.compare(reference, clip(1), 8.0, None).agrees
    other = port.compare(reference, clip(2), 8.0, None)
    assert not other.agrees
    assert other.score < other.threshold


def test_rubbish_is_no_reference():
    with pytest.raises(BadFingerprint):
        ContentFingerprinter().compare(b"rubbish", clip(1), 8.0, None)
