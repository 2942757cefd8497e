"""A service over a fresh home that stamps what tests make, without a long search beforehand."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pytest

from cameo.flows.errors import CannotMarkError
from cameo.flows.stamp import Stamped, Stamping
from cameo.media.limits import Limits
from cameo.settings import Settings
from cameo.wiring.service import Service, open_service
from provenance.verifier.report import VerifyReport

LIMITS = Limits()
SIZE = (320, 180)
LARGER = (640, 360)
"""For what is encoded once more: at 180 lines an encoder leaves little of a mark."""


class Nothing:
    """Finds no mark: what these tests stamp was just made, and a full search takes long."""

    found = False

    def detect(self, *_asked: Any) -> Nothing:
        return self


@dataclass
class Desk:
    service: Service
    folder: Path
    made: int = 0

    @property
    def quick(self) -> Stamping:
        nothing: Any = Nothing()
        return replace(self.service.stamping, detector=nothing, sound_detector=nothing)

    def new(self, suffix: str) -> Path:
        self.made += 1
        return self.folder / f"{self.made:03d}{suffix}"

    def stamp(self, source: Path) -> tuple[Stamped, Path]:
        out = self.new(source.suffix)
        return self.quick.stamp(source, out), out

    def verify(self, path: Path) -> VerifyReport:
        return self.service.verification.verify(path)

    def registered(self) -> int:
        with self.service.db.reading() as tx:
            return len(tx.registry.page("", 1000))

    def refused(self, source: Path) -> str:
        before, out = self.registered(), self.new(source.suffix)
        with pytest.raises(CannotMarkError) as caught:
            self.quick.stamp(source, out)
        assert not out.exists()
        assert self.registered() == before
        assert str(caught.value).startswith("it cannot carry a mark because ")
        return str(caught.value)


@contextmanager
def opened(folder: Path) -> Iterator[Desk]:
    service = open_service(Settings(home=folder / "home"))
    yield Desk(service, folder)
    service.close()


def found_in(report: VerifyReport) -> list[str]:
    found: list[str] = report.to_json()["watermark"]["found_in"]  # type: ignore[index]
    return found
