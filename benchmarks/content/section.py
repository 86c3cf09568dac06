"""The section on content: topics, tones, safety, repetition and time, ours beside trivial judges."""

from __future__ import annotations

import tempfile
import time
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from edm_core.content import LabelSet, describe, read_labels, read_safety
from edm_core.content.classify import softmax
from edm_core.content.packaged import Packaged
from edm_core.models import minilm
from edm_core.models.embedding import Embedder
from edm_core.resources import LABELS
from edm_core.settings import Settings
from edm_core.timeline import Passage, Safety

from . import peers
from .cases import TEST, TRAIN, Case, Cases, RepeatCase, SafetyCase, read
from .scores import calibration_error, interval, macro_f1

GOALS = {"topics": 0.80, "tones": 0.65}
_CONFUSIONS = 5


def section(path: Path = TEST) -> str:
    """Return Markdown on how a split is judged.

    Parameters
    ----------
    path : Path, optional
        A file like ``train.yaml``.
    """
    cases, known = read(path), read(TRAIN).passages
    embed = minilm()
    lines = [
        (
            f"Self-authored, synthetic texts ({path.name}): {len(cases.passages)} with both labels, "
            f"{len(cases.safety)} on safety, {len(cases.nothing)} of small talk, {len(cases.repeats)} pairs. "
            "In brackets: 95 % bootstrap intervals, drawn by template."
        ),
    ]
    for kind in GOALS:
        lines += ["", f"### {kind.capitalize()}", "", *_labels_part(kind, cases, known, embed)]
    judged = _described([case.text for case in cases.safety], embed)
    lines += ["", "### Safety", "", *_safety_part(cases.safety, [one.safety for one in judged])]
    lines += ["", "### Repetition", "", *_repeats_part(cases.repeats, embed)]
    lines += ["", "### Time", "", *_time_part(cases)]
    return "\n".join(lines)


# --- topics and tones ------------------------------------------------------------------------------


def _labels_part(kind: str, cases: Cases, known: Sequence[Case], embed: Embedder) -> list[str]:
    labels = read_labels(LABELS / f"{kind}.yaml")
    texts = [case.text for case in cases.passages]
    truth, learnt = (_truth(labels, kind, some) for some in (cases.passages, known))
    scores, none = Packaged(embed, Settings.from_environment()).scores(texts, labels)
    ours = softmax(scores, labels.temperature)
    judges = {
        "ours": ours,
        "naive Bayes of words": peers.words(texts, labels, [case.text for case in known], learnt),
        "MiniLM, descriptions only": peers.descriptions(texts, labels, embed),
        "commonest label": peers.majority(texts, labels, learnt),
    }
    templates = [case.template for case in cases.passages]
    count = len(labels.names)
    lines = ["| judge, forced to answer | macro-F1 | accuracy |", "|---|---|---|"]
    for name, shares in judges.items():
        said = shares.argmax(axis=1)
        f1, accuracy = macro_f1(truth, said, count), float((said == truth).mean())
        spread = interval(lambda rows, said=said: macro_f1(truth[rows], said[rows], count), templates)  # type: ignore[misc]
        lines.append(f"| {name} | {f1:.3f} [{spread[0]:.2f}, {spread[1]:.2f}] | {accuracy:.3f} |")
    right = ours.argmax(axis=1) == truth
    confidence = ours.max(axis=1)
    answered = (confidence >= labels.abstain_below) & ~none
    empty, _ = Packaged(embed, Settings.from_environment()).scores(cases.nothing, labels)
    silent = [judgement.status != "ok" for judgement in Packaged(embed)(cases.nothing, labels)]
    lines += [
        "",
        f"Goal: macro-F1 {GOALS[kind]:.2f}. With abstention below {labels.abstain_below:g}, "
        f"{answered.mean():.1%} are answered and {right[answered].mean():.1%} of the answers are right "
        f"({right.mean():.1%} when forced). "
        f"Expected calibration error {calibration_error(confidence, right):.3f}. "
        + (f"Of {len(silent)} texts about nothing, {sum(silent)} get no label. " if len(empty) else "")
        + f"Most confused: {_confusions(labels, truth, ours.argmax(axis=1))}.",
    ]
    return lines


def _truth(labels: LabelSet, kind: str, cases: Sequence[Case]) -> NDArray[np.intp]:
    return np.array([labels.names.index(getattr(case, kind.removesuffix("s"))) for case in cases])


def _confusions(labels: LabelSet, truth: NDArray[np.intp], said: NDArray[np.intp]) -> str:
    counts = np.zeros((len(labels.names), len(labels.names)), int)
    np.add.at(counts, (truth, said), 1)
    np.fill_diagonal(counts, 0)
    worst = np.argsort(-counts, axis=None, kind="stable")[:_CONFUSIONS]
    pairs = [np.unravel_index(place, counts.shape) for place in worst]
    return "; ".join(
        f"{labels.names[a]} taken for {labels.names[b]} ({counts[a, b]})" for a, b in pairs if counts[a, b]
    )


# --- safety, repetition, time ----------------------------------------------------------------------


def _safety_part(cases: Sequence[SafetyCase], judged: Sequence[Safety]) -> list[str]:
    truth = np.array([case.flagged for case in cases])
    said = np.array([one.status == "flagged" for one in judged])
    templates = [case.template for case in cases]
    lines = ["| category | cases | precision | recall |", "|---|---|---|---|"]
    lines.append(_rates("any (a passage is flagged)", truth, said, templates))
    for category, flag in read_safety().flag_from.items():
        wanted = np.array([case.categories.get(category, 0) >= flag for case in cases])
        found = np.array([getattr(one.categories, category) >= flag for one in judged])
        lines.append(_rates(category, wanted, found, templates))
    near = np.array([case.near and not case.flagged for case in cases])
    lines += ["", "Goal: recall .95 at precision .90."]
    if near.any():
        lines[-1] += f" Of {near.sum()} harmless texts that come near, {(said & near).sum()} are flagged."
    return lines


def _rates(name: str, truth: NDArray[np.bool_], said: NDArray[np.bool_], templates: Sequence[str]) -> str:
    def share(of: NDArray[np.bool_], among: NDArray[np.bool_], rows: NDArray[np.intp]) -> float:
        return float(of[rows][among[rows]].mean()) if among[rows].any() else float("nan")

    everything = np.arange(len(truth))
    cells = []
    for of, among in ((truth, said), (said, truth)):
        low, high = interval(lambda rows, of=of, among=among: share(of, among, rows), templates)  # type: ignore[misc]
        cells.append(f"{share(of, among, everything):.3f} [{low:.2f}, {high:.2f}]")
    return f"| {name} | {truth.sum()} | {cells[0]} | {cells[1]} |"


def _repeats_part(cases: Sequence[RepeatCase], embed: Embedder) -> list[str]:
    kinds = list(dict.fromkeys(case.kind for case in cases))
    found: list[str] = []
    for case in cases:
        pair = [Passage(0.0, 9.0, text=case.earlier), Passage(60.0, 69.0, text=case.later)]
        later = describe(pair, embed=embed)[1].repetition
        found.append(later.kind if later else "none")
    lines = ["| kind | pairs | right | called a repetition of any kind |", "|---|---|---|---|"]
    for kind in kinds:
        said = [name for name, case in zip(found, cases, strict=True) if case.kind == kind]
        again = sum(name != "none" for name in said)
        lines.append(f"| {kind} | {len(said)} | {said.count(kind)} | {again} |")
    return lines


def _described(texts: Sequence[str], embed: Embedder) -> tuple[Passage, ...]:
    # One by one: none may be taken for a repetition, and none sees another.
    return tuple(describe([Passage(0.0, 9.0, text=text)], embed=embed)[0] for text in texts)


def _time_part(cases: Cases) -> list[str]:
    texts = [case.text for case in cases.passages][:100]
    passages = [Passage(10.0 * place, 10.0 * place + 9.0, text=text) for place, text in enumerate(texts)]
    with tempfile.TemporaryDirectory() as folder:
        settings = replace(Settings.from_environment(), data_dir=Path(folder))
        first = minilm(settings=Settings.from_environment())
        fresh = Embedder(*first.files, first.identity)
        taken = []
        for embed in (fresh, Embedder(*first.files, first.identity)):
            began = time.perf_counter()
            one = describe(passages, embed=embed, settings=settings)
            taken.append(time.perf_counter() - began)
        fresh.forget(texts)
        began = time.perf_counter()
        again = describe(passages, embed=fresh, settings=settings)
        taken.append(time.perf_counter() - began)
    same = "the same result each time" if one == again else "DIFFERENT results"
    return [
        (
            f"{len(texts)} passages: {taken[0]:.2f} s on a machine new to the label files, "
            f"{taken[1]:.2f} s in a new process, {taken[2]:.2f} s after that (goal: 1 s); {same}."
        )
    ]
