"""The test split of the content set: enough of everything, known labels, and wording that nobody learnt from."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import yaml
from numpy.typing import NDArray

from edm_core.content import read_labels, read_safety
from edm_core.models import minilm
from edm_core.resources import LABELS

FOLDER = Path(__file__).parents[3] / "benchmarks" / "content"
PHRASE = 5
"""So many words in a row, and two texts have wording in common."""
TOO_NEAR = 0.8
"""Cosine of two texts' embeddings from which they tell the same story in other words."""
SECTIONS = {
    "passages": {"id", "template", "topic", "tone", "text"},
    "safety": {"id", "template", "flagged", "categories", "text"},
    "nothing": {"id", "text"},
    "repeats": {"id", "kind", "earlier", "later"},
}
FEWEST = {"hate": 14, "sexual": 12, "violence": 18, "self_harm": 14, "profanity": 12}
LEARNT_FROM = (FOLDER / "train.yaml", *sorted(LABELS.glob("*.yaml")))


@cache
def split() -> dict[str, Any]:
    """Return the test split."""
    return dict(yaml.safe_load((FOLDER / "test.yaml").read_text(encoding="utf-8")))


def texts(row: dict[str, Any]) -> list[str]:
    """Return what is said in a row."""
    return [row[key] for key in ("text", "earlier", "later") if key in row]


@cache
def stories() -> NDArray[np.float32]:
    """Return the embeddings of what is told in the test split, a row a text."""
    return minilm()([row["text"] for section in ("passages", "safety") for row in split()[section]])


def phrases(text: str) -> set[str]:
    """Return each five words in a row, without case and punctuation."""
    words = re.findall(r"[\w']+", text.casefold())
    return {" ".join(words[at : at + PHRASE]) for at in range(len(words) - PHRASE + 1)}


def strings(node: object) -> Iterator[str]:
    """Return every string in a document, keys too."""
    if isinstance(node, str):
        yield node
    elif isinstance(node, dict):
        for key, value in node.items():
            yield from strings(key)
            yield from strings(value)
    elif isinstance(node, list):
        for item in node:
            yield from strings(item)


def test_the_rows_have_the_keys_of_their_section():
    document = split()
    assert set(document) == {"about", *SECTIONS}
    for section, keys in SECTIONS.items():
        for row in document[section]:
            assert set(row) - {"near"} == keys, row["id"]
            assert all(text.strip() == text != "" for text in texts(row)), row["id"]


def test_ids_are_unique():
    counts = Counter(row["id"] for section in SECTIONS for row in split()[section])
    assert [name for name, count in counts.items() if count > 1] == []


def test_every_topic_and_tone_has_enough_passages():
    passages = split()["passages"]
    assert len(passages) >= 240
    topics, tones = (Counter(row[key] for row in passages) for key in ("topic", "tone"))
    assert set(topics) == set(read_labels(LABELS / "topics.yaml").names)
    assert set(tones) == set(read_labels(LABELS / "tones.yaml").names)
    assert min(topics.values()) >= 12
    assert min(tones.values()) >= 16


def test_a_topic_does_not_tell_the_tone_nor_a_tone_the_topic():
    pairs = Counter((row["topic"], row["tone"]) for row in split()["passages"])
    assert max(pairs.values()) == 1
    tones_of = Counter(topic for topic, _ in pairs)
    topics_of = Counter(tone for _, tone in pairs)
    assert min(tones_of.values()) >= 12
    assert min(topics_of.values()) >= 16


def test_passages_are_as_long_as_what_is_said_between_two_pauses():
    lengths = {row["id"]: len(row["text"].split()) for row in split()["passages"]}
    assert {name: length for name, length in lengths.items() if not 12 <= length <= 60} == {}


def test_no_template_is_used_more_than_twice():
    document = split()
    counts = Counter(row["template"] for section in ("passages", "safety") for row in document[section])
    assert max(counts.values()) <= 2


def test_flags_follow_from_the_severities():
    flag_from = read_safety(LABELS / "safety.yaml").flag_from
    for row in split()["safety"]:
        severities = row["categories"]
        assert set(severities) <= set(flag_from), row["id"]
        assert all(0 <= severity <= 7 for severity in severities.values()), row["id"]
        reached = any(severity >= flag_from[name] for name, severity in severities.items())
        assert row["flagged"] is reached, row["id"]


def test_safety_has_enough_of_each_category_and_as_many_hard_negatives():
    flag_from = read_safety(LABELS / "safety.yaml").flag_from
    rows = split()["safety"]
    flagged = [row for row in rows if row["flagged"]]
    harmless = [row for row in rows if not row["flagged"]]
    assert len(flagged) >= 70
    assert len(harmless) >= 70
    reached = Counter(
        name for row in flagged for name, severity in row["categories"].items() if severity >= flag_from[name]
    )
    assert {name: reached[name] for name, fewest in FEWEST.items() if reached[name] < fewest} == {}
    assert all("near" not in row for row in flagged)
    assert {row["near"] for row in harmless} == set(flag_from)


def test_there_is_enough_about_nothing_and_of_each_kind_of_repetition():
    assert len(split()["nothing"]) >= 30
    kinds = Counter(row["kind"] for row in split()["repeats"])
    assert set(kinds) == {"same words", "same meaning", "back-announce", "none"}
    assert min(kinds.values()) >= 10


def test_texts_have_no_wording_in_common_but_for_repeats():
    rows_with = defaultdict(set)
    for section in SECTIONS:
        for row in split()[section]:
            for phrase in {phrase for text in texts(row) for phrase in phrases(text)}:
                rows_with[phrase].add(row["id"])
    assert {phrase: sorted(rows) for phrase, rows in rows_with.items() if len(rows) > 1} == {}


@pytest.mark.parametrize("path", LEARNT_FROM, ids=lambda path: path.name)
def test_no_wording_is_in_what_the_scorer_learns_from(path):
    learnt = {
        phrase
        for text in strings(yaml.safe_load(path.read_text(encoding="utf-8")))
        for phrase in phrases(text)
    }
    assert learnt
    unseen = {
        phrase
        for section in SECTIONS
        for row in split()[section]
        for text in texts(row)
        for phrase in phrases(text)
    }
    shared = sorted(learnt & unseen)
    assert not shared, "\n".join(["say it otherwise there:", *shared])


@pytest.mark.slow
@pytest.mark.parametrize("path", LEARNT_FROM, ids=lambda path: path.name)
def test_no_story_is_in_what_the_scorer_learns_from(path):
    told = [
        text
        for text in strings(yaml.safe_load(path.read_text(encoding="utf-8")))
        if len(text.split()) >= PHRASE
    ]
    likeness = minilm()(told) @ stories().T
    near = [text for text, nearest in zip(told, likeness.max(axis=1), strict=True) if nearest >= TOO_NEAR]
    assert not near, "\n".join(["leave out there:", *near])


def test_wording_in_common_is_found():
    assert phrases("It's raining cats, and DOGS again!") & phrases("now it's raining cats and dogs")
    assert not phrases("four words in common") & phrases("four words in common here")
