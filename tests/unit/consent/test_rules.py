"""What wishes in a person's own words become: compiled as a whole, or left to a judge."""

from __future__ import annotations

import pytest

from consent.rules import compile_rules, named_apart
from consent.vocabulary import RestrictionClass
from consent.wishes import read_wish

CLASSES = {
    "no politics": "politics",
    "No politics.": "politics",
    "NO POLITICS!!!": "politics",
    "政治はなし。": "politics",
    "  no   politics  ": "politics",
    "ｎｏ　ｐｏｌｉｔｉｃｓ": "politics",
    "no politics, please": "politics",
    "please, no politics at all": "politics",
    "absolutely no politics": "politics",
    "no politics in my clips": "politics",
    "no political content": "politics",
    "nothing political": "politics",
    "nothing about politics": "politics",
    "nothing political or religious": "politics religion",
    "neither alcohol nor tobacco": "alcohol tobacco",
    "no alcohol, tobacco and gambling": "alcohol tobacco gambling",
    "no violence, no weapons, no horror": "violence weapons horror",
    "without alcohol": "alcohol",
    "avoid gambling": "gambling",
    "I don't want any romance": "romance",
    "I do not want kissing": "romance",
    "i don’t want advertising": "advertising",
    "no beer or wine": "alcohol",
    "no guns": "weapons",
    "no smoking ever": "tobacco",
    "no medical advice": "medical",
    "no product placement": "advertising",
    "no bikinis": "nudity",
    "no scary scenes": "horror",
    "no politics/religion": "politics religion",
    "政治はなし": "politics",
    "政治なし": "politics",
    "政治は禁止です": "politics",
    "政治NG": "politics",
    "政治の話はやめてください": "politics",
    "政治的な内容は避けてください": "politics",
    "お酒のシーンは出さないでください": "alcohol",
    "政治・宗教はなし": "politics religion",
    "宗教も政治もなし": "religion politics",
    "ギャンブルと喫煙は禁止": "gambling tobacco",
    "恋愛はなしでお願いします": "romance",
    "広告はだめ": "advertising",
}
TERMS = {
    'never say "cheese"': ("cheese",),
    "never say “buy now”": ("buy now",),
    "Please never say 'cheese'.": ("cheese",),
    'don\'t say "cheese" or "ham"': ("cheese", "ham"),
    'do not ever make me say the words "yes", "no" and "maybe"': ("yes", "no", "maybe"),
    "never say the word moist": ("moist",),
    'I never say "cheese"': ("cheese",),
    "「買って」と言わないで": ("買って",),
    "絶対に「買って」とは言わせないでください": ("買って",),
    "「買って」「投票して」という言葉は言わない": ("買って", "投票して"),
    "『買って』は言ってはいけない": ("買って",),
}
APART = {
    "not with @bob": ("bob",),
    "never with @bob": ("bob",),
    "Not together with @Bob.": ("bob",),
    "don't show me with @bob": ("bob",),
    "no clips with @bob, @carol and @dora": ("bob", "carol", "dora"),
    "keep me apart from @bob-2 or @c.d": ("bob-2", "c.d"),
    "not with @bob in the same clip": ("bob",),
    "@bobとは共演しない": ("bob",),
    "@bobと一緒に出さないでください": ("bob",),
    "@bob、@carolとの共演はNG": ("bob", "carol"),
}
WEAR = {
    "always wear a hat": "a hat",
    "Always show me wearing my red glasses": "my red glasses",
    "I must always wear a scarf.": "a scarf",
    "いつも帽子をかぶる": "帽子",
    "必ず眼鏡をかけてください": "眼鏡",
}
# Each says more, or something else, than a rule that looks like it.
JUDGE = [
    "be kind",
    "politics",
    "politics?",
    "no politics?",
    "no politics...",
    "no politics…",
    "no politics unless I am asked",
    "no politics on Sundays",
    "no politics, except elections",
    "no politics but religion is fine",
    "no politics or the like",
    "no politics etc.",
    "no politics and no jokes about my mother",
    "no problem with politics",
    "no non-political content",
    "nothing but politics",
    "nothing other than political content",
    "only politics",
    "less politics",
    "no more politics",
    "no violence against women",
    "no romance with @bob",
    "no drugs",
    "no sex",
    "no brands",
    "no drinking",
    "no war",
    "no love",
    "no hospitals",
    "no alcohol; no tobacco",
    "no alcohol... or anything like it",
    "nо politics",  # a Cyrillic o
    "never say bad words",
    "never say anything about politics",
    "never say my name",
    "never say cheese",
    "never say the words moist or damp",
    'never say "cheese" or anything like it',
    'never say "cheese" to @bob',
    'never say "cheese" unless it is funny',
    'never say "f***"',
    'never say "..."',
    "「○○」と言わないで",
    'never mention "Acme"',
    'never write "cheese"',
    'never say ""',
    'never say " "',
    "「買って」や「投票して」などと言わない",
    "「買って」と言わないでもない",
    "「買って」と言って",
    "not with @bob's dog",
    "not with @bob or his friends",
    "not alone with @bob",
    "not with @bob on Sundays",
    "not with bob",
    "no @bob",
    "never by @bob",
    "only with @bob",
    "@bobとだけ共演する",
    "@bobや@carolとは共演しない",
    "@bobと共演しないことはない",
    "never wear a hat",
    "wear a hat",
    "政治は禁止しないで",
    "政治なしではだめ",
    "政治以外はなし",
    "政治の話題以外は出さないで",
    "政治などはなし",
    "政治や宗教はなし",
    "政治は平日だけ禁止",
    "政治ものはなし",
    "子どもの前でお酒はなし",
    "できれば政治なし",
    "薬物はなし",
    "、なし",
    "no ",
    "no , and",
    "@",
]


def test_the_table_is_large_enough():
    assert len({*CLASSES, *TERMS, *APART, *WEAR, *JUDGE}) >= 140
    assert len(JUDGE) >= 60


@pytest.mark.parametrize(("wish", "classes"), CLASSES.items())
def test_a_wish_about_content_becomes_classes(wish, classes):
    reading = read_wish(wish)
    assert reading.classes == {RestrictionClass(name) for name in classes.split()}
    assert (reading.never_say, reading.apart_from_handles, reading.wear) == ((), (), None)


@pytest.mark.parametrize(("wish", "terms"), TERMS.items())
def test_a_wish_about_words_becomes_terms(wish, terms):
    reading = read_wish(wish)
    assert reading.never_say == terms
    assert (reading.classes, reading.apart_from_handles, reading.wear) == (frozenset(), (), None)


@pytest.mark.parametrize(("wish", "handles"), APART.items())
def test_a_wish_about_people_becomes_handles(wish, handles):
    reading = read_wish(wish)
    assert reading.apart_from_handles == handles
    assert (reading.classes, reading.never_say, reading.wear) == (frozenset(), (), None)


@pytest.mark.parametrize(("wish", "worn"), WEAR.items())
def test_a_wish_about_clothing_is_read_and_left_to_a_judge(make, wish, worn):
    assert read_wish(wish).wear == worn
    rules = compile_rules(make.consent_document(wishes=(wish,)))
    assert (rules.wear, rules.judge, rules.compiled) == ((worn,), (wish,), ())
    assert rules.needs_judge


@pytest.mark.parametrize("wish", JUDGE)
def test_whatever_says_more_is_left_to_a_judge(wish):
    reading = read_wish(wish)
    assert (reading.classes, reading.never_say, reading.apart_from_handles) == (
        frozenset(),
        (),
        (),
    )


def test_rules_take_fields_and_wishes_together(make):
    wishes = ("no alcohol", 'never say "cheese"', "not with @mallory", "be kind")
    rules = compile_rules(make.consent_document(wishes=wishes))
    assert rules.classes == {RestrictionClass.POLITICS, RestrictionClass.ALCOHOL}
    assert rules.never_say == ("buy now", "買って", "cheese")
    assert rules.apart_from == ("prs_mallory",)
    assert rules.judge == ("be kind",)
    assert [reading.wish for reading in rules.compiled] == list(wishes[:3])


def test_without_wishes_the_fields_are_the_rules(make):
    document = make.consent_document(wishes=())
    rules = compile_rules(document)
    assert (rules.classes, rules.never_say) == (document.restrictions, document.never_say)
    assert not rules.needs_judge


def test_a_wish_never_takes_a_limit_away(make):
    document = make.consent_document(wishes=("no politics", 'never say "buy now"'))
    rules = compile_rules(document)
    assert rules.classes >= document.restrictions
    assert rules.never_say == document.never_say


def test_people_are_kept_apart_only_where_the_document_names_them(make):
    """A handle that the document does not name could belong to somebody else tomorrow."""
    wish = "not with @mallory and @bob"
    unnamed = compile_rules(make.consent_document(wishes=(wish,)))
    assert (unnamed.judge, unnamed.apart_from) == ((wish,), ("prs_mallory",))
    named = compile_rules(
        make.consent_document(
            wishes=(wish,),
            apart_from=("prs_mallory", "prs_bob"),
            apart_from_handles=("mallory", "bob"),
        )
    )
    assert (named.judge, named.apart_from) == ((), ("prs_mallory", "prs_bob"))


def test_the_people_whom_wishes_name():
    wishes = ["not with @bob and @carol", "be kind to @dora", "@bobとは共演しない", "no politics"]
    assert named_apart(wishes) == ("bob", "carol")


def test_a_term_longer_than_a_term_may_be_is_left_to_a_judge():
    assert read_wish(f'never say "{"x" * 80}"').never_say
    assert not read_wish(f'never say "{"x" * 81}"').never_say
