"""``edm annotations convert``: from a file of one program to one of another, without the store."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from .._clock import clock
from ..errors import EdmError
from .annotations_files import TARGETS
from .output import complain

if TYPE_CHECKING:
    from ..annotation import Annotation
    from ..exchange import Reading
    from ..findings import Finding

_MOST = 20  # findings on the terminal


@click.command("convert")
@click.argument("file", metavar="FILE")
@click.option("--to", "target", required=True, type=click.Choice(TARGETS), help="Format of the result.")
@click.option("--from", "source", type=click.Choice(TARGETS), help="Format of FILE, where it cannot tell.")
@click.option(
    "--duration", type=click.FloatRange(0, min_open=True), metavar="S",
    help="Length of the recording in seconds: where it is known, sections tile it.",
)  # fmt: skip
@click.option("--only", metavar="NAME", help="Of several annotations those of a recording or an author.")
def convert(file: str, target: str, source: str | None, duration: float | None, only: str | None) -> None:
    """Read a file of annotations and print it in another format.

    FILE is of any of the formats; - reads standard input. What does not agree in it, and what the other
    format cannot hold, is told on standard error; nothing is dropped in silence. Exit status 1: it cannot be
    read, or the format holds one recording and there are several (see --only).

    \b
    Examples:
      edm annotations convert reference/night-drive.yaml --to jams > night-drive.jams
      edm annotations convert collection.xml --to lab --only "Night Drive"
      edm annotations convert labels.txt --from audacity --to csv --duration 247.03
      edm analyze track.mp3 --format json | edm annotations convert - --to audacity
    """
    from .. import exchange

    try:
        reading = _read(file, source, duration)
        for finding in reading.findings[:_MOST]:
            complain(f"{file}: {_told(finding)}")
        if len(reading.findings) > _MOST:
            complain(
                f"{file}: and {len(reading.findings) - _MOST} more findings: edm annotations check {file}"
            )
        kept = _named(reading, only, file)
        written = exchange.write(kept, target, findings=reading.findings)
    except EdmError as error:
        complain(error)
        sys.exit(1)
    for text in written.left_out:
        complain(f"{file}: left out: {text}")
    sys.stdout.buffer.write(written.data)
    sys.stdout.buffer.flush()


def _read(file: str, source: str | None = None, duration: float | None = None) -> Reading:
    """Return what a file says, or standard input where it is called ``-``."""
    from .. import exchange

    if file == "-":
        return exchange.read(sys.stdin.buffer.read(), "standard input", source, duration=duration)
    return exchange.read_file(Path(file), source, duration=duration)


def _told(finding: Finding) -> str:
    """Return a finding on one line: its severity, its place where it has one, and what it says."""
    place = f" at {clock(finding.start, 3)}" if finding.start or finding.end else ""
    return f"{finding.severity}{place}: {finding.message}"


def _named(reading: Reading, only: str | None, file: str) -> tuple[Annotation, ...]:
    if only is None:
        return reading.annotations
    wanted = only.casefold()
    kept = tuple(one for one in reading.annotations if any(wanted in name.casefold() for name in _names(one)))
    if not kept:
        raise EdmError(
            f"no annotation of {only!r} among {len(reading.annotations)}", subject=file,
            remedy="give a part of a recording's name or title, or an author",
        )  # fmt: skip
    return kept


def _names(annotation: Annotation) -> tuple[str, ...]:
    subject = annotation.recording
    return tuple(name for name in (subject.title, subject.path, subject.id, annotation.author) if name)
