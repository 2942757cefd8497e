"""The real flows over one SQLite file: four people with keys and likenesses, put back quickly."""

from __future__ import annotations

import secrets
import shutil
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

from sqlalchemy import event, text

from cameo.flows.enrol import Enrolments
from cameo.flows.errors import FlowError
from cameo.flows.notice import notice_of
from cameo.flows.registering import NewKey
from cameo.likeness.liveness import LivenessReport
from cameo.store.database import Database
from cameo.store.errors import StoreError
from cameo.store.records import EnrolmentRecord, PersonRecord
from cameo.wiring.home import migrate
from consent.errors import ConsentError
from consent.evidence import Evidence, new_ed25519_key, sign_ed25519
from tests.contract.keys.memory import MemoryKeyProvider
from tests.integration.life.clock import START, Clock
from tests.integration.life.model import DONE
from tests.integration.life.society import RECOVERY
from tests.integration.people import World
from tests.integration.rights import PARTS, Office
from tests.integration.studio import Studio

HANDLES = ("alice", "bobby", "carol", "david")


@dataclass
class _Engines:
    """Stands for the engines that judge captures; nothing is judged here."""

    models: tuple[str, str] = ("face-test", "voice-test")

    def assess(self, *_args: Any, **_more: Any) -> LivenessReport:
        raise AssertionError("no capture is judged here")


class Stage:
    """Built once; `reset` brings every example back to the same start."""

    def __init__(self, folder: Path) -> None:
        self._file, self._template = folder / "life.db", folder / "template.db"
        url = f"sqlite:///{self._file}"
        migrate(url)
        self.clock = Clock()
        self.db = Database(url)
        event.listen(self.db.engine, "connect", _hurry)
        self.clock.install(self.db.engine)
        self.keys = MemoryKeyProvider(period=RECOVERY)
        self.world = World(self.db, folder, keys=self.keys, daily_limit=10_000)
        self.studio = Studio(self.world)
        self.office = Office(self.world)
        self.enrolments = Enrolments(
            db=self.db,
            likenesses=self.office.likenesses,
            ledger=self.world.ledger,
            policy=self.world.policy,
            assessor=_Engines(),
            measure_voice=_nothing,
        )
        self.people: dict[str, PersonRecord] = {}
        self.first_keys: dict[str, tuple[str, bytes]] = {}
        self.first_enrolments: dict[str, str] = {}
        for handle in HANDLES:
            self._settle(handle)
        self.world.ledger.sequence()
        self._kept = (dict(self.keys.stored), set(self.keys.destroyed))
        self._media = folder / "media"
        self._sealed = {
            path: path.read_bytes() for path in self._media.rglob("*") if path.is_file()
        }
        self.db.close()
        shutil.copyfile(self._file, self._template)

    def reset(self) -> None:
        """Everybody as at the start: a key and a likeness each, and nothing agreed."""
        self.db.close()
        for left in (self._file, *self._file.parent.glob("life.db-*")):
            left.unlink(missing_ok=True)
        shutil.copyfile(self._template, self._file)
        shutil.rmtree(self._media)
        for path, sealed in self._sealed.items():
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(sealed)
        self.keys.stored, self.keys.destroyed = dict(self._kept[0]), set(self._kept[1])
        self.clock.now = START.replace(hour=START.hour + 1)

    def close(self) -> None:
        self.world.vault.work.close()
        self.db.close()

    def new_key(self) -> tuple[bytes, NewKey]:
        private, public = new_ed25519_key()
        return private, NewKey(public_key=public)

    def enrol(self, handle: str, *, key: str, face: str, checked: bool) -> EnrolmentRecord:
        """The real flow but for the camera: challenge, likeness sealed, row and leaf."""
        person = self.people[handle]
        record = self.enrolments.begin(
            person,
            notice_sha256=notice_of(self.world.policy).sha256,
            release=True,
            simulated=not checked,
            key=key,
        )
        with self.db.transaction() as tx:
            assert tx.enrolments.take(record.id, capture_sha256=secrets.token_hex(32))
        parts = {part: part.encode() for part in PARTS} | {"face": face.encode()}
        deks = self.office.likenesses.keep(record, parts, partial(self._remember, record.id))
        report = LivenessReport(
            checks=(), passed=True, assurance_level=int(checked), simulated=not checked
        )
        return self.enrolments._keep(person, record, report, deks)

    def rows(self, query: str) -> list[Any]:
        """What the database says, past every flow."""
        with self.db.engine.connect() as connection:
            connection.execution_options(cameo_begin="BEGIN")
            return list(connection.execute(text(query)))

    def _settle(self, handle: str) -> None:
        person, _ = self.world.accounts.sign_up(
            handle=handle, display_name=handle.title(), adult=True
        )
        private, new = self.new_key()
        key = self.world.keyring.register(person, new).record.id
        self.people[handle], self.first_keys[handle] = person, (key, private)
        self.first_enrolments[handle] = self.enrol(handle, key=key, face=handle, checked=True).id

    def _remember(self, enrolment_id: str, deks: str) -> None:
        with self.db.transaction() as tx:
            assert tx.enrolments.remember_keys(enrolment_id, deks)


def outcome(act: Callable[..., object], *args: object) -> str:
    """The code of a refusal, or that it was done. Anything else is a fault of the flow."""
    try:
        act(*args)
    except (FlowError, StoreError, ConsentError) as refusal:
        return refusal.code
    return DONE


def signed(private: bytes, document: bytes) -> Evidence:
    return sign_ed25519(private, document)


def _hurry(connection: Any, _record: Any) -> None:
    connection.execute("pragma synchronous = off")


def _nothing(*_args: Any) -> Any:
    raise AssertionError("no voice is measured here")
