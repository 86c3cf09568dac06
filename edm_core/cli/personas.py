"""``edm personas``: the simulated audience."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from ..errors import EdmError, SettingsError
from .output import as_yaml, complain, format_option, print_rows

if TYPE_CHECKING:
    from ..personas import Persona


@click.group("personas")
def command() -> None:
    """The simulated audience: list, show, validate, try.

    \b
    Example:
      edm personas try genz --text "Free tickets for the festival, and the band are filthy tonight!"
    """


@command.command("list")
@format_option
def list_personas(layout: str) -> None:
    """List the personas.

    \b
    Example:
      edm personas list
    """
    from ..personas import load_personas

    rows = [
        {"id": persona.id, "": persona.emoji, "name": persona.name, "description": persona.description}
        for persona in load_personas().values()
    ]
    if layout != "table":
        rows = [{("emoji" if key == "" else key): value for key, value in row.items()} for row in rows]
    print_rows(rows, layout)


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
    """Check persona files; those that ship with the workbench by default.

    \b
    Example:
      edm personas validate my_persona.yaml
    """
    from ..personas import read_persona
    from ..resources import PERSONAS

    failed = 0
    for file in files or [str(path) for path in sorted(PERSONAS.glob("*.yaml"))]:
        try:
            persona = read_persona(Path(file))
            click.echo(f"{file}: ok, {persona.name}")
        except EdmError as error:
            failed += 1
            complain(error)
    sys.exit(1 if failed else 0)


@command.command("try")
@click.argument("name", metavar="ID")
@click.option("--text", required=True, help="What the persona hears.")
@format_option
def try_persona(name: str, text: str, layout: str) -> None:
    """Let a persona react to a text.

    \b
    Example:
      edm personas try tradies --text "It will be sunny all weekend, and the footy is on at three."
    """
    from ..personas import try_text

    if not text.strip():
        raise click.UsageError("--text is empty: give a sentence")
    reaction = try_text(_persona(name), text)
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


def _persona(name: str) -> Persona:
    from ..personas import load_personas

    known = load_personas()
    if name not in known:
        raise SettingsError("no such persona", subject=name, remedy=f"use {', '.join(known)}")
    return known[name]
