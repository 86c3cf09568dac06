"""``python -m benchmarks.transcription [--size quick|full] [--peers NAME,…]``: print the section alone.

EDM_BENCHMARK_DIR names the folder of the development set's scripts; its speech is left out without it.
"""

from __future__ import annotations

import argparse

from .. import sets
from .section import SIZES, section
from .systems import SPEECH_PEERS


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--size", choices=SIZES, default="full", help="how much [default: full]")
    parser.add_argument(
        "--peers",
        metavar="NAME,…",
        help=f"of {', '.join(SPEECH_PEERS)}; empty: none [default: the size's]",
    )
    arguments = parser.parse_args()
    peers = None if arguments.peers is None else [name for name in arguments.peers.split(",") if name]
    print(section(arguments.size, sets.benchmark_folder(), peers))


if __name__ == "__main__":
    main()
