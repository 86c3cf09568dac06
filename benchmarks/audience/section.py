"""The sections on the audience in ``benchmarks/RESULTS.md``."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Size:
    """How much is measured."""

    runs: int
    panels: int
    laboratories: int
    asked: tuple[int, ...]


SIZES = {"quick": Size(1, 3, 20, (1, 4)), "full": Size(5, 20, 300, (1, 2, 4, 8))}


def section(size: str = "full") -> str:
    """Measure the audience and return Markdown.

    Parameters
    ----------
    size : str
        A key of :data:`SIZES`.
    """
    from . import calibrated, laboratory, language_model, preferences, speed

    much = SIZES[size]
    parts = {
        "Speed of the offline scorer": speed.section(much.runs),
        "Preferences": f"{ABOUT_PAIRS}\n\n{preferences.section()}",
        "Calibration on planted panels": calibrated.section(seeds=much.panels),
        "The judge laboratory": laboratory.section(much.laboratories),
        "A language model as scorer": language_model.section(much.asked),
    }
    body = "\n\n".join(f"### {name}\n\n{part.strip()}" for name, part in parts.items())
    return f"{ABOUT}\n{body}"


ABOUT = """\
Simulated listeners: no figure here says how people would take anything. What stands below is speed, order in
hand-written preferences, and whether calibration and laboratory do what they should where truth is planted.
"""

ABOUT_PAIRS = """\
Hand-written by one author of this project from one-line gists of the listeners (`benchmarks/audience/pairs`),
apart from persona files and scorer; the test split was committed before the scorer's second edition, which
was tuned on the other split. Self-authored: no survey of people. AUC is over all liked against all disliked
passages; one without a score is a tie."""
