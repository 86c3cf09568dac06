"""Words and passages of a recording: speech is cut out, recognised chunk by chunk, and weighed."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from ..errors import ModelError
from ..settings import Settings
from ..timeline import Passage, Span, Word
from .engine import Engine, HeardWord, load_engine
from .evidence import Rejection, is_near_speech, objection
from .passages import has_spaces, passages_of
from .regions import RATE, Chunk, Piece, chunks, piece_at, place, sound_of, speech_spans

if TYPE_CHECKING:
    from ..audio import Sound

VERSION = "1"

_SHORTEST_WORD = 0.02


@dataclass(frozen=True, slots=True)
class Transcript:
    """What was said.

    ``language`` is a code such as ``en``, None where nobody speaks; ``rejected`` is what the recogniser
    wrote and was not believed.
    """

    words: tuple[Word, ...] = ()
    passages: tuple[Passage, ...] = ()
    language: str | None = None
    language_confidence: float | None = None
    rejected: tuple[Rejection, ...] = ()


def transcribe(
    sound: Sound,
    activity: Sequence[Span] | None = None,
    *,
    engine: str | Engine = "faster-whisper",
    model: str = "base",
    language: str | None = None,
    progress: Callable[[float], None] | None = None,
    settings: Settings | None = None,
) -> Transcript:
    """Recognise the speech of a recording.

    Parameters
    ----------
    sound : Sound
        The decoded recording; only its ``speech`` samples are read, chunk by chunk.
    activity : sequence of Span, optional
        Where somebody speaks, from :func:`edm_core.segmentation.find_activity`. Only that is recognised.
        Without it, speech is taken to be where the packaged voice detector hears any.
    engine : str or Engine
        Name of an engine, or one that is loaded already.
    model : str
        Name of a packaged model, or a folder with weights.
    language : str, optional
        Code such as ``en``; found out once for the recording by default.
    progress : callable, optional
        Called with the share of speech that is done, from 0 to 1. What it raises stops the work.
    settings : Settings, optional
        The process's own by default.

    Returns
    -------
    Transcript
        Words in order without overlap, and passages whose content is pending. Empty where nobody speaks;
        then no recogniser is loaded.

    Raises
    ------
    ModelError
        If the engine, its model or the language is not there.
    """
    report = progress or _ignore
    spans = speech_spans(activity) if activity is not None else _voiced(sound, settings)
    planned = chunks(spans, sound.speech)
    if not planned:
        report(1.0)
        return Transcript()
    report(0.0)
    recogniser = load_engine(engine, model, settings) if isinstance(engine, str) else engine
    if language is not None and language not in recogniser.languages:
        raise ModelError(
            "this model does not know the language",
            subject=language,
            remedy=f"use one of {', '.join(recogniser.languages)}, or leave it out",
        )
    code, confidence = (language, None) if language else _language(recogniser, planned, sound)
    words: list[Word] = []
    rejected: list[Rejection] = []
    total = sum(piece.duration for chunk in planned for piece in chunk)
    done = 0.0
    for chunk in planned:
        new, refused = _recognise(recogniser, chunk, spans, sound, code)
        words += _in_order(new, after=words[-1].end if words else 0.0, until=chunk[-1].end)
        rejected += refused
        done += sum(piece.duration for piece in chunk)
        report(min(1.0, done / total))
    return Transcript(tuple(words), passages_of(words, language=code), code, confidence, tuple(rejected))


def _ignore(_share: float) -> None:
    """Take the progress of those who do not ask for it."""


def _voiced(sound: Sound, settings: Settings | None) -> tuple[Piece, ...]:
    from ..models import silero

    detector = silero(settings=settings)
    loud = np.concatenate([[False], detector(sound.speech) >= 0.5, [False]]).astype(np.int8)
    steps = np.diff(loud)
    seconds, duration = detector.frame_seconds, len(sound.speech) / RATE
    edges = zip(np.flatnonzero(steps == 1).tolist(), np.flatnonzero(steps == -1).tolist(), strict=True)
    found = [Span(start * seconds, min(end * seconds, duration), "speech") for start, end in edges]
    joined: list[Span] = []
    for span in found:
        if joined and span.start - joined[-1].end < 0.6:
            joined[-1] = Span(joined[-1].start, span.end, "speech")
        else:
            joined.append(span)
    return speech_spans(span for span in joined if span.duration >= 0.25)


def _language(engine: Engine, planned: Sequence[Chunk], sound: Sound) -> tuple[str, float]:
    """Add up what the longest chunk of the first ones and one from the middle say."""
    first = max(planned[:5], key=lambda chunk: sum(piece.duration for piece in chunk))
    heard = [first] if len(planned) < 4 else [first, planned[len(planned) // 2]]
    sums: dict[str, float] = {}
    for chunk in heard:
        for code, probability in engine.detect_language(sound_of(chunk, sound.speech)).items():
            sums[code] = sums.get(code, 0.0) + probability / len(heard)
    code = max(sums, key=lambda code: (sums[code], code))
    return code, round(min(1.0, sums[code]), 4)


def _recognise(
    engine: Engine, chunk: Chunk, spans: Sequence[Piece], sound: Sound, language: str
) -> tuple[list[Word], list[Rejection]]:
    words: list[Word] = []
    rejected: list[Rejection] = []
    near = [span for span in spans if span.end >= chunk[0].start and span.start <= chunk[-1].end]
    for utterance in engine.recognise(sound_of(chunk, sound.speech), language):
        if not utterance.words:
            continue
        reason = objection(utterance)
        if reason:
            start, end = place(chunk, utterance.words[0].start), place(chunk, utterance.words[-1].end)
            rejected.append(Rejection(round(start, 3), round(end, 3), utterance.text.strip(), reason))
            continue
        for heard in _whole_words(utterance.words, language):
            # A word may seem to span two pieces of the chunk; it belongs to the one its middle is in.
            piece = piece_at(chunk, (heard.start + heard.end) / 2)
            start = max(piece.start, place(chunk, heard.start))
            end = min(piece.end, max(place(chunk, heard.end), start + _SHORTEST_WORD))
            # The recogniser lets the first word begin with the sound it was given, before anybody speaks.
            begun = [span.start for span in near if start < span.start < end - 0.1]
            start = max([start, *begun])
            if end - start < _SHORTEST_WORD / 2 or not is_near_speech(start, end, near):
                rejected.append(Rejection(round(start, 3), round(end, 3), heard.text, "nobody speaks there"))
                continue
            probability = round(min(1.0, max(0.0, heard.probability)), 4)
            words.append(Word(round(start, 3), round(end, 3), text=heard.text, probability=probability))
    return words, rejected


def _whole_words(words: Sequence[HeardWord], language: str) -> list[HeardWord]:
    """Return the words without blanks around them: parts joined, and marks without a letter left out.

    Where words are written with spaces, a part that does not begin with one belongs to the word before.
    """
    whole: list[HeardWord] = []
    for word in words:
        if whole and has_spaces(language) and not word.text.startswith(" "):
            last = whole[-1]
            probability = min(last.probability, word.probability)
            whole[-1] = HeardWord(last.start, word.end, last.text + word.text.strip(), probability)
        else:
            whole.append(replace(word, text=word.text.strip()))
    return [word for word in whole if any(sign.isalnum() for sign in word.text)]


def _in_order(words: Sequence[Word], after: float, until: float) -> list[Word]:
    """Return the words without overlap, each at least 10 ms long, between two times; others are left out."""
    placed: list[Word] = []
    for word in words:
        start = max(word.start, after)
        end = max(word.end, round(start + _SHORTEST_WORD / 2, 3))
        if end > until + 0.001:
            break
        placed.append(Word(start, end, text=word.text, probability=word.probability))
        after = end
    return placed
