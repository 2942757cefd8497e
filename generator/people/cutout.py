"""Cutting a head out of an appearance: matte, landmarks, skin colour.

The head is turned level and scaled to a working size in units of the distance between the eyes
("iod"), so that everything after this knows where eyes, mouth and chin are.
"""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np

from generator.request import Appearance
from generator.textures import F32, RGB, U8, smoothstep

WIDE, TALL = 5.0, 6.0  # the working picture, in iod
EYE_X, EYE_Y = 2.5, 2.9  # where the point between the eyes lies, in iod
COARSE = 40  # pixels an iod takes while the matte is sought
IOD_METRES = 0.075  # on the figure; a little more than life, so that faces read on a screen


@dataclass(frozen=True, kw_only=True, slots=True, eq=False)
class Head:
    """A head without its background.

    Attributes:
        rgb: float32 (h, w, 3), 0..255; colours continue beyond the edge of the matte.
        alpha: float32 (h, w), 0..1.
        iod: pixels between the eyes' centres.
        eyes: x, y of the point between the eyes; the two eyes are `iod` apart around it.
        lid: pixels from corner to corner of one eye.
        nose: x, y of the nose's base.
        mouth: x, y of the line between the lips.
        chin: y of the chin.
        skin: colour of the cheeks.
        throat: colour below the chin, which the drawn neck continues.
        hair: colour above the forehead.
    """

    rgb: F32
    alpha: F32
    iod: float
    eyes: tuple[float, float]
    lid: float
    nose: tuple[float, float]
    mouth: tuple[float, float]
    chin: float
    skin: RGB
    throat: RGB
    hair: RGB


def cut_out(appearance: Appearance, iod: float) -> Head:
    """Cut the head out of `appearance` at a scale of `iod` pixels between the eyes."""
    rgb, inside, nose, lid = _level(appearance, iod)
    eyes = (EYE_X * iod, EYE_Y * iod)
    drop = max(nose[1] - eyes[1], 0.3 * iod)
    mouth = _lip_line(rgb, eyes[0], nose, drop, iod)
    chin = _chin(rgb, eyes[0], nose[1], mouth[1], iod)
    skin = _median(rgb, [(eyes[0] + s * 0.52 * iod, nose[1] - 0.08 * iod) for s in (-1, 1)], iod)
    alpha = _matte(rgb, inside, iod, chin)
    hair = _hair(rgb, alpha, iod, skin)
    jaw = np.maximum(_jaw(rgb, iod, nose[1], chin, skin), _strands(rgb, iod, chin, skin, hair))
    throat = _throat(rgb, alpha, iod, chin, skin)
    alpha = alpha * jaw
    return Head(
        rgb=_bleed(rgb, alpha, iod),
        alpha=alpha,
        iod=iod,
        eyes=eyes,
        lid=lid,
        nose=nose,
        mouth=mouth,
        chin=chin,
        skin=skin,
        throat=throat,
        hair=hair,
    )


def _level(appearance: Appearance, iod: float) -> tuple[F32, F32, tuple[float, float], float]:
    """Turn the eyes level; return picture, where it has content, nose base, width of an eye."""
    p = appearance.landmarks5.astype(np.float64)
    right, left = (p[0] + p[1]) / 2, (p[2] + p[3]) / 2
    a, b = (left, right) if left[0] < right[0] else (right, left)
    d = b - a
    k = iod / max(float(np.hypot(*d)), 1.0)
    angle = np.arctan2(d[1], d[0])
    c, s = k * np.cos(angle), k * np.sin(angle)
    m = np.array([[c, s, 0.0], [-s, c, 0.0]])
    m[:, 2] = np.array([EYE_X, EYE_Y]) * iod - m[:, :2] @ ((a + b) / 2)
    size = (round(WIDE * iod), round(TALL * iod))
    source = appearance.image.astype(np.float32)
    if k < 0.7:  # shrinking: filter first, else hair and skin turn to noise
        source = cv2.GaussianBlur(source, (0, 0), 0.45 / k)
    rgb = cv2.warpAffine(source, m, size, flags=cv2.INTER_CUBIC, borderMode=cv2.BORDER_REPLICATE)
    whole = np.ones(source.shape[:2], np.float32)
    inside = cv2.warpAffine(whole, m, size, flags=cv2.INTER_LINEAR)
    nose = m[:, :2] @ p[4] + m[:, 2]
    lid = k * float(np.hypot(*(p[0] - p[1])) + np.hypot(*(p[2] - p[3]))) / 2
    return np.clip(rgb, 0, 255), inside, (float(nose[0]), float(nose[1])), lid


def _median(rgb: F32, spots: list[tuple[float, float]], iod: float) -> RGB:
    r = max(2, round(0.10 * iod))
    patches = [
        rgb[round(y) - r : round(y) + r, round(x) - r : round(x) + r].reshape(-1, 3)
        for x, y in spots
    ]
    m = np.median(np.concatenate(patches), axis=0)
    return (float(m[0]), float(m[1]), float(m[2]))


def _chin(rgb: F32, centre: float, nose_y: float, mouth_y: float, iod: float) -> float:
    """Find the chin by the shadow below it; where faces usually have it if there is none."""
    expected = mouth_y + min(max(1.45 * (mouth_y - nose_y), 0.50 * iod), 0.85 * iod)
    y0, y1 = round(expected - 0.22 * iod), round(expected + 0.28 * iod)
    x0, x1 = round(centre - 0.20 * iod), round(centre + 0.20 * iod)
    rows = rgb[y0:y1, x0:x1].mean(axis=(1, 2)).astype(np.float32)
    if len(rows) < 8:
        return expected
    smooth = cv2.GaussianBlur(rows[:, None], (0, 0), 0.03 * iod)[:, 0]
    away = (np.arange(y0, y1) - expected) / iod
    score = -np.gradient(smooth) * iod * np.exp(-((away / 0.2) ** 2))
    best = int(np.argmax(score))
    return float(y0 + best) if score[best] > 40 else expected


def _throat(rgb: F32, alpha: F32, iod: float, chin: float, skin: RGB) -> RGB:
    """The colour of the neck, from below the chin where it shows, else a shaded cheek."""
    y0, y1 = round(chin + 0.10 * iod), round(chin + 0.36 * iod)
    x0, x1 = round((EYE_X - 0.35) * iod), round((EYE_X + 0.35) * iod)
    area = rgb[y0:y1, x0:x1]
    light = area.sum(axis=2) > 0.55 * sum(skin)  # a beard is no neck
    seen = (alpha[y0:y1, x0:x1] > 0.9) & (_unlike(area, skin) < 0.05) & light
    if seen.size == 0 or seen.mean() < 0.5:
        return (skin[0] * 0.82, skin[1] * 0.77, skin[2] * 0.76)
    m = np.median(area[seen], axis=0)
    return (float(m[0]), float(m[1]), float(m[2]))


def _unlike(rgb: F32, skin: RGB) -> F32:
    """How far a colour's hue and saturation are from the skin's; brightness does not count."""
    share = rgb / np.maximum(rgb.sum(axis=-1, keepdims=True), 30.0)
    own = np.array(skin, np.float32) / max(sum(skin), 30.0)
    return np.asarray(np.abs(share - own).max(axis=-1), np.float32)


def _radius(
    shape: tuple[int, ...], k: float, centre: tuple[float, float], r: tuple[float, float]
) -> F32:
    """Distance from an ellipse's centre in units of its radii, all in iod of `k` pixels."""
    y, x = np.mgrid[: shape[0], : shape[1]].astype(np.float32)
    u = (x / k - centre[0]) / r[0]
    v = (y / k - centre[1]) / r[1]
    return np.asarray(np.hypot(u, v), np.float32)


def _matte(rgb: F32, inside: F32, iod: float, chin: float) -> F32:
    """Find head and hair with GrabCut; an ellipse where that fails."""
    size = (round(WIDE * COARSE), round(TALL * COARSE))
    small = cv2.resize(rgb, size, interpolation=cv2.INTER_AREA)
    known = cv2.resize(inside, size, interpolation=cv2.INTER_AREA)
    y_chin = chin / iod
    core = _radius(small.shape, COARSE, (EYE_X, EYE_Y + 0.45), (0.95, y_chin - EYE_Y - 0.5))
    oval = _radius(small.shape, COARSE, (EYE_X, EYE_Y - 0.05), (1.55, y_chin - EYE_Y + 0.25))
    outer = _radius(small.shape, COARSE, (EYE_X, EYE_Y - 0.1), (2.25, 2.55))
    mask = np.full(small.shape[:2], cv2.GC_PR_BGD, np.uint8)
    mask[oval < 1] = cv2.GC_PR_FGD
    mask[core < 1] = cv2.GC_FGD
    mask[(outer > 1) | (known < 0.9)] = cv2.GC_BGD
    mask[round((y_chin + 0.9) * COARSE) :] = cv2.GC_BGD
    try:
        cv2.setRNGSeed(1)  # GrabCut starts k-means at random; the matte must not depend on it
        empty = np.zeros((1, 65)), np.zeros((1, 65))
        cv2.grabCut(small.astype(np.uint8), mask, None, *empty, 3, cv2.GC_INIT_WITH_MASK)
        found = ((mask == cv2.GC_FGD) | (mask == cv2.GC_PR_FGD)).astype(np.uint8)
    except cv2.error:
        found = (oval < 1).astype(np.uint8)
    found = _tidy(found)
    face = _radius(small.shape, COARSE, (EYE_X, EYE_Y + 0.1), (1.1, 1.25)) < 1
    if found[face].mean() < 0.9 or found.mean() > 0.62:
        found = (oval < 1).astype(np.uint8)
    soft = cv2.GaussianBlur(found.astype(np.float32), (0, 0), 1.3)
    big = cv2.resize(soft, (rgb.shape[1], rgb.shape[0]), interpolation=cv2.INTER_CUBIC)
    return smoothstep(0.42, 0.88, big)


def _tidy(found: U8) -> U8:
    """Keep the largest piece, close its gaps and fill its holes."""
    kernel = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (7, 7))
    found = cv2.morphologyEx(found, cv2.MORPH_OPEN, kernel)
    found = cv2.morphologyEx(found, cv2.MORPH_CLOSE, kernel)
    outlines, _ = cv2.findContours(found, cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_NONE)
    filled = np.zeros_like(found)
    if outlines:
        cv2.drawContours(filled, [max(outlines, key=cv2.contourArea)], -1, 1, -1)
    return filled


def _hair(rgb: F32, alpha: F32, iod: float, skin: RGB) -> RGB:
    band = rgb[round((EYE_Y - 1.75) * iod) : round((EYE_Y - 1.15) * iod)]
    matte = alpha[round((EYE_Y - 1.75) * iod) : round((EYE_Y - 1.15) * iod)]
    chosen = band[matte > 0.9]
    if len(chosen) < 50:
        return skin
    m = np.median(chosen, axis=0)
    return (float(m[0]), float(m[1]), float(m[2]))


def _jaw(rgb: F32, iod: float, nose_y: float, chin: float, skin: RGB) -> F32:
    """The part above the line of the jaw, with a little of the neck fading out below it."""
    y, x = np.mgrid[: rgb.shape[0], : rgb.shape[1]].astype(np.float32)
    below = np.clip((y - nose_y) / (chin - nose_y), 0, None)
    side = np.abs(x - EYE_X * iod) / (1.42 * iod)
    jaw = smoothstep(1.05, 0.98, (side**2.2 + below**2.2) ** (1 / 2.2))
    neck = smoothstep(0.66, 0.56, np.abs(x - EYE_X * iod) / iod)
    neck = neck * smoothstep(chin + 0.34 * iod, chin + 0.02 * iod, y)
    fair = cv2.GaussianBlur((_unlike(rgb, skin) < 0.05).astype(np.float32), (0, 0), 0.03 * iod)
    out = np.maximum(jaw, neck * smoothstep(0.5, 0.9, fair))
    return np.where(y < nose_y, np.float32(1.0), out).astype(np.float32)


def _strands(rgb: F32, iod: float, chin: float, skin: RGB, hair: RGB) -> F32:
    """Long hair beside the jaw, which is kept where it can be told from skin."""
    apart = float(np.linalg.norm(np.array(hair) - np.array(skin)))
    if apart <= 60:
        return np.zeros(rgb.shape[:2], np.float32)
    y, x = np.mgrid[: rgb.shape[0], : rgb.shape[1]].astype(np.float32)
    like = np.linalg.norm(rgb - np.array(hair, np.float32), axis=2) < 0.45 * apart
    beside = (np.abs(x - EYE_X * iod) > 0.88 * iod) & (y < chin + 0.8 * iod)
    found = cv2.GaussianBlur((like & beside).astype(np.float32), (0, 0), 0.05 * iod)
    return smoothstep(0.45, 0.8, found)


def _bleed(rgb: F32, alpha: F32, iod: float) -> F32:
    """Continue the head's colours beyond its edge, so that no background shines through."""
    solid = smoothstep(0.90, 1.0, cv2.erode(alpha, np.ones((3, 3), np.uint8)))
    out, weight = rgb * solid[..., None], solid
    spread, mass = (
        cv2.GaussianBlur(out, (0, 0), 0.07 * iod),
        cv2.GaussianBlur(weight, (0, 0), 0.07 * iod),
    )
    wide, all_mass = (
        cv2.GaussianBlur(out, (0, 0), 0.3 * iod),
        cv2.GaussianBlur(weight, (0, 0), 0.3 * iod),
    )
    far = wide / np.maximum(all_mass, 1e-4)[..., None]
    k = np.clip(mass * 12, 0, 1)[..., None]
    near = spread / np.maximum(mass, 1e-4)[..., None] * k + far * (1 - k)
    return np.asarray(rgb * solid[..., None] + near * (1 - solid[..., None]), np.float32)


def _lip_line(
    rgb: F32, centre: float, nose: tuple[float, float], drop: float, iod: float
) -> tuple[float, float]:
    """Find the dark line between the lips below the nose; where faces usually have it if unsure."""
    y0, y1 = round(nose[1] + 0.34 * drop), round(nose[1] + 1.05 * drop)
    middle = (centre + 2 * nose[0]) / 3
    x0, x1 = round(middle - 0.24 * iod), round(middle + 0.24 * iod)
    window = rgb[y0:y1, x0:x1]
    if window.size == 0:
        return (middle, nose[1] + 0.68 * drop)
    at = np.arange(y0, y1, dtype=np.float32)
    prior = np.exp(-(((at - nose[1]) / drop - 0.68) ** 2) / 0.06)
    # Lips are redder than skin and than any beard; their middle says where to look for the line.
    red = ((window[..., 0] - window[..., 1]) / np.maximum(window.sum(axis=2), 40)).mean(axis=1)
    weight = np.clip(red - np.median(red), 0, None) * prior
    lips = float((weight * at).sum() / weight.sum()) if weight.max() > 0.006 else None
    expected = nose[1] + 0.68 * drop if lips is None else lips
    rows = window.mean(axis=(1, 2)).astype(np.float32)[:, None]
    dark = cv2.GaussianBlur(rows, (0, 0), 0.03 * iod)[:, 0]
    away = (at - expected) / drop
    return (middle, float(at[int(np.argmin(dark + (60 if lips is None else 1200) * away**2))]))
