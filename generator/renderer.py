"""From a scene to its frames: assets baked once, every frame a pure function of its number."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import cv2
import numpy as np
from numpy.typing import NDArray

from generator.camera import View, view_at
from generator.errors import CastError, FrameRangeError, MouthTrackError
from generator.light import Light, light_of, people_light
from generator.looks import look_for
from generator.paint import Easel
from generator.people.figure import Figure
from generator.request import CastMember
from generator.scene import SceneSpec
from generator.scenes import build
from generator.staging import close
from generator.textures import U8, canvas_on

Mouths = Mapping[str, NDArray[np.float32]]


class Renderer:
    """Draws one scene. Two renderers of the same scene and cast give the same frames."""

    def __init__(self, spec: SceneSpec, cast: Sequence[CastMember], mouth: Mouths) -> None:
        """Bake the assets (one to three CPU seconds).

        Args:
            spec: the scene.
            cast: at least every person the scene names.
            mouth: per handle the opening of the mouth, 0..1, one value a frame; who is missing
                keeps the mouth closed.

        Raises:
            CastError: the scene names somebody who is not in the cast.
            MouthTrackError: a track is shorter than the clip.
        """
        self._spec = spec
        self._mouth = {a.handle: _track(spec, a.handle, mouth) for a in spec.actors}
        self._light: Light = light_of(spec)
        self._look = look_for(spec)
        shine = people_light(spec, self._light)
        members = {member.handle: member for member in cast}
        self._figures = []
        for index, actor in enumerate(spec.actors):
            if actor.handle not in members:
                raise CastError(actor.handle)
            member = members[actor.handle]
            self._figures.append(Figure(spec, index, member, light=shine, look=self._look))
        self._place = build(spec, self._light)

    def frames(self, start: int, count: int) -> U8:
        """Return `count` frames from number `start`, uint8 (count, H, W, 3) RGB.

        The visible label is not drawn here: whoever releases a clip draws it on every generator's
        frames alike, see `generator.label`.

        Raises:
            FrameRangeError: the frames lie outside the clip.
        """
        if start < 0 or count < 0 or start + count > self._spec.frames:
            raise FrameRangeError(f"{start}+{count} of {self._spec.frames}")
        w, h = self._spec.size
        out = np.empty((count, h, w, 3), np.uint8)
        for k in range(count):
            out[k] = self._frame(start + k)
        return out

    def _frame(self, number: int) -> U8:
        t = number / self._spec.fps
        view = view_at(self._spec, t)
        w, h = self._spec.size
        buffer = np.zeros((h, w, 4), np.uint8)
        if not self._figures:
            easel = self._easel(buffer, view)
            self._place.behind(easel, t, 1.2, _nobody)
            self._place.before(easel, t, 1.2)
        else:
            self._populated(buffer, view, t, number)
        rgb = np.ascontiguousarray(buffer[..., :3])
        return self._look.grade(rgb, number)

    def _easel(self, buffer: U8, view: View) -> Easel:
        return Easel(canvas=canvas_on(buffer).getCanvas(), view=view, light=self._light)

    def _populated(self, buffer: U8, view: View, t: float, number: int) -> None:
        order = sorted(self._figures, key=lambda figure: -figure.place(t)[1])
        depth = max(figure.place(t)[1] for figure in order) - view.z + 0.25

        def people(easel: Easel) -> None:
            for figure in order:
                figure.draw(easel, t, float(self._mouth[figure.handle][number]))

        near = close(self._spec)
        k = 0.5 if near else 0.64
        h, w = buffer.shape[:2]
        small = np.zeros((round(h * k), round(w * k), 4), np.uint8)
        far = self._easel(small, view.scaled(k, small.shape[1], small.shape[0]))
        self._place.behind(far, t, depth, people)
        for figure in order:
            figure.ground(far, t)
        if near:
            small = defocus(small, round(0.006 * small.shape[0] + 1))
        cv2.resize(small, (w, h), dst=buffer, interpolation=cv2.INTER_LINEAR)
        easel = self._easel(buffer, view)
        people(easel)
        self._place.before(easel, t, depth)


def defocus(picture: U8, radius: int) -> U8:
    """Blur as a lens does: every bright point becomes a disc of `radius` pixels."""
    size = 2 * radius + 1
    disc = np.zeros((size, size), np.float32)
    cv2.circle(
        disc, (radius * 16, radius * 16), round((radius + 0.2) * 16), 1.0, -1, cv2.LINE_AA, 4
    )
    light = (picture[..., :3].astype(np.float32) / 255) ** 2.6
    soft = cv2.filter2D(light, -1, disc / disc.sum(), borderType=cv2.BORDER_REPLICATE)
    out = np.full_like(picture, 255)
    out[..., :3] = np.clip(np.power(np.maximum(soft, 0), 1 / 2.6) * 255 + 0.5, 0, 255)
    return out


def _nobody(easel: Easel) -> None:
    """Draw nobody into a reflection."""


def _track(spec: SceneSpec, handle: str, mouth: Mouths) -> NDArray[np.float32]:
    if handle not in mouth:
        return np.zeros(spec.frames, np.float32)
    track = np.asarray(mouth[handle], np.float32)
    if track.ndim != 1 or len(track) < spec.frames:
        raise MouthTrackError(f"{handle}: {track.shape} for {spec.frames} frames")
    return np.clip(np.nan_to_num(track), 0, 1).astype(np.float32)
