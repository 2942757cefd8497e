"""The notice that a person reads before a capture; its digest stands in every consent.

It says what this service does, so it depends on what its operator chose: with other times it is
another notice, with another digest.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import timedelta
from typing import Final

from cameo.flows.policy import Policy

RELEASE_EN: Final = "I have read this notice and allow this recording."
RELEASE_JA: Final = "この説明を読み、この録画を許可します。"

_EN: Final = """\
Before you record your face and voice

Who asks: {brand}, the service that you are using.
What is taken: one video of you with sound. From it we make a face template, a voice template, a
voice profile and a picture of your head. All of them, and the recording, are kept encrypted, each
under a key of its own.
What for: to show and voice you in videos that you, or people you permit, ask for; to check that a
face in such a video is yours; and, where somebody says that your cameo shows them, to compare the
two faces. Nothing else.
Who decides: you. Nobody may use your cameo until you sign a consent, and by default only you may.
How long: the recording is destroyed {capture_en}. All the rest is destroyed
{unused} days after it was accepted if you sign no consent for it; otherwise as many days after your
consent has ended as that consent says, 90 unless you choose.
How to stop: withdraw or pause at any time. New videos stop at once and finished ones are no longer
served. What you withdraw is destroyed, what you pause is not. A copy that somebody downloaded
cannot be called back.
How to erase: by yourself, at any time, without signing anything (`cameo erase`). Everything above
is destroyed, and you get a receipt. Of what you signed, digest, signature and times stay, and
entries in a public log that do not name you: proof that you agreed once, and that it is over.
Backups: what was destroyed cannot be opened from any backup {keys} days later. What you signed, in
words, may stand in backups of the database for {backups} days.
Exception: where the law obliges us to keep something, its destruction waits, and you are told. Its
use ends all the same.
What is not promised: the checks do not detect every injected synthetic video, and a mark survives
ordinary processing, not deliberate removal.

You release the recording by saying: {release_en}
"""

_JA: Final = """\
顔と声を録画する前に

求める者:お使いのサービス「{brand}」。
取得するもの:音声付きの動画一本。そこから顔テンプレート、声テンプレート、声の特徴、頭部の画像を作ります。
録画とともに、すべて一つずつ別の鍵で暗号化して保管します。
目的:あなた自身、またはあなたが許可した人が求める動画に、あなたの姿と声を出すこと。その動画の顔があなたで
あると確かめること。あなたのカメオに写っているのは自分だという申し立てがあったとき、二つの顔を比べること。
それ以外には使いません。
決める人:あなたです。同意に署名するまで誰も使えません。初期設定では、使えるのはあなただけです。
期間:録画は{capture_ja}に破棄します。そのほかは、同意に署名しなければ受理から{unused}日後に、署名したときは
同意の終了後、その同意に書かれた日数(指定がなければ90日)で破棄します。
やめるには:いつでも撤回または一時停止できます。新しい動画は直ちに止まり、完成した動画も配信されなくなります。
撤回したものは破棄され、一時停止したものは破棄されません。すでにダウンロードされた複製を取り戻すことは
できません。
消去するには:いつでも自分で、署名なしにできます(`cameo erase`)。上のすべてが破棄され、受領書が
渡されます。
署名した文書については、その要約値、署名、日時、そしてあなたの名前を含まない公開ログの記録が残ります。かつて
同意があり、それが終わったことの証明です。
バックアップ:破棄したものは、{keys}日後にはどのバックアップからも開けません。署名した文書の文面は、データベースの
バックアップに{backups}日まで残ることがあります。
例外:法律で保存が義務づけられたときは破棄が延び、そのことをお知らせします。その場合も利用は終わります。
約束しないこと:検査は合成映像の注入をすべて見破るものではありません。透かしは通常の加工には耐えますが、
意図的な除去には耐えません。

次の言葉で録画を許可します:{release_ja}
"""


@dataclass(frozen=True, kw_only=True, slots=True)
class Notice:
    """The notice in force, in both languages."""

    en: str
    ja: str

    @property
    def sha256(self) -> str:
        """The digest of both texts, 64 hex digits."""
        return hashlib.sha256(f"{self.en}\n{self.ja}".encode()).hexdigest()


def notice_of(policy: Policy) -> Notice:
    """The notice of a service with these times."""
    days = policy.capture_kept.days
    said = {
        "brand": policy.brand,
        "capture_en": f"{_days(policy.capture_kept)} after it was accepted" if days else _AT_ONCE,
        "capture_ja": f"受理の{days}日後" if days else "受理のあと直ち",
        "unused": policy.unused_kept.days,
        "keys": policy.keys_bound.days,
        "backups": policy.backups_kept.days,
        "release_en": RELEASE_EN,
        "release_ja": RELEASE_JA,
    }
    return Notice(en=_EN.format(**said), ja=_JA.format(**said))


_AT_ONCE: Final = "as soon as it was accepted"


def _days(span: timedelta) -> str:
    return "1 day" if span.days == 1 else f"{span.days} days"
