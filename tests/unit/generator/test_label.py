from __future__ import annotations

import numpy as np
import pytest

from generator.label import burn_label


@pytest.mark.parametrize("size", [(360, 640), (640, 360), (1080, 1920), (720, 720), (360, 360)])
@pytest.mark.parametrize("shade", [0, 128, 255])
def test_the_label_is_readable_on_any_ground(size, shade):
    h, w = size
    frame = np.full((h, w, 3), shade, np.uint8)
    marked = burn_label(frame)
    assert frame.min() == frame.max() == shade  # the input is left alone
    changed = np.abs(marked.astype(int) - shade).max(axis=2) > 0
    rows, columns = np.flatnonzero(changed.any(axis=1)), np.flatnonzero(changed.any(axis=0))
    assert rows.min() > 0.8 * h
    assert columns.max() < w
    part = marked[rows.min() : rows.max() + 1, columns.min() : columns.max() + 1]
    assert int(part.max()) - int(part.min()) > 90
    assert 0.10 * min(w, h) < len(columns) < 0.6 * w


def test_text_can_be_chosen():
    frame = np.zeros((360, 640, 3), np.uint8)
    assert (burn_label(frame, "AI") != burn_label(frame, "AI generated")).any()
