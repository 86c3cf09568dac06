"""``edm keys``: who may ask over HTTP."""

from __future__ import annotations

import os
import pwd
from typing import TYPE_CHECKING, Any

import click

from ..settings import Settings
from .output import format_option, print_rows

if TYPE_CHECKING:
    from datetime import timedelta

    from ..store.keys import Key

_SCOPES = ("read", "annotate", "admin")


@click.group("keys")
def command() -> None:
    """API keys: make, list and revoke them.

    \b
    Examples:
      edm keys create "night import" --scope annotate --expires 90d
      edm keys list
      edm keys revoke 1f2e3d4c5b6a
    """


@command.command("create")
@click.argument("name")
@click.option(
    "--scope", type=click.Choice(_SCOPES), default="read", show_default=True, help="What it allows."
)
@click.option("--expires", metavar="90d", help="How long it works: 30m, 12h, 90d, 2w. By default it stays.")
@format_option
def create(name: str, scope: Any, expires: str | None, layout: str) -> None:
    """Make a key and print it. It is shown this once: only its digest is kept.

    \b
    Example:
      curl -H "Authorization: Bearer $(edm keys create curl --format csv | tail -1 | cut -d, -f1)" …
    """
    from ..store.keys import Keys

    key, text = Keys(Settings.from_environment()).create(name, scope, by=doer(), lasts=_lasts(expires))
    print_rows([{"key": text, **_row(key)}], layout)
    if layout == "table":
        click.echo("Keep it now: it cannot be shown again.", err=True)


@command.command("list")
@format_option
def show(layout: str) -> None:
    """List the keys: what they allow, and when they were last used. The keys themselves are not kept.

    \b
    Example:
      edm keys list --format json
    """
    from ..store.keys import Keys

    rows = [_row(key) for key in Keys(Settings.from_environment()).list()]
    if layout == "table" and not rows:
        click.echo("there are none: edm keys create NAME --scope annotate", err=True)
    else:
        print_rows(rows, layout)


@command.command("revoke")
@click.argument("id")
@format_option
def revoke(id: str, layout: str) -> None:
    """Let a key work no longer, from five seconds on, wherever the workbench runs.

    \b
    Example:
      edm keys revoke 1f2e3d4c5b6a
    """
    from ..store.keys import Keys

    print_rows([_row(Keys(Settings.from_environment()).revoke(id, by=doer()))], layout)


def doer() -> str:
    """Return who sits here, for the audit log: the account's name."""
    try:
        return pwd.getpwuid(os.getuid()).pw_name
    except KeyError:  # containers run under users of whom nothing is known
        return f"user {os.getuid()}"


def _lasts(text: str | None) -> timedelta | None:
    from ..store.keys import lasting

    try:
        return None if text is None else lasting(text)
    except ValueError as error:
        raise click.BadParameter(str(error), param_hint="--expires") from None


def _row(key: Key) -> dict[str, Any]:
    state = "revoked" if key.revoked else "works" if key.alive else "expired"
    return {
        "id": key.id, "name": key.name, "scope": key.scope, "state": state, "created": _short(key.created),
        "expires": _short(key.expires), "used": _short(key.used), "by": key.by,
    }  # fmt: skip


def _short(time: str | None) -> str | None:
    return None if time is None else f"{time[:19]}Z"
