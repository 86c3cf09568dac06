"""Words and passages of a recording: speech is cut out, recognised chunk by chunk, and weighed."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from ..errors import ModelError
from ..settings import Settings
from ..timeline import Passage, Span, Utterance, Word
from .engine import Engine, Heard, Options, load_engine
from .journal import Journal
from .passages import TARGET, passages_of
from .regions import RATE, Chunk, Piece, chunks, sound_of, speech_spans
from .weighing import in_order, missed_in, weighed

if TYPE_CHECKING:
    from ..audio import Sound

VERSION = "2"

CERTAIN, IMPOSSIBLE, LONG_ENOUGH = 0.9, 0.01, 8.0
"""Probability from which another language is taken to be spoken, and below which the named one is not; both
hold only where that many seconds of speech were heard: a few words sound like many languages."""

NEARLY = 0.99
"""Progress while it is not known whether something has to be heard again."""


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
    listened = _Listened(recogniser, sound, options, journal, report)
    words, utterances = listened.to(planned, spans)
    # A decoder that has lost the thread ends before the sound does: what has no words is heard once more.
    missed = missed_in(spans, words, utterances)
    again = chunks(missed, sound.speech)
    if again:
        more, other = listened.to(again, missed, heard_before=True)
        words = in_order(sorted([*words, *more], key=lambda word: word.start))
        utterances += other
    if journal is not None:
        journal.forget(len(planned) + len(again))
    report(1.0)
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


class _Listened:
    """A recogniser at work on one recording: chunks to words and utterances, with progress and a journal."""

    def __init__(
        self,
        engine: Engine,
        sound: Sound,
        options: Options,
        journal: Journal | None,
        report: Callable[[float], None],
    ) -> None:
        self._engine, self._sound, self._options = engine, sound, options
        self._journal, self._report = journal, report
        self._chunks = 0
        self._done = self._planned = 0.0

    def to(
        self, planned: Sequence[Chunk], spans: Sequence[Piece], *, heard_before: bool = False
    ) -> tuple[list[Word], list[Utterance]]:
        """Return the words of chunks, in order, and all that was written."""
        words: list[Word] = []
        utterances: list[Utterance] = []
        self._planned += sum(piece.duration for chunk in planned for piece in chunk)
        for chunk, heard in zip(planned, self._heard(planned), strict=True):
            near = [span for span in spans if span.end >= chunk[0].start and span.start <= chunk[-1].end]
            new, written = weighed(heard, chunk, near, self._options.language, heard_before=heard_before)
            words += in_order(new, after=words[-1].end if words else 0.0, until=chunk[-1].end)
            utterances += written
            self._done += sum(piece.duration for piece in chunk)
            self._report(min(NEARLY, self._done / self._planned))
        return words, utterances

    def _heard(self, planned: Sequence[Chunk]) -> Iterator[tuple[Heard, ...]]:
        """Yield what is heard in each chunk; what the journal knows is not recognised again."""
        first = self._chunks
        self._chunks += len(planned)
        journal = self._journal
        known = (
            {} if journal is None else {index: journal.read(first + index) for index in range(len(planned))}
        )
        missing = [chunk for index, chunk in enumerate(planned) if known.get(index) is None]
        sounds = (sound_of(chunk, self._sound.speech) for chunk in missing)
        recognised = self._engine.recognise(sounds, self._options)
        for index in range(len(planned)):
            heard = known.pop(index, None)
            if heard is None:
                heard = next(recognised)
                if journal is not None:
                    journal.write(first + index, heard)
            yield heard
