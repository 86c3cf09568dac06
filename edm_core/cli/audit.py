"""``edm audit``: who did what."""

from __future__ import annotations

from dataclasses import asdict

import click

from ..settings import Settings
from .output import format_option, print_rows


@click.command("audit")
@click.option("--recording", metavar="RECORDING", help="Only what was done to one recording.")
@click.option("--limit", type=click.IntRange(1, 100_000), default=100, show_default=True, help="How many.")
@format_option
def command(recording: str | None, limit: int, layout: str) -> None:
    """Tell who did what, newest first: saves, restores, erasures, keys, people.

    \b
    Examples:
      edm audit
      edm audit --recording "night drive" --format json
    """
    from ..store.audit import rows
    from ..store.database import database_of

    with database_of(Settings.from_environment()).reading() as connection:
        found = rows(connection, None if recording is None else _id_of(recording), limit)
    if layout == "table":
        shown = [{**asdict(row), "time": f"{row.time[:19]}Z"} for row in found]
    else:
        shown = [asdict(row) for row in found]
    if layout == "table" and not shown:
        click.echo("nothing was done yet", err=True)
    else:
        print_rows(shown, layout)


def _id_of(text: str) -> str:
    """Return the id that is meant; an erased recording is known by nothing but its whole id."""
    from .meant import opened, subject_of

    if text.startswith("sha256:") and len(text) == 71:
        return text
    return str(subject_of(opened(), text).id)
