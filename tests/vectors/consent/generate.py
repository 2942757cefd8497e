"""Writes the consent vectors beside this file, and the example in ``docs/consent-document.md``.

`python tests/vectors/consent/generate.py`

`signed.json` holds documents with their canonical bytes, digest and evidence under the key of RFC
8032, section 7.1, test 1. `malformed.json` holds byte strings that must be refused, each named by
its one fault. Everything is deterministic; a test compares the files with what this makes.
"""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from consent.documents import (
    ApprovalDocument,
    ConsentDocument,
    Document,
    GrantDocument,
    KeyDocument,
    ResumptionDocument,
    RevocationDocument,
    canonical,
    digest,
    rendering,
    with_rendering,
)
from consent.evidence import evidence_to_json, sign_ed25519
from consent.vocabulary import Approval, Audience, EvidenceType, Purpose, RestrictionClass

HERE = Path(__file__).parent
PAGE = HERE.parents[2] / "docs" / "consent-document.md"
BEGIN = "<!-- example: written by tests/vectors/consent/generate.py -->\n"
END = "<!-- end of example -->\n"
RFC8032_TEST_1_SEED = "9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60"
ISSUED = datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)


def documents() -> dict[str, Document]:
    """The documents by name, complete for signing."""
    drafts = {**_agreements(), **_acts()}
    return {name: with_rendering(draft) for name, draft in drafts.items()}


def _agreements() -> dict[str, Document]:
    consent = ConsentDocument(
        document_id="cns_01",
        controller="Cameo",
        language="en",
        subject="prs_alice",
        subject_handle="alice",
        audience=Audience.APPROVED,
        modalities=frozenset({"voice", "face"}),
        purposes=frozenset({Purpose.SOCIAL, Purpose.PERSONAL}),
        restrictions=frozenset({RestrictionClass.POLITICS, RestrictionClass.ALCOHOL}),
        never_say=("買って", 'a "quoted" \\ term', "zebra"),
        wishes=("no gambling", "政治はなし", "not with @mallory", "always wear a hat", "be kind"),
        apart_from=("prs_mallory",),
        apart_from_handles=("mallory",),
        max_people=2,
        max_uses=20,
        approval=Approval.IF_NEEDED,
        retention_days=90,
        expires_at=datetime(2027, 1, 1, 0, 0, 0, 250_000, tzinfo=UTC),
        issued_at=ISSUED,
        nonce="ab" * 32,
        notice_sha256="cd" * 32,
        assurance=1,
        simulated=False,
        enrolment_id="enr_01",
        subject_epoch=0,
        previous_sha256=None,
    )
    grant = GrantDocument(
        document_id="gnt_01",
        controller="Cameo",
        language="ja",
        subject="prs_alice",
        consent_id="cns_01",
        grantee="prs_bob",
        grantee_handle="bob",
        modalities=frozenset({"face"}),
        purposes=frozenset({Purpose.SOCIAL}),
        expires_at=None,
        max_uses=3,
        issued_at=ISSUED,
        nonce="01" * 32,
        subject_epoch=1,
        previous_sha256=None,
    )
    return {"consent": consent, "grant": grant}


def _acts() -> dict[str, Document]:
    common: dict[str, Any] = {
        "subject": "prs_alice",
        "language": "en",
        "issued_at": ISSUED,
        "nonce": "02" * 32,
        "subject_epoch": 2,
        "previous_sha256": None,
    }
    return {
        "revocation": RevocationDocument(
            **{**common, "previous_sha256": "ef" * 32}, document_id="rvk_01", target_id="gnt_01"
        ),
        "key": KeyDocument(
            **common,
            document_id="kad_01",
            key_id="key_" + "0a" * 16,
            key_type=EvidenceType.WEBAUTHN,
            registration_sha256="0b" * 32,
        ),
        "resumption": ResumptionDocument(**common, document_id="rsm_01"),
        "approval": ApprovalDocument(
            **common,
            document_id="apr_01",
            clip_id="clip_01",
            media_sha256="0c" * 32,
            consent_id="cns_01",
        ),
    }


def signed() -> list[dict[str, str]]:
    """Every document with its bytes and evidence."""
    key = Ed25519PrivateKey.from_private_bytes(bytes.fromhex(RFC8032_TEST_1_SEED))
    pem = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    rows = []
    for name, document in documents().items():
        data = canonical(document)
        evidence = evidence_to_json(sign_ed25519(pem, data)).decode()
        row = {"name": name, "canonical": data.decode(), "sha256": digest(data)}
        rows.append({**row, "evidence": evidence})
    return rows


def malformed() -> list[dict[str, str]]:
    """Byte strings that `parse` must refuse, by fault, with the code of the refusal."""
    good = canonical(documents()["consent"]).decode()
    fields = json.loads(good)
    bad, other = "consent.malformed_document", "consent.not_canonical"

    def spelled(**changes: Any) -> str:
        return json.dumps(
            {**fields, **changes}, sort_keys=True, separators=(",", ":"), ensure_ascii=False
        )

    missing = {k: v for k, v in fields.items() if k != "max_people"}
    texts = {
        "empty": ("", bad),
        "not_json": ("{", bad),
        "not_an_object": ("[]", bad),
        "deeply_nested": ("[" * 9000, bad),
        "trailing_text": (good + "{}", bad),
        "trailing_newline": (good + "\n", other),
        "byte_order_mark": ("\ufeff" + good, bad),
        "white_space": (good.replace(":", ": ", 1), other),
        "fields_reordered": (json.dumps(dict(reversed(fields.items()))), other),
        "escaped_unicode": (good.replace("買", "\\u8cb7"), other),
        "duplicate_field": (good[:-1] + ',"schema_version":2}', bad),
        "duplicate_field_that_overrides": ('{"audience":"everyone",' + good[1:], bad),
        "missing_field": (json.dumps(missing, sort_keys=True, separators=(",", ":")), bad),
        "unknown_field": (spelled(zz_extra=1), bad),
        "unknown_kind": (spelled(kind="licence"), bad),
        "kind_of_another_document": (spelled(kind="grant"), bad),
        "field_by_its_inner_name": (
            good.replace('"pii_principal_id"', '"subject"'),
            bad,
        ),
        "version_1": (spelled(schema_version=1), bad),
        "version_3": (spelled(schema_version=3), bad),
        "version_true": (spelled(schema_version=True), bad),
        "version_2_point_0": (good.replace('"schema_version":2', '"schema_version":2.0'), bad),
        "number_with_exponent": (good.replace('"max_people":2', '"max_people":2e0'), bad),
        "number_nan": (good.replace('"max_people":2', '"max_people":NaN'), bad),
        "number_too_large": (spelled(subject_epoch=2**53), bad),
        "number_negative": (spelled(subject_epoch=-1), bad),
        "number_as_text": (spelled(max_people="2"), bad),
        "flag_as_number": (spelled(simulated=0), bad),
        "text_as_null": (spelled(pii_principal_id=None), bad),
        "time_naive": (spelled(event_time="2026-01-02T03:04:05"), bad),
        "time_with_offset": (spelled(event_time="2026-01-02T03:04:05+00:00"), bad),
        "time_fraction_of_zero": (spelled(event_time="2026-01-02T03:04:05.000000Z"), bad),
        "time_unpadded": (spelled(event_time="2026-1-2T03:04:05Z"), bad),
        "time_leap_second": (spelled(event_time="2026-01-02T03:04:60Z"), bad),
        "time_out_of_range": (spelled(event_time="1999-12-31T23:59:59Z"), bad),
        "expires_before_issued": (spelled(expires_at="2026-01-02T03:04:05Z"), bad),
        "set_unsorted": (spelled(pii_type=["voice", "face"]), other),
        "set_with_a_word_twice": (spelled(pii_type=["face", "face", "voice"]), other),
        "set_empty": (spelled(pii_type=[]), bad),
        "purposes_empty": (spelled(purposes=[]), bad),
        "word_unknown": (spelled(audience="friends"), bad),
        "modality_unknown": (spelled(pii_type=["body"]), bad),
        "restriction_unknown": (spelled(restrictions=["sports"]), bad),
        "term_blank": (spelled(never_say=[" "]), bad),
        "term_padded": (spelled(never_say=["buy "]), bad),
        "term_invisible": (spelled(never_say=["\u200b"]), bad),
        "term_right_to_left_override": (spelled(never_say=["abc\u202edef"]), bad),
        "term_line_break": (spelled(never_say=["a\nEnds: never"]), bad),
        "term_too_long": (spelled(never_say=["x" * 81]), bad),
        "term_twice": (spelled(never_say=["x", "x"]), bad),
        "terms_too_many": (spelled(never_say=[f"t{n}" for n in range(51)]), bad),
        "term_not_text": (spelled(never_say=[1]), bad),
        "wish_blank": (spelled(wishes=[" "]), bad),
        "wish_line_break": (spelled(wishes=["be kind\nEnds: never"]), bad),
        "wish_too_long": (spelled(wishes=["x" * 201]), bad),
        "wish_twice": (spelled(wishes=["x", "x"]), bad),
        "wishes_too_many": (spelled(wishes=[f"w{n}" for n in range(11)]), bad),
        "apart_without_a_handle": (spelled(apart_from_handles=[]), bad),
        "apart_from_oneself": (spelled(apart_from=["prs_alice"]), bad),
        "apart_from_no_person": (spelled(apart_from=["cns_01"]), bad),
        "apart_from_twice": (
            spelled(apart_from=["prs_m", "prs_m"], apart_from_handles=["m", "n"]),
            bad,
        ),
        "apart_from_too_many": (
            spelled(
                apart_from=[f"prs_{n}" for n in range(21)],
                apart_from_handles=[f"h{n}" for n in range(21)],
            ),
            bad,
        ),
        "approval_unknown": (spelled(approval="never"), bad),
        "uses_zero": (spelled(max_uses=0), bad),
        "uses_too_many": (spelled(max_uses=1_000_001), bad),
        "retention_as_number": (spelled(retention_period=90), bad),
        "retention_in_months": (spelled(retention_period="P3M"), bad),
        "retention_with_leading_zero": (spelled(retention_period="P090D"), bad),
        "retention_of_no_days": (spelled(retention_period="P0D"), bad),
        "retention_too_long": (spelled(retention_period="P3651D"), bad),
        "controller_missing": (spelled(pii_controllers=[]), bad),
        "two_controllers": (spelled(pii_controllers=["Cameo", "Other"]), bad),
        "controller_as_text": (spelled(pii_controllers="Cameo"), bad),
        "controller_line_break": (spelled(pii_controllers=["Cameo\nYou: @bob"]), bad),
        "language_unknown": (spelled(language="fr"), bad),
        "rendering_digest_missing": (spelled(rendering_sha256=None), bad),
        "rendering_digest_not_hex": (spelled(rendering_sha256="zz" * 32), bad),
        "people_zero": (spelled(max_people=0), bad),
        "people_eleven": (spelled(max_people=11), bad),
        "assurance_four": (spelled(assurance=4), bad),
        "simulated_but_assured": (spelled(simulated=True, assurance=1), bad),
        "nonce_short": (spelled(nonce="ab" * 31), bad),
        "nonce_upper_case": (spelled(nonce="AB" * 32), bad),
        "digest_not_hex": (spelled(privacy_notice="zz" * 32), bad),
        "id_of_another_kind": (spelled(record_id="gnt_01"), bad),
        "id_empty_tail": (spelled(pii_principal_id="prs_"), bad),
        "id_with_slash": (spelled(pii_principal_id="prs_../x"), bad),
        "handle_upper_case": (spelled(subject_handle="Alice"), bad),
        "handle_with_at": (spelled(subject_handle="@alice"), bad),
        "lone_surrogate": (good.replace("zebra", "\\ud800"), bad),
        "too_large": (good + " " * 32_768, "consent.document_too_large"),
    }
    rows = [{"fault": n, "hex": t.encode().hex(), "code": c} for n, (t, c) in texts.items()]
    rows.append({"fault": "not_utf8", "hex": good.encode().replace(b"zebra", b"\xff").hex()})
    rows[-1]["code"] = bad
    return rows


def files() -> dict[str, str]:
    """The text of every vector file by name."""
    made = {"signed.json": signed(), "malformed.json": malformed()}
    return {n: json.dumps(rows, indent=1, ensure_ascii=False) + "\n" for n, rows in made.items()}


def page(before: str) -> str:
    """The text of the page about documents, with its example made anew."""
    consent = documents()["consent"]
    fields = json.dumps(json.loads(canonical(consent)), indent=2, ensure_ascii=False)
    en, ja = rendering(consent)
    shown = [
        "Its fields (the bytes that are signed have no white space, and sorted names as here):",
        f"```json\n{fields}\n```",
        f"The SHA-256 of its bytes is `{digest(canonical(consent))}`. In English it reads:",
        f"```\n{en}```",
        "And in Japanese:",
        f"```\n{ja}```",
    ]
    head, begin, rest = before.partition(BEGIN)
    _, end, tail = rest.partition(END)
    return head + begin + "\n" + "\n\n".join(shown) + "\n" + end + tail


if __name__ == "__main__":
    for file_name, text in files().items():
        (HERE / file_name).write_text(text, encoding="utf-8")
    PAGE.write_text(page(PAGE.read_text(encoding="utf-8")), encoding="utf-8")
