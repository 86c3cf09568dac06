"""Files that are small and last long; and the memory that reading one takes, in a process of its own."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import soundfile

_READ = """
import resource, sys
from edm_core.audio import load, sandbox
from edm_core.settings import Settings
sound = load(sys.argv[1], settings=Settings())
sandbox._ready.close()  # what it had forked is counted when it has ended
own, decoder = (resource.getrusage(each).ru_maxrss for each in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))
if sys.platform == "linux":  # which else counts what whoever began this process had
    own = next(line.split()[1] for line in open("/proc/self/status") if line.startswith("VmHWM"))
print(sound.recording.duration, own, decoder)
"""


def silent_flac(path: Path, hours: float, rate: int = 8_000) -> Path:
    """Write so many hours of silence; ten of them take less than 7 MB."""
    minute = np.zeros(rate * 60, np.int16)
    with soundfile.SoundFile(path, "w", rate, 1, "PCM_16", format="FLAC") as file:
        for _ in range(round(hours * 60)):
            file.write(minute)
    return path


def reading(path: Path, folder: Path) -> tuple[float, float]:
    """Read a recording as an analysis does; return its seconds, and the megabytes of reader and decoder together."""
    given = {**os.environ, "TMPDIR": str(folder)}
    shown = subprocess.run(
        [sys.executable, "-c", _READ, str(path)], env=given, capture_output=True, text=True, check=True
    )
    duration, own, decoder = map(float, shown.stdout.split())
    kilobyte = 1 if sys.platform == "darwin" else 1024
    return duration, (own + decoder) * kilobyte / 1e6
