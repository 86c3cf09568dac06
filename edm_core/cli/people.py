"""``edm people``: what those may who sign in on the pages."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

import click

from ..settings import Settings
from .keys import doer
from .output import format_option, print_rows

_ROLES = ("none", "read", "annotate", "admin")


@click.group("people")
def command() -> None:
    """Roles of those who sign in on the pages through OpenID Connect.

    \b
    Examples:
      edm people set ada@example.org --role annotate
      edm people list
      edm people remove ada@example.org
    """


@command.command("set")
@click.argument("name")
@click.option("--role", type=click.Choice(_ROLES), required=True, help="What they may; none keeps them out.")
@format_option
def give(name: str, role: Any, layout: str) -> None:
    """Give somebody a role, from five seconds on.

    NAME is what the sign-in proves: an address that the provider verified, otherwise the subject it names.
    The pages show it to whoever has signed in.

    \b
    Example:
      edm people set ada@example.org --role admin
    """
    from ..store.people import People

    print_rows([asdict(People(Settings.from_environment()).set(name, role, by=doer()))], layout)


@command.command("list")
@format_option
def show(layout: str) -> None:
    """List who was given a role.

    \b
    Example:
      edm people list --format csv
    """
    from ..store.people import People

    rows = [asdict(person) for person in People(Settings.from_environment()).list()]
    if layout == "table" and not rows:
        click.echo("nobody was given a role: edm people set NAME --role annotate", err=True)
    else:
        print_rows(rows, layout)


@command.command("remove")
@click.argument("name")
def remove(name: str) -> None:
    """Take somebody's role back: they may again what everybody may who signs in.

    \b
    Example:
      edm people remove ada@example.org
    """
    from ..store.people import People

    People(Settings.from_environment()).remove(name, by=doer())
