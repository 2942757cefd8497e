"""Writes the passkey vectors beside this file: `python -m tests.vectors.consent.webauthn.generate`.

`accepted.json` holds documents with evidence that must verify, `refused.json` evidence that must
not, each named by its one fault and with the code it is refused by. A row stands alone: document,
evidence, and the keys that are registered for its subject. Everything is deterministic; a test
compares the files with what this makes.
"""

from __future__ import annotations

import base64
import json
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from consent.documents import RevocationDocument, canonical, with_rendering
from consent.evidence import Evidence, RegisteredKey, evidence_to_json
from consent.webauthn import base64url
from tests.passkey import ATTESTED, Authenticator, Faults

HERE = Path(__file__).parent


def document(target: str = "cns_01") -> bytes:
    """A document of few fields."""
    return canonical(
        with_rendering(
            RevocationDocument(
                document_id="rvk_01",
                subject="prs_alice",
                language="en",
                target_id=target,
                issued_at=datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC),
                nonce="02" * 32,
                subject_epoch=2,
                previous_sha256=None,
            )
        )
    )


SHOWN, OTHER = document(), document("cns_02")
ALICE, STRANGER = Authenticator("alice"), Authenticator("stranger")
EDWARDS = Authenticator("alice's second", algorithm="EdDSA")


def row(
    evidence: Evidence, *keys: RegisteredKey, data: bytes = SHOWN, **more: str
) -> dict[str, Any]:
    """One case."""
    return {
        **more,
        "document": data.decode(),
        "evidence": evidence_to_json(evidence).decode(),
        "registered": [_key(key) for key in keys],
    }


def accepted() -> list[dict[str, Any]]:
    """What verifies."""
    grease = {"other_keys_can_be_added_here": "do not compare clientDataJSON against a template"}
    cases = {
        "es256": (ALICE, Faults()),
        "eddsa": (EDWARDS, Faults()),
        "cross_origin_absent": (ALICE, Faults(members={"crossOrigin": None})),
        "unknown_member": (ALICE, Faults(members=grease)),
        "one_of_two_keys": (EDWARDS, Faults()),
    }
    keys = (ALICE.registered(), EDWARDS.registered())
    return [row(who.sign(SHOWN, faults), *keys, name=name) for name, (who, faults) in cases.items()]


def refused() -> list[dict[str, Any]]:
    """What does not verify, and why."""
    key = ALICE.registered()
    honest = ALICE.sign(SHOWN)
    challenge = json.loads(honest.client_data_json)["challenge"]
    twice = f'{{"type":"webauthn.get","challenge":"{challenge}","origin":"{ALICE.origin}",'
    faults = {
        "wrong_origin": ("consent.wrong_origin", Faults(origin="https://evil.example")),
        "origin_with_a_slash": ("consent.wrong_origin", Faults(origin=ALICE.origin + "/")),
        "origin_of_another_port": ("consent.wrong_origin", Faults(origin="http://localhost:8001")),
        "missing_user_verification": ("consent.user_not_verified", Faults(verified=False)),
        "missing_user_presence": ("consent.user_not_present", Faults(present=False)),
        "cross_origin": ("consent.cross_origin", Faults(members={"crossOrigin": True})),
        "cross_origin_as_text": ("consent.cross_origin", Faults(members={"crossOrigin": "false"})),
        "cross_origin_as_number": ("consent.cross_origin", Faults(members={"crossOrigin": 0})),
        "top_origin": (
            "consent.cross_origin",
            Faults(members={"topOrigin": "https://evil.example"}),
        ),
        "top_origin_our_own": ("consent.cross_origin", Faults(members={"topOrigin": ALICE.origin})),
        "cross_origin_misspelt": (
            "consent.malformed_evidence",
            Faults(members={"crossorigin": True}),
        ),
        "wrong_rp_id": ("consent.wrong_rp_id", Faults(rp_id="evil.example")),
        "wrong_type": ("consent.wrong_ceremony", Faults(type="webauthn.create")),
        "payment": ("consent.wrong_ceremony", Faults(type="payment.get")),
        "reused_challenge": (
            "consent.wrong_challenge",
            Faults(challenge=b"sign in, please".ljust(32)),
        ),
        "challenge_too_short": ("consent.malformed_evidence", Faults(challenge=b"short")),
        "origin_twice": (
            "consent.malformed_evidence",
            Faults(client_data_json=f'{twice}"origin":"{ALICE.origin}"}}'.encode()),
        ),
        "cross_origin_twice": (
            "consent.malformed_evidence",
            Faults(client_data_json=f'{twice}"crossOrigin":true,"crossOrigin":false}}'.encode()),
        ),
        "client_data_no_json": ("consent.malformed_evidence", Faults(client_data_json=b"{")),
        "client_data_a_list": ("consent.malformed_evidence", Faults(client_data_json=b"[]")),
        "client_data_with_a_mark": (
            "consent.malformed_evidence",
            Faults(client_data_json=b"\xef\xbb\xbf" + honest.client_data_json),
        ),
        "a_key_in_an_assertion": (
            "consent.malformed_evidence",
            Faults(flags=ATTESTED, extra=bytes(16) + b"\0\1c" + ALICE.cose),
        ),
        "bytes_after_the_data": ("consent.malformed_evidence", Faults(extra=b"\0")),
    }
    rows = [
        row(ALICE.sign(SHOWN, each), key, fault=name, code=code)
        for name, (code, each) in faults.items()
    ]
    return rows + _of_keys(honest, key)


def _of_keys(honest: Evidence, key: RegisteredKey) -> list[dict[str, Any]]:
    stranger = STRANGER.sign(SHOWN)
    posing = replace(stranger, key_id=honest.key_id, credential_id=honest.credential_id)
    flipped = honest.signature[:-1] + bytes([honest.signature[-1] ^ 1])
    count = bytearray(honest.authenticator_data)
    count[36] ^= 1
    return [
        row(honest, key, data=OTHER, fault="tampered_document", code="consent.wrong_challenge"),
        row(stranger, key, fault="wrong_key", code="consent.unknown_key"),
        row(honest, fault="revoked_key", code="consent.unknown_key"),
        row(posing, key, fault="wrong_key_under_its_id", code="consent.bad_signature"),
        row(
            replace(honest, credential_id=STRANGER.credential_id),
            key,
            fault="wrong_credential",
            code="consent.key_mismatch",
        ),
        row(
            honest,
            replace(key, public_key=STRANGER.cose),
            fault="registry_changed",
            code="consent.key_mismatch",
        ),
        row(
            replace(honest, signature=honest.signature[:-1]),
            key,
            fault="truncated_signature",
            code="consent.bad_signature",
        ),
        row(
            replace(honest, signature=flipped),
            key,
            fault="flipped_signature",
            code="consent.bad_signature",
        ),
        row(
            replace(honest, authenticator_data=bytes(count)),
            key,
            fault="changed_counter",
            code="consent.bad_signature",
        ),
        row(honest, replace(key, origins=()), fault="no_origin", code="consent.wrong_origin"),
    ]


def files() -> dict[str, str]:
    """Every file by name."""
    return {"accepted.json": _text(accepted()), "refused.json": _text(refused())}


def _text(rows: list[dict[str, Any]]) -> str:
    return json.dumps(rows, indent=1, ensure_ascii=False) + "\n"


def _key(key: RegisteredKey) -> dict[str, Any]:
    return {
        "key_id": key.key_id,
        "type": str(key.type),
        "public_key": base64.b64encode(key.public_key).decode(),
        "rp_id": key.rp_id,
        "origins": list(key.origins),
        "credential_id": base64url(key.credential_id or b""),
    }


if __name__ == "__main__":
    for name, text in files().items():
        (HERE / name).write_text(text, encoding="utf-8")
