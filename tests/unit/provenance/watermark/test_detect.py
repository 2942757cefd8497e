from collections.abc import Callable

import cv2
import numpy as np
import pytest

from provenance.watermark.detect import Detection, Detector
from provenance.watermark.keys import epoch_key
from provenance.watermark.video import VideoMark

Frames = list[np.ndarray]
FPS = 8.0
SIZE = (960, 540)
CELL = 6.0


def jpeg(frame: np.ndarray, quality: int = 50) -> np.ndarray:
    coded = cv2.imencode(".jpg", frame, [cv2.IMWRITE_JPEG_QUALITY, quality])[1]
    return cv2.imdecode(coded, cv2.IMREAD_GRAYSCALE)


def resized(frame: np.ndarray, size: tuple[int, int]) -> np.ndarray:
    return cv2.resize(frame, size, interpolation=cv2.INTER_AREA)


def rotated(frame: np.ndarray, degrees: float) -> np.ndarray:
    height, width = frame.shape
    turn = cv2.getRotationMatrix2D((width / 2, height / 2), degrees, 1.0)
    return cv2.warpAffine(frame, turn, (width, height), borderValue=16)


def embedded(key: bytes, payload: int, frames: Frames, fps: float = FPS) -> Frames:
    mark = VideoMark(key, payload, frames[0].shape[::-1])
    return [mark.embed(f, i / fps) for i, f in enumerate(frames)]


@pytest.fixture(scope="module")
def original(scene: Callable) -> Frames:
    return scene(11, SIZE, count=24)


@pytest.fixture(scope="module")
def marked(original: Frames, key: bytes, payload: int) -> Frames:
    return embedded(key, payload, original)


@pytest.fixture(scope="module")
def detector(key: bytes) -> Detector:
    return Detector(key)


def found(detection: Detection, payload: int) -> bool:
    assert detection.found == (detection.payload is not None) == (detection.geometry is not None)
    assert detection.found == bool(detection.spans)
    if detection.found:
        assert detection.confidence >= detection.threshold
    return detection.payload == payload


WHOLE_COPIES = {
    "untouched": lambda f: f,
    "half": lambda f: resized(f, (480, 270)),
    "double": lambda f: cv2.resize(f, (1920, 1080), interpolation=cv2.INTER_CUBIC),
    "compressed": lambda f: jpeg(f, 20),
    "darker": lambda f: (f * 0.5).astype(np.uint8),
    "brighter": lambda f: cv2.convertScaleAbs(f, alpha=1.5),
    "gamma": lambda f: (255 * (f / 255.0) ** 0.6).astype(np.uint8),
    "noise": lambda f: np.clip(
        f + np.random.default_rng(int(f[0, 0])).normal(0, 12, f.shape), 0, 255
    ).astype(np.uint8),
    "blur": lambda f: cv2.GaussianBlur(f, (0, 0), 2.0),
    "mirrored": lambda f: np.ascontiguousarray(f[:, ::-1]),
    "upside down": lambda f: np.ascontiguousarray(f[::-1]),
    "turned": lambda f: np.ascontiguousarray(np.rot90(f)),
    "logo": lambda f: cv2.rectangle(f.copy(), (40, 40), (300, 200), 235, -1),
}


@pytest.mark.parametrize("name", WHOLE_COPIES)
def test_a_whole_copy_is_found_at_once(
    detector: Detector, marked: Frames, payload: int, name: str
) -> None:
    detection = detector.detect([WHOLE_COPIES[name](f) for f in marked], FPS, full=False)
    assert found(detection, payload)
    assert detection.geometry is not None
    assert detection.geometry.scale_x == pytest.approx(1.0)
    assert detection.geometry.flip == (name in {"mirrored", "upside down"})
    turns = {"turned": 1, "upside down": 2}
    assert detection.geometry.rotation_quarter == turns.get(name, 0)


CUT_COPIES = {
    "crop to 70%": (lambda f: f[75:453, 151:823], 1 / 0.7),
    "crop to 80%, then as large as before": (lambda f: resized(f[45:477, 90:858], SIZE), 1.25),
    "9:16 crop, compressed": (lambda f: jpeg(f[:, 300:604]), 540 / 304),
    "smaller inside a border": (
        lambda f: cv2.copyMakeBorder(
            resized(f, (720, 405)), 67, 68, 120, 120, cv2.BORDER_CONSTANT, value=16
        ),
        0.75,
    ),
    "mirrored and cropped": (lambda f: f[40:500, 60:860][:, ::-1], 540 / 460),
}


@pytest.mark.parametrize("name", CUT_COPIES)
def test_a_cut_copy_is_found_by_the_search(
    detector: Detector, marked: Frames, payload: int, name: str
) -> None:
    attack, scale = CUT_COPIES[name]
    detection = detector.detect([np.ascontiguousarray(attack(f)) for f in marked], FPS)
    assert found(detection, payload)
    assert detection.geometry is not None
    assert detection.geometry.scale_x == pytest.approx(scale, rel=0.01)
    assert detection.geometry.flip == ("mirrored" in name)


@pytest.mark.parametrize("degrees", [-5.0, 10.0])
def test_a_rotated_copy_is_found(
    detector: Detector, marked: Frames, payload: int, degrees: float
) -> None:
    detection = detector.detect([rotated(f, degrees) for f in marked], FPS)
    assert found(detection, payload)
    assert detection.geometry is not None
    assert detection.geometry.rotation_deg == pytest.approx(degrees, abs=0.3)


@pytest.mark.parametrize("width", [0.94, 0.75])
def test_a_stretched_copy_is_found(
    detector: Detector, marked: Frames, payload: int, width: float
) -> None:
    size = (round(SIZE[0] * width), SIZE[1])
    detection = detector.detect([resized(f, size) for f in marked], FPS)
    assert found(detection, payload)
    assert detection.geometry is not None
    ratio = detection.geometry.scale_x / detection.geometry.scale_y
    assert ratio == pytest.approx(width, rel=0.01)


def test_the_geometry_says_where_a_crop_lies(
    detector: Detector, marked: Frames, payload: int
) -> None:
    detection = detector.detect([f[72:486, 150:822] for f in marked], FPS)
    assert found(detection, payload)
    where = detection.geometry
    assert where is not None
    assert where.cell_px == pytest.approx(CELL, rel=0.01)
    assert where.offset == pytest.approx((150 / CELL, 72 / CELL), abs=0.3)
    a, b, c, d, e, f = where.matrix
    assert (a, b, d, e) == pytest.approx((CELL, 0, 0, CELL), abs=0.05)
    assert (c, f) == pytest.approx((-150, -72), abs=2)


@pytest.mark.parametrize("size", [(640, 360), (360, 640), (360, 288), (1001, 563), (1920, 1080)])
def test_other_sizes_carry_a_mark(
    scene: Callable, key: bytes, payload: int, detector: Detector, size: tuple[int, int]
) -> None:
    frames = [jpeg(f, 60) for f in embedded(key, payload, scene(12, size, count=16))]
    assert found(detector.detect(frames, FPS, full=False), payload)


def test_a_trimmed_copy_says_which_seconds_it_shows(
    detector: Detector, marked: Frames, payload: int
) -> None:
    detection = detector.detect(marked[10:], FPS, full=False)
    assert found(detection, payload)
    (span,) = detection.spans
    assert (span.start, span.end) == pytest.approx((0.0, 14 / FPS), abs=0.3)
    assert span.source_start == pytest.approx(10 / FPS, abs=0.3)


def test_dropped_and_repeated_frames_cost_nothing(
    detector: Detector, marked: Frames, payload: int
) -> None:
    assert found(detector.detect(marked[3:4], full=False), payload)
    assert found(detector.detect(marked[::2], FPS / 2, full=False), payload)
    doubled = [f for f in marked for _ in (0, 1)]
    assert found(detector.detect(doubled, 2 * FPS, full=False), payload)


@pytest.mark.parametrize("speed", [0.8, 1.25])
def test_another_speed_is_found(
    detector: Detector, scene: Callable, key: bytes, payload: int, speed: float
) -> None:
    frames = embedded(key, payload, scene(16, (640, 360), count=48))
    detection = detector.detect(frames, FPS * speed, full=False)
    assert found(detection, payload)
    assert detection.spans[0].speed == pytest.approx(speed, abs=0.06)


def test_clips_cut_together_are_told_apart(detector: Detector, scene: Callable, key: bytes) -> None:
    size = (640, 360)
    first = embedded(key, 1, scene(17, size, count=24))
    second = embedded(key, 2, scene(18, size, count=32))
    between = scene(19, size, count=16)
    detection = detector.detect([*first, *between, *second], FPS, full=False)
    assert detection.payload in {1, 2}
    assert [span.payload for span in detection.spans] == [1, 2]
    times = [(span.start, span.end) for span in detection.spans]
    assert times[0] == pytest.approx((0.0, 3.0), abs=0.6)
    assert times[1] == pytest.approx((5.0, 9.0), abs=0.6)


def test_a_long_clip_is_marked_throughout(
    detector: Detector, scene: Callable, key: bytes, payload: int
) -> None:
    frames = embedded(key, payload, scene(20, (320, 180), count=60), 2.0)
    detection = detector.detect(frames, 2.0, full=False)
    assert found(detection, payload)
    (span,) = detection.spans
    assert (span.start, span.end) == pytest.approx((0.0, 30.0), abs=1.0)


def test_a_dark_scene_is_marked(scene: Callable, key: bytes, payload: int) -> None:
    dark = [
        (16 + (f.astype(int) - 16) // 16).astype(np.uint8) for f in scene(13, (640, 360), count=8)
    ]
    assert found(Detector(key).detect(embedded(key, payload, dark), FPS, full=False), payload)


@pytest.mark.parametrize("level", [16, 128, 235])
def test_even_a_flat_frame_is_marked(key: bytes, payload: int, level: int) -> None:
    frame = VideoMark(key, payload, (640, 360)).embed(np.full((360, 640), level, np.uint8))
    assert found(Detector(key).detect([frame], full=False), payload)


def test_ten_bits_are_marked(scene: Callable, key: bytes, payload: int) -> None:
    frames = [f.astype(np.uint16) * 4 + 1 for f in scene(13, (640, 360), count=8)]
    marked = embedded(key, payload, frames)
    assert found(Detector(key).detect(marked, FPS, full=False), payload)
    as_eight = [(f // 4).astype(np.uint8) for f in marked]
    assert found(Detector(key).detect(as_eight, FPS, full=False), payload)


def test_payloads_are_told_apart(scene: Callable, key: bytes) -> None:
    frames = scene(14, (640, 360), count=8)
    for payload in (0, 1, 2**64 - 1):
        marked = embedded(key, payload, frames)
        assert found(Detector(key).detect(marked, FPS, full=False), payload)


def test_another_key_finds_nothing(marked: Frames) -> None:
    other = epoch_key(b"another master secret, 32 bytes.", 1, "video")
    detection = Detector(other).detect([resized(f, (480, 270)) for f in marked], FPS)
    assert not detection.found
    assert detection.spans == ()
    assert detection.confidence < detection.threshold


def test_a_word_without_the_right_tag_is_not_a_payload(
    scene: Callable, key: bytes, payload: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    # Right chips and plan, wrong tag: as if someone had the pattern but not the key.
    monkeypatch.setattr("provenance.watermark.payload._tag", lambda *_: b"\0\1\2\3")
    frames = embedded(key, payload, scene(15, (640, 360), count=3))
    monkeypatch.undo()
    detection = Detector(key).detect(frames, FPS, full=False)
    assert detection.confidence > detection.threshold
    assert not detection.found


@pytest.mark.parametrize("seed", range(3))
def test_unmarked_content_is_never_found(scene: Callable, seed: int) -> None:
    key = epoch_key(bytes([seed]) * 32, 1, "video")
    detection = Detector(key).detect(scene(100 + seed, (480, 270), count=8), FPS)
    assert not detection.found
    assert detection.confidence < detection.threshold


def test_unmarked_flat_and_periodic_content_is_never_found(detector: Detector) -> None:
    yy, xx = np.mgrid[0:270, 0:480]
    for frame in (np.full((270, 480), 16), 128 + 60 * ((xx // 3 + yy // 3) % 2)):
        assert not detector.detect([frame.astype(np.uint8)]).found


def test_no_frames_is_nothing_found(detector: Detector) -> None:
    detection = detector.detect([])
    assert not detection.found
    assert detection.frames_used == 0


def test_a_search_gives_the_same_result_twice(detector: Detector, marked: Frames) -> None:
    frames = [f[50:302, 100:548] for f in marked[:4]]
    assert detector.detect(frames, FPS) == detector.detect(frames, FPS)


def test_several_keys_raise_the_threshold(key: bytes, marked: Frames) -> None:
    one = Detector(key).detect(marked[:4], FPS)
    many = Detector(key, keys_tried=12).detect(marked[:4], FPS)
    assert one.found
    assert many.threshold > one.threshold
