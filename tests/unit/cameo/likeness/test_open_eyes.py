"""The picture of a person is not one of a blink."""

from __future__ import annotations

import numpy as np
import pytest

from cameo.likeness.appearance import _eye_contrast, best_appearance
from cameo.likeness.capture import Capture
from cameo.likeness.dlib_faces import DlibFaces, FivePoints
from cameo.likeness.survey import survey
from generator.heads import Pose, person, render


@pytest.mark.parametrize("name", ["aiko", "emre", "dele"])
def test_open_eyes_are_chosen(name: str):
    blinks = (0.0, 1.0, 0.0, 0.8, 0.0, 1.0)
    # The blinks face the camera squarely; the open eyes are turned a little.
    poses = [Pose(yaw_deg=0.0 if blink else 3.0, blink=blink) for blink in blinks]
    frames = [render(person(name), pose) for pose in poses for _ in range(4)]
    capture = Capture(frames=frames, fps=8.0, samples=np.zeros(16_000, np.float32), rate=16_000)
    seen = survey(capture, DlibFaces())
    chosen = best_appearance(seen, (), FivePoints())
    by_look = {round(look.at * 8) // 4: _eye_contrast(look) for look in seen.with_face}
    open_eyes = np.mean([value for at, value in by_look.items() if not blinks[at]])
    shut_eyes = np.mean([value for at, value in by_look.items() if blinks[at]])
    assert shut_eyes < 0.8 * open_eyes
    eyes = chosen.points5[:4].reshape(2, 2, 2).mean(axis=1)
    apart = float(np.linalg.norm(eyes[0] - eyes[1]))
    grey = chosen.image.mean(axis=2)
    contrast = min(
        grey[
            round(y - 0.13 * apart) : round(y + 0.13 * apart),
            round(x - 0.22 * apart) : round(x + 0.22 * apart),
        ].std()
        for x, y in eyes
    )
    assert contrast > (open_eyes + shut_eyes) / 2 * 0.9
