"""What personas hear, and what turns it into scores: the one protocol of every scorer."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any, Protocol

from ..items import Evidence, Passage, Reaction, Section, Status, Target
from ..joining import digest_of
from .music import Portrait
from .persona import Persona

Told = Callable[[float], None]
"""Called with the share that is done, 0 to 1; what it raises stops the work."""


@dataclass(frozen=True)
class Heard:
    """A passage or a section as a listener meets it.

    Parameters
    ----------
    target : Target
        Which item of which layer.
    item : Passage or Section
        A passage with its content judged, or a section.
    portrait : Portrait, optional
        What was measured of a section and what is around it.
    before : tuple of str, optional
        Texts of passages that were heard before it, for scorers with a memory.
    """

    target: Target
    item: Passage | Section
    portrait: Portrait | None = None
    before: tuple[str, ...] = ()

    @property
    def text(self) -> str:
        """What is said; empty of music."""
        return self.item.text if isinstance(self.item, Passage) else ""

    @cached_property
    def digest(self) -> str:
        """What tells it from anything else that could be heard."""
        return digest_of(self.item)

    def facts(self) -> tuple[str, ...]:
        """Return what was measured of a section, in plain words; nothing of a passage."""
        return () if self.portrait is None else self.portrait.facts()

    def bars(self) -> Evidence:
        """Return a section as evidence: its bars, or its name where bars are not known."""
        item = self.item
        first, last = getattr(item, "start_bar", None), getattr(item, "end_bar", None)
        quote = f"bars {first}–{last}" if first is not None and last is not None else item.label
        return Evidence(quote, item.start, item.end)

    def reaction(self, persona: Persona, scorer: str, status: Status = "ok", **said: Any) -> Reaction:
        """Return a reaction to it; ``said`` are further fields of :class:`~edm_core.items.Reaction`."""
        blank = Reaction(
            self.item.start, self.item.end, persona=persona.id, target=self.target, status="pending",
            scorer=scorer, persona_version=persona.version, heard=self.digest,
        )  # fmt: skip
        return replace(blank, status=status, **said)


class Scorer(Protocol):
    """Lets personas react."""

    @property
    def name(self) -> str:
        """Name and version, such as ``offline@2``."""
        ...

    @property
    def identity(self) -> str:
        """What tells its scores from another's, beyond persona and text: model, options, weights."""
        ...

    def __call__(
        self, heard: Sequence[Heard], personas: Sequence[Persona], progress: Told | None = None
    ) -> Iterator[Reaction]:
        """Yield one reaction for each persona and each thing that it is to hear, in any order.

        Whatever cannot be scored is yielded with its status and its reason in ``note``; nothing is left out.
        """
        ...
