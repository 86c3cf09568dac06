"""``edm personas lab``: what moves a judge's scores that should not."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from ..errors import EdmError
from .meant import opened, subject_of
from .output import complain, print_rows, print_table, progress_bar

if TYPE_CHECKING:
    from ..personas.laboratory import LabReport
    from ..settings import Settings

JUDGES = ("offline", "language-model", "langflow")
FORMATS = ("table", "json", "yaml", "csv", "markdown", "html")


@click.command("lab")
@click.option("--personas", "names", help="Ids, with commas between them. [all that hear speech]")
@click.option("--scorer", type=click.Choice(JUDGES), default="offline", show_default=True, help="The judge.")
@click.option(
    "--recording", help="Play its passages instead of the packaged ones; ratings of them are the reference."
)
@click.option(
    "--size", type=click.Choice(("quick", "usual", "thorough")), default="usual", show_default=True,
    help="How much is asked.",
)  # fmt: skip
@click.option(
    "--seed", type=click.IntRange(0), default=0, show_default=True, help="Of all choices by chance."
)
@click.option(
    "--temperature", type=click.FloatRange(0, 2), default=0.0, show_default=True, help="Of a language model."
)
@click.option(
    "--record/--no-record", default=True, show_default=True, help="Keep it as an experiment (MLflow)."
)
@click.option("--out", type=click.Path(path_type=Path, dir_okay=False), help="Write there.")
@click.option(
    "--format",
    "layout",
    type=click.Choice(FORMATS),
    default="table",
    show_default=True,
    help="What to print.",
)
def command(
    names: str | None, scorer: str, recording: str | None, size: str, seed: int, temperature: float,
    record: bool, out: Path | None, layout: str,
) -> None:  # fmt: skip
    """Examine what scores: whether place, length or wording move it, and how it uses the scale.

    Repeats, sessions in balanced orders, filler, rewordings, words left out, no persona, instructions. Five
    biases are tested; the chance of any false alarm among them is 5 % at most. What is examined is the judge
    of a simulated audience: nothing here says how people listen. A language model is asked some hundred
    questions for each persona; what it answered is kept, so that a run that was stopped goes on where it was.

    Exit status 1: nothing could be scored, or the run could not be recorded.

    \b
    Examples:
      edm personas lab
      edm personas lab --scorer language-model --personas genz,academic --size quick --temperature 0.7
      edm personas lab --format html --out laboratory.html
    """
    from ..service.laboratory_job import Examination, examined
    from ..settings import Settings
    from ..store import Library

    library = Library(Settings.from_environment())
    wanted = Examination(scorer, _names(names), _played(recording), size, seed, temperature)
    with progress_bar("laboratory") as tell:
        report = examined(
            library, wanted, told=lambda text: click.echo(f"edm: {text}", err=True),
            progress=lambda share: tell("laboratory", share),
        )  # fmt: skip
    _show(report, layout, out)
    failed = sum(report.missing.values()) == report.asked
    if failed:
        complain(EdmError(f"nothing was scored: {next(iter(report.missing))}", subject=report.judge))
    elif record:
        failed = not _recorded(report, library.settings)
    sys.exit(1 if failed else 0)


# --- private ---------------------------------------------------------------------------------------


def _names(text: str | None) -> tuple[str, ...]:
    names = tuple(name.strip() for name in (text or "").split(",") if name.strip())
    if text is not None and not names:
        raise click.UsageError("--personas names nobody")
    return names


def _played(recording: str | None) -> str:
    return "" if recording is None else str(subject_of(opened(), recording).id)


def _show(report: LabReport, layout: str, out: Path | None) -> None:
    whole = {"json": report.to_json, "markdown": report.to_markdown, "html": report.to_html}
    if out is not None:
        from .output import as_csv, as_yaml

        texts = whole | {
            "yaml": lambda: as_yaml(report.rows()), "csv": lambda: as_csv(report.rows()),
            "table": report.to_markdown,
        }  # fmt: skip
        try:
            out.write_text(texts[layout](), encoding="utf-8")
        except OSError as error:
            raise EdmError(f"cannot be written: {error.strerror}", subject=str(out)) from None
    elif layout in whole:
        click.echo(whole[layout](), nl=layout == "json")
    elif layout in ("yaml", "csv"):
        print_rows(report.rows(), layout)
    else:
        _print(report)


def _print(report: LabReport) -> None:
    from ..personas.laboratory.page import cells, summary

    click.echo(f"{report.judge}, a judge of a simulated audience. {summary(report)}\n")
    head = ("", "verdict", "estimate", "95 %", "limit", "p", "n", "power")
    for title, group in (("Biases", report.biases), ("Other probes", report.controls)):
        rows = [dict(zip(head, (each.name, *cells(each)[1:]), strict=True)) for each in group]
        print_table(rows, title=title)
        for each in group:
            if each.note:
                click.echo(f"  {each.name}: {each.note}")
        click.echo()


def _recorded(report: LabReport, settings: Settings) -> bool:
    from ..experiments import record
    from ..experiments.laboratory import run_of

    try:
        run = record(run_of(report), settings, lambda text: click.echo(f"edm: {text}", err=True))
    except EdmError as error:
        complain(error)
        return False
    click.echo(f"edm: recorded as run {run}", err=True)
    return True
