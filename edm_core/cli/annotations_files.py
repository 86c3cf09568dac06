"""``edm annotations import, export, sync``: between the store and files of annotations."""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, get_args

import click

from ..annotation import Annotation, Subject, Tier
from ..errors import EdmError, StorageError
from .meant import opened, subject_of
from .output import complain, format_option, print_rows

if TYPE_CHECKING:
    from ..store.annotations import Annotations, Revision

TARGETS = (
    "json", "yaml", "jams", "rekordbox", "audacity", "lab", "textgrid", "csv", "edm98", "mirex", "webvtt",
    "srt",
)  # fmt: skip
"""What can be exported; :data:`edm_core.exchange.FORMATS`, without importing them for the help."""
_MOST = 20  # findings of one file on the terminal


@click.command("import")
@click.argument("files", nargs=-1, required=True, metavar="FILE…")
@click.option("--author", help="Whose they are, also where the file says otherwise.")
@click.option("--tier", type=click.Choice(get_args(Tier)), help="How far they may be trusted.")
@click.option("--recording", help="Which recording they are about: id, name, title or file.")
@format_option
def import_files(
    files: tuple[str, ...], author: str | None, tier: Tier | None, recording: str | None, layout: str
) -> None:
    """Bring files of annotations into the store, each as a new revision of its author's line.

    The recording is found in the library by the id, the file or the name that the file of annotations tells.
    What had to be repaired or was not understood is said on standard error. Exit status 1: something was
    refused; the rest was brought in.

    \b
    Examples:
      edm annotations import reference/*.yaml --author ada --tier reference
      edm annotations import collection.xml --author rekordbox
      edm annotations import labels.txt --author ada --recording "night drive"
    """
    from .. import exchange
    from ..store import Library

    store, library = opened(), Library()
    rows = []
    failures = Failures()
    for file in files:
        with failures.told():
            reading = exchange.read_file(file)
            _tell(file, reading.findings)
            taken: set[tuple[str, str]] = set()
            alone = len(reading.annotations) == 1
            for index, found in enumerate(reading.annotations):
                with failures.told():
                    row = _imported(store, library, file, index, alone, found, author, tier, recording, taken)
                    rows.append(row)
    print_found(rows, layout, "nothing was brought in")
    sys.exit(failures.status)


@click.command("export")
@click.argument("recordings", nargs=-1, required=True, metavar="RECORDING…")
@click.option("--to", "target", required=True, type=click.Choice(TARGETS), help="Format of the files.")
@click.option("--out", type=click.Path(file_okay=False, path_type=Path), help="Folder for one file a line.")
@click.option("--author", help="Whose; by default, of everybody.")
@format_option
def export(
    recordings: tuple[str, ...], target: str, out: Path | None, author: str | None, layout: str
) -> None:
    """Write annotations of the store as files of other programs.

    Without --out the file goes to standard output, with it what was written is listed there. What the format
    cannot hold is said on standard error.

    \b
    Examples:
      edm annotations export "night drive" --to rekordbox > night-drive.xml
      edm annotations export 3f9a1c --author ada --to audacity --out labels/
    """
    from .. import exchange

    store = opened()
    found: list[tuple[Revision, Annotation]] = []
    rows = []
    failures = Failures()
    for recording in recordings:
        with failures.told():
            found += _lines(store, recording, author)
    if out is None and found:
        with failures.told():
            written = exchange.write([annotation for _, annotation in found], target)
            for what in written.left_out:
                complain(f"left out: {what}")
            sys.stdout.buffer.write(written.data)
    for revision, annotation in found if out is not None else ():
        with failures.told():
            rows.append(_exported(revision, annotation, target, Path(str(out))))
    if out is not None:
        print_found(rows, layout, "nothing was written")
    sys.exit(failures.status)


@click.command("sync")
@click.option("--author", help="Whose the files are that do not say.")
@format_option
def sync(author: str | None, layout: str) -> None:
    """Bring the folder EDM_ANNOTATION_DIR and the store together.

    Changes made in its YAML files come in as new revisions, and lines that are missing there are written.
    Exit status 1: a file could not be read, or clashes with what was saved since; both versions are kept.

    \b
    Example:
      EDM_ANNOTATION_DIR=annotations edm annotations sync
    """
    from ..store import Library
    from ..store.matching import matching
    from ..store.mirror import Mirror

    store, library = opened(), Library()

    def find(subject: Subject, name: str) -> Subject:
        entry = matching(library, subject, name=Path(name).stem)
        duration = entry.duration or subject.duration
        if duration is None:
            raise StorageError("nobody knows how long it is", subject=entry.shown, remedy="analyse it first")
        return Subject(entry.id, entry.path or entry.name, entry.title, entry.artist, duration)

    outcomes = store.sync(find, author=author)
    rows = [
        {
            "file": each.file, "what": each.what, "author": each.author, "revision": each.revision,
            "message": each.message,
        }
        for each in outcomes
        if each.what != "same" or layout != "table"
    ]  # fmt: skip
    print_found(rows, layout, f"all {len(outcomes)} files are as the store has them")
    bad = [each for each in outcomes if each.what in ("conflict", "refused")]
    for each in bad:
        complain(f"{each.file}: {each.what}: {each.message}")
    folder = store.settings.annotation_dir
    for name in Mirror(folder, store).waiting() if folder else ():
        complain(f"{name}: waits: bring its changes into the file beside it, then remove it")
    sys.exit(1 if bad else 0)


# --- what is shown ---------------------------------------------------------------------------------


def row_of(revision: Revision) -> dict[str, Any]:
    """Return what is shown of a revision that was just made."""
    return {
        "recording": revision.recording, "author": revision.author, "revision": revision.number,
        "tier": revision.tier, "change": revision.summary,
    }  # fmt: skip


def print_found(rows: list[dict[str, Any]], layout: str, otherwise: str) -> None:
    """Print rows, or on a terminal a sentence where there are none."""
    if rows or layout != "table":
        print_rows(rows, layout)
    else:
        click.echo(otherwise)


# --- import and export -----------------------------------------------------------------------------


def _imported(
    store: Annotations,
    library: Any,
    file: str,
    index: int,
    alone: bool,
    found: Annotation,
    author: str | None,
    tier: Tier | None,
    recording: str | None,
    taken: set[tuple[str, str]],
) -> dict[str, Any]:
    from .. import exchange
    from ..audio.files import EXTENSIONS
    from ..store.annotations import Conflict, author_of
    from ..store.matching import matching
    from ..store.mirror import unstamped

    about = found.recording if recording is None else Subject(recording, recording, recording)
    try:
        entry = matching(library, about, name="" if recording else Path(file).stem)
    except StorageError as error:
        subject, remedy = f"{file}: {error.subject}", f"{error.remedy} (--recording)"
        raise StorageError(error.problem, subject=subject, remedy=remedy) from None
    duration = entry.duration or found.recording.duration
    whose = author or found.author
    if whose is None:
        raise StorageError("it does not say whose it is", subject=file, remedy="say so with --author")
    if duration is None:
        raise StorageError(
            f"nobody knows how long {entry.shown} is", subject=file, remedy="analyse the recording first"
        )
    if (entry.id, author_of(whose)) in taken:
        raise StorageError(
            f"it holds two annotations of {entry.shown} by {whose}", subject=file,
            remedy="split it, or leave out --author if it tells them apart",
        )  # fmt: skip
    taken.add((entry.id, author_of(whose)))
    if found.recording.duration is None or (alone and found.recording.duration != duration):
        found = exchange.read_file(file, duration=duration).annotations[index]  # knowing where it ends
    found = _lasting(found, duration)
    found, _ = unstamped(found)
    path = found.recording.path or ""  # some formats have no more than the name of the file itself
    if Path(path).suffix.lower() not in EXTENSIONS:
        path = entry.path or entry.name
    about = Subject(entry.id, path, entry.title, entry.artist, duration)
    said = replace(found, recording=about, tier=tier or found.tier)
    while True:
        head = store.head(entry.id, whose)
        try:
            new = store.save(
                entry.id, whose, said, parent=head.number if head else None, duration=duration, tool="import",
                note=f"from {Path(file).name}",
            )  # fmt: skip
        except Conflict:
            continue  # somebody saved in between: this goes behind
        return {"file": file} | row_of(new) | {"recording": entry.shown}


def _lasting(annotation: Annotation, duration: float) -> Annotation:
    """Let what lasts to the end of a recording, as its file has that, last to where it really ends."""
    known = annotation.recording.duration
    if known is None or known == duration:
        return annotation

    def moved(items: Any) -> Any:
        return items and tuple(
            replace(item, end=duration) if abs(item.end - known) < 1e-6 and item.start < duration else item
            for item in items
        )

    fields = {name: moved(getattr(annotation, name)) for name in ("sections", "activity", "key")}
    return replace(annotation, **fields)


def _exported(revision: Revision, annotation: Annotation, target: str, out: Path) -> dict[str, Any]:
    from .. import exchange
    from .._files import made, write_atomic
    from ..exchange.formats import ENDINGS

    written = exchange.write(annotation, target)
    ending = next((ending for ending, format in ENDINGS.items() if format == target), ".txt")
    about = annotation.recording
    name = re.sub(
        r"[^\w\- ]+", "_", about.title or Path(str(about.path or "recording").replace("\\", "/")).stem
    )
    path = made(out) / f"{name[:60]}.{re.sub(r'[^-@+ 0-9A-Za-z_]', '_', revision.author)}{ending}"
    if path.exists() and path.read_bytes() != written.data:
        raise StorageError(
            "it is there already", subject=str(path), remedy="remove it, or give another folder"
        )
    write_atomic(path, written.data, mode=0o644)
    for what in written.left_out:
        complain(f"{path.name}: left out: {what}")
    row = {"file": str(path), "recording": about.title or about.path, "author": revision.author}
    return row | {"revision": revision.number, "left_out": len(written.left_out)}


def _tell(file: str, findings: Sequence[Any]) -> None:
    grave = [finding for finding in findings if finding.severity != "note"]
    for finding in grave[:_MOST]:
        complain(f"{file}: {finding.message}")
    if len(grave) > _MOST:
        complain(f"{file}: and {len(grave) - _MOST} more")


def _lines(store: Annotations, recording: str, author: str | None) -> Iterator[tuple[Revision, Annotation]]:
    from ..store.annotations import author_of

    subject = subject_of(store, recording)
    lines = [
        line for line in store.lines(str(subject.id)) if author is None or line.author == author_of(author)
    ]
    if not lines:
        raise EdmError(
            f"{author} has not annotated it" if author else "nobody has annotated it", subject=recording,
            remedy="for what the models found: edm analyze … --format json | edm annotations convert - …",
        )  # fmt: skip
    for line in reversed(lines):
        annotation = store.annotation(line.recording, line.author, line.number)
        known = annotation.recording
        about = replace(known, path=subject.path or known.path, title=known.title or subject.title,
                        artist=known.artist or subject.artist)  # fmt: skip
        yield line, replace(annotation, recording=about)


class Failures:
    """Tells errors one by one and goes on; the exit status says whether there were any."""

    status = 0

    @contextmanager
    def told(self) -> Iterator[None]:
        """Tell an error in the block."""
        try:
            yield
        except EdmError as error:
            complain(error)
            self.status = 1
        except OSError as error:
            complain(f"{error.filename}: it cannot be written ({error.strerror})")
            self.status = 1
