"""Passages: words gathered into stretches that are about one thing, by one algorithm for any length.

A pause without words always ends a passage and stays a gap. Between two such pauses the passages tile the
speech: each begins where the one before ends, half-way between two words. Those cuts are chosen together, by
dynamic programming, so that passages come near the target length and end where a sentence ends or the
speaker breathes. A word is never cut. An hour is cut as a minute is: nothing looks further than one pause.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

from ..errors import SettingsError
from ..timeline import Passage, Span, Word

TARGET, LONGEST = 15.0, 30.0
"""Seconds: the length that is aimed at, and the longest that a passage of several words may have."""
PAUSE = 1.6
"""Seconds without a word that always end a passage."""

_SENTENCE = (".", "!", "?", "…", "。", "！", "？", '."', '?"', '!"', ".”", "?”", "!”")
_CLAUSE = (",", ";", ":", "、", "，")
_NO_SPACES = frozenset({"zh", "yue", "ja", "th", "lo", "my", "km"})


def passages_of(
    words: Sequence[Word],
    *,
    language: str | None = None,
    target: float = TARGET,
    longest: float = LONGEST,
    pause: float = PAUSE,
) -> tuple[Passage, ...]:
    """Gather words into passages; their content is pending.

    Parameters
    ----------
    words : sequence of Word
        In order of time, without overlap.
    language : str, optional
        Code that is stored in every passage, and that decides whether words are joined with spaces.
    target, longest, pause : float
        Seconds; see the module's constants.

    Raises
    ------
    SettingsError
        If the lengths make no sense.

    Examples
    --------
    >>> times = (0.0, 0.4, "Good"), (0.4, 0.9, "morning."), (4.0, 4.5, "News.")
    >>> said = [Word(start, end, text=text, probability=1.0) for start, end, text in times]
    >>> [(passage.start, passage.end, passage.text) for passage in passages_of(said)]
    [(0.0, 0.9, 'Good morning.'), (4.0, 4.5, 'News.')]
    """
    if not 0 < target <= longest:
        raise SettingsError(
            f"a target of {target:g} s with at most {longest:g} s",
            subject="passages",
            remedy="give a target above 0 and a longest passage that is no shorter",
        )
    found: list[Passage] = []
    start = 0
    for end in range(1, len(words) + 1):
        if end == len(words) or words[end].start - words[end - 1].end > pause:
            block = words[start:end]
            cuts = _cuts(block, target, longest)
            between = [round((block[cut - 1].end + block[cut].start) / 2, 3) for cut in cuts[1:-1]]
            edges = [block[0].start, *between, block[-1].end]
            for (low, high), (begin, finish) in zip(pairwise(cuts), pairwise(edges), strict=True):
                found.append(_passage(block[low:high], begin, finish, language))
            start = end
    return tuple(found)


def gaps_of(passages: Sequence[Passage], duration: float) -> tuple[Span, ...]:
    """Return where no passage is; with the passages they tile ``[0, duration)``.

    Examples
    --------
    >>> said = [Passage(1.0, 2.0, text="One."), Passage(2.0, 3.0, text="Two.")]
    >>> [(gap.start, gap.end) for gap in gaps_of(said, 5.0)]
    [(0.0, 1.0), (3.0, 5.0)]
    """
    edges = [0.0, *(edge for passage in passages for edge in (passage.start, passage.end)), duration]
    return tuple(Span(*pair) for pair in zip(edges[::2], edges[1::2], strict=True) if pair[1] > pair[0])


def joined(words: Sequence[Word], language: str | None) -> str:
    """Return the words as text, with spaces in languages that have them."""
    return (" " if has_spaces(language) else "").join(word.text for word in words)


def has_spaces(language: str | None) -> bool:
    """Return whether a language is written with spaces between words."""
    return language not in _NO_SPACES


def _passage(words: Sequence[Word], start: float, end: float, language: str | None) -> Passage:
    known = [word.probability for word in words if word.probability is not None]
    return Passage(
        start,
        end,
        confidence=round(sum(known) / len(known), 4) if known else None,
        text=joined(words, language),
        language=language,
        words=tuple(words),
    )


def _cuts(words: Sequence[Word], target: float, longest: float) -> list[int]:
    """Return where passages begin, and the number of words: the cuts of least cost.

    A passage costs the square of its relative distance from the target, a cut up to 1.5 where it falls
    within a phrase, and a little anyway, so that short text is not scattered.
    """
    best = [0.0] + [float("inf")] * len(words)
    came_from = [0] * (len(words) + 1)
    for end in range(1, len(words) + 1):
        cut = 0.0 if end == len(words) else _cut_cost(words[end - 1], words[end])
        for start in range(end - 1, -1, -1):
            length = words[end - 1].end - words[start].start
            if length > longest and start < end - 1:
                break
            cost = best[start] + ((length - target) / target) ** 2 + cut
            if cost < best[end]:
                best[end], came_from[end] = cost, start
    cuts = [len(words)]
    while cuts[-1]:
        cuts.append(came_from[cuts[-1]])
    return cuts[::-1]


def _cut_cost(before: Word, after: Word) -> float:
    breath = min(1.0, (after.start - before.end) / 0.8)
    if before.text.endswith(_SENTENCE):
        return 0.1 * (1 - breath)
    if before.text.endswith(_CLAUSE):
        return 0.8 - 0.4 * breath
    return 1.5 - 0.8 * breath
