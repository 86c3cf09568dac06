"""How a persona, or a draft of one, would take a passage or section of a recording; nothing is stored."""

from __future__ import annotations

from ..content import describe
from ..items import Key, Passage, Reaction, Target, Tempo
from ..settings import Settings
from ..timeline import Timeline
from .offline import Offline
from .persona import Persona
from .reactions import hearing
from .scoring import Heard, Scorer


def heard_in(timeline: Timeline) -> tuple[Heard, ...]:
    """Return what there is to hear in a recording, as the chosen layers have it: passages, then sections."""
    tempo, key = timeline.layer("tempo"), timeline.layer("key")
    return hearing(
        timeline.passages,
        timeline.sections,
        tempi=[item for item in tempo.items if isinstance(item, Tempo)] if tempo else (),
        keys=[item for item in key.items if isinstance(item, Key)] if key else (),
    )


def try_item(persona: Persona, heard: Heard, scorer: Scorer | None = None) -> Reaction:
    """Return how a persona takes one passage or section, whether or not they listen to such.

    Parameters
    ----------
    persona : Persona
        The listener.
    heard : Heard
        What they hear.
    scorer : Scorer, optional
        The offline scorer by default.
    """
    (reaction,) = (scorer or Offline())([heard], [persona])
    return reaction


def heard_as_text(text: str, settings: Settings | None = None) -> Heard:
    """Return a text as a passage that is spoken at a usual pace, with its content judged.

    Raises
    ------
    ModelError
        If the embedding model is missing or damaged.
    """
    seconds = max(1.0, len(text.split()) / 2.5)
    (passage,) = describe([Passage(0.0, seconds, text=text)], settings=settings)
    return Heard(Target("passage", 0), passage)
