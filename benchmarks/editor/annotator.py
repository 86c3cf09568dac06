"""A scripted annotator: how many actions an eight-section track takes, and whether it is right in the end."""

from __future__ import annotations

from dataclasses import dataclass

from edm_core.annotation import Annotation
from edm_core.store import Entry, Library

from .browser import Sitting

WITHIN_S = 0.002
FROM_SUGGESTION = (
    "Shift+A", "]", "]", "3", "]", "Delete", "ArrowLeft", "b", "4",
    "]", "]", "]", "Delete", "Shift+ArrowRight", "b", "4", "Control+s",
)  # fmt: skip
"""Accept all; the third boundary four bars earlier, the sixth eight bars later, two labels put right."""
_FORM = "12342345"
"""The digits of the labels: intro, buildup, drop, breakdown, buildup, drop, breakdown, outro."""
_EIGHTS = (2, 2, 2, 4, 2, 2, 4)  # steps of eight bars from boundary to boundary


@dataclass(frozen=True, slots=True)
class Work:
    """How many actions it took, and what is wrong in what was saved (empty: nothing)."""

    actions: int
    wrong: str


def from_suggestion(sitting: Sitting, library: Library, entry: Entry, right: Annotation) -> Work:
    """Correct a suggestion with two boundaries and two labels wrong."""
    sitting.open(entry)
    sitting.quiet()
    sitting.actions = 0
    sitting.press("Home")
    sitting.press(*FROM_SUGGESTION)
    return _saved(sitting, library, entry, right)


def from_nothing(sitting: Sitting, library: Library, entry: Entry, right: Annotation) -> Work:
    """Type the tempo, move the grid onto the first beat (20 ms in), then mark and label from bar to bar."""
    sitting.open(entry)
    sitting.quiet()
    sitting.actions = 0
    sitting.press("Home", "g", "Enter", *"128", "Enter", "Alt+.", "Alt+.", "Escape")
    sitting.press("1")
    for eights, digit in zip(_EIGHTS, _FORM[1:], strict=True):
        sitting.press(*["Shift+ArrowRight"] * eights, "b", digit)
    sitting.press("Control+s")
    return _saved(sitting, library, entry, right)


def _saved(sitting: Sitting, library: Library, entry: Entry, right: Annotation) -> Work:
    sitting.until(saving="saved", dirty=False)
    found = library.annotations.annotation(entry.id, sitting.author)
    marked = [(section.start, section.label) for section in found.sections or ()]
    wanted = [(section.start, section.label) for section in right.sections or ()]
    if [label for _, label in marked] != [label for _, label in wanted]:
        return Work(sitting.actions, f"labels are {', '.join(label for _, label in marked)}")
    off = max(abs(one - other) for (one, _), (other, _) in zip(marked, wanted, strict=True))
    return Work(sitting.actions, "" if off <= WITHIN_S else f"a boundary is {off:.3f} s off")
