"""``edm analyze``: timelines of files and folders."""

from __future__ import annotations

import json
import sys
from contextlib import AbstractContextManager, closing, nullcontext
from pathlib import Path
from typing import Any

import click

from .._files import write_atomic
from ..analysis import MUSIC, SPEECH
from ..audio.identity import display_path
from ..errors import EdmError
from ..settings import Settings
from ..timeline import Timeline
from .batch import Tell, analyse_each
from .inputs import collect, say_if_nothing_is_kept
from .output import as_csv, as_yaml, complain, format_option, progress_bar

CSV_COLUMNS = (
    "path", "start", "end", "label", "confidence", "start_bar", "end_bar", "bpm", "key",
)  # fmt: skip


@click.command("analyze")
@click.argument("paths", nargs=-1, required=True, metavar="PATH…")
@click.option("--recursive", is_flag=True, help="Look below folders too.")
@click.option("--only", type=click.Choice(["music", "speech"]), help="Leave out the other half.")
@click.option("--personas", metavar="ID,…", help="Ids of the personas that react; all by default.")
@click.option(
    "--workers", type=click.IntRange(min=1), help="Recordings at the same time [default: EDM_WORKERS or 1]."
)
@click.option(
    "--out", type=click.Path(file_okay=False, path_type=Path), help="Write a JSON file a recording there."
)
@format_option
def command(
    paths: tuple[str, ...],
    recursive: bool,
    only: str | None,
    personas: str | None,
    workers: int | None,
    out: Path | None,
    layout: str,
) -> None:
    """Analyse recordings: tempo, beats, sections, speech, audience.

    A folder stands for the sound files in it. JSON is one document a line; CSV is one row a section.

    \b
    Examples:
      edm analyze track.mp3
      edm analyze music/ --recursive --only music --format csv > sections.csv
      edm analyze show.mp3 --personas genz,tradies --format json
    """
    settings = Settings.from_environment()
    if out is not None:
        _make(out)  # before hours are spent on what would go there
    say_if_nothing_is_kept(settings)
    files, problems = collect(paths, recursive=recursive)
    for problem in problems:
        complain(problem)
    options: dict[str, Any] = {
        "stages": {"music": MUSIC, "speech": SPEECH, None: None}[only],
        "personas": [name.strip() for name in personas.split(",") if name.strip()] if personas else None,
    }
    failed = len(problems)
    csv_header = True
    with (
        _progress(len(files)) as tell,
        closing(analyse_each(files, options, tell, workers=workers or settings.workers)) as results,
    ):
        for path, result in results:
            if isinstance(result, EdmError):
                failed += 1
                complain(result)
                continue
            for trouble in result.problems:
                complain(f"{path}: stage {trouble.stage}: {trouble.error}")
            if out is not None:
                try:
                    click.echo(str(_write(out, path, result)))
                except EdmError as error:
                    failed += 1
                    complain(error)
            elif layout == "csv":
                text = as_csv(_section_rows(path, result), CSV_COLUMNS)
                click.echo(text if csv_header else text.partition("\n")[2], nl=False)
                csv_header = False
            else:
                _print(path, result, layout)
            sys.stdout.flush()
    sys.exit(1 if failed else 0)


def _progress(files: int) -> AbstractContextManager[Tell]:
    """Return the bar's ``tell``; where nobody sees a bar, what draws it is not even imported."""
    watched = sys.stderr is not None and sys.stderr.isatty()
    return progress_bar("", total=files) if watched else nullcontext(lambda *_: None)


def _print(path: Path, timeline: Timeline, layout: str) -> None:
    if layout == "json":
        click.echo(timeline.to_json())
    elif layout == "yaml":
        click.echo("---\n" + as_yaml(json.loads(timeline.to_json())), nl=False)
    else:
        from .summary import print_summary

        print_summary(path, timeline)


def _section_rows(path: Path, timeline: Timeline) -> list[dict[str, Any]]:
    common = {
        "path": display_path(path),
        "bpm": timeline.tempo.bpm if timeline.tempo else None,
        "key": timeline.key.camelot if timeline.key else None,
    }
    return [
        {
            **common,
            **{
                name: getattr(section, name)
                for name in ("start", "end", "label", "confidence", "start_bar", "end_bar")
            },
        }
        for section in timeline.sections
    ]


def _make(folder: Path) -> None:
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise click.UsageError(f"--out {folder}: it cannot be made ({error.strerror})") from None


def _write(folder: Path, path: Path, timeline: Timeline) -> Path:
    """Write a timeline under the recording's name, and under its id too where that name is another's."""
    target = folder / f"{path.name}.json"
    try:
        if target.exists() and _id_in(target) != timeline.recording.id:
            target = folder / f"{path.name}.{timeline.recording.id[7:15]}.json"
        write_atomic(target, f"{timeline.to_json(indent=1)}\n".encode(), mode=0o644)
    except OSError as error:
        raise EdmError(
            f"its timeline cannot be written to {folder} ({error.strerror})",
            subject=display_path(path),
            remedy="make room there, or name another folder with --out",
        ) from None
    return target


def _id_in(target: Path) -> str | None:
    try:
        return str(json.loads(target.read_text(encoding="utf-8"))["recording"]["id"])
    except (OSError, ValueError, KeyError, TypeError):
        return None
