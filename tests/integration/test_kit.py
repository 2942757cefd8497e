"""Kits over real media: the same verdicts as the service's, with neither it nor a network."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from cameo.cli.demo import thief
from cameo.cli.main import cameo
from cameo.flows.kit_form import read
from cameo.flows.vault import file_sha256
from cameo.media.decode import FrameStream
from cameo.media.limits import Limits
from cameo.settings import Settings
from cameo.store.records import ClipRecord
from cameo.wiring.service import Service, open_service
from consent.vocabulary import Audience
from provenance.credentials.manifest import ClipClaim, ConsentCitation, build
from provenance.fingerprint import fingerprint
from tests.integration.people import Member, World
from tests.integration.studio import Studio

pytestmark = [pytest.mark.slow, pytest.mark.xdist_group("kit")]

SIZE = (640, 360)


@dataclass
class Desk:
    """A service's home, an auditor's empty one, and what the auditor was given."""

    service: Service
    world: World
    studio: Studio
    folder: Path
    stamped: Path
    stamp_id: str
    clip: Path
    clip_id: str
    alice: Member

    def kit(self, name: str, *words: str) -> tuple[Path, dict[str, Any]]:
        out = self.folder / name
        done = self.run("kit", out, "--json", "--force", *words, home=self.service.settings.home)
        assert done.exit_code == 0, done.output
        return out, json.loads(done.stdout)

    def run(self, *words: str | Path, home: Path | None = None) -> Result:
        environment = {
            "CAMEO_HOME": str(home or self.folder / "nowhere"),
            "CAMEO_URL": "http://127.0.0.1:9",
        }
        return CliRunner().invoke(cameo, [str(word) for word in words], env=environment)

    def verify(self, file: Path, kit: Path, *words: str) -> tuple[int, dict[str, Any]]:
        done = self.run("verify", file, "--kit", kit, "--json", *words)
        assert not (self.folder / "nowhere").exists()
        return done.exit_code, json.loads(done.stdout)


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Desk]:
    folder = tmp_path_factory.mktemp("kit")
    service = open_service(Settings(home=folder / "home"))
    world = World(service.db, folder / "vault", keys=service.keys, ledger=service.ledger)
    studio = Studio(world)
    foreign, stamped, clip = (folder / f"{name}.mp4" for name in ("foreign", "stamped", "clip"))
    thief.make_foreign(foreign, SIZE)
    stamp = service.stamping.stamp(foreign, stamped)
    alice, bob = world.member("alice"), world.member("bobby")
    world.consent(alice, Audience.EVERYONE)
    record = studio.order(bob, alice)
    signed(service, world, record, foreign, clip)
    yield Desk(
        service=service,
        world=world,
        studio=studio,
        folder=folder,
        stamped=stamped,
        stamp_id=stamp.clip_id,
        clip=clip,
        clip_id=record.id,
        alice=alice,
    )
    service.close()


def signed(service: Service, world: World, clip: ClipRecord, film: Path, target: Path) -> None:
    """Let a film out as a clip with people in it, as a worker would, but without a mark."""
    with FrameStream(film, Limits(), pixels="luma") as stream:
        print_ = fingerprint(iter(stream), stream.fps).to_bytes()
    with world.db.reading() as tx:
        now = tx.now()
        cited = tuple(
            ConsentCitation(
                consent_id=each.consent_id,
                grant_id=each.grant_id,
                person_ref="0" * 64,
                document_sha256=tx.consents.get(each.consent_id).sha256,
                assurance=each.assurance,
                simulated=each.simulated,
                epoch=each.epoch,
            )
            for each in tx.clips.people(clip.id)
        )
    claim = ClipClaim(
        clip_id=clip.id,
        title="clip.mp4",
        created_at=now,
        digital_source_type=(
            "http://cv.iptc.org/newscodes/digitalsourcetype/trainedAlgorithmicMedia"
        ),
        generator_name="scripted",
        generator_version="1",
        payload=clip.payload,
        fingerprint=print_,
        duration_ms=4000,
        consents=cited,
    )
    stripped = target.with_name("stripped.mp4")
    thief.strip_and_shrink(film, stripped, scale=1.0)
    manifest = service.signer.sign(stripped, target, build(claim))
    with world.db.transaction() as tx:
        tx.clips.change(clip.id, only=("queued",), status="in_progress")
        tx.registry.add(
            payload=clip.payload, clip_id=clip.id, fingerprint=print_, manifest=manifest, now=now
        )
    released = Studio(world).releases.release(
        clip.id, media_sha256=file_sha256(target), media_bytes=target.stat().st_size
    )
    assert released == "completed"
    service.ledger.sequence()


def test_a_stamped_film_by_a_kit_without_the_mark_key(desk: Desk):
    kit, made = desk.kit("plain.json")
    assert made["with_mark_key"] is False
    code, report = desk.verify(desk.stamped, kit, "--kit-key", made["kit_key"])
    assert (code, report["verdict"], report["clip_id"]) == (0, "authentic", desk.stamp_id)
    assert report["kit"]["authenticated"] is True
    assert report["log"]["status"] == "included"
    assert "mark.not_checked" in report["reasons"]
    assert report["checked_at"].removesuffix("Z") == report["kit"]["made_at"].removesuffix("+00:00")
    bent = desk.folder / "bent.mp4"
    thief.flip_a_byte(desk.stamped, bent)
    assert desk.verify(bent, kit)[0] == 5
    copy = desk.folder / "copy.mp4"
    thief.strip_and_shrink(desk.stamped, copy, scale=0.75)
    code, report = desk.verify(copy, kit)
    assert (code, report["reasons"][0]) == (2, "mark.not_checked")


def test_a_stripped_copy_needs_the_mark_key(desk: Desk):
    done = desk.run(
        "kit",
        desk.folder / "marked.json",
        "--with-mark-key",
        "--clip",
        desk.stamp_id,
        home=desk.service.settings.home,
    )
    assert done.exit_code == 0
    assert "warning" in done.stderr
    assert "take them off" in done.stderr
    kit = desk.folder / "marked.json"
    assert set(read(kit.read_bytes()).by_clip) == {desk.stamp_id}
    copy = desk.folder / "copy.mp4"
    thief.strip_and_shrink(desk.stamped, copy, scale=0.75)
    code, report = desk.verify(copy, kit)
    assert (code, report["verdict"], report["clip_id"]) == (3, "recovered", desk.stamp_id)
    foreign = desk.folder / "foreign.mp4"
    assert desk.verify(foreign, kit)[0] == 4


def test_consents_are_as_of_the_kits_date(desk: Desk):
    before, _ = desk.kit("before.json", "--clip", desk.clip_id)
    code, report = desk.verify(desk.clip, before)
    assert (code, report["verdict"], report["clip_id"]) == (0, "authentic", desk.clip_id)
    assert [each["state_now"] for each in report["consents"]] == ["active"]
    with desk.world.db.reading() as tx:
        consent = tx.consents.latest(desk.alice.record.id)
    assert consent is not None
    desk.world.revocations.revoke_consent(desk.alice.record, consent.id)
    after, _ = desk.kit("after.json", "--clip", desk.clip_id)
    code, report = desk.verify(desk.clip, after)
    assert (code, report["verdict"]) == (7, "withdrawn")
    assert report["consents"][0]["ended_at"]
    assert desk.verify(desk.clip, before)[0] == 0  # what was withdrawn later, it cannot know
    text = desk.run("verify", desk.clip, "--kit", before).output
    assert "what was withdrawn later is not in it" in text
    assert "--kit-key" in text
    bundle = desk.folder / "clip.bundle.json"
    made = desk.run("bundle", desk.clip_id, bundle, "--force", home=desk.service.settings.home)
    assert made.exit_code == 0
    with_film = desk.run("verify", desk.clip, "--bundle", bundle, "--kit", after, "--json")
    assert with_film.exit_code == 0
    assert json.loads(with_film.stdout)["media_checked"] is True


def test_kits_that_are_not_used(desk: Desk):
    kit, made = desk.kit("plain.json")
    forged = desk.folder / "forged.json"
    forged.write_bytes(kit.read_bytes().replace(b'"brand":"Cameo"', b'"brand":"Caneo"'))
    refused = desk.run("verify", desk.stamped, "--kit", forged)
    assert getattr(refused.exception, "code", "") == "kit.signature"
    other = made["log_key"]
    for words in (("--kit-key", other), ("--log-key", made["kit_key"])):
        refused = desk.run("verify", desk.stamped, "--kit", kit, *words)
        assert getattr(refused.exception, "code", "").startswith("kit.")
    assert desk.run("verify", desk.stamped, "--kit-key", other).exit_code != 0
    missing = desk.run(
        "kit", desk.folder / "none.json", "--clip", "clip_none", home=desk.service.settings.home
    )
    assert getattr(missing.exception, "code", "") == "request.not_found"
    assert not (desk.folder / "none.json").exists()


_OFFLINE = """
import socket, sys
def refuse(*_, **__):
    raise AssertionError("a network")
socket.socket.connect = socket.socket.connect_ex = socket.create_connection = refuse
import sqlite3
sqlite3.connect = refuse
from cameo.cli.main import run
sys.argv = ["cameo", *sys.argv[1:]]
run()
"""


def test_no_network_no_database_no_home(desk: Desk):
    kit, _ = desk.kit("plain.json")
    home = desk.folder / "nowhere"
    done = subprocess.run(
        [sys.executable, "-c", _OFFLINE, "verify", str(desk.stamped), "--kit", str(kit), "--json"],
        env={"PATH": "/usr/bin:/bin", "CAMEO_HOME": str(home), "HOME": str(desk.folder)},
        capture_output=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr.decode()[-2000:]
    assert json.loads(done.stdout)["verdict"] == "authentic"
    assert not home.exists()
