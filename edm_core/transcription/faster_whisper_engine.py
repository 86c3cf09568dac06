"""Whisper on CTranslate2, by faster-whisper's parts: int8, beam search, several sounds at a time, no network.

A decoder that writes one token after the other leaves most of a second core idle. So each core works on a
sound of its own: twice as many sounds at a time are nearly twice as fast, in less memory than decoding them
as one batch needs, and what comes out cannot depend on how many cores there are.

References: Radford et al., "Robust speech recognition via large-scale weak supervision" (2022), for the model
and for decoding again where the text compresses too well; instead of sampling at a higher temperature, which
differs from run to run, the second attempt may not repeat itself.
"""

from __future__ import annotations

import ctypes
import threading
from collections import deque
from collections.abc import Iterable, Iterator, Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np

from ..errors import ModelError
from ..models.once import once
from ..settings import cores, spare_memory
from .engine import WHISPER_LEAD, Heard, HeardWord, Options, Samples
from .evidence import REPETITIVE, compression_of

MOST_WORKERS = 4
"""Sounds that are worked on at the same time, if there are as many cores."""

_MALLOPT = {-8: 1, -3: 1 << 25}  # of malloc.h: M_ARENA_MAX; M_MMAP_THRESHOLD, in bytes
_PROMPT_TOKENS = 200
_NO_REPEAT = 4  # words or so: what may not come again in a second attempt
_QUOTES = "\"'“¿([{-", "\"'.。,，!！?？:：”)]}、"
_SENTENCE = (".", "!", "?", "。", "！", "？")
_USUAL = 0.7  # seconds of a word, at most, if there are too few to tell
_HOP, _LEAST_FRAMES = 160, 100  # samples; words find no room in less than a second


class FasterWhisper:
    """A loaded model; implements :class:`~edm_core.transcription.engine.Engine`.

    Parameters
    ----------
    folder : Path
        CTranslate2 weights with their tokenizer.
    workers : int, optional
        Sounds worked on at the same time, a thread each; as many as cores by default, at most four.
    """

    def __init__(self, folder: Path, *, workers: int | None = None) -> None:
        spare_memory()
        _give_back_memory()
        from faster_whisper import WhisperModel  # type: ignore[import-untyped,unused-ignore]

        self._workers = workers or min(MOST_WORKERS, cores())
        self._encoding = threading.Lock()
        self._known: deque[tuple[Samples, Samples]] = deque(maxlen=self._workers)
        try:
            self._model: Any = WhisperModel(
                str(folder),
                device="cpu",
                compute_type="int8",
                cpu_threads=1,
                num_workers=self._workers,
                local_files_only=True,
            )
        except (RuntimeError, ValueError, OSError) as error:
            raise ModelError(
                f"CTranslate2 cannot load it: {error}",
                subject=str(folder),
                remedy="give a folder with CTranslate2 weights of Whisper",
            ) from error

    @property
    def languages(self) -> tuple[str, ...]:
        """Codes of the languages the model knows."""
        return tuple(self._model.supported_languages)

    def detect_language(self, samples: Samples) -> Mapping[str, float | None]:
        """Return the probability of each language."""
        if not self._model.model.is_multilingual:
            return {"en": 1.0}
        encoded = self._encoded(samples)
        self._known.append((samples, encoded))  # it is recognised next
        (found,) = self._model.model.detect_language(_stored(encoded))
        return {token.strip("<|>"): float(probability) for token, probability in found}

    def recognise(self, sounds: Iterable[Samples], options: Options) -> Iterator[tuple[Heard, ...]]:
        """Yield what is said in each sound."""
        speller = _Speller(self._model, options)
        if self._workers == 1:
            yield from (self._recognise(samples, speller) for samples in sounds)
            return
        pending: deque[Future[tuple[Heard, ...]]] = deque()
        pool = ThreadPoolExecutor(self._workers)
        try:
            for samples in sounds:
                pending.append(pool.submit(self._recognise, samples, speller))
                if len(pending) > self._workers:
                    yield pending.popleft().result()
            while pending:
                yield pending.popleft().result()
        finally:
            pool.shutdown(wait=False, cancel_futures=True)  # who was stopped waits for nobody

    def _recognise(self, samples: Samples, speller: _Speller) -> tuple[Heard, ...]:
        encoded = _stored(self._encoded(samples))
        text = self._decoded(encoded, speller)
        if text.compression > REPETITIVE:
            text = self._decoded(encoded, speller, no_repeat_ngram_size=_NO_REPEAT)
        if not text.tokens:
            return ()
        words = speller.timed(text.tokens, encoded, max(_LEAST_FRAMES, len(samples) // _HOP))
        return (Heard(words, text.no_speech, text.log_probability, 0.0),) if words else ()

    def _encoded(self, samples: Samples) -> Samples:
        from faster_whisper.audio import pad_or_trim  # type: ignore[import-untyped,unused-ignore]

        for known, encoded in tuple(self._known):
            if np.array_equal(known, samples):
                return encoded
        features = pad_or_trim(self._model.feature_extractor(samples))
        with self._encoding:  # two at a time would need twice the memory, which is most of what is needed
            return np.array(self._model.model.encode(_stored(features[None]), to_cpu=True))

    def _decoded(self, encoded: Any, speller: _Speller, **limits: Any) -> _Text:
        (result,) = self._model.model.generate(
            encoded,
            [speller.prompt],
            beam_size=speller.options.beam,
            max_length=self._model.max_length,
            return_scores=True,
            return_no_speech_prob=True,
            suppress_tokens=speller.suppressed,
            **limits,
        )
        return speller.text(result)


@dataclass(frozen=True, slots=True)
class _Text:
    tokens: list[int]
    log_probability: float
    no_speech: float
    compression: float


class _Speller:
    """Tokens to words, in one language."""

    def __init__(self, model: Any, options: Options) -> None:
        from faster_whisper.tokenizer import Tokenizer  # type: ignore[import-untyped,unused-ignore]
        from faster_whisper.transcribe import get_suppressed_tokens  # type: ignore[import-untyped,unused-ignore]

        self.options = options
        self._model = model
        multilingual = model.model.is_multilingual
        self._tokenizer: Any = Tokenizer(
            model.hf_tokenizer, multilingual, task="transcribe", language=options.language
        )
        before: list[int] = []
        if options.prompt:
            before = [self._tokenizer.sot_prev, *self._tokenizer.encode(f" {options.prompt.strip()}")]
        sot = self._tokenizer.sot_sequence
        self.prompt = [*before[:_PROMPT_TOKENS], *sot, self._tokenizer.no_timestamps]
        self.suppressed = list(get_suppressed_tokens(self._tokenizer, [-1]))

    def text(self, result: Any) -> _Text:
        tokens = [token for token in result.sequences_ids[0] if token < self._tokenizer.eot]
        length = len(result.sequences_ids[0])
        # The score is the sum over tokens by their number; the end of the text counts as one more.
        log_probability = float(result.scores[0]) * length / (length + 1)
        return _Text(
            tokens,
            log_probability,
            float(result.no_speech_prob),
            compression_of(self._tokenizer.decode(tokens)),
        )

    def timed(self, tokens: list[int], encoded: Any, frames: int) -> tuple[HeardWord, ...]:
        """Return a text's words with the times at which the decoder looks at the sound."""
        from faster_whisper.transcribe import merge_punctuations

        (words,) = self._model.find_alignment(self._tokenizer, [tokens], encoded, frames)
        merge_punctuations(words, *_QUOTES)
        return without_pauses(
            HeardWord(
                float(word["start"]) + WHISPER_LEAD,
                float(word["end"]) + WHISPER_LEAD,
                word["word"],
                float(word["probability"]),
            )
            for word in words
            if word["word"]
        )


def _give_back_memory() -> None:
    """Have glibc give freed memory back: encoding takes 100 MB for a moment, in one thread after the other.

    Left alone, it gives each thread a heap of its own.
    """
    with suppress(AttributeError, OSError):
        for option, value in _MALLOPT.items():
            ctypes.CDLL(None).mallopt(option, value)


def _stored(array: Samples) -> Any:
    import ctranslate2  # type: ignore[import-untyped,unused-ignore]

    return ctranslate2.StorageView.from_array(np.ascontiguousarray(array, np.float32))


def without_pauses(words: Iterable[HeardWord]) -> tuple[HeardWord, ...]:
    """Return words of which none holds the pause between two sentences.

    Attention drifts over a pause, and the word before or after it seems to last as long. A word beside the
    end of a sentence is cut to twice the median length, on the side of the pause (the rule of Whisper's own
    word times).

    Examples
    --------
    >>> times = (0.0, 0.3, " One"), (0.3, 0.6, " two."), (0.6, 2.6, " Three")
    >>> said = [HeardWord(start, end, text, 0.9) for start, end, text in times]
    >>> [(word.start, word.end) for word in without_pauses(said)]
    [(0.0, 0.3), (0.3, 0.6), (2.0, 2.6)]
    """
    known = list(words)
    longest = 2.0 * min(_USUAL, float(np.median([word.end - word.start for word in known] or [_USUAL])))
    begins = True
    for index, word in enumerate(known):
        ends = word.text.rstrip("\"'”’").endswith(_SENTENCE)
        if word.end - word.start > longest:
            if begins:
                known[index] = replace(word, start=round(word.end - longest, 3))
            elif ends:
                known[index] = replace(word, end=round(word.start + longest, 3))
        begins = ends
    return tuple(known)


@once(kept=1)  # one model in memory: a second one replaces it
def loaded(folder: Path) -> FasterWhisper:
    """Return the model of a folder, loaded once a process."""
    return FasterWhisper(folder)
