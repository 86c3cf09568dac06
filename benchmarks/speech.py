"""Speech and music told apart, and words: what the development set's own scorer leaves out.

Two shares and an error rate, each pooled over time or words and not over items:

- *found*: share of the time in which somebody speaks that is labelled ``speech`` or ``speech+music``;
- *false*: share of the other time that is labelled so (pauses of up to one second between two lines count
  on neither side: labels may bridge them or not);
- *WER*: words wrong, missing or too many, by the words of the transcript. Case, punctuation and accents of
  quotation do not count; digits are not spelled out, so "6" for "six" is an error.
"""

from __future__ import annotations

import fnmatch
import json
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

PAUSE = 1.0  # seconds
_SPOKEN = frozenset({"speech", "speech+music"})
_TICK = 0.01  # seconds; time is compared on this grid

Interval = tuple[float, float]


@dataclass(frozen=True, slots=True)
class Heard:
    """Scores of one recording. Times in seconds, words counted."""

    spoken: float
    found: float
    other: float
    false: float
    words: int
    errors: int


def section(truths: Path, predictions: Path, only: str = "*") -> str:
    """Markdown: a table of the speech items, and how much speech is heard in the music families."""
    documents = _documents(predictions)
    rows: list[tuple[str, str, Heard | None]] = []
    music: list[Heard] = []
    for path in sorted(truths.glob("*.json")):
        truth = json.loads(path.read_text(encoding="utf-8"))
        if not fnmatch.fnmatch(truth["id"], only):
            continue
        document = documents.get(truth["id"])
        heard = score(truth, document) if document else None
        if truth["family"] == "speech":
            rows.append((truth["id"], truth.get("language", ""), heard))
        elif heard:
            music.append(heard)
    if not rows and not music:
        return ""
    lines = ["### Speech", ""]
    if rows:
        lines += [
            "*found*: share of spoken time labelled speech (alone or over music); *false*: share of",
            "other time labelled so. WER without case and punctuation; digits are not spelled out. The",
            "workbench finds out the language by itself.",
            "",
            "| item | language | seconds spoken | found | seconds other | false | words | WER |",
            "|---|---|---|---|---|---|---|---|",
            *(_row(*row) for row in rows),
            "",
        ]
    return "\n".join([*lines, _in_music(music)])


def score(truth: dict[str, Any], document: dict[str, Any]) -> Heard:
    """Compare a document's activity and words with the truth of a recording."""
    duration = truth["duration"]
    lines = [(s["start"], s["end"]) for s in truth.get("segments", []) if s["type"] == "speech"]
    speech = _mask(lines, duration)
    bridged = _mask(bridge(lines, PAUSE), duration) & ~speech
    labelled = _mask(
        [(a["start"], a["end"]) for a in document.get("activity") or [] if a["label"] in _SPOKEN], duration
    )
    other = ~speech & ~bridged
    reference = words_of(truth.get("transcript", ""))
    hypothesis = words_of(" ".join(word["text"] for word in document.get("words") or []))
    return Heard(
        spoken=float(speech.sum() * _TICK),
        found=float((speech & labelled).sum() * _TICK),
        other=float(other.sum() * _TICK),
        false=float((other & labelled).sum() * _TICK),
        words=len(reference),
        errors=edit_distance(reference, hypothesis),
    )


def bridge(intervals: Iterable[Interval], pause: float) -> list[Interval]:
    """Join intervals (in order) that are no more than `pause` apart.

    >>> bridge([(0.0, 1.0), (1.5, 2.0), (4.0, 5.0)], 1.0)
    [(0.0, 2.0), (4.0, 5.0)]
    """
    joined: list[Interval] = []
    for start, end in intervals:
        if joined and start - joined[-1][1] <= pause:
            joined[-1] = (joined[-1][0], max(end, joined[-1][1]))
        else:
            joined.append((start, end))
    return joined


def words_of(text: str) -> list[str]:
    """Words without case and punctuation.

    >>> words_of("It's six o’clock -- isn't it?")
    ["it's", 'six', "o'clock", "isn't", 'it']
    """
    return re.findall(r"\w+(?:'\w+)*", text.casefold().replace("’", "'"))


def edit_distance(reference: Sequence[str], hypothesis: Sequence[str]) -> int:
    """Fewest words to change, drop or add (Levenshtein).

    >>> edit_distance("the cat sat down".split(), "a cat sat".split())
    2
    """
    before = list(range(len(hypothesis) + 1))
    for row, word in enumerate(reference, 1):
        now = [row]
        for column, other in enumerate(hypothesis, 1):
            now.append(min(before[column] + 1, now[-1] + 1, before[column - 1] + (word != other)))
        before = now
    return before[-1]


def _mask(intervals: Iterable[Interval], duration: float) -> np.ndarray[Any, np.dtype[np.bool_]]:
    mask = np.zeros(round(duration / _TICK), np.bool_)
    for start, end in intervals:
        mask[max(0, round(start / _TICK)) : max(0, round(end / _TICK))] = True
    return mask


def _documents(path: Path) -> dict[str, dict[str, Any]]:
    found = (json.loads(line) for line in path.read_text(encoding="utf-8").splitlines() if line.strip())
    return {Path(document["recording"]["path"]).stem: document for document in found}


def _in_music(music: list[Heard]) -> str:
    total, false = sum(heard.other for heard in music), sum(heard.false for heard in music)
    if not total:
        return ""
    words = sum(heard.errors for heard in music)
    return (
        f"In {total / 60:.0f} minutes of music without speech, {100 * false / total:.2f} % of the time is "
        f"taken for speech, and {words} words are written down."
    )


def _row(name: str, language: str, heard: Heard | None) -> str:
    if heard is None:
        return f"| {name} | {language} | no result | | | | | |"
    found = f"{heard.found / heard.spoken:.2f}" if heard.spoken else "–"
    false = f"{heard.false / heard.other:.2f}" if heard.other else "–"
    rate = f"{heard.errors / heard.words:.2f}" if heard.words else f"– ({heard.errors} written down)"
    cells = (
        name, language, f"{heard.spoken:.1f}", found, f"{heard.other:.1f}", false, str(heard.words), rate
    )  # fmt: skip
    return f"| {' | '.join(cells)} |"
