"""A laboratory's report: what was asked of which judge, what was found, and with how much certainty."""

from __future__ import annotations

import json
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import numpy as np

from ..._codec import decode, encode
from ...errors import SettingsError
from ..persona import Persona
from ..scoring import Told
from .biases import biases
from .controls import controls
from .design import NOBODY, Design, Plan, plan
from .finding import Finding, mean_of
from .judging import Answers, Judge, ask
from .nobody import nobody
from .passages import ProbePassage, read_passages
from .scale import EVEN, Reference

VERSION = "laboratory@1"
PACKAGED = "packaged passages"


@dataclass(frozen=True, slots=True)
class Disguised:
    """What one way of hiding an instruction did: ``towards`` is the mean move to what it asks for, in points.

    ``changed`` and ``flagged`` are shares of the ``trials``.
    """

    name: str
    trials: int
    towards: float | None
    changed: float | None
    flagged: float


@dataclass(frozen=True, slots=True)
class LabReport:
    """What a laboratory found about a judge.

    ``personas`` are versions by id; ``source`` and ``passages`` say what was played. ``asked`` counts
    different questions, ``missing`` those without a score by reason. ``by_place`` are mean scores, less the
    passages' own, by place in the session. ``time`` is when it began, in UTC; it took ``seconds``.
    """

    judge: str
    identity: str
    models: tuple[str, ...]
    prompts: tuple[str, ...]
    personas: dict[str, str]
    source: str
    passages: tuple[str, ...]
    design: Design
    reference: str
    asked: int
    missing: dict[str, int]
    biases: tuple[Finding, ...]
    controls: tuple[Finding, ...]
    by_place: tuple[float, ...]
    disguises: tuple[Disguised, ...]
    time: str
    seconds: float
    version: str = VERSION

    @property
    def findings(self) -> tuple[Finding, ...]:
        """The five biases, then the other probes."""
        return self.biases + self.controls

    @property
    def found(self) -> tuple[str, ...]:
        """Names of the biases that were found."""
        return tuple(each.name for each in self.biases if each.verdict == "found")

    def to_json(self) -> str:
        """Return all of it as JSON."""
        return json.dumps(encode(self), ensure_ascii=False, indent=1)

    @classmethod
    def from_json(cls, text: str) -> LabReport:
        """Read what :meth:`to_json` wrote.

        Raises
        ------
        SettingsError
            If it is no JSON.
        TimelineError
            If it is no report.
        """
        try:
            data = json.loads(text)
        except (ValueError, RecursionError) as error:
            raise SettingsError(f"not JSON: {error}", subject="laboratory report") from None
        return decode(cls, data, "laboratory report")

    def rows(self) -> list[dict[str, Any]]:
        """Return one row a finding, for tables and data frames."""
        return [
            {
                "kind": kind, "name": each.name, "verdict": each.verdict, "estimate": _rounded(each.estimate),
                "low": _rounded(each.low), "high": _rounded(each.high), "unit": each.unit,
                "limit": _rounded(each.limit), "p": _rounded(each.p, 4),
                "p_adjusted": _rounded(each.adjusted, 4), "n": each.n, "units": each.units,
                "effect": _rounded(each.effect, 2), "power": _rounded(each.power, 2),
                "worth": _rounded(each.worth),
                "test": each.test, "note": each.note,
            }
            for kind, group in (("bias", self.biases), ("control", self.controls))
            for each in group
        ]  # fmt: skip

    def metrics(self) -> dict[str, float]:
        """Return numbers by name, as an experiment's tracker takes them."""
        values: dict[str, float | None] = {"asked": self.asked, "missing": sum(self.missing.values())}
        for each in self.findings:
            name = each.name.replace(" ", "_").replace("-", "_")
            values[name] = each.estimate
            values[f"{name}_p_adjusted"] = each.adjusted
            values[f"{name}_found"] = float(each.verdict == "found")
        return {name: float(value) for name, value in values.items() if value is not None}

    def parameters(self) -> dict[str, str]:
        """Return what it was made with, by name."""
        return {
            "judge": self.judge, "identity": self.identity, "models": ", ".join(self.models),
            "prompts": ", ".join(self.prompts), "source": self.source, "laboratory": self.version,
            "personas": ", ".join(f"{name} {version}" for name, version in self.personas.items()),
            "passages": str(len(self.passages)), "reference": self.reference,
            **{f"design.{name}": str(value) for name, value in encode(self.design).items()},
        }  # fmt: skip

    def to_markdown(self) -> str:
        """Return it as Markdown."""
        from .page import markdown

        return markdown(self)

    def to_html(self) -> str:
        """Return it as a page that needs nothing else."""
        from .page import html

        return html(self)


def examine(
    judge: Judge,
    personas: Mapping[str, Persona],
    passages: Sequence[ProbePassage] | None = None,
    *,
    source: str = PACKAGED,
    design: Design | None = None,
    reference: Reference | None = None,
    progress: Told | None = None,
) -> LabReport:
    """Put a judge through the laboratory.

    Parameters
    ----------
    judge : Judge
        Such as a :class:`~edm_core.personas.laboratory.ScorerJudge`.
    personas : mapping of str to Persona
        Listeners by id.
    passages : sequence of ProbePassage, optional
        What is played; the packaged ones by default.
    source : str, optional
        Where they are from.
    design : Design, optional
        How much is asked.
    reference : Reference, optional
        How people spread over the scale, if they rated these passages.
    progress : callable, optional
        Told the share that is done; what it raises stops the work.

    Returns
    -------
    LabReport

    Raises
    ------
    SettingsError
        If there are fewer than six passages, or no persona.
    """
    laid = plan(read_passages() if passages is None else passages, list(personas), design)
    began, clock = datetime.now(UTC), time.perf_counter()
    answers = ask(laid, judge, {**personas, NOBODY: nobody()}, progress)
    seed = laid.design.seed
    return LabReport(
        judge=judge.name, identity=judge.identity, models=tuple(sorted(getattr(judge, "models", ()))),
        prompts=tuple(sorted(getattr(judge, "prompts", ()))),
        personas={name: each.version for name, each in personas.items()},
        source=source, passages=tuple(each.id for each in laid.passages), design=laid.design,
        reference=(reference or EVEN).source, asked=answers.asked, missing=answers.missing,
        biases=biases(laid, answers, reference, seed), controls=controls(laid, answers, seed),
        by_place=_by_place(laid, answers), disguises=_disguised(laid, answers),
        time=began.isoformat(timespec="seconds"), seconds=round(time.perf_counter() - clock, 1),
    )  # fmt: skip


def _by_place(laid: Plan, answers: Answers) -> tuple[float, ...]:
    """Return the mean of scores, less each row's own mean, at each place; nothing if there are none."""
    place, scores = laid.blocks["order"].place, answers.scores["order"]
    assert place is not None
    centred = scores - mean_of(scores, 2)[:, :, None]
    means = [mean_of(np.where(place == at, centred, np.nan), (0, 1, 2)) for at in range(int(place.max()) + 1)]
    return tuple(round(float(mean), 4) for mean in means) if np.isfinite(means).all() else ()


def _disguised(laid: Plan, answers: Answers) -> tuple[Disguised, ...]:
    plain = mean_of(answers.scores["plain"], 2)[:, :, None]
    change = answers.scores["injection"] - plain
    towards = change * np.where(laid.asks == 5, 1.0, -1.0)
    names = np.array(laid.disguises)
    found = []
    for name in dict.fromkeys(names.flat):
        here = np.broadcast_to(names == name, change.shape)
        moves = towards[here][np.isfinite(towards[here])]
        found.append(
            Disguised(
                str(name), int(here.sum()), _rounded(float(moves.mean())) if len(moves) else None,
                _rounded(float((np.abs(moves) > 1e-9).mean())) if len(moves) else None,
                round(float(answers.flagged[here].mean()), 3),
            )
        )  # fmt: skip
    return tuple(found)


def _rounded(value: float | None, digits: int = 3) -> float | None:
    return None if value is None else round(value, digits) + 0.0  # no minus zero
