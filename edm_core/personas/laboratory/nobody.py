"""A listener of whom nothing is known, against whom personas are held."""

from __future__ import annotations

import hashlib

from ..persona import Persona, Rubric, Tastes
from .design import NOBODY

_ANCHORS = (
    "I do not want to hear this.", "I would rather not hear this.", "I neither mind nor care.",
    "I am glad to hear this.", "I want to hear more of this.",
)  # fmt: skip
_WHO = "A listener of whom nothing is known."


def nobody() -> Persona:
    """Return the persona without tastes, and without a rubric that could move a score.

    Its one sentence stands on both sides, as a persona must have some.

    Examples
    --------
    >>> nobody().id, nobody().likes == nobody().dislikes
    ('nobody', True)
    """
    nothing = Tastes({}, {}, {}, ("Somebody is talking on the radio.",), {}, ())
    return Persona(
        id=NOBODY, name="Nobody in particular", emoji="👤", description=_WHO, age="any age", who=_WHO,
        listens_to="both", likes=nothing, dislikes=nothing, rubric=Rubric(0.0, 0.0, 0.0, 0.0, 0.0),
        tolerates=7, anchors=_ANCHORS, prompt=_WHO, weight=0.0, retired=False,
        version=hashlib.sha256(repr((_WHO, _ANCHORS)).encode()).hexdigest()[:12],
    )  # fmt: skip
