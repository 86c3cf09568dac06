"""The section on transcription in ``benchmarks/RESULTS.md``."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from ..peers import PeerMissing
from ..progress import Progress
from . import speed, tables
from .figures import error_rate
from .material import BEDS, Material, Recording, material
from .systems import OURS, SPEECH_PEERS, UNGATED, Heard, ours_heard, peer_heard

NOTHING = ("noise", "tones", "clicks and silence", "music", "singing")


@dataclass(frozen=True, slots=True)
class Size:
    """How much is measured: every n-th recording of a kind; peers hear every n-th clip without speech."""

    speech: int
    beds: int
    nothing: int
    peers_nothing: int
    show: float
    runs: int
    peer_runs: int
    peers: tuple[str, ...]


DEFAULT_PEERS = ("openai-whisper", "faster-whisper", "faster-whisper-batched")

SIZES = {
    "quick": Size(13, 6, 16, 4, 60.0, 1, 1, ("faster-whisper",)),
    "full": Size(1, 2, 1, 8, 600.0, 3, 1, DEFAULT_PEERS),
}
"""``quick`` is for CI: it shows that the figures can be taken, not what they are."""


def section(size: str = "full", scripts: Path | None = None, peers: Sequence[str] | None = None) -> str:
    """Measure transcription and return Markdown.

    Parameters
    ----------
    size : str
        A key of :data:`SIZES`.
    scripts : Path, optional
        Folder of the development set's scripts; its speech is left out without it.
    peers : sequence of str, optional
        Of :data:`~benchmarks.transcription.systems.SPEECH_PEERS`; those of the size by default.
    """
    chosen = SIZES[size]
    names = chosen.peers if peers is None else tuple(name for name in peers if name in SPEECH_PEERS)
    made = material(scripts)
    parts = [_about(made, size)]
    left_out = list(made.left_out)
    if scripts is None:
        left_out.append("the development set's speech: `EDM_BENCHMARK_DIR` names no folder with its scripts")
    parts += _speech(made, chosen, names, left_out)
    parts.append(_beds(made, chosen))
    parts.append(_nothing(made, chosen, names, left_out))
    with tempfile.TemporaryDirectory(prefix="edm-speech-") as folder:
        show = speed.long_show(made.of("show"), Path(folder) / "show.wav", chosen.show)
        measured = speed.speed(show, chosen.show, names, chosen.runs, chosen.peer_runs)
    parts.append(f"### Speed of transcription\n\n{measured}")
    if left_out:
        parts.append("Left out:\n\n" + "\n".join(f"- {reason}" for reason in dict.fromkeys(left_out)))
    return "\n\n".join(parts)


def _about(made: Material, size: str) -> str:
    spoken = made.of("clip", "show", "development")
    minutes = sum(one.seconds for one in spoken) / 60
    return (
        f"Size `{size}`. There are {len(spoken)} recordings with speech ({minutes:.0f} minutes): clips, and\n"
        "shows with pauses and jingles. All systems have the same weights (Whisper base) and are told the\n"
        "language. Case, punctuation and accents do not count; numbers count as digits, British spellings\n"
        "as American ones. Intervals of 95 % by bootstrap over utterances, paired between systems.\n\n"
        f"Made of: {'; '.join(made.sources)}."
    )


def _speech(made: Material, size: Size, peers: Sequence[str], left_out: list[str]) -> list[str]:
    recordings = _thinned(made.of("show", "clip", "development"), size.speech)
    heard: dict[str, Heard] = {OURS: ours_heard(recordings, _told("words, ours", recordings))}
    for name in peers:
        _ask(name, recordings, heard, left_out)
    said = tables.units(recordings)
    found = {name: tables.compared(words, recordings) for name, words in heard.items()}
    what = "\n".join(f"- {name}: {SPEECH_PEERS[name].what}" for name in heard if name in SPEECH_PEERS)
    times = (
        "### Word times\n\nMilliseconds, heard less said, of words that are right in synthesised speech.\n"
        "The truth is the synthesiser's own; at its pauses the sound's edges lie within 5 ms of it.\n\n"
        f"{tables.boundaries(found, said)}\n\nOurs by voice:\n\n{tables.voices(found[OURS], said)}"
    )
    rates = f"### Words\n\nWord error rate in percent.\n\n{tables.word_errors(found, said)}\n\n{what}"
    return [rates, times]


def _beds(made: Material, size: Size) -> str:
    recordings = _thinned(made.of(*(f"bed {level}" for level in BEDS)), size.beds)
    heard = {
        OURS: ours_heard(recordings, _told("over music, gated", recordings)),
        UNGATED: ours_heard(recordings, _told("over music, ungated", recordings), gated=False),
    }
    clean = made.of("show")
    names = {one.name.split("-", 2)[2] for one in recordings}
    without = [one for one in clean if one.name in names]
    rate = error_rate(tables.compared(ours_heard(without, lambda _: None), without)).said()
    return (
        "### Words over music\n\nWord error rate in percent of shows over a bed of music: with the activity\n"
        f"that is found, and with the whole file taken for speech. Without a bed: {rate}.\n\n"
        f"{tables.beds(heard, recordings)}"
    )


def _nothing(made: Material, size: Size, peers: Sequence[str], left_out: list[str]) -> str:
    recordings = _thinned(made.of(*NOTHING), size.nothing)
    heard: dict[str, Heard] = {OURS: ours_heard(recordings, _told("no speech, ours", recordings))}
    for name in peers:
        _ask(name, _thinned(recordings, size.peers_nothing), heard, left_out)
    return (
        "### Words where nobody speaks\n\nPercent of clips of 5 to 30 s of which at least one word is\n"
        "written down (goal: ≤ 1; Wilson's interval). Peers hear some of the clips. Singing is apart: it is\n"
        "synthetic speech on the notes of a melody, alone and over music.\n\n"
        f"{tables.nothing(heard, recordings)}\n\n{tables.invented(heard[OURS], recordings)}"
    )


def _ask(name: str, recordings: Sequence[Recording], heard: dict[str, Heard], left_out: list[str]) -> None:
    try:
        heard[name] = peer_heard(SPEECH_PEERS[name], recordings, _told(name, recordings))
    except PeerMissing as reason:
        left_out.append(f"{name}: {reason}")


def _thinned(recordings: Sequence[Recording], step: int) -> tuple[Recording, ...]:
    return tuple(recordings[::step])


def _told(what: str, recordings: Sequence[Recording]) -> Callable[[Recording], None]:
    progress = Progress(what, sum(one.seconds for one in recordings))
    return lambda one: progress.advance(one.seconds, one.name)
