"""Whisper by its makers' own package, on PyTorch: the reference that the quick engine is compared with.

Slow, and with the extra ``research`` only. One sound after the other, at temperature 0; the fallback to
sampling is left out, as it would give other text at each run.
"""

from __future__ import annotations

import threading
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

from ..errors import ModelError
from ..models.once import once
from .engine import WHISPER_LEAD, Heard, HeardWord, Options, Samples

_REMEDY = "install the extra: pip install 'edm-workbench[research]', or use the engine faster-whisper"


class OpenAIWhisper:
    """A loaded model; implements :class:`~edm_core.transcription.engine.Engine`.

    Parameters
    ----------
    checkpoint : Path
        A ``.pt`` file as the package itself loads.

    Raises
    ------
    ModelError
        If the package is not installed or cannot load the file.
    """

    def __init__(self, checkpoint: Path) -> None:
        try:
            import whisper
        except ImportError as error:
            raise ModelError(
                f"it needs {error.name}, which is not installed", subject="openai-whisper", remedy=_REMEDY
            ) from None
        self._listening = threading.Lock()  # it keeps what one sound is decoded with in the model itself
        try:
            self._model: Any = whisper.load_model(str(checkpoint), device="cpu")
        except Exception as error:  # a damaged pickle raises anything
            raise ModelError(
                f"openai-whisper cannot load it: {error}",
                subject=str(checkpoint),
                remedy="give a .pt file of Whisper",
            ) from error

    @property
    def languages(self) -> tuple[str, ...]:
        """Codes of the languages the model knows."""
        from whisper.tokenizer import LANGUAGES

        known = list(LANGUAGES)[: self._model.num_languages]
        return tuple(known) if self._model.is_multilingual else ("en",)

    def detect_language(self, samples: Samples) -> Mapping[str, float | None]:
        """Return the probability of each language."""
        import whisper

        if not self._model.is_multilingual:
            return {"en": 1.0}
        mel = whisper.log_mel_spectrogram(whisper.pad_or_trim(samples), self._model.dims.n_mels)
        with self._listening:
            _, found = whisper.detect_language(self._model, mel)
        return {str(code): float(probability) for code, probability in found.items()}

    def recognise(self, sounds: Iterable[Samples], options: Options) -> Iterator[tuple[Heard, ...]]:
        """Yield what is said in each sound."""
        for samples in sounds:
            with self._listening:
                found = self._model.transcribe(
                    samples,
                    language=options.language,
                    beam_size=options.beam if options.beam > 1 else None,
                    temperature=0.0,
                    initial_prompt=options.prompt or None,
                    condition_on_previous_text=False,
                    word_timestamps=True,
                    fp16=False,
                    verbose=None,
                )
            yield tuple(_heard(segment) for segment in found["segments"])


def _heard(segment: dict[str, Any]) -> Heard:
    words = tuple(
        HeardWord(
            float(word["start"]) + WHISPER_LEAD,
            float(word["end"]) + WHISPER_LEAD,
            word["word"],
            float(word["probability"]),
        )
        for word in segment.get("words", ())
    )
    return Heard(
        words,
        float(segment["no_speech_prob"]),
        float(segment["avg_logprob"]),
        float(segment["temperature"]),
    )


@once(kept=1)
def loaded(checkpoint: Path) -> OpenAIWhisper:
    """Return the model of a file, loaded once a process."""
    return OpenAIWhisper(checkpoint)
