from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

import consent
from consent import reasons
from consent.errors import ConsentError
from consent.folding import fold
from consent.ids import is_id
from consent.vocabulary import (
    APPROVALS,
    ASSURANCES,
    AUDIENCES,
    KEY_TYPES,
    LANGUAGES,
    MAX_ASSURANCE,
    MODALITIES,
    PURPOSES,
    RESTRICTIONS,
    Approval,
    Audience,
    EvidenceType,
    Purpose,
    RestrictionClass,
)

CONTRACT = (
    "allowed none revoked expired not_granted grant_revoked grant_expired grant_used_up modality "
    "purpose restricted_content never_say blocked frozen minor assurance_too_low too_many_people "
    "unknown_person audience paused not_together used_up licence needs_approval "
    "unavailable"
)


def _errors(root: type[ConsentError]) -> Iterator[type[ConsentError]]:
    yield root
    for child in root.__subclasses__():
        yield from _errors(child)


def test_every_error_has_a_message_and_a_code_of_its_own():
    found = list(_errors(ConsentError))
    assert len({error.code for error in found}) == len(found)
    for error in found:
        assert error.code.startswith("consent.")
        assert str(error()) == (error.__doc__ or "")
        assert str(error("x")).endswith(" (x)")


def test_every_reason_is_explained_and_every_constant_is_a_reason():
    assert {f"consent.{name}" for name in CONTRACT.split()} <= reasons.REASONS.keys()
    constants = {v for k, v in vars(reasons).items() if k.isupper() and isinstance(v, str)}
    assert constants == reasons.REASONS.keys()
    assert all(text and "\n" not in text for text in reasons.REASONS.values())


def test_reasons_are_told_in_the_order_of_the_table():
    assert reasons.in_order([reasons.NEVER_SAY, reasons.MINOR, reasons.NEVER_SAY]) == (
        reasons.MINOR,
        reasons.NEVER_SAY,
    )


def test_others_are_not_told_private_lists_or_states():
    for private in (reasons.NOT_TOGETHER, reasons.BLOCKED, reasons.PAUSED, reasons.FROZEN):
        assert reasons.public([private]) == (reasons.UNAVAILABLE,)
    assert reasons.public([]) == ()
    folds = set(reasons.PUBLIC.values())
    assert not set(reasons.public(reasons.REASONS)) & reasons.PUBLIC.keys()
    assert folds <= reasons.REASONS.keys()


@pytest.mark.parametrize("closed", [reasons.AUDIENCE, reasons.NOT_GRANTED, reasons.PAUSED])
def test_whoever_is_not_permitted_does_not_learn_the_terms(closed: str):
    terms = [reasons.NEVER_SAY, reasons.RESTRICTED_CONTENT, reasons.PURPOSE, reasons.MODALITY]
    assert reasons.public([closed, *terms]) == reasons.public([closed])
    assert set(reasons.public(terms)) == set(terms)


def test_every_word_has_a_text_in_both_languages():
    assert RESTRICTIONS.keys() == set(RestrictionClass)
    assert PURPOSES.keys() == set(Purpose)
    assert AUDIENCES.keys() == set(Audience)
    assert ASSURANCES.keys() == set(range(MAX_ASSURANCE + 1))
    assert APPROVALS.keys() == set(Approval)
    assert KEY_TYPES.keys() == set(EvidenceType)
    tables = (RESTRICTIONS, PURPOSES, AUDIENCES, ASSURANCES, MODALITIES, APPROVALS, KEY_TYPES)
    for table in (*tables, LANGUAGES):
        english = [text.get("en") for text in table.values()]
        japanese = [text.get("ja") for text in table.values()]
        assert len(set(english)) == len(set(japanese)) == len(table)
        assert not any(text.isascii() for text in japanese)


def test_folding():
    assert fold("  Buy\n\tNOW ") == "buy now"
    assert fold("ＢＵＹ\u3000now") == "buy now"
    assert fold("b\u200bu\u00ady\ufe0f \u034fno\x07w") == "buy now"
    assert fold("Stra\u00dfe") == "strasse"
    assert fold("ｶﾞｯｺｳ") == "ガッコウ"
    assert fold("\u200b\ufeff") == ""
    assert fold("\ud800") == "\ud800"


def test_ids():
    assert is_id("prs_a", "prs")
    for text in ("prs_", "prs", "cns_a", "prs__", "prs_a b", "prs_a\n", "prs_" + "a" * 65, "PRS_a"):
        assert not is_id(text, "prs")


def test_the_core_reads_no_clock_and_no_environment():
    package = Path(consent.__file__).parent
    for path in package.glob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Attribute):
                assert node.attr not in {"now", "utcnow", "today", "environ", "getenv"} or (
                    isinstance(node.value, ast.Name | ast.Attribute)
                    and ast.unparse(node.value).endswith("state")
                ), f"{path.name}: {ast.unparse(node)}"
