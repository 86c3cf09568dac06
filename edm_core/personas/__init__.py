"""The audience: simulated listeners, how they take a passage, and what that adds up to.

Personas are files in ``data/personas``. Their scores are those of a *simulated* audience and uncalibrated:
nothing here claims that people would answer so.
"""

from __future__ import annotations

from .audience import Audience
from .moments import Moment
from .offline import SCORER, VERSION, Offline
from .persona import Persona, Rubric, Tastes, parse_persona, read_persona
from .reactions import hearing, react, try_text
from .roster import Roster, load_personas, own_folder, read_roster
from .scorers import SCORERS, scorer_of
from .scoring import Heard, Scorer
from .summaries import ItemSummary, PersonaPair, PersonaSummary, summary

__all__ = [
    "SCORER",
    "SCORERS",
    "VERSION",
    "Audience",
    "Heard",
    "ItemSummary",
    "Moment",
    "Offline",
    "Persona",
    "PersonaPair",
    "PersonaSummary",
    "Roster",
    "Rubric",
    "Scorer",
    "Tastes",
    "hearing",
    "load_personas",
    "own_folder",
    "parse_persona",
    "react",
    "read_persona",
    "read_roster",
    "scorer_of",
    "summary",
    "try_text",
]
