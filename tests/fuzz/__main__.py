"""Run the fuzzers: ``python -m tests.fuzz --inputs 100000 [--only timeline,upload] [--seed 1]``."""

from __future__ import annotations

import argparse
import json
import logging
import sys
from pathlib import Path

from . import TARGETS, run


def main() -> int:
    """Print a line a target as JSON; the inputs that broke one are written to a folder, if there is one."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--inputs", type=int, default=1000, help="how many each parser gets")
    parser.add_argument(
        "--only", default="", help="names of targets, separated by commas, or their beginnings"
    )
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--keep", type=Path, help="folder for inputs that broke something")
    given = parser.parse_args()
    logging.disable(logging.CRITICAL)
    wanted = tuple(filter(None, given.only.split(",")))
    broken = 0
    for name, target in TARGETS.items():
        if wanted and not name.startswith(wanted):
            continue
        outcome = run(target, given.inputs, given.seed)
        broken += not outcome.held
        print(
            json.dumps(
                {
                    "target": name,
                    "inputs": outcome.inputs,
                    "refused": outcome.refused,
                    "seconds": round(outcome.seconds, 1),
                    "slowest": round(outcome.slowest, 3),
                    "failures": [{"index": each.index, "what": each.what} for each in outcome.failures],
                }
            ),
            flush=True,
        )
        if given.keep:
            given.keep.mkdir(parents=True, exist_ok=True)
            for each in outcome.failures:
                (given.keep / f"{name}-{given.seed}-{each.index}").write_bytes(each.data)
    return 1 if broken else 0


if __name__ == "__main__":
    sys.exit(main())
