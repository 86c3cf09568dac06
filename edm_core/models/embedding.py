"""Sentence embeddings by MiniLM-L6: mean of the token vectors, scaled to length 1.

Reference: Reimers and Gurevych, "Sentence-BERT" (EMNLP 2019), for the pooling.
"""

from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..errors import ModelError
from ..settings import Settings
from .catalogue import MINILM, locate
from .once import once
from .onnx import session
from .verify import verified

DIMENSIONS = 384
_MOST_TOKENS = 256
_WORKERS = 2
_REMEMBERED = 2048


class Embedder:
    """Turns texts into vectors of length 1, so that their dot product is the cosine similarity.

    Parameters
    ----------
    model, tokenizer : Path
        The ONNX file and the ``tokenizer.json`` that belongs to it.
    identity : str, optional
        What tells its rows from another model's, such as a checksum: rows that are kept are kept by it.
    """

    def __init__(self, model: Path, tokenizer: Path, identity: str | None = None) -> None:
        from tokenizers import Tokenizer

        self._session = session(model)
        try:
            self._tokenizer: Any = Tokenizer.from_file(str(tokenizer))
        except Exception as error:  # tokenizers raises bare Exception
            raise ModelError(
                f"cannot be read: {error}", subject=str(tokenizer), remedy="install the package again"
            ) from error
        self._tokenizer.no_padding()
        self._tokenizer.enable_truncation(_MOST_TOKENS)
        self.files, self.identity = (model, tokenizer), identity
        self._known: dict[str, NDArray[np.float32]] = {}

    def __call__(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """Return one row a text, shape ``(len(texts), 384)``; an empty text gives zeros.

        Each text goes through the network alone: the int8 network scales its arithmetic to the whole batch,
        so a text's vector would otherwise depend on its neighbours.
        """
        rows = np.zeros((len(texts), DIMENSIONS), np.float32)
        known = self._known
        new = [text for text in dict.fromkeys(texts) if text not in known]
        found = {text: known[text] for text in texts if text in known}
        # The network is single-threaded for reproducible sums; two texts at a time use a second core instead.
        with ThreadPoolExecutor(_WORKERS) as pool:
            found.update(zip(new, pool.map(self._embed, new), strict=True))
        for row, text in zip(rows, texts, strict=True):
            row[:] = found[text]
        self._remember(found)
        return rows

    def forget(self, texts: Sequence[str]) -> None:
        """Drop what is remembered of texts, so that they are embedded anew; for measuring."""
        dropped = set(texts)
        self._known = {text: row for text, row in self._known.items() if text not in dropped}

    def _remember(self, found: dict[str, NDArray[np.float32]]) -> None:
        """Keep the newest texts: a passage is read for its topic, its tone and by every persona."""
        kept = {**self._known, **found}
        # A new dictionary in one step, so that another thread sees the old one or the new one.
        self._known = dict(list(kept.items())[-_REMEMBERED:])

    def _embed(self, text: str) -> NDArray[np.float32]:
        if not text.strip():
            return np.zeros(DIMENSIONS, np.float32)
        encoding = self._tokenizer.encode(text)
        ids = np.array([encoding.ids], np.int64)
        feed = {
            "input_ids": ids,
            "attention_mask": np.ones_like(ids),
            "token_type_ids": np.zeros_like(ids),
        }
        (states,) = self._session.run(None, feed)
        mean = np.asarray(states[0], np.float32).mean(axis=0)
        return np.asarray(mean / max(float(np.linalg.norm(mean)), 1e-12), np.float32)


def minilm(*, settings: Settings | None = None) -> Embedder:
    """Return the packaged embedder, loaded once a process.

    Raises
    ------
    ModelError
        If one of its packages is missing or a checksum is wrong.
    """
    settings = settings or Settings.from_environment()
    model, tokenizer = (verified(locate(file), file.sha256, settings) for file in MINILM.files)
    return _load(model, tokenizer)


@once()
def _load(model: Path, tokenizer: Path) -> Embedder:
    return Embedder(model, tokenizer, "-".join(file.sha256[:16] for file in MINILM.files))
