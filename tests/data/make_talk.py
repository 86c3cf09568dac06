"""Make ``talk.opus``: a weather report by a speech synthesiser, with a long pause, for the tests.

Needs flite (BSD licence; voice slt). Prints when each sentence starts and ends, which the tests rely on.

    python tests/data/make_talk.py
"""

from __future__ import annotations

import json
import subprocess
import tempfile
from pathlib import Path

import numpy as np
import soundfile

RATE = 16_000
SENTENCES = (
    (1.0, "Good morning. Here is the weather for the weekend."),
    (0.6, "A band of rain will cross the west coast on Saturday."),
    (4.0, "Sunday starts bright and cold, with frost in the valleys before dawn."),
)


def main() -> None:
    parts, truth, time = [], [], 0.0
    with tempfile.TemporaryDirectory() as folder:
        for pause, text in SENTENCES:
            path = Path(folder) / "sentence.wav"
            subprocess.run(["flite", "-voice", "slt", "-t", text, "-o", str(path)], check=True)
            sound, rate = soundfile.read(path, dtype="float32")
            assert rate == RATE
            time += pause
            truth.append({"start": round(time, 3), "end": round(time + len(sound) / RATE, 3), "text": text})
            time += len(sound) / RATE
            parts += [np.zeros(int(pause * RATE), np.float32), sound * (0.5 / np.abs(sound).max())]
    parts.append(np.zeros(RATE, np.float32))
    here = Path(__file__).parent
    soundfile.write(here / "talk.opus", np.concatenate(parts), RATE, format="OGG", subtype="OPUS")
    (here / "talk.json").write_text(json.dumps(truth, indent=1) + "\n")


if __name__ == "__main__":
    main()
