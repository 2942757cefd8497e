"""Reads and checks the knowledge base.

A wrong file must not be half-used: an unknown key, a name that stands under two subjects, an empty
or too short alias, or an unknown mark raises `MalformedKnowledgeError` with file and place.
"""

from __future__ import annotations

import tomllib
from collections.abc import Iterator, Mapping
from functools import lru_cache
from importlib.resources import files
from importlib.resources.abc import Traversable
from typing import Any, cast, get_args

from moderation.errors import MalformedKnowledgeError
from moderation.japanese import KANA_ONLY
from moderation.knowledge.model import (
    Alias,
    Concept,
    Kind,
    Knowledge,
    Lexicon,
    NameLists,
    Policy,
    Strength,
    Subject,
)
from moderation.views import fold

LANGUAGES = frozenset({"en", "ja", "zh", "ko"})
SAFETY_IDS = frozenset(
    {"sexual", "gore", "self_harm", "hate", "instructions", "minor", "sexualised"}
)
CLASS_IDS = frozenset(
    {
        *("politics", "romance", "violence", "alcohol", "tobacco", "gambling", "religion"),
        *("nudity", "medical", "advertising", "horror", "weapons"),
    }
)
_SUBJECT_KEYS = frozenset({"id", "kind", "policy", "titles", "companions", "characters"})
_NAME_KEYS = frozenset(
    {"given", "given_words", "surnames", "not_surnames", "not_given", "words", "titles"}
)
_MARKS: Mapping[str, Strength] = {"~": "weak", "^": "cased"}
_SPECIAL = {"names.toml", "allowed.toml", "ordinary.toml", "safety.toml", "classes.toml"}

Table = Mapping[str, Any]


@lru_cache(maxsize=1)
def shipped() -> Knowledge:
    """Return the knowledge base that ships with the package.

    Raises:
        MalformedKnowledgeError: a file does not follow the rules.
    """
    folder = files("moderation.knowledge")
    return load({f.name: _text(f) for f in folder.iterdir() if f.name.endswith(".toml")})


def _text(file: Traversable) -> str:
    return file.read_text(encoding="utf-8")


def load(documents: Mapping[str, str]) -> Knowledge:
    """Return the checked knowledge of TOML documents by file name.

    Raises:
        MalformedKnowledgeError: a document is missing or does not follow the rules.
    """
    tables = {name: _parse(name, text) for name, text in sorted(documents.items())}
    if missing := _SPECIAL - tables.keys():
        raise MalformedKnowledgeError(f"missing {sorted(missing)}")
    subjects = tuple(
        _subject(name, entry)
        for name, table in tables.items()
        if name not in _SPECIAL
        for entry in _entries(name, table)
    )
    _check_unique(subjects)
    return Knowledge(
        subjects=subjects,
        names=_names(tables["names.toml"]),
        allowed=_folded_words("allowed.toml", tables["allowed.toml"]),
        ordinary=_folded_words("ordinary.toml", tables["ordinary.toml"]),
        safety=_lexicons("safety.toml", tables["safety.toml"], SAFETY_IDS),
        classes=_lexicons("classes.toml", tables["classes.toml"], CLASS_IDS),
    )


def folded(phrase: str) -> str:
    """Return a phrase as texts are compared: folded, words apart by one space."""
    text = fold(phrase).text.replace("'", "")
    return " ".join("".join(c if c.isalnum() or c == "ー" else " " for c in text).split())


def _parse(name: str, text: str) -> Table:
    try:
        return tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise MalformedKnowledgeError(f"{name}: {error}") from error


def _keys(where: str, table: Table, allowed: frozenset[str]) -> None:
    if extra := set(table) - allowed:
        raise MalformedKnowledgeError(f"{where}: unknown {sorted(extra)}")


def _entries(name: str, table: Table) -> list[Table]:
    _keys(name, table, frozenset({"subject"}))
    entries = table.get("subject")
    if not isinstance(entries, list) or not entries:
        raise MalformedKnowledgeError(f"{name}: no [[subject]]")
    return entries


def _subject(name: str, entry: Table) -> Subject:
    where = f"{name}: {entry.get('id', '?')}"
    _keys(where, entry, _SUBJECT_KEYS)
    identifier, kind = entry.get("id"), entry.get("kind", "work")
    policy = entry.get("policy", "block")
    if not isinstance(identifier, str) or not identifier.replace("_", "").isalnum():
        raise MalformedKnowledgeError(f"{where}: bad id")
    if kind not in get_args(Kind) or policy not in get_args(Policy):
        raise MalformedKnowledgeError(f"{where}: bad kind or policy")
    titles = entry.get("titles")
    concepts = list(_titles(where, identifier, kind, titles)) if titles is not None else []
    for concept, names in entry.get("characters", {}).items():
        aliases = tuple(_aliases(f"{where}.{concept}", names))
        concepts.append(Concept(name=concept, title=False, aliases=aliases))
    if not concepts:
        raise MalformedKnowledgeError(f"{where}: no names")
    companions = tuple(folded(c) for c in _strings(where, entry.get("companions", [])))
    weak = any(a.strength == "weak" for c in concepts for a in c.aliases)
    if weak and not companions and not _has_strong(concepts):
        raise MalformedKnowledgeError(f"{where}: weak names can never count")
    return Subject(
        id=identifier,
        kind=cast("Kind", kind),
        policy=cast("Policy", policy),
        concepts=tuple(concepts),
        companions=companions,
    )


def _has_strong(concepts: list[Concept]) -> bool:
    return any(a.strength != "weak" for c in concepts for a in c.aliases)


def _titles(where: str, identifier: str, kind: str, names: Table) -> Iterator[Concept]:
    """Yield one concept for a work's titles; each name of a list of people is one of its own."""
    aliases = tuple(_aliases(where, names))
    if kind == "person":
        for alias in aliases:
            yield Concept(name=alias.text, title=False, aliases=(alias,))
    else:
        yield Concept(name=identifier, title=True, aliases=aliases)


def _aliases(where: str, names: Table) -> Iterator[Alias]:
    if not isinstance(names, dict) or not names:
        raise MalformedKnowledgeError(f"{where}: names must stand under a language")
    _keys(where, names, LANGUAGES)
    for language, texts in names.items():
        for text in _strings(where, texts):
            yield _alias(where, language, text)


def _alias(where: str, language: str, text: str) -> Alias:
    strength = _MARKS.get(text[:1], "strong")
    bare = text if strength == "strong" else text[1:]
    plain = folded(bare)
    least = 2 if strength == "weak" or language != "en" else 3
    if len(plain) < least:
        raise MalformedKnowledgeError(f"{where}: {text!r} is too short")
    if strength == "strong" and KANA_ONLY.fullmatch(plain) and len(plain) < 3:
        raise MalformedKnowledgeError(f"{where}: two kana ({text!r}) must be weak")
    if strength == "cased" and (language != "en" or " " not in plain):
        raise MalformedKnowledgeError(f"{where}: {text!r} can not be told by its capitals")
    return Alias(text=bare, language=language, strength=strength)


def _strings(where: str, value: object) -> list[str]:
    if not isinstance(value, list) or not all(isinstance(v, str) and v.strip() for v in value):
        raise MalformedKnowledgeError(f"{where}: expected a list of names")
    return value


def _check_unique(subjects: tuple[Subject, ...]) -> None:
    """Refuse a subject id, or a name that counts alone, that stands twice."""
    ids: set[str] = set()
    owners: dict[str, str] = {}
    for subject in subjects:
        if subject.id in ids:
            raise MalformedKnowledgeError(f"{subject.id} stands twice")
        ids.add(subject.id)
        for concept in subject.concepts:
            for alias in concept.aliases:
                owner = owners.setdefault(folded(alias.text), subject.id)
                if alias.strength == "strong" and owner != subject.id:
                    raise MalformedKnowledgeError(f"{alias.text!r}: {owner} and {subject.id}")


def _names(table: Table) -> NameLists:
    _keys("names.toml", table, _NAME_KEYS)
    lists = {key: frozenset(_words("names.toml", table.get(key))) for key in _NAME_KEYS}
    if both := lists["given"] & lists["given_words"]:
        raise MalformedKnowledgeError(f"names.toml: {sorted(both)} stand in both lists")
    return NameLists(**lists)


def _words(where: str, value: object) -> list[str]:
    """Return the folded words of a text of words apart by white space."""
    if not isinstance(value, str) or not value.strip():
        raise MalformedKnowledgeError(f"{where}: expected a text of words")
    return [folded(word.replace("_", " ")) for word in value.split()]


def _folded_words(where: str, table: Table) -> frozenset[str]:
    found: set[str] = set()
    for key, value in table.items():
        found.update(folded(text) for text in _strings(f"{where}: {key}", value))
    return frozenset(found)


def _lexicons(where: str, table: Table, ids: frozenset[str]) -> Mapping[str, Lexicon]:
    _keys(where, table, ids)
    if missing := ids - table.keys():
        raise MalformedKnowledgeError(f"{where}: missing {sorted(missing)}")
    return {key: _lexicon(f"{where}: {key}", key, value) for key, value in table.items()}


def _lexicon(where: str, identifier: str, value: Table) -> Lexicon:
    _keys(where, value, frozenset({"en", "ja"}))
    phrases: list[str] = []
    for language in ("en", "ja"):
        phrases.extend(folded(text) for text in _strings(where, value.get(language)))
    return Lexicon(id=identifier, phrases=tuple(phrases))
