"""Recordings that Debian packages hold: downloaded and unpacked in the user's cache, never installed.

Licences: asterisk-core-sounds-* CC-BY-SA-3.0 (Russian CC-BY-3.0), pocketsphinx-testdata BSD-2-clause
(readings from LibriVox, public domain), noiz2sa-data, parsec47-data, a7xpg-data, rrootage-data BSD-2-clause.
"""

from __future__ import annotations

import gzip
import random
import re
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from ..peers.environments import CACHE

RATE = 16_000
MUSIC = ("noiz2sa-data", "parsec47-data", "a7xpg-data", "rrootage-data")
LICENCES = {
    **{f"prompts-{language}": "CC-BY-SA-3.0" for language in ("en", "fr", "es", "it")},
    "prompts-ru": "CC-BY-3.0",
    "librivox": "BSD-2-clause; readings in the public domain",
}


class PackageMissing(RuntimeError):
    """A package cannot be had here; the message is fit for a table."""


@dataclass(frozen=True, slots=True)
class Reading:
    """What a person says in a recording: samples, shape (n,), float32 at 16 kHz."""

    name: str
    text: str
    samples: NDArray[np.float32]


def package(name: str) -> Path:
    """Return the folder that a Debian package is unpacked in.

    Raises
    ------
    PackageMissing
        If it is not there and cannot be downloaded.
    """
    folder = CACHE / "packages" / name
    if folder.is_dir():
        return folder
    downloads = CACHE / "debs"
    downloads.mkdir(parents=True, exist_ok=True)
    if shutil.which("apt-get") is None:
        raise PackageMissing(f"`{name}` is a Debian package, and this is no Debian")
    archives = sorted(downloads.glob(f"{name}_*.deb"))
    if not archives:
        subprocess.run(["apt-get", "download", name], cwd=downloads, capture_output=True, check=False)
        archives = sorted(downloads.glob(f"{name}_*.deb"))
    if not archives:
        raise PackageMissing(f"the Debian package `{name}` cannot be downloaded")
    part = folder.with_suffix(".part")
    shutil.rmtree(part, ignore_errors=True)
    part.mkdir(parents=True)
    subprocess.run(["dpkg-deb", "-x", str(archives[-1]), str(part)], check=True)
    part.rename(folder)
    return folder


def version(name: str) -> str:
    """Return the version of a package that was downloaded."""
    archives = sorted((CACHE / "debs").glob(f"{name}_*.deb"))
    return archives[-1].name.split("_")[1].replace("%3a", ":") if archives else "?"


def prompts(language: str, count: int) -> list[Reading]:
    """Return telephone prompts, each by the language's one professional speaker."""
    sounds = package(f"asterisk-core-sounds-{language}-g722")
    listed = next(package(f"asterisk-core-sounds-{language}").rglob(f"core-sounds-{language}.txt.gz"))
    paths = {re.sub(r"^.*?/sounds/[^/]+/", "", str(path))[:-5]: path for path in sounds.rglob("*.g722")}
    usable = []
    for line in gzip.decompress(listed.read_bytes()).decode("utf-8", "replace").splitlines():
        match = re.match(r"^([\w/.-]+):\s*(.+)$", line)
        # Brackets describe sounds, dots stand for what follows, and some accents were lost to question marks.
        if not match or match[1] not in paths or not 35 <= len(match[2]) <= 260:
            continue
        if re.search(r"[\[\]?:*#\ufffd]|\.\.\.|…", match[2]) or (
            language != "en" and re.search(r"\d", match[2])
        ):
            continue
        usable.append((match[1], match[2].strip()))
    random.Random(4).shuffle(usable)
    return [
        Reading(f"{language}-{name.replace('/', '-')}", text, _g722(paths[name]))
        for name, text in usable[:count]
    ]


def librivox() -> list[Reading]:
    """Return five sentences from a novel, read by a volunteer."""
    folder = next(package("pocketsphinx-testdata").rglob("librivox"))
    text = (folder / "transcription").read_text(encoding="utf-8")
    return [
        Reading(name, sentence, read(folder / f"{name}.wav"))
        # One of the sentences has a word twice in its transcript that is read once.
        for sentence, name in re.findall(
            r"<s> (.*?)\s*</s> \(([\w-]+)\)", text.replace("a more a amiable", "a more amiable")
        )
    ]


def read(path: Path, seconds: float | None = None) -> NDArray[np.float32]:
    """Return a recording, or its beginning, as one channel at 16 kHz, by soundfile."""
    import soundfile
    import soxr

    with soundfile.SoundFile(path) as file:
        count = -1 if seconds is None else round(seconds * file.samplerate)
        samples = file.read(count, dtype="float32", always_2d=True).mean(axis=1)
        found: NDArray[np.float32] = soxr.resample(samples, file.samplerate, RATE)
    return found


def _g722(path: Path) -> NDArray[np.float32]:
    import av

    with av.open(str(path), format="g722") as container:
        blocks = [frame.to_ndarray().reshape(-1) for frame in container.decode(audio=0)]
    return np.concatenate(blocks).astype(np.float32) / np.float32(32768)
