"""Procedural pictures: noise, and the bridge between numpy and skia.

Colours are float32 in 0..255 until the last moment; skia images hold premultiplied RGBA.
"""

from __future__ import annotations

import cv2
import numpy as np
import skia
from numpy.typing import NDArray

F32 = NDArray[np.float32]
U8 = NDArray[np.uint8]
RGB = tuple[float, float, float]
SMOOTH = skia.SamplingOptions(skia.FilterMode.kLinear, skia.MipmapMode.kLinear)
LINEAR = skia.SamplingOptions(skia.FilterMode.kLinear)


def fbm(
    h: int, w: int, *, octaves: int = 6, cells: int = 4, seed: int = 0, gain: float = 0.5
) -> F32:
    """Return tileable fractal noise, float32 (h, w) in 0..1, `cells` blobs across the width."""
    rng = np.random.default_rng(seed)
    out = np.zeros((h, w), np.float32)
    amp = 1.0
    for octave in range(octaves):
        nx = cells * 2**octave
        ny = max(2, round(nx * h / w))
        if nx > w or ny > h:
            break
        grid = np.pad(rng.random((ny, nx), dtype=np.float32), 2, mode="wrap")
        sx, sy = w / nx, h / ny
        big = cv2.resize(
            grid, (round(w + 4 * sx), round(h + 4 * sy)), interpolation=cv2.INTER_CUBIC
        )
        y0, x0 = round(2 * sy), round(2 * sx)
        out += amp * big[y0 : y0 + h, x0 : x0 + w]
        amp *= gain
    low, high = float(out.min()), float(out.max())
    return ((out - low) / (high - low)).astype(np.float32)


def raster(u8: U8) -> skia.Image:
    """Make a skia image of premultiplied RGBA uint8 (h, w, 4)."""
    return skia.Image.fromarray(
        u8, colorType=skia.kRGBA_8888_ColorType, alphaType=skia.kPremul_AlphaType
    )


def image(a: NDArray[np.generic]) -> skia.Image:
    """Make a skia image of (h, w, 3) or premultiplied (h, w, 4) values 0..255, with mipmaps."""
    u8 = np.clip(a, 0, 255).astype(np.uint8)
    if u8.shape[2] == 3:
        u8 = np.dstack([u8, np.full(u8.shape[:2], 255, np.uint8)])
    return raster(np.ascontiguousarray(u8)).withDefaultMipmaps()


def cut(rgb: NDArray[np.generic], alpha: F32) -> skia.Image:
    """Make a skia image of straight colours (h, w, 3) 0..255 under a matte (h, w) 0..1."""
    a = np.clip(alpha, 0, 1).astype(np.float32)[..., None]
    return image(np.dstack([np.clip(rgb, 0, 255).astype(np.float32) * a, 255 * a]))


def pixels(surface: skia.Surface) -> U8:
    """Copy a surface to premultiplied RGBA uint8 (h, w, 4)."""
    shot = surface.makeImageSnapshot()
    out = np.zeros((surface.height(), surface.width(), 4), np.uint8)
    info = skia.ImageInfo.Make(
        surface.width(), surface.height(), skia.kRGBA_8888_ColorType, skia.kPremul_AlphaType
    )
    shot.readPixels(info, out, out.strides[0])
    return out


def canvas_on(buffer: U8) -> skia.Surface:
    """Return a surface that draws straight into a uint8 (h, w, 4) array."""
    info = skia.ImageInfo.Make(
        buffer.shape[1], buffer.shape[0], skia.kRGBA_8888_ColorType, skia.kPremul_AlphaType
    )
    return skia.Surface.MakeRasterDirect(info, buffer, buffer.strides[0])


def mix(a: RGB, b: RGB, k: float) -> RGB:
    """Blend two colours; `k` 0 gives `a`."""
    return (a[0] + (b[0] - a[0]) * k, a[1] + (b[1] - a[1]) * k, a[2] + (b[2] - a[2]) * k)


def scale(a: RGB, k: RGB | float) -> RGB:
    """Multiply a colour by another or by a number."""
    f = (k, k, k) if isinstance(k, int | float) else k
    return (a[0] * f[0], a[1] * f[1], a[2] * f[2])


def ink(a: RGB, alpha: float = 255) -> int:
    """Return a skia colour of 0..255 values."""
    r, g, b = (max(0, min(255, round(v))) for v in a)
    return int(skia.Color(r, g, b, max(0, min(255, round(alpha)))))


def smoothstep(low: float, high: float, x: NDArray[np.generic] | float) -> F32:
    """Return 0 below `low`, 1 above `high`, smooth between."""
    u = np.clip((np.asarray(x, np.float32) - low) / (high - low), 0, 1)
    return np.asarray(u * u * (3 - 2 * u), np.float32)


def inflate(alpha: F32, depth: float) -> tuple[F32, F32]:
    """Puff a flat shape up and return its normals' x and y (h, w), each -1..1.

    `depth` is the distance in pixels from the outline at which the surface is level.
    """
    mask = (alpha > 0.5).astype(np.uint8)
    inside = cv2.distanceTransform(mask, cv2.DIST_L2, 5)
    level = np.clip(inside / depth, 0, 1)
    height = np.sqrt(np.clip(1 - (1 - level) ** 2, 0, 1)) * depth
    height = cv2.GaussianBlur(height, (0, 0), max(depth * 0.13, 1.3))
    nx = -cv2.Sobel(height, cv2.CV_32F, 1, 0, ksize=3) / 8
    ny = -cv2.Sobel(height, cv2.CV_32F, 0, 1, ksize=3) / 8
    norm = np.sqrt(nx * nx + ny * ny + 0.35)
    return (nx / norm).astype(np.float32), (ny / norm).astype(np.float32)
