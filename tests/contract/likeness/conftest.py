"""Tiny models of the right shape, so that the adapters run without installed weights."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest


def tiny_detector(path: Path) -> None:
    """An SCRFD-shaped graph that fires on bright spots and draws a fixed face around them."""
    import onnx
    from onnx import TensorProto, helper, numpy_helper

    nodes, weights = [], []

    def constant(name: str, value: np.ndarray) -> str:
        weights.append(numpy_helper.from_array(value, name))
        return name

    outputs: dict[str, list[str]] = {"score": [], "bbox": [], "kps": []}
    corners = np.array([-0.4, -0.3, 0.4, -0.3, 0.0, 0.1, -0.3, 0.5, 0.3, 0.5], np.float32)
    for stride in (8, 16, 32):
        pooled = f"pool{stride}"
        nodes.append(
            helper.make_node(
                "AveragePool",
                ["input"],
                [pooled],
                kernel_shape=[stride, stride],
                strides=[stride, stride],
            )
        )
        # Only the coarsest stride may fire: one box a spot.
        gain = 40.0 if stride == 32 else 0.0
        heads = {
            "score": (np.full((2, 3, 1, 1), gain, np.float32), np.full(2, -60.0, np.float32), 1),
            "bbox": (np.zeros((8, 3, 1, 1), np.float32), np.full(8, 1.5, np.float32), 4),
            "kps": (np.zeros((20, 3, 1, 1), np.float32), np.tile(corners, 2), 10),
        }
        for kind, (weight, bias, width) in heads.items():
            name = f"{kind}{stride}"
            w, b = constant(f"{name}w", weight), constant(f"{name}b", bias)
            nodes.append(helper.make_node("Conv", [pooled, w, b], [f"{name}c"]))
            last = f"{name}c"
            if kind == "score":
                nodes.append(helper.make_node("Sigmoid", [last], [f"{name}s"]))
                last = f"{name}s"
            nodes.append(helper.make_node("Transpose", [last], [f"{name}t"], perm=[0, 2, 3, 1]))
            shape = constant(f"{name}shape", np.array([-1, width], np.int64))
            nodes.append(helper.make_node("Reshape", [f"{name}t", shape], [name]))
            outputs[kind].append(name)
    widths = {"score": 1, "bbox": 4, "kps": 10}
    graph = helper.make_graph(
        nodes,
        "tiny",
        [helper.make_tensor_value_info("input", TensorProto.FLOAT, [1, 3, "h", "w"])],
        [
            helper.make_tensor_value_info(name, TensorProto.FLOAT, [f"{name}n", widths[kind]])
            for kind in ("score", "bbox", "kps")
            for name in outputs[kind]
        ],
        weights,
    )
    _save(onnx, helper, graph, path)


def tiny_recogniser(path: Path) -> None:
    """An ArcFace-shaped graph: twelve averages of the aligned face."""
    import onnx
    from onnx import TensorProto, helper

    graph = helper.make_graph(
        [
            helper.make_node(
                "AveragePool", ["data"], ["pool"], kernel_shape=[56, 56], strides=[56, 56]
            ),
            helper.make_node("Flatten", ["pool"], ["vector"]),
        ],
        "tiny",
        [helper.make_tensor_value_info("data", TensorProto.FLOAT, [1, 3, 112, 112])],
        [helper.make_tensor_value_info("vector", TensorProto.FLOAT, [1, 12])],
    )
    _save(onnx, helper, graph, path)


def _save(onnx, helper, graph, path: Path) -> None:
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 13)], ir_version=8)
    onnx.checker.check_model(model)
    onnx.save(model, str(path))


@pytest.fixture(scope="session")
def tiny_face_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("faces")
    tiny_detector(folder / "detector.onnx")
    tiny_recogniser(folder / "recogniser.onnx")
    return folder


ECAPA = """n_mels: 80
pretrained_path: nowhere/at-all
compute_features: !new:speechbrain.lobes.features.Fbank
    n_mels: !ref <n_mels>
mean_var_norm: !new:speechbrain.processing.features.InputNormalization
    norm_type: sentence
    std_norm: False
embedding_model: !new:speechbrain.lobes.models.ECAPA_TDNN.ECAPA_TDNN
    input_size: !ref <n_mels>
    channels: [16, 16, 16, 16, 48]
    kernel_sizes: [5, 3, 3, 3, 1]
    dilations: [1, 2, 3, 4, 1]
    attention_channels: 8
    lin_neurons: 24
classifier: !new:speechbrain.lobes.models.ECAPA_TDNN.Classifier
    input_size: 24
    out_neurons: 3
mean_var_norm_emb: !new:speechbrain.processing.features.InputNormalization
    norm_type: global
    std_norm: False
modules:
    compute_features: !ref <compute_features>
    mean_var_norm: !ref <mean_var_norm>
    embedding_model: !ref <embedding_model>
    mean_var_norm_emb: !ref <mean_var_norm_emb>
    classifier: !ref <classifier>
label_encoder: !new:speechbrain.dataio.encoder.CategoricalEncoder
pretrainer: !new:speechbrain.utils.parameter_transfer.Pretrainer
    loadables:
        embedding_model: !ref <embedding_model>
        mean_var_norm_emb: !ref <mean_var_norm_emb>
        classifier: !ref <classifier>
        label_encoder: !ref <label_encoder>
    paths:
        embedding_model: !ref <pretrained_path>/embedding_model.ckpt
        mean_var_norm_emb: !ref <pretrained_path>/mean_var_norm_emb.ckpt
        classifier: !ref <pretrained_path>/classifier.ckpt
        label_encoder: !ref <pretrained_path>/label_encoder.txt
"""


@pytest.fixture(scope="session")
def tiny_voice_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder like the published ECAPA model's, with a small random network."""
    import warnings

    from cameo.likeness.torchaudio_mask import import_torchaudio

    folder = tmp_path_factory.mktemp("ecapa")
    (folder / "hyperparams.yaml").write_text(ECAPA)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        import_torchaudio()
        import torch
        from hyperpyyaml import load_hyperpyyaml

        torch.manual_seed(0)
        parts = load_hyperpyyaml(ECAPA)
        torch.save(parts["embedding_model"].state_dict(), folder / "embedding_model.ckpt")
        torch.save(parts["classifier"].state_dict(), folder / "classifier.ckpt")
        parts["mean_var_norm_emb"]._save(str(folder / "mean_var_norm_emb.ckpt"))
        parts["label_encoder"].update_from_iterable(["a", "b", "c"])
        parts["label_encoder"].save(str(folder / "label_encoder.txt"))
    return folder
