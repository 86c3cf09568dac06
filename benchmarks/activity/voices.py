"""Synthetic speakers and singers: what recordings of packages are too few, or too well behaved, for.

Speakers are voices of flite and espeak-ng. Singers are of two kinds. *Resung* clips are recorded people whose
phrases are drawn out and put on a melody by the vocoder WORLD (Morise et al., IEICE 2016): the voice, its
vowels and consonants stay, pitch and length become a song's. *Notes* are words that flite says on one flat
pitch each. Both need programs that may be missing; what is missing is left out.
"""

from __future__ import annotations

import importlib.util
import shutil
import subprocess
import tempfile
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from .clips import RATE, Clip

FLITE = {"train": ("kal16", "rms", "kal"), "val": ("awb",), "test": ("slt",)}
ESPEAK = {
    "train": ("en-us+m1", "de+f2", "pl+m3", "pt-br+f1", "tr+m4", "hu+f3"),
    "val": ("ro+m2", "fi+f5"),
    "test": ("it+f4", "sv+m7", "en-gb-scotland+m5"),
}

SENTENCES = (
    "You are listening to the late show, and this is what we have for you tonight.",
    "Stay where you are, the next hour belongs to the dance floor.",
    "That was the new single, and before that a classic from the vaults.",
    "The roads are clear this morning, with a few delays on the ring road.",
    "Rain will reach the coast by noon, and it will be cold in the hills.",
    "Our next guest has written four books about the history of the harbour.",
    "Tell me, how did you first come to this city?",
    "Well, I was nineteen, I had no money, and a friend had a spare room.",
    "Tickets are on sale now. Doors open at ten, and it goes on until six.",
    "Make some noise! Here we go, hands up, one more time.",
    "The council meets on Thursday to talk about the price of water.",
    "Shares fell a little in the afternoon, and the pound was steady.",
    "It was the best match of the season, and nobody wanted it to end.",
    "Write to us, call us, or simply come by the studio.",
    "Nobody knows who built the tower, or why it has no door.",
    "Coming up after the break, an hour of music without a word.",
    "She opened the window, and the whole street smelled of bread.",
    "Please hold the line. Your call is important to us.",
    "First, chop the onions. Then warm the oil, and take your time.",
    "He laughed, he waved, and then he was gone.",
)
"""Written for this; no one else's words."""

SCALE = np.array([0, 2, 4, 5, 7, 9, 11, 12, 14, 16])
FRAME_MS = 5.0

Floats = NDArray[np.float64]


def speakers(split: str) -> dict[str, list[Clip]]:
    """Return sentences by every synthetic voice of a split, by voice; none where the programs are missing."""
    out: dict[str, list[Clip]] = {}
    for voice in FLITE[split] if shutil.which("flite") else ():
        out[f"flite {voice}"] = [
            _said(["flite", "-voice", voice, "-t", text, "-o"], text) for text in SENTENCES
        ]
    for voice in ESPEAK[split] if shutil.which("espeak-ng") else ():
        said = [_said(["espeak-ng", "-v", voice, text, "-w"], text) for text in SENTENCES]
        out[f"espeak-ng {voice}"] = said
    return out


def notes(voice: str, generator: np.random.Generator, count: int) -> list[Clip]:
    """Return sung lines: each word of a sentence on one note of a melody, by a voice of flite."""
    if not shutil.which("flite"):
        return []
    out = []
    for number in range(count):
        text = SENTENCES[int(generator.integers(len(SENTENCES)))]
        base, stretch = generator.uniform(110.0, 260.0), generator.uniform(1.6, 3.2)
        sung = []
        for word, step in zip(text.split()[:10], _melody(generator, 10), strict=False):
            pitch = base * 2.0 ** (step / 12.0)
            command = ["flite", "-voice", voice, "-t", word, "--setf", f"int_f0_target_mean={pitch:.1f}"]
            command += ["--setf", "int_f0_target_stddev=1", "--setf", f"duration_stretch={stretch:.2f}", "-o"]
            samples = _said(command, word).samples
            loud = np.flatnonzero(np.abs(samples) > 0.02)
            sung.append(samples[loud[0] : loud[-1]] if len(loud) else samples)
        out.append(Clip(f"notes/{voice}/{number}", np.concatenate(sung)))
    return out


def can_resing() -> bool:
    """Whether the vocoder is installed."""
    return importlib.util.find_spec("pyworld") is not None


def resung(clip: Clip, generator: np.random.Generator) -> Clip:
    """Return a spoken phrase as a sung one: drawn out, on a melody, with vibrato.

    Needs pyworld (MIT).
    """
    import pyworld  # type: ignore[import-not-found,unused-ignore]

    samples = clip.samples.astype(np.float64)
    rough, times = pyworld.dio(samples, RATE, frame_period=FRAME_MS)
    pitch = pyworld.stonemask(samples, rough, times, RATE)
    envelope = pyworld.cheaptrick(samples, pitch, times, RATE)
    breath = pyworld.d4c(samples, pitch, times, RATE)
    voiced = pitch > 0
    if voiced.mean() < 0.2:
        return Clip(f"{clip.name} (unvoiced)", np.zeros(0, np.float32))
    # Vowels are drawn out, consonants keep their length.
    pace = np.where(voiced, generator.uniform(1.6, 3.2), 1.0)
    ends = np.cumsum(pace)
    source = np.searchsorted(ends, np.arange(int(ends[-1]))).clip(0, len(pitch) - 1)
    count = len(source)
    seconds = np.arange(count) * FRAME_MS / 1000.0
    sung = (
        _contour(generator, seconds)
        * float(np.median(pitch[voiced]))
        * generator.choice([1.0, 1.0, 1.33, 1.5])
    )
    out = pyworld.synthesize(
        np.where(voiced[source], sung, 0.0),
        np.ascontiguousarray(envelope[source]),
        np.ascontiguousarray(breath[source]),
        RATE,
        FRAME_MS,
    )
    return Clip(f"resung/{clip.name}", (out / max(float(np.abs(out).max()), 1e-6)).astype(np.float32))


def _contour(generator: np.random.Generator, seconds: NDArray[Any]) -> Floats:
    """Return the pitch of a melody over time, as a factor, with glides and vibrato."""
    lengths = generator.choice([0.25, 0.4, 0.5, 0.8, 1.2], size=int(seconds[-1] / 0.25) + 2)
    place = np.searchsorted(np.cumsum(lengths), seconds)
    steps = _melody(generator, len(lengths))[place].astype(float)
    glide = max(1, int(generator.uniform(4, 16)))
    smooth = np.convolve(np.pad(steps, glide, "edge"), np.ones(glide) / glide, "same")[glide:-glide]
    vibrato = generator.uniform(0.1, 0.6) * np.sin(2 * np.pi * generator.uniform(4.8, 6.5) * seconds)
    return np.asarray(2.0 ** ((smooth + vibrato) / 12.0))


def _melody(generator: np.random.Generator, count: int) -> NDArray[np.int64]:
    walk = np.cumsum(generator.choice([-2, -1, -1, 0, 1, 1, 2], size=count)) + 4
    return np.asarray(SCALE[np.abs(walk) % len(SCALE)])


def _said(command: list[str], text: str) -> Clip:
    import soundfile
    from scipy.signal import resample_poly

    with tempfile.TemporaryDirectory() as scratch:
        path = Path(scratch) / "said.wav"
        subprocess.run([*command, str(path)], check=True, capture_output=True)
        wave, rate = soundfile.read(path, dtype="float32")
    samples = resample_poly(wave, RATE, rate)
    peak = max(float(np.abs(samples).max(initial=0.0)), 1e-6)
    return Clip(text, (samples / peak).astype(np.float32))
