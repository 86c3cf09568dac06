"""What layers are worth: whether they agree with each other, with other raters' and with what music does."""

from .adjudication import Pick, adjudicated
from .agreement import MEASURES, Agreement, Figure, Measure, Pair, agreement
from .checks import SEVERITIES, Finding, Kind, Severity, check
from .differences import Difference, differences

__all__ = [
    "MEASURES",
    "SEVERITIES",
    "Agreement",
    "Difference",
    "Figure",
    "Finding",
    "Kind",
    "Measure",
    "Pair",
    "Pick",
    "Severity",
    "adjudicated",
    "agreement",
    "check",
    "differences",
]
