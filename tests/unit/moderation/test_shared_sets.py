"""False blocks on innocent prompts, recall on names that the knowledge base was not made from."""

from __future__ import annotations

import json
import re
import statistics
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from moderation.text import Moderator

# Lines of the innocent sets that do name a protected character or a person who has not been dead
# for 70 years. Refusing them is what the rules say, so they count apart.
NAMED = re.compile(
    r"Gwen Stacy|格温|Gandalf|Superman|Spiderman|Iron Man|Minecraft|Salvador Dali|Beatle|Skynet|"
    r"Mission Impossible|Brad Pitt|Hans Gruber|Sylvia Plath|John F Kennedy|Queen Elizabeth|Merkel|"
    r"Biden|Robert Downey|Daenerys|Naruto|Pikachu|Hermione|Jason Bourne|Shrek|SpongeBob"
)
SAFE = [
    "coco_en",
    "jsick_ja",
    "partiprompts_en",
    "vbench_en",
    "vbench_long_en",
    "vbench_zh",
    "xstest_safe_en",
]
Record = Callable[[str, object], None]


def lines(path: Path) -> list[str]:
    return [line for line in path.read_text(encoding="utf-8").splitlines() if line.strip()]


@pytest.mark.sharedata
@pytest.mark.parametrize("name", SAFE)
def test_innocent_prompts_pass(
    moderator: Moderator, shared_data: Path, record_property: Record, name: str
) -> None:
    prompts = lines(shared_data / "moderation" / "safe" / f"{name}.txt")
    blocked = [p for p in prompts if moderator.moderate(p).decision == "block"]
    wrong = [p for p in blocked if not NAMED.search(p)]
    record_property("blocked", f"{len(blocked)}/{len(prompts)}")
    record_property("false_block", len(wrong) / len(prompts))
    assert len(wrong) / len(prompts) <= 0.01, wrong


def recall(moderator: Moderator, template: str, names: list[str]) -> float:
    hits = sum(moderator.moderate(template.format(n)).decision == "block" for n in names)
    return hits / len(names)


@pytest.mark.sharedata
def test_recall_on_people(moderator: Moderator, shared_data: Path, record_property: Record) -> None:
    folder = shared_data / "moderation" / "names"
    famous = recall(moderator, "a video of {} dancing", lines(folder / "celebrities_en.txt"))
    councillors = [line.split("\t")[0] for line in lines(folder / "politicians_ja.tsv")]
    spaced = recall(moderator, "{}が踊る動画", councillors)
    joined = recall(moderator, "{}が踊る動画", [name.replace(" ", "") for name in councillors])
    record_property("celebrities_en", famous)
    record_property("politicians_ja", joined)
    assert famous >= 0.75
    assert spaced >= 0.9
    assert joined >= 0.9


@pytest.mark.sharedata
@pytest.mark.parametrize(("language", "least"), [("en", 0.07), ("ja", 0.05)])
def test_recall_on_pokemon_is_that_of_a_hand_written_list(
    moderator: Moderator, shared_data: Path, record_property: Record, language: str, least: float
) -> None:
    path = shared_data / "moderation" / "names" / f"pokemon_{language}.json"
    found = recall(moderator, "{} runs in a park", json.loads(path.read_text(encoding="utf-8")))
    record_property("recall", found)
    assert found >= least


@pytest.mark.sharedata
@pytest.mark.parametrize("name", ["coco_en", "jsick_ja"])
def test_short_prompts_take_less_than_a_millisecond(
    moderator: Moderator, shared_data: Path, record_property: Record, name: str
) -> None:
    prompts = lines(shared_data / "moderation" / "safe" / f"{name}.txt")[:300]
    moderator.moderate("日本語の準備")
    times = []
    for prompt in prompts:
        begin = time.perf_counter()
        moderator.moderate(prompt)
        times.append(time.perf_counter() - begin)
    record_property("p50_ms", statistics.median(times) * 1e3)
    assert statistics.median(times) < 1e-3
