"""``python -m benchmarks``: measure, and write ``benchmarks/RESULTS.md``.

    python -m benchmarks [--only speed|accuracy] [--runs 3] [--hours 10] [--set SET]

A part that is left out keeps what an earlier run wrote.
"""

from __future__ import annotations

import argparse
import re
import subprocess
from datetime import UTC, datetime
from pathlib import Path
from shutil import which

from edm_core import __version__

from . import devset, speed
from .measure import machine

RESULTS = Path(__file__).with_name("RESULTS.md")
PARTS = {"speed": "Speed and memory", "accuracy": "Accuracy on the development set"}


def main() -> None:
    """Run the parts that the command line asks for."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--only", choices=tuple(PARTS))
    parser.add_argument("--runs", type=int, default=3, help="speed: runs of each; the median counts")
    parser.add_argument(
        "--hours", type=float, default=10, help="speed: length of the long FLAC; 0 leaves it out"
    )
    parser.add_argument("--set", type=Path, default=devset.SET, help="accuracy: where the set is or goes")
    arguments = parser.parse_args()
    bodies = {}
    if arguments.only != "accuracy":
        bodies["speed"] = speed.section(arguments.runs, arguments.hours)
    if arguments.only != "speed":
        bodies["accuracy"] = devset.section(arguments.set)
    text = RESULTS.read_text(encoding="utf-8") if RESULTS.exists() else ""
    for name, body in bodies.items():
        text = put_section(text, PARTS[name], f"{_stamp()}\n\n{body}")
    RESULTS.write_text(text, encoding="utf-8")
    print(text)


def put_section(text: str, heading: str, body: str) -> str:
    """Replace a section of the results, or add it at the end.

    >>> put_section("# Results\\n\\n## A\\n\\nold\\n\\n## B\\n\\nkept\\n", "A", "new")
    '# Results\\n\\n## A\\n\\nnew\\n\\n## B\\n\\nkept\\n'
    """
    text = text or "# Results\n\nWritten by `python -m benchmarks` (or `make benchmark`); not by hand.\n"
    section = f"## {heading}\n\n{body.strip()}\n"
    pattern = re.compile(rf"^## {re.escape(heading)}\n.*?(?=^## |\Z)", re.DOTALL | re.MULTILINE)
    match = pattern.search(text)
    if match is None:
        return text.rstrip() + "\n\n" + section
    rest = text[match.end() :]
    return text[: match.start()] + section + ("\n" + rest if rest else "")


def _stamp() -> str:
    """Day and version, with the commit where there is one and git to ask for it."""
    command = ["git", "-C", str(RESULTS.parent), "rev-parse", "--short", "HEAD"]
    found = subprocess.run(command, capture_output=True, text=True, check=False) if which("git") else None
    commit = found.stdout.strip() if found else ""
    version = f"version {__version__}" + (f" ({commit})" if commit else "")
    return f"Measured {datetime.now(UTC):%Y-%m-%d}, {version}, {machine()}."


if __name__ == "__main__":
    main()
