"""Kits: their form, their signature, and what each part of one says to the verdict chain."""

from __future__ import annotations

import base64
import hashlib
import json
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from cameo.flows import jcs
from cameo.flows.kit import KitVerification
from cameo.flows.kit_content import Content, KitClip
from cameo.flows.kit_detectors import (
    NoDetector,
    NoSoundDetector,
    PartialDetector,
    PartialSoundDetector,
)
from cameo.flows.kit_entry import Entry
from cameo.flows.kit_errors import (
    KitError,
    KitLogError,
    KitMarkKeyError,
    KitMarkLogError,
    KitSignatureError,
    KitTooLargeError,
    MalformedKitError,
    MarkKeyMissingError,
    OtherSpellingKitError,
)
from cameo.flows.kit_form import Kit, kit_key_name, read, write
from cameo.flows.kit_marks import KitEpoch, keys_at_hand
from cameo.flows.marks import beginning, commitments, derive
from cameo.media.limits import Limits
from provenance.credentials.manifest import ConsentCitation
from provenance.credentials.values import Credentials, OwnStatement
from provenance.log.notes import NoteSigner
from provenance.log.openings import Leaf
from provenance.verifier.ports import ConsentAtRelease, RegistryRecord
from tests.smalllog import LOG, START, WITNESS, SmallLog

SIGNER = NoteSigner(kit_key_name(LOG.name), bytes(range(8, 40)))
OTHER = NoteSigner(kit_key_name(LOG.name), bytes(range(9, 41)))
MASTER = bytes(range(32))
STORE = b"the archived store"
PAYLOAD = 0x0123456789ABCDEF
AT = datetime(2026, 5, 6, 7, 8, 9, tzinfo=UTC)
CONSENT = ConsentAtRelease(
    id="cns_01", state_then="active", state_now="active", assurance=1, simulated=False
)


def log() -> tuple[SmallLog, Leaf]:
    made = SmallLog()
    for number in range(2):
        made.log("lease", {"number": number})
    for number in (1, 2):
        because = "start" if number == 1 else "rotation"
        made.log("mark", beginning(number, commitments(derive(MASTER, number)), because))
    index = made.log("release", {"clip": "clip_01"})
    return made, made.leaf(index)


def clip(**changes: Any) -> KitClip:
    _, leaf = log()
    record = RegistryRecord(
        clip_id="clip_01", payload=PAYLOAD, kind="clip", fingerprint=b"f", manifest=STORE
    )
    entry = Entry(index=leaf.index, body=leaf.body, proof=leaf.proof)
    return replace(KitClip(record=record, entry=entry, consents=(CONSENT,)), **changes)


def epoch(number: int = 1, **changes: Any) -> KitEpoch:
    leaf = log()[0].leaf(1 + number)
    values: dict[str, Any] = {
        "epoch": number,
        "because": "start" if number == 1 else "rotation",
        "began_at": AT,
        "ended_at": AT if number == 1 else None,
        "leaked": False,
        "revealed": False,
        "commitments": commitments(derive(MASTER, number)),
        "keys": None,
        "entry": Entry(index=leaf.index, body=leaf.body, proof=leaf.proof),
        "salt": leaf.salt,
    }
    return KitEpoch(**{**values, **changes})


def content(**changes: Any) -> Content:
    values: dict[str, Any] = {
        "made_at": AT,
        "brand": "Cameo",
        "claim_roots_pem": "roots\n",
        "time_roots_pem": "times\n",
        "log_key": LOG.vkey,
        "checkpoint": log()[0].head(),
        "witnesses": (WITNESS.vkey,),
        "clips": (clip(),),
        "marks": (epoch(1), epoch(2)),
    }
    return Content(**{**values, **changes})


def file(**changes: Any) -> bytes:
    return write(content(**changes), SIGNER)


# -- the form --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "changes",
    [
        {},
        {"marks": (epoch(1, keys=derive(MASTER, 1), revealed=True), epoch(2, leaked=True))},
        {"marks": ()},
        {
            "checkpoint": None,
            "witnesses": (),
            "clips": (clip(entry=None, consents=()),),
            "marks": (epoch(entry=None, salt=None),),
        },
        {
            "clips": (
                clip(
                    record=replace(
                        clip().record, epoch=3, marks=("video", "sound"), sound_fingerprint=b"s"
                    )
                ),
            )
        },
        {"clips": ()},
        {
            "clips": (
                clip(
                    consents=(
                        replace(CONSENT, state_now="withdrawn", ended_at=START, simulated=True),
                    )
                ),
            )
        },
    ],
)
def test_a_kit_is_read_as_it_was_written(changes: dict[str, Any]):
    kit = read(file(**changes), kit_key=SIGNER.vkey, log_key=LOG.vkey)
    assert kit.content == content(**changes)
    assert (kit.key, kit.authenticated) == (SIGNER.vkey, True)
    assert write(kit.content, SIGNER) == file(**changes)


def test_without_a_key_of_the_readers_nobody_vouches_for_it():
    assert not read(file()).authenticated
    forged = write(content(claim_roots_pem="the thief's"), OTHER)
    assert read(forged).content.claim_roots_pem == "the thief's"
    with pytest.raises(KitSignatureError):
        read(forged, kit_key=SIGNER.vkey)


def test_flipping_any_byte_of_a_kit_fails():
    data = file(marks=(epoch(keys=derive(MASTER, 1)),))
    for at in range(len(data)):
        bent = data[:at] + bytes([data[at] ^ (1 << at % 8)]) + data[at + 1 :]
        with pytest.raises(KitError):
            read(bent, kit_key=SIGNER.vkey)


def edited(change: Callable[[Any], None], *, sign: bool = True) -> bytes:
    """A kit whose content was changed, signed as it should be where `sign`."""
    top = json.loads(file())
    change(top)
    if sign:
        body = jcs.dump(top["content"])
        top["signature"] = SIGNER.sign(f"cameo-kit/v2\n{hashlib.sha256(body).hexdigest()}\n")
    return jcs.dump(top)


def in_content(**changes: Any) -> bytes:
    return edited(lambda top: top["content"].update(changes))


def in_epoch(**changes: Any) -> bytes:
    return edited(lambda top: top["content"]["marks"][0].update(changes))


def hexes(keys: Any) -> dict[str, str]:
    return {name: key.hex() for name, key in keys.items()}


def leaf_json(index: int) -> dict[str, Any]:
    leaf = log()[0].leaf(index)
    return {
        "index": leaf.index,
        "body": base64.b64encode(leaf.body).decode(),
        "proof": [each.hex() for each in leaf.proof],
    }


def in_clip(**changes: Any) -> bytes:
    return edited(lambda top: top["content"]["clips"][0].update(changes))


@pytest.mark.parametrize(
    ("data", "error"),
    [
        (b"", MalformedKitError),
        (b"[]", MalformedKitError),
        (file() + b"\n", OtherSpellingKitError),
        (file().replace(b'"kind":"clip"', b'"kind": "clip"'), OtherSpellingKitError),
        (edited(lambda top: top.update(format="cameo-kit/v1")), MalformedKitError),
        (edited(lambda top: top.update(more=1)), MalformedKitError),
        (edited(lambda top: top.update(signature=1), sign=False), MalformedKitError),
        (edited(lambda top: top.update(signature="no note"), sign=False), KitSignatureError),
        (
            edited(lambda top: top.update(signature=top["signature"] * 2), sign=False),
            KitSignatureError,
        ),
        (
            edited(lambda top: top.update(signature=SIGNER.sign("another\n")), sign=False),
            KitSignatureError,
        ),
        (edited(lambda top: top["content"].update(brand="Other"), sign=False), KitSignatureError),
        (in_content(key=OTHER.vkey), KitSignatureError),
        (in_content(made_at="2026-05-06"), MalformedKitError),
        (in_content(made_at="2026-05-06T07:08:9Z"), MalformedKitError),
        (in_content(clips={}), MalformedKitError),
        (in_content(marks={}), MalformedKitError),
        (in_content(marks=[{}]), MalformedKitError),
        (in_epoch(keys=hexes(derive(MASTER, 2))), KitMarkKeyError),
        (in_epoch(keys={**hexes(derive(MASTER, 1)), "sound": "0" * 64}), KitMarkKeyError),
        (in_epoch(keys={"video": "0" * 64}), MalformedKitError),
        (in_epoch(keys={"video": "0", "image": "0", "sound": "0"}), MalformedKitError),
        (in_epoch(commitments=commitments(derive(MASTER, 2))), KitMarkLogError),
        (in_epoch(because="leak"), KitMarkLogError),
        (in_epoch(because="whim"), MalformedKitError),
        (in_epoch(epoch=7), KitMarkLogError),
        (in_epoch(epoch=2), MalformedKitError),
        (in_epoch(epoch="1"), MalformedKitError),
        (in_epoch(salt=None), KitMarkLogError),
        (in_epoch(salt="0" * 64), KitMarkLogError),
        (in_epoch(entry=leaf_json(0)), KitMarkLogError),
        (in_epoch(entry={**leaf_json(2), "index": 3}), KitMarkLogError),
        (in_epoch(entry=None, salt=None), None),
        (in_content(log={"key": LOG.vkey, "checkpoint": "x", "witnesses": []}), KitLogError),
        (in_content(log={"key": OTHER.vkey, "checkpoint": None, "witnesses": []}), KitMarkLogError),
        (
            in_content(log={"key": OTHER.vkey, "checkpoint": None, "witnesses": []}, marks=[]),
            None,
        ),
        (in_clip(kind="film"), MalformedKitError),
        (in_clip(payload="0123"), MalformedKitError),
        (in_clip(payload=5), MalformedKitError),
        (in_clip(fingerprint="Zh=="), MalformedKitError),
        (in_clip(manifest="?"), MalformedKitError),
        (in_clip(marks=["smell"]), MalformedKitError),
        (in_clip(epoch=True), MalformedKitError),
        (in_clip(sound_fingerprint="?"), MalformedKitError),
        (in_clip(entry={"index": True, "body": "", "proof": []}), MalformedKitError),
        (in_clip(entry={"index": 1, "body": "", "proof": ["00"]}), MalformedKitError),
        (in_clip(consents=[{}]), MalformedKitError),
    ],
)
def test_what_is_no_kit(data: bytes, error: type[KitError] | None):
    if error is None:
        assert read(data).content.brand == "Cameo"
        return
    with pytest.raises(error):
        read(data, kit_key=None)


@pytest.mark.parametrize(
    "changes",
    [{"state_now": "fine"}, {"state_then": 1}, {"assurance": "1"}, {"simulated": 0}, {"id": None}],
)
def test_what_is_no_consent_in_a_kit(changes: dict[str, Any]):
    def change(top: Any) -> None:
        top["content"]["clips"][0]["consents"][0].update(changes)

    with pytest.raises(MalformedKitError):
        read(edited(change))


def test_a_clip_or_a_payload_twice():
    other = replace(clip().record, clip_id="clip_02")
    for clips in [(clip(), clip()), (clip(), clip(record=other))]:
        with pytest.raises(MalformedKitError):
            read(file(clips=clips))


def test_another_log_than_the_one_trusted():
    with pytest.raises(KitLogError):
        read(file(), log_key=OTHER.vkey)
    with pytest.raises(KitLogError):
        read(file(witnesses=()))


def test_a_kit_is_bounded(monkeypatch: pytest.MonkeyPatch):
    data = file()
    monkeypatch.setattr("cameo.flows.kit_form.MAX_BYTES", len(data) - 1)
    for work in (lambda: read(data), file):
        with pytest.raises(KitTooLargeError):
            work()
    monkeypatch.setattr("cameo.flows.kit_form.MAX_CLIPS", 0)
    with pytest.raises(KitTooLargeError):
        file()


# -- what it says to the verdict chain -------------------------------------------------------------


@dataclass
class Reads:
    """Reads every file as this."""

    found: Credentials

    def read(self, path: Path) -> Credentials:
        return self.found

    def read_manifest_bytes(self, manifest: bytes) -> Credentials:
        return replace(self.found, bound=False)


def ours(*consents: ConsentCitation, clip_id: str = "clip_01") -> Credentials:
    statement = OwnStatement(
        clip_id=clip_id,
        action="c2pa.created",
        payload=f"{PAYLOAD:016x}",
        fingerprint=b"f",
        consents=consents,
    )
    return Credentials(
        present=True, state="trusted", ours=True, bound=True, statement=statement, store=STORE
    )


CITED = ConsentCitation(
    consent_id="cns_01",
    grant_id=None,
    person_ref="0" * 64,
    document_sha256="0" * 64,
    assurance=1,
    simulated=False,
    epoch=0,
)


def verdict(tmp_path: Path, kit: Kit, found: Credentials):
    path = tmp_path / "film.mp4"
    path.write_bytes(b"nothing that can be decoded")
    verification = KitVerification(
        kit=kit,
        limits=Limits(),
        credentials=Reads(found),
        detector=NoDetector(),
        sound_detector=NoSoundDetector(),
    )
    return verification.verify(path)


def test_consents_stand_or_not_as_of_the_kits_date(tmp_path: Path):
    report = verdict(tmp_path, read(file()), ours(CITED))
    assert (report.verdict, report.checked_at) == ("authentic", AT)
    assert (report.log.status, report.log.index, report.log.tree_size) == ("included", 4, 5)
    gone = replace(CONSENT, state_now="withdrawn", ended_at=START)
    report = verdict(tmp_path, read(file(clips=(clip(consents=(gone,)),))), ours(CITED))
    assert report.verdict == "withdrawn"
    (consent,) = report.consents
    assert consent.ended_at == START


def test_a_clip_that_is_not_in_the_kit_is_not_judged_by_it(tmp_path: Path):
    report = verdict(tmp_path, read(file()), ours(CITED, clip_id="clip_99"))
    assert report.verdict == "unreadable"
    assert {"registry.unknown_clip", "consents.not_checked"} <= set(report.reasons)


@pytest.mark.parametrize(
    ("changes", "status"),
    [
        ({"entry": None}, "missing"),
        ({"entry": replace(clip().entry, index=3)}, "bad_proof"),  # type: ignore[type-var]
        ({"entry": replace(clip().entry, body=b"{}")}, "bad_proof"),  # type: ignore[type-var]
        ({"record": replace(clip().record, kind="stamp")}, "bad_proof"),
    ],
)
def test_a_proof_in_a_kit_is_checked(tmp_path: Path, changes: dict[str, Any], status: str):
    report = verdict(tmp_path, read(file(clips=(clip(**changes),))), ours(CITED))
    assert report.log.status == status


def test_an_empty_log_holds_nothing(tmp_path: Path):
    kit = read(file(checkpoint=None, witnesses=(), clips=(clip(entry=None),), marks=()))
    assert verdict(tmp_path, kit, ours(CITED)).log.status == "missing"


def test_other_archived_credentials_are_tampering(tmp_path: Path):
    other = replace(clip().record, manifest=b"another store")
    report = verdict(tmp_path, read(file(clips=(clip(record=other),))), ours(CITED))
    assert report.verdict == "tampered"


# -- the keys of the marks -------------------------------------------------------------------------


def test_keys_that_a_kit_holds_are_tried_newest_first():
    first, second = derive(MASTER, 1), derive(MASTER, 2)
    held = (epoch(1, keys=first), epoch(2, keys=second), epoch(3, entry=None, salt=None))
    assert keys_at_hand(held, "video") == (second["video"], first["video"])
    assert keys_at_hand(held, "sound") == (second["sound"], first["sound"])
    assert repr(held[0]).find(first["video"].hex()) == -1


@dataclass
class Finds:
    """A detector that finds a mark or none."""

    found: bool

    def detect(self, frames: Any, fps: float) -> Finds:
        return self


def test_without_the_keys_of_all_epochs_nothing_found_says_nothing():
    assert PartialDetector(Finds(True)).detect((), 0.0).found  # type: ignore[arg-type]
    with pytest.raises(MarkKeyMissingError):
        PartialDetector(Finds(False)).detect((), 0.0)  # type: ignore[arg-type]
    silence = np.zeros(8, np.float32)
    assert PartialSoundDetector(Finds(True)).detect(silence, 8000).found  # type: ignore[arg-type]
    for detector in (PartialSoundDetector(Finds(False)), NoSoundDetector()):  # type: ignore[arg-type]
        with pytest.raises(MarkKeyMissingError):
            detector.detect(silence, 8000)
