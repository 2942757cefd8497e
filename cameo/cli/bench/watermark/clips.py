"""The clips that the marks are measured on, drawn by the project's own generator.

They need no data and no network, and are the same on every machine of one kind. What was drawn is
kept in a folder under the temporary one, named by everything that it was drawn from. Real clips may
be added from a folder; what is scaled says so in its name.
"""

from __future__ import annotations

import os
import tempfile
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import cache, partial
from hashlib import sha256
from itertools import islice
from pathlib import Path
from typing import Final

import numpy as np

import generator
from cameo.likeness.appearance import crop
from cameo.likeness.dlib_faces import DlibFaces, FivePoints
from cameo.media.decode import FrameStream, probe, read_samples
from cameo.media.encode import SAMPLE_RATE, to_yuv420p
from cameo.media.limits import Limits
from cameo.media.processing import Clip, pack, resized, unpack
from generator.embedded import EmbeddedGenerator
from generator.heads import Pose, person, render
from generator.label import burn_label
from generator.request import Appearance, CastMember, RenderRequest, Style

SECONDS: Final = 5.0
SIZES: Final = ((854, 480), (1280, 720), (1920, 1080))
_CHUNK: Final = 24
_HEAD: Final = "emre"
_FILMS: Final = frozenset({".mp4", ".mov", ".mkv", ".webm", ".mpg", ".avi"})
_LIMITS: Final = Limits()


@dataclass(frozen=True, kw_only=True, slots=True)
class Scene:
    """One picture that is drawn.

    Attributes:
        name: for the name of a case.
        prompt: what is asked of the generator.
        style: how it looks.
        seed: everything random is drawn from it.
        talks: whether a synthetic person stands in it and speaks.
    """

    name: str
    prompt: str
    style: Style
    seed: int
    talks: bool = False


SCENES: Final = (
    Scene(
        name="anime",
        prompt="a living room in the daytime, static camera",
        style=Style.ANIME,
        seed=1,
    ),
    Scene(
        name="dark",
        prompt="a city street at night after rain, static camera",
        style=Style.CINEMATIC,
        seed=2,
    ),
    Scene(
        name="talking-head",
        prompt=f'@{_HEAD} talks in the living room: "This is said to give a voice to mark."',
        style=Style.PHOTOREAL,
        seed=3,
        talks=True,
    ),
    Scene(
        name="moving",
        prompt="an avenue of cherry trees in the morning, tracking shot",
        style=Style.PHOTOREAL,
        seed=4,
    ),
    Scene(
        name="bright-sky",
        prompt="a shore at noon, clear sky, static camera",
        style=Style.PHOTOREAL,
        seed=5,
    ),
)


@dataclass(frozen=True, kw_only=True, slots=True)
class Case:
    """A clip that is made, or taken from the cache, when it is asked for.

    Attributes:
        name: such as "moving-720p", or "d10-1080p-upscaled" for a real one.
        scene: which content, whatever its size.
        side: pixels of the shorter side.
        how: drawn at this size, or scaled to it.
    """

    name: str
    scene: str
    side: int
    how: str
    load: Callable[[], Clip]


def cases(
    *,
    scenes: Sequence[str] | None = None,
    sides: Sequence[int] | None = None,
    data: Path | None = None,
    folder: Path | None = None,
) -> list[Case]:
    """The cases of a run: every scene, then every real clip, each at every size.

    Args:
        scenes: names of scenes and of real clips; None takes all.
        sides: pixels of the shorter side, of `SIZES`; None takes all.
        data: a folder of real clips to add.
        folder: where drawn clips are kept; None takes one under the temporary folder.
    """
    found = [*_drawn(folder or _usual_folder()), *(() if data is None else _real(data))]
    return [
        case
        for case in found
        if (scenes is None or case.scene in scenes) and (sides is None or case.side in sides)
    ]


def _usual_folder() -> Path:
    return Path(tempfile.gettempdir()) / f"cameo-bench-clips-{os.getuid()}"


def _drawn(folder: Path) -> Iterator[Case]:
    for scene in SCENES:
        for size in SIZES:
            yield Case(
                name=f"{scene.name}-{min(size)}p",
                scene=scene.name,
                side=min(size),
                how="drawn",
                load=partial(_kept, folder, scene, size),
            )


def _kept(folder: Path, scene: Scene, size: tuple[int, int]) -> Clip:
    request = RenderRequest(
        prompt=scene.prompt,
        seconds=SECONDS,
        size=size,
        style=scene.style,
        seed=scene.seed,
        cast=(_actor(),) if scene.talks else (),
    )
    path = folder / f"{_key(request)}.clip"
    if path.is_file():
        return unpack(path.read_bytes())
    clip = draw(request)
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    partial = path.with_suffix(f".{os.getpid()}")
    partial.write_bytes(pack(clip))
    partial.replace(path)
    return clip


def draw(request: RenderRequest) -> Clip:
    """Make a clip with its visible label, as the service marks it: just before the mark."""
    source = EmbeddedGenerator()
    spec = source.plan(request)
    sound = source.sound(spec, request.cast)
    count = round(spec.seconds * spec.fps)
    planar = [
        to_yuv420p(burn_label(frame))
        for start in range(0, count, _CHUNK)
        for frame in source.frames(
            spec, request.cast, sound.mouth, start, min(_CHUNK, count - start)
        )
    ]
    samples = np.asarray(sound.samples, np.float32)
    return Clip(frames=np.stack(planar), fps=float(spec.fps), samples=samples, rate=SAMPLE_RATE)


@cache
def _actor() -> CastMember:
    """A person who does not exist, cut out of one drawn picture as an enrolment would."""
    picture = render(person(_HEAD), Pose(), (640, 480))
    look = crop(picture, DlibFaces().detect(picture)[0], FivePoints())
    appearance = Appearance(image=look.image, landmarks5=look.points5, box=look.box)
    return CastMember(handle=_HEAD, appearance=appearance)


def _key(request: RenderRequest) -> str:
    asked = (request.prompt, request.seconds, request.size, request.fps, request.style)
    digest = sha256(repr((*asked, request.seed, _source())).encode())
    for member in request.cast:
        digest.update(member.appearance.image.tobytes())
    return digest.hexdigest()[:32]


@cache
def _source() -> str:
    """The generator's own source, so that no clip of an earlier one is taken for today's."""
    digest = sha256()
    for folder in generator.__path__:
        for path in sorted(Path(folder).rglob("*.py")):
            digest.update(path.read_bytes())
    return digest.hexdigest()


def _real(folder: Path) -> Iterator[Case]:
    for path in sorted(folder.iterdir()):
        if path.suffix.lower() not in _FILMS:
            continue
        facts = probe(path, _LIMITS)
        own = min(facts.width, facts.height)
        for side in (min(size) for size in SIZES):
            how = "upscaled" if side > own else "downscaled" if side < own else "as-it-was"
            yield Case(
                name=f"{path.stem}-{side}p-{how}",
                scene=path.stem,
                side=side,
                how=how,
                load=partial(_scaled, path, side, facts.has_sound),
            )


def _scaled(path: Path, side: int, heard: bool) -> Clip:
    with FrameStream(path, _LIMITS, pixels="yuv420p") as stream:
        frames = np.stack(list(islice(stream, round(SECONDS * stream.fps))))
        fps = stream.fps
    samples = None
    if heard:
        whole = read_samples(path, _LIMITS, rate=SAMPLE_RATE, channels=2)
        samples = whole[: round(len(frames) / fps * SAMPLE_RATE)]
    clip = Clip(frames=frames, fps=fps, samples=samples, rate=SAMPLE_RATE)
    factor = side / min(clip.size)
    width, height = (max(2, round(each * factor / 2) * 2) for each in clip.size)
    return resized(clip, (width, height))
