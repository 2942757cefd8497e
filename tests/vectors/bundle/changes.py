"""Ways to make a bundle that does not hold: another story, or another file at the end."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from typing import Any

from cameo.flows.bundle_form import Bundle
from provenance.log.cosignature import Cosigner
from provenance.log.notes import NoteSigner
from tests.bundles import Story
from tests.passkey import Faults
from tests.smalllog import LOG
from tests.vectors.bundle.stories import nobody, simple

Make = Callable[[], bytes]


def bent(change: Callable[[Bundle], Bundle], story: Callable[[], Story] = simple) -> Make:
    """A bundle of which one part was changed at the end."""
    return lambda: story().bundle(change)


def told(**changes: Any) -> Make:
    """A bundle of a story that went another way."""
    return lambda: simple(**changes).bundle()


def text(change: Callable[[str], str], story: Callable[[], Story] = nobody) -> Make:
    """A bundle whose bytes were written another way."""
    return lambda: change(story().bundle().decode()).encode("utf-8", "surrogatepass")


def passkey(**faults: Any) -> Make:
    """A consent whose passkey answered another way than an honest one."""
    return told(passkeys=True, consent={"faults": Faults(**faults)})


def respelled_base64(data: str) -> str:
    """The same bytes in base64 with bits in the padding that nobody reads."""
    content = json.loads(data)
    evidence = content["consents"][0]["evidence"]
    for name, value in evidence.items():
        if value.endswith("="):
            end = len(value.rstrip("="))
            digits = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"
            other = digits[digits.index(value[end - 1]) ^ 1]
            evidence[name] = value[: end - 1] + other + value[end:]
            return canonical(content)
    raise ValueError("no padding to play with")


def canonical(content: Any) -> str:
    """As files are written."""
    return json.dumps(content, ensure_ascii=False, sort_keys=True, separators=(",", ":"))


def edited(change: Callable[[Any], None], story: Callable[[], Story] = nobody) -> Make:
    """A bundle whose JSON was changed and written canonically."""

    def make() -> bytes:
        content = json.loads(story().bundle())
        change(content)
        return canonical(content).encode()

    return make


def without(part: str, story: Callable[[], Story] = simple) -> Make:
    """A bundle that lacks its last part of a kind."""
    return edited(lambda content: content[part].pop(), story)


def extra_signature(content: Any) -> None:
    """One more line, by somebody whom the bundle does not name."""
    note = content["log"]["checkpoint"]
    stranger = Cosigner("stranger.example/w", bytes(range(2, 34)))
    text_part = note.rpartition("\n\n")[0] + "\n"
    content["log"]["checkpoint"] = note + stranger.cosign(text_part, 1)


def second_log_line(content: Any) -> None:
    """The log's own line twice."""
    head, _, block = content["log"]["checkpoint"].rpartition("\n\n")
    first = block.split("\n")[0]
    content["log"]["checkpoint"] = f"{head}\n\n{first}\n{block}"


def forged_head(story: Story) -> Callable[[Bundle], Bundle]:
    """A head that somebody else's key signed, under the log's name."""
    forger = NoteSigner(LOG.name, bytes(range(3, 35)))
    return lambda bundle: replace(bundle, checkpoint=story.head(signer=forger))


def head_of_another_tree(bundle: Bundle) -> Bundle:
    """A true head of the log that does not cover what the bundle says."""
    return replace(bundle, checkpoint=simple(consent={"max_people": 3}).head())


def twice(part: str) -> Make:
    """The same part two times."""
    return edited(lambda content: content[part].append(content[part][0]), simple)


def swap_keys(content: Any) -> None:
    """Keys in another order than the log's."""
    content["keys"].reverse()
