"""The words a consent is written in: modalities, purposes, audiences, content classes and so on.

Each word has a text in English and Japanese, because a person reads it before signing. Words are
never given another meaning later: a new meaning gets a new word.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType
from typing import Final, Literal

Lang = Literal["en", "ja"]
"""A language that documents are shown in."""
Modality = Literal["face", "voice"]

MAX_ASSURANCE: Final = 3
"""The highest assurance level of an enrolment; the lowest is 0 (simulated, self-declared)."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Text:
    """One text in the two languages."""

    en: str
    ja: str

    def get(self, lang: Lang) -> str:
        """The text in `lang`."""
        return self.en if lang == "en" else self.ja


class Purpose(StrEnum):
    """What a clip is made for."""

    PERSONAL = "personal"
    SOCIAL = "social"
    COMMERCIAL = "commercial"


class Audience(StrEnum):
    """Who may ask for clips with the person, besides the person."""

    ONLY_ME = "only_me"
    APPROVED = "approved"
    MUTUALS = "mutuals"
    EVERYONE = "everyone"


class RestrictionClass(StrEnum):
    """A kind of content that a person can rule out."""

    POLITICS = "politics"
    ROMANCE = "romance"
    VIOLENCE = "violence"
    ALCOHOL = "alcohol"
    TOBACCO = "tobacco"
    GAMBLING = "gambling"
    RELIGION = "religion"
    NUDITY = "nudity"
    MEDICAL = "medical"
    ADVERTISING = "advertising"
    HORROR = "horror"
    WEAPONS = "weapons"


class Approval(StrEnum):
    """When the person is asked before a clip that somebody else made is published."""

    IF_NEEDED = "if_needed"
    """Where a wish of the person cannot be checked by machine."""
    ALWAYS = "always"
    """For every clip."""


class EvidenceType(StrEnum):
    """How a person's signature was made."""

    ED25519 = "ed25519"
    """A key file that only the person holds."""
    WEBAUTHN = "webauthn"
    """A passkey, with the person verified by the authenticator."""


MODALITIES: Final[Mapping[Modality, Text]] = MappingProxyType(
    {
        "face": Text(en="face and looks", ja="顔と外見"),
        "voice": Text(en="voice", ja="声"),
    }
)

PURPOSES: Final[Mapping[Purpose, Text]] = MappingProxyType(
    {
        Purpose.PERSONAL: Text(
            en="personal (kept among the people in the clip and its maker)",
            ja="個人利用(動画の作成者と出演者の間にとどめる)",
        ),
        Purpose.SOCIAL: Text(
            en="social (shared with others, without payment)",
            ja="共有(他の人に無償で見せる)",
        ),
        Purpose.COMMERCIAL: Text(
            en="commercial (used to sell, advertise or earn, where the licence of the generator "
            "allows it too)",
            ja="商用(販売・宣伝・収益のために使う。生成モデルのライセンスも許す場合に限る)",
        ),
    }
)

AUDIENCES: Final[Mapping[Audience, Text]] = MappingProxyType(
    {
        Audience.ONLY_ME: Text(en="only you", ja="あなただけ"),
        Audience.APPROVED: Text(
            en="you, and people to whom you sign a grant",
            ja="あなたと、あなたが許可書に署名した相手",
        ),
        Audience.MUTUALS: Text(
            en="you, people who follow you and whom you follow, and people to whom you sign a "
            "grant",
            ja="あなたと、相互フォローの相手と、あなたが許可書に署名した相手",
        ),
        Audience.EVERYONE: Text(
            en="everyone who uses this service, without asking you first",
            ja="このサービスを使うすべての人(事前にあなたに尋ねません)",
        ),
    }
)

APPROVALS: Final[Mapping[Approval, Text]] = MappingProxyType(
    {
        Approval.IF_NEEDED: Text(
            en="you are asked where a wish of yours needs a judge",
            ja="人の判断が必要な希望があるときに、あなたに尋ねます",
        ),
        Approval.ALWAYS: Text(en="you are asked every time", ja="毎回あなたに尋ねます"),
    }
)

LANGUAGES: Final[Mapping[Lang, Text]] = MappingProxyType(
    {"en": Text(en="English", ja="英語"), "ja": Text(en="Japanese", ja="日本語")}
)

KEY_TYPES: Final[Mapping[EvidenceType, Text]] = MappingProxyType(
    {
        EvidenceType.ED25519: Text(en="key file (Ed25519)", ja="鍵ファイル(Ed25519)"),
        EvidenceType.WEBAUTHN: Text(en="passkey (WebAuthn)", ja="パスキー(WebAuthn)"),
    }
)

RESTRICTIONS: Final[Mapping[RestrictionClass, Text]] = MappingProxyType(
    {
        RestrictionClass.POLITICS: Text(
            en="politics, elections, campaigns and parties", ja="政治・選挙・政党・政治運動"
        ),
        RestrictionClass.ROMANCE: Text(
            en="romance, dating, kissing and flirting", ja="恋愛・デート・キス・口説き"
        ),
        RestrictionClass.VIOLENCE: Text(
            en="violence, fights, injuries and blood", ja="暴力・けんか・けが・流血"
        ),
        RestrictionClass.ALCOHOL: Text(en="alcohol and drunkenness", ja="飲酒・酔った姿"),
        RestrictionClass.TOBACCO: Text(
            en="smoking, vaping and tobacco", ja="喫煙・電子たばこ・たばこ"
        ),
        RestrictionClass.GAMBLING: Text(
            en="gambling, betting and casinos", ja="賭博・賭け事・カジノ"
        ),
        RestrictionClass.RELIGION: Text(
            en="religion, worship and religious symbols", ja="宗教・礼拝・宗教的な象徴"
        ),
        RestrictionClass.NUDITY: Text(en="nudity, underwear and swimwear", ja="裸・下着姿・水着姿"),
        RestrictionClass.MEDICAL: Text(
            en="illness, treatment and medical advice", ja="病気・治療・医療上の助言"
        ),
        RestrictionClass.ADVERTISING: Text(
            en="advertising and endorsing products or brands", ja="広告・商品やブランドの推薦"
        ),
        RestrictionClass.HORROR: Text(
            en="horror, gore and frightening scenes", ja="ホラー・残酷・恐怖の場面"
        ),
        RestrictionClass.WEAPONS: Text(
            en="guns, knives and other weapons", ja="銃・刃物・その他の武器"
        ),
    }
)

ASSURANCES: Final[Mapping[int, Text]] = MappingProxyType(
    {
        0: Text(
            en="0 of 3: nothing about the person was checked; what was captured is self-declared",
            ja="3段階中 0:本人であることは何も確認されていません(自己申告)",
        ),
        1: Text(
            en="1 of 3: a live challenge was answered; an injected synthetic video would not have "
            "been noticed",
            ja="3段階中 1:その場の課題に応答しました(注入された合成映像は見抜けません)",
        ),
        2: Text(
            en="2 of 3: a live challenge was answered, and models looked for replayed or synthetic "
            "face and voice",
            ja="3段階中 2:その場の課題に応答し、再生や合成の顔・声を調べるモデルも通りました",
        ),
        3: Text(
            en="3 of 3: as level 2, and the capture came from an attested device",
            ja="3段階中 3:レベル2に加え、撮影機器の証明があります",
        ),
    }
)
