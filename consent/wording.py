"""The fixed sentences of the texts that a person reads before signing."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from consent.vocabulary import Text

TITLES: Final[Mapping[str, Text]] = MappingProxyType(
    {
        "consent": Text(
            en="Consent to the use of your likeness in generated video",
            ja="生成動画にあなたの肖像や声を使うことへの同意書",
        ),
        "grant": Text(
            en="Grant: you let one other person use your likeness in generated video",
            ja="許可書:生成動画にあなたの肖像や声を使うことを、ある一人に許可します",
        ),
        "revocation": Text(
            en="Withdrawal: you take back what you agreed to",
            ja="撤回書:同意または許可を取り消します",
        ),
        "key": Text(
            en="Another key: you let one more key sign for you",
            ja="鍵の追加:もう一つの鍵に、あなたとして署名することを認めます",
        ),
        "resumption": Text(
            en="Resumption: you end your pause", ja="再開:あなたの一時停止を終えます"
        ),
        "approval": Text(
            en="Approval: you let one clip with you in it be published",
            ja="承認:あなたが出ている一本の動画の公開を認めます",
        ),
    }
)
"""By kind of document."""

SIMULATED: Final = Text(
    en="SIMULATED: this enrolment is simulated. No live person was checked, and every record and "
    "clip made with it says so.",
    ja="シミュレーション:この登録は模擬です。実在の本人の確認は行われておらず、"
    "記録と動画にもそう明記されます。",
)
NOT_SIMULATED: Final = Text(
    en="This enrolment is not simulated.", ja="この登録は模擬ではありません。"
)
WITHDRAW: Final = Text(
    en="You can withdraw this at any time, without a signature and without giving a reason. "
    "From then on nothing new is made or served. What others have already downloaded cannot be "
    "called back.",
    ja="いつでも、署名も理由もなしに撤回できます。撤回後は新たな作成も配信もされません。"
    "すでに他の人がダウンロードしたものは回収できません。",
)
WITHDRAWN: Final = Text(
    en="Clips that rest on it are no longer served. What others have already downloaded cannot be "
    "called back. You did not need to sign this to withdraw; it lets you show later that you did.",
    ja="これに基づく動画は配信されなくなります。すでに他の人がダウンロードしたものは回収できません。"
    "撤回に署名は不要ですが、署名があれば撤回したことを後で示せます。",
)
NEW_KEY: Final = Text(
    en="Whoever holds that key can consent in your place. Sign this only if you made the key "
    "yourself, on a device of your own.",
    ja="その鍵を持つ人は、あなたの代わりに同意できます。"
    "自分の機器で自分が作った鍵である場合にだけ署名してください。",
)
RESUMED: Final = Text(
    en="From then on your consent and your grants hold again as you signed them. You can pause "
    "again at any time, without a signature.",
    ja="以後、あなたの同意と許可は署名したとおりに再び有効になります。"
    "いつでも、署名なしで再び一時停止できます。",
)
APPROVED: Final = Text(
    en="Only this file of the clip may be published. You can still withdraw your consent at any "
    "time; then the clip is no longer served.",
    ja="公開してよいのは動画のこのファイルだけです。承認した後も、いつでも同意を撤回でき、"
    "撤回すればこの動画は配信されなくなります。",
)
NEEDS_JUDGE: Final = Text(
    en="Needs a judge: you will be asked to approve each clip by others before it is published",
    ja="人の判断が必要なもの:他の人の動画は、公開前に一本ごとにあなたの承認を求めます",
)
CHECKED: Final = Text(en="Checked by machine", ja="機械が確認するもの")
NONE: Final = Text(en="none", ja="なし")
NO_END: Final = Text(
    en="it has no end date; it holds until you withdraw it",
    ja="期限はありません(あなたが撤回するまで有効です)",
)
ANY_NUMBER: Final = Text(en="any number", ja="制限なし")
