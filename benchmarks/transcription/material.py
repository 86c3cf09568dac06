"""Recordings whose words are known, and recordings without any: made once, kept in the user's cache.

- *clips*: single utterances, read by synthesisers (words with times) or people (words only);
- *shows*: the same, some minutes each, with pauses of .3 to 2.5 s and a jingle after every fourth;
- *beds*: some of the shows over music, at several levels of speech to music;
- *nothing*: clips in which nobody speaks.

All files are mono WAV of 16 bits at 16 kHz. The folder's name holds a hash of what makes it.
"""

from __future__ import annotations

import hashlib
import json
import shutil
import sys
import tempfile
from dataclasses import asdict, dataclass
from pathlib import Path

from ..peers.environments import CACHE
from .words import Timed

BEDS = (20, 10, 5)
"""Decibels of speech to music."""


@dataclass(frozen=True, slots=True)
class Line:
    """An utterance: what it is from, and its words; their times are of the recording that it is in."""

    family: str
    words: tuple[Timed, ...]
    start: float
    end: float


@dataclass(frozen=True, slots=True)
class Recording:
    """A file, its language, its kind (``clip``, ``show``, ``bed 10``, ``noise`` …) and utterances."""

    name: str
    path: Path
    kind: str
    language: str
    seconds: float
    lines: tuple[Line, ...] = ()


@dataclass(frozen=True, slots=True)
class Material:
    """Recordings, what they are made of, and what had to be left out, with reasons."""

    recordings: tuple[Recording, ...]
    sources: tuple[str, ...]
    left_out: tuple[str, ...]

    def of(self, *kinds: str) -> tuple[Recording, ...]:
        """Return the recordings of some kinds."""
        return tuple(recording for recording in self.recordings if recording.kind in kinds)


def material(scripts: Path | None, root: Path = CACHE / "transcription") -> Material:
    """Return all recordings; make them where they are missing (about a minute).

    Parameters
    ----------
    scripts : Path or None
        Folder of the development set's scripts, whose speech items and music are used too.
    root : Path
        Where the folder is made.
    """
    from .studio import Studio

    made_by = sorted(Path(__file__).parent.glob("*"))
    names = ("texts.txt", "synthesis.py", "nonspeech.py", "packages.py", "studio.py")
    code = b"".join(path.read_bytes() for path in made_by if path.name in names)
    folder = root / hashlib.sha256(code + str(scripts is not None).encode()).hexdigest()[:12]
    if (folder / "truth.json").exists() and not (found := _read(folder)).left_out:
        return found
    print("Making speech with known words, and sound without any …", file=sys.stderr, flush=True)
    root.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix="making-", dir=root) as name:
        part = Path(name) / "made"
        part.mkdir()
        made = Studio(part).make(scripts)
        (part / "truth.json").write_text(json.dumps(asdict(made), default=str), encoding="utf-8")
        if folder.is_dir() and _read(folder).left_out:  # what was missing then may be there now
            shutil.rmtree(folder)
        if not folder.is_dir():  # another process may have been first, with the same bytes
            part.rename(folder)
    return _read(folder)


def _read(folder: Path) -> Material:
    found = json.loads((folder / "truth.json").read_text(encoding="utf-8"))
    recordings = []
    for one in found["recordings"]:
        lines = tuple(
            Line(**{**line, "words": tuple(Timed(**word) for word in line["words"])}) for line in one["lines"]
        )
        recordings.append(Recording(**{**one, "path": folder / Path(one["path"]).name, "lines": lines}))
    return Material(tuple(recordings), tuple(found["sources"]), tuple(found["left_out"]))
