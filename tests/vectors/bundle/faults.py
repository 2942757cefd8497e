"""Every fault by name, with the code that it is refused with and how the bundle is made."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import timedelta

from consent.vocabulary import Audience, Purpose, RestrictionClass
from provenance.log.cosignature import Cosigner
from tests.smalllog import START, fixed
from tests.vectors.bundle import wrong_papers as papers
from tests.vectors.bundle import wrong_stories as wrong
from tests.vectors.bundle.changes import (
    Make,
    bent,
    edited,
    extra_signature,
    forged_head,
    head_of_another_tree,
    passkey,
    respelled_base64,
    second_log_line,
    swap_keys,
    text,
    told,
    twice,
    without,
)
from tests.vectors.bundle.stories import nobody, published, recovered, simple

DAY = timedelta(days=1)
MALFORMED, SPELLING = "bundle.malformed", "bundle.not_canonical"
ENTRY, MISSING, ORDER = "bundle.entry", "bundle.missing", "bundle.order"
SIGNATURE, KEY, DOCUMENT = "bundle.signature", "bundle.key", "bundle.document"
TERMS, EPOCHS, SUPERFLUOUS = "bundle.terms", "bundle.epochs", "bundle.superfluous"
PUBLICATION, ENROLMENT, HEAD = "bundle.publication", "bundle.enrolment", "bundle.checkpoint"

_SPELLED: dict[str, tuple[str, Make]] = {
    "not_json": (MALFORMED, text(lambda data: data[:-1])),
    "a_list": (MALFORMED, lambda: b"[]"),
    "another_format": (MALFORMED, text(lambda data: data.replace("bundle/v1", "bundle/v2"))),
    "blank_at_the_end": (SPELLING, text(lambda data: data + "\n")),
    "blank_inside": (SPELLING, text(lambda data: data.replace('","', '", "', 1))),
    "escape_not_needed": (SPELLING, text(lambda data: data.replace("clip_01", "\\u0063lip_01", 1))),
    "slash_escaped": (SPELLING, text(lambda data: data.replace("/", "\\/", 1))),
    "member_twice": (SPELLING, text(lambda data: '{"format":"x",' + data[1:])),
    "members_in_another_order": (
        SPELLING,
        lambda: json.dumps(
            dict(reversed(json.loads(nobody().bundle()).items())),
            ensure_ascii=False,
            separators=(",", ":"),
        ).encode(),
    ),
    "number_with_exponent": (MALFORMED, text(lambda d: d.replace('"index":3', '"index":3e0', 1))),
    "number_with_fraction": (MALFORMED, text(lambda d: d.replace('"index":3', '"index":3.0', 1))),
    "number_with_zero": (MALFORMED, text(lambda d: d.replace('"index":3', '"index":03', 1))),
    "byte_order_mark": (MALFORMED, text(lambda data: "\ufeff" + data)),
    "half_a_surrogate_pair": (MALFORMED, text(lambda data: data.replace("clip_01", "\\ud800", 1))),
    "not_utf8": (MALFORMED, lambda: nobody().bundle().replace(b"clip_01", b"\xff", 1)),
    "true_for_an_index": (MALFORMED, edited(lambda c: c["release"].update(index=True))),
    "unknown_member": (MALFORMED, edited(lambda c: c.update(note="trust me"))),
    "unknown_member_of_an_entry": (MALFORMED, edited(lambda c: c["release"].update(note="x"))),
    "unknown_member_of_evidence": (
        DOCUMENT,
        edited(lambda c: c["consents"][0]["evidence"].update(note="x"), simple),
    ),
    "hash_in_capitals": (
        MALFORMED,
        edited(lambda c: c["release"].update(salt=c["release"]["salt"].upper())),
    ),
    "base64_in_another_spelling": (DOCUMENT, text(respelled_base64, simple)),
}

_LOGGED: dict[str, tuple[str, Make]] = {
    "head_by_another_key": (HEAD, lambda: nobody().bundle(forged_head(nobody()))),
    "head_of_another_tree": (ENTRY, bent(head_of_another_tree, nobody)),
    "head_with_a_strangers_line": (HEAD, edited(extra_signature)),
    "head_with_a_line_twice": (HEAD, edited(second_log_line)),
    "witness_not_named": (HEAD, edited(lambda c: c["log"].update(witnesses=[]))),
    "witness_who_did_not_sign": (
        HEAD,
        edited(
            lambda c: c["log"].update(
                witnesses=[Cosigner("witness.example/w1", bytes(range(5, 37))).vkey]
            )
        ),
    ),
    "another_index": (ENTRY, edited(lambda c: c["release"].update(index=2))),
    "a_hash_too_many": (ENTRY, edited(lambda c: c["release"]["proof"].append("0" * 64))),
    "a_hash_missing": (ENTRY, edited(lambda c: c["release"]["proof"].pop())),
    "another_salt": (ENTRY, edited(lambda c: c["release"].update(salt="0" * 64))),
    "another_record": (ENTRY, edited(lambda c: c["release"]["record"].update(purpose="social"))),
    "another_time_in_an_entry": (
        ENTRY,
        edited(lambda c: c["release"]["body"].update(at="2026-01-02T03:04:05Z")),
    ),
    "a_lease_for_a_release": (ENTRY, told(release={"leaf": {"type": "lease"}})),
    "a_grant_for_a_consent": (ENTRY, told(consent={"leaf": {"type": "grant"}})),
    "entries_of_keys_in_another_order": (SUPERFLUOUS, edited(swap_keys, published)),
    "consent_twice": (SUPERFLUOUS, twice("consents")),
    "key_that_signed_nothing": (SUPERFLUOUS, wrong.unneeded_key),
    "consent_that_nothing_rests_on": (SUPERFLUOUS, wrong.unneeded_consent),
    "approval_of_nothing": (SUPERFLUOUS, edited(lambda c: c.update(publish=None), published)),
    "no_consent": (MISSING, without("consents")),
    "no_grant": (MISSING, without("grants")),
    "no_enrolment": (MISSING, without("enrolments")),
    "no_key": (MISSING, without("keys")),
    "no_approval": (PUBLICATION, without("approvals", published)),
    "another_persons_reference": (EPOCHS, wrong.moved_reference),
    "one_reference_for_two_people": (EPOCHS, wrong.one_reference_for_two),
    "release_cites_nobody": (EPOCHS, told(release={"leaf": {"cites": {}}})),
    "release_at_an_older_epoch": (
        EPOCHS,
        told(
            consent={"subject_epoch": 0, "leaf": {}},
            release={
                "people": [
                    {"person": "prs_alice", "consent": "cns_01", "grant": "gnt_01", "epoch": 7}
                ]
            },
        ),
    ),
    "consent_of_another_epoch": (EPOCHS, told(consent={"subject_epoch": 7})),
}

_SIGNED: dict[str, tuple[str, Make]] = {
    "evidence_of_another_document": (
        DOCUMENT,
        bent(
            lambda b: replace(
                b,
                consents=(
                    replace(
                        b.consents[0],
                        signed=replace(b.consents[0].signed, evidence=b.grants[0].signed.evidence),
                    ),
                ),
            )
        ),
    ),
    "passkey_signed_another_challenge": (SIGNATURE, passkey(challenge=fixed("another"))),
    "passkey_on_another_site": (SIGNATURE, passkey(origin="https://evil.example")),
    "passkey_for_another_service": (SIGNATURE, passkey(rp_id="evil.example")),
    "passkey_without_user_verification": (SIGNATURE, passkey(verified=False)),
    "passkey_without_touch": (SIGNATURE, passkey(present=False)),
    "passkey_in_a_frame": (SIGNATURE, passkey(members={"crossOrigin": True})),
    "passkey_under_another_top_page": (
        SIGNATURE,
        passkey(members={"topOrigin": "https://evil.example"}),
    ),
    "passkey_that_made_a_key": (SIGNATURE, passkey(type="webauthn.create")),
    "passkey_answer_with_a_key_in_it": (SIGNATURE, passkey(flags=0x40)),
    "passkey_answer_with_bytes_after_it": (SIGNATURE, passkey(extra=b"x")),
    "signature_of_a_key_file_bent": (
        SIGNATURE,
        told(
            consent={"bent": lambda e: replace(e, signature=e.signature[:-1] + b"\0")},
        ),
    ),
    "key_file_of_small_order": (KEY, wrong.small_order),
    "key_of_somebody_else": (KEY, wrong.signed_by_the_maker),
    "key_logged_after_it_signed": (ORDER, wrong.key_after_consent),
    "key_that_nobody_agreed_to": (KEY, lambda: wrong.minted(dropped=True)),
    "key_agreed_to_by_somebody_else": (KEY, lambda: wrong.minted(agreement={"by": "bob"})),
    "key_agreed_to_with_another_registration": (
        KEY,
        lambda: wrong.minted(agreement={"registration_sha256": "0" * 64}),
    ),
    "recovered_key_before_it_counted": (KEY, lambda: recovered(hours=1).bundle()),
    "recovered_key_without_a_new_enrolment": (
        KEY,
        lambda: recovered(enrolled=START).bundle(),
    ),
}

_AGREED: dict[str, tuple[str, Make]] = {
    "grant_logged_after_the_release": (ORDER, wrong.grant_after_release),
    "consent_logged_after_the_release": (ORDER, wrong.consent_after_release),
    "consent_before_its_enrolment": (ORDER, wrong.consent_before_enrolment),
    "grant_before_its_consent": (ORDER, wrong.grant_before_consent),
    "enrolment_before_its_key": (ORDER, wrong.enrolment_before_key),
    "consent_younger_than_its_entry": (ORDER, told(consent={"issued_at": START + DAY})),
    "consent_logged_with_another_digest": (
        DOCUMENT,
        told(consent={"record": {"sha256": "0" * 64}}),
    ),
    "consent_logged_with_another_signature": (
        DOCUMENT,
        told(consent={"record": {"evidence_sha256": "0" * 64}}),
    ),
    "consent_logged_for_somebody_else": (
        DOCUMENT,
        told(consent={"record": {"id": "cns_99"}}),
    ),
    "consent_of_somebody_else": (DOCUMENT, wrong.other_person),
    "consent_with_another_assurance": (ENROLMENT, told(consent={"assurance": 2})),
    "consent_said_not_to_be_simulated": (
        ENROLMENT,
        told(enrol={"simulated": True, "assurance": 0}, consent={"assurance": 0}),
    ),
    "consent_with_another_notice": (ENROLMENT, told(consent={"notice_sha256": "0" * 64})),
    "consent_expired": (
        TERMS,
        told(consent={"expires_at": START + timedelta(seconds=4), "issued_at": START}),
    ),
    "grant_expired": (
        TERMS,
        told(grant={"expires_at": START + timedelta(seconds=4), "issued_at": START}),
    ),
    "grant_to_somebody_else": (TERMS, told(maker="mallory")),
    "grant_where_only_the_person_may": (TERMS, told(consent={"audience": Audience.ONLY_ME})),
    "grant_where_everybody_may": (TERMS, told(consent={"audience": Audience.EVERYONE})),
    "voice_not_agreed_to": (TERMS, told(consent={"modalities": frozenset({"face"})})),
    "voice_not_granted": (TERMS, told(grant={"modalities": frozenset({"face"})})),
    "purpose_not_agreed_to": (TERMS, told(release={"purpose": "commercial"})),
    "purpose_not_granted": (
        TERMS,
        told(
            consent={"purposes": frozenset({Purpose.SOCIAL, Purpose.PERSONAL})},
            release={"purpose": "social"},
        ),
    ),
    "content_ruled_out": (
        TERMS,
        told(
            consent={"restrictions": frozenset({RestrictionClass.POLITICS})},
            release={"classes": ["politics"]},
        ),
    ),
    "too_many_together": (TERMS, wrong.too_many_together),
    "kept_apart": (TERMS, wrong.kept_apart),
    "approval_missing": (TERMS, lambda: published(approved=False).bundle()),
    "approval_of_another_film": (
        PUBLICATION,
        lambda: published(approve={"media_sha256": "0" * 64}).bundle(),
    ),
    "approval_by_another_key": (KEY, wrong.approved_by_another),
    "approval_logged_with_another_digest": (
        PUBLICATION,
        lambda: published(
            publish={"approvals": {"prs_alice": {"sha256": "0" * 64, "evidence_sha256": "0" * 64}}}
        ).bundle(),
    ),
    "publication_of_another_film": (
        PUBLICATION,
        lambda: published(publish={"media_sha256": "0" * 64}).bundle(),
    ),
    "publication_of_another_clip": (
        PUBLICATION,
        lambda: published(publish={"clip": "clip_02"}).bundle(),
    ),
}

_SWAPPED: dict[str, tuple[str, Make]] = {
    "head_with_an_extension": (HEAD, papers.extended_head),
    "head_with_the_witness_first": (HEAD, papers.witness_first),
    "witness_with_another_key_hash": (HEAD, papers.bent_witness_key),
    "entry_of_one_person_that_cites_two": (EPOCHS, papers.about_two_people),
    "release_cites_somebody_more": (EPOCHS, papers.also_cited),
    "grant_among_consents": (DOCUMENT, lambda: papers.swapped("consent")),
    "consent_among_grants": (DOCUMENT, lambda: papers.swapped("grant")),
    "grant_under_an_older_consent": (DOCUMENT, papers.grant_under_an_older_consent),
    "grant_under_anothers_consent": (DOCUMENT, papers.grant_under_anothers_consent),
    "enrolment_with_anothers_key": (ENROLMENT, papers.enrolled_with_anothers_key),
    "enrolment_of_somebody_else": (ENROLMENT, papers.enrolment_of_somebody_else),
    "key_agreed_to_by_another_paper": (DOCUMENT, papers.agreed_by_another_paper),
    "key_agreed_to_for_somebody_else": (KEY, papers.agreed_for_somebody_else),
    "key_agreed_to_later": (EPOCHS, papers.agreed_later),
    "release_dated_back": (ORDER, papers.dated_back),
    "enrolment_that_began_after_its_entry": (
        ORDER,
        told(enrol={"released_at": (START + DAY).isoformat()}),
    ),
    "consent_logged_twice": (SUPERFLUOUS, papers.consent_logged_twice),
    "key_logged_twice": (SUPERFLUOUS, papers.key_logged_twice),
    "key_of_unknown_origin": (KEY, papers.key_of_unknown_origin),
    "recovered_key_a_moment_before_it_counted": (KEY, papers.recovered_too_early),
    "evidence_with_another_public_key": (SIGNATURE, papers.other_key_in_evidence),
    "evidence_with_another_credential": (SIGNATURE, papers.other_credential_in_evidence),
    "evidence_in_another_spelling": (SIGNATURE, told(consent={"raw": papers.respelled})),
    "passkey_with_two_origins": (SIGNATURE, papers.origin_twice),
    "publication_before_the_release": (ORDER, lambda: papers.shared(first=True)),
    "publication_of_nobody": (PUBLICATION, lambda: papers.shared(people=False)),
    "approval_of_a_clip_not_shared": (
        SUPERFLUOUS,
        lambda: papers.shared(approval=papers.ordinary_approval, unshared=True),
    ),
    "approval_of_a_later_epoch": (
        EPOCHS,
        lambda: papers.shared(approval=papers.later_approval),
    ),
    "approval_by_somebody_not_in_it": (SUPERFLUOUS, papers.approval_by_a_stranger),
    "consent_among_approvals": (
        DOCUMENT,
        lambda: papers.shared(approval=papers.consent_for_an_approval),
    ),
    "approvals_that_are_no_object": (MALFORMED, lambda: papers.shared(approvals=[])),
    "person_twice": (MALFORMED, papers.released(people=papers.twice)),
    "person_at_no_epoch": (MALFORMED, papers.released(people=papers.with_epoch(None))),
    "people_that_are_no_list": (MALFORMED, papers.released(people={})),
    "modalities_that_are_no_list": (MALFORMED, papers.released(modalities="face")),
    "modality_that_is_unknown": (MALFORMED, papers.released(modalities=["smell"])),
    "purpose_that_is_unknown": (MALFORMED, papers.released(purpose="fun")),
    "record_with_a_member_more": (MALFORMED, papers.released(note="x")),
    "enrolment_without_an_assurance": (MALFORMED, told(enrol={"assurance": "1"})),
}

REFUSED = {**_SPELLED, **_LOGGED, **_SIGNED, **_AGREED, **_SWAPPED}
