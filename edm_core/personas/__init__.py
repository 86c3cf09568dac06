"""The audience: simulated listeners, how they take a passage, and what that adds up to.

Personas are files in ``data/personas``. Their scores are those of a *simulated* audience and uncalibrated:
nothing here claims that people would answer so.
"""

from __future__ import annotations

from .offline import SCORER, VERSION
from .persona import Persona, Rubric, Tastes, load_personas, read_persona
from .reactions import react, try_text
from .summary import Moment, PersonaSummary, summary

__all__ = [
    "SCORER",
    "VERSION",
    "Moment",
    "Persona",
    "PersonaSummary",
    "Rubric",
    "Tastes",
    "load_personas",
    "react",
    "read_persona",
    "summary",
    "try_text",
]
