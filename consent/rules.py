"""From a signed consent to rules: what is checked by machine, and what a person must judge.

rules = compile_rules(consent)
rules.classes, rules.never_say, rules.apart_from     # `consent.decide` and moderation enforce them
rules.needs_judge                                    # the owner approves clips of others first
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from consent.forms import ConsentDocument
from consent.ids import PersonId
from consent.vocabulary import RestrictionClass
from consent.wishes import Reading, read_wish


@dataclass(frozen=True, kw_only=True, slots=True)
class Rules:
    """Everything that a consent rules out, its fields and its wishes taken together."""

    classes: frozenset[RestrictionClass]
    never_say: tuple[str, ...]
    apart_from: tuple[PersonId, ...]
    wear: tuple[str, ...]
    """What is always to be worn: told to whoever judges, for no picture is tested for it yet."""
    judge: tuple[str, ...]
    """Wishes, in the person's words, that no machine checks; those about clothing among them."""
    compiled: tuple[Reading, ...]
    """The wishes that a machine checks, with what each became."""

    @property
    def needs_judge(self) -> bool:
        """Whether clips by somebody else need the person's approval before publication."""
        return bool(self.judge)


def compile_rules(consent: ConsentDocument) -> Rules:
    """The rules of a consent. Pure and total: the same document gives the same rules.

    A wish is compiled as a whole or not at all. One that names people compiles only where the
    document names the same people in `apart_from`: a handle alone could become somebody else's.
    """
    if not consent.wishes:
        return Rules(
            classes=consent.restrictions,
            never_say=consent.never_say,
            apart_from=consent.apart_from,
            wear=(),
            judge=(),
            compiled=(),
        )
    readings = [read_wish(wish) for wish in consent.wishes]
    compiled = tuple(r for r in readings if _by_machine(r, consent))
    return Rules(
        classes=consent.restrictions.union(*(r.classes for r in compiled)),
        never_say=_distinct(consent.never_say, *(r.never_say for r in compiled)),
        apart_from=consent.apart_from,
        wear=tuple(r.wear for r in readings if r.wear is not None),
        judge=tuple(r.wish for r in readings if r not in compiled),
        compiled=compiled,
    )


def named_apart(wishes: Iterable[str]) -> tuple[str, ...]:
    """The handles, without ``@``, that wishes of the form "not with @bob" name.

    Whoever prepares a consent looks them up and writes the people into `apart_from`.
    """
    return _distinct(*(read_wish(wish).apart_from_handles for wish in wishes))


def _by_machine(reading: Reading, consent: ConsentDocument) -> bool:
    if reading.apart_from_handles:
        return set(reading.apart_from_handles) <= set(consent.apart_from_handles)
    return bool(reading.classes or reading.never_say)


def _distinct(*groups: Iterable[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(text for group in groups for text in group))
