"""Whisper on CTranslate2, by faster-whisper: int8 on two threads, beam of five, no network.

Radford et al., "Robust speech recognition via large-scale weak supervision" (2022), for the model and for
the fallback to a higher temperature where the text compresses too well or is too improbable; one such step
is allowed, with a fixed seed, so that equal sound gives equal text.
"""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..errors import ModelError
from .engine import HeardWord, Utterance

THREADS = 2
TEMPERATURES = (0.0, 0.4)


class FasterWhisper:
    """A loaded model; implements :class:`~edm_core.transcription.engine.Engine`.

    Parameters
    ----------
    folder : Path
        CTranslate2 weights with their tokenizer.
    """

    def __init__(self, folder: Path) -> None:
        from faster_whisper import WhisperModel  # type: ignore[import-untyped,unused-ignore]

        try:
            self._model: Any = WhisperModel(
                str(folder), device="cpu", compute_type="int8", cpu_threads=THREADS, local_files_only=True
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

    def detect_language(self, samples: NDArray[np.float32]) -> dict[str, float]:
        """Return the probability of each language."""
        if not self._model.model.is_multilingual:
            return {"en": 1.0}
        _, _, found = self._model.detect_language(audio=samples)
        return {str(code): float(probability) for code, probability in found}

    def recognise(self, samples: NDArray[np.float32], language: str) -> tuple[Utterance, ...]:
        """Return what is said."""
        import ctranslate2  # type: ignore[import-untyped,unused-ignore]

        ctranslate2.set_random_seed(1)
        segments, _ = self._model.transcribe(
            samples,
            language=language,
            beam_size=5,
            temperature=list(TEMPERATURES),
            condition_on_previous_text=False,
            word_timestamps=True,
            vad_filter=False,
        )
        return tuple(
            Utterance(
                words=tuple(
                    HeardWord(float(word.start), float(word.end), word.word, float(word.probability))
                    for word in segment.words or ()
                ),
                no_speech=float(segment.no_speech_prob),
                log_probability=float(segment.avg_logprob),
                compression=float(segment.compression_ratio),
            )
            for segment in segments
        )


@lru_cache(maxsize=1)  # one model in memory: a second one replaces it
def loaded(folder: Path) -> FasterWhisper:
    """Return the model of a folder, loaded once a process."""
    return FasterWhisper(folder)
