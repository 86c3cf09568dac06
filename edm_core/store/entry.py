"""What the library knows of one recording without opening its timeline: enough to draw its card.

Pure: the functions here make values from values and touch no file.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from .._codec import absent
from ..errors import EdmError
from ..timeline import Problem, Timeline

EntryStatus = Literal["queued", "running", "done", "failed", "cancelled"]
"""``queued`` waits for a worker; ``failed`` and ``cancelled`` say why in ``Entry.message``."""

NAME_LENGTH = 200
"""Longest name that is kept, in characters."""
TAG_LENGTH = 60
"""Longest tag, in characters."""
SMALLEST_SHARE = 0.01
"""Share of speech below which a card does not mention it."""


@dataclass(frozen=True, slots=True)
class Part:
    """A stretch of a card's picture: times in seconds and the label that colours it."""

    start: float
    end: float
    label: str


@dataclass(frozen=True, slots=True)
class Entry:
    """A recording of the library.

    ``id`` is ``sha256:`` and 64 hexadecimal digits. ``path`` is the file where it lies, if it was added from
    a folder, and None if it was uploaded and lies in the library. ``added`` is ISO 8601 in UTC. ``outline``
    holds the loudest peak of equal slices of the recording, from 0 to 127; ``parts`` are its sections, or
    its activity where those say nothing. ``revision`` grows with every analysis that is saved; ``said`` is
    when people last saved what they say of it, as far as the card shows it. ``owner`` is who gave it, empty
    where nobody said; ``size`` is in bytes.
    """

    id: str
    name: str
    added: str
    path: str | None = absent()
    status: EntryStatus = "queued"
    message: str | None = absent()
    title: str | None = absent()
    artist: str | None = absent()
    duration: float | None = absent()
    chips: tuple[str, ...] = ()
    problems: tuple[Problem, ...] = ()
    parts: tuple[Part, ...] = ()
    outline: tuple[int, ...] = ()
    revision: int = 0
    said: str | None = absent()
    tags: tuple[str, ...] = ()
    owner: str = absent("")
    size: int | None = absent()

    @property
    def digest(self) -> str:
        """The 64 hexadecimal digits of the id, as they stand in addresses."""
        return self.id.removeprefix("sha256:")

    @property
    def shown(self) -> str:
        """The title, or the file's name where there is none."""
        return self.title or self.name

    def matches(self, search: str) -> bool:
        """Whether every word of ``search`` is found in the name, title, artist, chips, tags or status.

        Examples
        --------
        >>> entry = Entry("sha256:00", "night drive.mp3", "2026-01-01T00:00:00Z", chips=("128 BPM",))
        >>> entry.matches("DRIVE 128")
        True
        """
        text = f"{self.words} {self.status}"
        return all(word in text for word in search.casefold().split())

    @property
    def words(self) -> str:
        """All that a search looks at but the status, case-folded."""
        parts = (self.name, self.title, self.artist, *self.chips, *self.tags)
        return " ".join(filter(None, parts)).casefold()


def display_name(name: str) -> str:
    """Return a client's file name as something to show: its last component, printable, of bounded length.

    It is never used as a path.

    Examples
    --------
    >>> display_name("../../etc/pass\\x00wd")
    'passwd'
    >>> display_name("C:\\\\Music\\\\set.flac")
    'set.flac'
    """
    last = name.replace("\\", "/").rstrip("/").rsplit("/", 1)[-1]
    printable = "".join(character for character in last if character.isprintable()).strip()
    return printable[:NAME_LENGTH] or "untitled"


def tag_of(text: str) -> str:
    """Return a tag as everybody spells it: lower case, single spaces.

    Raises
    ------
    EdmError
        If it is none: empty, too long, or with signs that cannot be printed.

    Examples
    --------
    >>> tag_of("  Peak   Time ")
    'peak time'
    """
    tag = " ".join(text.casefold().split())
    if not 0 < len(tag) <= TAG_LENGTH or not tag.isprintable() or "," in tag:
        raise EdmError(
            f"{text[:100]!r} is no tag",
            remedy=f"use 1 to {TAG_LENGTH} characters that can be printed, and no comma",
        )
    return tag


def chips_of(timeline: Timeline) -> tuple[str, ...]:
    """Return the few facts a card shows: tempo, key on the Camelot wheel, share of speech.

    What was not found is left out.

    Examples
    --------
    >>> from edm_core.timeline import Layer, Recording, Span, Tempo
    >>> recording = Recording("sha256:00", duration=100.0, sample_rate=44100, channels=2)
    >>> speech = (Span(0.0, 41.0, "speech"), Span(41.0, 100.0, "music"))
    >>> tempo = (Tempo(0.0, 100.0, bpm=127.96),)
    >>> layers = (Layer("activity", "model:a@1", speech), Layer("tempo", "model:b@1", tempo))
    >>> chips_of(Timeline(recording, layers))
    ('128 BPM', 'speech 41%')
    """
    chips = []
    if timeline.tempo is not None:
        chips.append(f"{_tempo(timeline.tempo.bpm)} BPM")
    if timeline.key is not None:
        chips.append(timeline.key.camelot)
    share = timeline.speech_share or 0.0
    if share >= SMALLEST_SHARE:
        chips.append(f"speech {share * 100:.0f}%")
    return tuple(chips)


def parts_of(timeline: Timeline) -> tuple[Part, ...]:
    """Return what colours the card: the sections where they tell something, else the activity.

    The sections of a talk are all ``other``; that it is speech says more.
    """
    telling = any(section.label not in ("other", "silence") for section in timeline.sections)
    spans = timeline.sections if telling else timeline.activity or timeline.sections
    return tuple(Part(round(span.start, 3), round(span.end, 3), span.label) for span in spans)


def _tempo(bpm: float) -> str:
    """One decimal where it says something: 127.96 is 128, 174.5 stays."""
    return f"{bpm:.0f}" if abs(bpm - round(bpm)) < 0.1 else f"{bpm:.1f}"
