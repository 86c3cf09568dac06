"""``edm jobs``: what waits, runs and has ended."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

import click

from ..errors import EdmError
from ..settings import Settings
from .output import complain, format_option, print_rows

if TYPE_CHECKING:
    from ..jobs import Job, Ledger, Queue

_STATES = ("queued", "running", "done", "failed", "cancelled")
_QUEUES = ("music", "speech", "personas")
_KEY_SHOWN = 14
"""Characters of what a job is about that a table shows."""


@click.group("jobs")
def command() -> None:
    """Jobs: analyses, transcriptions and scorings that wait, run or have ended.

    \b
    Examples:
      edm jobs list --state running --state queued
      edm jobs show 20260101120000000000-1f2e3d4c
      edm jobs retry 20260101120000000000-1f2e3d4c
    """


@command.command("list")
@click.option(
    "--state", "states", type=click.Choice(_STATES), multiple=True, help="Only these; may be repeated."
)
@click.option("--queue", type=click.Choice(_QUEUES), help="Only of this queue.")
@click.option("--kind", help="Only of this kind: analyze, speech, score or laboratory.")
@click.option("--limit", type=click.IntRange(1, 100_000), default=50, show_default=True, help="Most of them.")
@click.option("--before", metavar="ID", help="Only those older than this one.")
@format_option
def list_jobs(
    states: tuple[Any, ...], queue: str | None, kind: str | None, limit: int, before: str | None, layout: str
) -> None:
    """List jobs, newest first.

    \b
    Examples:
      edm jobs list
      edm jobs list --state failed --format json
    """
    found = _ledger().page(states or None, queue, kind, limit, before)
    if layout == "table" and not found:
        click.echo("there are none", err=True)
        return
    print_rows([_brief(job) if layout == "table" else _facts(job, layout) for job in found], layout)


@command.command("show")
@click.argument("ids", metavar="ID…", nargs=-1, required=True)
@format_option
def show(ids: tuple[str, ...], layout: str) -> None:
    """Show all that is known of jobs.

    \b
    Example:
      edm jobs show 20260101120000000000-1f2e3d4c --format yaml
    """
    ledger = _ledger()

    def known(id: str) -> Job:
        if (job := ledger.get(id)) is None:
            raise EdmError("there is no such job", subject=id, remedy="edm jobs list shows those there are")
        return job

    _each(ids, known, layout, one_by_one=True)


@command.command("retry")
@click.argument("ids", metavar="ID…", nargs=-1, required=True)
@format_option
def retry(ids: tuple[str, ...], layout: str) -> None:
    """Queue jobs again that failed or were cancelled.

    \b
    Example:
      edm jobs list --state failed --format csv | tail -n +2 | cut -d, -f1 | xargs edm jobs retry
    """
    queue = _queue()
    _each(ids, queue.retry, layout)


@command.command("cancel")
@click.argument("ids", metavar="ID…", nargs=-1, required=True)
@format_option
def cancel(ids: tuple[str, ...], layout: str) -> None:
    """Take jobs out of the queue, or have whoever does them stop, on whatever machine.

    \b
    Example:
      edm jobs cancel 20260101120000000000-1f2e3d4c
    """
    queue = _queue()

    def stopped(id: str) -> Job:
        was_there = queue.cancel(id)
        job = queue.ledger.get(id)
        if job is None:
            raise EdmError("there is no such job", subject=id, remedy="edm jobs list shows those there are")
        if not was_there:
            raise EdmError(f"it is {job.state}; there is nothing to stop", subject=id)
        return job

    _each(ids, stopped, layout)


# --- private ---------------------------------------------------------------------------------------


def _ledger() -> Ledger:
    from ..jobs import Ledger

    return Ledger(Settings.from_environment())


def _queue() -> Queue:
    from ..service.bench import Workbench

    return Workbench(Settings.from_environment()).queue


def _each(ids: tuple[str, ...], do: Callable[[str], Job], layout: str, *, one_by_one: bool = False) -> None:
    """Do something with each job and print what became of them; those that cannot are named."""
    done = []
    for id in dict.fromkeys(ids):
        try:
            done.append(do(id))
        except EdmError as error:
            complain(error)
    if layout == "table" and one_by_one:
        for job in done:
            facts = _facts(job, layout)
            print_rows(
                [{"": name, "job": value} for name, value in facts.items() if value is not None], layout
            )
    elif done:
        print_rows([_brief(job) if layout == "table" else _facts(job, layout) for job in done], layout)
    if len(done) < len(set(ids)):
        sys.exit(1)


def _brief(job: Job) -> dict[str, Any]:
    """Return what a row of a table shows."""
    short = job.key if len(job.key) <= _KEY_SHOWN else f"{job.key[: _KEY_SHOWN - 1]}…"
    state: str = "stopping" if job.stop and job.state == "running" else job.state
    if job.state == "running":
        state = f"{state} {job.share:.0%}"
    return {"id": job.id, "kind": job.kind, "state": state, "about": short, "message": job.message or ""}


def _facts(job: Job, layout: str) -> dict[str, Any]:
    """Return all of a job; what has parts is JSON where a cell has to hold it."""
    facts = asdict(job)
    if layout in ("json", "yaml"):
        return facts
    return facts | {
        name: None if facts[name] is None else json.dumps(facts[name], ensure_ascii=False)
        for name in ("payload", "result")
    }
