"""Sea and sand as one shader: waves that run in, foam, wet sand, the sun's path on the water."""

from __future__ import annotations

import math
from functools import lru_cache

import cv2
import numpy as np
import skia

from generator.light import Light
from generator.paint import Easel
from generator.textures import F32, LINEAR, RGB, fbm, image, mix, scale

TILE = 512
PERIOD = 6.5  # seconds from wave to wave

_SOURCE = """
uniform float2 c; uniform float focal; uniform float3 cam; uniform float2 turn;
uniform float2 sea; uniform float edge; uniform float t; uniform float beat;
uniform float3 low; uniform float3 mid; uniform float3 deep; uniform float3 shallow;
uniform float3 sand; uniform float3 sun; uniform float2 at; uniform float shine;
uniform float foamy;
uniform shader waves;
half4 main(float2 p) {
  float dy = max(p.y - c.y, 0.35);
  float d = focal * cam.y / dy;
  float xc = (p.x - c.x) * d / focal;
  float2 w = float2(cam.x + turn.y * xc + turn.x * d, cam.z - turn.x * xc + turn.y * d);
  float s = dot(sea, w) - edge;
  float2 q = float2(w.x, w.y) * 80.0;
  half4 a = waves.eval(q * 0.55 + t * float2(9.0, 26.0));
  half4 b = waves.eval(q.yx * 0.13 - t * float2(13.0, 5.0));
  half4 g = waves.eval(q * 0.028 + t * float2(2.2, 4.5));
  float near = 1.0 / (1.0 + d * 0.09);
  float mean = 1.0 / (1.0 + d * 0.012);
  float2 n = (a.xy - 0.5) * near * 0.9 + (b.xy - 0.5) * mean * 0.9 + (g.xy - 0.5) * 0.6;
  float rough = a.z * near + b.z * (1.0 - near);
  float swash = 0.85 * sin(beat) + 0.75 * (g.z - 0.5) + 0.4 * (b.z - 0.5);
  float wet = smoothstep(-3.4, -0.6, s - 0.5 * swash);
  float view = min(cam.y / d, 1.2);
  float e = clamp(view + n.y * 0.55 + 0.02, 0.02, 0.9);
  float3 sky = mix(low, mid, clamp(e * 2.0, 0.0, 1.0));
  float fres = clamp(pow(1.0 - min(view * 0.85 + abs(n.y) * 0.35, 1.0), 3.0), 0.06, 0.94);
  float da = xc / d - at.x + at.y + n.x * 0.22;
  float path = exp(-da * da / (0.010 + 0.02 * view));
  float wide = exp(-da * da / 0.16);
  float3 col = float3(0.0);
  float3 land = float3(0.0);
  float seen = smoothstep(-1.0, 1.0, (s - swash) / (0.05 + 1.2 * d / dy));
  if (seen > 0.0) {
    float body = smoothstep(0.0, 22.0, s);
    float3 own = mix(shallow, deep, body);
    float run = s / 7.5 + beat / 6.2832 + 0.55 * (g.z - 0.5) + 0.12 * (b.z - 0.5);
    float f = fract(run);
    float close = smoothstep(17.0, 3.0, s);
    float lip = exp(-f * f * 130.0) + exp(-(1.0 - f) * (1.0 - f) * 900.0);
    own += 0.10 * lip * close * shallow;
    col = mix(own, sky, fres * (1.0 - 0.35 * lip * close));
    col *= 1.0 - 0.16 * smoothstep(0.80, 1.0, f) * close;
    float glint = smoothstep(0.50, 0.80, rough + 0.5 * n.x + 0.14 * path);
    col += sun * shine * (path * (0.30 + 1.5 * glint) + wide * (0.05 + 0.20 * glint));
    float lace = smoothstep(0.42, 0.72, a.z * 0.55 + b.z * 0.55);
    float trail = smoothstep(0.42, 0.02, f) * close * lace;
    float crest = lip * close * smoothstep(0.30, 0.55, b.z + 0.25 * a.z);
    float rim = smoothstep(0.75, 0.0, s - swash) * (0.35 + 0.65 * lace);
    float foam = clamp(0.62 * trail + 0.9 * crest + rim, 0.0, 1.0) * foamy;
    col = mix(col, mix(low, float3(1.0), 0.55) * (0.62 + 0.38 * foamy), foam * 0.88);
  }
  if (seen < 1.0) {
    half4 f = waves.eval(q.yx * 3.1);
    float grit = 0.82 + 0.26 * b.z + (0.22 * (a.z - 0.5) + 0.60 * (f.z - 0.5)) * near;
    grit *= 1.0 + near * 0.16 * (f.x - 0.5 + a.y - 0.5);
    float ripple = 1.0 + 0.06 * near * sin(dot(float2(-sea.y, sea.x), w) * 2.0 + w.y * 9.0
        + 5.0 * g.z);
    float3 dry = sand * grit * ripple;
    land = mix(dry, dry * 0.52, wet);
    float mirror = wet * clamp(fres * 1.25, 0.12, 0.85);
    land = mix(land, sky * 0.95, mirror * 0.8);
    land += sun * shine * wet * (0.55 * path + 0.10 * wide) * fres;
    land += sand * sun * shine * 0.05;
    float line = smoothstep(0.10, 0.0, abs(s + 1.25 + 0.9 * (g.z - 0.5) + 0.2 * (a.z - 0.5)));
    land = mix(land, mix(low, float3(1.0), 0.4) * foamy, 0.30 * line * a.z);
  }
  col = mix(land, col, seen);
  col = mix(col, low, (1.0 - exp(-d / 420.0)) * 0.85);
  return half4(half3(clamp(col, 0.0, 1.0)), 1.0);
}
"""


class Water:
    """The shore's floor: everything below the horizon."""

    def __init__(self, light: Light, seed: int, *, sea: tuple[float, float], edge: float) -> None:
        """Prepare the shader; the sea lies in direction `sea` (x, z) beyond `edge` metres."""
        self._light = light
        self._sea, self._edge = sea, edge
        self._effect = skia.RuntimeEffect.MakeForShader(skia.String(_SOURCE))
        repeat = skia.TileMode.kRepeat
        self._waves = image(_waves(seed)).makeShader(repeat, repeat, LINEAR)
        night = max(light.top) < 60
        glow = sum(light.ambient) / 3
        dull = light.clouds >= 1.0
        self._deep = mix(scale((22.0, 74.0, 96.0), light.ambient), light.middle, 0.15)
        self._shallow = scale((70.0, 150.0, 150.0), light.ambient)
        self._sand = scale((214.0, 186.0, 150.0), light.ambient)
        high = light.elevation > 0.2
        self._shine = 0.08 if dull else (0.42 if night or high else 0.95)
        self._foamy = 0.42 + 0.58 * glow

    def draw(self, easel: Easel, t: float) -> None:
        """Draw water and sand at `t`, at half the easel's resolution."""
        view = easel.view
        top = max(int(view.cy), 0)
        w, h = view.width // 2, max((view.height - top) // 2, 2)
        surface = skia.Surface(w, h)
        surface.getCanvas().drawPaint(skia.Paint(Shader=self._shader(easel, t, top)))
        snap = surface.makeImageSnapshot()
        box = skia.Rect.MakeLTRB(0, top, view.width, top + 2 * h + 1)
        easel.canvas.drawImageRect(snap, box, LINEAR)

    def _shader(self, easel: Easel, t: float, top: int) -> skia.Shader:
        view, light = easel.view, self._light
        build = skia.RuntimeShaderBuilder(self._effect)

        def put(name: str, *values: float) -> None:
            build.setUniform(name, list(values) if len(values) > 1 else float(values[0]))

        put("c", view.cx / 2, (view.cy - top) / 2)
        put("focal", view.focal / 2)
        put("cam", view.x, view.y, view.z)
        put("turn", math.sin(view.yaw), math.cos(view.yaw))
        put("sea", *self._sea)
        put("edge", self._edge)
        put("t", t)
        put("beat", t * 2 * math.pi / PERIOD)
        for name, colour in self._colours().items():
            put(name, *(v / 255 for v in colour))
        put("at", math.tan(light.azimuth), math.tan(view.yaw))
        put("shine", self._shine)
        put("foamy", self._foamy)
        build.setChild("waves", self._waves)
        return build.makeShader()

    def _colours(self) -> dict[str, RGB]:
        light = self._light
        return {
            "low": light.low,
            "mid": mix(light.middle, light.top, 0.35),
            "deep": self._deep,
            "shallow": self._shallow,
            "sand": self._sand,
            "sun": scale(light.sun, (1.0, 0.86, 0.66)),
        }


@lru_cache(maxsize=2)
def _waves(seed: int) -> F32:
    """A tile of slopes (red, green) and heights (blue)."""
    height = fbm(TILE, TILE, octaves=6, cells=6, seed=seed + 40, gain=0.55)
    ridged = 1 - np.abs(fbm(TILE, TILE, octaves=5, cells=8, seed=seed + 41) * 2 - 1)
    both = (0.5 * height + 0.5 * ridged).astype(np.float32)
    wrap = np.pad(both, 1, mode="wrap")
    dx = cv2.Sobel(wrap, cv2.CV_32F, 1, 0)[1:-1, 1:-1]
    dy = cv2.Sobel(wrap, cv2.CV_32F, 0, 1)[1:-1, 1:-1]
    both = (both - both.min()) / (both.max() - both.min())
    return np.dstack([128 + dx * 360, 128 + dy * 360, both * 255]).astype(np.float32)
