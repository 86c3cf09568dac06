"""``edm personas score, summary, agreement, calibrate``: what the audience makes of recordings."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from .._clock import clock
from .._files import write_atomic
from ..errors import EdmError
from .output import as_yaml, complain, format_option, print_rows, print_table, progress_bar

if TYPE_CHECKING:
    from ..evaluation.ratings import Estimate, Measure
    from ..personas import Audience
    from ..personas.calibration import Calibration
    from ..personas.moments import Moment
    from ..personas.panel import Panel
    from ..service.analysis_job import Progress
    from ..store import Entry, Library

SHOWN: tuple[Measure, ...] = ("kappa", "alpha", "spearman", "mae")
"""Measures that a table shows; the other formats have all."""
LAYOUTS = ("table", "json", "csv", "yaml", "html")


@click.command("score")
@click.argument("recordings", nargs=-1, required=True, metavar="RECORDING…")
@click.option(
    "--personas", "names", metavar="ID,…", help="Whom to ask; by default, all that are not retired."
)
@click.option(
    "--scorer", type=click.Choice(("offline", "language-model", "langflow")), default="offline",
    show_default=True, help="What scores.",
)  # fmt: skip
@click.option("--note", default="", help="What to remember of it.")
@format_option
def score(recordings: tuple[str, ...], names: str | None, scorer: Any, note: str, layout: str) -> None:
    """Let personas hear recordings again. What they said before is kept.

    A recording is named by its id in the library, its name or its file; a file that the library does not know
    is added and analysed.

    \b
    Examples:
      edm personas score night-drive
      edm personas score show.mp3
      edm personas score 3f9a1c radio-show --personas genz,parents --scorer language-model
    """
    from ..service.scoring_job import score_entry
    from ..store import Library

    library = Library()
    chosen = None if names is None else [name.strip() for name in names.split(",") if name.strip()]
    rows, failed = [], False
    with progress_bar("", total=len(recordings)) as tell:
        for done, text in enumerate(recordings):

            def progress(
                stage: str, share: float, remaining: float | None, done: int = done, text: str = text
            ) -> None:
                tell(text, done + share, stage, remaining)

            try:
                entry = heard(library, text, progress)
                made = score_entry(
                    library, entry, personas=chosen, scorer=scorer, note=note, progress=progress
                )
            except EdmError as error:
                failed = True
                complain(error if error.subject else f"{text}: {error}")
            else:
                rows.append(
                    {
                        "recording": entry.shown, "scoring": made.number, "scored": made.coverage,
                        "personas": ",".join(made.personas), "scorer": made.scorer, "time": made.time,
                    }
                )  # fmt: skip
    if rows:
        print_rows(rows, layout)
    sys.exit(1 if failed else 0)


@click.command("summary")
@click.argument("recording")
@click.option(
    "--format",
    "layout",
    type=click.Choice(LAYOUTS),
    default="table",
    show_default=True,
    help="What to print.",
)
@click.option("--out", type=click.Path(path_type=Path, dir_okay=False), help="Write there.")
def summary(recording: str, layout: str, out: Path | None) -> None:
    """Sum up the simulated audience of a recording: means, best and worst moments, what unites and splits.

    `html` is a report on one page that needs no network; `csv` has a row a reaction.

    \b
    Examples:
      edm personas summary radio-show
      edm personas summary radio-show --format html --out report.html
    """
    from ..service.audience import audience_of, report_of
    from ..store import Library

    library = Library()
    with progress_bar("", total=1) as tell:
        entry = heard(library, recording, lambda stage, share, left: tell(recording, share, stage, left))
    if layout == "html":
        text = report_of(library, entry)
    else:
        audience = audience_of(library, entry)
        if layout == "table" and out is None:
            _print(audience, entry)
            return
        text = _written(audience, layout)
    if out is None:
        click.echo(text, nl=False)
        return
    try:
        write_atomic(out, text.encode(), mode=0o644)
    except OSError as error:
        raise EdmError(
            f"it cannot be written ({error.strerror})", subject=str(out), remedy="check the path"
        ) from None
    click.echo(out)


@click.command("agreement")
@click.argument("recordings", nargs=-1, metavar="[RECORDING…]")
@click.option("--all", "whole", is_flag=True, help="In a table, pairs of personas too.")
@format_option
def agreement(recordings: tuple[str, ...], whole: bool, layout: str) -> None:
    """Tell how personas and people agree, by default over all that was rated.

    Quadratic weighted kappa, Krippendorff's ordinal alpha, Spearman's rank correlation and the mean absolute
    error, with 95 % intervals; what cannot be told is absent, and why.

    \b
    Examples:
      edm personas agreement
      edm personas agreement radio-show --format csv
    """
    from ..service.audience import panel_of
    from ..store import Library

    library = Library()
    found = panel_of(library, [entry_of(library, text) for text in recordings] if recordings else None)
    if not found.ratings:
        complain(
            "nobody has rated anything of it yet: rate on the page Audience, or edm personas ratings import"
        )
    if found.unmatched:
        complain(f"of nothing that was scored: {len(found.unmatched)} of the ratings")
    if layout != "table":
        print_rows(found.rows(), layout)
    elif found.pairs:
        click.echo(f"{found.ratings} ratings of {', '.join(found.raters)}; a simulated audience beside them")
        _print_panel(found, whole=whole)


@click.command("calibrate")
@click.option("--scorer", default="", help="Whose scores, such as offline@2; by default, of most reactions.")
@click.option("--by", default="", help="Who fits it.")
@format_option
def calibrate(scorer: str, by: str, layout: str) -> None:
    """Fit the scores to what people rated, and keep that as the calibration that holds.

    Scores are kept as they are; a calibration is applied when they are shown, and only to the versions of
    scorer and personas that it was fitted on. Errors after calibration are of ratings that were left out.

    \b
    Example:
      edm personas calibrate --by ada
    """
    from ..service.audience import fit_calibration
    from ..store import Library

    print_rows([_calibration(fit_calibration(Library(), scorer, who=by))], layout)


COMMANDS: tuple[click.Command, ...] = (score, summary, agreement, calibrate)
"""What belongs under ``edm personas``."""


def heard(library: Library, text: str, progress: Progress) -> Entry:
    """Return the recording that is meant; a file is added to the library, and analysed if it was not yet."""
    from ..service.analysis_job import analyse_entry

    if not Path(text).is_file():
        return entry_of(library, text)
    entry = library.add_file(text)
    if not entry.revision:
        analyse_entry(library, entry, progress)
    return library.get(entry.id) or entry


def entry_of(library: Library, text: str) -> Entry:
    """Return the recording of the library that is meant: the beginning of its id, its file, name or title."""
    from ..annotation import Subject
    from ..store.matching import matching

    return matching(library, Subject(text, text, text))


# --- private ---------------------------------------------------------------------------------------


def _written(audience: Audience, layout: str) -> str:
    if layout == "csv":
        return audience.to_csv()
    if layout == "yaml":
        return as_yaml(audience.to_dict())
    if layout == "json":
        return audience.to_json(indent=1) + "\n"
    return "".join(f"{key}: {value}\n" for row in _rows(audience) for key, value in row.items())


def _rows(audience: Audience) -> list[dict[str, Any]]:
    return [
        {
            "": row.emoji, "simulated listener": row.name or row.persona, "mean": _number(row.mean),
            "95 %": "" if row.low is None or row.high is None else f"{row.low:.1f}–{row.high:.1f}",
            "scored": row.coverage, "best": _moment(row.best), "worst": _moment(row.worst),
        }
        for row in audience.personas
    ]  # fmt: skip


def _print(audience: Audience, entry: Entry) -> None:
    print_table(_rows(audience), title=entry.shown)
    click.echo(f"simulated audience, {audience.standing}; {audience.coverage} scored")
    for item in audience.items:
        if item.verdict == "splits":
            loved, hated = ", ".join(item.lovers) or "nobody", ", ".join(item.haters) or "nobody"
            click.echo(f"splits at {clock(item.start)}: {loved} for it, {hated} against")
    for alert in audience.alerts:
        complain(alert.message)


def _moment(moment: Moment | None) -> str:
    return "" if moment is None else f"{clock(moment.start)} ({moment.score:.1f})"


def _number(value: float | None) -> str:
    return "" if value is None else f"{value:.2f}"


def _print_panel(found: Panel, *, whole: bool) -> None:
    """Print pairs with a person, and those of personas alone where all are asked for."""
    shown = [pair for pair in found.pairs if whole or pair.relation != "persona–persona"]
    for relation in dict.fromkeys(pair.relation for pair in shown):
        rows = []
        for pair in shown:
            figures = [pair.figures[name] for name in SHOWN]
            if pair.relation != relation:
                continue
            reasons = {figure.reason for figure in figures if figure.value is None}
            told = {name: _figure(figure) for name, figure in zip(SHOWN, figures, strict=True)}
            if len(reasons) == 1 and all(figure.value is None for figure in figures):
                told = dict.fromkeys(SHOWN, "–") | {SHOWN[0]: reasons.pop() or "–"}
            rows.append({"": f"{pair.a} – {pair.b}", "n": pair.n} | told)
        print_table(rows, title=relation)
    left_out = len(found.pairs) - len(shown)
    if left_out:
        click.echo(f"{left_out} pairs of personas alone are left out: --all shows them")
    for persona, figure in found.reliability.items():
        who = f"as {persona}" if persona else "for themselves"
        click.echo(f"people who speak {who}: alpha {_figure(figure)}")


def _figure(one: Estimate) -> str:
    if one.value is None:
        return f"– ({one.reason})"
    interval = "" if one.low is None or one.high is None else f" [{one.low:.2f}, {one.high:.2f}]"
    return f"{one.value:.2f}{interval}"


def _calibration(made: Calibration) -> dict[str, Any]:
    return {
        "scorer": made.scorer, "ratings": made.ratings, "raters": made.raters,
        "personas": ",".join(made.curves), "error before": round(made.before.error, 4),
        "error after": round(made.after.error, 4), "ks before": round(made.before.ks, 4),
        "ks after": round(made.after.ks, 4), "time": made.time,
        "uncalibrated": "; ".join(f"{name}: {reason}" for name, reason in made.reasons.items()),
    }  # fmt: skip
