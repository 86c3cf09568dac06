"""Make the two demo recordings and the truth about them.

    python data/demo/make_demo.py [--only track|show] [--out FOLDER]

Needs numpy, scipy and soundfile (all part of the base install); the show also needs the speech
synthesiser of the Debian package `flite`. The sound is computed from fixed seeds: the same versions of
these give the same samples. README.md, beside this file, says what the recordings hold.
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import edm_track
import numpy as np
import radio_show
import soundfile
from instruments import SAMPLE_RATE, Array

ARTIST = "EDM workbench (synthetic demo)"


def main(arguments: Sequence[str] | None = None) -> None:
    """Make what the command line asks for."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--only", choices=("track", "show"))
    parser.add_argument("--out", type=Path, default=Path(__file__).parent)
    chosen = parser.parse_args(arguments)
    if chosen.only != "show":
        write(edm_track.render(), edm_track.truth(), chosen.out, quality=0.35)
    if chosen.only != "track":
        write(*radio_show.render(), chosen.out, quality=0.5)


def write(sound: Array, truth: dict[str, Any], folder: Path, quality: float) -> None:
    """Write a recording and, beside it, its truth.

    Parameters
    ----------
    sound : ndarray, shape (n, 2)
        Between -1 and 1 at :data:`instruments.SAMPLE_RATE`.
    truth : dict
        Its ``audio`` names the file, whose ending chooses the codec.
    folder : Path
    quality : float
        Strength of compression, 0 (large) to 1 (small).
    """
    path = folder / truth["audio"]
    kind = {".mp3": ("MP3", "MPEG_LAYER_III"), ".ogg": ("OGG", "VORBIS")}[path.suffix]
    part = path.with_name(path.name + ".part")
    generator = np.random.default_rng(1)
    noise = generator.triangular(-1, 0, 1, sound.shape) / 32768  # dither
    noise[~sound.any(axis=1)] = 0  # silence stays silent
    with soundfile.SoundFile(
        part, "w", SAMPLE_RATE, 2, kind[1], format=kind[0], compression_level=quality
    ) as file:
        file.title = truth["source"]["title"]
        file.artist = ARTIST
        file.comment = "CC0-1.0, made by data/demo/make_demo.py"
        file.copyright = "CC0-1.0"
        for start in range(0, len(sound), 4096):  # libsndfile's Vorbis encoder wants small blocks
            file.write(sound[start : start + 4096] + noise[start : start + 4096])
    part.replace(path)
    text = json.dumps(truth, indent=1, ensure_ascii=False) + "\n"
    (folder / f"{truth['id']}.truth.json").write_text(text, encoding="utf-8")
    print(f"{path.name}: {truth['duration']:.1f} s, {path.stat().st_size / 1e6:.2f} MB")


if __name__ == "__main__":
    main()
