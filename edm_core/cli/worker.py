"""``edm worker``: does the jobs that the workbench queues, on this machine or another."""

from __future__ import annotations

import signal
import threading
from contextlib import nullcontext

import click

from ..errors import SettingsError
from ..settings import Settings

QUEUES = ("music", "speech", "personas")


@click.command("worker")
@click.option(
    "--queues",
    default=",".join(QUEUES),
    show_default=True,
    help="Which queues: analysis of music, of speech, and what personas score.",
)
@click.option(
    "--workers",
    type=click.IntRange(1, 64),
    help="How many processes for each queue; by default EDM_WORKERS, and one of personas. One of speech is "
    "at as many recordings as there are cores, at most 4.",
)
@click.option(
    "--metrics",
    metavar="[HOST:]PORT",
    help="Answer /metrics there, for Prometheus; on this machine only, unless a host is named.",
)
def command(queues: str, workers: int | None, metrics: str | None) -> None:
    """Do jobs until Ctrl-C; what is unfinished then goes back into the queue.

    Workers on any number of machines may share one database (EDM_DATABASE_URL) and one store (EDM_BLOB_URL).
    With EDM_QUEUE_URL they get their work from Redis, else they look into the database every second.

    \b
    Examples:
      edm worker
      edm worker --queues speech --workers 4 --metrics 9101
    """
    from ..service.bench import Workbench
    from ..service.observing.logs import set_up
    from ..service.observing.metrics import listening

    settings = Settings.from_environment()
    set_up(settings)
    slots = {queue: workers or (1 if queue == "personas" else settings.workers) for queue in _named(queues)}
    bench = Workbench(settings, slots=slots)
    ended = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: ended.set())
    try:
        with listening(settings, metrics) if metrics else nullcontext():
            bench.queue.start(work=True)
            shown = ", ".join(f"{queue} ({count})" for queue, count in slots.items())
            click.echo(f"Working on {shown}. Stop with Ctrl-C.", err=True)
            ended.wait()
    finally:
        bench.close()
    click.echo("Stopped.", err=True)


def _named(queues: str) -> tuple[str, ...]:
    names = tuple(dict.fromkeys(filter(None, (name.strip() for name in queues.split(",")))))
    for name in names:
        if name not in QUEUES:
            raise SettingsError(
                f"there is no queue {name!r}", subject="--queues", remedy=f"use {', '.join(QUEUES)}"
            )
    if not names:
        raise SettingsError("no queue is named", subject="--queues", remedy=f"use {', '.join(QUEUES)}")
    return names
