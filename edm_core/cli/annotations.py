"""``edm annotations``: what people and models wrote onto timelines."""

from __future__ import annotations

import json
import re
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from .._clock import clock
from ..errors import EdmError
from .output import as_csv, complain, format_option, print_rows, print_table

if TYPE_CHECKING:
    from ..evaluation import Finding
    from ..store import Entry
    from ..timeline import Timeline

COLUMNS = (
    "recording", "start", "end", "bar", "beat", "severity", "kind", "layer", "count", "message",
)  # fmt: skip
DOCUMENTS = (".json", ".jsonl", ".ndjson")
"""How the names of files that hold timelines end; other formats of annotations are not read yet."""
_SEVERITIES = ("note", "warning", "error")
_ID = re.compile(r"(sha256:)?[0-9a-f]{6,64}")


@click.group("annotations")
def command() -> None:
    """What people and models wrote onto timelines: check it.

    \b
    Example:
      edm annotations check night-drive
    """


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

    FILE holds timelines as `edm analyze --format json` prints them, one a line; - reads standard input.
    RECORDING is of the library: its id or the beginning of it, its name or title, or the file itself. Exit
    status 1: something could not be read, or two layers contradict each other (severity error).

    \b
    Examples:
      edm annotations check timelines.jsonl --severity warning
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
            name, timeline = found
            findings = check(timeline)
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


def _timelines(subject: str) -> Iterator[tuple[str, Timeline] | EdmError]:
    """Give the name and timeline of everything that an argument stands for, or why it cannot be had."""
    path = Path(subject)
    try:
        if subject == "-":
            yield from _documents("standard input", sys.stdin.buffer.read())
        elif path.suffix.lower() in DOCUMENTS:
            yield from _documents(subject, _bytes(path))
        else:
            yield _recording(subject)
    except EdmError as error:
        yield error


def _bytes(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise EdmError(
            f"it cannot be read ({error.strerror})", subject=str(path), remedy="check the path"
        ) from None


def _documents(name: str, data: bytes) -> Iterator[tuple[str, Timeline] | EdmError]:
    """Give the timelines of a JSON document, or of one a line; a bad line does not hide the others."""
    from ..timeline import Timeline

    try:
        text = data.decode()
        values = [json.loads(text)]
        names = [name]
    except ValueError:
        lines = [(number, line) for number, line in enumerate(data.splitlines(), 1) if line.strip()]
        names = [f"{name}:{number}" for number, _ in lines]
        values = [_json(line) for _, line in lines]
    if not values:
        yield EdmError("it is empty", subject=name, remedy="give what edm analyze --format json prints")
    for place, value in zip(names, values, strict=True):
        try:
            timeline = Timeline.from_dict(value)
        except EdmError as error:
            yield EdmError(error.problem, subject=f"{place}: {error.subject}", remedy=error.remedy)
        else:
            recording = timeline.recording
            yield Path(recording.path).name if recording.path else recording.title or recording.id, timeline


def _json(line: bytes) -> Any:
    try:
        return json.loads(line.decode())
    except ValueError:
        return None  # which is no timeline, and refused as such


def _recording(subject: str) -> tuple[str, Timeline]:
    from ..store import Library

    library = Library()
    entry = _of_file(Path(subject), library) if _is_file(Path(subject)) else _by_name(subject, library)
    timeline = library.timeline(entry.id)
    if timeline is None:
        raise EdmError("it has no analysis yet", subject=entry.shown, remedy="analyse it on its page")
    return entry.name, timeline


def _of_file(path: Path, library: Any) -> Entry:
    from ..audio import content_id
    from ..audio.files import EXTENSIONS

    if path.suffix.lower() not in EXTENSIONS:
        raise EdmError(
            "of annotation files only timelines in JSON are read so far",
            subject=str(path),
            remedy="give one as edm analyze --format json prints it, or a recording of the library",
        )
    entry: Entry | None = library.get(content_id(path))
    if entry is None:
        raise EdmError(
            "it is not in the library",
            subject=str(path),
            remedy=f"add it there, or: edm analyze {path.name} --format json | edm annotations check -",
        )
    return entry


def _by_name(subject: str, library: Any) -> Entry:
    if _ID.fullmatch(subject) and (entry := library.find(subject)):
        return entry  # type: ignore[no-any-return]
    wanted = subject.casefold()
    named = [
        entry
        for entry in library.list()
        if wanted in {text.casefold() for text in (entry.name, Path(entry.name).stem, entry.title or "")}
    ]
    if len(named) == 1:
        return named[0]  # type: ignore[no-any-return]
    if named:
        ids = ", ".join(entry.digest[:12] for entry in named)
        raise EdmError(f"{len(named)} recordings are called so", subject=subject, remedy=f"give an id: {ids}")
    raise EdmError(
        "no such file, and no such recording in the library", subject=subject, remedy="check the name"
    )


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
        "bar": None if finding.bar is None else f"{finding.bar}.{finding.beat}",
        "severity": finding.severity,
        "kind": finding.kind,
        "finding": finding.message,
    }


def _row(name: str, finding: Finding) -> dict[str, Any]:
    values = {column: getattr(finding, column) for column in COLUMNS if column != "recording"}
    return {"recording": name, **values}
