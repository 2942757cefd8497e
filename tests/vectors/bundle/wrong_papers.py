"""Stories in which one paper stands where another belongs, or a record says what it cannot."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from typing import Any

from cameo.flows.bundle_form import Signed
from consent.documents import ApprovalDocument, digest, parse
from consent.evidence import passkey_challenge
from consent.registration import How, registration_bytes
from consent.vocabulary import Audience
from consent.webauthn import base64url
from provenance.log.checkpoint import sign_checkpoint
from tests.bundles import CLIP, MEDIA_SHA256, KeyFile, Person, Story, Told, cited
from tests.passkey import HONEST, ORIGIN, Faults
from tests.smalllog import LOG, WITNESS
from tests.vectors.bundle.changes import canonical, edited
from tests.vectors.bundle.stories import Given, nobody, simple

Make = Callable[[], bytes]


def begun(*, passkeys: bool = False) -> tuple[Story, Person, Person]:
    """Alice is enrolled, and Bob wants a clip with her."""
    story = Story(passkeys=passkeys)
    alice, bob = story.person("alice"), story.person("bob")
    story.key(alice)
    story.enrol(alice)
    return story, alice, bob


def shared(**changes: Any) -> bytes:
    """A clip that is released and shared. `changes`: of the publication, by name; `people` of it;
    `first`, whether it comes before the release; `approval`, what stands among the approvals."""
    story, alice, bob = begun()
    consent = story.consent(alice, audience=Audience.EVERYONE)
    given: Given = (alice, consent, None)
    if changes.pop("first", False):
        story.publish(given)
        story.release(bob, given)
        return story.bundle()
    story.release(bob, given)
    approval = changes.pop("approval", None)
    if approval is not None:
        story.parts.approvals.append(approval(story, alice, consent))
    if changes.pop("unshared", False):
        return story.bundle()
    people = (given,) if changes.pop("people", True) else ()
    story.publish(*people, **changes)
    return story.bundle()


def later_approval(story: Story, alice: Person, consent: Told) -> Signed:
    """An approval that cites an epoch which the publication did not know."""
    signed = story.approve(alice, consent, subject_epoch=5)
    story.parts.approvals.clear()
    return signed


def ordinary_approval(story: Story, alice: Person, consent: Told) -> Signed:
    """As it should be."""
    signed = story.approve(alice, consent)
    story.parts.approvals.clear()
    return signed


def consent_for_an_approval(_story: Story, _alice: Person, consent: Told) -> Signed:
    """A consent among the approvals."""
    return consent.signed


def approval_by_a_stranger() -> bytes:
    """Mallory, who is not in the clip, approves it."""
    story, alice, bob = begun()
    mallory = story.person("mallory")
    story.key(mallory)
    consent = story.consent(alice, audience=Audience.EVERYONE)
    story.release(bob, (alice, consent, None))
    values = {"clip_id": CLIP, "media_sha256": MEDIA_SHA256, "consent_id": consent.id}
    document = story.document(ApprovalDocument, "apr", mallory, values)
    story.parts.approvals.append(story.sign(document, mallory.device))
    story.publish((alice, consent, None))
    return story.bundle()


def grant_under_an_older_consent() -> bytes:
    """The grant stands under a consent that was replaced before the release."""
    story, alice, bob = begun()
    first = story.consent(alice)
    grant = story.grant(alice, bob, first)
    second = story.consent(alice)
    story.release(bob, (alice, second, grant))
    return story.bundle()


def grant_under_anothers_consent() -> bytes:
    """Carol grants under Alice's consent."""
    story, alice, bob = begun()
    carol = story.person("carol")
    story.key(carol)
    consent = story.consent(alice)
    grant = story.grant(carol, bob, consent)
    story.release(bob, (alice, consent, grant))
    return story.bundle()


def enrolled_with_anothers_key() -> bytes:
    """Alice's enrolment was drawn from Carol's key."""
    story = Story(passkeys=False)
    alice, bob, carol = story.person("alice"), story.person("bob"), story.person("carol")
    story.key(alice)
    story.key(carol)
    story.enrol(alice, key=carol.device.key_id)
    consent = story.consent(alice, audience=Audience.EVERYONE)
    story.release(bob, (alice, consent, None))
    return story.bundle()


def enrolment_of_somebody_else() -> bytes:
    """Alice consents to what Carol enrolled."""
    story = Story(passkeys=False)
    alice, bob, carol = story.person("alice"), story.person("bob"), story.person("carol")
    story.key(alice)
    story.key(carol)
    story.enrol(carol)
    consent = story.consent(alice, audience=Audience.EVERYONE, enrolment_id="enr_carol")
    story.release(bob, (alice, consent, None))
    return story.bundle()


def swapped(kind: str) -> bytes:
    """A grant among the consents, or a consent among the grants, logged as what it stands for."""
    story, alice, bob = begun()
    consent = story.consent(alice)
    grant = story.grant(alice, bob, consent)
    wrong = grant if kind == "consent" else consent
    document = json.loads(wrong.signed.document)
    logged = {
        "id": document["record_id"],
        "person": alice.id,
        "sha256": digest(wrong.signed.document),
        "evidence_sha256": digest(wrong.signed.evidence),
    }
    index = story.log(kind, logged, alice)
    told = Told(document["record_id"], index, wrong.signed, parse(wrong.signed.document))
    parts = story.parts
    (parts.consents if kind == "consent" else parts.grants).append(told)
    parts.grants.remove(grant)
    story.release(bob, (alice, consent, None))
    return story.bundle()


def agreed_by_another_paper() -> bytes:
    """A further key on the word of an approval."""
    story, alice, bob = begun()
    mint = KeyFile("mint")
    values = {"clip_id": CLIP, "media_sha256": MEDIA_SHA256, "consent_id": "cns_01"}
    paper = story.sign(story.document(ApprovalDocument, "apr", alice, values), alice.device)
    index = story.key(alice, mint, how=How.ADDED)
    story.parts.keys[index] = paper
    consent = story.consent(alice, audience=Audience.EVERYONE, by=mint)
    story.release(bob, (alice, consent, None))
    return story.bundle()


def agreed_for_somebody_else() -> bytes:
    """Carol's key agrees to a key of Alice's."""
    story = Story(passkeys=False)
    alice, bob, carol = story.person("alice"), story.person("bob"), story.person("carol")
    mint = KeyFile("mint")
    story.key(alice)
    story.key(carol)
    story.enrol(alice)
    agreement = {"by": carol.device, "subject": carol.id}
    story.key(alice, mint, how=How.ADDED, agreement=agreement)
    consent = story.consent(alice, audience=Audience.EVERYONE, by=mint)
    story.release(bob, (alice, consent, None))
    return story.bundle()


def agreed_later() -> bytes:
    """The agreement to a key cites an epoch after the key's entry."""
    story, alice, bob = begun()
    mint = KeyFile("mint")
    story.key(alice, mint, how=How.ADDED, agreement={"subject_epoch": 9})
    consent = story.consent(alice, audience=Audience.EVERYONE, by=mint)
    story.release(bob, (alice, consent, None))
    return story.bundle()


def key_logged_twice() -> bytes:
    """One key, two entries."""
    story = Story(passkeys=False)
    alice, bob = story.person("alice"), story.person("bob")
    first = story.key(alice)
    again = story.log("key", json.loads(story.leaves[first].record), alice)
    story.parts.keys[again] = None
    story.enrol(alice)
    consent = story.consent(alice, audience=Audience.EVERYONE)
    story.release(bob, (alice, consent, None))
    return story.bundle()


def key_of_unknown_origin() -> bytes:
    """A registration on nobody's word that is known."""
    story = Story(passkeys=False)
    alice, bob = story.person("alice"), story.person("bob")
    data = registration_bytes(story.registration(alice, alice.device, How.FIRST, HONEST))
    index = story.log("key", {**json.loads(data), "how": "found"}, alice)
    story.parts.keys[index] = None
    story.enrol(alice)
    consent = story.consent(alice, audience=Audience.EVERYONE)
    story.release(bob, (alice, consent, None))
    return story.bundle()


def recovered_too_early() -> bytes:
    """A recovered key signs just before it counts, for an enrolment of just afterwards."""
    story = Story(passkeys=False)
    alice, bob = story.person("alice"), story.person("bob")
    counts = story.now + timedelta(hours=72)  # as of its registration
    story.key(alice, how=How.RECOVERED)
    story.enrol(alice, released_at=counts.isoformat(), at=counts)
    story.now = counts - timedelta(minutes=5)
    consent = story.consent(alice, audience=Audience.EVERYONE)
    story.release(bob, (alice, consent, None))
    return story.bundle()


def about_two_people() -> bytes:
    """A consent whose entry cites somebody else as well."""
    story, alice, bob = begun()
    carol = story.person("carol")
    both = {alice.ref: 0, carol.ref: 0}
    consent = story.consent(alice, audience=Audience.EVERYONE, leaf={"cites": both})
    story.release(bob, (alice, consent, None))
    return story.bundle()


def released(**changes: Any) -> Make:
    """A release whose record says something else."""

    def make() -> bytes:
        story, alice, bob = begun()
        consent = story.consent(alice, audience=Audience.EVERYONE)
        given: Given = (alice, consent, None)
        record = {
            name: value(given) if callable(value) else value for name, value in changes.items()
        }
        story.release(bob, given, **record)
        return story.bundle()

    return make


def also_cited() -> bytes:
    """A release whose entry cites somebody who is not in it."""
    story, alice, bob = begun()
    carol = story.person("carol")
    consent = story.consent(alice, audience=Audience.EVERYONE)
    cites = {alice.ref: 0, carol.ref: 0}
    story.release(bob, (alice, consent, None), leaf={"cites": cites})
    return story.bundle()


def twice(given: Given) -> list[dict[str, Any]]:
    """One person two times."""
    return cited((given, given))


def with_epoch(epoch: object) -> Callable[[Given], list[dict[str, Any]]]:
    """People at an epoch that is none."""
    return lambda given: [{**each, "epoch": epoch} for each in cited((given,))]


def respelled(evidence: bytes) -> bytes:
    """Base64 with bits in its padding that nobody reads."""
    content = json.loads(evidence)
    digits = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"
    for name, value in content.items():
        end = len(value.rstrip("="))
        if end < len(value):
            other = digits[digits.index(value[end - 1]) ^ 1]
            content[name] = value[: end - 1] + other + value[end:]
            return canonical(content).encode()
    raise ValueError("no padding to play with")


def origin_twice() -> bytes:
    """Client data that names two origins, which was signed like that."""
    story, alice, bob = begun(passkeys=True)
    values = {"audience": Audience.EVERYONE}
    unsigned = simple(passkeys=True, consent=values).parts.consents[0].signed.document
    challenge = base64url(passkey_challenge(unsigned))
    client = (
        f'{{"type":"webauthn.get","challenge":"{challenge}","origin":"https://evil.example",'
        f'"origin":"{ORIGIN}","crossOrigin":false}}'
    )
    faults = Faults(client_data_json=client.encode())
    consent = story.consent(alice, faults=faults, **values)
    story.release(bob, (alice, consent, None))
    return story.bundle()


def extended_head() -> bytes:
    """A head with a line that no reader of heads knows."""
    story = nobody()
    longer = replace(story.checkpoint(), extensions=("more",))
    note = sign_checkpoint(longer, LOG) + WITNESS.cosign(longer.to_text(), 5)
    return story.bundle(lambda bundle: replace(bundle, checkpoint=note))


def witness_first() -> bytes:
    """The witness's line before the log's."""

    def change(content: Any) -> None:
        head, _, block = content["log"]["checkpoint"].rpartition("\n\n")
        lines = block.splitlines(keepends=True)
        content["log"]["checkpoint"] = head + "\n\n" + "".join(reversed(lines))

    return edited(change)()


def bent_witness_key() -> bytes:
    """A witness's key whose hash is of another one."""

    def change(content: Any) -> None:
        (vkey,) = content["log"]["witnesses"]
        name, hint, key = vkey.split("+", 2)
        content["log"]["witnesses"] = [f"{name}+{int(hint, 16) ^ 1:08x}+{key}"]

    return edited(change)()


def other_key_in_evidence() -> bytes:
    """Evidence that carries another public key than the one registered."""
    other = KeyFile("other").public_key
    return simple(consent={"bent": lambda evidence: replace(evidence, public_key=other)}).bundle()


def other_credential_in_evidence() -> bytes:
    """Evidence that names another credential than the one registered."""
    return simple(
        passkeys=True,
        consent={"bent": lambda evidence: replace(evidence, credential_id=b"another one")},
    ).bundle()


def consent_logged_twice() -> bytes:
    """One consent, two entries."""
    story, alice, bob = begun()
    consent = story.consent(alice, audience=Audience.EVERYONE)
    again = story.log("consent", json.loads(story.leaves[consent.index].record), alice)
    story.parts.consents.append(replace(consent, index=again))
    story.release(bob, (alice, consent, None))
    return story.bundle()


def dated_back() -> bytes:
    """A release that claims a time before the consent: it had ended meanwhile."""
    story, alice, bob = begun()
    ended = story.now + timedelta(hours=3)
    early = story.now
    story.now += timedelta(hours=2)
    consent = story.consent(alice, audience=Audience.EVERYONE, expires_at=ended)
    story.now += timedelta(hours=2)
    story.release(bob, (alice, consent, None), leaf={"at": early})
    return story.bundle()
