"""Stories of bundles that hold."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

from consent.registration import How
from consent.vocabulary import Approval, Audience
from tests.bundles import KeyFile, Person, Story, Told

Given = tuple[Person, Told, Told | None]


def simple(*, passkeys: bool = False, **changes: Any) -> Story:
    """Alice lets Bob make a clip. `changes`: of the consent, the grant, the release, by name; or
    `maker`, who makes it in Bob's place."""
    story = Story(passkeys=passkeys, filler=changes.get("filler", 0))
    alice, bob = story.person("alice"), story.person("bob")
    story.key(alice, **changes.get("key", {}))
    story.enrol(alice, **changes.get("enrol", {}))
    consent = story.consent(alice, **changes.get("consent", {}))
    grant = story.grant(alice, bob, consent, **changes.get("grant", {}))
    maker = story.person(changes["maker"]) if "maker" in changes else bob
    story.release(maker, (alice, consent, grant), **changes.get("release", {}))
    return story


def nobody() -> Story:
    """A clip with nobody in it."""
    story = Story(filler=3)
    story.release(None, modalities=[])
    return story


def followed() -> Story:
    """A clip by somebody whom Alice follows, and who follows her."""
    story = Story()
    alice, bob = story.person("alice"), story.person("bob")
    story.key(alice)
    story.enrol(alice)
    consent = story.consent(alice, audience=Audience.MUTUALS)
    story.release(bob, (alice, consent, None))
    return story


def published(
    *,
    approve: dict[str, Any] | None = None,
    publish: dict[str, Any] | None = None,
    approved: bool = True,
) -> Story:
    """Two people in a clip that is shared: a passkey, a key file, an added key, an approval."""
    story = Story(filler=5)
    alice, carol = story.person("alice"), story.person("carol", passkey=False)
    bob, laptop = story.person("bob"), KeyFile("laptop")
    story.key(alice)
    story.key(carol)
    story.enrol(alice)
    story.enrol(carol)
    story.key(alice, laptop, how=How.ADDED)
    first = story.consent(alice, audience=Audience.EVERYONE, approval=Approval.ALWAYS)
    second = story.consent(carol, by=carol.device)
    grant = story.grant(carol, bob, second)
    people: list[Given] = [(alice, first, None), (carol, second, grant)]
    story.release(bob, *people)
    alice.epoch = 3
    newer = story.consent(alice, audience=Audience.EVERYONE, approval=Approval.ALWAYS, by=laptop)
    if approved:
        story.approve(alice, first, **{"by": laptop, **(approve or {})})
    story.publish((alice, newer, None), people[1], **(publish or {}))
    return story


def recovered(**changes: Any) -> Story:
    """Alice lost her keys, waited, enrolled anew with a recovered one, and added another by it."""
    story = Story()
    alice, bob, phone = story.person("alice"), story.person("bob"), KeyFile("phone")
    story.key(alice, how=How.RECOVERED)
    wait = timedelta(hours=changes.get("hours", 73))
    late = story.now + wait
    enrolled = changes.get("enrolled", late)
    story.now = late
    alice.epoch = 1
    story.enrol(alice, released_at=enrolled.isoformat(), **changes.get("enrol", {}))
    story.key(alice, phone, how=How.ADDED)
    consent = story.consent(alice, by=phone)
    grant = story.grant(alice, bob, consent, by=phone)
    story.release(bob, (alice, consent, grant))
    return story


GOOD: dict[str, tuple[str, Callable[[], Story]]] = {
    "passkey": ("one person, a passkey, a grant", lambda: simple(passkeys=True)),
    "key_file": ("one person, a key file, a grant", simple),
    "nobody": ("nobody in it", nobody),
    "followed": ("reached by following each other", followed),
    "published": ("two people, a later consent, an added key, an approval", published),
    "recovered": ("a recovered key, and one added by it", recovered),
}
