"""The engine of the ``research`` extra: a zero-shot classifier of ``transformers``, named by the user.

Each label's description is put into a sentence ("This text is about …"), and an entailment model says how far
the text supports it. Nothing is fetched unless the user named a model of a hub instead of a folder.
Reference: Yin, Hay and Roth, "Benchmarking Zero-shot Text Classification" (EMNLP 2019).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from importlib import import_module
from pathlib import Path
from typing import Any

from ..errors import ModelError
from ..models.once import once
from ..timeline import Judgement
from .classify import TOO_SHORT, is_too_short, judgement
from .labels import LabelSet


class ZeroShot:
    """Judges by entailment.

    Parameters
    ----------
    model : str
        A folder with an entailment model, or its id on a hub such as ``facebook/bart-large-mnli``.
    pipeline : callable, optional
        What classifies; made from ``model`` when it is first needed.
    """

    def __init__(self, model: str, pipeline: Callable[..., Any] | None = None) -> None:
        self.model, self._pipeline = model, pipeline

    def __call__(self, texts: Sequence[str], labels: LabelSet) -> list[Judgement]:
        """Return one judgement a text.

        Raises
        ------
        ModelError
            If ``transformers`` or the model is not there.
        """
        asked = [text for text in texts if not is_too_short(text)]
        if not asked:
            return [TOO_SHORT for _ in texts]
        run = self._pipeline or _pipeline(self.model)
        candidates = {f"{label.name}: {label.description}": label.name for label in labels.labels}
        answers = run(asked, list(candidates), hypothesis_template=labels.hypothesis, multi_label=False)
        answers = iter(answers if isinstance(answers, list) else [answers])
        return [
            TOO_SHORT if is_too_short(text) else _judged(next(answers), candidates, labels) for text in texts
        ]


def _judged(answer: dict[str, Any], candidates: dict[str, str], labels: LabelSet) -> Judgement:
    found = {candidates[name]: share for name, share in zip(answer["labels"], answer["scores"], strict=True)}
    return judgement([float(found[name]) for name in labels.names], labels)


@once(kept=2)
def _pipeline(model: str) -> Any:
    if not model:
        raise ModelError(
            "no model is named",
            subject="zero-shot",
            remedy="set EDM_CONTENT_ENGINE to zero-shot:FOLDER or zero-shot:HUB/ID",
        )
    try:
        transformers = import_module("transformers")
    except ImportError as error:
        raise ModelError(
            f"transformers cannot be imported: {error}",
            subject="zero-shot",
            remedy="install the research extra: pip install 'edm-workbench[research]'",
        ) from error
    if Path(model).expanduser().is_dir():
        model = str(Path(model).expanduser())
    elif model.startswith((".", "/", "~")):
        raise ModelError("there is no such folder", subject=model, remedy="give the folder of a model")
    try:
        return transformers.pipeline("zero-shot-classification", model=model, device=-1)
    except Exception as error:  # what transformers raises depends on what is missing
        raise ModelError(
            f"cannot be loaded: {error}",
            subject=model,
            remedy="name a folder or a hub's id of an entailment model",
        ) from error
