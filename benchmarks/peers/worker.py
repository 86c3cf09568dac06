"""Run inside a peer's environment: a recording in, a document out.

    python worker.py SCRIPTS SYSTEM [ITEMS]

SCRIPTS is the folder that holds the development set's ``baselines.py``, which knows how to ask each system.
ITEMS, or standard input, has one JSON object a line: ``{"audio": path, "truth": {"duration": seconds, …}}``.
Each is answered by one JSON document on standard output; whatever a system prints itself goes to standard
error. Nothing of this project is imported: the environment is the peer's, and so may be its Python.
"""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path


def main(scripts: str, system: str, items: str | None = None) -> None:
    """Answer every item."""
    answers = os.fdopen(os.dup(1), "w", encoding="utf-8")
    os.dup2(2, 1)
    sys.path.insert(0, scripts)
    sys.dont_write_bytecode = True
    import baselines  # type: ignore[import-not-found]  # of the folder given

    with open(items, encoding="utf-8") if items else sys.stdin as lines:
        for line in lines:
            item = json.loads(line)
            document = baselines.predict(system, Path(item["audio"]), item["truth"])
            answers.write(json.dumps(document) + "\n")
            answers.flush()


if __name__ == "__main__":
    main(*sys.argv[1:])
