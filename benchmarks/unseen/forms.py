"""Forms of real tracks, in whole bars: the test split of edm98.

edm98 (PyPI; 98 tracks, labels by people) gives seconds and labels. A form here has the same labels in the
same order, with lengths in bars. Which bar length a track was made in is not written there: it
is found as the one at which sections last whole bars, best multiples of four.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from importlib import resources
from itertools import pairwise

import numpy as np

from edm_core.errors import EdmError

LABELS = ("intro", "buildup", "drop", "breakdown", "outro", "silence")
LONGEST_SECONDS = 330.0


@dataclass(frozen=True)
class Form:
    """Labelled lengths of one track.

    Attributes
    ----------
    track : str
        Its id in edm98.
    labels : tuple of str
    seconds : tuple of float
        Length of each section.
    """

    track: str
    labels: tuple[str, ...]
    seconds: tuple[float, ...]


def read_forms() -> list[Form]:
    """Read the ten forms of edm98's test split, in the split's order.

    Raises
    ------
    EdmError
        If the package ``edm98`` is not installed.
    """
    try:
        folder = resources.files("edm98") / "resources"
    except ModuleNotFoundError as error:
        remedy = "install them: pip install --no-deps edm98==0.1.0"
        raise EdmError("the forms are not installed", subject="edm98", remedy=remedy) from error
    wanted = (folder / "splits" / "test.txt").read_text(encoding="utf-8").split()
    tracks = {}
    for line in (folder / "dataset.jsonl").read_text(encoding="utf-8").splitlines():
        document = json.loads(line)
        tracks[document["id"]] = form_of(document["id"], document["labels"])
    return [tracks[track] for track in wanted]


def form_of(track: str, labels: list[tuple[float, str]]) -> Form:
    """Turn edm98's marks (second, label), closed by an ``end``, into labels and lengths.

    Examples
    --------
    >>> form_of("x", [(0.1, "intro"), (16.1, "drop"), (48.1, "end")])
    Form(track='x', labels=('intro', 'drop'), seconds=(16.0, 32.0))
    """
    marks = [second for second, _ in labels]
    names = tuple(label for _, label in labels[:-1])
    unknown = set(names) - set(LABELS)
    if unknown or labels[-1][1] != "end":
        raise EdmError(f"labels without a rule here: {sorted(unknown)}", subject=track)
    return Form(track, names, tuple(round(b - a, 3) for a, b in pairwise(marks)))


def in_bars(form: Form, bar_seconds: float) -> tuple[int, ...]:
    """Lengths of the sections in whole bars, for playing at bars of `bar_seconds`.

    The track's own bar is kept (a half or a double of it where that is nearer to `bar_seconds`), so that a
    section of 16 bars stays one of 16, whatever the tempo. A form that would last longer than
    ``LONGEST_SECONDS`` is counted in bars twice as long. The last section, whose end in the data is the end
    of the file, is rounded to four bars.

    Examples
    --------
    >>> in_bars(Form("x", ("intro", "drop", "silence", "drop"), (16.0, 30.0, 2.0, 33.1)), 1.9)
    (8, 15, 1, 16)
    """
    own = bar_length(form.seconds[:-1])
    candidates = [own * factor for factor in (0.5, 1.0, 2.0)]
    unit = min(candidates, key=lambda bar: abs(np.log2(bar / bar_seconds)))
    while sum(form.seconds) / unit * bar_seconds > LONGEST_SECONDS:
        unit *= 2
    bars = [max(1, round(length / unit)) for length in form.seconds]
    bars[-1] = max(4, 4 * round(form.seconds[-1] / unit / 4))
    return tuple(bars)


def bar_length(seconds: tuple[float, ...]) -> float:
    """Bar length between 1.3 and 2.6 s at which `seconds` are nearest to whole bars, fours preferred."""
    lengths = np.asarray(seconds)
    grid = np.arange(1.3, 2.6, 0.0005)[:, None]
    bars = lengths / grid
    whole = np.abs(bars - np.round(bars)).mean(1)
    fours = np.abs(bars / 4 - np.round(bars / 4)).mean(1)
    return float(grid[int(np.argmin(4 * whole + fours)), 0])
