"""Open what users sent: frames and samples from a child process that is killed after a deadline."""

from __future__ import annotations

import json
import subprocess
import sys
import threading
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from types import TracebackType
from typing import IO, Any, Literal, Self

import numpy as np
import numpy.typing as npt

from cameo.media import errors
from cameo.media.limits import Limits

Pixels = Literal["rgb24", "luma", "yuv420p", "yuv420p10"]
Colour = tuple[int, int, int]  # primaries, transfer, matrix: code points of ITU-T H.273


@dataclass(frozen=True, kw_only=True, slots=True)
class Probe:
    """What a file is, after one frame of it was decoded."""

    kind: Literal["video", "image", "audio"]
    seconds: float
    fps: float
    width: int  # pixels, as displayed
    height: int
    has_sound: bool
    container: str
    codecs: tuple[str, ...]
    bit_depth: int = 8  # of luma; 0 without a picture
    has_alpha: bool = False  # some of the picture is transparent; frames show it opaque
    sound_rate: int = 0  # samples a second, 0 without sound
    sound_channels: int = 0


def probe(path: Path, limits: Limits) -> Probe:
    """Look at a file.

    Raises:
        MediaError: a subclass that says why the file cannot be used.
    """
    with _Child({"do": "probe", "path": str(path.resolve())}, limits) as child:
        header = child.header()
        child.finish()
    return Probe(**{**header, "codecs": tuple(header["codecs"])})


def read_samples(
    path: Path, limits: Limits, *, rate: int, channels: Literal[1, 2, "source"] = 1
) -> npt.NDArray[np.float32]:
    """The whole sound track, resampled, float32 in [-1, 1].

    Args:
        path: the file.
        limits: how much of it is looked at.
        rate: samples a second of what is returned.
        channels: 1 mixes down to mono ``(N,)``, 2 to stereo ``(N, 2)``; "source" keeps mono, stereo
            and 5.1 (FL FR FC LFE BL BR) as ``(N, 1)``, ``(N, 2)`` and ``(N, 6)``, mixes 3 to 5
            channels down to stereo and more than 6 to 5.1.

    Raises:
        NoSoundError: the file has no sound.
        MediaError: it cannot be used otherwise.
    """
    task = {"do": "samples", "path": str(path.resolve()), "rate": rate, "channels": channels}
    with _Child(task, limits) as child:
        count = int(child.header()["channels"])
        data = child.read_rest()
        child.finish()
    samples = np.frombuffer(data, dtype="<f4").astype(np.float32)
    return samples if channels == 1 else samples.reshape(-1, count)


class FrameStream:
    """Frames of one file, decoded while they are asked for, in constant memory; a context manager.

    Frames are uint8: ``(H, W, 3)`` for ``rgb24``, ``(H, W)`` for ``luma`` (the Y plane, limited
    range) and ``(H * 3 / 2, W)`` for ``yuv420p``; ``yuv420p10`` is the same in uint16, 0..1023.

    Every kind of frame is upright. Planar frames keep the source's matrix, which `colour` names;
    pictures and RGB come out as BT.709. Odd sides stay odd in ``rgb24`` and ``luma``; planar 4:2:0
    leaves the last column or row out. Who marks a still works on its ``rgb24`` and ``luma``.
    """

    def __init__(
        self,
        path: Path,
        limits: Limits,
        *,
        pixels: Pixels = "rgb24",
        fps: float | None = None,
        max_side: int | None = None,
    ) -> None:
        """``fps`` thins the frames out; ``max_side`` scales the picture down.

        Raises:
            MediaError: on entry or while iterating, a subclass that says what is wrong.
        """
        self._pixels = pixels
        task = {
            "do": "frames",
            "path": str(path.resolve()),
            "pixels": pixels,
            "fps": fps,
            "max_side": max_side,
        }
        self._child = _Child(task, limits)
        self.fps = 0.0
        self.seconds = 0.0
        self.size = (0, 0)  # width, height
        self.colour: Colour = (1, 1, 1)  # of planar frames; 2 is "not said"

    def __enter__(self) -> Self:
        self._child.__enter__()
        try:
            header = self._child.header()
        except BaseException:
            self._child.close()
            raise
        self.fps, self.seconds = header["fps"], header["seconds"]
        self.size = (header["width"], header["height"])
        primaries, transfer, matrix = header["colour"]
        self.colour = (primaries, transfer, matrix)
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._child.close()

    def __iter__(self) -> Iterator[npt.NDArray[Any]]:
        width, height = self.size
        planar = (height * 3 // 2, width)
        shapes: dict[Pixels, tuple[int, ...]] = {
            "rgb24": (height, width, 3),
            "luma": (height, width),
            "yuv420p": planar,
            "yuv420p10": planar,
        }
        shape = shapes[self._pixels]
        kind = np.dtype("<u2") if self._pixels == "yuv420p10" else np.dtype(np.uint8)
        count = int(np.prod(shape)) * kind.itemsize
        while data := self._child.read_exactly(count):
            yield np.frombuffer(data, dtype=kind).reshape(shape)
        self._child.finish()


class _Child:
    """One decoding process, its pipe and its deadline."""

    def __init__(self, task: dict[str, Any], limits: Limits) -> None:
        self._argument = json.dumps({**task, "limits": asdict(limits)})
        self._timeout = limits.timeout_s
        self._late = threading.Event()
        self._process: subprocess.Popen[bytes] | None = None
        self._timer: threading.Timer | None = None

    def __enter__(self) -> Self:
        # An empty environment: what decodes hostile bytes holds no key and no database address.
        self._process = subprocess.Popen(
            [sys.executable, "-I", "-m", "cameo.media.child", self._argument],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            env={},
            bufsize=1 << 20,
        )
        self._timer = threading.Timer(self._timeout, self._expire)
        self._timer.daemon = True
        self._timer.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def header(self) -> dict[str, Any]:
        line = self._stdout.readline()
        if not line:
            self.finish()
            raise errors.UnreadableMediaError("the decoder gave nothing")
        header: dict[str, Any] = json.loads(line)
        return header

    def read_exactly(self, count: int) -> bytes:
        data = self._stdout.read(count)
        return data if len(data) == count else b""

    def read_rest(self) -> bytes:
        return self._stdout.read()

    def finish(self) -> None:
        """Wait for the end; raise what the process said was wrong."""
        process = self._running
        message = process.stderr.read() if process.stderr else b""
        code = process.wait()
        if self._late.is_set():
            raise errors.DecodeTimeoutError(f"stopped after {self._timeout:.0f} s")
        if code != 0:
            raise _problem(message, code)

    def close(self) -> None:
        process, timer = self._process, self._timer
        if timer is not None:
            timer.cancel()
        if process is None:
            return
        if process.poll() is None:
            process.kill()
        process.wait()
        for pipe in (process.stdout, process.stderr):
            if pipe is not None:
                pipe.close()

    def _expire(self) -> None:
        self._late.set()
        self._running.kill()

    @property
    def _running(self) -> subprocess.Popen[bytes]:
        if self._process is None:
            raise RuntimeError("not entered")
        return self._process

    @property
    def _stdout(self) -> IO[bytes]:
        pipe = self._running.stdout
        if pipe is None:
            raise RuntimeError("no pipe")
        return pipe


def _problem(message: bytes, code: int) -> errors.MediaError:
    lines = message.decode("utf-8", "replace").strip().splitlines()
    try:
        said = json.loads(lines[-1])
        return errors.by_code(said["code"])(said["detail"])
    except (IndexError, ValueError, KeyError, TypeError):
        return errors.UnreadableMediaError(f"the decoder stopped with status {code}")
