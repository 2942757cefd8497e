"""For every string: no exception, the same answer twice, spans inside the text."""

from __future__ import annotations

from functools import lru_cache

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from moderation.decision import SEVERITY
from moderation.knowledge.loader import CLASS_IDS
from moderation.mentions import mentions
from moderation.reasons import REASONS
from moderation.text import Moderator
from moderation.views import fold

PIECES = [
    *(
        "pikachu",
        "Mickey",
        "Mouse",
        "ピカチュウ",
        "ジブリ",
        "風",
        "の",
        "ような",
        "山田",
        "太郎",
        "●",
        "*",
    ),
    *(
        "@al",
        "＠TomCruise",
        "Tom",
        "Cruise",
        "'s",
        "・",
        "ー",
        "ﾞ",
        "１",
        "!",
        "|",
        "Марио",
        "x",
        "naked",
        "child",
        "力",
    ),
    *("〜", "가", "🙂", "ß", "ﷺ", " ", "\u3099", "\u200b", "\ud800", "\udfff", "\u0301", "\x00"),
]
ANY = st.characters(exclude_categories=())
TEXTS = st.one_of(
    st.text(ANY, max_size=60),
    st.lists(st.one_of(st.sampled_from(PIECES), st.text(ANY, max_size=2)), max_size=14).map(
        "".join
    ),
)
RELAXED = settings(
    max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow], derandomize=True
)


@lru_cache(maxsize=1)
def moderator() -> Moderator:
    return Moderator(sorted(CLASS_IDS))


@RELAXED
@given(TEXTS, st.frozensets(TEXTS, max_size=2))
def test_moderate_is_total_and_deterministic(text: str, names: frozenset[str]) -> None:
    decision = moderator().moderate(text, names, names)
    assert decision == moderator().moderate(text, names, names)
    assert isinstance(moderator().is_known_name(text), bool)
    assert (decision.decision == "allow") == (not decision.reasons)
    for reason in decision.reasons:
        assert reason.code in REASONS
        assert reason.span is not None
        start, end = reason.span
        assert 0 <= start < end <= len(text)
    decision.to_json()


@RELAXED
@given(TEXTS)
def test_consent_never_raises_the_severity(text: str) -> None:
    without = moderator().moderate(text)
    consented = moderator().moderate(text, frozenset({text}))
    assert SEVERITY[consented.decision] <= SEVERITY[without.decision]


@RELAXED
@given(TEXTS)
def test_the_map_of_a_view_is_ordered(text: str) -> None:
    view = fold(text)
    assert len(view.text) == len(view.starts) == len(view.ends)
    assert list(view.starts) == sorted(view.starts)
    assert all(s < e <= len(text) for s, e in zip(view.starts, view.ends, strict=True))


@RELAXED
@given(TEXTS, st.sampled_from(["ジブリ風の森", "Mickey Mouse dancing", "hardcore porn"]))
def test_a_refused_text_stays_refused_with_more_text_after_it(text: str, refused: str) -> None:
    assert moderator().moderate(f"{refused}。 {text}").decision == "block"


@RELAXED
@given(TEXTS)
def test_resolved_handles_never_raise_the_severity(text: str) -> None:
    found = mentions(text)
    assert all(text[s] in "@＠" and s < e <= len(text) for (s, e), _ in found)
    names = {name for _, name in found}
    resolved = moderator().moderate(text, handles=names)
    assert SEVERITY[resolved.decision] <= SEVERITY[moderator().moderate(text).decision]
