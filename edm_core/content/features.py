"""What a text shows beside its embedding: a label's words and cues in it, and how it is said.

Words are compared by their stem, cut off by a handful of English endings. A word that several labels name
counts for each by its share.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from .labels import LabelSet

STYLE = (
    "exclamation marks", "a question", "ends in a question", "digits", "commas", "words a sentence",
    "words of the shortest sentence", "quotation", "letters a word", "contractions", "past tense", "adverbs",
    "superlatives", "numerals", "a tag question", "an opening exclamation",
)  # fmt: skip
"""Features of how something is said, besides the groups of words in the label file."""

_WORD = re.compile(r"[a-z0-9]+(?:'[a-z]+)*")
_ENDINGS = ("'s", "ingly", "ings", "ing", "ied", "ies", "ed", "es", "s", "ly", "e")
_NUMERAL = re.compile(
    r"\b(?:one|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve|\w+teen|twenty|thirty|forty|fifty|"
    r"sixty|seventy|eighty|ninety|hundred|thousand|million|billion|per ?cent)\b"
)
_CONTRACTION = re.compile(r"\w(?:n't|'(?:ve|re|ll|d|m))\b")
_TAG = re.compile(
    r",\s*(?:right|yeah|eh|love|mind|you know|honestly|actually|really|"
    r"(?:is|was|has|did|do|does|are|had)n't \w+)\b"
)
_OPENING = re.compile(r"(?:oh|well|so|right|yes|look|wow|ah|hey)\b")
_LONGEST_CUE = 5


def words_of(text: str) -> list[str]:
    """Return the words of a text in lower case.

    Examples
    --------
    >>> words_of("It’s the X-ray, isn't it?")
    ["it's", 'the', 'x', 'ray', "isn't", 'it']
    """
    return _WORD.findall(text.casefold().replace("’", "'"))


def stem(word: str) -> str:
    """Return a word without its ending, if three letters remain.

    Examples
    --------
    >>> stem("nurses"), stem("cooking"), stem("bus")
    ('nurs', 'cook', 'bus')
    """
    for ending in _ENDINGS:
        if word.endswith(ending) and len(word) - len(ending) >= 3:
            return word[: -len(ending)]
    return word


def features(texts: Sequence[str], labels: LabelSet) -> NDArray[np.float64]:
    """Return what the texts show, weighted as the label file says.

    Returns
    -------
    array, shape (len(texts), f)
        Words, cues and style; ``f`` depends on the label set only, and kinds of weight 0 are left out.
    """
    index = _index(labels)
    rows = np.zeros((len(texts), index.width))
    for row, text in zip(rows, texts, strict=True):
        index.fill(row, words_of(text))
    np.sqrt(rows, out=rows)
    if labels.style_weight:
        style = np.array([_style(text) for text in texts]).reshape(len(texts), len(STYLE))
        rows = np.hstack([rows, labels.style_weight * style])
    return rows


class _Index:
    """Where the words and cues of a label set count: column and share by stem, or by stems in a row."""

    def __init__(self, labels: LabelSet) -> None:
        groups: list[tuple[Sequence[str], float]] = []
        if labels.word_weight:
            groups += [(label.words, labels.word_weight) for label in labels.labels]
        if labels.cue_weight:
            groups += [(label.cues, labels.cue_weight) for label in labels.labels]
        if labels.style_weight:
            groups += [(words, labels.style_weight) for _, words in labels.styles]
        self.width = len(groups)
        self._places: dict[tuple[str, ...], list[tuple[int, float]]] = {}
        for column, (phrases, weight) in enumerate(groups):
            for phrase in dict.fromkeys(tuple(stem(word) for word in words_of(one)) for one in phrases):
                # The root is taken of what is summed here, so that the first word found counts most.
                self._places.setdefault(phrase, []).append((column, weight**2))

    def fill(self, row: NDArray[np.float64], words: Sequence[str]) -> None:
        stems = [stem(word) for word in words]
        spans = {
            tuple(stems[start : start + count])
            for count in range(1, _LONGEST_CUE + 1)
            for start in range(len(stems) - count + 1)
        }
        for span in spans & self._places.keys():
            places = self._places[span]
            for column, weight in places:
                row[column] += weight / len(places)


@lru_cache(maxsize=8)
def _index(labels: LabelSet) -> _Index:
    return _Index(labels)


def _style(text: str) -> tuple[float, ...]:
    """Return the features of :data:`STYLE`, each about 0 to 3."""
    plain = text.casefold().replace("’", "'")
    words = words_of(text)
    count = max(len(words), 1)
    lengths = [len(part.split()) for part in re.split(r"[.!?…]+\s*", text) if part.strip()] or [count]

    def share(ending: str, by: float) -> float:
        return by * sum(word.endswith(ending) and len(word) > 4 for word in words) / count

    return (
        min(text.count("!"), 3) / 1.5,
        float("?" in text),
        float(text.rstrip().endswith("?")),
        float(any(letter.isdigit() for letter in text)),
        8.0 * text.count(",") / count,
        sum(lengths) / len(lengths) / 8.0,
        min(lengths) / 6.0,
        float(any(mark in text for mark in '"“”')),
        sum(map(len, words)) / count / 1.5,
        10.0 * len(_CONTRACTION.findall(plain)) / count,
        share("ed", 8.0),
        share("ly", 10.0),
        share("est", 10.0),
        min(len(_NUMERAL.findall(plain)), 4) / 2.0,
        float(_TAG.search(plain) is not None),
        float(_OPENING.match(plain) is not None),
    )
