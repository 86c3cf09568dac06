"""A recogniser behind an OpenAI-compatible ``/v1/audio/transcriptions``, wherever the user runs one.

Each sound is sent as a WAV file. What the server does not tell stays unknown; many give no probability of a
word, which then is its segment's mean over tokens, if there is that.
"""

from __future__ import annotations

import io
import math
import wave
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from typing import Any

import numpy as np

from ..errors import ModelError
from ..remote import Server
from .engine import Heard, HeardWord, Options, Samples
from .languages import code_of
from .regions import RATE


class SpeechServer:
    """A server; implements :class:`~edm_core.transcription.engine.Engine`.

    Parameters
    ----------
    server : Server
        Where it is and what model it is asked for.
    """

    languages: tuple[str, ...] = ()

    def __init__(self, server: Server) -> None:
        self._server = server

    def detect_language(self, samples: Samples) -> Mapping[str, float | None]:
        """Return the language that the server takes the speech for, without a probability."""
        named = self._server.transcribe(wav_of(samples)).get("language")
        code = code_of(str(named or ""))
        if code is None:
            raise ModelError(
                f"it does not say which language is spoken ({named!r})",
                subject=self._server.base_url,
                remedy="name the language",
            )
        return {code: None}

    def recognise(self, sounds: Iterable[Samples], options: Options) -> Iterator[tuple[Heard, ...]]:
        """Yield what is said in each sound; the server decides how wide its beam is."""
        for samples in sounds:
            answer = self._server.transcribe(
                wav_of(samples), language=options.language, prompt=options.prompt
            )
            try:
                yield heard_in(answer)
            except (TypeError, ValueError, KeyError, AttributeError) as error:
                raise ModelError(
                    f"its answer cannot be read: {error!r}",
                    subject=self._server.base_url,
                    remedy="see that it gives verbose_json with word times",
                ) from None


def wav_of(samples: Samples) -> bytes:
    """Return 16-bit WAV at 16 kHz of samples in [-1, 1]."""
    out = io.BytesIO()
    with wave.open(out, "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(RATE)
        file.writeframes(np.clip((samples * 32768.0).round(), -32768, 32767).astype("<i2").tobytes())
    return out.getvalue()


def heard_in(answer: Mapping[str, Any]) -> tuple[Heard, ...]:
    """Return what a ``verbose_json`` answer says: words by segment, with the evidence that it gives.

    Raises
    ------
    ValueError
        If there is text but no word has a time: a time is never made up.
    """
    words = [_word(each) for each in answer.get("words") or ()]
    segments = list(answer.get("segments") or ())
    if not words:
        words = [_word(each) for segment in segments for each in segment.get("words") or ()]
    if not words:
        if str(answer.get("text") or "").strip():
            raise ValueError("it holds text, but no word with its time")
        return ()
    if not segments:
        return (Heard(tuple(words)),)
    found = []
    for index, segment in enumerate(segments):
        until = math.inf if index + 1 == len(segments) else float(segment["end"])
        own = []
        while words and (words[0].start + words[0].end) / 2 < until:
            own.append(words.pop(0))
        if own:
            log_probability = _number(segment.get("avg_logprob"))
            mean = None if log_probability is None else math.exp(min(0.0, log_probability))
            spoken = tuple(
                replace(word, probability=mean) if word.probability is None else word for word in own
            )
            no_speech, temperature = map(_number, map(segment.get, ("no_speech_prob", "temperature")))
            found.append(Heard(spoken, no_speech, log_probability, temperature))
    return tuple(found)


def _word(each: Mapping[str, Any]) -> HeardWord:
    # The protocol gives bare words, servers built on Whisper the blank before each as well.
    text = " " + str(each["word"]).strip()
    return HeardWord(float(each["start"]), float(each["end"]), text, _number(each.get("probability")))


def _number(value: Any) -> float | None:
    return None if value is None else float(value)
