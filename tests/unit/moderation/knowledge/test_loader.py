"""The loader refuses a knowledge base that does not follow its rules."""

from __future__ import annotations

from importlib.resources import files

import pytest

from moderation.errors import MalformedKnowledgeError
from moderation.knowledge.loader import folded, load, shipped


@pytest.fixture
def documents() -> dict[str, str]:
    folder = files("moderation.knowledge")
    special = {"names.toml", "allowed.toml", "ordinary.toml", "safety.toml", "classes.toml"}
    texts = {f.name: f.read_text(encoding="utf-8") for f in folder.iterdir() if f.name in special}
    texts["x.toml"] = '[[subject]]\nid = "x"\ntitles = { en = ["Xanadu"] }\n'
    return texts


def test_the_shipped_knowledge_is_broad() -> None:
    subjects = shipped().subjects
    works = [s for s in subjects if s.kind == "work"]
    concepts = [c for s in works for c in s.concepts]
    assert len(works) >= 80
    languages = [{a.language for a in c.aliases} for c in concepts]
    both = sum({"en", "ja"} <= found for found in languages)
    assert both >= 0.9 * len(concepts)
    known = [s for s in subjects if s.kind == "person"]
    assert sum(len(s.concepts) for s in known) >= 300


def test_a_small_base_loads(documents: dict[str, str]) -> None:
    assert [s.id for s in load(documents).subjects] == ["x"]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("[[subject]", "x.toml"),
        ("x = 1", "unknown"),
        ("", "no \\[\\[subject"),
        ('[[subject]]\nid = "x"', "no names"),
        ('[[subject]]\nid = "x y"\ntitles = { en = ["Xanadu"] }', "bad id"),
        ('[[subject]]\nid = "x"\nkind = "god"\ntitles = { en = ["Xanadu"] }', "bad kind"),
        ('[[subject]]\nid = "x"\ncolour = "red"\ntitles = { en = ["Xanadu"] }', "unknown"),
        ('[[subject]]\nid = "x"\ntitles = { xx = ["Xanadu"] }', "unknown"),
        ('[[subject]]\nid = "x"\ntitles = ["Xanadu"]', "under a language"),
        ('[[subject]]\nid = "x"\ntitles = { en = [1] }', "list of names"),
        ('[[subject]]\nid = "x"\ntitles = { en = ["Xa"] }', "too short"),
        ('[[subject]]\nid = "x"\ntitles = { ja = ["コイ"] }', "must be weak"),
        ('[[subject]]\nid = "x"\ntitles = { en = ["^Xanadu"] }', "capitals"),
        ('[[subject]]\nid = "x"\ntitles = { en = ["~Xanadu"] }', "never count"),
        ('[[subject]]\nid = "x"\ntitles = { en = ["Xanadu"] }\n' * 2, "stands twice"),
        (
            '[[subject]]\nid = "x"\ntitles = { en = ["Xanadu"] }\n'
            '[[subject]]\nid = "y"\ntitles = { en = ["xanadu"] }\n',
            "x and y",
        ),
    ],
)
def test_a_wrong_subject_is_refused(documents: dict[str, str], text: str, message: str) -> None:
    documents["x.toml"] = text
    with pytest.raises(MalformedKnowledgeError, match=message):
        load(documents)


@pytest.mark.parametrize("name", ["names.toml", "safety.toml", "ordinary.toml"])
def test_a_missing_file_is_refused(documents: dict[str, str], name: str) -> None:
    del documents[name]
    with pytest.raises(MalformedKnowledgeError, match="missing"):
        load(documents)


def test_a_missing_or_unknown_lexicon_is_refused(documents: dict[str, str]) -> None:
    documents["classes.toml"] = '[politics]\nen = ["vote"]\nja = ["選挙"]\n'
    with pytest.raises(MalformedKnowledgeError, match="missing"):
        load(documents)
    documents["classes.toml"] = '[astrology]\nen = ["star"]\nja = ["星"]\n'
    with pytest.raises(MalformedKnowledgeError, match="unknown"):
        load(documents)


def test_names_are_compared_folded() -> None:
    assert folded("Pokémon: The  Film") == "pokemon the film"
    assert folded("トイ・ストーリー") == "トイ ストーリー"
