"""The light of a scene: colours of sky, sun, fog and shadow for each time and weather."""

from __future__ import annotations

from dataclasses import dataclass, replace

from generator.scene import SceneSpec, Setting, TimeOfDay, Weather
from generator.textures import RGB, mix, scale


@dataclass(frozen=True, kw_only=True, slots=True)
class Light:
    """What lights a scene; colours 0..255, factors about 1.

    Attributes:
        top: the sky overhead.
        middle: the sky half-way up.
        low: the sky at the horizon.
        sun: the sun's or the moon's colour.
        azimuth: where it stands, radians to the right of straight ahead.
        elevation: radians above the horizon.
        fog: what distance fades to.
        haze: metres at which half of a thing has faded.
        ambient: factor on every surface's own colour.
        key: factor on what the main light falls on.
        side: +1 where the main light comes from the right, -1 from the left.
        rim: strength of the bright edge that a light behind gives, 0..1.
        clouds: how much of the sky they cover, 0..1.
        lamps: whether lamps and windows are lit.
        wet: whether the ground shines.
    """

    top: RGB
    middle: RGB
    low: RGB
    sun: RGB
    azimuth: float
    elevation: float
    fog: RGB
    haze: float
    ambient: RGB
    key: RGB
    side: int
    rim: float
    clouds: float
    lamps: bool
    wet: bool


_TIMES = {
    TimeOfDay.MORNING: Light(
        top=(96, 146, 206),
        middle=(176, 206, 232),
        low=(255, 228, 196),
        sun=(255, 238, 204),
        azimuth=-0.34,
        elevation=0.26,
        fog=(232, 224, 214),
        haze=42.0,
        ambient=(0.94, 0.93, 0.92),
        key=(1.12, 1.05, 0.95),
        side=-1,
        rim=0.55,
        clouds=0.42,
        lamps=False,
        wet=False,
    ),
    TimeOfDay.DAY: Light(
        top=(44, 108, 190),
        middle=(118, 176, 226),
        low=(206, 230, 243),
        sun=(255, 250, 236),
        azimuth=0.75,
        elevation=0.62,
        fog=(208, 224, 236),
        haze=60.0,
        ambient=(1.0, 1.0, 1.0),
        key=(1.10, 1.07, 1.0),
        side=1,
        rim=0.35,
        clouds=0.5,
        lamps=False,
        wet=False,
    ),
    TimeOfDay.DUSK: Light(
        top=(58, 62, 118),
        middle=(228, 124, 112),
        low=(255, 208, 142),
        sun=(255, 232, 186),
        azimuth=0.06,
        elevation=0.075,
        fog=(255, 184, 142),
        haze=30.0,
        ambient=(0.86, 0.74, 0.77),
        key=(1.16, 0.98, 0.84),
        side=1,
        rim=0.85,
        clouds=0.5,
        lamps=True,
        wet=False,
    ),
    TimeOfDay.NIGHT: Light(
        top=(8, 12, 32),
        middle=(20, 28, 62),
        low=(62, 62, 100),
        sun=(226, 234, 255),
        azimuth=-0.30,
        elevation=0.33,
        fog=(38, 44, 78),
        haze=38.0,
        ambient=(0.34, 0.38, 0.55),
        key=(0.88, 0.84, 0.92),
        side=-1,
        rim=0.55,
        clouds=0.35,
        lamps=True,
        wet=False,
    ),
}
_GREY: RGB = (168.0, 176.0, 188.0)


def light_of(spec: SceneSpec) -> Light:
    """Return the light for a scene's setting, time and weather."""
    base = _TIMES[spec.time_of_day]
    if spec.setting is Setting.STREET:
        base = replace(base, wet=True)
    if spec.setting is Setting.SHORE and spec.time_of_day is TimeOfDay.DUSK:
        base = replace(base, azimuth=0.17, elevation=0.11)
    if spec.weather is Weather.CLEAR:
        return base
    dull = 0.72 if spec.weather is Weather.CLOUDY else 0.85
    dark = 0.35 + 0.65 * sum(base.ambient) / 3
    if spec.time_of_day is TimeOfDay.NIGHT:
        dark = 0.30
    grey = scale(_GREY, dark)
    return replace(
        base,
        top=mix(base.top, scale(grey, 0.72), dull),
        middle=mix(base.middle, grey, dull),
        low=mix(base.low, scale(grey, 1.12), dull * 0.8),
        fog=mix(base.fog, scale(grey, 1.1), dull * 0.8),
        sun=mix(base.sun, grey, 0.75),
        haze=base.haze * (0.7 if spec.weather is not Weather.CLOUDY else 0.9),
        ambient=mix(base.ambient, (0.9 * dark + 0.08, 0.93 * dark + 0.08, dark + 0.08), 0.6),
        key=mix(base.key, (0.97, 0.99, 1.02), 0.7),
        rim=base.rim * 0.4,
        clouds=1.0,
        wet=base.wet or spec.weather is Weather.RAIN,
    )


def people_light(spec: SceneSpec, light: Light) -> Light:
    """The light that people stand in: indoors that of the room, at night that of the lamps."""
    night, dusk = spec.time_of_day is TimeOfDay.NIGHT, spec.time_of_day is TimeOfDay.DUSK
    if spec.setting is not Setting.ROOM:
        if not night:
            return light
        warm = (0.56, 0.50, 0.52) if spec.setting is Setting.STREET else (0.48, 0.47, 0.56)
        return replace(light, ambient=warm, key=(1.08, 0.94, 0.82), sun=(255.0, 206.0, 160.0))
    if night:
        return replace(light, ambient=(0.66, 0.55, 0.46), key=(1.1, 0.94, 0.76), rim=0.3, side=1)
    if dusk:
        return replace(light, ambient=(0.80, 0.67, 0.58), key=(1.15, 0.92, 0.74), rim=0.5, side=-1)
    warm = mix(light.ambient, (0.95, 0.92, 0.87), 0.6)
    return replace(light, ambient=warm, key=(1.10, 1.04, 0.96), rim=0.35, side=-1)
