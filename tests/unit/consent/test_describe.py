from __future__ import annotations

from datetime import UTC, datetime

import pytest

from consent.documents import describe
from consent.vocabulary import RESTRICTIONS, Audience, Purpose, RestrictionClass

CONSENT_CHANGES = [
    {"document_id": "cns_other"},
    {"subject": "prs_other"},
    {"subject_handle": "other"},
    {"audience": Audience.EVERYONE},
    {"modalities": frozenset({"face"})},
    {"purposes": frozenset({Purpose.COMMERCIAL})},
    {"restrictions": frozenset()},
    {"restrictions": frozenset({RestrictionClass.HORROR})},
    {"never_say": ()},
    {"never_say": ("買って", "buy now")},
    {"max_people": 3},
    {"expires_at": None},
    {"expires_at": datetime(2027, 1, 1, 0, 0, 0, 1, tzinfo=UTC)},
    {"issued_at": datetime(2026, 1, 2, 3, 4, 6, tzinfo=UTC)},
    {"nonce": "00" * 32},
    {"notice_sha256": "00" * 32},
    {"assurance": 2},
    {"simulated": True, "assurance": 0},
    {"enrolment_id": "enr_other"},
    {"subject_epoch": 9},
    {"previous_sha256": "00" * 32},
]
GRANT_CHANGES = [
    {"document_id": "gnt_other"},
    {"subject": "prs_other"},
    {"consent_id": "cns_other"},
    {"grantee": "prs_other"},
    {"grantee_handle": "other"},
    {"modalities": frozenset({"voice"})},
    {"purposes": frozenset({Purpose.COMMERCIAL})},
    {"expires_at": datetime(2027, 1, 1, tzinfo=UTC)},
    {"max_uses": None},
    {"issued_at": datetime(2026, 1, 2, 3, 4, 6, tzinfo=UTC)},
    {"nonce": "00" * 32},
    {"subject_epoch": 9},
    {"previous_sha256": None},
]
REVOCATION_CHANGES = [
    {"document_id": "rvk_other"},
    {"subject": "prs_other"},
    {"target_id": "cns_other"},
    {"issued_at": datetime(2026, 1, 2, 3, 4, 6, tzinfo=UTC)},
    {"nonce": "00" * 32},
    {"subject_epoch": 9},
    {"previous_sha256": "00" * 32},
]


@pytest.mark.parametrize("lang", ["en", "ja"])
@pytest.mark.parametrize(
    ("kind", "changes"),
    [("consent_document", c) for c in CONSENT_CHANGES]
    + [("grant_document", c) for c in GRANT_CHANGES]
    + [("revocation_document", c) for c in REVOCATION_CHANGES],
    ids=str,
)
def test_whatever_changes_in_a_document_changes_what_is_read(make, lang, kind, changes):
    factory = getattr(make, kind)
    assert describe(factory(**changes), lang) != describe(factory(), lang)


def test_the_cases_above_cover_every_field(make):
    for factory, cases in (
        (make.consent_document, CONSENT_CHANGES),
        (make.grant_document, GRANT_CHANGES),
        (make.revocation_document, REVOCATION_CHANGES),
    ):
        covered = {name for case in cases for name in case}
        assert set(factory().__slots__) - covered == {"kind", "version"}


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
