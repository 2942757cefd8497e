"""A report as one screen of text for people, in English or Japanese."""

from __future__ import annotations

from typing import Final

from provenance.verifier.ports import ConsentAtRelease
from provenance.verifier.reasons import explain
from provenance.verifier.render_marks import Lang, mark_lines
from provenance.verifier.report import VerifyReport
from provenance.verifier.verdicts import Verdict

MAX_LINES: Final = 24
_MAX_PEOPLE: Final = 4

_HEADLINES: Final = {
    "en": {
        Verdict.AUTHENTIC: "AUTHENTIC - our file, unchanged; its consents stand.",
        Verdict.RECOVERED: "RECOVERED - a processed copy of a clip of ours; its consents stand.",
        Verdict.NOT_OURS: "NOT OURS - nothing of ours was found.",
        Verdict.TAMPERED: "TAMPERED - it bears our credentials, and something was changed.",
        Verdict.MARK_MISMATCH: "MARK MISMATCH - a mark of ours on content that it does not fit.",
        Verdict.WITHDRAWN: "WITHDRAWN - a consent has been withdrawn or has ended.",
        Verdict.UNREADABLE: "NO VERDICT - the file could not be judged.",
    },
    "ja": {
        Verdict.AUTHENTIC: "真正 - 当方のファイルで、変更はなく、同意は有効です。",
        Verdict.RECOVERED: "復元 - 当方のクリップを加工した複製で、同意は有効です。",
        Verdict.NOT_OURS: "当方のものではありません - 当方の印は見つかりませんでした。",
        Verdict.TAMPERED: "改変あり - 当方の来歴情報がありますが、変更されています。",
        Verdict.MARK_MISMATCH: "透かし不一致 - 当方の透かしが、合わない内容に付いています。",
        Verdict.WITHDRAWN: "撤回済み - 同意が撤回されたか、終了しています。",
        Verdict.UNREADABLE: "判定不能 - このファイルは判定できませんでした。",
    },
}

_WORDS: Final = {
    "en": {
        "clip": "Clip",
        "payload": "payload",
        "integrity": "Integrity",
        "as_of": "As of",
        "person": "Consent",
        "then": "then",
        "now": "now",
        "assurance": "assurance level",
        "simulated": "simulated enrolment",
        "more": "... and {n} more",
        "credentials": "Credentials",
        "not_run": "Not checked",
        "limits": "Survives ordinary processing, not deliberate removal. Not legal advice.",
    },
    "ja": {
        "clip": "クリップ",
        "payload": "番号",
        "integrity": "完全性",
        "as_of": "確認時点",
        "person": "同意",
        "then": "公開時",
        "now": "現在",
        "assurance": "保証水準",
        "simulated": "模擬の登録",
        "more": "... ほか {n} 件",
        "credentials": "来歴情報",
        "not_run": "未実施の検査",
        "limits": "通常の加工には耐えますが、意図的な除去には耐えません。法的助言ではありません。",
    },
}

# "Its consents stand" would be a claim about people where none are cited.
_NOBODY: Final[dict[Lang, dict[Verdict, str]]] = {
    "en": {
        Verdict.AUTHENTIC: "AUTHENTIC - our file, unchanged; it cites nobody's consent.",
        Verdict.RECOVERED: "RECOVERED - a processed copy of ours; it cites nobody's consent.",
    },
    "ja": {
        Verdict.AUTHENTIC: "真正 - 当方のファイルで、変更なし。同意の引用はありません。",
        Verdict.RECOVERED: "復元 - 当方の動画の加工された複製。同意の引用はありません。",
    },
}

_STATES_JA: Final = {
    "active": "有効",
    "cited": "引用",
    "paused": "一時停止中",
    "frozen": "凍結中",
    "withdrawn": "撤回",
    "ended": "終了",
    "expired": "期限切れ",
    "erased": "消去",
    "unknown": "不明",
    "authentic": "真正",
    "recovered": "復元",
    "tampered": "改変あり",
    "none": "証明なし",
    "trusted": "信頼できる",
    "valid": "整合(署名者不明)",
    "invalid": "不整合",
    "unreadable": "読取不能",
    "not_checked": "未確認",
}


def render(report: VerifyReport, lang: Lang = "en") -> str:
    """Render a report.

    Args:
        report: What `Verifier.verify` returned.
        lang: `en` or `ja`.

    Returns:
        At most 24 lines, the verdict first, what was not checked never left out.
    """
    words = _WORDS[lang]
    head = [_headline(report, lang), *_facts(report, lang), *mark_lines(report, lang)]
    people = [_person(consent, lang) for consent in report.consents[:_MAX_PEOPLE]]
    if len(report.consents) > _MAX_PEOPLE:
        people.append("  " + words["more"].format(n=len(report.consents) - _MAX_PEOPLE))
    tail = [*_not_run(report, lang), words["limits"]]
    room = MAX_LINES - len(head) - len(people) - len(tail)
    reasons = [f"- {explain(code, lang)}" for code in report.reasons][: max(room, 0)]
    return "\n".join(head + reasons + people + tail)


def _headline(report: VerifyReport, lang: Lang) -> str:
    if not report.consents and report.verdict in _NOBODY[lang]:
        return _NOBODY[lang][report.verdict]
    return _HEADLINES[lang][report.verdict]


def _facts(report: VerifyReport, lang: Lang) -> list[str]:
    words = _WORDS[lang]
    lines = []
    if report.clip_id is not None:
        payload = "-" if report.payload is None else f"{report.payload:016x}"
        lines.append(f"{words['clip']}: {report.clip_id} ({words['payload']} {payload})")
    when = report.checked_at.strftime("%Y-%m-%d %H:%M:%S %Z")
    lines.append(f"{words['integrity']}: {_state(report.integrity, lang)}")
    lines.append(f"{words['as_of']}: {when}")
    credentials = report.credentials
    if credentials is not None and credentials.present:
        who = f" ({credentials.generator})" if credentials.generator else ""
        lines.append(f"{words['credentials']}: {_state(credentials.state, lang)}{who}")
    return lines


def _person(consent: ConsentAtRelease, lang: Lang) -> str:
    words = _WORDS[lang]
    level = f"{words['assurance']} {consent.assurance}"
    if consent.simulated:
        level += f", {words['simulated']}"
    then, now = _state(consent.state_then, lang), _state(consent.state_now, lang)
    return (
        f"  {words['person']} {consent.id}: {words['then']} {then}, {words['now']} {now}; {level}"
    )


def _not_run(report: VerifyReport, lang: Lang) -> list[str]:
    if not report.not_run:
        return []
    steps = ", ".join(dict.fromkeys(step.check for step in report.not_run))
    return [f"{_WORDS[lang]['not_run']}: {steps}"]


def _state(state: str, lang: Lang) -> str:
    return _STATES_JA.get(state, state) if lang == "ja" else state
