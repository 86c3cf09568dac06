"""Fuzzers: what comes from outside, bent and broken, for every parser that reads it.

``run(target, inputs, seed)`` is what the tests and the long runs share; ``python -m tests.fuzz --help`` runs it.
"""

from .running import Failure, Outcome, Target, run
from .targets import TARGETS

__all__ = ["TARGETS", "Failure", "Outcome", "Target", "run"]
