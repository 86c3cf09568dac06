"""``python -m benchmarks.soak``: the fault matrix, with its figures written into ``docs/reliability.md``.

    python -m benchmarks.soak [--cases server-sqlite,disk,…] [--size full|quick] [--inputs 100000] …

Every case runs in a folder of its own with servers of its own; ``docs/reliability.md`` keeps the rows of
cases that were left out. Disks and networks of their own take root. The machine should do nothing else.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
import time
import traceback
from dataclasses import replace
from pathlib import Path

from tests.servers import Missing

from .cases import CASES, SIZES, Case, Size
from .outcome import Outcome
from .report import put_rows, row, surroundings, today
from .serving import ROOT

RESULTS = ROOT / "docs" / "reliability.md"


def main() -> int:
    """Run the cases that the command line asks for; the status is 1 where one missed its target."""
    arguments = _arguments()
    size = SIZES[arguments.size]
    if arguments.inputs:
        size = replace(size, inputs=arguments.inputs)
    missed = 0
    for name in arguments.cases:
        began = time.monotonic()
        outcome = _run(CASES[name], size)
        _tell(f"{name}: {time.monotonic() - began:.0f} s")
        if outcome is None:
            continue
        missed += not outcome.is_met
        line = row(name, outcome, today())
        print(line, flush=True)
        for fault in outcome.faults:
            _tell(f"  missed: {fault}")
        # Written after each: who stops it keeps what was measured.
        text = arguments.results.read_text(encoding="utf-8")
        text = put_rows(text, {name: line}, tuple(CASES), surroundings())
        arguments.results.write_text(text, encoding="utf-8")
    return 1 if missed else 0


def _run(case: Case, size: Size) -> Outcome | None:
    """Run a case; None where this machine lacks something for it."""
    with tempfile.TemporaryDirectory(prefix="edm-soak-", ignore_cleanup_errors=True) as folder:
        try:
            return case(size, Path(folder))
        except Missing as missing:
            _tell(f"left out: {missing}")
            return None
        except Exception as error:  # noqa: BLE001 - the other cases are run all the same
            traceback.print_exc()
            return Outcome("it broke off", "", "", {}, (f"{type(error).__name__}: {error}",))


def _tell(line: str) -> None:
    print(line, file=sys.stderr, flush=True)


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    add = parser.add_argument
    add("--cases", type=_names, default=tuple(CASES), metavar="NAME,…", help=f"of {', '.join(CASES)}")
    add("--size", choices=tuple(SIZES), default="full", help="how often; quick only shows that it runs")
    add("--inputs", type=int, default=0, help="inputs of each parser, in place of the size's")
    add("--results", type=Path, default=RESULTS, help="the document with the table")
    return parser.parse_args()


def _names(text: str) -> tuple[str, ...]:
    names = tuple(filter(None, text.split(",")))
    unknown = set(names) - set(CASES)
    if unknown:
        raise argparse.ArgumentTypeError(f"no case is called {', '.join(sorted(unknown))}")
    return names


if __name__ == "__main__":
    sys.exit(main())
