"""What the recogniser says is believed only where there is evidence for it.

Recognisers trained on subtitles write something for any sound. An utterance is rejected as a whole when its
own figures speak against it, a word when nobody speaks where it stands. Rejections are kept, with reasons.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from .engine import Utterance
from .regions import Piece

NO_SPEECH, UNSURE = 0.6, -0.8
"""Nothing was said, probably, and the text is improbable: both together reject."""
VERY_UNSURE = -1.3
"""Mean log probability of a token below which text is rejected alone."""
REPETITIVE = 2.4
"""Compression above which text repeats itself like a stuck record."""
UNSURE_WORDS = 0.2
"""Mean probability of the words below which an utterance is rejected."""
NEAR_SPEECH = 0.4
"""Seconds that a word's middle may lie outside speech."""


@dataclass(frozen=True, slots=True)
class Rejection:
    """Text that was recognised and not believed; times in seconds of the recording."""

    start: float
    end: float
    text: str
    reason: str


def objection(utterance: Utterance) -> str | None:
    """Return why an utterance is not believed, or None.

    Examples
    --------
    >>> objection(Utterance((), no_speech=0.9, log_probability=-1.0, compression=1.0))
    'probably nothing was said'
    """
    if utterance.no_speech > NO_SPEECH and utterance.log_probability < UNSURE:
        return "probably nothing was said"
    if utterance.compression > REPETITIVE:
        return "the text repeats itself"
    if utterance.log_probability < VERY_UNSURE:
        return "the text is too improbable"
    words = utterance.words
    if words and sum(word.probability for word in words) / len(words) < UNSURE_WORDS:
        return "the words are too improbable"
    return None


def is_near_speech(start: float, end: float, spans: Sequence[Piece]) -> bool:
    """Return whether somebody speaks where a word stands."""
    middle = (start + end) / 2
    return any(span.start - NEAR_SPEECH <= middle <= span.end + NEAR_SPEECH for span in spans)
