from collections.abc import Callable

import cv2
import numpy as np
import pytest

from provenance.watermark import attacks
from provenance.watermark.detect import Detection, Detector
from provenance.watermark.keys import epoch_key
from provenance.watermark.video import VideoMark

Frames = list[np.ndarray]


def jpeg(frame: np.ndarray, quality: int = 35) -> np.ndarray:
    return cv2.imdecode(
        cv2.imencode(".jpg", frame, [cv2.IMWRITE_JPEG_QUALITY, quality])[1], cv2.IMREAD_GRAYSCALE
    )


def resized(frame: np.ndarray, size: tuple[int, int]) -> np.ndarray:
    return cv2.resize(frame, size, interpolation=cv2.INTER_AREA)


def noisy(frame: np.ndarray) -> np.ndarray:
    rng = np.random.default_rng(int(frame[0, 0]))
    return np.clip(frame + rng.normal(0, 12, frame.shape), 0, 255).astype(np.uint8)


def padded(frame: np.ndarray) -> np.ndarray:
    return cv2.copyMakeBorder(resized(frame, (960, 540)), 90, 90, 160, 160, cv2.BORDER_CONSTANT)


@pytest.fixture(scope="module")
def original(scene: Callable) -> Frames:
    return scene(11)


@pytest.fixture(scope="module")
def marked(original: Frames, key: bytes, payload: int) -> Frames:
    mark = VideoMark(key, payload, (1280, 720))
    return [mark.embed(f) for f in original]


@pytest.fixture(scope="module")
def detector(key: bytes) -> Detector:
    return Detector(key)


def found(detection: Detection, payload: int) -> bool:
    assert detection.found == (detection.payload is not None) == (detection.geometry is not None)
    if detection.found:
        assert detection.confidence >= detection.threshold
    return detection.payload == payload


WHOLE_COPIES = {
    "untouched": lambda f: f,
    "half": lambda f: resized(f, (640, 360)),
    "half and compressed": lambda f: jpeg(resized(f, (640, 360)), 60),
    "480p": lambda f: resized(f, (854, 480)),
    "double": lambda f: cv2.resize(f, (2560, 1440), interpolation=cv2.INTER_CUBIC),
    "compressed": jpeg,
    "darker": lambda f: (f * 0.5).astype(np.uint8),
    "brighter": lambda f: cv2.convertScaleAbs(f, alpha=1.5),
    "gamma": lambda f: (255 * (f / 255.0) ** 0.6).astype(np.uint8),
    "noise": noisy,
    "blur": lambda f: cv2.GaussianBlur(f, (0, 0), 1.5),
    "mirrored": lambda f: np.ascontiguousarray(f[:, ::-1]),
    "turned": lambda f: np.ascontiguousarray(np.rot90(f)),
}


@pytest.mark.parametrize("name", WHOLE_COPIES)
def test_a_whole_copy_is_found_at_once(
    detector: Detector, marked: Frames, payload: int, name: str
) -> None:
    detection = detector.detect([WHOLE_COPIES[name](f) for f in marked], full=False)
    assert found(detection, payload)
    assert detection.geometry is not None
    assert detection.geometry.scale_x == pytest.approx(1.0)
    assert detection.geometry.flip == (name == "mirrored")
    assert detection.geometry.rotation_quarter == (1 if name == "turned" else 0)
    assert detection.frames_used == len(marked)


CUT_COPIES = {
    "crop to 70%": (lambda f: f[100:604, 201:1097], 1 / 0.7),
    "crop to 50%": (lambda f: jpeg(f[149:509, 301:941], 60), 2.0),
    "crop to 80%, then as large as before": (
        lambda f: cv2.resize(f[60:636, 120:1144], (1280, 720)),
        1.25,
    ),
    "smaller inside a border": (padded, 0.75),
}


@pytest.mark.parametrize("name", CUT_COPIES)
def test_a_cut_copy_is_found_by_the_full_search(
    detector: Detector, marked: Frames, payload: int, name: str
) -> None:
    attack, scale = CUT_COPIES[name]
    detection = detector.detect([np.ascontiguousarray(attack(f)) for f in marked])
    assert found(detection, payload)
    assert detection.geometry is not None
    assert detection.geometry.scale_x == pytest.approx(scale, rel=0.005)


def test_the_offset_says_where_a_crop_starts(
    detector: Detector, marked: Frames, payload: int
) -> None:
    detection = detector.detect([f[72:612, 150:1110] for f in marked])
    assert found(detection, payload)
    assert detection.geometry is not None
    assert detection.geometry.cell_px == pytest.approx(6.0, rel=0.005)
    assert detection.geometry.offset == pytest.approx((150 / 6, 72 / 6), abs=0.5)


@pytest.mark.parametrize("size", [(640, 360), (360, 640), (360, 288), (1000, 562)])
def test_other_sizes_carry_a_mark(
    scene: Callable, key: bytes, payload: int, detector: Detector, size: tuple[int, int]
) -> None:
    mark = VideoMark(key, payload, size)
    frames = [jpeg(mark.embed(f), 60) for f in scene(12, size)]
    assert found(detector.detect(frames, full=False), payload)


def test_dropped_and_repeated_frames_cost_nothing(
    detector: Detector, marked: Frames, payload: int
) -> None:
    assert found(detector.detect(marked[3:4], full=False), payload)
    assert found(detector.detect([marked[i] for i in (5, 5, 2, 0)], full=False), payload)
    assert found(detector.detect(iter(marked), max_frames=2, full=False), payload)


def test_a_dark_scene_is_marked(scene: Callable, key: bytes, payload: int) -> None:
    mark = VideoMark(key, payload, (640, 360))
    dark = [(16 + (f.astype(int) - 16) // 16).astype(np.uint8) for f in scene(13, (640, 360))]
    assert found(Detector(key).detect([mark.embed(f) for f in dark], full=False), payload)


@pytest.mark.parametrize("level", [16, 128, 235])
def test_even_a_flat_frame_is_marked(key: bytes, payload: int, level: int) -> None:
    frame = VideoMark(key, payload, (640, 360)).embed(np.full((360, 640), level, np.uint8))
    assert found(Detector(key).detect([frame], full=False), payload)


def test_payloads_are_told_apart(scene: Callable, key: bytes) -> None:
    frames = scene(14, (640, 360), count=3)
    for payload in (0, 1, 2**64 - 1):
        mark = VideoMark(key, payload, (640, 360))
        assert found(Detector(key).detect([mark.embed(f) for f in frames], full=False), payload)


def test_another_key_finds_nothing(marked: Frames) -> None:
    other = epoch_key(b"another master secret, 32 bytes.", 1, "video")
    detection = Detector(other).detect([resized(f, (640, 360)) for f in marked])
    assert not detection.found
    assert detection.payload is None
    assert detection.geometry is None
    assert detection.confidence < detection.threshold


def test_a_word_without_the_right_tag_is_not_a_payload(
    scene: Callable, key: bytes, payload: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    # Right chips and layout, wrong tag: as if someone had the pattern but not the key.
    monkeypatch.setattr("provenance.watermark.payload._tag", lambda *_: b"\0\1\2\3")
    mark = VideoMark(key, payload, (640, 360))
    frames = [mark.embed(f) for f in scene(15, (640, 360), count=3)]
    monkeypatch.undo()
    detection = Detector(key).detect(frames, full=False)
    assert detection.confidence > detection.threshold
    assert not detection.found


@pytest.mark.parametrize("seed", range(4))
def test_unmarked_content_is_never_found(scene: Callable, seed: int) -> None:
    key = epoch_key(bytes([seed]) * 32, 1, "video")
    detection = Detector(key).detect(scene(100 + seed, (640, 360), count=3))
    assert not detection.found
    assert 0 < detection.confidence < detection.threshold


def test_unmarked_flat_and_periodic_content_is_never_found(detector: Detector) -> None:
    yy, xx = np.mgrid[0:360, 0:640]
    for frame in (np.full((360, 640), 16), 128 + 60 * ((xx // 3 + yy // 3) % 2)):
        assert not detector.detect([frame.astype(np.uint8)]).found


def test_no_frames_is_nothing_found(detector: Detector) -> None:
    detection = detector.detect([])
    assert not detection.found
    assert detection.frames_used == 0


def test_upright_search_misses_a_mirrored_copy_and_asks_for_less(
    key: bytes, marked: Frames, payload: int
) -> None:
    upright = Detector(key, turned=False)
    mirrored = [np.ascontiguousarray(f[:, ::-1]) for f in marked[:2]]
    assert not upright.detect(mirrored, full=False).found
    straight = upright.detect(marked[:2], full=False)
    assert found(straight, payload)
    assert straight.threshold < Detector(key).detect(marked[:2], full=False).threshold


def test_a_search_gives_the_same_result_twice(detector: Detector, marked: Frames) -> None:
    frames = [resized(f, (640, 360))[50:302, 100:548] for f in marked[:2]]
    assert detector.detect(frames) == detector.detect(frames)


def test_several_keys_raise_the_threshold(key: bytes, marked: Frames) -> None:
    one = Detector(key).detect(marked[:1], full=False)
    many = Detector(key, keys_tried=12).detect(marked[:1], full=False)
    assert many.threshold > one.threshold


def test_a_mark_can_be_pasted_without_the_key(
    scene: Callable, detector: Detector, marked: Frames, payload: int
) -> None:
    # The weakness that the content fingerprint answers: see test_compare in fingerprint.
    estimated = attacks.estimate_tile([jpeg(f, 80) for f in marked])
    paste = attacks.Paste(estimated, (1280, 720))
    assert found(detector.detect([paste.apply(f) for f in scene(55)], full=False), payload)
