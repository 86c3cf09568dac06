"""What somebody should look at in an audience: named rules, each with its thresholds."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from ..items import Reaction, Target

if TYPE_CHECKING:
    from .audience import Audience

Severity = Literal["high", "medium", "low"]

LOW_SCORE, LOW_FOR_S = 2.0, 30.0
"""A persona below this score, item after item for so many seconds, is being lost."""
WARY, WARY_SCORE = "advertiser", 2.5
"""Who matters most where a passage is flagged, and the score below which it says so."""
LEAST_COVERAGE = 0.8
"""Share of a persona's reactions that must have a score."""
FAR_APART = 2.0
"""Points between the highest and the lowest score of an item."""


@dataclass(frozen=True, slots=True)
class Alert:
    """Something to look at: by which rule, how urgent, when in seconds, and about whom and what, if any."""

    rule: str
    severity: Severity
    message: str
    start: float
    end: float
    persona: str = ""
    target: Target | None = None


Found = tuple[str, float, float, str, Target | None]
"""What a rule finds: message, start, end, persona, target."""


@dataclass(frozen=True, slots=True)
class Rule:
    """A named rule: what it looks for, in words, and what finds it."""

    name: str
    severity: Severity
    says: str
    find: Callable[[Audience], Iterator[Found]]


def alerts_of(audience: Audience) -> tuple[Alert, ...]:
    """Return what the rules find, in order of time, the urgent first."""
    found = [Alert(rule.name, rule.severity, *what) for rule in RULES for what in rule.find(audience)]
    order = ("high", "medium", "low")
    return tuple(sorted(found, key=lambda alert: (alert.start, order.index(alert.severity), alert.rule)))


# --- private ---------------------------------------------------------------------------------------


def _lost(audience: Audience) -> Iterator[Found]:
    for row, cells in zip(audience.personas, audience.matrix, strict=True):
        for run in _runs([cell for cell in cells if cell is not None]):
            seconds = sum(cell.duration for cell in run)
            if seconds >= LOW_FOR_S:
                message = f"{row.name} scores below {LOW_SCORE:g} for {seconds:.0f} s in a row"
                yield message, run[0].start, run[-1].end, row.persona, run[0].target


def _runs(cells: list[Reaction]) -> Iterator[list[Reaction]]:
    """Give the stretches of low scores; what is not scored ends one."""
    run: list[Reaction] = []
    for cell in cells:
        if cell.score is not None and cell.score < LOW_SCORE:
            run.append(cell)
        elif run:
            yield run
            run = []
    if run:
        yield run


def _unsafe(audience: Audience) -> Iterator[Found]:
    for item in audience.items:
        cell = audience.cells.get((WARY, item.target))
        if item.flagged and cell is not None and cell.score is not None and cell.score < WARY_SCORE:
            message = f"flagged for safety, and {audience[WARY].name} scores it {cell.score:.1f}"
            yield message, item.start, item.end, WARY, item.target


def _gaps(audience: Audience) -> Iterator[Found]:
    end = max((item.end for item in audience.items), default=0.0)
    for row in audience.personas:
        if row.scored < LEAST_COVERAGE * row.total:
            yield f"{row.name} scored only {row.coverage}", 0.0, end, row.persona, None


def _apart(audience: Audience) -> Iterator[Found]:
    for item in audience.items:
        if item.spread is None or item.spread < FAR_APART:
            continue
        cells = [(row.persona, audience.cells.get((row.persona, item.target))) for row in audience.personas]
        scores = {name: cell.score for name, cell in cells if cell is not None and cell.score is not None}
        ends = [max(scores, key=scores.__getitem__), min(scores, key=scores.__getitem__)]
        said = ", ".join(f"{audience[name].name} {scores[name]:.1f}" for name in ends)
        yield (
            f"splits the audience by {item.spread:.1f} points: {said}",
            item.start,
            item.end,
            "",
            item.target,
        )


def _instructed(audience: Audience) -> Iterator[Found]:
    told = {reaction.target for reaction in audience.reactions if "instructions" in reaction.flags}
    for item in audience.items:
        if item.target in told:
            message = "its text gives instructions to whoever judges it"
            yield message, item.start, item.end, "", item.target


RULES: tuple[Rule, ...] = (
    Rule("lost", "high", f"a persona scores below {LOW_SCORE:g} for {LOW_FOR_S:g} s in a row", _lost),
    Rule("unsafe", "high", f"flagged for safety, and {WARY} scores below {WARY_SCORE:g}", _unsafe),
    Rule("coverage", "medium", f"fewer than {LEAST_COVERAGE:.0%} of a persona's items have a score", _gaps),
    Rule("instructions", "medium", "a text gives instructions to whoever judges it", _instructed),
    Rule("apart", "low", f"scores of one item are {FAR_APART:g} points apart or more", _apart),
)
