"""Markdown of what was measured: one table a question, intervals in brackets."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from .accuracy import Accuracy, Summary
from .calibration import Calibration
from .peers import PEERS
from .peers.environments import BEATS, BOUNDARIES, LABELS, TEMPO

MEASURES = TEMPO + BEATS + BOUNDARIES + LABELS

GOALS = {
    "tempo_1pct": 0.97, "tempo_exact": 0.85, "beat_f": 0.97, "beat_cmlt": 0.95, "downbeat_f": 0.93,
    "hr05_f": 0.75, "hr3_f": 0.85, "label": 0.92, "drop_f": 0.90,
}  # fmt: skip
CALIBRATION_GOAL = 0.05


def accuracy_section(found: Accuracy, about: str, spoken: str = "") -> str:
    """Write a set's section: every system, ours against each, ours by family.

    Parameters
    ----------
    found : Accuracy
    about : str
        What the set is, a paragraph.
    spoken : str
        Markdown about speech, put at the end.
    """
    lines = [
        about,
        "",
        f"{found.items} recordings, {found.minutes:.0f} minutes; not each has a truth for every measure.",
        "Mean over recordings and 95 % bootstrap interval, drawn within families. –: not its task.",
        "",
        *systems_table(found.summaries),
        "",
        *(f"- *{name}*: {what}" for name, what in _about_systems(found).items()),
        "",
        "Items of ours without a usable result, which count as zero: "
        + ("; ".join(found.problems) or "none")
        + ".",
        "",
        "### Ours minus each system, item by item",
        "",
        "Paired, 95 % interval; bold where it leaves out 0. Minus *house128*, which hears nothing, is what",
        "the sound itself adds to labels and drops.",
        "",
        *differences_table(found.differences),
        "",
        "### Ours by family",
        "",
        *family_table(found.summaries["ours"]),
    ]
    return "\n".join([*lines, "", spoken] if spoken else lines)


def systems_table(summaries: Mapping[str, Summary]) -> list[str]:
    """Lines of a table: a row a measure, a column a system, and what ours is to reach."""
    lines = [
        "| measure | items | goal | " + " | ".join(summaries) + " |",
        "|---" * (len(summaries) + 3) + "|",
    ]
    for measure in MEASURES:
        ours = summaries["ours"]["all"].get(measure)
        if ours is None:
            continue
        cells = [
            cell(summary["all"].get(measure)) if measure in measures_of(name) else "–"
            for name, summary in summaries.items()
        ]
        lines.append(f"| {measure} | {ours['items']:.0f} | {_goal(measure, ours)} | {' | '.join(cells)} |")
    return lines


def differences_table(differences: Mapping[str, Summary]) -> list[str]:
    """Lines of a table: ours minus each system, over all families."""
    lines = ["| measure | " + " | ".join(differences) + " |", "|---" * (len(differences) + 1) + "|"]
    for measure in MEASURES:
        cells = [
            cell(difference["all"].get(measure), signed=True) if measure in measures_of(name) else "–"
            for name, difference in differences.items()
        ]
        if any(text not in ("", "–") for text in cells):
            lines.append(f"| {measure} | {' | '.join(cells)} |")
    return lines


def family_table(summary: Summary) -> list[str]:
    """Lines of a table: a row a measure, a column a family."""
    lines = ["| measure | " + " | ".join(summary) + " |", "|---" * (len(summary) + 1) + "|"]
    for measure in MEASURES:
        cells = [cell(row.get(measure)) for row in summary.values()]
        if any(cells):
            lines.append(f"| {measure} | {' | '.join(cells)} |")
    return lines


def calibration_section(sets: Mapping[str, Accuracy]) -> str:
    """Write the section on confidences, of all sets."""
    lines = [
        "Of all claims made with a confidence of .8, eight in ten should be right. Expected calibration",
        f"error of ours over ten bins, of equal width (goal: ≤ {_number(CALIBRATION_GOAL)}) and of equal",
        "mass; 95 % interval by drawing recordings anew. *beats*: a true beat within 70 ms; *boundaries*:",
        "a true major boundary within 0.5 s of the section's start, starts at minor ones left out;",
        "*labels*: right or accepted besides, by duration (a claim each: a section's right and its wrong",
        "part). A few claims in ten bins give an error by chance alone: read the counts too.",
        "",
        "| set | confidence of | recordings | claims | equal width | equal mass |",
        "|---|---|---|---|---|---|",
    ]
    for name, found in sets.items():
        for kind, errors in found.calibrations.items():
            if isinstance(errors, str):
                lines.append(f"| {name} | {kind} | | | {errors} | |")
                continue
            width, mass = errors["width"], errors["mass"]
            kept = "" if width.error <= CALIBRATION_GOAL else " (**not reached**)"
            lines.append(
                f"| {name} | {kind} | {width.recordings} | {width.claims} "
                f"| {_error(width)}{kept} | {_error(mass)} |"
            )
    return "\n".join(lines)


def measures_of(system: str) -> Sequence[str]:
    """Return what a system is for; elsewhere it would score a zero that says nothing."""
    return PEERS[system].measures if system in PEERS else MEASURES


def cell(value: Mapping[str, float] | None, signed: bool = False) -> str:
    """Write a mean and its interval; a difference that is sure is bold.

    >>> cell({"mean": 0.2, "low": 0.1, "high": 0.3}, signed=True)
    '**+0.20 [+0.10, +0.30]**'
    """
    if value is None:
        return ""
    sign = "+" if signed else ""
    text = f"{value['mean']:{sign}.2f} [{value['low']:{sign}.2f}, {value['high']:{sign}.2f}]"
    sure = signed and (value["low"] > 0 or value["high"] < 0)
    return f"**{text}**" if sure else text


def _about_systems(found: Accuracy) -> dict[str, str]:
    about = {name: PEERS[name].what for name in found.summaries if name in PEERS}
    return about | {name: f"left out: {reason}" for name, reason in found.missing.items()}


def _goal(measure: str, ours: Mapping[str, float]) -> str:
    goal = GOALS.get(measure)
    if goal is None:
        return ""
    return f"≥ {_number(goal)}" + ("" if ours["mean"] >= goal else " (**not reached**)")


def _error(found: Calibration) -> str:
    return f"{found.error:.3f} [{found.low:.3f}, {found.high:.3f}]"


def _number(value: float) -> str:
    return f"{value:.2f}".removeprefix("0")
