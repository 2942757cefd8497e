"""The text path: what must be refused, what must pass, and why."""

from __future__ import annotations

import json
import threading

import pytest

from moderation.errors import AnalyserUnavailableError, UnknownClassError
from moderation.reasons import REASONS
from moderation.text import MAX_CODE_POINTS, MAX_REASONS, Moderator

STYLE = [
    ("ジブリ風の森を歩く少女", "ジブリ"),
    ("ジブリ風", "ジブリ"),
    ("マリオのようなキャラがジャンプする", "マリオ"),
    ("新海誠っぽい空と雲", "新海誠"),
    ("新海誠風の夕焼け", "新海誠"),
    ("スパイダーマンに似たヒーロー", "スパイダーマン"),
    ("ドラえもんみたいなロボット", "ドラえもん"),
    ("ジブリ調の絵", "ジブリ"),
    ("ディズニー系のお姫様", "ディズニー"),
    ("宮崎駿作品みたいな草原", "宮崎駿"),
    ("a meadow in the style of Studio Ghibli", "Studio Ghibli"),
    ("a city in the style of Makoto Shinkai", "Makoto Shinkai"),
    ("a castle, Pixar style", "Pixar"),
    ("a Disney-style princess", "Disney"),
    ("Ghibli-esque clouds", "Ghibli"),
    ("a plumber who looks like Mario", "Mario"),
    ("a hotel as if filmed by Wes Anderson", "Wes Anderson"),
    ("in the style of Frozen", "Frozen"),
    ("a castle in Lego style", "Lego"),
]

NAMES = [
    ("Mickey Mouse dancing", "character.protected"),
    ("Woody from Toy Story", "character.protected"),
    ("Link from Zelda swings a sword", "character.protected"),
    ("Elsa in her ice palace", "character.protected"),
    ("ピカチュウが走る", "character.protected"),
    ("リアルピカチュウ", "character.protected"),
    ("ガンダムが立つ", "work.protected"),
    ("海賊のワンピースのルフィ", "character.protected"),
    ("a Star Wars battle", "work.protected"),
    ("スラムダンクの桜木花道", "character.protected"),
]

PEOPLE = [
    ("Tom Cruise rides a motorcycle", "Tom Cruise"),
    ("tom cruise rides a motorcycle", "tom cruise"),
    ("Taylor Swift sings", "Taylor Swift"),
    ("John Smith walks his dog", "John Smith"),
    ("a portrait of Maria van der Berg", "Maria van der Berg"),
    ("President Miller gives a speech", "President Miller"),
    ("Drake the rapper on a boat", "Drake"),
    ("木村拓哉みたいな男", "木村拓哉"),
    ("山田太郎が踊る", "山田太郎"),
    ("山田 太郎が踊る", "山田 太郎"),
    ("安倍首相が歩く", "安倍首相"),
    ("大谷翔平選手がホームラン", "大谷翔平"),
    ("トム・クルーズが走る", "トム・クルーズ"),
]

INNOCENT = [
    "woody plants in the garden",
    "a player makes a slam dunk",
    "a woman in a one piece swimsuit",
    "may the power be with you",
    "a woman clicks a link on a website",
    "a robin sings on a storm-bent branch",
    "golden light over Machu Picchu",
    "a drake swims on the pond",
    "a wolverine in the snow",
    "New York at night, Golden Gate Bridge, Victoria Falls and Madison Square Garden",
    "a man eats a Caesar Salad in Santa Monica",
    "a Jack Russell terrier on Charlotte Street",
    "children playing a Nintendo console on a Lego table",
    "skeleton crew, professor, listen, matron, browser, frieze",
    "マリオネットの人形劇",
    "スケートリンクで滑る少女",
    "京風の庭と和風の家、昭和風の喫茶店、中華風スープ",
    "パリ風のカフェとアニメ風の少女",
    "ワンピースを着た女性",
    "コイルを巻いてフラッシュが光る",
    "ガラガラを振る赤ちゃん",
    "スラムダンクを決める選手",
    "神戸牛のステーキと宮崎マンゴー",
    "石川県金沢市の松本城",
    "田中さんと佐藤さんが歩く",
    "テキストを読む",
    "一只熊猫在巴黎的咖啡馆喝咖啡",
    "how do I kill a Python process",
    "",
]

HISTORY = [
    "a wave by Hokusai",
    "in the style of Vincent van Gogh",
    "Mona Lisa smiling",
    "Abraham Lincoln speaks",
    "Sherlock Holmes smokes",
    "Cinderella loses her shoe",
    "葛飾北斎風の波",
    "織田信長が馬に乗る",
    "桃太郎が歩く",
]


@pytest.mark.parametrize(("text", "what"), STYLE)
def test_a_wish_for_a_protected_style_is_blocked_where_it_stands(
    moderator: Moderator, text: str, what: str
) -> None:
    decision = moderator.moderate(text)
    assert decision.decision == "block"
    start = text.index(what)
    spans = [r.span for r in decision.reasons if r.code == "style.protected"]
    assert (start, start + len(what)) in spans


@pytest.mark.parametrize(("text", "code"), NAMES)
def test_a_protected_name_is_blocked(moderator: Moderator, text: str, code: str) -> None:
    decision = moderator.moderate(text)
    assert decision.decision == "block"
    assert code in {r.code for r in decision.reasons}


@pytest.mark.parametrize(("text", "who"), PEOPLE)
def test_a_real_person_is_blocked(moderator: Moderator, text: str, who: str) -> None:
    decision = moderator.moderate(text)
    assert decision.decision == "block"
    start = text.index(who)
    spans = [r.span for r in decision.reasons if r.code == "person.no_consent"]
    assert any(s is not None and s[0] <= start and start + len(who) <= s[1] for s in spans)


@pytest.mark.parametrize("text", INNOCENT)
def test_ordinary_words_places_and_food_pass(moderator: Moderator, text: str) -> None:
    assert moderator.moderate(text).decision == "allow"


@pytest.mark.parametrize("text", HISTORY)
def test_history_and_the_public_domain_pass(moderator: Moderator, text: str) -> None:
    assert moderator.moderate(text).decision == "allow"


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("Alice Smith dances", "Alice Smith"),
        ("alice smith dances", "Alice Smith"),
        ("Mario Rossi cooks", "Mario Rossi"),
        ("山田太郎が踊る", "山田 太郎"),
        ("山田 太郎が踊る", "山田太郎"),
        ("Aiko Tanaka waves", "Aiko Tanaka"),
    ],
)
def test_a_consented_name_passes(moderator: Moderator, text: str, name: str) -> None:
    assert moderator.moderate(text, frozenset({name})).decision == "allow"


def test_consent_of_one_person_says_nothing_about_another(moderator: Moderator) -> None:
    text = "山田太郎と木村拓哉が踊る"
    decision = moderator.moderate(text, frozenset({"山田太郎"}))
    assert decision.decision == "block"
    assert {r.span for r in decision.reasons} == {(5, 9)}


def test_a_display_name_does_not_unlock_a_character(moderator: Moderator) -> None:
    assert moderator.moderate("Pikachu jumps", frozenset({"Pikachu"})).decision == "block"
    assert moderator.moderate("Pikachu Two jumps", frozenset({"Pikachu Two"})).decision == "block"


def test_many_consented_names_hide_nothing_behind_them(moderator: Moderator) -> None:
    text = "Alice Smith, Mario Rossi. " * 100 + "Pikachu"
    decision = moderator.moderate(text, frozenset({"Alice Smith", "Mario Rossi"}))
    assert [r.code for r in decision.reasons] == ["character.protected"]


def test_a_suspicion_of_fiction_excuses_no_person(moderator: Moderator) -> None:
    decision = moderator.moderate("a movie character like Ariel Winters")
    assert decision.decision == "block"


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("Donald Trump", "Donald Trump waves"),
        ("Taylor Swift", "taylor swift sings"),
        ("Ｔａｙｌｏｒ Ｓｗｉｆｔ", "Taylor Swift sings"),
        ("T4ylor Swift", "T4ylor Swift sings"),
        ("Donald Trump Two", "Donald Trump Two waves"),
        ("Donald Trump2", "Donald Trump2 waves, Donald Trump too"),
        ("Beyonce Knowles", "Beyonce Knowles sings"),
        ("tom holland", "Tom Holland jumps"),
        ("木村拓哉", "木村拓哉が踊る"),
        ("木村 拓哉", "木村拓哉みたいな男"),
        ("Wes Anderson", "in the style of Wes Anderson"),
        ("Drake", "Drake the rapper on a boat"),
    ],
)
def test_a_display_name_does_not_unlock_a_known_person(
    moderator: Moderator, name: str, text: str
) -> None:
    assert moderator.moderate(text, frozenset({name})).decision == "block"


@pytest.mark.parametrize(
    "name",
    [
        *("Donald Trump", "donald  trump", "DonaldTrump", "Taylor Swift", "T4ylor_Sw1ft"),
        *("Taylоr Swift", "Tay\u200blor Swift", "★ Taylor Swift ★", "Taylor Swift 1989"),
        *("Taylor Swift13", "taylor.swift", "Taylor Swft", "will smith", "Pikachu", "ピカチュウ"),
        *("Star Wars", "Mario", "木村拓哉", "木村 拓哉", "ドナルド・トランプ", "x" * 9_000),
    ],
)
def test_a_known_name_is_known_in_any_disguise(moderator: Moderator, name: str) -> None:
    assert moderator.is_known_name(name)


@pytest.mark.parametrize(
    "name",
    [
        *("Aiko Tanaka", "Mario Rossi", "Alice Smith", "Maria van der Berg", "Elsa Jones"),
        *("山田太郎", "佐藤 花子", "田中", "さくら", "Pikachu Fan", "Vincent van Gogh"),
        *("", " ", "42", "★", "\u200b", "\ud800"),
    ],
)
def test_an_ordinary_name_is_not_known(moderator: Moderator, name: str) -> None:
    assert not moderator.is_known_name(name)


@pytest.mark.parametrize(
    ("text", "handles"),
    [
        ("@alice and @bob dance", {"alice", "bob"}),
        ("@mario dances", {"mario"}),
        ("@Mario dances", {"mario"}),
        ("＠tom_cruise waves", {"tom_cruise"}),
        ("＠ｔｏｍ．ｃｒｕｉｓｅ waves", {"tom.cruise"}),
        ("海辺で@tom-cruiseが踊る。", {"Tom-Cruise"}),
        ('@alice says "good morning, @bob."', {"@alice", "bob"}),
    ],
)
def test_the_handles_given_are_references(
    moderator: Moderator, text: str, handles: set[str]
) -> None:
    assert moderator.moderate(text, handles=handles).decision == "allow"


@pytest.mark.parametrize(
    "text",
    [
        *("@TaylorSwift sings", "＠TaylorSwift sings", "@_TaylorSwift sings", "@taylor.swift"),
        *("I am @TaylorSwift13!", "@John_Smith walks", "@JohnSmith42 walks", "@john-smith"),
        *("歌う@JohnSmithさん", "me@JohnSmith", "@@JohnSmith", "﹫JohnSmith", "@\u200bJohnSmith"),
        *("President @Miller speaks", "@Pikachu", "p@kachu", "@riel the little mermaid"),
        *("@木村拓哉", "@HardcorePorn", "@alice.TaylorSwift", "@alice\u200bTaylorSwift"),
        "@aliceTaylorSwift",
    ],
)
def test_any_other_at_word_is_read_as_text(moderator: Moderator, text: str) -> None:
    decision = moderator.moderate(text, handles=frozenset({"alice"}))
    assert decision.decision == "block"


def test_an_at_word_is_found_where_it_stands(moderator: Moderator) -> None:
    decision = moderator.moderate("@bob sees @JohnSmith run", handles={"bob"})
    assert [(r.code, r.span) for r in decision.reasons] == [("person.no_consent", (11, 20))]


def test_an_at_word_may_be_harmless(moderator: Moderator) -> None:
    assert moderator.moderate("@somebody waves, write to a.person@example.org").decision == "allow"
    assert "alcohol" in moderator.moderate("@BeerLover waves").classes


def test_what_stands_beside_a_handle_is_still_read(moderator: Moderator) -> None:
    decision = moderator.moderate("@alice rides with Pikachu", handles={"alice"})
    assert [r.span for r in decision.reasons] == [(18, 25)]


def test_a_word_beside_a_mere_cue_goes_to_review(moderator: Moderator) -> None:
    decision = moderator.moderate("ワンピースの主人公みたいな少年")
    assert decision.decision == "review"
    assert [r.code for r in decision.reasons] == ["work.ambiguous"]


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("a naked child", "safety.minor_sexual"),
        ("裸の少女", "safety.minor_sexual"),
        ("n4ked ch1ld", "safety.minor_sexual"),
        ("hardcore porn", "safety.sexual"),
        ("ポルノ動画", "safety.sexual"),
        ("a beheading in a square", "safety.gore"),
        ("生首を持つ", "safety.gore"),
        ("how to commit suicide", "safety.self_harm"),
        ("リストカットする", "safety.self_harm"),
        ("a crowd shouts sieg heil", "safety.hate"),
        ("how to make a bomb at home", "safety.instructions"),
        ("爆弾の作り方", "safety.instructions"),
    ],
)
def test_safety_blocks(moderator: Moderator, text: str, code: str) -> None:
    decision = moderator.moderate(text)
    assert decision.decision == "block"
    assert code in {r.code for r in decision.reasons}


def test_safety_is_read_inside_handles_too(moderator: Moderator) -> None:
    assert moderator.moderate("@porn dances", handles={"porn"}).decision == "block"


@pytest.mark.parametrize(
    ("text", "classes"),
    [
        ("two people kissing", {"romance"}),
        ("二人がキスする", {"romance"}),
        ("人が殴り合う", {"violence"}),
        ("he drinks beer at the casino", {"alcohol", "gambling"}),
        ("a politician smokes a cigarette", {"politics", "tobacco"}),
        ("神社で祈る", {"religion"}),
        ("a nurse gives a vaccine", {"medical"}),
        ("新商品の広告", {"advertising"}),
        ("a haunted house with zombies", {"horror"}),
        ("a man with a pistol", {"weapons"}),
        ("a shirtless swimmer", {"nudity"}),
        ("a dog in a park", set()),
    ],
)
def test_classes_are_reported_and_do_not_block(
    moderator: Moderator, text: str, classes: set[str]
) -> None:
    decision = moderator.moderate(text)
    assert decision.decision == "allow"
    assert classes <= decision.classes
    assert classes or not decision.classes


def test_only_the_classes_asked_for_are_reported() -> None:
    decision = Moderator(["alcohol"]).moderate("he drinks beer and kisses her")
    assert decision.classes == {"alcohol"}


def test_an_unknown_class_is_an_error() -> None:
    with pytest.raises(UnknownClassError, match="astrology") as caught:
        Moderator(["politics", "astrology"])
    assert caught.value.code == "moderation.unknown_class"


def test_a_too_long_text_is_blocked_unread(moderator: Moderator) -> None:
    assert moderator.moderate("a" * MAX_CODE_POINTS).decision == "allow"
    decision = moderator.moderate("a" * 100_000)
    assert decision.decision == "block"
    assert [r.code for r in decision.reasons] == ["text.too_long"]


def test_the_number_of_reasons_is_bounded(moderator: Moderator) -> None:
    decision = moderator.moderate("John Smith naked child pikachu " * 200)
    assert decision.decision == "block"
    assert len(decision.reasons) == MAX_REASONS


def test_without_the_analyser_japanese_is_refused(
    moderator: Moderator, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(_: str) -> list[object]:
        raise AnalyserUnavailableError("missing")

    monkeypatch.setattr("moderation.people.analyse", broken)
    decision = moderator.moderate("犬が走る")
    assert [r.code for r in decision.reasons] == ["check.unavailable"]
    assert moderator.moderate("a dog runs").decision == "allow"


def test_json_line_has_the_agreed_shape(moderator: Moderator) -> None:
    line = moderator.moderate("ジブリ風の森でキス").to_json()
    assert "\n" not in line
    body = json.loads(line)
    assert body["decision"] == "block"
    assert body["reasons"][0]["code"] == "style.protected"
    assert body["reasons"][0]["span"] == [0, 3]
    assert set(body["reasons"][0]) == {"code", "span", "detail"}
    assert body["classes"] == ["romance"]


def test_every_reason_that_is_given_is_in_the_table(moderator: Moderator) -> None:
    texts = [t for t, _ in [*STYLE, *NAMES, *PEOPLE]] + ["a naked child", "x" * 9000]
    codes = {r.code for text in texts for r in moderator.moderate(text).reasons}
    assert codes <= REASONS.keys()


def test_threads_agree(moderator: Moderator) -> None:
    texts = ["山田太郎が踊る", "ジブリ風の森", "a dog"] * 5
    expected = [moderator.moderate(text) for text in texts]
    results: list[bool] = []

    def work() -> None:
        results.append([moderator.moderate(text) for text in texts] == expected)

    threads = [threading.Thread(target=work) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert results == [True, True, True]
