"""Safety of a passage by a lexicon: severity by category, with the words that show it and when they fall.

Whole words and phrases count, in any case; a phrase that is known to be harmless ("kill the lights") hides
the words in it. A lexicon hears words, not meaning: quotation and irony escape it, and so does a threat in
friendly words.
"""

from __future__ import annotations

import re
from functools import lru_cache

from ..timeline import Evidence, Passage, Safety, Severities
from .labels import CATEGORIES, SafetyTerms

_TOKEN = re.compile(r"[^\W_]+(?:['’-][^\W_]+)*\*?", re.UNICODE)


def judge_safety(passage: Passage, terms: SafetyTerms) -> Safety:
    """Return whether a passage is safe to broadcast.

    Parameters
    ----------
    passage : Passage
        Its words give the times of the evidence; without words, evidence spans the passage.
    terms : SafetyTerms
        The lexicon. A passage in another language is ``unknown``.
    """
    if passage.language not in (None, terms.language):
        reason = f"the packaged word list reads {terms.language} only, this is {passage.language}"
        return Safety("unknown", reason=reason)
    tokens = _tokens(passage)
    plain = [token for token, _, _, _ in tokens]
    hidden = _covered(plain, terms.harmless)
    severities = dict.fromkeys(CATEGORIES, 0)
    evidence: list[Evidence] = []
    for category in CATEGORIES:
        for start, end, severity in _matches(plain, hidden, tuple(terms.terms[category].items())):
            severities[category] = max(severities[category], severity)
            quote = " ".join(surface for _, surface, _, _ in tokens[start:end])
            evidence.append(Evidence(quote, tokens[start][2], tokens[end - 1][3], category))
    flagged = any(severities[category] >= terms.flag_from[category] for category in CATEGORIES)
    evidence.sort(key=lambda item: (item.start, item.category))
    return Safety("flagged" if flagged else "clear", Severities(**severities), tuple(evidence))


def _tokens(passage: Passage) -> list[tuple[str, str, float, float]]:
    """Return (plain, as it stands, start, end) of every token."""
    if passage.words:
        sources = [(word.text, word.start, word.end) for word in passage.words]
    else:
        sources = [(passage.text, passage.start, passage.end)]
    return [
        (token.casefold().replace("’", "'"), token, start, end)
        for text, start, end in sources
        for token in _TOKEN.findall(text)
    ]


def _covered(plain: list[str], phrases: tuple[str, ...]) -> list[bool]:
    hidden = [False] * len(plain)
    for start, end, _ in _matches(plain, hidden, tuple((phrase.casefold(), 0) for phrase in phrases)):
        hidden[start:end] = [True] * (end - start)
    return hidden


def _matches(
    plain: list[str], hidden: list[bool], terms: tuple[tuple[str, int], ...]
) -> list[tuple[int, int, int]]:
    """Return (start, end, severity) of the longest term at each place; terms do not overlap."""
    by_first = _by_first(terms)
    found, place = [], 0
    while place < len(plain):
        for parts, severity in by_first.get(plain[place], ()):
            end = place + len(parts)
            if tuple(plain[place:end]) == parts and not any(hidden[place:end]):
                found.append((place, end, severity))
                place = end - 1
                break
        place += 1
    return found


@lru_cache(maxsize=32)
def _by_first(terms: tuple[tuple[str, int], ...]) -> dict[str, list[tuple[tuple[str, ...], int]]]:
    index: dict[str, list[tuple[tuple[str, ...], int]]] = {}
    for term, severity in terms:
        parts = tuple(_TOKEN.findall(term))
        index.setdefault(parts[0], []).append((parts, severity))
    for options in index.values():
        options.sort(key=lambda option: -len(option[0]))
    return index
