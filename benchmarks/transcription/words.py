"""Words compared: one normaliser for every system, alignment by edit distance, errors of times.

The normaliser follows the idea of the English one that Whisper's authors published (Radford et al. 2022,
appendix C), reduced: case, punctuation, apostrophes and accents do not count; numbers count as their digits,
however they are written, and neighbouring numbers as one ("seven thirty" = "7:30"); British spellings count
as American ones; "%", "$" and a few abbreviations count as their words. Other languages than English keep
their numbers as they are written.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from edm_core.evaluation._pairing import fewest

from . import numerals

_SIGNS = (
    (r"%", " percent "), (r"&", " and "), (r"\$\s*([\d.,]+)", r" \1 dollars "),
    (r"£\s*([\d.,]+)", r" \1 pounds "), (r"€\s*([\d.,]+)", r" \1 euros "),
)  # fmt: skip
_SPELLINGS = {
    "ok": "okay", "mr": "mister", "dr": "doctor", "cm": "centimeters", "km": "kilometers",
    "theatre": "theater", "theatres": "theaters", "centre": "center", "centres": "centers", "grey": "gray",
    "programme": "program", "programmes": "programs", "jewellery": "jewelry", "practised": "practiced",
    "metre": "meter", "metres": "meters", "kilometre": "kilometer", "kilometres": "kilometers",
    "adviser": "advisor", "advisers": "advisors", "tonne": "ton", "tonnes": "tons",
}  # fmt: skip
_OUR = re.compile(r"\b(harb|neighb|col|fav|hon|lab|hum|flav|behavi|rum)our(s|ed|ing|ite|ites|hood)?\b")


@dataclass(frozen=True, slots=True)
class Timed:
    """A word, and where it starts and ends in seconds; None where that is not known."""

    text: str
    start: float | None = None
    end: float | None = None


def tokens(words: Iterable[Timed], language: str = "en") -> list[Timed]:
    """Return what is compared: parts of words, numbers joined, each with the times that are known.

    Examples
    --------
    >>> [token.text for token in tokens([Timed("Twenty-three"), Timed("past"), Timed("7:30,"), Timed("OK!")])]
    ['23', 'past', '730', 'okay']
    """
    parts: list[Timed] = []
    for word in words:
        found = _split(word.text, language)
        for number, part in enumerate(found):
            start = word.start if number == 0 else None
            end = word.end if number == len(found) - 1 else None
            parts.append(Timed(part, start, end))
    if language != "en":
        return parts
    for first, after in reversed(numerals.runs([part.text for part in parts])):
        run = parts[first:after]
        digits = numerals.digits_of([part.text for part in run])
        parts[first:after] = [Timed(digits, run[0].start, run[-1].end)]
    return parts


def normal(text: str, language: str = "en") -> list[str]:
    """Return the tokens of a text without times.

    >>> normal("It's 5% of $2.50 -- two thousand and twenty-six")
    ['its', '5', 'percent', 'of', '2', 'point', '50', 'dollars', '2026']
    """
    return [token.text for token in tokens((Timed(word) for word in text.split()), language)]


def align(reference: Sequence[str], hypothesis: Sequence[str]) -> list[tuple[int | None, int | None]]:
    """Pair the words of two sequences with the fewest words changed, dropped or added (Levenshtein).

    Returns
    -------
    list of (int or None, int or None)
        Indices into both, in order; None on the side where there is no such word.

    Examples
    --------
    >>> align(["the", "cat", "sat"], ["a", "cat", "sat", "down"])
    [(0, 0), (1, 1), (2, 2), (None, 3)]
    """
    return fewest(reference, hypothesis)


@dataclass(frozen=True, slots=True)
class Compared:
    """One utterance: its words, how many are wrong, missing or too many, and errors of times in seconds."""

    words: int
    errors: int
    starts: tuple[float, ...] = ()
    ends: tuple[float, ...] = ()


def compare(lines: Sequence[Sequence[Timed]], hypothesis: Sequence[Timed], language: str) -> list[Compared]:
    """Compare what was heard in a recording with the utterances that were said in it, one after the other.

    The recording is aligned as a whole. A word too many is an error of the utterance before it. Errors of
    times are heard minus said, of words that are right and whose times are known on both sides.

    Examples
    --------
    >>> said = [[Timed("Hello", 0.0, 0.5)], [Timed("world", 0.5, 1.0)]]
    >>> compare(said, [Timed("hello", 0.1, 0.5), Timed("word", 0.5, 1.0)], "en")[0]
    Compared(words=1, errors=0, starts=(0.1,), ends=(0.0,))
    """
    said = [tokens(line, language) for line in lines]
    reference = [token for line in said for token in line]
    owner = [number for number, line in enumerate(said) for _ in line]
    heard = tokens(hypothesis, language)
    errors, starts, ends = [0] * len(said), [list[float]() for _ in said], [list[float]() for _ in said]
    at = 0
    for i, j in align([token.text for token in reference], [token.text for token in heard]):
        if i is None:
            errors[at] += 1
            continue
        at = owner[i]
        if j is None or reference[i].text != heard[j].text:
            errors[at] += 1
            continue
        _note(starts[at], reference[i].start, heard[j].start)
        _note(ends[at], reference[i].end, heard[j].end)
    counts = [len(line) for line in said]
    rows = zip(counts, errors, starts, ends, strict=True)
    return [Compared(count, wrong, tuple(begun), tuple(ended)) for count, wrong, begun, ended in rows]


def _note(errors: list[float], said: float | None, heard: float | None) -> None:
    if said is not None and heard is not None:
        errors.append(round(heard - said, 4))


def _split(text: str, language: str) -> list[str]:
    letters = unicodedata.normalize("NFKD", text).casefold().replace("’", "'")
    text = "".join(sign for sign in letters if not unicodedata.combining(sign))
    text = re.sub(r"(?<=\d)[, ](?=\d{3}\b)", "", text)
    for pattern, said in _SIGNS:
        text = re.sub(pattern, said, text)
    text = re.sub(r"\b([ap])\.\s?m\b\.?", r"\1m", text)
    text = re.sub(r"(?<=\d)\.(?=\d)", " point ", text)
    text = text.replace("'", "")
    words = re.findall(r"[^\W_]+", text)
    if language != "en":
        return words
    return [_SPELLINGS.get(word) or _OUR.sub(r"\1or\2", word) for word in words]
