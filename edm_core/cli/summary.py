"""A timeline in a few lines, for people at a terminal."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from .._clock import clock
from ..timeline import Timeline
from ..vocabulary import SECTION_COLOURS

if TYPE_CHECKING:
    from rich.console import Console


def print_summary(path: Path, timeline: Timeline) -> None:
    """Print what was found: tempo, key, sections, speech and how the audience takes it."""
    from rich.console import Console
    from rich.text import Text

    console = Console(highlight=False)
    recording = timeline.recording
    console.print(
        Text(recording.title or path.name, style="bold"), Text(f"  {clock(recording.duration, 3)}"), sep=""
    )
    console.print(Text("  " + " · ".join(_facts(timeline)), style="dim"))
    for section in timeline.sections:
        bars = f"bars {section.start_bar}–{section.end_bar}" if section.start_bar is not None else ""
        line = Text(f"  {clock(section.start, 3):>10}  ")
        line.append("■ ", style=SECTION_COLOURS[section.label])  # type: ignore[index]
        line.append(f"{section.label:<10}")
        line.append(f"{bars:<14}{_percent(section.confidence)}", style="dim")
        console.print(line)
    for passage in timeline.passages:
        line = Text(f"  {clock(passage.start, 3):>10}  ")
        line.append(f"{passage.topic.label or 'topic unclear'}: ", style="dim")
        line.append(passage.text)
        console.print(line, no_wrap=True, overflow="ellipsis")
    _print_audience(console, timeline)
    console.print()


def _facts(timeline: Timeline) -> list[str]:
    facts = []
    if timeline.tempo:
        facts.append(f"{timeline.tempo.bpm:g} BPM")
    if timeline.key:
        facts.append(f"{timeline.key.name} ({timeline.key.camelot})")
    if timeline.speech_share is not None:
        facts.append(f"speech {_percent(timeline.speech_share)}")
    if timeline.events:
        facts.append(
            "drops at "
            + ", ".join(clock(event.time, 3) for event in timeline.events if event.label == "drop")
        )
    return facts or ["nothing was found"]


def _print_audience(console: Console, timeline: Timeline) -> None:
    from ..personas import load_personas, summary

    if not timeline.reactions:
        return
    personas = load_personas()
    for name, row in summary(timeline.reactions).items():
        persona = personas.get(name)
        shown = f"{persona.emoji} {persona.name}" if persona else name
        mean = f"{row.mean:.2f} of 5" if row.mean is not None else "no score"
        console.print(f"  {shown:<22} {mean} (simulated; {row.coverage} passages)")


def _percent(value: float | None) -> str:
    return "" if value is None else f"{value:.0%}"
