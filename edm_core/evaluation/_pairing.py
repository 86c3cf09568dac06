"""Which of one rater's moments and words go with which of another's."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from ..items import Word

_MOST_CELLS = 16_000_000
_Pairs = list[tuple[int | None, int | None]]


def matched(one: Sequence[float], other: Sequence[float], window: float) -> list[tuple[int, int]]:
    """Pair as many moments as lie within a window of each other, each once.

    Both are in order of time. Windows of one width allow the largest matching, that of mir_eval's
    ``match_events``, to be found from left to right.

    Examples
    --------
    >>> matched([10.0, 20.0, 30.0], [10.4, 29.9, 30.2], 0.5)
    [(0, 0), (2, 1)]
    """
    pairs = []
    i = j = 0
    while i < len(one) and j < len(other):
        if abs(one[i] - other[j]) <= window:
            pairs.append((i, j))
            i, j = i + 1, j + 1
        elif one[i] < other[j]:
            i += 1
        else:
            j += 1
    return pairs


def plain(text: str) -> str:
    """Return a word as it is compared: case, accents, punctuation and apostrophes do not count.

    Examples
    --------
    >>> plain("It's,"), plain("Café!")
    ('its', 'cafe')
    """
    letters = unicodedata.normalize("NFKD", text.casefold())
    return re.sub(r"[^\w]", "", "".join(sign for sign in letters if not unicodedata.combining(sign)))


def aligned(one: Sequence[Word], other: Sequence[Word]) -> _Pairs:
    """Pair the words of two raters with the fewest words changed, dropped or added (Levenshtein 1966).

    Of very long transcripts the halves are aligned for themselves.

    Returns
    -------
    list of (int or None, int or None)
        Indices into both, in order; None on the side where there is no such word.

    Examples
    --------
    >>> from edm_core.items import Word
    >>> def said(text):
    ...     return [Word(i, i + 1, text=word, probability=None) for i, word in enumerate(text.split())]
    >>> aligned(said("the cat sat"), said("A cat sat down"))
    [(0, 0), (1, 1), (2, 2), (None, 3)]
    """
    left, right = [plain(word.text) for word in one], [plain(word.text) for word in other]
    same = 0
    while same < min(len(left), len(right)) and left[same] == right[same]:
        same += 1
    end = 0
    while end < min(len(left), len(right)) - same and left[-1 - end] == right[-1 - end]:
        end += 1
    middle = _middle(one, other, left, right, (same, len(left) - end), (same, len(right) - end))
    tail: _Pairs = [(len(left) - number, len(right) - number) for number in range(end, 0, -1)]
    return [*((number, number) for number in range(same)), *middle, *tail]


def _middle(
    one: Sequence[Word],
    other: Sequence[Word],
    left: list[str],
    right: list[str],
    here: tuple[int, int],
    there: tuple[int, int],
) -> _Pairs:
    (i, k), (j, m) = here, there
    if (k - i) * (m - j) > _MOST_CELLS:
        half = (i + k) // 2
        time = one[half].start
        cut = next((number for number in range(j, m) if other[number].start >= time), m)
        if (half, cut) not in ((i, j), (k, m)):
            return [
                *_middle(one, other, left, right, (i, half), (j, cut)),
                *_middle(one, other, left, right, (half, k), (cut, m)),
            ]
    return [
        (None if a is None else a + i, None if b is None else b + j) for a, b in fewest(left[i:k], right[j:m])
    ]


def fewest(left: Sequence[str], right: Sequence[str]) -> _Pairs:
    """Pair two sequences with the fewest words changed, dropped or added (Levenshtein), by their indices."""
    import numpy as np

    known = {word: number for number, word in enumerate(dict.fromkeys([*left, *right]))}
    ours, theirs = ([known[word] for word in words] for words in (left, right))
    columns = np.arange(len(theirs) + 1)
    heard = np.array(theirs, dtype=np.int64)
    rows: list[Any] = [columns.astype(np.int32)]
    for number, word in enumerate(ours, 1):
        above = rows[-1]
        row = np.empty_like(above)
        row[0] = number
        row[1:] = np.minimum(above[1:] + 1, above[:-1] + (heard != word))
        # A word added costs one more than the cell to the left: a running minimum along the row.
        rows.append((np.minimum.accumulate(row - columns) + columns).astype(np.int32))
    pairs: _Pairs = []
    i, j = len(ours), len(theirs)
    while i or j:
        cost = rows[i][j]
        if i and j and cost == rows[i - 1][j - 1] + (ours[i - 1] != theirs[j - 1]):
            i, j = i - 1, j - 1
            pairs.append((i, j))
        elif i and cost == rows[i - 1][j] + 1:
            i -= 1
            pairs.append((i, None))
        else:
            j -= 1
            pairs.append((None, j))
    return pairs[::-1]
