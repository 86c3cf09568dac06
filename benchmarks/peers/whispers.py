"""Run inside a speech peer's environment: recordings in, words with times out, and the seconds it took.

    python whispers.py SYSTEM MODEL THREADS

SYSTEM is one of those below; MODEL is a folder of CTranslate2 weights, or for openai-whisper an ``.npz`` of
the same weights under its names. Every line of standard input is ``{"audio": path, "language": code or
null}``, a mono WAV file of 16 bits at 16 kHz; each is answered by ``{"words": [[start, end, text], …],
"seconds": …}``. The model is loaded before the clock starts.
Nothing of this project is imported. All systems are run as they come, with word times.
"""

from __future__ import annotations

import json
import os
import sys
import time
import wave
from collections.abc import Callable
from typing import Any

Words = list[tuple[float, float, str]]
Recogniser = Callable[[Any, "str | None"], Words]


def main(system: str, model: str, threads: str) -> None:
    """Answer every recording."""
    answers = os.fdopen(os.dup(1), "w", encoding="utf-8")
    os.dup2(2, 1)
    recognise = SYSTEMS[system](model, int(threads))
    answers.write("ready\n")
    answers.flush()
    for line in sys.stdin:
        asked = json.loads(line)
        samples = _samples(asked["audio"])
        started = time.perf_counter()
        words = recognise(samples, asked["language"])
        seconds = time.perf_counter() - started
        answers.write(json.dumps({"words": words, "seconds": seconds}) + "\n")
        answers.flush()


def _openai(model: str, threads: int, **options: Any) -> Recogniser:
    import numpy as np
    import torch
    import whisper

    torch.set_num_threads(threads)
    with np.load(model) as stored:
        state = {name: torch.from_numpy(stored[name].astype(np.float32)) for name in stored.files}
    loaded = whisper.model.Whisper(whisper.model.ModelDimensions(**_dimensions(state)))
    loaded.load_state_dict(state)
    loaded.set_alignment_heads(whisper._ALIGNMENT_HEADS["base"])  # as with weights that it loads by name
    loaded.eval()

    def recognise(samples: Any, language: str | None) -> Words:
        torch.manual_seed(1)  # above temperature 0 it draws
        found = loaded.transcribe(samples, language=language, word_timestamps=True, fp16=False, **options)
        words = [word for segment in found["segments"] for word in segment["words"]]
        return [(float(word["start"]), float(word["end"]), str(word["word"])) for word in words]

    return recognise


def _dimensions(state: dict[str, Any]) -> dict[str, int]:
    width = state["encoder.conv1.weight"].shape[0]
    sizes = {"n_mels": state["encoder.conv1.weight"].shape[1], "n_vocab": state[_EMBEDDING].shape[0]}
    for part, side in (("encoder", "audio"), ("decoder", "text")):
        blocks = {name.split(".")[2] for name in state if name.startswith(f"{part}.blocks.")}
        sizes |= {
            f"n_{side}_ctx": state[f"{part}.positional_embedding"].shape[0],
            f"n_{side}_state": width,
            f"n_{side}_head": width // 64,
            f"n_{side}_layer": len(blocks),
        }
    return sizes


_EMBEDDING = "decoder.token_embedding.weight"


def _openai_beam(model: str, threads: int) -> Recogniser:
    return _openai(model, threads, beam_size=5, best_of=5)


def _faster(model: str, threads: int) -> Recogniser:
    from faster_whisper import WhisperModel  # type: ignore[import-untyped,unused-ignore]

    return _listed(
        WhisperModel(model, device="cpu", compute_type="int8", cpu_threads=threads, local_files_only=True)
    )


def _faster_batched(model: str, threads: int) -> Recogniser:
    from faster_whisper import BatchedInferencePipeline, WhisperModel

    loaded = WhisperModel(
        model, device="cpu", compute_type="int8", cpu_threads=threads, local_files_only=True
    )
    return _listed(BatchedInferencePipeline(loaded))


def _listed(loaded: Any) -> Recogniser:
    import ctranslate2  # type: ignore[import-untyped,unused-ignore]

    def recognise(samples: Any, language: str | None) -> Words:
        ctranslate2.set_random_seed(1)
        segments, _ = loaded.transcribe(samples, language=language, word_timestamps=True)
        words = [word for segment in segments for word in segment.words or ()]
        return [(float(word.start), float(word.end), str(word.word)) for word in words]

    return recognise


SYSTEMS: dict[str, Callable[[str, int], Recogniser]] = {
    "openai-whisper": _openai,
    "openai-whisper-beam": _openai_beam,
    "faster-whisper": _faster,
    "faster-whisper-batched": _faster_batched,
}


def _samples(path: str) -> Any:
    import numpy as np

    with wave.open(path) as file:
        assert (file.getframerate(), file.getnchannels(), file.getsampwidth()) == (16_000, 1, 2)
        data = file.readframes(file.getnframes())
    return np.frombuffer(data, "<i2").astype(np.float32) / np.float32(32768.0)


if __name__ == "__main__":
    main(*sys.argv[1:])
