"""``python -m benchmarks.unseen --out FOLDER [--count 24] [--seed 0]``: render the unseen set.

Writes FOLDER/audio/* and FOLDER/truth/*.json; pieces that exist are kept. Needs LMMS 1.2 with its common data
(Debian: lmms, lmms-common), ffmpeg for MP3, and the package edm98.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import numpy as np

from edm_core.errors import EdmError

from .drums import strokes as drum_strokes
from .forms import read_forms
from .master import master, section_levels
from .mix import mix
from .plan import Plan, draw_plans
from .render import SAMPLE_RATE, Audio, check_tools, loops, strokes
from .truth import onset_lag_ms, truth

MOST_LAG_MS = 5.0


def main() -> int:
    """Render what is missing; 1 where a piece could not be made or its truth does not fit its audio."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--count", type=int, default=24)
    parser.add_argument("--seed", type=int, default=0)
    arguments = parser.parse_args()
    try:
        check_tools()
        for plan in draw_plans(read_forms(), arguments.count, arguments.seed):
            if not (arguments.out / "truth" / f"{plan.name}.json").exists():
                began = time.perf_counter()
                document = render(plan, arguments.out)
                spent = time.perf_counter() - began
                length, lag = document["duration"], document["lag_ms"]
                print(f"{plan.name}  {length:.0f} s in {spent:.0f} s, lag {lag} ms", flush=True)
    except EdmError as error:
        print(error, file=sys.stderr)
        return 1
    return 0


def render(plan: Plan, out: Path) -> dict[str, Any]:
    """Make one piece: its audio, then its truth, which is checked against the audio as decoded.

    Raises
    ------
    EdmError
        If LMMS fails, or onsets lie more than ``MOST_LAG_MS`` from where truth has them.
    """
    import soundfile

    finished = master(plan, mix(plan, loops(plan), strokes(out / ".cache")))
    path = out / "audio" / f"{plan.name}.{plan.codec}"
    path.parent.mkdir(parents=True, exist_ok=True)
    encode(finished, path)
    decoded, rate = soundfile.read(path, dtype="float32", always_2d=True)
    document = truth(plan, f"audio/{path.name}", len(decoded) / rate)
    beats = set(document["beats"])
    struck = {
        round(s.time, 4) for s in drum_strokes(plan) if s.drum in ("kick", "snare") and s.loudness > 0.5
    }
    document["lag_ms"] = onset_lag_ms(decoded, sorted(beats & struck), rate)
    document["levels_db"] = [round(level, 1) for level in section_levels(plan, finished)]
    if document["lag_ms"] is None or abs(document["lag_ms"]) > MOST_LAG_MS:
        raise EdmError(f"onsets lie {document['lag_ms']} ms from its beats", subject=plan.name)
    folder = out / "truth"
    folder.mkdir(exist_ok=True)
    (folder / f"{plan.name}.json").write_text(json.dumps(document, indent=1) + "\n", encoding="utf-8")
    return document


def encode(audio: Audio, path: Path) -> None:
    """Write 16-bit WAV or FLAC, or MP3 at 192 kbit/s through ffmpeg (it notes its delay in the file)."""
    import soundfile

    if path.suffix != ".mp3":
        soundfile.write(path, audio, SAMPLE_RATE, subtype="PCM_16")
        return
    raw = np.ascontiguousarray(np.clip(audio, -1, 1) * 32767).astype("<i2").tobytes()
    source = ["-f", "s16le", "-ar", str(SAMPLE_RATE), "-ac", "2", "-i", "-"]
    command = [
        "ffmpeg",
        "-nostdin",
        "-y",
        "-v",
        "error",
        *source,
        "-c:a",
        "libmp3lame",
        "-b:a",
        "192k",
        str(path),
    ]
    subprocess.run(command, input=raw, check=True)


if __name__ == "__main__":
    sys.exit(main())
