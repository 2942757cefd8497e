"""Time is judged by the database's clock alone, whatever the machine's says.

The database lives years ahead of the machine here, or years behind it.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from cameo.flows.errors import (
    ConsentRefusedError,
    KeyNotEffectiveError,
    StaleDocumentError,
    WithdrawnError,
)
from cameo.flows.permit import ConsentWish
from cameo.flows.registering import NewKey
from cameo.store.database import Database
from cameo.wiring.home import migrate
from consent.evidence import new_ed25519_key, sign_ed25519
from consent.vocabulary import Audience
from tests.integration.life.clock import Clock
from tests.integration.people import World
from tests.integration.studio import Studio

AHEAD, BEHIND = datetime(2041, 3, 1, 9, tzinfo=UTC), datetime(2011, 3, 1, 9, tzinfo=UTC)
HOUR = timedelta(hours=1)


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def studio(tmp_path: Path, clock: Clock) -> Iterator[Studio]:
    url = f"sqlite:///{tmp_path / 'cameo.db'}"
    migrate(url)
    db = Database(url)
    clock.install(db.engine)
    yield Studio(World(db, tmp_path))
    db.close()


@pytest.fixture(params=[AHEAD, BEHIND], ids=["ahead", "behind"], autouse=True)
def year(request: pytest.FixtureRequest, clock: Clock) -> datetime:
    clock.now = request.param
    return clock.now


@pytest.mark.parametrize("what", ["consent", "grant"])
def test_what_expires(studio: Studio, clock: Clock, year: datetime, what: str):
    world = studio.world
    alice, bob = world.member("alice"), world.member("bobby")
    end = year + 2 * HOUR
    world.consent(alice, Audience.APPROVED, expires_at=end if what == "consent" else None)
    world.grant(alice, bob, expires_at=end if what == "grant" else None)
    made = studio.draft(bob, alice)
    begun = studio.order(bob, alice)
    studio.render(begun)
    assert studio.library.require_served(bob.record, made.id)
    clock.now = end
    with pytest.raises(ConsentRefusedError):
        studio.order(bob, alice)
    assert studio.release(begun) == "failed"
    with pytest.raises(WithdrawnError):
        studio.library.require_served(bob.record, made.id)


def test_a_lease(studio: Studio, clock: Clock):
    world = studio.world
    alice = world.member("alice")
    world.consent(alice, Audience.ONLY_ME)
    late, hanging = studio.order(alice, alice), studio.order(alice, alice)
    studio.render(late)
    assert studio.releases.sweep() == 0
    clock.now += world.policy.lease
    assert studio.release(late) == "failed"
    assert studio.releases.sweep() == 1
    assert studio.get(hanging).failure_code == "release.lease_expired"


def test_the_wait_of_a_recovery(studio: Studio, clock: Clock):
    world = studio.world
    alice = world.member("alice")
    private, public = new_ed25519_key()
    key = world.keyring.recover(alice.record, NewKey(public_key=public)).record.id
    prepared = world.permits.prepare_consent(alice.record, ConsentWish())
    with pytest.raises(KeyNotEffectiveError):
        world.permits.sign_consent(
            alice.record, prepared.document, sign_ed25519(private, prepared.document)
        )
    clock.now += world.policy.recovery
    world.enrol(alice.record, key=key)
    prepared = world.permits.prepare_consent(alice.record, ConsentWish())
    evidence = sign_ed25519(private, prepared.document)
    assert world.permits.sign_consent(alice.record, prepared.document, evidence)


def test_how_long_a_prepared_document_waits(studio: Studio, clock: Clock):
    world = studio.world
    alice = world.member("alice")
    prepared = world.permits.prepare_consent(alice.record, ConsentWish())
    evidence = sign_ed25519(alice.private_key, prepared.document)
    clock.now += world.policy.prepared_ttl
    with pytest.raises(StaleDocumentError):
        world.permits.sign_consent(alice.record, prepared.document, evidence)
