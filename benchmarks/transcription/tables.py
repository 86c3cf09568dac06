"""The section's tables, from what the systems heard: Markdown, with goals, counts and intervals."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from .figures import Figure, difference, error_rate, mean, share, typical
from .material import BEDS, Line, Recording
from .systems import OURS, UNGATED, Heard
from .words import Compared, compare

REFERENCE = "openai-whisper"
BOUNDARY_GOAL, NOTHING_GOAL, BED_GOAL = 80.0, 1.0, 0.5
"""Milliseconds, percent of clips, points of word error rate."""

PEOPLE = ("prompts-en", "librivox")


@dataclass(frozen=True, slots=True)
class Unit:
    """An utterance in a recording: what is drawn when intervals are made."""

    recording: Recording
    line: Line


def is_synthetic(unit: Unit) -> bool:
    """Whether a machine said it."""
    return unit.line.family.startswith(("flite", "espeak"))


GROUPS: dict[str, Callable[[Unit], bool]] = {
    "synthesised, in shows": lambda unit: unit.recording.kind == "show" and is_synthetic(unit),
    "people, English, in shows": lambda unit: unit.recording.kind == "show" and unit.line.family in PEOPLE,
    "people, fr es it ru, in shows": lambda unit: (
        unit.recording.language != "en" and unit.recording.kind == "show"
    ),
    "single clips, English": lambda unit: unit.recording.kind == "clip",
    "the development set's speech": lambda unit: unit.recording.kind == "development",
    "all": lambda _: True,
}


def compared(heard: Heard, recordings: Sequence[Recording]) -> list[Compared]:
    """Compare what a system heard with every utterance of recordings, in order."""
    return [
        one
        for recording in recordings
        for one in compare(
            [line.words for line in recording.lines], heard[recording.name], recording.language
        )
    ]


def units(recordings: Sequence[Recording]) -> list[Unit]:
    """Return the utterances of recordings, in the order of :func:`compared`."""
    return [Unit(recording, line) for recording in recordings for line in recording.lines]


def word_errors(found: Mapping[str, Sequence[Compared]], said: Sequence[Unit]) -> str:
    """Table of word error rates by group and system, and ours less the reference's."""
    lines = [
        f"| words of | n | {' | '.join(found)} | ours − {REFERENCE} |",
        f"|---|---|{'---|' * len(found)}---|",
    ]
    for name, belongs in GROUPS.items():
        chosen = [index for index, unit in enumerate(said) if belongs(unit)]
        if not chosen:
            continue
        rates = {system: error_rate([rows[i] for i in chosen]) for system, rows in found.items()}
        cells = [rate.said() for rate in rates.values()]
        cells.append(_against(found, chosen))
        words = next(iter(rates.values())).count
        lines.append(f"| {name} | {words} in {len(chosen)} | {' | '.join(cells)} |")
    return "\n".join(lines)


def _against(found: Mapping[str, Sequence[Compared]], chosen: Sequence[int]) -> str:
    if OURS not in found or REFERENCE not in found:
        return "–"
    less = difference([found[OURS][i] for i in chosen], [found[REFERENCE][i] for i in chosen])
    return less.said("{:+.1f}") + _kept(less.value <= 0)


def boundaries(found: Mapping[str, Sequence[Compared]], said: Sequence[Unit]) -> str:
    """Table of errors of word times, of words that are right, in synthesised speech."""
    chosen = [index for index, unit in enumerate(said) if is_synthetic(unit)]
    lines = [
        "| system | words | start, median | end, median | both (goal ≤ 80) | 90th | mean start | mean end |",
        "|---|---|---|---|---|---|---|---|",
    ]
    for system, rows in found.items():
        starts, ends = [rows[i].starts for i in chosen], [rows[i].ends for i in chosen]
        both = [(*begun, *ended) for begun, ended in zip(starts, ends, strict=True)]
        middle = typical(both)
        cells = [
            str(typical(starts).count), _said(typical(starts)), _said(typical(ends)),
            _said(middle) + (_kept(middle.value <= BOUNDARY_GOAL) if system == OURS else ""),
            _said(typical(both, 90)), mean(starts).said("{:+.0f}"), mean(ends).said("{:+.0f}"),
        ]  # fmt: skip
        lines.append(f"| {system} | {' | '.join(cells)} |")
    return "\n".join(lines)


def voices(rows: Sequence[Compared], said: Sequence[Unit]) -> str:
    """Table of ours by voice: words wrong, and errors of times."""
    lines = [
        "| voice | words | WER % | start, median | end, median | start, mean | end, mean |",
        "|---|---|---|---|---|---|---|",
    ]
    names = sorted({unit.line.family for unit in said if is_synthetic(unit)})
    for name in names:
        chosen = [rows[i] for i, unit in enumerate(said) if unit.line.family == name]
        starts, ends = [one.starts for one in chosen], [one.ends for one in chosen]
        rate = error_rate(chosen)
        cells = (
            str(rate.count), rate.said(), _said(typical(starts)), _said(typical(ends)),
            mean(starts).said("{:+.0f}"), mean(ends).said("{:+.0f}"),
        )  # fmt: skip
        lines.append(f"| {name} | {' | '.join(cells)} |")
    return "\n".join(lines)


def beds(found: Mapping[str, Heard], recordings: Sequence[Recording]) -> str:
    """Table of word error rates over music: with the activity that was found, and with all of the file."""
    lines = [
        "| speech to music | words | gated | ungated | gated − ungated (goal ≤ 0.5) |",
        "|---|---|---|---|---|",
    ]
    levels: dict[str, tuple[str, ...]] = {f"+{level} dB": (f"bed {level}",) for level in BEDS}
    levels["all levels"] = tuple(kind for kinds in levels.values() for kind in kinds)
    for name, kinds in levels.items():
        chosen = [one for one in recordings if one.kind in kinds]
        if not chosen:
            continue
        gated, ungated = (compared(found[system], chosen) for system in (OURS, UNGATED))
        less = difference(gated, ungated)
        lost = less.said("{:+.1f}") + _kept(less.value <= BED_GOAL)
        rates = f"{error_rate(gated).said()} | {error_rate(ungated).said()}"
        lines.append(f"| {name} | {less.count} | {rates} | {lost} |")
    return "\n".join(lines)


def nothing(found: Mapping[str, Heard], recordings: Sequence[Recording]) -> str:
    """Table of clips in which nobody speaks: of how many is a word written down."""
    silent = [one for one in recordings if one.kind != "singing"]
    groups = {
        kind: [one for one in silent if one.kind == kind] for kind in dict.fromkeys(o.kind for o in silent)
    }
    groups |= {"all": silent, "singing": [one for one in recordings if one.kind == "singing"]}
    lines = [
        f"| clips of | n | {' | '.join(found)} |",
        f"|---|---|{'---|' * len(found)}",
    ]
    for kind, chosen in groups.items():
        if not chosen:
            continue
        cells = []
        for system, heard in found.items():
            asked = [one for one in chosen if one.name in heard]
            rate = share(sum(bool(heard[one.name]) for one in asked), len(asked))
            kept = _kept(rate.value <= NOTHING_GOAL) if system == OURS and kind == "all" else ""
            fewer = "" if len(asked) == len(chosen) else f" of {len(asked)}"
            cells.append((rate.said() + fewer + kept) if asked else "–")
        lines.append(f"| {kind} | {len(chosen)} | {' | '.join(cells)} |")
    return "\n".join(lines)


def invented(heard: Heard, recordings: Sequence[Recording], most: int = 12) -> str:
    """Say what was written down where nobody speaks."""
    rows = [
        f"{one.name.removeprefix('nothing-')}: “{' '.join(word.text for word in heard[one.name])[:60]}”"
        for one in recordings
        if heard.get(one.name)
    ]
    return f"Ours wrote: {'; '.join(rows[:most])}." if rows else "Ours wrote nothing."


def _said(figure: Figure) -> str:
    return figure.said("{:.0f}")


def _kept(kept: bool) -> str:
    return "" if kept else " **not reached**"
