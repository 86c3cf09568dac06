"""Numbers as their digits, however they are written: "twenty-three", "23"; "seven thirty", "7:30"."""

from __future__ import annotations

import re
from collections.abc import Sequence

_UNITS = {
    word: value
    for value, word in enumerate(
        """zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen
        sixteen seventeen eighteen nineteen""".split()  # noqa: SIM905
    )
}
_TENS = {
    word: 10 * value
    for value, word in enumerate("twenty thirty forty fifty sixty seventy eighty ninety".split(), 2)  # noqa: SIM905
}
_LARGE = {"hundred": 100, "thousand": 1000, "million": 1_000_000, "billion": 1_000_000_000}
_IRREGULAR = {"first": "one", "second": "two", "third": "three", "fifth": "five", "eighth": "eight"}
_IRREGULAR |= {"ninth": "nine", "twelfth": "twelve"}
_ORDINALS = {f"{word}th": word for word in (*_UNITS, "hundred")}
_ORDINALS |= {f"{word[:-1]}ieth": word for word in _TENS} | _IRREGULAR


def runs(words: Sequence[str]) -> list[tuple[int, int]]:
    """Return where words are numbers that follow each other: first index, and the one after the last.

    >>> runs("at seven oh five for two hundred and six".split())
    [(1, 4), (5, 9)]
    """
    found: list[tuple[int, int]] = []
    for index, word in enumerate(words):
        open_run = bool(found) and found[-1][1] == index
        following = words[index + 1] if index + 1 < len(words) else ""
        linked = open_run and _is_number(following) and _links(words[index - 1], word)
        if linked or (_is_number(word) and open_run):
            found[-1] = (found[-1][0], index + 1)
        elif _is_number(word):
            found.append((index, index + 1))
    return found


def _links(before: str, word: str) -> bool:
    return word == "oh" or (word == "and" and before in _LARGE)


def _is_number(word: str) -> bool:
    cardinal = _ORDINALS.get(word, word)
    known = cardinal in _UNITS or cardinal in _TENS or cardinal in _LARGE
    return known or re.fullmatch(r"\d+(st|nd|rd|th)?", word) is not None


def digits_of(run: Sequence[str]) -> str:
    """Return a run of numbers as digits; several numbers one after the other stand without a gap.

    >>> digits_of(["two", "hundred", "and", "six"]), digits_of(["nineteen", "sixty", "ninth"])
    ('206', '1969th')
    """
    digits, ordinal = "", False
    total = current = 0
    smallest = 1_000_000_000_000  # what may still be added: "twenty three" is one number, "three twenty" two
    begun = False
    for part in run:
        word = re.sub(r"(?<=\d)(st|nd|rd|th)$", "", part)
        ordinal = word != part or part in _ORDINALS
        word = _ORDINALS.get(word, word)
        if word == "and":
            continue
        if word in _LARGE and begun:
            size = _LARGE[word]
            current = max(1, current) * size
            if size > 100:
                total, current = total + current, 0
            smallest = size
            continue
        value = 0 if word == "oh" else _UNITS.get(word, _TENS.get(word, _LARGE.get(word, -1)))
        text = word if value < 0 else str(value)
        if begun and (value <= 0 or value >= smallest):
            digits, total, current = digits + str(total + current), 0, 0
        begun, current = True, current + int(text)
        smallest = 10 if word in _TENS else _LARGE.get(word, 1)
        if len(text) > 1 and text.startswith("0"):  # "7:05": the nought counts
            digits, current, begun = digits + text, 0, False
    digits += str(total + current) if begun else ""
    return digits + ("th" if ordinal else "")
