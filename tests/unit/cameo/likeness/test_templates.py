from __future__ import annotations

import io
import pickle

import numpy as np
import pytest

from cameo.likeness.appearance import Appearance
from cameo.likeness.container import pack
from cameo.likeness.errors import EngineMismatchError, MalformedTemplateError
from cameo.likeness.templates import FaceTemplate, VoiceTemplate, voice_template

VECTORS = np.arange(24, dtype=np.float32).reshape(3, 8)


class Cosine:
    name = "cosine"
    accept, retry, steady = 0.8, 0.7, 0.6

    def similarity(self, a, b) -> float:
        return float(a @ b / np.linalg.norm(a) / np.linalg.norm(b))


def face() -> FaceTemplate:
    return FaceTemplate(engine="cosine", vectors=VECTORS)


def voice() -> VoiceTemplate:
    return VoiceTemplate(engine="cosine", centroid=VECTORS[1])


def appearance() -> Appearance:
    image = np.random.default_rng(0).integers(0, 255, (512, 512, 3), dtype=np.uint8)
    points = np.arange(10, dtype=np.float32).reshape(5, 2)
    return Appearance(image=image, points5=points, box=(140.5, 130.0, 370.0, 360.25))


def test_round_trips() -> None:
    assert np.array_equal(FaceTemplate.from_bytes(face().to_bytes()).vectors, VECTORS)
    assert np.array_equal(VoiceTemplate.from_bytes(voice().to_bytes()).centroid, VECTORS[1])
    again = Appearance.from_bytes(appearance().to_bytes())
    assert np.array_equal(again.image, appearance().image)
    assert np.array_equal(again.points5, appearance().points5)
    assert again.box == appearance().box


def test_bytes_are_the_same_each_time() -> None:
    assert face().to_bytes() == face().to_bytes()


@pytest.mark.parametrize("make", [face, voice, appearance])
@pytest.mark.parametrize(
    "spoil",
    [
        lambda data: data[:0],
        lambda data: data[:-1],
        lambda data: data + b"x",
        lambda data: b"XXXX" + data[4:],
        lambda data: data[:4] + b"\x02" + data[5:],
        lambda data: data[:9] + b"[" + data[10:],
        lambda data: data[:5] + b"\xff\xff\xff\xff" + data[9:],
        lambda data: data.replace(b"-template", b"-tempIate").replace(b"appearance", b"appearanse"),
        lambda data: data.replace(b"NUMPY", b"NUMPX"),
        lambda data: data.replace(b"<f4", b"|O "),
    ],
)
def test_spoilt_bytes_are_refused(make, spoil) -> None:
    value = make()
    with pytest.raises(MalformedTemplateError):
        type(value).from_bytes(spoil(value.to_bytes()))


def test_one_kind_is_not_another() -> None:
    with pytest.raises(MalformedTemplateError):
        FaceTemplate.from_bytes(voice().to_bytes())


@pytest.mark.parametrize(
    "vectors",
    [
        np.zeros((2, 3), np.float64),
        np.zeros(3, np.float32),
        np.zeros((0, 3), np.float32),
        np.full((1, 3), np.nan, np.float32),
        np.zeros((65, 3), np.float32),
    ],
)
def test_wrong_arrays_are_refused(vectors) -> None:
    stream = io.BytesIO()
    np.save(stream, vectors, allow_pickle=False)
    data = pack("face-template", {"engine": "cosine"}, {"vectors": stream.getvalue()})
    with pytest.raises(MalformedTemplateError):
        FaceTemplate.from_bytes(data)


def test_pickles_are_never_opened() -> None:
    class Bomb:
        def __reduce__(self):
            return (pytest.fail, ("a pickle was opened",))

    data = pack("face-template", {"engine": "cosine"}, {"vectors": pickle.dumps(Bomb())})
    with pytest.raises(MalformedTemplateError):
        FaceTemplate.from_bytes(data)


@pytest.mark.parametrize("head", [{}, {"engine": ""}, {"engine": 3}, {"engine": "a", "more": 1}])
def test_wrong_heads_are_refused(head) -> None:
    part = face().to_bytes()
    array = part[part.index(b"\x93NUMPY") :]
    with pytest.raises(MalformedTemplateError):
        FaceTemplate.from_bytes(pack("face-template", head, {"vectors": array}))


@pytest.mark.parametrize("box", [None, [1, 2, 3], [1, 2, 3, "x"], [1, 2, 3, float("nan")]])
def test_wrong_boxes_are_refused(box) -> None:
    data = appearance().to_bytes()
    png = data[data.index(b"\x89PNG") : data.index(b"\x93NUMPY")]
    array = data[data.index(b"\x93NUMPY") :]
    with pytest.raises(MalformedTemplateError):
        Appearance.from_bytes(pack("appearance", {"box": box}, {"png": png, "points5": array}))


def test_similarity_to_a_template() -> None:
    assert face().similarity(Cosine(), VECTORS[1]) > 0.8
    assert voice().similarity(Cosine(), VECTORS[1]) == pytest.approx(1.0)


def test_templates_of_other_engines_do_not_compare() -> None:
    class Other(Cosine):
        name = "other"

    with pytest.raises(EngineMismatchError):
        face().similarity(Other(), VECTORS[0])
    with pytest.raises(EngineMismatchError):
        voice().similarity(Other(), VECTORS[0])


def test_the_middle_of_several_voices_has_length_one() -> None:
    middle = voice_template(Cosine(), list(VECTORS[1:]))
    assert np.linalg.norm(middle.centroid) == pytest.approx(1.0)
