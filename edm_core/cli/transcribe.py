"""``edm transcribe``: words and passages as JSON, subtitles or plain text."""

from __future__ import annotations

import sys
from contextlib import closing
from dataclasses import replace
from typing import TYPE_CHECKING

import click

from ..errors import EdmError
from ..settings import Settings
from .batch import analyse_each
from .inputs import collect, say_if_nothing_is_kept
from .output import complain, progress_bar

if TYPE_CHECKING:
    from ..timeline import Timeline

FORMATS = ("json", "srt", "vtt", "txt")


@click.command("transcribe")
@click.argument("paths", nargs=-1, required=True, metavar="PATH…")
@click.option("--recursive", is_flag=True, help="Look below folders too.")
@click.option(
    "--engine",
    metavar="NAME",
    help="Speech recogniser: faster-whisper, openai-whisper or server [default: EDM_WHISPER_ENGINE].",
)
@click.option(
    "--model",
    metavar="NAME|DIR",
    help="Packaged model, weights, or the server's name for it [default: EDM_WHISPER_MODEL or base].",
)
@click.option("--language", metavar="CODE", help="Such as en; found out from the speech by default.")
@click.option(
    "--passage-seconds",
    type=click.FloatRange(1, 600),
    metavar="S",
    help="Length that passages aim at [default: 15].",
)
@click.option(
    "--format", "layout", type=click.Choice(FORMATS), default="txt", show_default=True, help="What to print."
)
def command(
    paths: tuple[str, ...],
    recursive: bool,
    engine: str | None,
    model: str | None,
    language: str | None,
    passage_seconds: float | None,
    layout: str,
) -> None:
    """Write down what is said, with the time of every word.

    JSON is one document a recording and a line: its words, its passages, and what the recogniser wrote with
    its evidence, also what was not believed and why. The engine `server` needs EDM_WHISPER_BASE_URL.

    \b
    Examples:
      edm transcribe show.mp3
      edm transcribe show.mp3 --format srt > show.srt
      edm transcribe interviews/ --language en --format json
    """
    settings = Settings.from_environment()
    settings = replace(
        settings,
        whisper_engine=engine or settings.whisper_engine,
        whisper_model=model or settings.whisper_model,
        passage_s=passage_seconds or settings.passage_s,
    )
    say_if_nothing_is_kept(settings)
    files, problems = collect(paths, recursive=recursive)
    for problem in problems:
        complain(problem)
    failed = len(problems)
    options = {"stages": ["words"], "settings": settings, "language": language}
    with (
        progress_bar("", total=len(files)) as tell,
        closing(analyse_each(files, options, tell)) as results,
    ):
        for path, timeline in results:
            if isinstance(timeline, EdmError):
                failed += 1
                complain(timeline)
                continue
            for trouble in timeline.problems:
                complain(f"{path}: {trouble.error}")
            failed += bool(timeline.problems)
            if not timeline.problems:
                click.echo(_text(timeline, layout), nl=False)
    sys.exit(1 if failed else 0)


def _text(timeline: Timeline, layout: str) -> str:
    from ..transcription import to_json, to_srt, to_txt, to_vtt

    language = timeline.passages[0].language if timeline.passages else None
    if layout == "srt":
        return to_srt(timeline.words, language)
    if layout == "vtt":
        return to_vtt(timeline.words, language)
    if layout == "txt":
        return to_txt(timeline.passages)
    return to_json(timeline) + "\n"
