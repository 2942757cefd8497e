"""The notice that a person reads before a capture; its digest stands in every consent."""

from __future__ import annotations

import hashlib
from typing import Final

NOTICE_EN: Final = """\
Before you record your face and voice

What is taken: one video of you with sound. From it we make a face template, a voice template and a
picture of your head. All of them, and the recording, are kept encrypted, each person under keys of
their own.
What for: to show and voice you in videos that you, or people you permit, ask for. Nothing else.
Who decides: you. Nobody may use your cameo until you sign a consent, and by default only you may.
How long: until the operator erases it at your request. Erasing it by yourself comes with a later
version.
How to stop: withdraw at any time. New videos stop at once, finished ones are no longer served and
their keys are destroyed. A copy that somebody downloaded cannot be called back.
What is not promised: the checks do not detect every injected synthetic video, and a mark survives
ordinary processing, not deliberate removal.
"""

NOTICE_JA: Final = """\
顔と声を録画する前に

取得するもの:音声付きの動画一本。そこから顔テンプレート、声テンプレート、頭部の画像を作ります。
録画とともに、すべて一人ごとに別の鍵で暗号化して保管します。
目的:あなた自身、またはあなたが許可した人が求める動画に、あなたの姿と声を出すこと。それ以外には
使いません。
決める人:あなたです。同意に署名するまで誰も使えません。初期設定では、使えるのはあなただけです。
期間:あなたの求めに応じて運営者が消去するまで。自分で消去する機能は今後の版で提供します。
やめるには:いつでも撤回できます。新しい動画は直ちに止まり、完成した動画も配信されなくなり、その鍵は
破棄されます。すでにダウンロードされた複製を取り戻すことはできません。
約束しないこと:検査は合成映像の注入をすべて見破るものではありません。透かしは通常の加工には耐えますが、
意図的な除去には耐えません。
"""

NOTICE_SHA256: Final = hashlib.sha256((NOTICE_EN + "\n" + NOTICE_JA).encode()).hexdigest()
