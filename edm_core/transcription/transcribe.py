"""Words and passages of a recording: speech is cut out, recognised chunk by chunk, and weighed."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from ..errors import ModelError
from ..settings import Settings
from ..timeline import Passage, Span, Utterance, Word
from .engine import Engine, Heard, HeardWord, Options, load_engine
from .evidence import compression_of, is_near_speech, loop_from, objection
from .journal import Journal
from .passages import TARGET, has_spaces, passages_of
from .regions import RATE, Chunk, Piece, chunks, piece_at, place, sound_of, speech_spans

if TYPE_CHECKING:
    from ..audio import Sound

VERSION = "2"

CERTAIN, IMPOSSIBLE, LONG_ENOUGH = 0.9, 0.01, 8.0
"""Probability from which another language is taken to be spoken, and below which the named one is not; both
hold only where that many seconds of speech were heard: a few words sound like many languages."""

_SHORTEST_WORD = 0.02


@dataclass(frozen=True, slots=True)
class Transcript:
    """What was said.

    ``language`` is a code such as ``en``, None where nobody speaks. ``utterances`` is all that the recogniser
    wrote, with its evidence; text that was not believed is there alone, with the reason.
    """

    words: tuple[Word, ...] = ()
    passages: tuple[Passage, ...] = ()
    language: str | None = None
    language_confidence: float | None = None
    utterances: tuple[Utterance, ...] = ()

    @property
    def rejected(self) -> tuple[Utterance, ...]:
        """What was written and not believed."""
        return tuple(each for each in self.utterances if each.rejected)


def transcribe(
    sound: Sound,
    activity: Sequence[Span] | None = None,
    *,
    engine: str | Engine = "faster-whisper",
    model: str = "base",
    language: str | None = None,
    beam: int = 5,
    prompt: str = "",
    passage_s: float = TARGET,
    progress: Callable[[float], None] | None = None,
    journal: Journal | None = None,
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
        Name of an engine (a key of :data:`~edm_core.transcription.ENGINES`), or one that is loaded already.
    model : str
        Name of a model, a folder with weights, or what a server calls it.
    language : str, optional
        Code such as ``en``; found out once for the recording by default.
    beam : int, optional
        Hypotheses that are followed at once; 1 is greedy: quicker, with a few more errors.
    prompt : str, optional
        Names and words that may be said, so that they are spelled so.
    passage_s : float, optional
        Seconds that a passage aims at.
    progress : callable, optional
        Called with the share of speech that is done, from 0 to 1. What it raises stops the work.
    journal : Journal, optional
        Where chunks that are done are kept, so that work that was stopped goes on there.
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
        If the engine or its model is not there or does not answer, if the model does not know the language,
        or if plainly another language is spoken than the one named.
    """
    report = progress or _ignore
    spans = speech_spans(activity) if activity is not None else _voiced(sound, settings)
    planned = chunks(spans, sound.speech)
    if not planned:
        report(1.0)
        return Transcript()
    report(0.0)
    recogniser = load_engine(engine, model, settings) if isinstance(engine, str) else engine
    code, confidence = _language(recogniser, planned, sound, language)
    options = Options(code, beam, prompt)
    words: list[Word] = []
    utterances: list[Utterance] = []
    total = sum(piece.duration for chunk in planned for piece in chunk)
    done = 0.0
    for chunk, heard in zip(planned, _heard(recogniser, planned, sound, options, journal), strict=True):
        near = [span for span in spans if span.end >= chunk[0].start and span.start <= chunk[-1].end]
        new, written = _weighed(heard, chunk, near, code)
        words += _in_order(new, after=words[-1].end if words else 0.0, until=chunk[-1].end)
        utterances += written
        done += sum(piece.duration for piece in chunk)
        report(min(1.0, done / total))
    if journal is not None:
        journal.forget(len(planned))
    utterances.sort(key=lambda each: (each.start, each.end))
    passages = passages_of(words, language=code, target=passage_s, longest=2 * passage_s)
    return Transcript(tuple(words), passages, code, confidence, tuple(utterances))


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


def _language(
    engine: Engine, planned: Sequence[Chunk], sound: Sound, named: str | None
) -> tuple[str, float | None]:
    """Return the language and how sure that is: the named one, unless plainly another is spoken."""
    if named is not None and engine.languages and named not in engine.languages:
        raise ModelError(
            "this model does not know the language",
            subject=named,
            remedy=f"use one of {', '.join(engine.languages)}, or leave it out",
        )
    listened = _telling(planned)
    enough = sum(piece.duration for chunk in listened for piece in chunk) >= LONG_ENOUGH
    asked = named is None or (engine.languages and enough)
    found = _spoken(engine, listened, sound) if asked else {}
    code = max(found, key=lambda each: (found[each] or 0.0, each), default=named)
    if named is None:
        assert code is not None
        sure = found[code]
        return code, None if sure is None else round(min(1.0, sure), 4)
    if code != named and (found.get(code or "") or 0.0) >= CERTAIN and (found.get(named) or 0.0) < IMPOSSIBLE:
        raise ModelError(
            f"the speech is {code} ({found[code or '']:.0%} sure) and not {named}",
            subject="language",
            remedy=f"set {code}, or leave the language out",
        )
    return named, None


def _telling(planned: Sequence[Chunk]) -> list[Chunk]:
    """Return the chunks that tell the language: the longest of the first ones, and one from the middle."""
    first = max(planned[:5], key=lambda chunk: sum(piece.duration for piece in chunk))
    return [first] if len(planned) < 4 else [first, planned[len(planned) // 2]]


def _spoken(engine: Engine, listened: Sequence[Chunk], sound: Sound) -> dict[str, float | None]:
    found: dict[str, float | None] = {}
    for chunk in listened:
        for code, probability in engine.detect_language(sound_of(chunk, sound.speech)).items():
            told = found.get(code, 0.0)
            unknown = probability is None or told is None
            found[code] = None if unknown else (told or 0.0) + (probability or 0.0) / len(listened)
    return found


def _heard(
    engine: Engine, planned: Sequence[Chunk], sound: Sound, options: Options, journal: Journal | None
) -> Iterator[tuple[Heard, ...]]:
    """Yield what is heard in each chunk; what the journal knows is not recognised again."""
    known = {} if journal is None else {index: journal.read(index) for index in range(len(planned))}
    missing = [chunk for index, chunk in enumerate(planned) if known.get(index) is None]
    recognised = engine.recognise((sound_of(chunk, sound.speech) for chunk in missing), options)
    for index in range(len(planned)):
        heard = known.pop(index, None)
        if heard is None:
            heard = next(recognised)
            if journal is not None:
                journal.write(index, heard)
        yield heard


def _weighed(
    heard: Sequence[Heard], chunk: Chunk, near: Sequence[Piece], language: str
) -> tuple[list[Word], list[Utterance]]:
    """Return the words that are believed, with their times in the recording, and all that was written."""
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
        believed = [word for word in placed if is_near_speech(word.start, word.end, near)]
        lost = [word for word in placed if not is_near_speech(word.start, word.end, near)]
        if believed:
            written.append(_utterance(believed, part, language))
        if lost:
            written.append(_utterance(lost, part, language, "nobody speaks there"))
        words += believed
    return words, written


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


def _in_order(words: Sequence[Word], after: float, until: float) -> list[Word]:
    """Return the words without overlap, each at least 10 ms long, between two times; others are left out."""
    placed: list[Word] = []
    for word in words:
        start = max(word.start, after)
        end = max(word.end, round(start + _SHORTEST_WORD / 2, 3))
        if end > until + 0.001:
            break
        placed.append(replace(word, start=start, end=end))
        after = end
    return placed
