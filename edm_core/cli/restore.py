"""``edm restore``: put a backup back."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import click

from ..settings import Settings
from .keys import doer
from .output import progress_bar


@click.command("restore")
@click.argument("archive", type=click.Path(path_type=Path, exists=True))
@click.option("--force", is_flag=True, help="Also where something is already: that is moved aside.")
def command(archive: Path, force: bool) -> None:
    """Put a backup back: into EDM_DATA_DIR, EDM_DATABASE_URL and EDM_BLOB_URL as they are set now.

    ARCHIVE is what edm backup wrote: a folder (its newest snapshot is taken), one snapshot in it, or a file.
    All of it is checked before anything is changed. Stop the workbench and its workers first. A backup of
    SQLite can be put into PostgreSQL, and the other way round.

    \b
    Example:
      EDM_DATA_DIR=/srv/edm edm restore /mnt/backup/edm
    """
    from ..service.views.system_view import span
    from ..store.restore import restore

    settings = Settings.from_environment()
    with progress_bar("Checking", total=1) as tell:
        done = restore(
            settings, archive, force=force, who=doer(),
            told=lambda name, at, of: tell(name[:24], at / max(of, 1)),
        )  # fmt: skip
    age = datetime.now(UTC) - datetime.fromisoformat(done.began)
    click.echo(
        f"Everything saved before {done.began} is back, {span(age.total_seconds())} ago: "
        f"{done.rows} rows, {done.blobs} files."
    )
    if done.aside:
        click.echo(f"What was here before lies in {done.aside}.", err=True)
    if done.erased:
        click.echo(f"Erased again, as it was after the backup: {', '.join(done.erased)}.", err=True)
    if done.gone:
        click.echo(f"{len(done.gone)} files are not in the backup: {', '.join(done.gone[:3])} …", err=True)
