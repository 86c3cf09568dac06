"""``edm personas``: the simulated audience."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from ..errors import EdmError
from . import personas_files, personas_lab, personas_ratings, personas_scores
from .meant import opened, subject_of
from .output import as_yaml, complain, format_option, print_rows

if TYPE_CHECKING:
    from ..personas import Persona
    from ..timeline import Reaction


@click.group("personas")
def command() -> None:
    """The simulated audience: who they are, and how they take what is said and played.

    A persona is a YAML file. Yours lie in `personas` below EDM_DATA_DIR and replace packaged ones of the same
    id. Nothing that a persona says is what people would say.

    \b
    Examples:
      edm personas try genz --text "Free tickets for the festival, and the band are filthy tonight!"
      edm personas new night_nurse --from genz
      edm personas diff genz packaged
      edm personas score radio-show
      edm personas summary radio-show --format html --out report.html
    """


for each in (
    *personas_files.COMMANDS,
    *personas_scores.COMMANDS,
    personas_ratings.command,
    personas_lab.command,
):
    command.add_command(each)


@command.command("list")
@click.option("--all", "everybody", is_flag=True, help="The retired ones too.")
@format_option
def list_personas(everybody: bool, layout: str) -> None:
    """List the personas. A file of yours that cannot be read is told of on standard error.

    \b
    Examples:
      edm personas list
      edm personas list --all --format json
    """
    from ..personas.folder import Folder

    folder = Folder.of()
    rows = [
        {
            "id": edition.persona.id,
            "emoji": edition.persona.emoji,
            "name": edition.persona.name,
            "listens_to": edition.persona.listens_to,
            "weight": edition.persona.weight,
            "edition": edition.origin,
            "retired": edition.persona.retired,
            "version": edition.persona.version,
            "description": edition.persona.description,
        }
        for edition in folder.editions().values()
        if everybody or not edition.persona.retired
    ]
    if layout == "table":
        rows = [_short(row) for row in rows]
    print_rows(rows, layout)
    broken = folder.broken()
    for one in broken:
        complain(one.error)
    sys.exit(1 if broken else 0)


@command.command("show")
@click.argument("name", metavar="ID")
@format_option
def show(name: str, layout: str) -> None:
    """Show one persona: who they are, what they like, and how they score.

    \b
    Example:
      edm personas show genz
    """
    from .._codec import encode

    persona = _persona(name)
    if layout == "table":
        click.echo(as_yaml(encode(persona)), nl=False)
    elif layout == "csv":
        print_rows([{"field": key, "value": value} for key, value in encode(persona).items()], layout)
    else:
        print_rows([encode(persona)], layout)


@command.command("validate")
@click.argument("files", nargs=-1, metavar="FILE…")
def validate(files: tuple[str, ...]) -> None:
    """Check persona files; by default those that ship with the workbench and yours.

    \b
    Example:
      edm personas validate my_persona.yaml
    """
    from ..personas import own_folder, read_persona
    from ..resources import PERSONAS
    from ..settings import Settings

    failed = 0
    folders = (PERSONAS, own_folder(Settings.from_environment()))
    for file in files or [str(path) for folder in folders for path in sorted(folder.glob("*.yaml"))]:
        try:
            persona = read_persona(Path(file))
            click.echo(f"{file}: ok, {persona.name}")
        except EdmError as error:
            failed += 1
            complain(error)
    sys.exit(1 if failed else 0)


@command.command("try")
@click.argument("name", metavar="ID")
@click.option("--text", help="What the persona hears.")
@click.option("--recording", help="Of the library: the beginning of its id, its file, name or title.")
@click.option("--passage", type=click.IntRange(1), help="Which passage of the recording, from 1.")
@click.option("--section", type=click.IntRange(1), help="Which section of the recording, from 1.")
@format_option
def try_persona(
    name: str, text: str | None, recording: str | None, passage: int | None, section: int | None, layout: str
) -> None:
    """Let a persona react to a text, or to a passage or section of a recording. Nothing is stored.

    \b
    Examples:
      edm personas try tradies --text "It will be sunny all weekend, and the footy is on at three."
      edm personas try club_dj --recording night-drive --section 3
    """
    if (text is None) == (recording is None):
        raise click.UsageError("give either --text or --recording")
    if text is not None:
        reaction = _of_text(name, text)
    else:
        reaction = _of_recording(name, recording or "", passage, section)
    row: dict[str, Any] = {
        "persona": reaction.persona,
        "status": reaction.status,
        "score": reaction.score,
        "distribution": list(reaction.distribution) if reaction.distribution else None,
        "confidence": reaction.confidence,
        "calibrated": reaction.calibrated,
        "opinion": reaction.opinion,
        "rationale": reaction.rationale,
        "note": reaction.note,
        "scorer": reaction.scorer,
        "evidence": [item.quote for item in reaction.evidence],
    }
    if layout == "table":
        print_rows(
            [{"": key, "simulated listener": value} for key, value in row.items() if value is not None],
            layout,
        )
    else:
        print_rows([row], layout)


# --- private ---------------------------------------------------------------------------------------


def _short(row: dict[str, Any]) -> dict[str, Any]:
    """Return a row as a terminal has room for it."""
    edition = "retired" if row["retired"] else _EDITIONS[row["edition"]]
    return {
        "id": row["id"], "": row["emoji"], "name": row["name"], "listens to": row["listens_to"],
        "edition": edition, "version": row["version"], "description": row["description"],
    }  # fmt: skip


_EDITIONS = {"packaged": "packaged", "edited": "yours", "own": "own"}


def _persona(name: str) -> Persona:
    """Return a persona, retired or not."""
    from ..personas.folder import Folder

    return Folder.of().edition(name).persona


def _of_text(name: str, text: str) -> Reaction:
    from ..personas import try_text

    if not text.strip():
        raise click.UsageError("--text is empty: give a sentence")
    return try_text(_persona(name), text)


def _of_recording(name: str, recording: str, passage: int | None, section: int | None) -> Reaction:
    from ..personas.trying import heard_in, try_item
    from ..store import Library

    if (passage is None) == (section is None):
        raise click.UsageError("say which --passage or which --section of it")
    persona, subject = _persona(name), subject_of(opened(), recording)
    timeline = Library().timeline(str(subject.id))
    if timeline is None:
        raise EdmError("it has no analysis yet", subject=recording, remedy="analyse it on its page")
    kind, number = ("section", section) if passage is None else ("passage", passage)
    fitting = {each.target.index + 1: each for each in heard_in(timeline) if each.target.kind == kind}
    if number not in fitting:
        raise EdmError(
            f"it has no {kind} {number} to be heard", subject=recording,
            remedy=f"there are {', '.join(map(str, fitting)) or 'none'}",
        )  # fmt: skip
    return try_item(persona, fitting[number])
