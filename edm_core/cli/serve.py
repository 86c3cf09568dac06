"""``edm serve``: the HTTP API alone."""

from __future__ import annotations

import sys

import click

from ..settings import Settings


@click.command("serve")
@click.option("--host", default="127.0.0.1", show_default=True, help="Name or address to listen under.")
@click.option(
    "--port",
    type=click.IntRange(0, 65535),
    default=8000,
    show_default=True,
    help="Where; 0 takes a free one.",
)
@click.option(
    "--processes",
    type=click.IntRange(1, 64),
    default=1,
    show_default=True,
    help="How many answer requests.",
)
@click.option("--workers/--no-workers", default=True, help="Do jobs here too, or leave them to edm worker.")
def command(host: str, port: int, processes: int, workers: bool) -> None:
    """Serve the HTTP API until Ctrl-C; unfinished jobs go on at the next start.

    Beyond this machine it is served only where there are API keys (edm keys create).

    \b
    Examples:
      edm serve
      edm serve --host 0.0.0.0 --processes 4 --no-workers
    """
    from ..service.running.server import serve_api

    sys.exit(serve_api(port, host, Settings.from_environment(), processes=processes, workers=workers))
