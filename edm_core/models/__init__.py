"""Weights: found, verified by checksum, and handed out as loaded sessions.

The weights of the base install arrive inside pinned packages, so nothing is downloaded when the workbench
runs. A model is looked for in this order: the folder that the user names, a folder of that name under
``<data dir>/models``, the packages. A name that leads nowhere is an error which lists what there is; no
other model is put in its place. Sessions are kept for the life of the process.

What a model is *for* is not known here: that is the business of the rooms above.
"""

from __future__ import annotations

from .catalogue import WEIGHTS, PackagedFile, Weights
from .embedding import Embedder, minilm
from .judge import Judge, form_judge, log_softmax, pulse_judge
from .listing import ModelInfo, info
from .openai_weights import openai_checkpoint
from .recogniser import whisper, whisper_names, whisper_weights
from .verify import verified
from .voice import SpeechDetector, silero

__all__ = [
    "WEIGHTS",
    "Embedder",
    "Judge",
    "ModelInfo",
    "PackagedFile",
    "SpeechDetector",
    "Weights",
    "form_judge",
    "info",
    "log_softmax",
    "minilm",
    "openai_checkpoint",
    "pulse_judge",
    "silero",
    "verified",
    "whisper",
    "whisper_names",
    "whisper_weights",
]
