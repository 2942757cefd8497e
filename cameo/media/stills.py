"""Write pictures: PNG without loss, JPEG without thinned colour, WebP."""

from __future__ import annotations

from pathlib import Path
from typing import Final, Literal

import av
import cv2
import numpy as np
import numpy.typing as npt

Rgb = npt.NDArray[np.uint8]
Luma = npt.NDArray[np.uint8]
StillKind = Literal["png", "jpeg", "webp"]

QUALITY: Final = 95
_LIMITED: Final = 1
_FULL_PER_LIMITED: Final = 255 / 219  # what a step of limited-range luma is in RGB
_ENDING: Final = {"png": ".png", "jpeg": ".jpg", "webp": ".webp"}
_OPTIONS: Final[dict[StillKind, list[int]]] = {
    "png": [cv2.IMWRITE_PNG_COMPRESSION, 6],
    "jpeg": [
        cv2.IMWRITE_JPEG_QUALITY,
        QUALITY,
        cv2.IMWRITE_JPEG_SAMPLING_FACTOR,
        cv2.IMWRITE_JPEG_SAMPLING_FACTOR_444,
        cv2.IMWRITE_JPEG_OPTIMIZE,
        1,
    ],
    "webp": [cv2.IMWRITE_WEBP_QUALITY, QUALITY],
}


def write_still(path: Path, rgb: Rgb, kind: StillKind) -> None:
    """Write a picture of any size, odd sides too, without any metadata.

    Args:
        path: replaced if it exists; its ending is not looked at.
        rgb: uint8 (H, W, 3).
        kind: PNG loses nothing; JPEG is 4:4:4 at quality 95; WebP is lossy at quality 95, and
            4:2:0, for that format has nothing finer.
    """
    bgr = np.ascontiguousarray(rgb[..., ::-1])
    _, data = cv2.imencode(_ENDING[kind], bgr, _OPTIONS[kind])
    path.write_bytes(data.tobytes())


def luma_of(rgb: Rgb) -> Luma:
    """The Y plane of a picture at its full size, BT.709 limited range: what a mark goes into.

    `FrameStream` gives the same for the file's ``luma``.
    """
    frame = av.VideoFrame.from_ndarray(np.ascontiguousarray(rgb), format="rgb24")
    planar = frame.reformat(format="yuv420p", dst_colorspace="ITU709", dst_color_range=_LIMITED)
    plane = planar.planes[0]
    lines = np.frombuffer(plane, np.uint8).reshape(-1, plane.line_size)
    return lines[:, : plane.width][: plane.height].copy()


def with_luma(rgb: Rgb, before: Luma, after: Luma) -> Rgb:
    """The picture with another luma and its own colours.

    All three values of a pixel move by what its luma moved, so that chroma stays and nothing but
    the difference is rounded.
    """
    change = (after.astype(np.float32) - before) * _FULL_PER_LIMITED
    return np.clip(np.rint(rgb + change[..., None]), 0, 255).astype(np.uint8)
