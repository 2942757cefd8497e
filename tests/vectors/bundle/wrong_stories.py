"""Stories in which somebody did something else than they should, and the log shows it."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import timedelta
from typing import Any

from cameo.flows.bundle_form import Signed
from consent.evidence import key_id
from consent.registration import How, registration_bytes
from consent.vocabulary import Audience
from tests.bundles import KeyFile, Person, Story, Told
from tests.passkey import HONEST
from tests.smalllog import START, fixed
from tests.vectors.bundle.stories import Given, published, simple

SMALL_ORDER = "01" + "00" * 31


def small_order() -> bytes:
    """A key under which anybody can sign, with such a signature."""
    story = Story(passkeys=False)
    alice, bob = story.person("alice"), story.person("bob")
    assert isinstance(alice.device, KeyFile)
    device = alice.device
    device.public_key = bytes.fromhex(SMALL_ORDER)
    device.key_id = key_id(device.public_key)
    story.key(alice)
    story.enrol(alice)

    def weak(evidence: Any) -> Any:
        return replace(
            evidence,
            key_id=device.key_id,
            public_key=device.public_key,
            signature=bytes.fromhex("01" + "00" * 63),
        )

    consent = story.consent(alice, audience=Audience.EVERYONE, bent=weak)
    story.release(bob, (alice, consent, None))
    return story.bundle()


def key_after_consent() -> bytes:
    """A key that was registered once there was something for it to have signed."""
    story = Story(passkeys=False)
    alice, bob, late = story.person("alice"), story.person("bob"), KeyFile("late")
    story.key(alice)
    story.enrol(alice)
    consent = story.consent(alice, by=late, audience=Audience.EVERYONE)
    story.key(alice, late, how=How.ADDED)
    story.release(bob, (alice, consent, None))
    return story.bundle()


def grant_after_release() -> bytes:
    """A grant that was dated back and logged afterwards."""
    story = Story(passkeys=False)
    alice, bob = story.person("alice"), story.person("bob")
    story.key(alice)
    story.enrol(alice)
    consent = story.consent(alice)
    foreseen = Told("gnt_01", 0, Signed(document=b"{}", evidence=b"{}"), consent.document)
    story.release(bob, (alice, consent, foreseen))
    story.grant(alice, bob, consent, issued_at=START)
    return story.bundle()


def consent_after_release() -> bytes:
    """A consent that was logged once the clip was out."""
    story = Story(passkeys=False)
    alice, bob = story.person("alice"), story.person("bob")
    story.key(alice)
    story.enrol(alice)
    foreseen = Told("cns_01", 0, Signed(document=b"{}", evidence=b"{}"), None)  # type: ignore[arg-type]
    story.release(bob, (alice, foreseen, None))
    story.consent(alice, audience=Audience.EVERYONE, issued_at=START)
    return story.bundle()


def consent_before_enrolment() -> bytes:
    """A consent to what was enrolled later."""
    story = Story(passkeys=False)
    alice, bob = story.person("alice"), story.person("bob")
    story.key(alice)
    consent = story.consent(alice, audience=Audience.EVERYONE)
    story.enrol(alice)
    story.release(bob, (alice, consent, None))
    return story.bundle()


def grant_before_consent() -> bytes:
    """A grant under a consent that was signed later."""
    story = Story(passkeys=False)
    alice, bob = story.person("alice"), story.person("bob")
    story.key(alice)
    story.enrol(alice)
    foreseen = Told("cns_01", 0, Signed(document=b"{}", evidence=b"{}"), None)  # type: ignore[arg-type]
    grant = story.grant(alice, bob, foreseen)
    consent = story.consent(alice)
    story.release(bob, (alice, consent, grant))
    return story.bundle()


def enrolment_before_key() -> bytes:
    """Digits that were not drawn from the key."""
    story = Story(passkeys=False)
    alice, bob = story.person("alice"), story.person("bob")
    story.enrol(alice)
    story.key(alice)
    consent = story.consent(alice, audience=Audience.EVERYONE)
    story.release(bob, (alice, consent, None))
    return story.bundle()


def signed_by_the_maker() -> bytes:
    """Bob signs for Alice, with a key of his own."""
    story = Story(passkeys=False)
    alice, bob = story.person("alice"), story.person("bob")
    story.key(alice)
    story.key(bob)
    story.enrol(alice)
    consent = story.consent(alice, audience=Audience.EVERYONE, by=bob.device)
    story.release(bob, (alice, consent, None))
    return story.bundle()


def minted(**changes: Any) -> bytes:
    """A further key of Alice's that no older key of hers agreed to as it should."""
    story = Story(passkeys=False)
    alice, bob, mint = story.person("alice"), story.person("bob"), KeyFile("mint")
    story.key(alice)
    story.key(bob)
    story.enrol(alice)
    agreement = dict(changes.pop("agreement", {}))
    by_bob = agreement.get("by") == "bob"
    if by_bob:
        agreement["by"] = bob.device
    story.key(alice, mint, how=changes.pop("how", How.ADDED), agreement=agreement)
    if changes.pop("dropped", False):
        story.parts.keys[max(story.parts.keys)] = None
    consent = story.consent(alice, audience=Audience.EVERYONE, by=mint)
    story.release(bob, (alice, consent, None))
    if not by_bob:
        del story.parts.keys[1]
    return story.bundle()


def other_person(**changes: Any) -> bytes:
    """Carol's consent where Alice is in the clip."""
    story = Story(passkeys=False)
    alice, bob, carol = story.person("alice"), story.person("bob"), story.person("carol")
    for each in (alice, carol):
        story.key(each)
        story.enrol(each)
    consent = story.consent(carol, audience=Audience.EVERYONE)
    own = story.consent(alice, audience=Audience.EVERYONE)
    story.release(bob, (alice, consent, None), (carol, own, None))
    return story.bundle()


def one_reference_for_two() -> bytes:
    """Two people under one reference."""
    story = Story(passkeys=False)
    alice, bob, carol = story.person("alice"), story.person("bob"), story.person("carol")
    given: list[Given] = []
    for each in (alice, carol):
        same = {alice.ref: 0}
        story.now += timedelta(seconds=1)
        story.key(each)
        story.leaves.pop()
        keys = story.parts.keys
        agreement = keys.pop(max(keys))
        registration = json.loads(_registration(story, each))
        keys[story.log("key", registration, cites=same)] = agreement
        story.enrol(each, cites=same)
        consent = story.consent(each, audience=Audience.EVERYONE, leaf={"cites": same})
        given.append((each, consent, None))
    story.release(bob, *given, leaf={"cites": {alice.ref: 0}})
    return story.bundle()


def _registration(story: Story, person: Person) -> bytes:
    return registration_bytes(story.registration(person, person.device, How.FIRST, HONEST))


def moved_reference() -> bytes:
    """The consent stands under another reference than the key."""
    other = {fixed("other reference").hex(): 0}
    return simple(consent={"leaf": {"cites": other}, "audience": Audience.EVERYONE}).bundle()


def unneeded_key() -> bytes:
    """A key that signed nothing here."""
    story = Story(passkeys=False)
    alice, bob, spare = story.person("alice"), story.person("bob"), KeyFile("spare")
    story.key(alice)
    story.key(alice, spare, how=How.ADDED)
    story.enrol(alice)
    consent = story.consent(alice, audience=Audience.EVERYONE)
    story.release(bob, (alice, consent, None))
    return story.bundle()


def unneeded_consent() -> bytes:
    """A consent that the clip does not rest on."""
    story = Story(passkeys=False)
    alice, bob = story.person("alice"), story.person("bob")
    story.key(alice)
    story.enrol(alice)
    consent = story.consent(alice, audience=Audience.EVERYONE)
    story.consent(alice, audience=Audience.EVERYONE)
    story.release(bob, (alice, consent, None))
    return story.bundle()


def too_many_together() -> bytes:
    """Two people where one of them agreed to appear alone."""
    return _pair(max_people=1)


def kept_apart() -> bytes:
    """Alice beside Carol, with whom she does not want to appear."""
    return _pair(apart_from=("prs_carol",), apart_from_handles=("carol",))


def _pair(**changes: Any) -> bytes:
    story = Story(passkeys=False)
    alice, bob, carol = story.person("alice"), story.person("bob"), story.person("carol")
    given: list[Given] = []
    for each, terms in ((alice, changes), (carol, {})):
        story.key(each)
        story.enrol(each)
        consent = story.consent(each, audience=Audience.EVERYONE, **terms)
        given.append((each, consent, None))
    story.release(bob, *given)
    return story.bundle()


def approved_by_another() -> bytes:
    """Carol's key approves for Alice."""
    return published(approve={"by": KeyFile("carol")}).bundle()
