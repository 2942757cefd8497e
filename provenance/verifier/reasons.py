"""Why a verdict is what it is: every code that a report can carry, in English and Japanese."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

REASONS: Final[Mapping[str, str]] = {
    "media.unreadable": "The file is no picture or video that can be decoded.",
    "media.no_picture": "The file holds neither picture nor sound in which to look for a mark.",
    "credentials.intact": "Our signature holds: nothing that it covers was changed.",
    "credentials.changed": "It bears our signature or labels, but something was changed since.",
    "credentials.broken": "It bears our labels in credentials that can no longer be read.",
    "credentials.laundered": "A source of this file had already failed its own check.",
    "credentials.ours_inside_foreign": "Our credentials lie inside those of someone else.",
    "credentials.differs_from_archive": "The credentials differ from the archived ones.",
    "credentials.expired": "The signing certificate has ended and nothing proves when it signed.",
    "credentials.expired_but_archived": (
        "The signing certificate has ended; the archive proves that it signed before."
    ),
    "credentials.foreign": "It carries credentials of someone else; see there.",
    "credentials.foreign_laundered": (
        "It carries credentials of someone else over a source that failed its own check."
    ),
    "credentials.imitation": "It uses our labels under a root that is not ours.",
    "credentials.not_checked": "The credentials could not be checked.",
    "credentials.no_clip_id": "Our credentials do not say which clip this is.",
    "stamp.claims_nothing": "A stamp: it claims neither generation nor consent.",
    "mark.found": "A mark of ours was found in the picture.",
    "mark.not_found": "No mark of ours was found in the picture.",
    "mark.payload_differs": "The mark in the picture is that of another clip.",
    "mark.no_payload": "A mark seems to be there, but its payload cannot be read.",
    "mark.unknown_payload": "The mark's payload is in no registry at hand.",
    "mark.not_checked": "The mark was not looked for.",
    "mark.several_clips": (
        "Clips of ours were cut together; the verdict is on the one that is named."
    ),
    "sound.found": "A mark of ours was found in the sound.",
    "sound.not_found": "No mark of ours was found in the sound.",
    "sound.differs": "The sound is not that of the clip.",
    "sound.missing": "The clip had sound; this copy has none.",
    "sound.on_other_picture": "The sound is that of a clip of ours; the picture is not.",
    "sound.payload_differs": "The mark in the sound is that of another clip.",
    "sound.unknown_payload": "The payload of the mark in the sound is in no registry at hand.",
    "sound.not_checked": "The sound was not searched for a mark.",
    "fingerprint.agrees": "The content agrees with the clip that the mark names.",
    "fingerprint.differs": "The content is not that of the clip whose mark it bears.",
    "fingerprint.too_little_information": (
        "Too little happens in it to say whether it is the clip whose mark it bears."
    ),
    "fingerprint.no_reference": "There is no fingerprint to compare the content with.",
    "fingerprint.not_checked": "The content was not compared with the clip that the mark names.",
    "registry.unknown_clip": "The registry at hand does not know this clip.",
    "registry.payload_differs": "The registry knows this clip under another payload.",
    "registry.not_checked": "The registry could not be asked.",
    "consents.stand": "Every consent that it rests on stands.",
    "consents.none_needed": "Nobody's consent is cited.",
    "consents.withdrawn": "A consent has been withdrawn or has ended since the release.",
    "consents.not_standing_at_release": "A consent did not stand when the clip was released.",
    "consents.not_checked": "Whether every cited consent still stands could not be checked.",
    "log.included": "The log holds the release, proven under a signed checkpoint.",
    "log.missing": "The log does not hold the release.",
    "log.bad_proof": "The proof that the log holds the release does not verify.",
    "log.not_checked": "Whether the log holds the release was not checked.",
}

REASONS_JA: Final[Mapping[str, str]] = {
    "media.unreadable": "復号できる画像・動画ではありません。",
    "media.no_picture": "画像も音声も含まないため、透かしを探せませんでした。",
    "credentials.intact": "当方の署名は有効で、署名の対象は何も変わっていません。",
    "credentials.changed": "当方の署名または標識がありますが、その後に変更されています。",
    "credentials.broken": "当方の標識のある来歴情報が、読めない状態になっています。",
    "credentials.laundered": "このファイルの素材は、それ自身の検査に失敗していました。",
    "credentials.ours_inside_foreign": "当方の来歴情報が、他者の来歴情報の中にあります。",
    "credentials.differs_from_archive": "来歴情報が、保管されているものと異なります。",
    "credentials.expired": "署名証明書の期限が切れており、署名の時点を証明するものがありません。",
    "credentials.expired_but_archived": (
        "署名証明書の期限は切れていますが、保管記録が期限内の署名を証明します。"
    ),
    "credentials.foreign": "他者の来歴情報があります(該当欄を参照)。",
    "credentials.foreign_laundered": "他者の来歴情報があり、その素材は検査に失敗していました。",
    "credentials.imitation": "当方のものでない認証局の下で、当方の標識が使われています。",
    "credentials.not_checked": "来歴情報を検査できませんでした。",
    "credentials.no_clip_id": "当方の来歴情報に、どのクリップかが書かれていません。",
    "stamp.claims_nothing": "スタンプのみ:生成も同意も主張していません。",
    "mark.found": "画像に当方の透かしが見つかりました。",
    "mark.not_found": "画像に当方の透かしは見つかりませんでした。",
    "mark.payload_differs": "画像の透かしは、別のクリップのものです。",
    "mark.no_payload": "透かしらしきものがありますが、内容を読み取れません。",
    "mark.unknown_payload": "透かしの番号は、手元のどの登録簿にもありません。",
    "mark.not_checked": "透かしは探していません。",
    "mark.several_clips": (
        "当方の複数のクリップをつなげたものです。判定は、示されたクリップについてのものです。"
    ),
    "sound.found": "音声に当方の透かしが見つかりました。",
    "sound.not_found": "音声に当方の透かしは見つかりませんでした。",
    "sound.differs": "音声は、そのクリップのものではありません。",
    "sound.missing": "クリップには音声がありましたが、この複製にはありません。",
    "sound.on_other_picture": "音声は当方のクリップのものですが、映像は違います。",
    "sound.payload_differs": "音声の透かしは、別のクリップのものです。",
    "sound.unknown_payload": "音声の透かしの番号は、手元のどの登録簿にもありません。",
    "sound.not_checked": "音声の透かしは探していません。",
    "fingerprint.agrees": "内容は、透かしが示すクリップと一致します。",
    "fingerprint.differs": "内容は、透かしが示すクリップのものではありません。",
    "fingerprint.too_little_information": (
        "内容の情報が少なすぎて、透かしの示すクリップか判断できません。"
    ),
    "fingerprint.no_reference": "内容と比べるための指紋がありません。",
    "fingerprint.not_checked": "透かしが示すクリップと内容を比べられませんでした。",
    "registry.unknown_clip": "手元の登録簿は、このクリップを知りません。",
    "registry.payload_differs": "登録簿では、このクリップの番号が異なります。",
    "registry.not_checked": "登録簿に照会できませんでした。",
    "consents.stand": "根拠となる同意は、すべて有効です。",
    "consents.none_needed": "引用されている同意はありません。",
    "consents.withdrawn": "公開後に、撤回または終了した同意があります。",
    "consents.not_standing_at_release": "公開の時点で有効でなかった同意があります。",
    "consents.not_checked": "引用された同意が今も有効か、確認できませんでした。",
    "log.included": "公開の記録が、署名された時点のログに含まれると証明されました。",
    "log.missing": "ログに、公開の記録がありません。",
    "log.bad_proof": "ログに含まれることの証明が、検証に失敗しました。",
    "log.not_checked": "ログに含まれるかは、検査していません。",
}


def explain(code: str, lang: str = "en") -> str:
    """The line for a code; the code itself where none is known."""
    table = REASONS_JA if lang == "ja" else REASONS
    return table.get(code, code)
