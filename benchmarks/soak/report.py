"""The table of the matrix in ``docs/reliability.md``: a row a case, replaced when the case has run again."""

from __future__ import annotations

import re
import shutil
import subprocess
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

from ..measure import machine
from .outcome import Outcome

BEGIN, END = "<!-- measured: begin -->", "<!-- measured: end -->"
_HEAD = "| case | what was done | what must hold | measured | holds | when |\n|---|---|---|---|---|---|"
_ROW = re.compile(r"^\| ([a-z0-9-]+) \| .*$", re.MULTILINE)


def row(name: str, outcome: Outcome, day: str) -> str:
    """Return a case's line of the table.

    Examples
    --------
    >>> row("disk", Outcome("the disk is full", "3 ×", "507", {"answers": "503: 3"}), "2026-01-01")
    '| disk | the disk is full: 3 × | 507 | answers 503: 3 | yes | 2026-01-01 |'
    """
    measured = "; ".join(f"{what} {figure}" for what, figure in outcome.figures.items())
    holds = "yes" if outcome.is_met else f"**no**: {outcome.faults[0][:200]}"
    cells = (name, f"{outcome.case}: {outcome.what}", outcome.target, measured, holds, day)
    return "| " + " | ".join(" ".join(cell.replace("|", "/").split()) for cell in cells) + " |"


def put_rows(text: str, rows: Mapping[str, str], order: Sequence[str], about: str) -> str:
    """Return a document with the rows in its table, those of other cases as they were.

    Parameters
    ----------
    text : str
        With the two markers.
    rows : mapping
        By case.
    order : sequence of str
        Of the cases.
    about : str
        What they were measured on.

    Examples
    --------
    >>> text = f"a\\n{BEGIN}\\n| b | old |\\n| c | old |\\n{END}\\nz"
    >>> print(put_rows(text, {"c": "| c | new |"}, ("c", "b"), "Here."))  # doctest: +ELLIPSIS
    a
    <!-- measured: begin -->
    Here.
    <BLANKLINE>
    | case ...
    |---|...
    | c | new |
    | b | old |
    <!-- measured: end -->
    z
    """
    before, rest = text.split(BEGIN)
    inside, after = rest.split(END)
    known = {found[1]: found[0] for found in _ROW.finditer(inside) if found[1] != "case"}
    known |= rows
    place = {name: number for number, name in enumerate(order)}
    lines = [known[name] for name in sorted(known, key=lambda name: (place.get(name, len(place)), name))]
    return before + "\n".join((BEGIN, about, "", _HEAD, *lines, END)) + after


def today() -> str:
    """Return the day, in UTC."""
    return datetime.now(UTC).date().isoformat()


def surroundings() -> str:
    """Name the machine and the versions of what took part."""
    found = {"edm-workbench": _package("edm-workbench"), "PostgreSQL": _postgresql(),
             "Redis": _said("redis-server", "--version"), "nginx": _said("nginx", "-v")}  # fmt: skip
    found |= {name: _package(name) for name in ("rq", "moto", "schemathesis")}
    versions = ", ".join(f"{name} {number}" for name, number in found.items() if number)
    return f"Last run on {today()}: {machine()}; {versions}. Databases, queue and blobs on the same machine."


def _package(name: str) -> str:
    try:
        return version(name)
    except PackageNotFoundError:
        return ""


def _postgresql() -> str:
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin/postgres"))
    return _said(str(found[-1]), "--version") if found else ""


def _said(program: str, option: str) -> str:
    """Return the version that a program says it has."""
    if (path := shutil.which(program) or shutil.which(program, path="/usr/sbin:/sbin")) is None:
        return ""
    done = subprocess.run([path, option], capture_output=True, text=True, check=False)
    number = re.search(r"\d+(?:\.\d+)+", done.stdout + done.stderr)
    return number[0] if number else ""
