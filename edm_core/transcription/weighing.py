"""What the recogniser wrote is placed in the recording and weighed, word by word."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import replace

from ..timeline import Utterance, Word
from .engine import Heard, HeardWord
from .evidence import NEAR_SPEECH, compression_of, is_near_speech, loop_from, objection
from .passages import has_spaces
from .regions import Chunk, Piece, piece_at, place

LONGEST_GAP = 2.5
"""Seconds of speech without a word that are heard once more."""

_SHORTEST_WORD = 0.02


def weighed(
    heard: Sequence[Heard],
    chunk: Chunk,
    near: Sequence[Piece],
    language: str,
    *,
    heard_before: bool = False,
) -> tuple[list[Word], list[Utterance]]:
    """Return the words that are believed, with their times in the recording, and all that was written.

    Parameters
    ----------
    heard : sequence of Heard
        What was recognised in the chunk's sound.
    chunk : Chunk
        Where that sound lies in the recording.
    near : sequence of Piece
        Where words may be: the speech, or what has to be heard again.
    language : str
        Its code.
    heard_before : bool, optional
        Whether what lies outside ``near`` has its words already.
    """
    words: list[Word] = []
    written: list[Utterance] = []
    for part, piece in _parts(heard, chunk):
        placed = [_placed(word, chunk, piece, near) for word in _whole_words(part.words, language)]
        if not placed:
            continue
        reason = objection(part, piece.duration)
        if reason:
            written.append(_utterance(placed, part, language, reason))
            continue
        loop = loop_from([word.text for word in placed])
        if loop is not None:
            written.append(_utterance(placed[loop:], part, language, "the text goes round in a loop"))
            placed = placed[:loop]
        margin = 0.0 if heard_before else NEAR_SPEECH
        believed = [word for word in placed if is_near_speech(word.start, word.end, near, margin)]
        lost = [word for word in placed if word not in believed]
        if believed:
            written.append(_utterance(believed, part, language))
        if lost:
            where = "heard before" if heard_before else "nobody speaks there"
            written.append(_utterance(lost, part, language, where))
        words += believed
    return words, written


def missed_in(
    spans: Sequence[Piece], words: Sequence[Word], utterances: Sequence[Utterance]
) -> tuple[Piece, ...]:
    """Return where somebody speaks for long and nothing was written.

    Speech in which text was rejected is left as it is: it would be no clearer the second time.

    Examples
    --------
    >>> missed_in([Piece(0.0, 10.0)], [Word(0.0, 4.0, text="so", probability=1.0)], [])
    (Piece(start=4.0, end=10.0),)
    """
    refused = [each for each in utterances if each.rejected]
    found = []
    at, reached = 0, 0.0
    for span in spans:
        reached = max(reached, span.start)
        gaps = []
        while at < len(words) and words[at].start < span.end:
            gaps.append(Piece(reached, words[at].start))
            reached = max(reached, words[at].end)
            at += 1
        gaps.append(Piece(reached, span.end))
        if not any(each.start < span.end and each.end > span.start for each in refused):
            found += [gap for gap in gaps if gap.duration >= LONGEST_GAP]
    return tuple(found)


def _parts(heard: Sequence[Heard], chunk: Chunk) -> Iterator[tuple[Heard, Piece]]:
    """Split what was heard at once by the piece of sound that each word's middle lies in."""
    for whole in heard:
        at = 0
        pieces = [piece_at(chunk, (word.start + word.end) / 2) for word in whole.words]
        for index in range(1, len(pieces) + 1):
            if index == len(pieces) or pieces[index] != pieces[at]:
                yield replace(whole, words=whole.words[at:index]), pieces[at]
                at = index


def _placed(word: HeardWord, chunk: Chunk, piece: Piece, near: Sequence[Piece]) -> Word:
    start = min(max(piece.start, place(chunk, word.start)), piece.end - _SHORTEST_WORD)
    end = min(piece.end, max(place(chunk, word.end), start + _SHORTEST_WORD))
    # The recogniser lets the first word begin with the sound it was given, before anybody speaks.
    start = max([start, *(span.start for span in near if start < span.start < end - 0.1)])
    probability = None if word.probability is None else round(min(1.0, max(0.0, word.probability)), 4)
    return Word(round(start, 3), round(end, 3), text=word.text, probability=probability)


def _utterance(words: Sequence[Word], part: Heard, language: str, rejected: str | None = None) -> Utterance:
    text = (" " if has_spaces(language) else "").join(word.text for word in words)
    start, end = min(word.start for word in words), max(word.end for word in words)
    return Utterance(
        start,
        end,
        text=text,
        language=language,
        no_speech=_rounded(part.no_speech),
        log_probability=_rounded(part.log_probability),
        compression=_rounded(compression_of(text)),
        temperature=part.temperature,
        rejected=rejected,
    )


def _rounded(value: float | None) -> float | None:
    return None if value is None else round(value, 4)


def _whole_words(words: Sequence[HeardWord], language: str) -> list[HeardWord]:
    """Return the words without blanks around them: parts joined, and marks without a letter left out.

    Where words are written with spaces, a part that does not begin with one belongs to the word before.
    """
    whole: list[HeardWord] = []
    for word in words:
        if whole and has_spaces(language) and not word.text.startswith(" "):
            last = whole[-1]
            known = [each for each in (last.probability, word.probability) if each is not None]
            whole[-1] = HeardWord(
                last.start, word.end, last.text + word.text.strip(), min(known, default=None)
            )
        else:
            whole.append(replace(word, text=word.text.strip()))
    return [word for word in whole if any(sign.isalnum() for sign in word.text)]


def in_order(words: Sequence[Word], after: float = 0.0, until: float = math.inf) -> list[Word]:
    """Return words without overlap, each at least 10 ms long, between two times; others are left out.

    Examples
    --------
    >>> said = [Word(0, 2, text="so", probability=1), Word(1, 3, text="it", probability=1)]
    >>> [(word.start, word.end) for word in in_order(said)]
    [(0, 2), (2, 3)]
    """
    placed: list[Word] = []
    for word in words:
        start = max(word.start, after)
        end = max(word.end, round(start + _SHORTEST_WORD / 2, 3))
        if end > until + 0.001:
            break
        placed.append(replace(word, start=start, end=end))
        after = end
    return placed
