"""A document in the words that the person reads before signing it.

Every field shows in the text: two documents that differ read differently.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Final

from consent.forms import ConsentDocument, Document, GrantDocument, RevocationDocument
from consent.vocabulary import (
    ASSURANCES,
    AUDIENCES,
    MODALITIES,
    PURPOSES,
    RESTRICTIONS,
    Lang,
    Modality,
    Purpose,
    Text,
)

_TITLE: Final = {
    "consent": Text(
        en="Consent to the use of your likeness in generated video",
        ja="生成動画にあなたの肖像や声を使うことへの同意書",
    ),
    "grant": Text(
        en="Grant: you let one other person use your likeness in generated video",
        ja="許可書:生成動画にあなたの肖像や声を使うことを、ある一人に許可します",
    ),
    "revocation": Text(
        en="Withdrawal: you take back what you agreed to", ja="撤回書:同意または許可を取り消します"
    ),
}
_SIMULATED: Final = Text(
    en="SIMULATED: this enrolment is simulated. No live person was checked, and every record and "
    "clip made with it says so.",
    ja="シミュレーション:この登録は模擬です。実在の本人の確認は行われておらず、"
    "記録と動画にもそう明記されます。",
)
_NOT_SIMULATED: Final = Text(
    en="This enrolment is not simulated.", ja="この登録は模擬ではありません。"
)
_WITHDRAW: Final = Text(
    en="You can withdraw this at any time, without a signature and without giving a reason. "
    "From then on nothing new is made or served. What others have already downloaded cannot be "
    "called back.",
    ja="いつでも、署名も理由もなしに撤回できます。撤回後は新たな作成も配信もされません。"
    "すでに他の人がダウンロードしたものは回収できません。",
)
_WITHDRAWN: Final = Text(
    en="Clips that rest on it are no longer served. What others have already downloaded cannot be "
    "called back. You did not need to sign this to withdraw; it lets you show later that you did.",
    ja="これに基づく動画は配信されなくなります。すでに他の人がダウンロードしたものは回収できません。"
    "撤回に署名は不要ですが、署名があれば撤回したことを後で示せます。",
)
_NONE: Final = Text(en="none", ja="なし")
_NO_END: Final = Text(
    en="it has no end date; it holds until you withdraw it",
    ja="期限はありません(あなたが撤回するまで有効です)",
)
_ANY_NUMBER: Final = Text(en="any number", ja="制限なし")


def describe(document: Document, lang: Lang) -> str:
    """`document` as plain text.

    Args:
        document: What is to be signed.
        lang: ``en`` for English, ``ja`` for Japanese.

    Returns:
        Lines that each end with a newline; no markup.
    """
    if isinstance(document, ConsentDocument):
        body = _consent(document, lang)
    elif isinstance(document, GrantDocument):
        body = _grant(document, lang)
    else:
        body = _revocation(document, lang)
    lines = [_TITLE[document.kind].get(lang), "", *body, "", *_record(document, lang)]
    return "\n".join(lines) + "\n"


def _consent(document: ConsentDocument, lang: Lang) -> list[str]:
    row = _Rows(lang)
    row.add("You", "あなた", f"@{document.subject_handle} ({document.subject})")
    row.add("What may be used", "使ってよいもの", _modalities(document.modalities, lang))
    row.add("Who may ask for clips", "動画を依頼できる人", AUDIENCES[document.audience].get(lang))
    row.add("What for", "目的", _purposes(document.purposes, lang))
    restrictions = (RESTRICTIONS[r].get(lang) for r in sorted(document.restrictions))
    row.add("Forbidden content", "禁止する内容", _listed(restrictions, lang))
    row.add_each("Words that must not be said", "言わせてはならない言葉", document.never_say)
    row.add(
        "People together in one clip",
        "一つの動画に一緒に出る人数",
        f"at most {document.max_people}, you included"
        if lang == "en"
        else f"あなたを含めて最大{document.max_people}人",
    )
    row.add("Ends", "期限", _end(document.expires_at, lang))
    row.add("How far you were checked", "本人確認の程度", ASSURANCES[document.assurance].get(lang))
    return [*row.lines, "", _simulated(document, lang), "", _WITHDRAW.get(lang)]


def _grant(document: GrantDocument, lang: Lang) -> list[str]:
    row = _Rows(lang)
    row.add("You", "あなた", document.subject)
    row.add("You allow", "許可する相手", f"@{document.grantee_handle} ({document.grantee})")
    row.add("What may be used", "使ってよいもの", _modalities(document.modalities, lang))
    row.add("What for", "目的", _purposes(document.purposes, lang))
    uses = _ANY_NUMBER.get(lang) if document.max_uses is None else str(document.max_uses)
    row.add("How many clips", "動画の本数", uses)
    row.add("Ends", "期限", _end(document.expires_at, lang))
    row.add(
        "Within your consent",
        "元になる同意書",
        f"{document.consent_id} (all its limits stay)"
        if lang == "en"
        else f"{document.consent_id}(その制限はすべてそのまま適用されます)",
    )
    return [*row.lines, "", _WITHDRAW.get(lang)]


def _revocation(document: RevocationDocument, lang: Lang) -> list[str]:
    row = _Rows(lang)
    row.add("You", "あなた", document.subject)
    row.add("You withdraw", "撤回するもの", document.target_id)
    return [*row.lines, "", _WITHDRAWN.get(lang)]


def _record(document: Document, lang: Lang) -> list[str]:
    row = _Rows(lang)
    row.add("Document", "文書", f"{document.document_id}, {document.kind} v{document.version}")
    row.add("Issued", "発行", _moment(document.issued_at))
    row.add("Number of your changes so far", "これまでの変更回数", str(document.subject_epoch))
    previous = document.previous_sha256 or _NONE.get(lang)
    row.add("Follows the document with SHA-256", "直前の文書(SHA-256)", previous)
    if isinstance(document, ConsentDocument):
        row.add("Enrolment", "登録", document.enrolment_id)
        row.add("Notice shown, SHA-256", "表示した説明文(SHA-256)", document.notice_sha256)
    row.add("One-time number", "一回限りの番号", document.nonce)
    return row.lines


class _Rows:
    def __init__(self, lang: Lang) -> None:
        self._lang = lang
        self.lines: list[str] = []

    def add(self, en: str, ja: str, value: str) -> None:
        self.lines.append(f"{en}: {value}" if self._lang == "en" else f"{ja}:{value}")

    def add_each(self, en: str, ja: str, values: tuple[str, ...]) -> None:
        if not values:
            self.add(en, ja, _NONE.get(self._lang))
            return
        self.lines.append(f"{en}:" if self._lang == "en" else f"{ja}:")
        # One line each, and terms hold no line breaks: no term can read like another line.
        self.lines.extend(f"  - {value}" for value in values)


def _modalities(modalities: frozenset[Modality], lang: Lang) -> str:
    return _listed((MODALITIES[m].get(lang) for m in sorted(modalities)), lang)


def _purposes(purposes: frozenset[Purpose], lang: Lang) -> str:
    return _listed((PURPOSES[p].get(lang) for p in sorted(purposes)), lang)


def _listed(texts: Iterable[str], lang: Lang) -> str:
    return ("; " if lang == "en" else "、").join(texts) or _NONE.get(lang)


def _simulated(document: ConsentDocument, lang: Lang) -> str:
    return (_SIMULATED if document.simulated else _NOT_SIMULATED).get(lang)


def _end(expires_at: datetime | None, lang: Lang) -> str:
    return _NO_END.get(lang) if expires_at is None else _moment(expires_at)


def _moment(value: datetime) -> str:
    return value.astimezone(UTC).replace(tzinfo=None).isoformat(sep=" ") + " UTC"
