from collections.abc import Callable

import cv2
import numpy as np
import pytest

from provenance.fingerprint import Fingerprint, FoundMark, agreement, fingerprint, recognise
from provenance.watermark import attacks
from provenance.watermark.detect import Detection, Detector
from provenance.watermark.keys import epoch_key
from provenance.watermark.video import VideoMark

Frames = list[np.ndarray]
FPS = 12.0


def jpeg(frame: np.ndarray) -> np.ndarray:
    coded = cv2.imencode(".jpg", frame, [cv2.IMWRITE_JPEG_QUALITY, 30])[1]
    return cv2.imdecode(coded, cv2.IMREAD_GRAYSCALE)


@pytest.fixture(scope="module")
def clip(scene: Callable) -> Frames:
    return scene(1)


@pytest.fixture(scope="module")
def reference(clip: Frames) -> Fingerprint:
    return fingerprint(clip, FPS)


COPIES = {
    "untouched": lambda f: f,
    "half": lambda f: cv2.resize(f, (320, 180), interpolation=cv2.INTER_AREA),
    "double": lambda f: cv2.resize(f, (1280, 720)),
    "compressed": jpeg,
    "darker": lambda f: (f * 0.5).astype(np.uint8),
    "brighter": lambda f: cv2.convertScaleAbs(f, alpha=1.4),
    "less contrast": lambda f: (f * 0.5 + 60).astype(np.uint8),
    "gamma": lambda f: (255 * (f / 255.0) ** 0.6).astype(np.uint8),
    "blur": lambda f: cv2.GaussianBlur(f, (0, 0), 3.0),
}


@pytest.mark.parametrize("name", COPIES)
def test_a_copy_agrees(clip: Frames, reference: Fingerprint, name: str) -> None:
    outcome = agreement(reference, fingerprint([COPIES[name](f) for f in clip], FPS))
    assert outcome.agrees
    assert outcome.score > 0.95
    assert outcome.reason == "fingerprint.agrees"
    assert (outcome.seconds_compared, outcome.offset_s) == (4.0, 0.0)


def test_another_frame_rate_agrees(clip: Frames, reference: Fingerprint) -> None:
    assert agreement(reference, fingerprint(clip[::2], FPS / 2)).agrees


@pytest.mark.parametrize("seconds", [1, 2])
def test_a_trimmed_copy_agrees_and_says_where_it_starts(
    clip: Frames, reference: Fingerprint, seconds: int
) -> None:
    outcome = agreement(reference, fingerprint(clip[int(FPS) * seconds :], FPS))
    assert outcome.agrees
    assert outcome.offset_s == seconds


def test_a_longer_candidate_agrees(scene: Callable, clip: Frames, reference: Fingerprint) -> None:
    outcome = agreement(reference, fingerprint([*scene(9, count=24), *clip], FPS))
    assert outcome.agrees
    assert outcome.offset_s == -2.0


@pytest.mark.parametrize("frames", [3, 5, 7, 17])
def test_a_trim_by_part_of_a_second_is_recognised(
    clip: Frames, reference: Fingerprint, frames: int
) -> None:
    outcome = recognise(reference, clip[frames:], FPS)
    assert outcome.agrees
    assert outcome.score > 0.9
    assert outcome.offset_s == pytest.approx(frames / FPS, abs=0.26)


def test_other_clips_differ(scene: Callable, reference: Fingerprint) -> None:
    for seed in range(2, 14):
        other = scene(seed)
        for outcome in (
            agreement(reference, fingerprint(other, FPS)),
            recognise(reference, other, FPS),
        ):
            assert not outcome.agrees
            assert outcome.reason == "fingerprint.differs"
            assert outcome.score < 0.75


def test_other_action_before_one_background_differs(scene: Callable) -> None:
    one, two = (scene(seed, background=77, pan=0) for seed in (20, 21))
    outcome = recognise(fingerprint(one, FPS), two, FPS)
    assert outcome.reason == "fingerprint.differs"
    assert recognise(fingerprint(one, FPS), one, FPS).agrees


@pytest.mark.parametrize(("one", "two"), [(16, 16), (16, 128), (200, 201)])
def test_flat_clips_never_agree(one: int, two: int) -> None:
    first, second = ([np.full((90, 160), level, np.uint8)] * 36 for level in (one, two))
    outcome = agreement(fingerprint(first, FPS), fingerprint(second, FPS))
    assert not outcome.agrees
    assert outcome.reason == "fingerprint.too_little_information"


def test_dark_noise_does_not_agree() -> None:
    rng = np.random.default_rng(1)
    first, second = (
        [rng.integers(16, 20, (180, 320)).astype(np.uint8) for _ in range(36)] for _ in range(2)
    )
    assert not agreement(fingerprint(first, FPS), fingerprint(second, FPS)).agrees


def test_a_still_agrees_with_itself_and_not_with_another(scene: Callable) -> None:
    one, two = (scene(seed, count=1) * 24 for seed in (30, 31))
    assert agreement(fingerprint(one, FPS), fingerprint([jpeg(f) for f in one], FPS)).agrees
    assert not agreement(fingerprint(one, FPS), fingerprint(two, FPS)).agrees


def test_an_empty_fingerprint_is_too_little(reference: Fingerprint) -> None:
    outcome = agreement(reference, Fingerprint(size=(640, 360), seconds=()))
    assert outcome.reason == "fingerprint.too_little_information"
    assert outcome.seconds_compared == 0


@pytest.fixture(scope="module")
def key() -> bytes:
    return epoch_key(b"k" * 32, 1, "video")


CUTS = {
    "crop": lambda f: f[40:310, 90:570],
    "mirrored crop": lambda f: f[40:310, 90:570][:, ::-1],
    "turned": np.rot90,
    "border": lambda f: cv2.copyMakeBorder(f, 40, 40, 60, 60, cv2.BORDER_CONSTANT),
}


def where(detection: Detection) -> FoundMark:
    (span,) = detection.spans
    return FoundMark(geometry=detection.geometry, start=span.start, end=span.end, speed=span.speed)


@pytest.mark.parametrize("name", CUTS)
def test_the_marks_geometry_lets_a_cut_copy_be_recognised(
    scene: Callable, clip: Frames, reference: Fingerprint, key: bytes, name: str
) -> None:
    mark = VideoMark(key, 99, (640, 360))
    copy = [np.ascontiguousarray(CUTS[name](mark.embed(f, i / FPS))) for i, f in enumerate(clip)]
    detection = Detector(key).detect(copy, FPS)
    assert detection.payload == 99
    outcome = recognise(reference, copy, FPS, where(detection))
    assert outcome.agrees
    assert outcome.score > 0.9
    assert not recognise(reference, copy, FPS).agrees
    other = fingerprint(scene(40), FPS)
    assert not recognise(other, copy, FPS, where(detection)).agrees


def test_a_part_of_a_compilation_is_recognised(
    scene: Callable, clip: Frames, reference: Fingerprint, key: bytes
) -> None:
    mark = VideoMark(key, 99, (640, 360))
    marked = [mark.embed(f, i / FPS) for i, f in enumerate(clip)]
    copy = [*scene(42), *marked[12:36], *scene(43)]
    detection = Detector(key).detect(copy, FPS)
    assert detection.payload == 99
    assert recognise(reference, copy, FPS, where(detection)).agrees


def test_a_pasted_mark_decodes_but_the_content_disagrees(
    scene: Callable, clip: Frames, reference: Fingerprint, key: bytes
) -> None:
    mark = VideoMark(key, 0xFEED, (640, 360))
    learnt = attacks.estimate([mark.embed(f, i / FPS) for i, f in enumerate(clip)], FPS)
    paste = attacks.Paste(learnt)
    forged = [paste.apply(f, i / FPS) for i, f in enumerate(scene(41))]
    detection = Detector(key).detect(forged, FPS)
    assert detection.payload == 0xFEED
    outcome = recognise(reference, forged, FPS, where(detection))
    assert not outcome.agrees
    assert outcome.reason == "fingerprint.differs"
