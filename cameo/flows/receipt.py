"""The receipt of an erasure: a note that the service signed, which the person keeps.

It says what was destroyed and until when a backup may still hold what. It names no entry of the log
and no reference there, so the service may keep it as well.

note = sign_receipt(receipt, NoteSigner("cameo.example/log/receipts", seed))
receipt = open_receipt(note, vkey)
"""

from __future__ import annotations

import json
from dataclasses import dataclass, fields
from datetime import datetime
from typing import Any, Final

import rfc8785

from cameo.flows.errors import FlowError
from provenance.log.notes import NoteSigner, verify

HEADER: Final = "cameo-erasure-receipt/v1"
_NAME_ENDING: Final = "/receipts"
_TIMES: Final = (
    "requested_at",
    "done_at",
    "likeness_unreadable_at",
    "documents_unreadable_at",
)


class ReceiptError(FlowError):
    """This is no receipt of an erasure."""

    code = "cameo.receipt"


@dataclass(frozen=True, kw_only=True, slots=True)
class Receipt:
    """What was erased, and what is left."""

    erasure: str
    person: str
    reason: str
    """``asked`` by the person; ``contest``: somebody else's face was enrolled; ``restored``: it was
    erased before, and a backup of the database had brought it back."""
    requested_at: datetime
    done_at: datetime
    enrolments: tuple[str, ...]
    """Ids of the enrolments whose likeness is gone."""
    likeness_keys: int
    """How many keys of likenesses were destroyed."""
    clips: int
    """How many clips with the person have lost their key."""
    clips_held: tuple[str, ...]
    """Clips that are not served, but kept for now: the law obliges it for somebody else in them."""
    documents: tuple[tuple[str, str], ...]
    """Id and SHA-256 of every consent and grant; the documents themselves were overwritten."""
    likeness_unreadable_at: datetime
    """From here on no backup opens a likeness or a clip."""
    documents_unreadable_at: datetime
    """Until here a backup of the database may hold documents and what opened log entries."""

    def to_text(self) -> str:
        """What is signed: a header, and canonical JSON (RFC 8785); ends with a newline."""
        values: dict[str, Any] = {each.name: getattr(self, each.name) for each in fields(self)}
        for name in _TIMES:
            values[name] = values[name].isoformat()
        values["enrolments"], values["clips_held"] = list(self.enrolments), list(self.clips_held)
        values["documents"] = [list(each) for each in self.documents]
        return f"{HEADER}\n{rfc8785.dumps(values).decode()}\n"

    @classmethod
    def from_text(cls, text: str) -> Receipt:
        """The receipt of which `text` is the text.

        Raises:
            ReceiptError: it is none, or not spelled in the one way.
        """
        header, _, body = text.partition("\n")
        if header != HEADER:
            raise ReceiptError
        try:
            values = json.loads(body)
            for name in _TIMES:
                values[name] = datetime.fromisoformat(values[name])
            for name in ("enrolments", "clips_held"):
                values[name] = tuple(values[name])
            values["documents"] = tuple((one, digest) for one, digest in values["documents"])
            receipt = cls(**values)
            if receipt.to_text() == text:
                return receipt
        except (ValueError, TypeError, KeyError, AttributeError, RecursionError) as error:
            raise ReceiptError from error
        raise ReceiptError


def receipt_key_name(origin: str) -> str:
    """The name of the key that signs receipts: never the log's own."""
    return origin + _NAME_ENDING


def sign_receipt(receipt: Receipt, signer: NoteSigner) -> str:
    """The receipt as a signed note."""
    return signer.sign(receipt.to_text())


def open_receipt(note: str, vkey: str) -> Receipt:
    """The receipt in a note that the service's key for receipts signed.

    Raises:
        MalformedNote: it is no signed note.
        BadNoteSignature: the key did not sign it.
        ReceiptError: what was signed is no receipt.
    """
    return Receipt.from_text(verify(note, vkey))


def read_receipt(note: str) -> Receipt:
    """The receipt in a note, whoever signed it.

    Raises:
        ReceiptError: it is none.
    """
    text, blank, _signatures = note.rpartition("\n\n")
    if not blank:
        raise ReceiptError
    return Receipt.from_text(text + "\n")


def in_words(receipt: Receipt) -> tuple[str, str]:
    """What a receipt says, in English and Japanese."""
    said = {
        "erasure": receipt.erasure,
        "done": _day(receipt.done_at),
        "enrolments": len(receipt.enrolments),
        "keys": receipt.likeness_keys,
        "clips": receipt.clips,
        "documents": len(receipt.documents),
        "likeness": _day(receipt.likeness_unreadable_at),
        "records": _day(receipt.documents_unreadable_at),
        "held": len(receipt.clips_held),
    }
    held = (_HELD_EN, _HELD_JA) if receipt.clips_held else ("", "")
    return (_EN + held[0]).format(**said), (_JA + held[1]).format(**said)


def _day(moment: datetime) -> str:
    return moment.strftime("%Y-%m-%d %H:%M UTC")


_EN: Final = """\
Receipt {erasure}: your cameo was erased on {done}.
Destroyed: {keys} keys of {enrolments} enrolments (templates, pictures, voice, recordings) and the
keys of {clips} clips with you. Without its key nothing of these can be opened.
Backups: from {likeness} on no backup opens a likeness or a clip. Until {records} a backup of the
database may hold what you signed, in words.
What stays: digest, signature and times of {documents} consents and grants, and entries in a public
log that do not name you.
What nobody can call back: copies of clips that were downloaded before.
"""
_HELD_EN: Final = """\
Kept for now, not served: {held} clips, because the law obliges it for somebody else in them.
"""

_JA: Final = """\
受領書 {erasure}:あなたのカメオは {done} に消去されました。
破棄したもの:登録 {enrolments} 件の鍵 {keys} 個(テンプレート、画像、声、録画)と、
あなたの写る動画 {clips} 本の鍵。鍵がなければ、どれも開けません。
バックアップ:{likeness} 以降は、どのバックアップからも姿、声、動画を開けません。
署名した文書の文面は、{records} までデータベースのバックアップに残ることがあります。
残るもの:同意と許可 {documents} 件の要約値、署名、日時、そしてあなたの名前を含まない公開ログの記録。
取り戻せないもの:それより前にダウンロードされた動画の複製。
"""
_HELD_JA: Final = """\
当面保管し、配信しないもの:動画 {held} 本。写っている別の人について、法律が保存を求めています。
"""
