"""Patterns of words, as the safety file writes them, and where they are found in a text.

A pattern is words in a row: ``kill~`` is any form of the word, ``a|b`` one of several, ``<person>`` one of a
group, ``word?`` or ``a|b?`` may be missing, and ``...`` stands for up to six words within one sentence. Texts
are looked through word by word; only patterns that can begin with a word are tried there, so that many cost
little.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

SENTENCE_END = "."
"""The token that stands between sentences: no pattern goes across it."""

_GAP = r"(?:[^ .]+ ){0,6}?"
_VOWELS = "aeiou"


@dataclass(frozen=True, slots=True)
class Found:
    """Tokens ``start`` to ``end`` (exclusive) match; ``value`` is what the pattern stands for."""

    start: int
    end: int
    value: int


class Patterns:
    """Many patterns, compiled.

    Parameters
    ----------
    values : mapping of str to int
        What each pattern stands for, such as a severity.
    groups : mapping of str to sequence of str
        Words or phrases by the name that stands for them in patterns.

    Raises
    ------
    ValueError
        If a pattern is wrong; the message holds it.

    Examples
    --------
    >>> threats = Patterns({"kill~ <person>": 5}, {"person": ["you", "all of you"]})
    >>> threats.find("i was killing all of you".split())
    [Found(start=2, end=6, value=5)]
    """

    def __init__(self, values: Mapping[str, int], groups: Mapping[str, Sequence[str]]) -> None:
        self._by_first: dict[str, list[tuple[re.Pattern[str], int]]] = {}
        self.words: frozenset[str] = frozenset()
        alone: set[str] = set()
        for pattern, value in values.items():
            elements = [_Element(part, pattern, groups) for part in pattern.casefold().split()]
            compiled = re.compile("".join(element.regex for element in elements))
            for first in _firsts(elements, pattern):
                self._by_first.setdefault(first, []).append((compiled, value))
            if len(elements) == 1:
                alone.update(one for one in elements[0].options if " " not in one)
        self.words = frozenset(alone)

    def find(self, tokens: Sequence[str], hidden: Sequence[bool] | None = None) -> list[Found]:
        """Return the matches that do not overlap, in order: the highest value first, then the longest.

        Parameters
        ----------
        tokens : sequence of str
            Words in lower case, with :data:`SENTENCE_END` between sentences.
        hidden : sequence of bool, optional
            Tokens that may not be part of a match.
        """
        joined, places = "", {}
        for index, token in enumerate(tokens):
            places[len(joined)] = index
            joined += f"{token} "
        places[len(joined)] = len(tokens)
        matches = []
        for offset, start in places.items():
            for pattern, value in self._by_first.get(tokens[start], ()) if start < len(tokens) else ():
                match = pattern.match(joined, offset)
                if match and not (hidden and any(hidden[start : places[match.end()]])):
                    matches.append(Found(start, places[match.end()], value))
        matches.sort(key=lambda found: (-found.value, found.start - found.end, found.start))
        taken: set[int] = set()
        kept = []
        for found in matches:
            span = range(found.start, found.end)
            if taken.isdisjoint(span):
                kept.append(found)
                taken.update(span)
        return sorted(kept, key=lambda found: found.start)


def forms(word: str) -> tuple[str, ...]:
    """Return the regular forms of a word: itself, with -s, -ed, -ing, by the rules of English spelling.

    Examples
    --------
    >>> forms("stab")
    ('stab', 'stabs', 'stabbed', 'stabbing', "stabbin'")
    >>> forms("strangle")
    ('strangle', 'strangles', 'strangled', 'strangling', "stranglin'")
    """
    if word.endswith("e"):
        return word, f"{word}s", f"{word}d", f"{word[:-1]}ing", f"{word[:-1]}in'"
    if word.endswith("y") and word[-2:-1] not in _VOWELS:
        return word, f"{word[:-1]}ies", f"{word[:-1]}ied", f"{word}ing", f"{word}in'"
    plural = "es" if word.endswith(("s", "x", "z", "ch", "sh")) else "s"
    short = re.fullmatch(r"[^aeiou]*[aeiou][^aeiouwxy]|.*[^aeiou][aeiou](?:[bdgp]|(?<=i)t)", word)
    base = word + word[-1] if short else word
    return word, word + plural, f"{base}ed", f"{base}ing", f"{base}in'"


class _Element:
    """One word of a pattern: the texts that it stands for and its expression."""

    def __init__(self, part: str, pattern: str, groups: Mapping[str, Sequence[str]]) -> None:
        self.is_gap = part == "..."
        self.is_optional = self.is_gap or "?" in part
        self.options: tuple[str, ...] = ()
        if self.is_gap:
            self.regex = _GAP
            return
        found: dict[str, None] = {}
        for option in part.replace("?", "").split("|"):
            found.update(dict.fromkeys(_expanded(option, pattern, groups)))
        self.options = tuple(sorted(found, key=lambda one: (-len(one), one)))
        choice = "|".join(re.escape(f"{one} ") for one in self.options)
        self.regex = f"(?:{choice})" + ("?" if self.is_optional else "")


def _expanded(option: str, pattern: str, groups: Mapping[str, Sequence[str]]) -> tuple[str, ...]:
    if option.startswith("<") and option.endswith(">"):
        if option[1:-1] not in groups:
            raise ValueError(f"{pattern!r} names the group {option}, which is not there")
        words = groups[option[1:-1]]
        return tuple(form for word in words for form in _expanded(word.casefold(), pattern, {}))
    if not option.removesuffix("~").strip() or any(sign in option for sign in "<>") or "~" in option[:-1]:
        raise ValueError(f"{pattern!r} cannot be read at {option!r}")
    return forms(option[:-1]) if option.endswith("~") else (option,)


def _firsts(elements: Sequence[_Element], pattern: str) -> set[str]:
    """Return the words that a match can begin with."""
    firsts: set[str] = set()
    for element in elements:
        if element.is_gap:
            break
        firsts.update(option.split()[0] for option in element.options)
        if not element.is_optional:
            return firsts
    raise ValueError(f"{pattern!r} does not begin with a word")
