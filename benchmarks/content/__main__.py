"""``python -m benchmarks.content [SPLIT.yaml]``: print the section on content for ``RESULTS.md``."""

from __future__ import annotations

import sys
from pathlib import Path

from .cases import TEST
from .section import section

if __name__ == "__main__":
    print(section(Path(sys.argv[1]) if len(sys.argv) > 1 else TEST))
