"""``edm library``: the recordings of the library: list and tag them, erase one, collect garbage."""

from __future__ import annotations

import getpass
import os
from typing import TYPE_CHECKING, Any

import click

from .._clock import clock
from ..errors import EdmError
from ..settings import Settings
from .output import complain, format_option, print_rows

if TYPE_CHECKING:
    from ..store import Entry, Library


@click.group("library")
def command() -> None:
    """The recordings of the library: list and tag them, erase one, collect garbage.

    \b
    Examples:
      edm library list --search "night drive" --bpm 124-130 --key 8A
      edm library tag 3f9a1c… --add "peak time"
      edm library erase sha256:3f9a1c… --reason "consent withdrawn"
      edm library collect
    """


class _Range(click.ParamType):  # type: ignore[type-arg]
    """Two numbers with a dash between them, either of which may be left out."""

    name = "FROM-TO"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Any:
        low, dash, high = str(value).partition("-")
        try:
            bounds = float(low) if low else None, float(high) if high else None
        except ValueError:
            bounds = None, None
        if bounds == (None, None):
            self.fail(f"{value!r} is no range: give FROM-TO, FROM- or -TO", param, ctx)
        return bounds if dash else (bounds[0], bounds[0])


@command.command("list")
@click.option("--search", default="", help="Words that all have to be found.")
@click.option("--tag", "tags", multiple=True, help="A tag that it has to have; may be given several times.")
@click.option(
    "--status", multiple=True, type=click.Choice(["queued", "running", "done", "failed", "cancelled"])
)
@click.option("--bpm", type=_Range(), help="Tempo, such as 124-130 or 170-.")
@click.option("--key", help="On the Camelot wheel, such as 8A.")
@click.option("--duration", type=_Range(), help="Seconds, such as 60-600.")
@click.option("--speech/--no-speech", default=None, help="Whether somebody speaks.")
@click.option(
    "--sort", type=click.Choice(["added", "title", "bpm", "duration"]), default="added", show_default=True
)
@click.option("--ascending", is_flag=True, help="The oldest, first or smallest first.")
@click.option("--limit", type=click.IntRange(1), default=100, show_default=True, help="Most that are listed.")
@click.option("--offset", type=click.IntRange(0), default=0, help="How many are passed over before them.")
@format_option
def list_(layout: str, ascending: bool, status: tuple[str, ...], **wanted: Any) -> None:
    """List the recordings that fulfil all that is asked.

    \b
    Examples:
      edm library list --sort bpm --ascending --limit 20
      edm library list --tag warm --status done --format json
    """
    library = _library()
    page = library.page(descending=not ascending, status=status or None, **wanted)  # type: ignore[arg-type]
    if page.entries or layout != "table":
        print_rows([_row(entry, layout) for entry in page.entries], layout)
    if page.total > len(page.entries):
        click.echo(f"{len(page.entries)} of {page.total}; --limit and --offset give the others", err=True)
    elif not page.total:
        click.echo("nothing matches", err=True)


@command.command("tag")
@click.argument("recordings", nargs=-1, required=True, metavar="RECORDING…")
@click.option("--add", multiple=True, help="A tag to give; may be given several times.")
@click.option("--remove", multiple=True, help="A tag to take away; may be given several times.")
@format_option
def tag(recordings: tuple[str, ...], add: tuple[str, ...], remove: tuple[str, ...], layout: str) -> None:
    """Give tags to recordings and take others away; without either, tell the tags there are.

    RECORDING is an id or the beginning of one, or what a file is called.

    \b
    Example:
      edm library tag 3f9a1c…  "night drive.mp3" --add warm --remove cold
    """
    library = _library()
    found = []
    failed = False
    for text in recordings:
        try:
            found.append(_entry(library, text))
        except EdmError as error:
            complain(error)
            failed = True
    if add or remove:
        library.tag([entry.id for entry in found], add, remove)
    changed = [entry for each in found if (entry := library.get(each.id))]
    print_rows([_row(entry, layout) for entry in changed], layout)
    if failed:
        raise SystemExit(1)


@command.command("erase")
@click.argument("recording", metavar="ID")
@click.option("--reason", required=True, help="Why; the audit log keeps it.")
@click.option("--by", help="Who does it; by default, who is logged in.")
@click.option("--yes", is_flag=True, help="Do not ask.")
@format_option
def erase(recording: str, reason: str, by: str | None, yes: bool, layout: str) -> None:
    """Delete a recording with everything derived from it: annotations, scores, ratings, analyses, bytes.

    It cannot be taken back. The audit log keeps the id, who erased it, when and why. A file that was added
    from a folder stays where it is. ID is the whole id, or its beginning if the library has it.

    \b
    Example:
      edm library erase 3f9a1c77d2b0 --reason "consent withdrawn"
    """
    library = _library()
    entry = library.find(recording)
    id = entry.id if entry else recording
    if not yes:
        shown = f"{entry.shown} ({id})" if entry else id
        click.echo(f"This deletes {shown} with everything that was ever said of it.", err=True)
        wanted = id.removeprefix("sha256:")[:12]
        typed = click.prompt(f"Type {wanted} to go on", default="", show_default=False, err=True)
        if typed.strip() != wanted:
            raise EdmError("nothing was erased", subject=recording, remedy="type what is asked for, or --yes")
    done = library.erase(id, by or _me(), reason)
    row = {"recording": done.recording, "time": done.time, "by": done.who, "reason": done.reason}
    print_rows([row | done.counts], layout)
    for name in done.named_in:
        complain(f"{name} still names it, and was left as it is")


@command.command("collect")
@click.option("--delete", is_flag=True, help="Delete it; without this it is only told.")
@format_option
def collect(delete: bool, layout: str) -> None:
    """Tell what nothing points at and is older than a day; with --delete, delete it.

    Nothing else ever expires: recordings stay until somebody removes them.

    \b
    Examples:
      edm library collect
      edm library collect --delete
    """
    found = _library().collect(dry_run=not delete)
    rows = [{"key": each.key, "bytes": each.size} for each in found.blobs]
    if rows or layout != "table":
        print_rows(rows, layout)
    drafts = f" and {found.drafts} uploads that were broken off" if found.drafts else ""
    done = "deleted" if delete else "could be deleted with --delete"
    count = len(found.blobs)
    click.echo(f"{count} blob{'s' * (count != 1)}{drafts}, {found.bytes / 1e6:.1f} MB: {done}", err=True)


def _library() -> Library:
    from ..store import Library

    return Library(Settings.from_environment())


def _entry(library: Library, text: str) -> Entry:
    from ..annotation import Subject
    from ..store.matching import matching

    return library.find(text) or matching(library, Subject(path=text))


def _row(entry: Entry, layout: str) -> dict[str, Any]:
    if layout == "table":
        return {
            "id": entry.digest[:12], "title": entry.shown, "artist": entry.artist or "",
            "length": clock(entry.duration) if entry.duration else "", "chips": " · ".join(entry.chips),
            "tags": ", ".join(entry.tags), "status": entry.status,
        }  # fmt: skip
    names = (
        "id",
        "name",
        "title",
        "artist",
        "duration",
        "status",
        "message",
        "added",
        "path",
        "size",
        "owner",
    )
    row = {name: getattr(entry, name) for name in names}
    if layout == "csv":
        return row | {"chips": " · ".join(entry.chips), "tags": ", ".join(entry.tags)}
    return row | {"chips": list(entry.chips), "tags": list(entry.tags)}


def _me() -> str:
    try:
        return getpass.getuser()
    except (KeyError, OSError):  # containers run under users of whom nothing is known
        return f"user {os.getuid()}"
