"""A face that moves: the jaw opens, the lids close, the head turns a little.

All of it is one warp of the cut-out head, computed from weights that are prepared once.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import cv2
import numpy as np

from generator.people.cutout import Head
from generator.textures import F32, RGB, U8, smoothstep

OPEN = 0.25  # iod that the lower lip falls when the mouth is wide open
LIPS = 0.40  # iod from the middle of the mouth to its corner


@dataclass(frozen=True, kw_only=True, slots=True)
class Expression:
    """One moment of a face: mouth and lids 0..1, turn and nod in -1..1."""

    mouth: float = 0.0
    lids: float = 0.0
    turn: float = 0.0
    nod: float = 0.0


class Face:
    """A head prepared for warping; `sprite` is premultiplied RGBA, uint8 (h, w, 4)."""

    def __init__(self, head: Head, rgb: F32, cavity: RGB) -> None:
        """Take the head and its relit colours `rgb`; `cavity` is the inside of the mouth."""
        a = head.alpha[..., None]
        self._still: U8 = np.clip(np.dstack([rgb * a, 255 * a]), 0, 255).astype(np.uint8)
        self._head = head
        self._cavity = np.array(cavity, np.float32)
        h, w = head.alpha.shape
        self._y, self._x = np.mgrid[:h, :w].astype(np.float32)
        self._prepare()

    @property
    def still(self) -> U8:
        """The head at rest."""
        return self._still

    def _prepare(self) -> None:
        head, iod = self._head, self._head.iod
        dx = (self._x - head.mouth[0]) / iod
        below = (self._y - head.mouth[1]) / iod
        self._lens = np.sqrt(np.clip(1 - (dx / LIPS) ** 2, 0, 1)).astype(np.float32)
        jaw = np.exp(-((dx / 1.05) ** 4))
        depth = max((head.chin - head.mouth[1]) / iod, 0.4)
        ramp = smoothstep(0.0, 0.62 * depth, below)
        self._fall = (self._lens * (1 - ramp) + jaw * ramp).astype(np.float32)
        self._lift = (0.14 * self._lens * np.exp(-((below / 0.16) ** 2)) * (below < 0)).astype(
            np.float32
        )
        ex = (self._x - head.eyes[0]) / (1.25 * iod)
        ey = (self._y - head.nose[1]) / (1.35 * iod)
        self._bump = (0.075 * iod * np.exp(-(ex**2) - ey**2)).astype(np.float32)

    def sprite(self, expression: Expression) -> U8:
        """Return the head with an expression, premultiplied RGBA."""
        map_x = self._x - expression.turn * self._bump
        map_y = self._y - 0.7 * expression.nod * self._bump
        drop = OPEN * self._head.iod * expression.mouth
        gap = drop * self._lens
        below = self._y - self._head.mouth[1]
        under = below > gap
        map_y = np.where(under, map_y - drop * self._fall, map_y + drop * self._lift)
        if expression.lids > 0.02:
            map_y = self._close(map_y, expression.lids)
        out = cv2.remap(self._still, map_x, map_y, cv2.INTER_LINEAR)
        if expression.lids > 0.02:
            self._lashes(out, expression.lids)
        if expression.mouth > 0.02:
            self._hollow(out, gap, below)
        return np.asarray(out, np.uint8)

    def _eyes(self, lids: float) -> Iterator[tuple[F32, F32, F32, F32]]:
        """For each eye: u across it (-1..1), v below its middle, half its height, its lid."""
        head = self._head
        half = 0.26 * head.lid
        for side in (-0.5, 0.5):
            u = (self._x - (head.eyes[0] + side * head.iod)) / (0.66 * head.lid)
            reach = half * np.sqrt(np.clip(1 - u * u, 0, 1))
            yield u, self._y - head.eyes[1], reach, -reach + 2 * reach * lids

    def _close(self, map_y: F32, lids: float) -> F32:
        """Pull the upper lids down over the eyes."""
        for u, v, reach, edge in self._eyes(lids):
            covered = (np.abs(u) < 1) & (v > -reach * 1.15) & (v < edge)
            skin = self._head.eyes[1] - reach * 1.3 - 0.25 * (edge - v)
            map_y = np.where(covered, skin, map_y)
        return np.asarray(map_y, np.float32)

    def _lashes(self, out: U8, lids: float) -> None:
        """Draw the line of lashes along the edge of a lid that comes down."""
        width = max(0.035 * self._head.iod, 0.7)
        shade = np.zeros(out.shape[:2], np.float32)
        for u, v, _, edge in self._eyes(lids):
            line = np.exp(-(((v - edge) / width) ** 2)) * (np.abs(u) < 0.96)
            shade = np.maximum(shade, line.astype(np.float32))
        keep = 1 - 0.72 * min(1.0, 1.6 * lids) * shade[..., None]
        out[..., :3] = (out[..., :3] * keep).astype(np.uint8)

    def _hollow(self, out: U8, gap: F32, below: F32) -> None:
        """Paint the inside of the mouth into the gap: dark, with teeth and a tongue."""
        iod = self._head.iod
        y0 = max(int(self._head.mouth[1] - 0.1 * iod), 0)
        y1 = int(self._head.mouth[1] + (OPEN + 0.12) * iod)
        x0, x1 = int(self._head.mouth[0] - 0.5 * iod), int(self._head.mouth[0] + 0.5 * iod)
        g, b = gap[y0:y1, x0:x1], below[y0:y1, x0:x1]
        soft = max(0.018 * iod, 0.6)
        inside = smoothstep(-soft, soft, b) * smoothstep(-soft, soft, g - b)
        inside *= smoothstep(0.0, 0.05 * iod, g)
        colour = np.ones((*g.shape, 3), np.float32) * self._cavity
        teeth = smoothstep(0.095 * iod, 0.06 * iod, b) * smoothstep(0.10 * iod, 0.2 * iod, g)
        colour += (np.array([214, 204, 194], np.float32) - colour) * (0.62 * teeth)[..., None]
        tongue = smoothstep(0.10 * iod, 0.04 * iod, g - b) * smoothstep(0.12, 0.22, g / iod)
        colour += (np.array([150, 74, 72], np.float32) - colour) * (0.6 * tongue)[..., None]
        part = out[y0:y1, x0:x1].astype(np.float32)
        k = (inside * part[..., 3] / 255)[..., None]
        part[..., :3] += (colour - part[..., :3]) * k
        out[y0:y1, x0:x1] = np.clip(part, 0, 255).astype(np.uint8)


def blink(seed: int, t: float) -> float:
    """How far the lids are closed at `t`: a blink of a sixth of a second every few seconds."""
    period = 3.1 + (seed % 97) / 97 * 1.6
    phase = (t + (seed % 31) / 31 * period) % period
    late = 0.5 + 0.8 * ((seed // 7) % 13) / 13
    return float(max(0.0, 1 - abs(phase - late) / 0.085) ** 0.6)
