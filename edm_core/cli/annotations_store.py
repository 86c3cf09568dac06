"""``edm annotations history, diff, restore``: people's annotations in the store."""

from __future__ import annotations

import click

from .._clock import clock
from .._codec import encode
from ..errors import EdmError
from .annotations_files import export, import_files, print_found, row_of, sync
from .meant import annotation_of, line_of, opened, subject_of
from .output import format_option, print_rows


@click.command("history")
@click.argument("recording")
@click.option("--author", help="Whose; by default, everybody's.")
@format_option
def history(recording: str, author: str | None, layout: str) -> None:
    """Tell who changed what in the annotations of a recording, newest first.

    \b
    Example:
      edm annotations history "night drive" --author ada
    """
    store = opened()
    subject = subject_of(store, recording)
    rows = [
        {
            "author": one.author, "revision": one.number, "parent": one.parent,
            "time": f"{one.time[:19]}Z" if layout == "table" else one.time,
            "tool": one.tool, "tier": one.tier, "change": one.summary, "note": one.note,
        }
        for one in store.history(str(subject.id), author)
    ]  # fmt: skip
    print_found(rows, layout, "nobody has annotated it")


@click.command("diff")
@click.argument("a")
@click.argument("b")
@format_option
def diff(a: str, b: str, layout: str) -> None:
    """Tell what has to be done to A to get B.

    Each is a file of annotations or RECORDING[@AUTHOR[#REVISION]].

    \b
    Examples:
      edm annotations diff night-drive@ada#3 night-drive@ada
      edm annotations diff night-drive@ada night-drive@bob --format csv
      edm annotations diff old.yaml new.yaml
    """
    from ..merging import difference

    store = opened()
    changes = difference(annotation_of(store, a), annotation_of(store, b))
    if layout == "table":
        rows = [{"at": _place(one.start, one.end), "in": one.field, "change": one.text} for one in changes]
        print_found(rows, layout, "no difference")
    else:
        print_rows([encode(change) for change in changes], layout)


@click.command("restore")
@click.argument("revision", metavar="RECORDING@AUTHOR#REVISION")
@click.option("--by", help="Who does it; by default the author.")
@format_option
def restore(revision: str, by: str | None, layout: str) -> None:
    """Make an old revision the newest again, as a new one; nothing is deleted.

    \b
    Example:
      edm annotations restore night-drive@ada#3
    """
    store = opened()
    subject, author, number = line_of(store, revision)
    if author is None or number is None:
        raise EdmError("it names no revision", subject=revision, remedy="give RECORDING@AUTHOR#REVISION")
    new = store.restore(str(subject.id), author, number, by=by or author)
    print_rows([row_of(new)], layout)


COMMANDS: tuple[click.Command, ...] = (import_files, export, history, diff, restore, sync)
"""What belongs under ``edm annotations``."""


def _place(start: float | None, end: float | None) -> str:
    if start is None:
        return ""
    return clock(start, 3) if end is None else f"{clock(start, 3)} – {clock(end, 3)}"
