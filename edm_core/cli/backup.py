"""``edm backup``: the database at one moment, with everything that it points to."""

from __future__ import annotations

from pathlib import Path

import click

from ..settings import Settings
from .output import progress_bar


@click.command("backup")
@click.argument("to", type=click.Path(path_type=Path), required=False)
@click.option("--keep", type=click.IntRange(1), help="Let go of all snapshots of the folder but so many.")
@click.option("--no-audio", is_flag=True, help="Leave the recordings themselves out, keep what was found.")
def command(to: Path | None, keep: int | None, no_audio: bool) -> None:
    """Back everything up: annotations, recordings, analyses, personas, reports.

    The workbench may go on working: the backup is of one moment, and holds what was saved before it. TO is a
    folder, where recordings that are there from an earlier backup are not copied again, or a file *.tar; by
    default a folder beside the data folder. Recordings that lie in folders of their owners stay there.
    A backup does not forget: what is erased later is still in its snapshots until --keep lets go of them, and
    is erased again when it is put back over a database that knows of that.

    \b
    Examples:
      edm backup /mnt/backup/edm --keep 14
      edm backup edm.tar --no-audio
    """
    from ..store.backup import back_up, default_place
    from ..store.snapshots import prune

    if keep is not None and to is not None and to.suffix == ".tar":
        raise click.UsageError("--keep is of folders: a file holds a single snapshot")
    settings = Settings.from_environment()
    with progress_bar("Copying", total=1) as tell:
        done = back_up(
            settings, to or default_place(settings), audio=not no_audio,
            told=lambda name, at, of: tell(name.rpartition("/")[2][:12], at / max(of, 1)),
        )  # fmt: skip
    click.echo(f"{done.place}")
    click.echo(
        f"Everything saved before {done.began}: {done.rows} rows, {done.copied} files copied "
        f"({done.bytes / 1e6:.1f} MB), {done.present} there from before.",
        err=True,
    )
    if done.elsewhere:
        click.echo(f"{done.elsewhere} recordings lie in folders of their own and are not in it.", err=True)
    if done.gone:
        click.echo(f"{len(done.gone)} files were not there any more: {', '.join(done.gone[:3])} …", err=True)
    if keep is not None:
        gone = prune(to or default_place(settings), keep)
        click.echo(
            f"Deleted: snapshots {len(gone.snapshots)}, files {gone.blobs} ({gone.bytes / 1e6:.1f} MB).",
            err=True,
        )
