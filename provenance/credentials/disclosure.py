"""What a generated clip says for readers of AI labels: a model made it, and it trains none."""

from __future__ import annotations

from typing import Final

from provenance.credentials import labels

Json = dict[str, object]

_MINING: Final = ("ai_generative_training", "ai_inference", "ai_training", "data_mining")


def training_mining() -> Json:
    """The assertion that it is no training material."""
    entries = {f"cawg.{use}": {"use": "notAllowed"} for use in _MINING}
    return {"label": labels.TRAINING_MINING, "data": {"entries": entries}}


def ai_disclosure(model_type: str, name: str, version: str) -> Json:
    """The assertion that a model made it, and which."""
    data: Json = {
        "modelType": model_type,
        "modelName": name,
        "modelIdentifier": f"{name}/{version}",
        "contentProfile": {"humanOversightLevel": "prompt_guided"},
    }
    return {"label": labels.AI_DISCLOSURE, "data": data, "kind": "Json"}
