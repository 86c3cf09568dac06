"""``edm app``: the workbench in the browser."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from ..errors import EdmError
from ..settings import Settings
from .output import complain, progress_bar

if TYPE_CHECKING:
    from ..store import Library


@click.command("app")
@click.option(
    "--port",
    type=click.IntRange(0, 65535),
    default=8501,
    show_default=True,
    help="Where; 0 takes a free one.",
)
@click.option("--demo/--no-demo", default=True, help="Add the demo recordings at the first start.")
def command(port: int, demo: bool) -> None:
    """Serve the workbench in the browser, to this machine only, until Ctrl-C.

    At the first start with a new data folder, two demo recordings are analysed and added.

    \b
    Example:
      edm app --port 8600
    """
    from ..service.running.app import bind, serve
    from ..store import Library

    settings = Settings.from_environment()
    bind(port).close()  # a port that is taken is better known before the demo is analysed
    library = Library(settings)
    if demo and library.is_new:
        _add_demo(library)
    sys.exit(serve(port, settings))


def _add_demo(library: Library) -> None:
    from ..audio.files import sound_files
    from ..resources import DEMO
    from ..service.analysis_job import analyse_entry
    from .summary import print_summary

    files = sound_files(DEMO, recursive=False)
    click.echo(f"First start: analysing {len(files)} demo recordings …", err=True)
    with progress_bar("", total=len(files)) as tell:
        for done, file in enumerate(files):

            def progress(
                stage: str, share: float, remaining: float | None, done: int = done, file: Path = file
            ) -> None:
                tell(file.name, done + share, stage, remaining)

            try:
                timeline = analyse_entry(library, library.add_file(file), progress)
            except EdmError as error:  # the workbench is of use without its demo
                complain(error)
            else:
                print_summary(file, timeline)
