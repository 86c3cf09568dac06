"""Let LMMS play: loops of eight bars for the melodic parts, single strokes for drums, noise for risers.

LMMS knows whole tempi only. A piece with 127.34 BPM is rendered at 127 and its loops resampled by the ratio,
as a record player would; drums are placed stroke by stroke and need none of it.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
from pathlib import Path
from xml.etree.ElementTree import Element

import numpy as np
from numpy.typing import NDArray

from edm_core.errors import EdmError

from . import notes as music
from .notes import LOOP_BARS, Note
from .plan import Plan
from .project import SAMPLE_BASE, Track, noise, preset, project_xml, sample
from .sounds import BREAKS, DRUMS, SHARED_DRUMS

Audio = NDArray[np.float32]  # (samples, 2)
SAMPLE_RATE = 44100
DATA = Path("/usr/share/lmms")
STROKE_BPM = 120
SILENT = 1e-4  # peak
TRIES = 10
ONSET_SHARE = 0.1  # a stroke begins where it first reaches this share of its peak


def check_tools() -> None:
    """Raise EdmError if LMMS or its common data are missing."""
    if shutil.which("lmms") is None or not (DATA / "presets").is_dir():
        raise EdmError(
            "it is not installed", subject="lmms", remedy="install it: apt-get install lmms lmms-common (1.2)"
        )


def loops(plan: Plan) -> dict[str, Audio]:
    """Eight bars of every melodic part and one bar of ring-out, at the plan's tempo."""
    whole = round(plan.bpm)
    tracks = [
        Track(
            role,
            preset(DATA / "presets" / path),
            _transposed(part(plan, role), octave),
            LOOP_BARS,
            plan.style.swing,
        )
        for role, (path, octave) in plan.melodic.items()
    ]
    played = play(tracks, whole)
    if whole == plan.bpm:
        return played
    import soxr

    # A slower tempo than rendered means more samples, and a little lower.
    return {
        role: np.asarray(soxr.resample(audio, SAMPLE_RATE * plan.bpm / whole, SAMPLE_RATE), np.float32)
        for role, audio in played.items()
    }


def strokes(folder: Path) -> dict[str, Audio]:
    """Every drum and effect of ``sounds``, trimmed to begin with its onset, by path; kept in `folder`.

    `noise` is two bars of white noise.
    """
    import soundfile

    kits = [pool for kit in DRUMS.values() for pool in kit.values()]
    recorded = {path for pool in BREAKS.values() for path, _ in pool}
    paths = sorted({path for pool in (*kits, *SHARED_DRUMS.values()) for path in pool} | recorded)
    files = {path: folder / f"{index:02d}.wav" for index, path in enumerate([*paths, "noise"])}
    if not all(file.exists() for file in files.values()):
        folder.mkdir(parents=True, exist_ok=True)
        tracks = [Track(f"s{index}", _stroke(path), (_hit(path),)) for index, path in enumerate(paths)]
        tracks.append(Track(f"s{len(paths)}", noise(), (Note(0, 4 * 16, 60),), bars=4))
        played = play(tracks, STROKE_BPM)
        for index, file in enumerate(files.values()):
            soundfile.write(file, trim(played[f"s{index}"]), SAMPLE_RATE, subtype="FLOAT")
    return {path: soundfile.read(file, dtype="float32", always_2d=True)[0] for path, file in files.items()}


def play(tracks: list[Track], bpm: int) -> dict[str, Audio]:
    """Render each track by itself; 32-bit, stereo, 44.1 kHz.

    Raises
    ------
    EdmError
        If LMMS leaves no file, or plays nothing every time it is asked to.
    """
    return {track.name: _played(track, bpm) for track in tracks}


def _played(track: Track, bpm: int) -> Audio:
    import soundfile

    with tempfile.TemporaryDirectory(prefix="edm-lmms-") as scratch:
        (Path(scratch) / "project.mmp").write_bytes(project_xml([track], bpm))
        (Path(scratch) / "runtime").mkdir(mode=0o700)
        out = Path(scratch) / "out.wav"
        for _ in range(TRIES):
            answer = _run_lmms(scratch)
            if not out.exists():
                raise EdmError(f"LMMS left no file: {answer[-300:]}", subject=track.name)
            audio: Audio = soundfile.read(out, dtype="float32", always_2d=True)[0]
            if np.abs(audio).max() > SILENT:
                return audio
            out.unlink()
    raise EdmError(f"LMMS played nothing, {TRIES} times", subject=track.name)


def _run_lmms(folder: str) -> str:
    # Its threads race each other: now and then ZynAddSubFX misses all notes. On one processor that is rare.
    # One instrument at a time is many times cheaper than several, since idle ones are computed as well.
    cpu = min(os.sched_getaffinity(0))
    environment = {
        **os.environ,
        "QT_QPA_PLATFORM": "offscreen", "HOME": folder, "XDG_RUNTIME_DIR": f"{folder}/runtime",
    }  # fmt: skip
    root = ["--allowroot"] if os.geteuid() == 0 else []
    command = ["taskset", "-c", str(cpu), "lmms", *root, "render", "project.mmp", "-o", "out.wav"]
    settings = ["-f", "wav", "-a", "-s", str(SAMPLE_RATE), "-x", "1"]
    answer = subprocess.run(
        [*command, *settings], cwd=folder, env=environment, capture_output=True, timeout=600, check=False
    )
    return answer.stderr.decode(errors="replace")


def trim(audio: Audio) -> Audio:
    """Cut what comes before the onset (all but half a millisecond of it) and after the last sound."""
    level = np.abs(audio).max(1)
    loud = level > ONSET_SHARE * level.max()
    heard = level > 0.001 * level.max()
    first = max(0, int(np.argmax(loud)) - SAMPLE_RATE // 2000)
    last = len(level) - int(np.argmax(heard[::-1]))
    return audio[first:last]


def part(plan: Plan, role: str) -> list[Note]:
    """Write the notes of a melodic part, eight bars of them."""
    # Each part has its own stream, so that the piece does not change when another part is left out.
    generator = np.random.default_rng([plan.seed, sum(map(ord, role))])
    harmony, style = plan.harmony, plan.style
    if role in ("bass", "bass2", "sub"):
        # The sub doubles the first bass.
        stream = np.random.default_rng([plan.seed, 1 if role == "bass2" else 0])
        grid = style.bass[int(stream.integers(len(style.bass)))]
        line = music.bass_line(
            harmony, grid, held=style.name in ("dnb", "dubstep", "garage") or role == "sub"
        )
        return [Note(n.start, n.length, n.key + (12 if role != "sub" and n.key < 36 else 0)) for n in line]
    makers = {"arp": music.arpeggio, "lead": music.lead, "lead2": music.lead, "vox": music.voices}
    if role in makers:
        return makers[role](harmony, generator)
    if role == "chords":
        return music.stabs(harmony, generator)
    return music.drone(harmony) if role == "drone" else music.pad(harmony)


def _transposed(played: list[Note], octaves: int) -> tuple[Note, ...]:
    return tuple(Note(n.start, n.length, n.key + 12 * octaves, n.loudness) for n in played)


def _stroke(path: str) -> Element:
    return preset(DATA / "presets" / path) if path.endswith(".xpf") else sample(path)


def _hit(path: str) -> Note:
    key = 60 if path.endswith(".xpf") else SAMPLE_BASE + 12
    return Note(0, 15, key, 1.0)
