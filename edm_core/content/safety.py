"""Safety of a passage: severity by category, with the words that show it and when they fall.

Patterns of words find what is said. Phrases that are known to be harmless ("kill the lights") are taken out
first, and a passage that reports, prevents or plays is held to a limit. Each category's patterns are then
weighed together with how much the passage as a whole is like examples that must be flagged: either can
outweigh the other; slurs and strong profanity are enough. Masked words are read as the listed word that fits.
What this cannot hear: irony, and quotation that does not look like it.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from ..settings import Settings
from ..timeline import Evidence, Passage, Safety, Severities
from .classify import Embeds
from .lexicon import CATEGORIES, SafetyTerms
from .packaged import kept_rows
from .patterns import SENTENCE_END, Found

GRAVE = 6
"""A severity that no context lowers."""

EXPLICIT = {"hate": 5, "profanity": 4}
"""Severities from which words are enough whatever the passage is like: slurs, strong profanity."""

_RIDGE = 0.2
_ORDINARY = 0.3  # what a text that was not written for this counts, beside one that was
_TOKEN = re.compile(r"[^\W_]+(?:['’\-*@$]+[^\W_]+)*[*$]*|[*@$]+[^\W_]+[^\W_*@$]*[*$]*|[.!?…]+")
_SIGNS = str.maketrans({"@": "a", "$": "s", "1": "i", "0": "o", "3": "e", "5": "s"})


@dataclass(frozen=True, slots=True)
class _Token:
    plain: str
    surface: str
    start: float
    end: float


def judge_safety(passage: Passage, terms: SafetyTerms, likeness: Mapping[str, float] | None = None) -> Safety:
    """Return whether a passage is safe to broadcast.

    Parameters
    ----------
    passage : Passage
        Its words give the times of the evidence; without words, evidence spans the passage.
    terms : SafetyTerms
        What is looked for. A passage in another language is ``unknown``.
    likeness : mapping of str to float, optional
        How like each category's examples the passage is, from :func:`likenesses`; without it only patterns
        count, and faint ones do not.

    Notes
    -----
    With likeness, a category is flagged where likeness plus what its patterns add reaches ``evidence.flag``
    of the file; words of a severity in :data:`EXPLICIT` are enough. A pattern of a flagged severity adds
    ``strong``, or ``held`` if a context lowers it; a milder or faint one adds ``faint``. Where no pattern
    is found, the evidence is the passage, less ``harmless`` if it holds a phrase that is known to be that.
    """
    if passage.language not in (None, terms.language):
        reason = f"the packaged word list reads {terms.language} only, this is {passage.language}"
        return Safety("unknown", reason=reason)
    tokens = _tokens(passage, terms)
    plain = [token.plain for token in tokens]
    hidden = [False] * len(plain)
    for found in terms.harmless.find(plain):
        hidden[found.start : found.end] = [True] * (found.end - found.start)
    limits = _limits(plain, terms)
    severities = dict.fromkeys(CATEGORIES, 0)
    evidence: list[Evidence] = []
    for category in CATEGORIES:
        matches = terms.terms[category].find(plain, hidden)
        raw = max((found.value for found in matches), default=0)
        flag, limit = terms.flag_from[category], limits.get(category, GRAVE + 1)
        severity = raw if raw >= GRAVE else min(raw, limit)
        alike = (likeness or {}).get(category)
        explicit = severity >= EXPLICIT.get(category, GRAVE + 2)
        if alike is not None and not explicit:
            hints = [] if raw >= flag else terms.faint[category].find(plain, hidden)
            kind = "strong" if severity >= flag else "held" if raw >= flag else "faint"
            said = terms.evidence[kind] if raw or hints else terms.evidence["harmless"] * any(hidden)
            if alike + said >= terms.evidence["flag"]:
                severity = max(severity, flag)
                matches = matches or hints or [Found(0, len(tokens), flag)]
            else:
                severity = min(severity, flag - 1)
        severities[category] = severity
        for found in matches:
            span = [token for token in tokens[found.start : found.end] if token.surface]
            quote = " ".join(token.surface for token in span)
            if span:
                evidence.append(Evidence(quote, span[0].start, span[-1].end, category))
    flagged = any(severities[category] >= terms.flag_from[category] for category in CATEGORIES)
    evidence.sort(key=lambda item: (item.start, item.category))
    return Safety("flagged" if flagged else "clear", Severities(**severities), tuple(evidence))


def likenesses(
    vectors: NDArray[np.float32],
    terms: SafetyTerms,
    embed: Embeds,
    settings: Settings | None = None,
    *,
    clear: tuple[str, ...] = (),
) -> list[dict[str, float]]:
    """Return how like each category's examples each passage is: about 1 like them, about -1 like clear texts.

    Kernel ridge regression on the embeddings, each category against the rest, with the kernel
    ((1 + cosine) / 2) ** 3. Reference: Hastie, Tibshirani and Friedman, "The Elements of Statistical
    Learning" (2009), section 5.8.

    Parameters
    ----------
    vectors : array, shape (n, d)
        A row of zeros is like nothing.
    terms : SafetyTerms
        With the examples.
    embed : callable
        Embeds them.
    settings : Settings, optional
        Where their rows are kept.
    clear : tuple of str, optional
        More texts that are clear, such as a label file's.
    """
    names = tuple(name for name in CATEGORIES if terms.examples[name])
    if not names or not terms.clear or not len(vectors):
        return [{} for _ in vectors]
    rows, weights = _fitted((terms.clear, *(terms.examples[name] for name in names)), clear, embed, settings)
    scores = _kernel(vectors.astype(np.float64), rows) @ weights
    return [
        dict(zip(names, map(float, row), strict=True)) if vector.any() else {}
        for row, vector in zip(scores, vectors, strict=True)
    ]


# --- private ---------------------------------------------------------------------------------------


@lru_cache(maxsize=4)
def _fitted(
    groups: tuple[tuple[str, ...], ...],
    ordinary: tuple[str, ...],
    embed: Embeds,
    settings: Settings | None,
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return the examples' rows, and weights by row and category; group 0 and ``ordinary`` are clear."""
    texts = tuple(dict.fromkeys(text for group in (*groups, ordinary) for text in group))
    place = {text: index for index, text in enumerate(texts)}
    target = np.full((len(texts), len(groups) - 1), -1.0)
    for column, group in enumerate(groups[1:]):
        target[[place[text] for text in group], column] = 1.0
    written = {text for group in groups for text in group}
    root = np.sqrt([1.0 if text in written else _ORDINARY for text in texts])[:, None]
    rows = kept_rows(texts, embed, settings).astype(np.float64)
    gram = root * _kernel(rows, rows) * root.T + _RIDGE * np.eye(len(rows))
    return rows, root * np.linalg.solve(gram, root * target)


def _kernel(left: NDArray[np.float64], right: NDArray[np.float64]) -> NDArray[np.float64]:
    return np.asarray(((1.0 + left @ right.T) / 2.0) ** 3)


def _limits(plain: Sequence[str], terms: SafetyTerms) -> dict[str, int]:
    limits: dict[str, int] = {}
    for context in terms.contexts:
        if context.when.find(plain) and not context.unless.find(plain):
            for category, limit in context.at_most.items():
                limits[category] = min(limit, limits.get(category, limit))
    return limits


def _tokens(passage: Passage, terms: SafetyTerms) -> list[_Token]:
    if passage.words:
        sources = [(word.text, word.start, word.end) for word in passage.words]
    else:
        sources = [(passage.text, passage.start, passage.end)]
    return [
        _Token(SENTENCE_END, "", start, end)
        if surface[0] in ".!?…"
        else _Token(_unmasked(surface.casefold().replace("’", "'"), terms), surface, start, end)
        for text, start, end in sources
        for surface in _TOKEN.findall(text)
    ]


def _unmasked(token: str, terms: SafetyTerms) -> str:
    """Return the listed word that a masked one stands for, or the token as it is."""
    if token.isalpha() or not any(sign in token for sign in "*@$1035"):
        return token
    candidates = _candidates(tuple(terms.terms[name].words for name in ("profanity", "hate")))
    if "*" not in token:
        return next((word for word in candidates if word == token.translate(_SIGNS)), token)
    token = token.removesuffix("'s")
    if not token[0].isalpha():
        return token
    mask = re.compile("".join("[a-z]" if letter == "*" else re.escape(letter) for letter in token))
    loose = re.compile(re.sub(r"(?:\[a-z\])+", "[a-z]+", mask.pattern))
    for pattern in (mask, loose):
        fitting = [word for word in candidates if pattern.fullmatch(word)]
        if fitting:
            return fitting[0]
    return token


@lru_cache(maxsize=4)
def _candidates(lists: Iterable[frozenset[str]]) -> tuple[str, ...]:
    """Return the words that masks may stand for, the likeliest first."""
    likely = ("fuck", "shit", "cunt", "bitch", "dick", "bastard", "arse", "ass", "piss", "nigger", "wank")
    words = {word for words in lists for word in words if len(word) > 2}

    def rank(word: str) -> tuple[int, int, str]:
        place = next((index for index, one in enumerate(likely) if one in word), len(likely))
        return place, len(word), word

    return tuple(sorted(words, key=rank))
