"""Voices by a SpeechBrain ECAPA-TDNN folder on the local disk, on the CPU and one thread."""

from __future__ import annotations

import hashlib
import logging
import tempfile
import threading
import warnings
from pathlib import Path
from typing import Any

import numpy as np

from cameo.likeness.arrays import LIKENESS_RATE, Samples, Vector, unit
from cameo.likeness.errors import ModelBrokenError, ModelMissingError, TooLittleSpeechError
from cameo.likeness.torchaudio_mask import import_torchaudio

_FILES = ("hyperparams.yaml", "embedding_model.ckpt")
_SHORTEST_S = 0.5
_QUIETEST = 1e-4


class EcapaVoices:
    """A folder such as `speechbrain/spkrec-ecapa-voxceleb`, downloaded by whoever runs the service.

    The default thresholds are the ones its authors use as a start (.25) raised for enrolment;
    they were not measured on this project's material: set your own.

    The folder's hyperparams.yaml can name any Python class: only install folders that you trust.
    """

    def __init__(
        self, folder: Path, *, accept: float = 0.45, retry: float = 0.35, steady: float = 0.20
    ) -> None:
        """Loads the model.

        Args:
            folder: holds hyperparams.yaml and the .ckpt files that it names.
            accept: cosine from which two recordings count as the same speaker.
            retry: cosine from which another try is worth asking for.
            steady: least cosine of two windows within one recording.

        Raises:
            ModelMissingError: the folder or a file of it, or the package speechbrain, is not there.
            ModelBrokenError: the model could not be loaded.
        """
        for name in _FILES:
            if not (folder / name).is_file():
                raise ModelMissingError(
                    f"{name} is missing from {folder}; download the whole model."
                )
        self._model = _load(folder.resolve())
        digest = hashlib.sha256((folder / "embedding_model.ckpt").read_bytes()).hexdigest()[:12]
        self.name = f"speechbrain-ecapa-{digest}"
        self.accept = accept
        self.retry = retry
        self.steady = steady
        self._lock = threading.Lock()

    def embed(self, samples16k: Samples) -> Vector:
        """See `VoiceEngine.embed`."""
        import torch  # noqa: PLC0415 - slow to import; loaded with the model

        wave = np.clip(np.asarray(samples16k, dtype=np.float32), -1.0, 1.0)
        if wave.size < _SHORTEST_S * LIKENESS_RATE or float(np.abs(wave).max()) < _QUIETEST:
            raise TooLittleSpeechError
        with self._lock, torch.no_grad():
            batch = torch.from_numpy(np.ascontiguousarray(wave))[None]
            return unit(self._model.encode_batch(batch).squeeze().cpu().numpy())

    def similarity(self, a: Vector, b: Vector) -> float:
        """The cosine of the angle between two vectors."""
        return float(unit(a) @ unit(b))


def _load(folder: Path) -> Any:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            import_torchaudio()
            import torch  # noqa: PLC0415

            torch.set_num_threads(1)  # more threads were slower by 2-20 times under load
            from speechbrain.inference.speaker import EncoderClassifier  # noqa: PLC0415
        except ImportError as error:
            raise ModelMissingError("Install the packages speechbrain and torchaudio.") from error
        logging.getLogger("speechbrain").setLevel(logging.WARNING)
        try:
            with tempfile.TemporaryDirectory(prefix="cameo-ecapa-") as links:
                # Without the override the loader asks the hub even when every file is here.
                return EncoderClassifier.from_hparams(
                    source=str(folder),
                    savedir=links,
                    overrides={"pretrained_path": str(folder)},
                    run_opts={"device": "cpu"},
                )
        except Exception as error:
            raise ModelBrokenError(f"{folder}: {error}") from error
