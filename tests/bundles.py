"""Stories that end in a bundle: people, keys, documents and a small log, without a database.

story = Story()
alice, bob = story.person("alice"), story.person("bob")
story.key(alice), story.enrol(alice)
consent = story.consent(alice)
grant = story.grant(alice, bob, consent)
story.release(bob, (alice, consent, grant))
data = story.bundle()

Everything is deterministic. A test bends one thing at a time: by telling another story, or by
changing what stands in the bundle at the end.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import timedelta
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from cameo.flows.bundle_form import Bundle, Key, Logged, Signed, write
from consent.documents import (
    ApprovalDocument,
    ConsentDocument,
    Document,
    GrantDocument,
    KeyDocument,
    canonical,
    digest,
    parse,
    with_rendering,
)
from consent.evidence import Evidence, evidence_from_json, evidence_to_json, key_id, sign_ed25519
from consent.registration import How, Passkey, Registration, registration_bytes
from consent.vocabulary import Approval, Audience, EvidenceType, Purpose
from provenance.log.entries import person_ref
from tests.passkey import HONEST, ORIGIN, RP_ID, Authenticator, Faults
from tests.smalllog import LOG, WITNESS, SmallLog, fixed

MEDIA = b"a film"
MEDIA_SHA256 = hashlib.sha256(MEDIA).hexdigest()
CLIP = "clip_01"


class KeyFile:
    """A key file."""

    def __init__(self, name: str) -> None:
        private = Ed25519PrivateKey.from_private_bytes(fixed("key file", name))
        self.pem = private.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
        self.public_key = private.public_key().public_bytes_raw()
        self.key_id = key_id(self.public_key)

    def sign(self, document: bytes) -> Evidence:
        return sign_ed25519(self.pem, document)


Device = KeyFile | Authenticator


@dataclass
class Person:
    """Somebody, with what they sign with."""

    name: str
    device: Device
    epoch: int = 0

    @property
    def id(self) -> str:
        return f"prs_{self.name}"

    @property
    def ref(self) -> str:
        return person_ref(self.id, fixed("salt of", self.name))


@dataclass
class Told:
    """A document that was logged."""

    id: str
    index: int
    signed: Signed
    document: Document


@dataclass
class Parts:
    """What a bundle will hold, by index in the log; lists are changed by tests that forget some."""

    keys: dict[int, Signed | None] = field(default_factory=dict)
    enrolments: list[int] = field(default_factory=list)
    consents: list[Told] = field(default_factory=list)
    grants: list[Told] = field(default_factory=list)
    approvals: list[Signed] = field(default_factory=list)
    release: int | None = None
    publish: int | None = None


class Story(SmallLog):
    """What happened, in the order of the log."""

    def __init__(self, *, passkeys: bool = True, filler: int = 0) -> None:
        super().__init__()
        self.passkeys = passkeys
        self.parts = Parts()
        self.counts: dict[str, int] = {}
        for _ in range(filler):
            self.log("lease", {"clip": "other"})

    def person(self, name: str, *, passkey: bool | None = None) -> Person:
        passkey = self.passkeys if passkey is None else passkey
        return Person(name, Authenticator(name) if passkey else KeyFile(name))

    # -- keys --------------------------------------------------------------------------------------

    def key(self, person: Person, device: Device | None = None, **changes: Any) -> int:
        """Register a key: the first, unless `how` says otherwise."""
        device = device or person.device
        how, faults = changes.pop("how", How.FIRST), changes.pop("faults", HONEST)
        document = changes.pop("agreement", None)
        registration = self.registration(person, device, how, faults, **changes)
        data = registration_bytes(registration)
        agreement = None
        if how is How.ADDED:
            agreement = self._agreement(person, registration, data, document or {})
        index = self.log("key", json.loads(data), person)
        self.parts.keys[index] = agreement
        return index

    def registration(
        self, person: Person, device: Device, how: How, faults: Faults, **changes: Any
    ) -> Registration:
        passkey = None
        if isinstance(device, Authenticator):
            made = device.attest(fixed("challenge", device.key_id), faults)
            passkey = Passkey(
                rp_id=RP_ID,
                origins=(ORIGIN,),
                credential_id=made.credential_id,
                client_data_json=made.client_data_json,
                attestation_object=made.attestation_object,
            )
        public = device.cose if isinstance(device, Authenticator) else device.public_key
        delay = timedelta(hours=72) if how is How.RECOVERED else timedelta(0)
        values: dict[str, Any] = {
            "person": person.id,
            "key_id": key_id(public),
            "type": EvidenceType.WEBAUTHN if passkey else EvidenceType.ED25519,
            "public_key": public,
            "how": how,
            "label": "",
            "registered_at": self.now,
            "effective_at": self.now + delay,
            "passkey": passkey,
        }
        return Registration(**{**values, **changes})

    def _agreement(
        self, person: Person, registration: Registration, data: bytes, changes: dict[str, Any]
    ) -> Signed:
        by = changes.pop("by", person.device)
        document = self.document(
            KeyDocument,
            "kad",
            person,
            {
                "key_id": registration.key_id,
                "key_type": registration.type,
                "registration_sha256": digest(data),
                **changes,
            },
        )
        return self.sign(document, by)

    # -- documents ---------------------------------------------------------------------------------

    def document(
        self, kind: Callable[..., Any], prefix: str, person: Person, values: dict[str, Any]
    ) -> bytes:
        number = self.counts[prefix] = self.counts.get(prefix, 0) + 1
        common = {
            "document_id": f"{prefix}_{number:02}",
            "subject": person.id,
            "language": "en",
            "issued_at": self.now,
            "nonce": fixed("nonce", prefix, number).hex(),
            "subject_epoch": person.epoch,
            "previous_sha256": None,
        }
        return canonical(with_rendering(kind(**{**common, **values})))

    def sign(self, document: bytes, device: Device, faults: Faults = HONEST) -> Signed:
        if isinstance(device, Authenticator):
            evidence = device.sign(document, faults)
        else:
            evidence = device.sign(document)
        return Signed(document=document, evidence=evidence_to_json(evidence))

    def enrol(self, person: Person, **changes: Any) -> int:
        leaf = {name: changes.pop(name) for name in ("cites", "at") if name in changes}
        record = {
            "enrolment": f"enr_{person.name}",
            "person": person.id,
            "assurance": 1,
            "simulated": False,
            "key": person.device.key_id,
            "nonce": fixed("enrolment", person.name).hex(),
            "notice_sha256": fixed("notice").hex(),
            "released_at": self.now.isoformat(),
        }
        index = self.log("enrol", {**record, **changes}, person, **leaf)
        self.parts.enrolments.append(index)
        return index

    def consent(self, person: Person, **changes: Any) -> Told:
        values = {
            "controller": "Cameo",
            "subject_handle": person.name,
            "audience": Audience.APPROVED,
            "modalities": frozenset({"face", "voice"}),
            "purposes": frozenset({Purpose.PERSONAL}),
            "restrictions": frozenset(),
            "never_say": (),
            "wishes": (),
            "apart_from": (),
            "apart_from_handles": (),
            "max_people": 2,
            "max_uses": None,
            "approval": Approval.IF_NEEDED,
            "expires_at": None,
            "retention_days": 90,
            "notice_sha256": fixed("notice").hex(),
            "assurance": 1,
            "simulated": False,
            "enrolment_id": f"enr_{person.name}",
        }
        told = self._told("consent", ConsentDocument, "cns", person, {**values, **changes})
        self.parts.consents.append(told)
        return told

    def grant(self, person: Person, grantee: Person, consent: Told, **changes: Any) -> Told:
        values = {
            "controller": "Cameo",
            "consent_id": consent.id,
            "grantee": grantee.id,
            "grantee_handle": grantee.name,
            "modalities": frozenset({"face", "voice"}),
            "purposes": frozenset({Purpose.PERSONAL}),
            "expires_at": None,
            "max_uses": None,
        }
        told = self._told("grant", GrantDocument, "gnt", person, {**values, **changes})
        self.parts.grants.append(told)
        return told

    def _told(
        self,
        kind: str,
        form: Callable[..., Any],
        prefix: str,
        person: Person,
        values: dict[str, Any],
    ) -> Told:
        """`values` may hold, besides fields: by, faults, record, leaf; and what bends evidence,
        as a value (bent) or as bytes (raw)."""
        by, faults = values.pop("by", person.device), values.pop("faults", HONEST)
        bent, leaf = values.pop("bent", None), values.pop("leaf", {})
        raw = values.pop("raw", None)
        record = values.pop("record", {})
        document = self.document(form, prefix, person, values)
        signed = self.sign(document, by, faults)
        if bent is not None:
            changed = bent(evidence_from_json(signed.evidence))
            signed = replace(signed, evidence=evidence_to_json(changed))
        if raw is not None:
            signed = replace(signed, evidence=raw(signed.evidence))
        parsed = parse(document)
        logged = {
            "id": parsed.document_id,
            "person": person.id,
            "sha256": digest(document),
            "evidence_sha256": digest(signed.evidence),
        }
        index = self.log(kind, {**logged, **record}, person, **leaf)
        return Told(parsed.document_id, index, signed, parsed)

    # -- acts --------------------------------------------------------------------------------------

    def release(
        self, maker: Person | None, *people: tuple[Person, Told, Told | None], **changes: Any
    ) -> int:
        leaf = changes.pop("leaf", {})
        record = {
            "clip": CLIP,
            "payload": "00112233aabbccdd",
            "media_sha256": MEDIA_SHA256,
            "maker": None if maker is None else maker.id,
            "modalities": ["face", "voice"],
            "purpose": "personal",
            "classes": [],
            "people": cited(people),
        }
        index = self.log("release", {**record, **changes}, *(p[0] for p in people), **leaf)
        self.parts.release = index
        return index

    def approve(self, person: Person, consent: Told, **changes: Any) -> Signed:
        by, faults = changes.pop("by", person.device), changes.pop("faults", HONEST)
        values = {"clip_id": CLIP, "media_sha256": MEDIA_SHA256, "consent_id": consent.id}
        document = self.document(ApprovalDocument, "apr", person, {**values, **changes})
        signed = self.sign(document, by, faults)
        self.parts.approvals.append(signed)
        return signed

    def publish(self, *people: tuple[Person, Told, Told | None], **changes: Any) -> int:
        leaf = changes.pop("leaf", {})
        record = {
            "clip": CLIP,
            "media_sha256": MEDIA_SHA256,
            "people": cited(people),
            "approvals": {
                parse(each.document).subject: {
                    "sha256": digest(each.document),
                    "evidence_sha256": digest(each.evidence),
                }
                for each in self.parts.approvals
            },
        }
        index = self.log("publish", {**record, **changes}, *(p[0] for p in people), **leaf)
        self.parts.publish = index
        return index

    # -- the end -----------------------------------------------------------------------------------

    def bundle(self, change: Callable[[Bundle], Bundle] = lambda bundle: bundle) -> bytes:
        return write(change(self.told()))

    def told(self) -> Bundle:
        parts = self.parts
        if parts.release is None:
            raise ValueError("nothing was released")
        note, signed = self.head(), (WITNESS.vkey,)
        ordered = sorted(parts.approvals, key=lambda each: parse(each.document).subject)
        return Bundle(
            log_key=LOG.vkey,
            checkpoint=note,
            witnesses=signed,
            release=self.leaf(parts.release),
            publish=None if parts.publish is None else self.leaf(parts.publish),
            enrolments=tuple(map(self.leaf, sorted(parts.enrolments))),
            keys=tuple(
                Key(leaf=self.leaf(index), agreement=agreement)
                for index, agreement in sorted(parts.keys.items())
            ),
            consents=self._logged(parts.consents),
            grants=self._logged(parts.grants),
            approvals=tuple(ordered),
        )

    def _logged(self, told: list[Told]) -> tuple[Logged, ...]:
        found = sorted(told, key=lambda each: each.index)
        return tuple(Logged(signed=each.signed, leaf=self.leaf(each.index)) for each in found)


def cited(people: tuple[tuple[Person, Told, Told | None], ...]) -> list[dict[str, Any]]:
    """How a record cites people and documents."""
    return [
        {
            "person": person.id,
            "consent": consent.id,
            "grant": None if grant is None else grant.id,
            "epoch": person.epoch,
        }
        for person, consent, grant in people
    ]
