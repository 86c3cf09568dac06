"""Which passage says again what an earlier one said: same words, same meaning, or a back-announce.

"Same words" is a promo played twice: most words are shared. "Same meaning" is told by sentence embeddings,
and never where numbers or days differ: tomorrow's weather is not today's. A back-announce ("that was …")
names what an earlier passage announced ("coming up …").
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ..timeline import Repetition

OVERLAP = 0.8
"""Share of words in common (Dice coefficient of multisets) from which words are the same."""
NEARNESS = 0.63
"""Cosine similarity from which the meaning is the same."""
FEWEST_WORDS = 5
"""Shorter passages, such as "Thank you", are not called repetitions."""

_WORD = re.compile(r"[^\W_]+(?:['’][^\W_]+)*")
_BACK = re.compile(
    r"\b(?:that was|was that|that's (?:been|what)|that were|those were|there goes|there went|there(?=[,.!])|"
    r"heard|listening to|just (?:now|then|there|gone|played|finished)|we had|you had|played|before that|"
    r"behind us|earlier|a (?:minute|moment|while) ago|moments ago|promised|rounding off|wrapped up|"
    r"coming out of|thanks to|thank you to|did you (?:enjoy|like)|hope you (?:enjoyed|liked)|"
    r"what did you (?:think|make)|still (?:humming|singing|ringing|dancing)|"
    r"and (?:that|there) (?:it|he|she|they) (?:was|were))\b",
    re.IGNORECASE,
)
_AHEAD = re.compile(
    r"\b(?:coming|comes?|next|this is|here is|here's|here are|now|soon|shortly|later|ahead|"
    r"after (?:this|that|these|the)|(?:minutes?|moments?) (?:away|from now)|in a (?:moment|minute|bit)|"
    r"any (?:moment|minute)|stand by|will|\w+'ll|about to|going to|gonna|let's|let me|stay|don't go|wait for|"
    r"get ready|ready for|introducing|welcome|over to|kick off|start with|begin with|time for|on the way|"
    r"still to|up first|by request|brand new|new from|playing|first play|turn it up)\b",
    re.IGNORECASE,
)

_DAYS = frozenset(
    [
        "monday",
        "tuesday",
        "wednesday",
        "thursday",
        "friday",
        "saturday",
        "sunday",
        "today",
        "tomorrow",
        "tonight",
        "yesterday",
        "january",
        "february",
        "march",
        "april",
        "june",
        "july",
        "august",
        "september",
        "october",
        "november",
        "december",
    ]
)
_NUMBERS = frozenset(
    [
        "one",
        "two",
        "three",
        "four",
        "five",
        "six",
        "seven",
        "eight",
        "nine",
        "ten",
        "eleven",
        "twelve",
        "thirteen",
        "fourteen",
        "fifteen",
        "sixteen",
        "seventeen",
        "eighteen",
        "nineteen",
        "twenty",
        "thirty",
        "forty",
        "fifty",
        "sixty",
        "seventy",
        "eighty",
        "ninety",
        "hundred",
        "thousand",
        "million",
    ]
)
_PLAIN = frozenset(
    [
        "a",
        "an",
        "the",
        "and",
        "or",
        "but",
        "of",
        "in",
        "on",
        "at",
        "to",
        "for",
        "from",
        "with",
        "by",
        "is",
        "are",
        "was",
        "were",
        "be",
        "been",
        "it",
        "its",
        "it's",
        "this",
        "that",
        "these",
        "those",
        "you",
        "your",
        "we",
        "our",
        "i",
        "my",
        "he",
        "she",
        "they",
        "his",
        "her",
        "their",
        "there",
        "here",
        "now",
        "then",
        "so",
        "as",
        "if",
        "not",
        "no",
        "yes",
        "all",
        "just",
        "up",
        "out",
        "next",
        "coming",
        "heard",
        "hear",
        "that's",
        "here's",
        "we've",
        "you've",
        "what",
        "which",
        "who",
        "how",
        "when",
        "where",
        "song",
        "track",
        "tune",
        "record",
        "single",
        "band",
        "music",
        "show",
        "radio",
        "album",
        "remix",
        "mix",
        "live",
        "new",
        "great",
        "brilliant",
        "lovely",
        "fantastic",
        "beautiful",
        "wonderful",
        "good",
        "hit",
        "one",
        "two",
        "first",
        "last",
        "again",
        "time",
        "minutes",
        "hour",
        "back",
        "more",
        "very",
        "really",
        "much",
        "called",
        "name",
        "named",
        "listening",
        "playing",
        "played",
        "play",
        "stay",
        "tuned",
        "after",
        "before",
        "break",
        "news",
        "world",
        "morning",
        "evening",
        "night",
        "day",
        "week",
        "today",
        "tonight",
        "year",
        "years",
        "right",
        "well",
        "oh",
        "ah",
        "please",
        "thank",
        "thanks",
        "do",
        "did",
        "does",
        "have",
        "has",
        "had",
        "will",
        "would",
        "can",
        "could",
        "should",
        "about",
        "into",
        "over",
        "still",
        "come",
        "comes",
        "go",
        "going",
        "let",
        "let's",
    ]
)


@dataclass(frozen=True)
class _Text:
    """What is compared of a passage."""

    bag: Counter[str]
    count: int
    facts: frozenset[str]
    content: frozenset[str]
    names: frozenset[str]
    is_back: bool
    is_ahead: bool


def find_repeats(
    texts: Sequence[str], starts: Sequence[float], vectors: NDArray[np.float32] | None = None
) -> list[Repetition | None]:
    """Return, for each text, which earlier one it repeats and how, or None.

    Parameters
    ----------
    texts : sequence of str
        In order of time.
    starts : sequence of float
        When they begin, in seconds.
    vectors : array, shape (len(texts), d), optional
        Embeddings; a row of zeros, or no array, leaves the comparison to the words.

    Returns
    -------
    list of Repetition or None
        The earliest text with the same words; else the latest that announced what is named again; else the
        nearest with the same meaning.

    Examples
    --------
    >>> promo = "Call now for the best price."
    >>> find_repeats([promo, "And the news.", promo.lower()], [0.0, 9.0, 12.0])[2]
    Repetition(kind='same words', index=0, start=0.0, similarity=1.0)
    """
    read = [_read(text) for text in texts]
    found: list[Repetition | None] = []
    for index, later in enumerate(read):
        near = (
            vectors[:index] @ vectors[index] if vectors is not None and index else np.zeros(index, np.float32)
        )
        found.append(None if later.count < FEWEST_WORDS else _earlier(later, read[:index], starts, near))
    return found


# --- private ---------------------------------------------------------------------------------------


def _earlier(
    later: _Text, before: Sequence[_Text], starts: Sequence[float], near: NDArray[np.float32]
) -> Repetition | None:
    for index, text in enumerate(before):
        if text.count >= FEWEST_WORDS and (share := _overlap(text, later)) >= OVERLAP:
            return Repetition("same words", index, starts[index], round(share, 4))
    if later.is_back:
        for index in range(len(before) - 1, -1, -1):
            text = before[index]
            if text.is_ahead and not text.is_back and _names_again(text, later):
                return Repetition("back-announce", index, starts[index], round(float(near[index]), 4))
    for index in np.argsort(-near, kind="stable").tolist():
        if near[index] < NEARNESS:
            break
        text = before[index]
        if text.count >= FEWEST_WORDS and _agree(text, later):
            return Repetition("same meaning", index, starts[index], round(float(near[index]), 4))
    return None


def _read(text: str) -> _Text:
    words = _WORD.findall(text)
    plain = [word.casefold().replace("’", "'") for word in words]
    facts = {word for word in plain if word in _DAYS or word in _NUMBERS or word[0].isdigit()}
    content = frozenset(word.removesuffix("'s") for word in plain if len(word) > 2) - _PLAIN - facts
    capital = {word.casefold().replace("’", "'").removesuffix("'s") for word in words if word[0].isupper()}
    tidy = text.replace("’", "'")
    return _Text(
        Counter(plain),
        len(plain),
        frozenset(facts),
        content,
        content & capital,
        bool(_BACK.search(tidy)),
        bool(_AHEAD.search(tidy)),
    )


def _names_again(first: _Text, second: _Text) -> bool:
    """Return whether a name of the one is in the other; words without capitals must share two."""
    return bool(first.names & second.names) or len(first.content & second.content) >= 2


def _overlap(first: _Text, second: _Text) -> float:
    """Return the words in common over the mean number of words (the Dice coefficient of multisets)."""
    total = first.count + second.count
    if 2 * min(first.count, second.count) < OVERLAP * total:
        return 0.0  # even all of the shorter one would not do
    small, large = sorted((first.bag, second.bag), key=len)
    return 2 * sum(min(count, large[word]) for word, count in small.items()) / total


def _agree(first: _Text, second: _Text) -> bool:
    """Return whether no number or day of the shorter list is missing in the other."""
    small, large = sorted((first.facts, second.facts), key=len)
    return small <= large
