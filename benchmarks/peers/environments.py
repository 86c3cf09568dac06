"""A peer's environment: a venv in the user's cache, made from pins, never the project's own.

A requirements file of this folder pins everything and says in its head which Python it needs. The venv's name
holds a hash of the file, so that other pins make another venv and the same pins make none. A peer that cannot
be had here (no such Python, no network, no ffmpeg) is left out, with the reason.
"""

from __future__ import annotations

import hashlib
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

CACHE = Path(os.environ.get("XDG_CACHE_HOME") or "~/.cache").expanduser() / "edm-benchmark"
"""Where environments, sets and documents are kept: they cost minutes, and none of them is a result."""

TEMPO = ("tempo_1pct", "tempo_exact", "tempo_octave")
BEATS = ("beat_f", "beat_cmlt", "beat_amlt", "downbeat_f")
BOUNDARIES = ("hr05_f", "hr3_f")
LABELS = ("label", "drop_f")


@dataclass(frozen=True, slots=True)
class Peer:
    """A system: the pins it runs from (None: nothing but this Python), its measures, and what it is."""

    name: str
    pins: str | None
    measures: tuple[str, ...]
    what: str


PEERS = {
    peer.name: peer
    for peer in (
        Peer(
            "librosa", "librosa", TEMPO + BEATS, "librosa 0.11 (ISC); every fourth beat is called a downbeat"
        ),
        Peer(
            "madmom",
            "madmom",
            TEMPO + BEATS,
            "madmom 0.17 (networks for non-commercial use only: a referee, not a dependency)",
        ),
        Peer("msaf-foote", "msaf", BOUNDARIES, "MSAF 0.1.80 (MIT), checkerboard novelty"),
        Peer("msaf-sf", "msaf", BOUNDARIES, "MSAF 0.1.80 (MIT), structural features"),
        Peer(
            "house128",
            None,
            TEMPO + BEATS + BOUNDARIES + LABELS,
            "hears nothing: 128 BPM from 0, a boundary every 8 bars; intro, drop, outro",
        ),
        Peer("every8", None, BOUNDARIES, "is told the true bars and puts a boundary every 8"),
    )
}


@dataclass(frozen=True, slots=True)
class Environment:
    """A Python that can run a peer, and a fingerprint of all that its answers depend on."""

    python: Path
    fingerprint: str


class PeerMissing(RuntimeError):
    """A peer cannot be run here; the message is the reason, fit for a table."""


def environment(peer: Peer, root: Path | None = None) -> Environment:
    """Return the peer's environment; make it if need be (some minutes, from the package registry).

    Parameters
    ----------
    peer : Peer
    root : Path, optional
        Folder of environments, by default in the user's cache.

    Raises
    ------
    PeerMissing
        If there is no such Python, the packages cannot be installed, or ffmpeg is missing.

    Examples
    --------
    >>> environment(PEERS["house128"]).fingerprint
    'none'
    """
    if peer.pins is None:
        return Environment(Path(sys.executable), "none")
    if shutil.which("ffmpeg") is None:
        raise PeerMissing("ffmpeg, which decodes for it, is not installed")
    pins = Path(__file__).with_name(f"{peer.pins}.txt")
    text = pins.read_text(encoding="utf-8")
    fingerprint = hashlib.sha256(text.encode()).hexdigest()[:12]
    folder = (root or CACHE / "environments") / f"{peer.pins}-{fingerprint}"
    python = folder / "bin" / "python"
    if not (folder / ".complete").exists():
        _make(folder, pins, find_python(wanted_python(text)))
    return Environment(python, fingerprint)


def wanted_python(pins: str) -> str:
    r"""Return the version of Python in the head of a requirements file.

    >>> wanted_python("# some peer\n# python: 3.10\nnumpy==1.23.5\n")
    '3.10'
    """
    match = re.search(r"^# python: (\d+\.\d+)$", pins, re.MULTILINE)
    if match is None:
        raise ValueError("no line '# python: 3.x' in the requirements")
    return match[1]


def install_options(pins: str) -> list[str]:
    r"""Return pip's options from the head of a requirements file, none where it names none.

    >>> install_options("# some peer\n# python: 3.11\n# install: --no-deps\nnumpy==2.4.6\n")
    ['--no-deps']
    """
    match = re.search(r"^# install: (.+)$", pins, re.MULTILINE)
    return match[1].split() if match else []


def find_python(version: str) -> Path:
    """Return an interpreter of that version, such as "3.10": this one, one on the path, or one of pyenv's."""
    for candidate in _candidates(version):
        command = [str(candidate), "-c", "import sys, ensurepip, venv; print(*sys.version_info[:2], sep='.')"]
        try:
            found = subprocess.run(command, capture_output=True, text=True, check=False, timeout=30)
        except (OSError, subprocess.TimeoutExpired):
            continue
        if found.returncode == 0 and found.stdout.strip() == version:
            return candidate
    raise PeerMissing(f"no Python {version} was found, which its packages need")


def _candidates(version: str) -> Iterator[Path]:
    yield Path(sys.executable)
    named = shutil.which(f"python{version}")
    if named:
        yield Path(named)
    pyenv = Path(os.environ.get("PYENV_ROOT") or "~/.pyenv").expanduser()
    for folder in (*sorted(pyenv.glob(f"versions/{version}.*")), Path("/usr"), Path("/usr/local")):
        yield folder / "bin" / f"python{version}"


def _make(folder: Path, pins: Path, python: Path) -> None:
    print(f"Making the environment {folder.name} …", file=sys.stderr, flush=True)
    shutil.rmtree(folder, ignore_errors=True)
    folder.parent.mkdir(parents=True, exist_ok=True)
    pip = [str(folder / "bin" / "python"), "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
    # Some old peers come as source only and need setuptools and wheel of their own time to build.
    options = ["--no-build-isolation", *install_options(pins.read_text(encoding="utf-8"))]
    for command, what in (
        ([str(python), "-m", "venv", str(folder)], "its environment could not be made"),
        ([*pip, "setuptools<70", "wheel"], "its packages could not be installed"),
        ([*pip, *options, "--requirement", str(pins)], "its packages could not be installed"),
    ):
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        if done.returncode:
            # The tool's own words go to the screen only: they may name places that nobody else can reach.
            print("\n".join(done.stderr.strip().splitlines()[-5:]), file=sys.stderr)
            shutil.rmtree(folder, ignore_errors=True)
            raise PeerMissing(f"{what} (exit status {done.returncode})")
    (folder / ".complete").touch()
