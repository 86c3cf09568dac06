"""What transcribes: ours in this process, peers in environments of their own; all get the same files.

What a peer said about a recording is kept in the user's cache by what its answer depends on: its pins, this
folder's way of asking, the weights and the recording's bytes. Ours is taken anew in every run.
"""

from __future__ import annotations

import hashlib
import json
import os
import subprocess
import sys
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from edm_core.errors import EdmError, ModelError
from edm_core.settings import Settings

from ..peers.documents import content_hash
from ..peers.environments import CACHE, Environment, Peer, PeerMissing, environment
from .material import Recording
from .words import Timed

ASKED = "base, 1"
"""The weights, and a number to raise when ``whispers.py`` asks its systems otherwise."""
WORKER = Path(__file__).parents[1] / "peers" / "whispers.py"

_SPEECH_PEERS = (
    ("openai-whisper", "whisper", "openai-whisper 20250625 (MIT), as its Python call comes: greedy, float32"),
    ("openai-whisper-beam", "whisper", "the same as its command line comes: beam 5; several times slower"),
    ("faster-whisper", None, "faster-whisper 1.2.1 (MIT) in int8, as it comes: beam 5, no gate"),
    ("faster-whisper-batched", None, "its batched pipeline as it comes: 8 at once, gated by Silero"),
)
SPEECH_PEERS = {name: Peer(name, pins, (), what) for name, pins, what in _SPEECH_PEERS}
"""Peers by name. All have the same weights, word times on, and are told the language."""

OURS, UNGATED = "ours", "ours, ungated"
Heard = dict[str, tuple[Timed, ...]]
"""Words by the recording's name."""


@dataclass(frozen=True, slots=True)
class Placed:
    """A peer's worker: its command, and a fingerprint of what its answers depend on, the recording aside."""

    command: tuple[str, ...]
    fingerprint: str


def placed(peer: Peer, threads: int = 2) -> Placed:
    """Return how a peer is started; make its environment if need be.

    Raises
    ------
    PeerMissing
        If it cannot be had here.
    """
    settings = Settings.from_environment()
    try:
        place = environment(peer) if peer.pins else Environment(Path(sys.executable), _faster_whisper())
        weights = _renamed(settings) if peer.pins else _folder(settings)
    except EdmError as reason:
        raise PeerMissing(str(reason)) from None
    asked = f"{peer.name} {place.fingerprint} {ASKED}".encode()
    command = (str(place.python), str(WORKER), peer.name, str(weights), str(threads))
    return Placed(command, hashlib.sha256(asked).hexdigest()[:12])


def peer_heard(peer: Peer, recordings: Sequence[Recording], told: Callable[[Recording], None]) -> Heard:
    """Return what a peer hears in recordings, from the cache where it was asked before."""
    place = placed(peer, int(os.environ.get("OMP_NUM_THREADS") or 2))
    folder = CACHE / "documents" / f"{peer.name}-{place.fingerprint}"
    folder.mkdir(parents=True, exist_ok=True)
    paths = {one.name: folder / f"{content_hash(one.path)}-{one.language}.json" for one in recordings}
    missing = [one for one in recordings if not paths[one.name].exists()]
    if missing:
        for one, answer in zip(missing, _asked(place, missing), strict=True):
            part = paths[one.name].with_suffix(f".{os.getpid()}")
            part.write_text(json.dumps(answer), encoding="utf-8")
            part.replace(paths[one.name])
            told(one)
    found: Heard = {}
    for name, path in paths.items():
        words = json.loads(path.read_text(encoding="utf-8"))["words"]
        found[name] = _whole(words)
    return found


def _whole(words: Sequence[tuple[float, float, str]]) -> tuple[Timed, ...]:
    """Join parts of words: one that begins with no blank belongs to the word before ("o", "'clock")."""
    whole: list[Timed] = []
    for start, end, text in words:
        if whole and not text.startswith(" "):
            whole[-1] = Timed(whole[-1].text + text, whole[-1].start, end)
        else:
            whole.append(Timed(text.strip(), start, end))
    return tuple(whole)


def ours_heard(
    recordings: Iterable[Recording],
    told: Callable[[Recording], None],
    *,
    gated: bool = True,
    language: Callable[[Recording], str | None] = lambda one: one.language,
) -> Heard:
    """Return what ours hears: with the activity that it finds, or with all of the file taken for speech."""
    from edm_core.audio import load
    from edm_core.segmentation import find_activity
    from edm_core.timeline import Span
    from edm_core.transcription import transcribe

    found: Heard = {}
    for one in recordings:
        sound = load(one.path)
        everything = (Span(0.0, sound.recording.duration, "speech"),)
        activity = find_activity(sound) if gated else everything
        try:
            words = transcribe(sound, activity, language=language(one)).words
        except ModelError as refused:  # it hears another language than it was told: no words are given
            print(f"{one.name}: {refused}", file=sys.stderr)
            words = ()
        found[one.name] = tuple(Timed(word.text, word.start, word.end) for word in words)
        told(one)
    return found


def _asked(place: Placed, recordings: Sequence[Recording]) -> Iterable[Any]:
    with subprocess.Popen(place.command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdin is not None and process.stdout is not None
        ready = process.stdout.readline()
        for one in recordings if ready else ():
            process.stdin.write(json.dumps({"audio": str(one.path), "language": one.language}) + "\n")
            process.stdin.flush()
            answer = process.stdout.readline()
            if not answer:
                break
            yield json.loads(answer)
        else:
            if ready:
                return
        raise PeerMissing("its process ended before it had answered")


def _faster_whisper() -> str:
    from importlib.metadata import version

    return f"{version('faster-whisper')} {version('ctranslate2')}"


def _folder(settings: Settings) -> Path:
    from edm_core.models import whisper

    return whisper("base", settings=settings)


def _renamed(settings: Settings) -> Path:
    """Return the same weights under openai-whisper's names; its own environment has the torch for them."""
    import numpy as np

    from edm_core.models.openai_weights import state_of, tensors_of

    path = CACHE / "weights" / "whisper-base.npz"
    if not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True)
        state = state_of(tensors_of((_folder(settings) / "model.bin").read_bytes()))
        part = path.with_suffix(f".{os.getpid()}.npz")
        np.savez(part, allow_pickle=False, **state)
        part.replace(path)
    return path
