"""``edm personas ratings``: what people say of passages and sections, in and out of the store."""

from __future__ import annotations

import sys
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING

import click

from ..errors import EdmError
from .output import FORMATS, complain, print_rows
from .personas_scores import entry_of

if TYPE_CHECKING:
    from ..timeline import Timeline


@click.group("ratings")
def command() -> None:
    """What people say of passages and sections, from 1 to 5.

    \b
    Examples:
      edm personas ratings import panel.csv
      edm personas ratings export radio-show > ratings.csv
    """


@command.command("import")
@click.argument("files", nargs=-1, required=True, metavar="FILE…")
@click.option("--recording", default="", help="What rows are of that name no recording.")
def import_ratings(files: tuple[str, ...], recording: str) -> None:
    """Take in tables of ratings; - is standard input.

    Columns: recording, start and end (or index), rater, score, and if wanted kind, persona (for whom the
    rater speaks), note, time. A row that is wrong is told of, and the others come in; a table that is taken
    in twice changes nothing.

    \b
    Example:
      edm personas ratings import panel.csv
    """
    from ..personas.rating_tables import read_ratings
    from ..store import Library

    library, failed = Library(), False

    def find(text: str) -> Timeline | None:
        try:
            return library.timeline(entry_of(library, text).id)
        except EdmError:
            return None

    for file in files:
        try:
            table = read_ratings(_bytes(file), file, find=find, recording=recording)
            added = library.ratings.add(table.ratings)
        except EdmError as error:
            failed = True
            complain(error)
            continue
        failed = failed or bool(table.problems)
        for told in (*table.problems, *table.notes):
            complain(told)
        click.echo(f"{file}: {len(added)} new of {len(table.ratings)} ratings")
    sys.exit(1 if failed else 0)


@command.command("export")
@click.argument("recordings", nargs=-1, metavar="[RECORDING…]")
@click.option("--format", "layout", type=click.Choice(FORMATS), default="csv", show_default=True)
def export(recordings: tuple[str, ...], layout: str) -> None:
    """Print the ratings that count, by default of all recordings; CSV can be imported again.

    \b
    Example:
      edm personas ratings export radio-show > ratings.csv
    """
    from ..personas.rating_tables import write_ratings
    from ..store import Library

    library = Library()
    wanted: list[str | None] = [entry_of(library, text).id for text in recordings]
    found = [rating for id in wanted or [None] for rating in library.ratings.newest(id)]
    if layout == "csv":
        click.echo(write_ratings(found), nl=False)
    else:
        print_rows([asdict(rating) for rating in found], layout)


def _bytes(file: str) -> bytes:
    try:
        return sys.stdin.buffer.read() if file == "-" else Path(file).read_bytes()
    except OSError as error:
        raise EdmError(
            f"it cannot be read ({error.strerror})", subject=file, remedy="check the path"
        ) from None
