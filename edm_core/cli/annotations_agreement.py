"""``edm annotations agreement, queue, assign, assignments``: several people's work on the same recordings."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import click

from ..errors import EdmError
from .meant import opened, subject_of
from .output import as_csv, complain, format_option, print_rows, print_table

if TYPE_CHECKING:
    from ..annotation import Subject
    from ..evaluation.agreement import Figures
    from ..store.agreements import Compared
    from ..store.annotations import Annotations

COLUMNS = ("recording", "raters", "measure", "value", "low", "high", "basis", "units", "reason")
ORDERS = ("unannotated", "disagreement", "least_confident")
PASSES = ("first", "blind", "unaided")


@click.command("agreement")
@click.argument("recordings", nargs=-1, metavar="[RECORDING]…")
@click.option(
    "--author", "authors", multiple=True, help="Compare these people only; may be given again. [all]"
)
@click.option(
    "--draws", default=1000, show_default=True, type=click.IntRange(0), help="Of the bootstrap; 0: none."
)
@click.option("--seed", default=0, show_default=True, help="Of the bootstrap over recordings.")
@format_option
def agreement(
    recordings: tuple[str, ...], authors: tuple[str, ...], draws: int, seed: int, layout: str
) -> None:
    """Tell how far people agree on recordings: boundaries, labels, grid, words, passages.

    Without RECORDING, of all that two or more have annotated. Each recording's figures come with those of
    every pair; behind several recordings stand those of all of them. Intervals are 95 %, by bootstrap: over
    blocks of 30 s within a recording (how much the figure hangs on single places there), over recordings for
    all of them. What cannot be measured is left out of the table; the other formats say why. The line
    `reference` is not compared. Exit status 1: a recording is not known, or fewer than two annotated it.

    \b
    Examples:
      edm annotations agreement night-drive
      edm annotations agreement --author ada --author ben --format csv
    """
    from ..evaluation.agreement import over
    from ..store.agreements import compared

    store = opened()
    subjects, failed = _subjects(store, recordings)
    wanted = None if not recordings else [str(subject.id) for subject in subjects]
    found = compared(store, wanted, raters=authors or None, draws=draws)
    for subject in subjects:
        if all(each.recording != subject.id for each in found):
            failed = True
            complain(
                EdmError(
                    f"fewer than two of {', '.join(authors)} annotated it"
                    if authors
                    else "fewer than two people annotated it",
                    subject=_name(subject), remedy="edm annotations history tells who did",
                )
            )  # fmt: skip
    names = {str(subject.id): _name(subject) for subject in subjects}
    shown = [(names.get(each.recording) or _known_name(store, each.recording), each) for each in found]
    corpus = over([each.agreement for each in found], draws=draws, seed=seed) if len(found) > 1 else None
    if layout == "table":
        _print(shown, corpus)
    else:
        rows = [row for name, each in shown for row in _rows(name, each)]
        if corpus is not None:
            rows += _measured("", "", corpus)
        if layout == "csv":
            click.echo(as_csv(rows, COLUMNS), nl=False)
        else:
            print_rows(rows, layout)
    sys.exit(1 if failed else 0)


@click.command("queue")
@click.argument("author")
@click.option("--order", type=click.Choice(ORDERS), default=ORDERS[0], show_default=True)
@click.option("--limit", default=20, show_default=True, type=click.IntRange(1), help="How many at most.")
@format_option
def queue(author: str, order: Any, limit: int, layout: str) -> None:
    """List what waits for AUTHOR, in order: what was assigned, then what the order says.

    \b
    Examples:
      edm annotations queue ada
      edm annotations queue ada --order disagreement --format json
    """
    from ..store import Library
    from ..store.queue import queue_of

    rows = [
        {
            "recording": waiting.entry.id, "name": waiting.entry.shown, "why": waiting.why,
            "score": None if waiting.score is None else round(waiting.score, 4),
        }
        for waiting in queue_of(Library(), author, order=order)[:limit]
    ]  # fmt: skip
    if layout == "table":
        for row in rows:
            row["recording"] = str(row["recording"]).removeprefix("sha256:")[:12]
    _show(rows, layout, "nothing waits")


@click.command("assign")
@click.argument("recordings", nargs=-1, required=True, metavar="RECORDING…")
@click.option("--to", "author", required=True, help="Who is to annotate them.")
@click.option("--by", default="edm", show_default=True, help="Who says so.")
@click.option(
    "--pass",
    "kind",
    type=click.Choice(PASSES),
    default="first",
    show_default=True,
    help="blind: what others said is hidden until one's own is saved; unaided: the suggestion too.",
)
@click.option("--close", is_flag=True, help="It need not be done any more.")
def assign(recordings: tuple[str, ...], author: str, by: str, kind: Any, close: bool) -> None:
    """Give recordings to somebody, who gets them first from the queue.

    Exit status 1: a recording is not known; the others are given.

    \b
    Examples:
      edm annotations assign night-drive --to ben --pass blind --by ada
      edm annotations assign night-drive --to ben --close
    """
    from ..store import assignments

    store = opened()
    subjects, failed = _subjects(store, recordings)
    ids = [str(subject.id) for subject in subjects]
    if close:
        for id, subject in zip(ids, subjects, strict=True):
            if not assignments.close(store, id, author, by=by):
                failed = True
                complain(EdmError(f"no open assignment to {author}", subject=_name(subject)))
    elif ids:
        assignments.assign(store, ids, author, by=by, kind=kind)
    sys.exit(1 if failed else 0)


@click.command("assignments")
@click.option("--author", help="Whose; by default, everybody's.")
@format_option
def assignments_of(author: str | None, layout: str) -> None:
    """List who is to annotate what, the oldest first.

    \b
    Example:
      edm annotations assignments --author ben
    """
    from ..store.assignments import assigned

    store = opened()
    rows = [
        {
            "recording": _known_name(store, each.recording), "author": each.author, "pass": each.kind,
            "by": each.by, "time": each.time, "done": each.done,
        }
        for each in assigned(store, author=author)
    ]  # fmt: skip
    _show(rows, layout, "nothing is assigned")


COMMANDS: tuple[click.Command, ...] = (agreement, queue, assign, assignments_of)
"""What belongs under ``edm annotations``."""


# --- private ---------------------------------------------------------------------------------------


def _subjects(store: Annotations, texts: Sequence[str]) -> tuple[list[Subject], bool]:
    """Return the recordings that are meant, once each, and whether one was not found, which is told."""
    found: dict[str, Subject] = {}
    failed = False
    for text in texts:
        try:
            subject = subject_of(store, text)
        except EdmError as error:
            failed = True
            complain(error)
        else:
            found[str(subject.id)] = subject
    return list(found.values()), failed


def _name(subject: Subject) -> str:
    return subject.title or (subject.path or str(subject.id)).replace("\\", "/").rsplit("/", 1)[-1]


def _known_name(store: Annotations, recording: str) -> str:
    try:
        return _name(subject_of(store, recording))
    except EdmError:
        return recording


def _rows(name: str, each: Compared) -> list[dict[str, Any]]:
    rows = _measured(name, ", ".join(each.agreement.raters), each.agreement.figures)
    if len(each.agreement.pairs) > 1:
        for pair in each.agreement.pairs:
            rows += _measured(name, f"{pair.a}, {pair.b}", pair.figures)
    return rows


def _measured(name: str, raters: str, figures: Figures) -> list[dict[str, Any]]:
    return [
        {
            "recording": name, "raters": raters, "measure": measure,
            "value": figure.value, "low": figure.low, "high": figure.high, "basis": figure.basis,
            "units": figure.units or None, "reason": figure.reason,
        }
        for measure, figure in figures.items()
    ]  # fmt: skip


def _print(shown: Sequence[tuple[str, Compared]], corpus: Figures | None) -> None:
    if not shown:
        click.echo("no recording that two people annotated")
        return
    for name, each in shown:
        pairs = {f"{pair.a}, {pair.b}": pair.figures for pair in each.agreement.pairs}
        print_table(_lines(each.agreement.figures, pairs if len(pairs) > 1 else {}), title=name)
        click.echo()
    if corpus is not None:
        print_table(_lines(corpus, {}), title=f"all {len(shown)} recordings")
        click.echo()
    if len(shown) < 5:
        click.echo("over fewer than 5 recordings, or blocks of 30 s within one, there is no interval")


def _lines(figures: Figures, pairs: dict[str, Figures]) -> list[dict[str, Any]]:
    from ..evaluation.agreement import TITLES

    return [
        {
            "measure": TITLES[measure],
            "value": f"{figure.value:.3f}",
            "95 %": "" if figure.low is None else f"{figure.low:.3f} – {figure.high:.3f}",
            **{
                names: "" if (value := theirs[measure].value) is None else f"{value:.3f}"
                for names, theirs in pairs.items()
            },
        }
        for measure, figure in figures.items()
        if figure.value is not None
    ]


def _show(rows: list[dict[str, Any]], layout: str, nothing: str) -> None:
    if rows or layout in ("json", "yaml"):
        print_rows(rows, layout)
    elif layout == "table":
        click.echo(nothing)
