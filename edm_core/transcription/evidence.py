"""What the recogniser says is believed only where there is evidence for it.

Recognisers trained on subtitles write something for any sound: the thanks and credits that end a film, or
one phrase over and over. A stretch of text is rejected as a whole when its own figures speak against it, a
loop from its third round on, a word when nobody speaks where it stands. Nothing is thrown away in silence:
what was rejected is kept, with the reason.
"""

from __future__ import annotations

import math
import re
import unicodedata
import zlib
from collections.abc import Sequence

from .engine import Heard
from .known_phrases import CREDITS, FILLERS
from .regions import Piece

NO_SPEECH, UNSURE = 0.6, -0.8
"""Nothing was said, probably, and the text is improbable: both together reject."""
VERY_UNSURE = -1.3
"""Mean log probability of a token below which text is rejected alone."""
REPETITIVE = 2.4
"""Compression above which text repeats itself like a stuck record."""
UNSURE_WORDS = 0.2
"""Mean probability of the words below which text is rejected."""
UNSURE_FILLER = 0.7
"""Mean probability of the words below which a phrase that is often made up is rejected."""
FASTEST = 40.0
"""Letters a second: nobody speaks faster."""
NEAR_SPEECH = 0.4
"""Seconds that a word's middle may lie outside speech."""
MOST_ROUNDS = 2
"""How often a loop may go round before the rest is rejected."""

_LONGEST_LOOP = 12  # words
_ROUNDS = {1: 8, 2: 5, 3: 4}  # rounds that make a loop of so many words; of more words, 3


def objection(heard: Heard, spoken: float) -> str | None:
    """Return why a stretch of text is not believed, or None.

    Parameters
    ----------
    heard : Heard
        The text with the recogniser's evidence.
    spoken : float
        Seconds of sound that it was heard in.

    Examples
    --------
    >>> objection(Heard((), no_speech=0.9, log_probability=-1.0), spoken=2.0)
    'probably nothing was said'
    """
    improbable = -math.inf if heard.log_probability is None else heard.log_probability
    if heard.no_speech is not None and heard.no_speech > NO_SPEECH and improbable < UNSURE:
        return "probably nothing was said"
    if heard.log_probability is not None and heard.log_probability < VERY_UNSURE:
        return "the text is too improbable"
    text = "".join(word.text for word in heard.words)
    if compression_of(text) > REPETITIVE:
        return "the text repeats itself"
    known = [word.probability for word in heard.words if word.probability is not None]
    sure = sum(known) / len(known) if known else 1.0
    if sure < UNSURE_WORDS:
        return "the words are too improbable"
    if len(text.strip()) > FASTEST * max(spoken, 0.1):
        return "nobody speaks so fast"
    phrase = plain(text)
    if any(credit in phrase for credit in CREDITS):
        return "a credit from subtitles, which recognisers make up"
    if phrase in FILLERS and (sure < UNSURE_FILLER or (heard.no_speech or 0.0) > NO_SPEECH):
        return "a phrase that recognisers make up, with little evidence"
    return None


def loop_from(words: Sequence[str]) -> int | None:
    """Return the index from which words only go round in a loop, or None.

    Two rounds are believed: people do say things again.

    Examples
    --------
    >>> loop_from("and so it goes on and on and on and on and on and on".split())
    8
    >>> loop_from("no no no, I said".split())
    """
    said = [plain(word) for word in words]
    for start in range(len(said)):
        for length in range(1, _LONGEST_LOOP + 1):
            unit = said[start : start + length]
            rounds = 1
            while said[start + rounds * length : start + (rounds + 1) * length] == unit:
                rounds += 1
            if rounds >= _ROUNDS.get(length, 3):
                return start + MOST_ROUNDS * length
    return None


def is_near_speech(start: float, end: float, spans: Sequence[Piece], margin: float = NEAR_SPEECH) -> bool:
    """Return whether somebody speaks where a word stands, give or take ``margin`` seconds."""
    middle = (start + end) / 2
    return any(span.start - margin <= middle <= span.end + margin for span in spans)


def compression_of(text: str) -> float:
    """Return how many times smaller zlib makes a text: high for text that repeats itself; 0 for no text."""
    raw = text.strip().encode()
    return len(raw) / len(zlib.compress(raw)) if raw else 0.0


def plain(text: str) -> str:
    """Return text in small letters without marks, its words one space apart.

    Examples
    --------
    >>> plain(" Thank you!! ")
    'thank you'
    """
    kept = unicodedata.normalize("NFKC", text).casefold()
    return " ".join(re.sub(r"[^\w\s']|_", " ", kept).split())
