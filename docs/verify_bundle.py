"""Verify a bundle: who agreed to a clip, shown without the service and without any code of it.

    python verify_bundle.py BUNDLE LOG_VKEY [MEDIA]

LOG_VKEY is the verifier key of the log that you trust; get it from somewhere else than the bundle.
MEDIA is a file that is said to be the clip. Needs Python 3.11 and the package `cryptography`. Says
what was found and ends with 0, or says what does not hold and ends with 1. What stands in a bundle,
and what no bundle can show, is in bundle.md.
"""

import base64
import hashlib
import json
import re
import sys
from datetime import datetime, timedelta
from pathlib import Path

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, padding, rsa
from cryptography.hazmat.primitives.hashes import SHA256

# Public keys of passkeys (COSE, RFC 9053), each in its one spelling: ES256, EdDSA, RS256.
ES256 = re.compile(
    rb"\xa5\x01\x02\x03\x26\x20\x01\x21\x58\x20(.{32})\x22\x58\x20(.{32})", re.DOTALL
)
EDDSA = re.compile(rb"\xa4\x01\x01\x03\x27\x20\x06\x21\x58\x20(.{32})", re.DOTALL)
RS256 = re.compile(
    rb"\xa4\x01\x03\x03\x39\x01\x00\x20\x59(..)(.{256,512})\x21\x43\x01\x00\x01", re.DOTALL
)
# Ed25519 keys of small order: under such a key one signature fits every message.
P, ORDER_8 = 2**255 - 19, 0x7A03AC9277FDC74EC6CC392CFA53202A0F67100D760B3CBA4FD83D3D706A17C7
SMALL = {0, 1, P - 1, P, P + 1, ORDER_8, P - ORDER_8}

when = datetime.fromisoformat


class Refused(Exception):
    """Says what does not hold."""


class Object(dict):
    """A JSON object, its members as attributes; one that is missing raises KeyError."""

    __getattr__ = dict.__getitem__


def need(holds, otherwise):
    if not holds:
        raise Refused(otherwise)


def exact(found, members):
    need(set(found) == set(members.split()), "an object with other members than " + members)


def jcs(value):
    """Canonical JSON (RFC 8785) of texts, lists, objects with ASCII names and whole numbers."""
    return json.dumps(value, ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode()


def sha256(data):
    return hashlib.sha256(data).digest()


def unbase64(text):
    data = base64.b64decode(text, validate=True)
    need(base64.b64encode(data).decode() == text, "base64 that is not in its one spelling")
    return data


def unhex(text):
    need(re.fullmatch("[0-9a-f]{64}", text), "not 64 hexadecimal digits")
    return bytes.fromhex(text)


def digests(signed):
    names = {"sha256": "document", "evidence_sha256": "evidence"}
    return {name: sha256(jcs(signed[part])).hex() for name, part in names.items()}


def in_order(first, then):
    """One entry stands in the log before another that rests on it; so do their times, nearly."""
    need(first.index < then.index, "an entry that rests on a later one")
    back = when(first.body.at) - when(then.body.at)
    need(back <= timedelta(minutes=15), "an entry that is dated back")


def verify(key, signature, message):
    """Check a signature by a raw Ed25519 key, or by the key of a passkey."""
    es256, rs256, eddsa = (pattern.fullmatch(key) for pattern in (ES256, RS256, EDDSA))
    if es256:
        x, y = (int.from_bytes(part, "big") for part in es256.groups())
        public = ec.EllipticCurvePublicNumbers(x, y, ec.SECP256R1()).public_key()
        public.verify(signature, message, ec.ECDSA(SHA256()))
    elif rs256:
        length, modulus = (int.from_bytes(part, "big") for part in rs256.groups())
        need(modulus >> 2047 and len(rs256[2]) == length, "an unsafe key")
        public = rsa.RSAPublicNumbers(65537, modulus).public_key()
        public.verify(signature, message, padding.PKCS1v15(), SHA256())
    else:
        raw = eddsa[1] if eddsa else key
        need(int.from_bytes(raw, "little") % 2**255 not in SMALL, "an unsafe key")
        ed25519.Ed25519PublicKey.from_public_bytes(raw).verify(signature, message)


def check_evidence(signed, key):
    """Check that a registered key signed exactly this document."""
    evidence, message = signed.evidence, b"cameo-consent/v1\n" + jcs(signed.document)
    public, signature = unbase64(key.public_key), unbase64(evidence.signature)
    said = evidence.type, evidence.key_id, "key_" + sha256(public).hex()[:32]
    need(said == (key.type, key.key_id, key.key_id), "evidence of another key")
    if key.type == "ed25519":
        exact(evidence, "type key_id public_key signature")
        need(evidence.public_key == key.public_key, "another key than the registered one")
        return verify(public, signature, message)
    # A passkey (W3C WebAuthn, sections 5.8.1 and 6.1) signs a challenge, and where it was asked.
    exact(evidence, "type key_id credential_id client_data_json authenticator_data signature")
    need(evidence.credential_id == key.credential_id, "another credential than the registered one")
    client_data, data = unbase64(evidence.client_data_json), unbase64(evidence.authenticator_data)
    client = json.loads(client_data, object_pairs_hook=lambda p: Object([*p, ("members", len(p))]))
    need(client.members == len(client) - 1, "client data with a member twice")
    challenge = base64.urlsafe_b64encode(sha256(message)).decode().rstrip("=")
    need(client.type == "webauthn.get", "a passkey that was asked for something else")
    need(client.challenge == challenge, "a passkey that signed another document")
    need(client.origin in key.origins, "a passkey that was asked on another site")
    need(client.get("crossOrigin", False) is False and "topOrigin" not in client, "a framed page")
    need(data[:32] == sha256(key.rp_id.encode()), "a passkey that signed for another service")
    need(data[32] & 1 and data[32] & 4, "a passkey that did not check who used it")
    need(not data[32] & 64 and (len(data) == 37 or data[32] & 128), "an answer that says more")
    return verify(public, signature, data + sha256(client_data))


def open_head(log):
    """Size and root of the tree: a C2SP checkpoint, signed by the log and the witnesses named."""
    text, _, block = log.checkpoint.rpartition("\n\n")
    keys, lines = [(log.key, 1), *((each, 4) for each in log.witnesses)], block.split("\n")
    need(len(set(keys)) == len(keys) == len(lines) - 1 and not lines[-1], "other signatures")
    for line, (vkey, kind) in zip(lines, keys, strict=False):
        (name, hint, encoded), (dash, signer, blob) = vkey.split("+", 2), line.split(" ")
        public, data, message = unbase64(encoded), unbase64(blob), text + "\n"
        need(hint == sha256(name.encode() + b"\n" + public)[:4].hex(), "a verifier key")
        need((dash, signer, data[:4].hex(), public[0]) == ("\u2014", name, hint, kind), "a signer")
        if kind == 4:  # a witness signs the time as well
            message = f"cosignature/v1\ntime {int.from_bytes(data[4:12], 'big')}\n" + message
        verify(public[1:], data[4:] if kind == 1 else data[12:], message.encode())
    origin, size, root = text.split("\n")
    need(origin == log.key.split("+")[0] and str(int(size)) == size, "another log's checkpoint")
    return int(size), unbase64(root)


def root_of(leaf, index, size, proof):
    """The root that a proof leads to (RFC 9162, section 2.1.3), from the top of the tree down."""
    need(0 <= index < size and (size > 1) == bool(proof), "a proof of another shape")
    if size == 1:
        return leaf
    left = 1 << (size - 1).bit_length() - 1  # the largest power of two below the size
    if index < left:
        return sha256(b"\1" + root_of(leaf, index, left, proof[:-1]) + proof[-1])
    return sha256(b"\1" + proof[-1] + root_of(leaf, index - left, size - left, proof[:-1]))


class Bundle:
    """Takes the parts of a bundle in the order in which they rest on each other."""

    def __init__(self, data, log_vkey):
        self.all = json.loads(data, object_hook=Object)
        need(jcs(self.all) == data, "a file that is not the canonical form of what it says")
        parts = "format log release publish enrolments keys consents grants approvals"
        exact(self.all, parts)
        exact(self.all.log, "key checkpoint witnesses")
        need(self.all.format == "cameo-bundle/v1", "a file of another format")
        need(self.all.log.key == log_vkey, "a bundle of another log than the one you trust")
        self.size, self.root = open_head(self.all.log)
        self.keys, self.enrolments, self.documents = {}, {}, {}
        self.refs, self.used, self.last, self.lines = {}, set(), {}, []

    def shown(self, media):
        """Checks everything; what was found, line by line."""
        release, publish = self.all.release, self.all.publish
        record = self.record(release, "release")
        exact(record, "clip payload media_sha256 maker modalities purpose classes people")
        self.take_keys()
        self.take_enrolments()
        self.take_documents("consent")
        self.take_documents("grant")
        self.lines.append(f"{record.clip} for {record.maker}, {record.purpose} use")
        self.act(release, record.people, record)
        need(publish or not self.all.approvals, "approvals of nothing")
        if publish is not None:
            self.take_publication(release)
        there = {*self.keys, *self.enrolments, *self.documents}
        need(there == self.used, "parts that nothing rests on")
        need(len({*self.refs.values()}) == len(self.refs), "one reference for two people")
        same = media is None or sha256(media).hex() == record.media_sha256
        need(same, "another file than the one that was released")
        file = "This is the file given." if media else f"The file has SHA-256 {record.media_sha256}"
        later = "Whether anything was withdrawn since, no bundle shows. See bundle.md."
        return [*self.lines, file, later]

    def record(self, leaf, kind):
        """What an entry is about: it is in the tree, and commits to the record beside it."""
        exact(leaf, "index body salt record proof")
        exact(leaf.body, "v type commitment epochs at")
        need((leaf.body.v, leaf.body.type) == (1, kind), "an entry that is no " + kind)
        need(type(leaf.index) is int and leaf.index > self.last.get(kind, -1), "another order")
        opened = b"cameo-log-commitment/v1\n" + unhex(leaf.salt) + jcs(leaf.record)
        need(sha256(opened).hex() == leaf.body.commitment, f"a {kind} other than the log's")
        hashes = [unhex(each) for each in leaf.proof]
        root = root_of(sha256(b"\0" + jcs(leaf.body)), leaf.index, self.size, hashes)
        need(root == self.root, f"a {kind} that is not in the log")
        self.last[kind] = leaf.index
        return leaf.record

    def own(self, leaf, kind):
        """The same, of an entry about one person, who has one reference in all of them."""
        record, (cite,) = self.record(leaf, kind), leaf.body.epochs
        need(self.refs.setdefault(record.person, cite.ref) == cite.ref, "another reference")
        return record

    def signed(self, part, before, drawn=None):
        """The key that signed a document: the person's, logged before what rests on it."""
        key = self.keys[part.evidence.key_id]
        check_evidence(part, key.record)
        self.used.add(key.record.key_id)
        need(key.record.person == part.document.pii_principal_id, "somebody else's key")
        in_order(key.leaf, before)
        if key.origin.how == "recovered":
            counts = when(key.origin.effective_at)
            need(when(before.body.at) >= counts, "a recovered key that did not count yet")
            if drawn:
                same = self.keys[drawn.key].origin == key.origin
                need(same and when(drawn.released_at) >= counts, "a recovered key, not enrolled")
        return key

    def take_keys(self):
        for part in self.all["keys"]:
            exact(part, "leaf agreement")
            key, agreement = self.own(part.leaf, "key"), part.agreement
            need(key.how in ("added", "first", "recovered"), "a key of another origin")
            need(key.key_id not in self.keys, "a key twice")
            need((key.how == "added") == bool(agreement), "a key that no older key agreed to")
            self.keys[key.key_id] = Object(record=key, leaf=part.leaf, origin=key)
            if agreement:
                exact(agreement, "document evidence")
                said, about = agreement.document, sha256(jcs(key)).hex()
                named = said.kind, said.key_id, said.registration_sha256, said.pii_principal_id
                need(named == ("key", key.key_id, about, key.person), "another key was agreed to")
                need(said.subject_epoch <= part.leaf.body.epochs[0].epoch, "another epoch")
                self.keys[key.key_id]["origin"] = self.signed(agreement, part.leaf).origin

    def take_enrolments(self):
        for leaf in self.all.enrolments:
            record = self.own(leaf, "enrol")
            key = self.keys[record.key]
            need(key.record.person == record.person, "an enrolment with somebody else's key")
            in_order(key.leaf, leaf)
            need(when(record.released_at) <= when(leaf.body.at), "an enrolment of tomorrow")
            self.used.add(record.key)
            self.enrolments[record.enrolment] = leaf

    def take_documents(self, kind):
        for part in self.all[kind + "s"]:
            exact(part, "document evidence leaf")
            said, leaf, record = part.document, part.leaf, self.own(part.leaf, kind)
            logged = {"id": said.record_id, "person": said.pii_principal_id} | digests(part)
            need(said.kind == kind and record == logged, f"a {kind} other than the log's")
            need(said.record_id not in self.documents, "a document twice")
            need(leaf.body.epochs[0].epoch - said.subject_epoch in (0, 1), "another epoch")
            need(when(said.event_time) <= when(leaf.body.at), "a document younger than its entry")
            consent = self.documents[said.consent_id] if kind == "grant" else part
            drawn, under = self.enrolments[consent.document.enrolment_id], consent.document
            in_order(drawn, consent.leaf)
            if kind == "grant":
                in_order(consent.leaf, leaf)
            stated = under.assurance, under.simulated, under.privacy_notice, under.pii_principal_id
            real = drawn.record.assurance, drawn.record.simulated, drawn.record.notice_sha256
            need(stated == (*real, record.person), "another enrolment, or somebody else's consent")
            need(drawn.record.person == record.person, "somebody else's enrolment")
            part.key = self.signed(part, leaf, drawn.record)
            self.used.add(drawn.record.enrolment)
            self.documents[said.record_id] = part

    def act(self, leaf, people, release):
        """Everybody in a release or a publication had agreed to it before, and still did then."""
        epochs = {each.ref: each.epoch for each in leaf.body.epochs}
        names = [each.person for each in people]
        need(sorted(epochs) == sorted(self.refs[name] for name in names), "other people")
        self.lines.append(f"{leaf.body.type} {leaf.body.at}, entry {leaf.index} of {self.size}")
        for cited in people:
            parts = [self.documents[name] for name in (cited.consent, cited.grant) if name]
            consent, *granted = (part.document for part in parts)
            need(consent.kind == "consent" and len(granted) < 2, "a document of another kind")
            for part in parts:
                terms, signed = part.document, part.leaf.body.epochs[0].epoch
                self.used.add(terms.record_id)
                need(terms.pii_principal_id == cited.person, "a document of somebody else")
                in_order(part.leaf, leaf)
                need(signed <= cited.epoch <= epochs[self.refs[cited.person]], "another epoch")
                ended = terms.expires_at and when(terms.expires_at) <= when(leaf.body.at)
                need(not ended, "a document that had ended")
                need(set(release.modalities) <= set(terms.pii_type), "face or voice not agreed to")
                need(release.purpose in terms.purposes, "a purpose that was not agreed to")
                how = f"{part.key.origin.how} key ({part.key.record.type})"
                self.lines.append(f"  {cited.person}: {terms.kind} {terms.record_id}, {how}")
            need(not set(release.classes) & set(consent.restrictions), "content ruled out")
            need(not set(names) & set(consent.apart_from), "company that was ruled out")
            need(len(names) <= consent.max_people, "more people than agreed to")
            # Mutual followers need no grant either, and no log shows who follows whom.
            needed = {"only_me": (), "approved": (1,), "mutuals": (0, 1), "everyone": (0,)}
            mine = release.maker == cited.person
            fits = len(granted) in ((0,) if mine else needed[consent.audience])
            need(fits, "a maker who was not permitted")
            level = ", simulated" if consent.simulated else f", assurance {consent.assurance}"
            self.lines.append(f"  {cited.person}: @{consent.subject_handle}{level}")
            for grant in granted:
                named = grant.grantee, grant.consent_id
                need(named == (release.maker, cited.consent), "a grant to or under another")

    def take_publication(self, release):
        leaf, clip = self.all.publish, (release.record.clip, release.record.media_sha256)
        record = self.record(leaf, "publish")
        exact(record, "clip media_sha256 people approvals")
        in_order(release, leaf)
        need((record.clip, record.media_sha256) == clip, "a publication of another clip")
        released, found = {each.person: each.consent for each in release.record.people}, {}
        need({each.person for each in record.people} == set(released), "other people")
        self.act(leaf, record.people, release.record)
        epochs = {each.ref: each.epoch for each in leaf.body.epochs}
        for part in self.all.approvals:
            exact(part, "document evidence")
            said, person = part.document, part.document.pii_principal_id
            about = said.kind, said.clip_id, said.media_sha256, said.consent_id
            need(about == ("approval", *clip, released[person]), "an approval of something else")
            need(said.subject_epoch <= epochs[self.refs[person]], "an approval of a later epoch")
            drawn = self.enrolments[self.documents[said.consent_id].document.enrolment_id]
            self.signed(part, leaf, drawn.record)
            found[person] = digests(part)
        need(found == record.approvals and [*found] == sorted(found), "other approvals")
        for each in record.people:
            asked = self.documents[each.consent].document.approval == "always"
            free = each.person in found or each.person == release.record.maker
            need(free or not asked, "an approval that is missing")


def check(data, log_vkey, media=None):
    """What a bundle shows, line by line. Raises Refused for whatever does not hold."""
    try:
        return Bundle(data, log_vkey).shown(media)
    except (InvalidSignature, LookupError, RecursionError, TypeError, ValueError) as cause:
        raise Refused(f"{type(cause).__name__} {cause}") from cause


if __name__ == "__main__":
    if len(sys.argv) not in (3, 4):
        sys.exit(__doc__)
    try:
        file, *media = (Path(name).read_bytes() for name in (sys.argv[1], *sys.argv[3:]))
        print("HOLDS", *check(file, sys.argv[2], *media), sep="\n")
    except (OSError, Refused) as what:
        sys.exit(f"DOES NOT HOLD: {what}")
