"""``edm analyze``: timelines of files and folders."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import click

from .._files import write_atomic
from ..analysis import MUSIC, SPEECH, Progress, analyze
from ..errors import EdmError
from ..settings import Settings
from ..timeline import Timeline
from .inputs import collect
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
    files, problems = collect(paths, recursive=recursive)
    for problem in problems:
        complain(problem)
    options: dict[str, Any] = {
        "stages": {"music": MUSIC, "speech": SPEECH, None: None}[only],
        "personas": [name.strip() for name in personas.split(",") if name.strip()] if personas else None,
    }
    failed = len(problems)
    csv_header = True
    with progress_bar("", total=len(files)) as tell:
        runner = _in_processes if (workers or settings.workers) > 1 and len(files) > 1 else _one_by_one
        for path, result in runner(files, options, workers or settings.workers, tell):
            if isinstance(result, EdmError):
                failed += 1
                complain(result)
                continue
            for trouble in result.problems:
                complain(f"{path}: stage {trouble.stage}: {trouble.error}")
            if out is not None:
                click.echo(str(_write(out, path, result)))
            elif layout == "csv":
                text = as_csv(_section_rows(path, result), CSV_COLUMNS)
                click.echo(text if csv_header else text.partition("\n")[2], nl=False)
                csv_header = False
            else:
                _print(path, result, layout)
            sys.stdout.flush()
    sys.exit(1 if failed else 0)


Results = Iterator[tuple[Path, Timeline | EdmError]]


def _one_by_one(
    files: list[Path], options: dict[str, Any], _workers: int, tell: Callable[..., None]
) -> Results:
    for done, path in enumerate(files):

        def progress(step: Progress, done: int = done, path: Path = path) -> None:
            tell(path.name, done + step.share, step.stage, step.remaining)

        tell(path.name, done)
        try:
            yield path, analyze(path, progress=progress, **options)
        except EdmError as error:
            if error.subject in ("stages", "personas"):
                raise click.UsageError(str(error)) from None
            yield path, error


def _in_processes(
    files: list[Path], options: dict[str, Any], workers: int, tell: Callable[..., None]
) -> Results:
    """As many files at a time as there are workers; a worker that dies fails its file, not the batch."""
    import multiprocessing
    from concurrent.futures import ProcessPoolExecutor, as_completed
    from concurrent.futures.process import BrokenProcessPool

    context = multiprocessing.get_context("spawn")
    left = list(files)
    while left:
        # A pool that lost a worker is of no use: go on with a new one, without the file that broke it.
        with ProcessPoolExecutor(min(workers, len(left)), context) as pool:
            tasks = {pool.submit(_analyze_quietly, path, options): path for path in left}
            try:
                for task in as_completed(tasks):
                    path = tasks[task]
                    result = task.result()
                    left.remove(path)
                    tell(path.name, len(files) - len(left))
                    yield path, result
            except BrokenProcessPool:
                suspect = left.pop(0)
                yield (
                    suspect,
                    EdmError(
                        "the process that analysed it died", subject=str(suspect), remedy="try it alone"
                    ),
                )


def _analyze_quietly(path: Path, options: dict[str, Any]) -> Timeline | EdmError:
    try:
        return analyze(path, **options)
    except EdmError as error:
        return error


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
        "path": str(path),
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


def _write(folder: Path, path: Path, timeline: Timeline) -> Path:
    """Write a timeline under the recording's name, and under its id too where that name is another's."""
    folder.mkdir(parents=True, exist_ok=True)
    target = folder / f"{path.name}.json"
    if target.exists() and _id_in(target) != timeline.recording.id:
        target = folder / f"{path.name}.{timeline.recording.id[7:15]}.json"
    write_atomic(target, f"{timeline.to_json(indent=1)}\n".encode(), mode=0o644)
    return target


def _id_in(target: Path) -> str | None:
    try:
        return str(json.loads(target.read_text(encoding="utf-8"))["recording"]["id"])
    except (OSError, ValueError, KeyError, TypeError):
        return None
