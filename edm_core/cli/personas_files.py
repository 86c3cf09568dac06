"""``edm personas new, clone, retire, restore, reset, edit, versions, diff``: the user's own persona files."""

from __future__ import annotations

import dataclasses
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from ..errors import EdmError, SettingsError
from .output import complain, format_option, print_rows

if TYPE_CHECKING:
    from ..personas.folder import Folder


@click.command("new")
@click.argument("id")
@click.option("--from", "like", metavar="ID", help="Begin with a copy of this persona.")
@click.option("--name", help="What they are called; by default made of the id.")
def new(id: str, like: str | None, name: str | None) -> None:
    """Write the file of a new persona and print its path.

    \b
    Examples:
      edm personas new night_nurse --name "Night Nurse"
      edm personas new gen_alpha --from genz
    """
    folder, called = _folder(), name or id.replace("_", " ").title()
    if like is None:
        folder.create(id, called)
    else:
        folder.clone(like, id, called)
    click.echo(folder.edition(id).path)


@click.command("clone")
@click.argument("id")
@click.argument("new_id")
@click.option("--name", help="What the copy is called.")
def clone(id: str, new_id: str, name: str | None) -> None:
    """Copy a persona under another id and print the path of the file.

    \b
    Example:
      edm personas clone genz gen_alpha --name "Gen Alpha"
    """
    folder = _folder()
    folder.clone(id, new_id, name)
    click.echo(folder.edition(new_id).path)


@click.command("retire")
@click.argument("id")
def retire(id: str) -> None:
    """Let a persona give no new scores; those they gave stay.

    \b
    Example:
      edm personas retire advertiser
    """
    click.echo(f"{_folder().retire(id).name} is retired")


@click.command("restore")
@click.argument("id")
def restore(id: str) -> None:
    """Let a retired persona score again.

    \b
    Example:
      edm personas restore advertiser
    """
    click.echo(f"{_folder().restore(id).name} listens again")


@click.command("reset")
@click.argument("id")
def reset(id: str) -> None:
    """Go back to the edition that came with the workbench; yours stays among the versions.

    \b
    Example:
      edm personas reset genz
    """
    click.echo(f"{id}: version {_folder().reset(id).version}, as packaged")


@click.command("edit")
@click.argument("id")
@click.argument("file", required=False, metavar="[FILE]")
def edit(id: str, file: str | None) -> None:
    """Edit a persona in your editor, or take what FILE says (- is standard input).

    What is no persona is not taken: the text is kept, and where is said.

    \b
    Examples:
      edm personas edit genz
      edm personas edit genz changed.yaml
    """
    folder = _folder()
    edition = folder.edition(id)
    text = _typed(edition.text) if file is None else _read(file)
    if text is None or text == edition.text:
        click.echo("nothing was changed", err=True)
        return
    from ..personas import parse_persona

    try:
        said = parse_persona(text.encode(errors="replace"), Path(file or "your text"))
        if said.id != id:
            raise SettingsError(f"it is of {said.id!r}", subject=file, remedy=f"edm personas new {said.id}")
        saved = folder.save(text, base=edition.mark)
    except EdmError as error:
        if file is None:
            complain(f"your text is kept in {folder.keep_draft(text)}")
        raise error from None
    click.echo(f"{folder.edition(id).path}: version {saved.version}")


@click.command("versions")
@click.argument("id")
@format_option
def versions(id: str, layout: str) -> None:
    """List the versions of a persona that were ever saved or seen, the newest first.

    \b
    Example:
      edm personas versions genz
    """
    folder = _folder()
    folder.remember()
    present = folder.editions().get(id)
    rows = [
        {
            "version": kept.version,
            "time": kept.time,
            "current": present is not None and kept.version == present.persona.version,
            "path": str(kept.path),
        }
        for kept in folder.versions(id)
    ]
    if not rows:
        folder.edition(id)  # which says that there is none
    if layout == "table":
        rows = [{**row, "current": "yes" if row["current"] else ""} for row in rows]
    print_rows(rows, layout)


@click.command("diff")
@click.argument("id")
@click.argument("a")
@click.argument("b", required=False, default="current")
@format_option
def diff(id: str, a: str, b: str, layout: str) -> None:
    """Tell what has to be changed in version A of a persona to get version B.

    A version is the beginning of its hash, or `packaged`, or `current`, which B is by default.

    \b
    Examples:
      edm personas diff genz packaged
      edm personas diff genz 3f9a1c 88d0e2 --format json
    """
    from ..personas.changes import changes

    folder = _folder()
    found = changes(folder.version(id, a), folder.version(id, b))
    if layout != "table":
        print_rows([dataclasses.asdict(change) for change in found], layout)
    elif found:
        print_rows([{"in": change.field, "change": change.text} for change in found], layout)
    else:
        click.echo("no difference")


COMMANDS: tuple[click.Command, ...] = (new, clone, retire, restore, reset, edit, versions, diff)
"""What belongs under ``edm personas``."""


def _folder() -> Folder:
    from ..personas.folder import Folder

    return Folder.of()


def _typed(text: str) -> str | None:
    """Return what the user's editor makes of a text; None if nothing was saved."""
    if not sys.stdin.isatty():
        raise click.UsageError("there is no terminal to edit in: give a FILE, or - for standard input")
    return click.edit(text, extension=".yaml", require_save=True)


def _read(file: str) -> str:
    try:
        data = sys.stdin.buffer.read() if file == "-" else Path(file).read_bytes()
        return data.decode()
    except OSError as error:
        raise EdmError(
            f"it cannot be read ({error.strerror})", subject=file, remedy="check the path"
        ) from None
    except UnicodeDecodeError:
        raise EdmError("it is not UTF-8", subject=file, remedy="save it as UTF-8") from None
