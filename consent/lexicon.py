"""The words for each class of content that a wish may use.

A word stands here where it means no more than its class, so that forbidding the class forbids at
least what the word says ("beer" is alcohol; "drugs" would be more than any class). Whether a
machine recognises the word in a prompt is tested beside moderation.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from consent.vocabulary import RestrictionClass as Class


def _table(words: Mapping[Class, str]) -> Mapping[str, Class]:
    return MappingProxyType(
        {word.strip(): kind for kind, text in words.items() for word in text.split(",")}
    )


ENGLISH: Final = _table(
    {
        Class.POLITICS: "politics, elections, election campaigns, politicians, political parties, "
        "party politics",
        Class.ROMANCE: "romance, dating, kissing, kisses, flirting",
        Class.VIOLENCE: "violence, fights, fighting, fistfights, brawls, blood",
        Class.ALCOHOL: "alcohol, beer, wine, liquor, whisky, vodka, booze, champagne, "
        "alcoholic drinks",
        Class.TOBACCO: "tobacco, smoking, vaping, cigarettes, cigars, e-cigarettes",
        Class.GAMBLING: "gambling, betting, casinos, poker, roulette, slot machines",
        Class.RELIGION: "religion, worship, religious symbols, prayer, praying",
        Class.NUDITY: "nudity, underwear, lingerie, bikinis, swimsuits",
        Class.MEDICAL: "illness, diseases, medical advice, medical treatment, surgery",
        Class.ADVERTISING: "advertising, advertisements, adverts, commercials, product placement, "
        "product endorsements, endorsements, sponsored content",
        Class.HORROR: "horror, scary scenes",
        Class.WEAPONS: "weapons, guns, firearms, rifles, pistols, swords",
    }
)
"""English nouns, each with the class that it is part of."""

ADJECTIVES: Final = _table(
    {
        Class.POLITICS: "political",
        Class.ROMANCE: "romantic",
        Class.VIOLENCE: "violent",
        Class.RELIGION: "religious",
        Class.MEDICAL: "medical",
        Class.HORROR: "horror, scary",
    }
)
"""English adjectives, for "nothing political" and "no political content"."""

SCENES: Final = frozenset({"content", "scenes", "topics", "themes", "clips", "videos", "messages"})
"""What an adjective may stand before."""

JAPANESE: Final = _table(
    {
        Class.POLITICS: "政治, 選挙, 選挙運動, 政党, 政治活動, 政治家",
        Class.ROMANCE: "恋愛, デート, キス",
        Class.VIOLENCE: "暴力, けんか, 喧嘩, 流血, 殴り合い",
        Class.ALCOHOL: "お酒, 酒, 飲酒, ビール, ワイン, 日本酒",
        Class.TOBACCO: "喫煙, タバコ, 煙草, 電子たばこ, 電子タバコ, 葉巻",
        Class.GAMBLING: "賭博, ギャンブル, 賭け事, カジノ, パチンコ",
        Class.RELIGION: "宗教, 礼拝, 宗教的な象徴, お祈り, 宗教の勧誘",
        Class.NUDITY: "裸, ヌード, 下着, 下着姿, 水着, 水着姿",
        Class.MEDICAL: "病気, 治療, 医療, 医療上の助言, 手術",
        Class.ADVERTISING: "広告, 宣伝, ステマ",
        Class.HORROR: "ホラー, 怖い場面, 恐怖の場面",
        Class.WEAPONS: "武器, 銃, 拳銃",
    }
)
"""Japanese nouns, each with the class that it is part of."""
