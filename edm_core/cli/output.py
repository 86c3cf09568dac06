"""How commands print: data in four formats on standard output, progress and problems on standard error."""

from __future__ import annotations

import csv
import io
import json
import os
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

import click

from ..errors import EdmError

FORMATS = ("table", "json", "yaml", "csv")

format_option = click.option(
    "--format",
    "layout",
    type=click.Choice(FORMATS),
    default="table",
    show_default=True,
    help="What to print.",
)


def print_rows(rows: Sequence[Mapping[str, Any]], layout: str, *, title: str | None = None) -> None:
    """Print rows of equal keys as a table, JSON, YAML or CSV."""
    if layout == "json":
        click.echo(json.dumps(list(rows), ensure_ascii=False, indent=1))
    elif layout == "yaml":
        click.echo(as_yaml(list(rows)), nl=False)
    elif layout == "csv":
        click.echo(as_csv(rows), nl=False)
    else:
        print_table(rows, title=title)


def print_table(rows: Sequence[Mapping[str, Any]], *, title: str | None = None) -> None:
    """Print rows as a table, as wide as the terminal."""
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    table = Table(title=title, title_justify="left", box=None, pad_edge=False, header_style="bold")
    for name in rows[0] if rows else ():
        table.add_column(name, overflow="fold")
    for row in rows:
        table.add_row(*(Text("" if value is None else str(value)) for value in row.values()))
    Console().print(table)


def as_csv(rows: Sequence[Mapping[str, Any]], columns: Sequence[str] | None = None) -> str:
    """Return rows as CSV text with a header."""
    names = list(columns or (rows[0] if rows else ()))
    text = io.StringIO()
    writer = csv.DictWriter(text, names, lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    return text.getvalue()


def as_yaml(value: Any) -> str:
    """Return a value as YAML text."""
    import yaml

    return str(yaml.safe_dump(value, allow_unicode=True, sort_keys=False, width=110))


def complain(text: object) -> None:
    """Print one line on standard error, without what would steer the terminal, as names may hold it."""
    line = " ".join(f"edm: {text}".split())
    click.echo("".join(sign if sign.isprintable() else "\ufffd" for sign in line), err=True)


def fault(error: Exception, *, subject: str | None = None) -> EdmError:
    """Return an error that nobody foresaw as one of the workbench's."""
    return EdmError(
        f"a fault of the workbench: {type(error).__name__}: {error}",
        subject=subject,
        remedy="EDM_LOG_LEVEL=ERROR shows where",
    )


def prepare_streams() -> None:
    """Let nothing that is printed fail for its characters, whatever the locale.

    Data that goes to a file or a pipe is UTF-8, as JSON has to be; names that are no UTF-8 keep their bytes.
    A terminal gets what it can show.
    """
    if sys.stdout is None:  # closed by the caller
        sys.stdout = open(os.devnull, "w", encoding="utf-8")  # noqa: SIM115
    if isinstance(sys.stdout, io.TextIOWrapper):
        if sys.stdout.isatty():
            sys.stdout.reconfigure(errors="replace")
        else:
            sys.stdout.reconfigure(encoding="utf-8", errors="surrogateescape")


@contextmanager
def progress_bar(title: str, *, total: int = 1) -> Iterator[Any]:
    """Show a bar on standard error while it is a terminal.

    Gives ``tell(name, done, stage, remaining)``, ``done`` counting up to ``total``.
    """
    from rich import progress as rich
    from rich.console import Console

    console = Console(stderr=True)
    with rich.Progress(
        rich.TextColumn("{task.description}", markup=False),
        rich.BarColumn(),
        rich.TaskProgressColumn(),
        rich.TextColumn("{task.fields[note]}", markup=False),
        console=console,
        transient=True,
        disable=not console.is_terminal,
    ) as bars:
        task = bars.add_task(title, total=float(total), note="")

        def tell(name: str, done: float, stage: str = "", remaining: float | None = None) -> None:
            left = f"{remaining:.0f} s left" if remaining is not None else ""
            note = " · ".join(filter(None, (stage, left)))
            bars.update(task, description=name, completed=done, note=note)

        yield tell
