from __future__ import annotations

import dataclasses
import hashlib
from datetime import UTC, datetime

import pytest

from consent.documents import describe, rendering, rendering_sha256, with_rendering
from consent.vocabulary import (
    RESTRICTIONS,
    Approval,
    Audience,
    EvidenceType,
    Purpose,
    RestrictionClass,
)

COMMON_CHANGES = [
    {"subject": "prs_other"},
    {"language": "ja"},
    {"issued_at": datetime(2026, 1, 2, 3, 4, 6, tzinfo=UTC)},
    {"nonce": "00" * 32},
    {"subject_epoch": 9},
    {"previous_sha256": "00" * 32},
]

CONSENT_CHANGES = [
    *COMMON_CHANGES,
    {"document_id": "cns_other"},
    {"controller": "Other"},
    {"subject_handle": "other"},
    {"audience": Audience.EVERYONE},
    {"modalities": frozenset({"face"})},
    {"purposes": frozenset({Purpose.COMMERCIAL})},
    {"restrictions": frozenset()},
    {"restrictions": frozenset({RestrictionClass.HORROR})},
    {"never_say": ()},
    {"never_say": ("買って", "buy now")},
    {"wishes": ()},
    {"wishes": ("always wear a hat", "no alcohol")},
    {"wishes": ("no alcohol", "always wear a hat", "no tobacco")},
    {"wishes": ("no alcohol", "always wear a scarf")},
    {"apart_from": (), "apart_from_handles": ()},
    {"apart_from": ("prs_other",)},
    {"apart_from_handles": ("other",)},
    {"max_people": 3},
    {"max_uses": 99},
    {"max_uses": None},
    {"approval": Approval.ALWAYS},
    {"retention_days": 91},
    {"expires_at": None},
    {"expires_at": datetime(2027, 1, 1, 0, 0, 0, 1, tzinfo=UTC)},
    {"notice_sha256": "00" * 32},
    {"assurance": 2},
    {"simulated": True, "assurance": 0},
    {"enrolment_id": "enr_other"},
]
GRANT_CHANGES = [
    *COMMON_CHANGES,
    {"document_id": "gnt_other"},
    {"controller": "Other"},
    {"consent_id": "cns_other"},
    {"grantee": "prs_other"},
    {"grantee_handle": "other"},
    {"modalities": frozenset({"voice"})},
    {"purposes": frozenset({Purpose.COMMERCIAL})},
    {"expires_at": datetime(2027, 1, 1, tzinfo=UTC)},
    {"max_uses": None},
    {"previous_sha256": None},
]
REVOCATION_CHANGES = [
    *COMMON_CHANGES,
    {"document_id": "rvk_other"},
    {"target_id": "cns_other"},
]
KEY_CHANGES = [
    *COMMON_CHANGES,
    {"document_id": "kad_other"},
    {"key_id": "key_" + "00" * 16},
    {"key_type": EvidenceType.ED25519},
    {"registration_sha256": "00" * 32},
]
RESUMPTION_CHANGES = [*COMMON_CHANGES, {"document_id": "rsm_other"}]
APPROVAL_CHANGES = [
    *COMMON_CHANGES,
    {"document_id": "apr_other"},
    {"clip_id": "clip_other"},
    {"media_sha256": "00" * 32},
    {"consent_id": "cns_other"},
]
CHANGES = {
    "consent_document": CONSENT_CHANGES,
    "grant_document": GRANT_CHANGES,
    "revocation_document": REVOCATION_CHANGES,
    "key_document": KEY_CHANGES,
    "resumption_document": RESUMPTION_CHANGES,
    "approval_document": APPROVAL_CHANGES,
}


@pytest.mark.parametrize("lang", ["en", "ja"])
@pytest.mark.parametrize(
    ("kind", "changes"),
    [(kind, changes) for kind, cases in CHANGES.items() for changes in cases],
    ids=str,
)
def test_whatever_changes_in_a_document_changes_what_is_read(make, lang, kind, changes):
    factory = getattr(make, kind)
    assert describe(factory(**changes), lang) != describe(factory(), lang)
    assert rendering_sha256(factory(**changes)) != rendering_sha256(factory())


@pytest.mark.parametrize(("kind", "cases"), CHANGES.items(), ids=CHANGES)
def test_the_cases_above_cover_every_field(make, kind, cases):
    covered = {name for case in cases for name in case}
    fields = {field.name for field in dataclasses.fields(getattr(make, kind)())}
    # Kind and version are shown too, but have one value each.
    assert fields - covered == {"kind", "version", "rendering_sha256"}


@pytest.mark.parametrize("kind", CHANGES)
def test_the_digest_is_of_both_texts_and_does_not_change_them(make, kind):
    plain = getattr(make, kind)()
    shown = with_rendering(plain)
    en, ja = rendering(shown)
    assert (en, ja) == rendering(plain) == (describe(plain, "en"), describe(plain, "ja"))
    assert shown.rendering_sha256 == hashlib.sha256(f"{en}\n{ja}".encode()).hexdigest()
    assert dataclasses.replace(shown, rendering_sha256=plain.rendering_sha256) == plain


@pytest.mark.parametrize("lang", ["en", "ja"])
@pytest.mark.parametrize("kind", CHANGES)
def test_kind_version_and_every_value_are_shown(make, kind, lang):
    document = getattr(make, kind)()
    text = describe(document, lang)
    assert f"{document.document_id}, {document.kind} v{document.version}" in text
    assert document.subject in text
    assert document.nonce in text


def test_what_becomes_of_each_wish_is_shown_before_signing(make):
    wishes = ("no alcohol", 'never say "cheese"', "not with @mallory", "be kind", "always wear red")
    en, ja = rendering(make.consent_document(wishes=wishes))
    checked = en.index("Checked by machine:\n")
    judged = en.index(
        "Needs a judge: you will be asked to approve each clip by others before it is published:\n"
    )
    by_machine, by_judge = en[checked:judged], en[judged : en.index("People together")]
    assert "  - no alcohol -> forbidden content: alcohol and drunkenness\n" in by_machine
    assert '  - never say "cheese" -> never said: "cheese"\n' in by_machine
    assert "  - not with @mallory -> not together with @mallory\n" in by_machine
    assert by_judge.splitlines()[1:] == ["  - be kind", "  - always wear red"]
    assert "機械が確認するもの:\n  - no alcohol -> 禁止する内容:飲酒・酔った姿\n" in ja
    assert "あなたの承認を求めます:\n  - be kind\n  - always wear red\n" in ja


def test_without_a_judge_that_is_said_too(make):
    assert "before it is published: none\n" in describe(
        make.consent_document(wishes=("no alcohol",)), "en"
    )
    assert "Checked by machine: none\n" in describe(
        make.consent_document(wishes=("be kind",)), "en"
    )


def test_a_wish_cannot_read_like_another_line(make):
    wish = "no alcohol -> forbidden content: nothing"
    text = describe(make.consent_document(wishes=(wish,)), "en")
    assert "Checked by machine: none\n" in text
    assert text.count(f"\n  - {wish}\n") == 2


def test_english_says_assurance_and_simulation_plainly(make):
    text = describe(make.consent_document(simulated=True, assurance=0), "en")
    assert "SIMULATED: this enrolment is simulated. No live person was checked" in text
    assert "0 of 3: nothing about the person was checked" in text
    assert "withdraw this at any time" in text
    assert "cannot be called back" in text


def test_japanese_says_assurance_and_simulation_plainly(make):
    text = describe(make.consent_document(simulated=True, assurance=0), "ja")
    assert "シミュレーション:この登録は模擬です" in text
    assert "本人であることは何も確認されていません" in text
    assert "撤回できます" in text


def test_an_enrolment_that_is_not_simulated_says_so(make):
    text = describe(make.consent_document(), "en")
    assert "This enrolment is not simulated." in text
    assert "an injected synthetic video would not have been noticed" in text


def test_the_grantee_and_the_number_of_clips_are_named(make):
    text = describe(make.grant_document(), "en")
    assert "You allow: @bob (prs_bob)" in text
    assert "How many clips: 3" in text
    assert "How many clips: any number" in describe(make.grant_document(max_uses=None), "en")


def test_a_term_cannot_read_like_another_line(make):
    text = describe(make.consent_document(never_say=("Ends: 2099-01-01 00:00:00 UTC",)), "en")
    assert "\n  - Ends: 2099" in text
    assert text.count("\nEnds: ") == 1


def test_every_restriction_is_spelled_out(make):
    document = make.consent_document(restrictions=frozenset(RestrictionClass))
    for text in RESTRICTIONS.values():
        assert text.en in describe(document, "en")
        assert text.ja in describe(document, "ja")
