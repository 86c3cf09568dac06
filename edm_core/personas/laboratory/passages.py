"""What the laboratory plays to judges: the packaged probe passages, or passages of a recording.

The packaged ones lie in ``data/laboratory/passages.yaml``: written for this purpose, each with two rewordings
by hand, the words that carry its topic and its tone, and the listeners whom it clearly pleases or annoys.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ..._yaml import plain
from ...errors import SettingsError
from ...items import Passage
from ...resources import DATA
from .variants import reworded

PASSAGES = DATA / "laboratory" / "passages.yaml"
FEWEST_WORDS = 12
"""Passages of a recording with fewer words are not played: there is nothing in them to reword or to mask."""


@dataclass(frozen=True, slots=True)
class ProbePassage:
    """A passage to be played.

    ``paraphrases`` mean the same. ``topic`` and ``tone`` are words of the text that carry them, empty where
    nobody marked them. ``pleases`` and ``annoys`` are ids of personas.
    """

    id: str
    text: str
    paraphrases: tuple[str, ...]
    topic: tuple[str, ...] = ()
    tone: tuple[str, ...] = ()
    pleases: frozenset[str] = frozenset()
    annoys: frozenset[str] = frozenset()

    def mark(self, persona: str) -> int:
        """Return 1 if it was written to please the persona, -1 to annoy, 0 if neither is clear."""
        return (persona in self.pleases) - (persona in self.annoys)


def read_passages(path: Path = PASSAGES) -> tuple[ProbePassage, ...]:
    """Read probe passages.

    Parameters
    ----------
    path : Path, optional
        A YAML file like the packaged one.

    Raises
    ------
    SettingsError
        If it cannot be read, an entry lacks something, or words are marked that the text does not hold.

    Examples
    --------
    >>> passages = read_passages()
    >>> len(passages) >= 24, passages[0].id, passages[0].mark("tradies")
    (True, 'storm-warning', 1)
    """
    try:
        entries = plain(path.read_bytes())
    except (OSError, ValueError) as error:
        raise SettingsError(
            f"cannot be read: {' '.join(str(error).split())}", subject=str(path), remedy="correct it there"
        ) from None
    if not isinstance(entries, list) or not entries:
        raise SettingsError("is not a list of passages", subject=str(path), remedy="see the packaged file")
    found = tuple(_read(entry, place, path) for place, entry in enumerate(entries, 1))
    twice = {each.id for each in found if sum(other.id == each.id for other in found) > 1}
    if twice:
        raise SettingsError(f"the id {min(twice)!r} stands there twice", subject=str(path))
    return found


def passages_of(
    passages: Sequence[Passage], count: int, seed: int = 0, among: Collection[int] | None = None
) -> tuple[ProbePassage, ...]:
    """Return up to ``count`` passages of a recording, chosen by chance, with rewordings made by rule.

    Nobody marked what they are about or whom they please, so the laboratory leaves out what needs that.

    Parameters
    ----------
    passages : sequence of Passage
        English, as transcribed.
    count : int
        How many at most.
    seed : int, optional
        Which of them.
    among : collection of int, optional
        Indices of those that may be taken; all by default.

    Raises
    ------
    SettingsError
        If fewer than six have :data:`FEWEST_WORDS` words or more.
    """
    import numpy as np

    spoken = [
        (place, " ".join(each.text.split()))
        for place, each in enumerate(passages)
        if (among is None or place in among)
        and each.language in (None, "en")
        and len(each.text.split()) >= FEWEST_WORDS
    ]
    if len(spoken) < 6:
        raise SettingsError(
            f"{len(spoken)} English passages of {FEWEST_WORDS} words or more",
            subject="the recording",
            remedy="the laboratory needs six; leave it out to use the packaged passages",
        )
    order = np.random.default_rng(seed).permutation(len(spoken))[:count]
    return tuple(
        ProbePassage(f"passage {place + 1}", text, reworded(text))
        for place, text in (spoken[index] for index in sorted(order))
    )


def _read(entry: Any, place: int, path: Path) -> ProbePassage:
    def wrong(problem: str) -> SettingsError:
        return SettingsError(f"passage {place}: {problem}", subject=str(path), remedy="see the packaged file")

    if not isinstance(entry, dict) or not all(isinstance(entry.get(key), str) for key in ("id", "text")):
        raise wrong("has no id or no text")
    lists: dict[str, tuple[str, ...]] = {}
    for key in ("paraphrases", "topic", "tone", "pleases", "annoys"):
        values = entry.get(key) or []
        if not isinstance(values, list) or not all(isinstance(value, str) for value in values):
            raise wrong(f"{key} is not a list of texts")
        lists[key] = tuple(values)
    if len(lists["paraphrases"]) != 2:
        raise wrong("has not two paraphrases")
    for word in lists["topic"] + lists["tone"]:
        if not re.search(rf"(?<!\w){re.escape(word)}(?!\w)", entry["text"]):
            raise wrong(f"marks {word!r}, which is not in the text")
    pleases, annoys = frozenset(lists["pleases"]), frozenset(lists["annoys"])
    if pleases & annoys:
        raise wrong(f"both pleases and annoys {min(pleases & annoys)}")
    return ProbePassage(
        entry["id"], entry["text"], lists["paraphrases"], lists["topic"], lists["tone"], pleases, annoys
    )
