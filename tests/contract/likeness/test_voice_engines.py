"""What every voice engine owes, run against each; then what is particular to one."""

from __future__ import annotations

import shutil
import sys
from itertools import combinations
from pathlib import Path

import numpy as np
import pytest

from cameo.likeness.ecapa_voices import EcapaVoices
from cameo.likeness.errors import ModelBrokenError, ModelMissingError, TooLittleSpeechError
from cameo.likeness.resemblyzer_voices import ResemblyzerVoices
from cameo.likeness.torchaudio_mask import import_torchaudio
from cameo.likeness.voices import VoiceEngine

RATE = 16_000


def hum(pitch: float, seconds: float = 3.0) -> np.ndarray:
    """A buzzing voice-like sound with two formants."""
    t = np.arange(round(seconds * RATE)) / RATE
    wave = sum(
        np.sin(2 * np.pi * pitch * k * t + k)
        * (
            np.exp(-(((pitch * k - 600) / 300) ** 2))
            + 0.6 * np.exp(-(((pitch * k - 1700) / 400) ** 2))
        )
        for k in range(1, int(4000 / pitch))
    )
    return (0.3 * wave / np.abs(wave).max() * (1 + 0.3 * np.sin(7 * t))).astype(np.float32)


@pytest.fixture(scope="module", params=["resemblyzer", "ecapa"])
def engine(request) -> VoiceEngine:
    if request.param == "resemblyzer":
        return ResemblyzerVoices()
    return EcapaVoices(request.getfixturevalue("tiny_voice_folder"))


def test_keeps_the_protocol(engine) -> None:
    assert isinstance(engine, VoiceEngine)
    assert engine.name
    assert engine.retry <= engine.accept


def test_repeats_itself_quietly_at_length_one(engine, capfd) -> None:
    a, b = engine.embed(hum(120)), engine.embed(hum(120))
    assert a.dtype == np.float32
    assert a.ndim == 1
    assert np.array_equal(a, b)
    assert np.linalg.norm(a) == pytest.approx(1.0, abs=1e-5)
    assert engine.similarity(a, b) == pytest.approx(1.0, abs=1e-5)
    other = engine.embed(hum(240))
    assert engine.similarity(a, other) == pytest.approx(engine.similarity(other, a), abs=1e-6)
    assert engine.similarity(a, other) < 1.0
    assert capfd.readouterr().out == ""


@pytest.mark.parametrize("samples", [0, 100, 7999])
def test_too_little_sound(engine, samples) -> None:
    with pytest.raises(TooLittleSpeechError):
        engine.embed(hum(120)[:samples])


def test_silence(engine) -> None:
    with pytest.raises(TooLittleSpeechError):
        engine.embed(np.zeros(2 * RATE, np.float32))


def test_sound_beyond_full_scale_is_clipped(engine) -> None:
    assert np.isfinite(engine.embed(hum(120) * 5)).all()


def test_ecapa_without_its_files(tmp_path: Path, tiny_voice_folder) -> None:
    with pytest.raises(ModelMissingError, match="hyperparams"):
        EcapaVoices(tmp_path)
    shutil.copy(tiny_voice_folder / "hyperparams.yaml", tmp_path)
    with pytest.raises(ModelMissingError, match="embedding_model"):
        EcapaVoices(tmp_path)


def test_ecapa_with_broken_weights(tmp_path: Path, tiny_voice_folder) -> None:
    shutil.copytree(tiny_voice_folder, tmp_path, dirs_exist_ok=True)
    (tmp_path / "embedding_model.ckpt").write_bytes(b"no model")
    with pytest.raises(ModelBrokenError):
        EcapaVoices(tmp_path)


def test_ecapa_leaves_no_copies_behind(tiny_voice_folder, tmp_path: Path, monkeypatch) -> None:
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    EcapaVoices(tiny_voice_folder)
    assert list(tmp_path.iterdir()) == []


def test_torchaudio_can_be_imported_whatever_its_build() -> None:
    how = import_torchaudio()
    assert how == import_torchaudio()
    assert "torchaudio" in sys.modules


@pytest.mark.sharedata
@pytest.mark.slow
def test_resemblyzer_tells_five_readers_apart(shared_data: Path) -> None:
    """Measured over 435 pairs: the same reader .808 and more, different readers .727 and less."""
    import soundfile

    engine = ResemblyzerVoices()
    vectors = []
    for path in sorted((shared_data / "voices").glob("[0-9]*/*-000[0-3].flac")):
        samples, _ = soundfile.read(path)
        vectors.append((path.parent.name, engine.embed(samples[: 6 * RATE].astype(np.float32))))
    for (reader, a), (other, b) in combinations(vectors, 2):
        similarity = engine.similarity(a, b)
        assert (similarity >= engine.retry) == (reader == other), (reader, other, similarity)
