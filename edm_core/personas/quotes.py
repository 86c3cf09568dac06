"""Quotes as evidence: found in the transcript and given verbatim with their times, or dropped.

A quote counts if its words stand in the transcript in the same order without others between them; case,
punctuation and white space do not matter. What is shown is the transcript's own spelling.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence

from ..items import Evidence, Passage

MOST = 3
"""Pieces of evidence that are kept."""

_TOKEN = re.compile(r"[^\W_]+(?:['’][^\W_]+)*")


def located(quotes: Sequence[str], passage: Passage) -> tuple[tuple[Evidence, ...], int]:
    """Return quotes as evidence, in the order given, and how many are not in the transcript.

    Parameters
    ----------
    quotes : sequence of str
        As a model gave them. Empty ones and repetitions are passed over.
    passage : Passage
        Its words give the times; without words, evidence spans the passage.

    Examples
    --------
    >>> passage = Passage(0.0, 4.0, text="Well, rain is coming. Bring a coat!")
    >>> found, dropped = located(["rain is  COMING", "snow"], passage)
    >>> found[0].quote, dropped
    ('rain is coming', 1)
    """
    tokens, owners = _tokens(passage)
    found: list[Evidence] = []
    dropped = 0
    for quote in quotes:
        wanted = [_plain(match.group()) for match in _TOKEN.finditer(quote)]
        if not wanted:
            continue
        place = _place(wanted, [token for token, _, _ in tokens])
        if place is None:
            dropped += 1
            continue
        last = place + len(wanted) - 1
        start, end = _times(passage, owners, place, last)
        evidence = Evidence(passage.text[tokens[place][1] : tokens[last][2]], start, end)
        if evidence not in found:
            found.append(evidence)
    return tuple(found[:MOST]), dropped


def quoted(text: str) -> tuple[str, ...]:
    """Return what stands in double quotes in a text.

    Examples
    --------
    >>> quoted('They say "free tickets" and “no queue”.')
    ('free tickets', 'no queue')
    """
    return tuple(match[1] or match[2] for match in re.finditer(r'"([^"]+)"|“([^”]+)”', text))


# --- private ---------------------------------------------------------------------------------------


def _tokens(passage: Passage) -> tuple[list[tuple[str, int, int]], list[int] | None]:
    """Return the text's tokens with where they stand, and each one's word; None if the words are others."""
    tokens = [(_plain(match.group()), *match.span()) for match in _TOKEN.finditer(passage.text)]
    spoken = [
        (_plain(match.group()), index)
        for index, word in enumerate(passage.words)
        for match in _TOKEN.finditer(word.text)
    ]
    if [token for token, _, _ in tokens] != [token for token, _ in spoken]:
        return tokens, None
    return tokens, [index for _, index in spoken]


def _times(passage: Passage, owners: list[int] | None, first: int, last: int) -> tuple[float, float]:
    if not owners:
        return passage.start, passage.end
    return passage.words[owners[first]].start, passage.words[owners[last]].end


def _plain(token: str) -> str:
    return unicodedata.normalize("NFKC", token).casefold().replace("’", "'")


def _place(wanted: list[str], tokens: list[str]) -> int | None:
    size = len(wanted)
    return next(
        (place for place in range(len(tokens) - size + 1) if tokens[place : place + size] == wanted), None
    )
