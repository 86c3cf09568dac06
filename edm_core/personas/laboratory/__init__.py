"""The judge laboratory: what moves a judge's scores that should not, and whether chance explains it."""

from __future__ import annotations

from .biases import biases
from .controls import controls
from .design import NOBODY, SIZES, Block, Design, Plan, Trial, plan
from .finding import Finding
from .judges import JUDGES, judge_of, of_recording
from .judging import Answer, Answers, Judge, ScorerJudge, ask
from .nobody import nobody
from .passages import ProbePassage, passages_of, read_passages
from .report import PACKAGED, LabReport, examine
from .scale import EVEN, Reference, panel_reference

__all__ = [
    "EVEN",
    "JUDGES",
    "NOBODY",
    "PACKAGED",
    "SIZES",
    "Answer",
    "Answers",
    "Block",
    "Design",
    "Finding",
    "Judge",
    "LabReport",
    "Plan",
    "ProbePassage",
    "Reference",
    "ScorerJudge",
    "Trial",
    "ask",
    "biases",
    "controls",
    "examine",
    "judge_of",
    "nobody",
    "of_recording",
    "panel_reference",
    "passages_of",
    "plan",
    "read_passages",
]
