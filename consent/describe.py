"""A document in the words that the person reads before signing it.

Every field shows in the text, but for the digest of the text itself: two documents that differ read
differently. The digest stands in the document, so the person signs what they read.
"""

from __future__ import annotations

import dataclasses
import hashlib
from collections.abc import Callable, Iterable, Mapping
from datetime import UTC, datetime
from types import MappingProxyType
from typing import Any, Final, TypeVar

from consent import wording
from consent.acts import ApprovalDocument, KeyDocument, ResumptionDocument, RevocationDocument
from consent.forms import ConsentDocument, Document, GrantDocument
from consent.ids import Sha256Hex
from consent.rules import Rules, compile_rules
from consent.vocabulary import (
    APPROVALS,
    ASSURANCES,
    AUDIENCES,
    KEY_TYPES,
    LANGUAGES,
    MODALITIES,
    PURPOSES,
    RESTRICTIONS,
    Lang,
    Modality,
    Purpose,
    RestrictionClass,
)
from consent.wishes import Reading

_Document = TypeVar("_Document", bound=Document)


def describe(document: Document, lang: Lang) -> str:
    """`document` as plain text.

    Args:
        document: What is to be signed.
        lang: ``en`` for English, ``ja`` for Japanese.

    Returns:
        Lines that each end with a newline; no markup.
    """
    body = _BODIES[document.kind](document, lang)
    lines = [wording.TITLES[document.kind].get(lang), "", *body, "", *_record(document, lang)]
    return "\n".join(lines) + "\n"


def rendering(document: Document) -> tuple[str, str]:
    """What is shown of `document`: the English and the Japanese text."""
    return describe(document, "en"), describe(document, "ja")


def rendering_sha256(document: Document) -> Sha256Hex:
    """The SHA-256 of the English text, a newline and the Japanese text, UTF-8, as hex."""
    return Sha256Hex(hashlib.sha256("\n".join(rendering(document)).encode()).hexdigest())


def with_rendering(document: _Document) -> _Document:
    """`document` with the digest of what it reads like in this version: complete for signing."""
    return dataclasses.replace(document, rendering_sha256=rendering_sha256(document))


def _consent(document: ConsentDocument, lang: Lang) -> list[str]:
    rules = compile_rules(document)
    row = _Rows(lang)
    row.add("Who runs the service", "サービスの運営者", document.controller)
    row.add("You", "あなた", f"@{document.subject_handle} ({document.subject})")
    row.add("What may be used", "使ってよいもの", _modalities(document.modalities, lang))
    row.add("Who may ask for clips", "動画を依頼できる人", AUDIENCES[document.audience].get(lang))
    row.add("What for", "目的", _purposes(document.purposes, lang))
    row.add("Forbidden content", "禁止する内容", _classes(document.restrictions, lang))
    row.add_each("Words that must not be said", "言わせてはならない言葉", document.never_say)
    apart = zip(document.apart_from_handles, document.apart_from, strict=True)
    row.add_each(
        "Not together with", "一緒に出ない人", [f"@{handle} ({person})" for handle, person in apart]
    )
    _wishes(row, document, rules)
    row.add(
        "People together in one clip",
        "一つの動画に一緒に出る人数",
        f"at most {document.max_people}, you included"
        if lang == "en"
        else f"あなたを含めて最大{document.max_people}人",
    )
    row.add("How many clips by others", "他の人の動画の本数", _number(document.max_uses, lang))
    row.add(
        "Before a clip by others is published",
        "他の人の動画を公開する前に",
        APPROVALS[document.approval].get(lang),
    )
    row.add("Ends", "期限", _end(document.expires_at, lang))
    row.add(
        "How long your likeness is kept",
        "肖像と声のデータの保存期間",
        f"destroyed at the latest {document.retention_days} days after this consent ended"
        if lang == "en"
        else f"この同意の終了後、遅くとも{document.retention_days}日で破棄します",
    )
    row.add("How far you were checked", "本人確認の程度", ASSURANCES[document.assurance].get(lang))
    simulated = wording.SIMULATED if document.simulated else wording.NOT_SIMULATED
    return [*row.lines, "", simulated.get(lang), "", wording.WITHDRAW.get(lang)]


def _wishes(row: _Rows, document: ConsentDocument, rules: Rules) -> None:
    row.add_each("Your wishes in your own words", "あなたの言葉による希望", document.wishes)
    if not document.wishes:
        return
    checked = [f"{reading.wish} -> {_became(reading, row.lang)}" for reading in rules.compiled]
    row.add_each(wording.CHECKED.en, wording.CHECKED.ja, checked)
    row.add_each(wording.NEEDS_JUDGE.en, wording.NEEDS_JUDGE.ja, rules.judge)


def _became(reading: Reading, lang: Lang) -> str:
    parts = []
    if reading.classes:
        classes = _classes(reading.classes, lang)
        parts.append(f"forbidden content: {classes}" if lang == "en" else f"禁止する内容:{classes}")
    for term in reading.never_say:
        parts.append(f'never said: "{term}"' if lang == "en" else f"言わせない:「{term}」")
    for handle in reading.apart_from_handles:
        en, ja = f"not together with @{handle}", f"@{handle}とは一緒に出ない"
        parts.append(en if lang == "en" else ja)
    return _listed(parts, lang)


def _grant(document: GrantDocument, lang: Lang) -> list[str]:
    row = _Rows(lang)
    row.add("Who runs the service", "サービスの運営者", document.controller)
    row.add("You", "あなた", document.subject)
    row.add("You allow", "許可する相手", f"@{document.grantee_handle} ({document.grantee})")
    row.add("What may be used", "使ってよいもの", _modalities(document.modalities, lang))
    row.add("What for", "目的", _purposes(document.purposes, lang))
    row.add("How many clips", "動画の本数", _number(document.max_uses, lang))
    row.add("Ends", "期限", _end(document.expires_at, lang))
    row.add(
        "Within your consent",
        "元になる同意書",
        f"{document.consent_id} (all its limits stay)"
        if lang == "en"
        else f"{document.consent_id}(その制限はすべてそのまま適用されます)",
    )
    return [*row.lines, "", wording.WITHDRAW.get(lang)]


def _revocation(document: RevocationDocument, lang: Lang) -> list[str]:
    row = _Rows(lang)
    row.add("You", "あなた", document.subject)
    row.add("You withdraw", "撤回するもの", document.target_id)
    return [*row.lines, "", wording.WITHDRAWN.get(lang)]


def _key(document: KeyDocument, lang: Lang) -> list[str]:
    row = _Rows(lang)
    row.add("You", "あなた", document.subject)
    row.add("The new key", "新しい鍵", document.key_id)
    row.add("Its kind", "鍵の種類", KEY_TYPES[document.key_type].get(lang))
    row.add("Its registration, SHA-256", "鍵の登録記録(SHA-256)", document.registration_sha256)
    return [*row.lines, "", wording.NEW_KEY.get(lang)]


def _resumption(document: ResumptionDocument, lang: Lang) -> list[str]:
    row = _Rows(lang)
    row.add("You", "あなた", document.subject)
    return [*row.lines, "", wording.RESUMED.get(lang)]


def _approval(document: ApprovalDocument, lang: Lang) -> list[str]:
    row = _Rows(lang)
    row.add("You", "あなた", document.subject)
    row.add("The clip", "動画", document.clip_id)
    row.add("Its file, SHA-256", "動画ファイル(SHA-256)", document.media_sha256)
    row.add("Under your consent", "元になる同意書", document.consent_id)
    return [*row.lines, "", wording.APPROVED.get(lang)]


_BODIES: Final[Mapping[str, Callable[[Any, Lang], list[str]]]] = MappingProxyType(
    {
        "consent": _consent,
        "grant": _grant,
        "revocation": _revocation,
        "key": _key,
        "resumption": _resumption,
        "approval": _approval,
    }
)


def _record(document: Document, lang: Lang) -> list[str]:
    row = _Rows(lang)
    row.add("Document", "文書", f"{document.document_id}, {document.kind} v{document.version}")
    row.add("Shown in", "表示した言語", LANGUAGES[document.language].get(lang))
    row.add("Issued", "発行", _moment(document.issued_at))
    row.add("Number of your changes so far", "これまでの変更回数", str(document.subject_epoch))
    previous = document.previous_sha256 or wording.NONE.get(lang)
    row.add("Follows the document with SHA-256", "直前の文書(SHA-256)", previous)
    if isinstance(document, ConsentDocument):
        row.add("Enrolment", "登録", document.enrolment_id)
        row.add("Notice shown, SHA-256", "表示した説明文(SHA-256)", document.notice_sha256)
    row.add("One-time number", "一回限りの番号", document.nonce)
    return row.lines


class _Rows:
    def __init__(self, lang: Lang) -> None:
        self.lang = lang
        self.lines: list[str] = []

    def add(self, en: str, ja: str, value: str) -> None:
        self.lines.append(f"{en}: {value}" if self.lang == "en" else f"{ja}:{value}")

    def add_each(self, en: str, ja: str, values: Iterable[str]) -> None:
        listed = [f"  - {value}" for value in values]
        if not listed:
            self.add(en, ja, wording.NONE.get(self.lang))
            return
        # One line each, and no value holds a line break: none can read like another line.
        self.lines += [f"{en}:" if self.lang == "en" else f"{ja}:", *listed]


def _modalities(modalities: frozenset[Modality], lang: Lang) -> str:
    return _listed((MODALITIES[m].get(lang) for m in sorted(modalities)), lang)


def _purposes(purposes: frozenset[Purpose], lang: Lang) -> str:
    return _listed((PURPOSES[p].get(lang) for p in sorted(purposes)), lang)


def _classes(classes: frozenset[RestrictionClass], lang: Lang) -> str:
    return _listed((RESTRICTIONS[c].get(lang) for c in sorted(classes)), lang)


def _listed(texts: Iterable[str], lang: Lang) -> str:
    return ("; " if lang == "en" else "、").join(texts) or wording.NONE.get(lang)


def _number(most: int | None, lang: Lang) -> str:
    return wording.ANY_NUMBER.get(lang) if most is None else str(most)


def _end(expires_at: datetime | None, lang: Lang) -> str:
    return wording.NO_END.get(lang) if expires_at is None else _moment(expires_at)


def _moment(value: datetime) -> str:
    return value.astimezone(UTC).replace(tzinfo=None).isoformat(sep=" ") + " UTC"
