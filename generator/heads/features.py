"""What may differ between two synthetic people: bone, flesh, colour, hair and what they wear."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Colour = tuple[int, int, int]
HairStyle = Literal["none", "short", "crop", "bob", "long", "curly", "bun"]
BeardStyle = Literal["none", "stubble", "full", "moustache", "goatee"]
ClothesStyle = Literal["crew", "collar", "turtleneck"]


@dataclass(frozen=True, kw_only=True, slots=True)
class Shape:
    """The form of a head. Lengths are offsets in centimetres, the rest are ratios around 1."""

    face_width: float = 1.0
    jaw_width: float = 1.0
    jaw_drop: float = 0.0  # cm, angle of the jaw lower (+) or higher (-)
    chin_width: float = 1.0
    chin_drop: float = 0.0  # cm, longer (+) or shorter (-) chin
    chin_forward: float = 0.0
    cheekbone: float = 0.0  # cm outward
    cheek_full: float = 0.0  # cm outward, below the cheekbone
    brow_ridge: float = 0.0  # cm forward
    brow_height: float = 0.0
    forehead: float = 0.0  # cm forward
    nose_bridge: float = 0.0  # cm forward
    nose_width: float = 1.0
    nose_length: float = 0.0
    nose_tip: float = 1.0
    nose_forward: float = 0.0
    nose_hump: float = 0.0
    nose_up: float = 0.0  # cm, tip turned up
    eye_spacing: float = 0.0  # cm, each eye outward
    eye_height: float = 0.0  # cm, both eyes higher
    eye_width: float = 1.0
    eye_open: float = 1.0
    eye_tilt: float = 0.0  # degrees, outer corner up
    lid_heavy: float = 0.0  # cm of flesh over the upper lid
    upper_lip: float = 1.0
    lower_lip: float = 1.0
    mouth_width: float = 1.0
    mouth_height: float = 0.0  # cm, mouth higher
    ear_size: float = 1.0
    ear_out: float = 1.0
    neck: float = 0.94
    age: float = 0.0  # 0 young, 1 old: folds, hollows, bags
    larynx: float = 0.0


@dataclass(frozen=True, kw_only=True, slots=True)
class Looks:
    """Colours, hair and clothes of a person."""

    skin: Colour = (224, 178, 150)
    lips: Colour = (190, 110, 105)
    blush: float = 0.5
    freckles: float = 0.0
    spots: float = 0.0
    brows: Colour = (60, 42, 32)
    brow_weight: float = 1.0
    brow_arch: float = 0.5
    lashes: float = 1.0
    iris: Colour = (92, 62, 38)
    hair: Colour = (50, 34, 26)
    hair_grey: float = 0.0
    hair_style: HairStyle = "short"
    parting: float = 0.0  # -1 the person's right .. 1 the person's left
    hairline: float = 0.0  # cm, higher (+)
    beard: BeardStyle = "none"
    beard_colour: Colour | None = None
    glasses: bool = False
    glasses_colour: Colour = (38, 34, 36)
    clothes: ClothesStyle = "crew"
    clothes_colour: Colour = (70, 90, 120)
    inner_colour: Colour = (235, 232, 226)
    backdrop: Colour = (150, 146, 140)


@dataclass(frozen=True, kw_only=True, slots=True)
class Person:
    """One synthetic person: nobody who lives or lived; made of the numbers below alone."""

    name: str
    seed: int
    shape: Shape
    looks: Looks
