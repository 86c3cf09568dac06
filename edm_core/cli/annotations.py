"""``edm annotations``: what people and models wrote onto timelines."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from .._clock import clock
from ..errors import EdmError
from . import annotations_agreement, annotations_store
from .annotations_convert import convert
from .meant import opened, subject_of
from .output import as_csv, complain, format_option, print_rows, print_table

if TYPE_CHECKING:
    from ..evaluation import Finding
    from ..timeline import Timeline

COLUMNS = (
    "recording", "start", "end", "bar", "beat", "severity", "kind", "layer", "count", "message",
)  # fmt: skip
DOCUMENTS = (
    ".json", ".jsonl", ".ndjson", ".yaml", ".yml", ".jams", ".xml", ".lab", ".textgrid", ".csv", ".tsv",
    ".txt", ".mirex", ".vtt", ".srt",
)  # fmt: skip
"""How the names of files that hold annotations end."""
_LINES = (".json", ".jsonl", ".ndjson")
_SEVERITIES = ("note", "warning", "error")


@click.group("annotations")
def command() -> None:
    """What people and models say of recordings: check it, keep it, compare it, pass it on.

    A RECORDING is one of the library: the beginning of its id, its file, its name or its title.

    \b
    Examples:
      edm annotations check night-drive
      edm annotations convert reference/night-drive.yaml --to jams
      edm annotations import labels.txt --author ada
      edm annotations agreement night-drive
    """


for each in (convert, *annotations_store.COMMANDS, *annotations_agreement.COMMANDS):
    command.add_command(each)


@command.command("check")
@click.argument("subjects", nargs=-1, required=True, metavar="FILE|RECORDING…")
@click.option(
    "--severity",
    type=click.Choice(_SEVERITIES),
    default="note",
    show_default=True,
    help="The mildest findings to be printed.",
)
@format_option
def check_layers(subjects: tuple[str, ...], severity: str, layout: str) -> None:
    """Check whether beats, downbeats, sections and events agree and are plausible.

    FILE holds timelines as `edm analyze --format json` prints them, one a line, or annotations in any format
    of `edm annotations convert`; what had to be repaired in it is told too. - reads standard input. RECORDING
    is of the library: its id or the beginning of it, its name or title, or the file itself. Exit status 1:
    something could not be read, or two layers contradict each other (severity error).

    \b
    Examples:
      edm annotations check timelines.jsonl --severity warning
      edm annotations check reference/*.yaml collection.xml
      edm annotations check 3f9a1c night-drive.mp3 --format csv
      edm analyze track.mp3 --format json | edm annotations check -
    """
    from ..evaluation import SEVERITIES, check

    failed = False
    rows: list[dict[str, Any]] = []
    for subject in subjects:
        for found in _timelines(subject):
            if isinstance(found, EdmError):
                failed = True
                complain(found)
                continue
            name, timeline, noted = found
            findings = (*noted, *(check(timeline) if timeline else ()))
            grave = sum(finding.severity == "error" for finding in findings)
            if grave:
                failed = True
                complain(f"{name}: {grave} error{'s' if grave > 1 else ''}")
            least = SEVERITIES.index(severity)
            shown = [finding for finding in findings if SEVERITIES.index(finding.severity) >= least]
            if layout == "table":
                _print(name, shown, severity)
            rows += [_row(name, finding) for finding in shown]
    if layout == "csv":
        click.echo(as_csv(rows, COLUMNS), nl=False)
    elif layout != "table":
        print_rows(rows, layout)
    sys.exit(1 if failed else 0)


# --- what is meant ---------------------------------------------------------------------------------


Found = tuple[str, "Timeline | None", "tuple[Finding, ...]"]
"""A name, what is checked, and what reading it has found."""


def _timelines(subject: str) -> Iterator[Found | EdmError]:
    """Give the name and timeline of everything that an argument stands for, or why it cannot be had."""
    path = Path(subject)
    try:
        if subject == "-":
            yield from _documents("standard input", sys.stdin.buffer.read())
        elif path.suffix.lower() in DOCUMENTS or _is_other_file(path):
            yield from _documents(subject, _bytes(path))
        else:
            yield (*_recording(subject), ())
    except EdmError as error:
        yield error


def _is_other_file(path: Path) -> bool:
    """Whether it is a file that is no sound by its name."""
    from ..audio.files import EXTENSIONS

    return path.suffix.lower() not in EXTENSIONS and _is_file(path)


def _bytes(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise EdmError(
            f"it cannot be read ({error.strerror})", subject=str(path), remedy="check the path"
        ) from None


def _documents(name: str, data: bytes) -> Iterator[Found | EdmError]:
    """Give the timelines of a file; a bad line of JSON does not hide the others."""
    found = [*_json_values(name, data)] if Path(name).suffix.lower() in (*_LINES, "") else []
    if not any(_is_timeline(value) for _, value in found):
        yield from _annotations(name, data)
        return
    from ..timeline import Timeline

    for place, value in found:
        try:
            if not _is_timeline(value) and isinstance(value, dict):
                yield from _annotations(place, json.dumps(value).encode(), "json")
                continue
            timeline = Timeline.from_dict(value)
        except EdmError as error:
            yield EdmError(error.problem, subject=f"{place}: {error.subject}", remedy=error.remedy)
        else:
            recording = timeline.recording
            shown = Path(recording.path).name if recording.path else recording.title or recording.id
            yield shown, timeline, ()


def _json_values(name: str, data: bytes) -> Iterator[tuple[str, Any]]:
    """Give the value of a JSON document, or of each line, with its place; None for a line that is none."""
    try:
        yield name, json.loads(data.decode())
    except (ValueError, RecursionError):
        lines = [(number, line) for number, line in enumerate(data.splitlines(), 1) if line.strip()]
        yield from ((f"{name}:{number}", _json(line)) for number, line in lines)


def _is_timeline(value: Any) -> bool:
    return isinstance(value, dict) and "schema" in value and "layers" in value


def _annotations(name: str, data: bytes, format: str | None = None) -> Iterator[Found | EdmError]:
    """Give the timeline of each annotation in a file, with what was found while it was read."""
    from ..exchange import read, timelines_of

    try:
        reading = read(data, name, format)
    except EdmError as error:
        yield error
        return
    shown = Path(name).name
    timelines = timelines_of(reading)
    if len(timelines) == 1:
        yield shown, timelines[0], reading.findings
        return
    if reading.findings:
        yield shown, None, reading.findings
    for annotation, timeline in zip(reading.annotations, timelines, strict=True):
        recording = timeline.recording
        called = recording.title or Path(recording.path or "").name or recording.id
        author = f" by {annotation.author}" if annotation.author else ""
        yield f"{shown}: {called}{author}", timeline, ()


def _json(line: bytes) -> Any:
    try:
        return json.loads(line.decode())
    except (ValueError, RecursionError):
        return None  # which is no timeline, and refused as such


def _recording(text: str) -> tuple[str, Timeline]:
    from ..store import Library

    library, subject = Library(), subject_of(opened(), text)
    timeline = library.timeline(str(subject.id))
    if timeline is None:
        raise EdmError("it has no analysis yet", subject=text, remedy="analyse it on its page")
    return Path(subject.path or text).name, timeline


def _is_file(path: Path) -> bool:
    try:
        return path.is_file()
    except OSError:  # a name that is too long
        return False


# --- what is shown ---------------------------------------------------------------------------------


def _print(name: str, findings: list[Finding], severity: str) -> None:
    if findings:
        print_table([_line(finding) for finding in findings], title=name)
        click.echo()
    else:
        click.echo(
            f"{name}: no findings" + ("" if severity == "note" else f" of severity {severity} or above")
        )


def _line(finding: Finding) -> dict[str, Any]:
    place = clock(finding.start, 3)
    return {
        "at": place if finding.end is None else f"{place} – {clock(finding.end, 3)}",
        "bar": ".".join(str(place) for place in (finding.bar, finding.beat) if place is not None) or None,
        "severity": finding.severity,
        "kind": finding.kind,
        "finding": finding.message,
    }


def _row(name: str, finding: Finding) -> dict[str, Any]:
    values = {column: getattr(finding, column) for column in COLUMNS if column != "recording"}
    return {"recording": name, **values}
