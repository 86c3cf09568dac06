"""The demo radio show: two minutes of Harbour Radio, spoken by synthetic voices, and the truth about it.

The show is a list of cues. What is said is written here; when it is said is known once the voices are
rendered, and both the sound and the truth are laid out from the same list.
"""

from __future__ import annotations

import subprocess
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import instruments as i
import numpy as np
import soundfile
from instruments import SAMPLE_RATE, Array, place
from scipy import signal

TITLE = "Harbour Radio, Monday Morning"
LEAD = 0.4  # seconds of silence in front
TAIL = 0.5
JOINED = 1.0  # pauses in speech up to this long count as speech

# Who speaks: flite's voice, and where it sits between left and right.
VOICES = {"Clara": ("slt", 0.0), "Robert": ("rms", 0.0), "Announcer": ("awb", 0.0), "Tom": ("kal16", 0.12)}


@dataclass(frozen=True)
class Line:
    """Somebody says something, `pause` seconds after what came before."""

    speaker: str
    text: str
    pause: float = 0.35


@dataclass(frozen=True)
class Part:
    """A stretch of the show: its lines, its music if any, and how that music lies around the lines."""

    name: str
    topic: str
    lines: tuple[Line, ...] = ()
    music: str | None = None
    before: float = 0.0  # seconds before the first line (of music, where there is music)
    after: float = 0.0  # seconds after the last line
    fade_in: float = 0.4
    fade_out: float = 1.0


SHOW = (
    Part(
        "welcome",
        "news",
        (
            Line("Clara", "Good morning, and welcome to Harbour Radio.", 0.0),
            Line("Clara", "My name is Clara, and it is seven minutes past eight on a bright Monday morning."),
            Line("Clara", "Coming up, the weather, and last night's football."),
        ),
    ),
    Part(
        "song",
        "music",
        (
            Line("Clara", "But first, some music.", 0.0),
            Line(
                "Clara", "Two students wrote this song in their kitchen, and they recorded it in one night."
            ),
            Line("Clara", "I have played it every day this week. I hope you like it too."),
        ),
        music="song",
        before=2.4,
        after=22.0,
        fade_out=3.0,
    ),
    Part(
        "weather",
        "weather",
        (
            Line("Clara", "Now here is Robert with the weather.", 0.6),
            Line("Robert", "Thank you, Clara. Today will be dry, with sunshine in the south.", 0.5),
            Line(
                "Robert",
                "Heavy rain will arrive from the west this afternoon, with strong winds along the coast.",
            ),
            Line("Robert", "Tomorrow will be cold, with frost and snow in the mountains before dawn."),
            Line("Robert", "Temperatures will stay near five degrees until the weekend."),
        ),
        after=0.7,
    ),
    Part(
        "advert",
        "advertising",
        (
            Line("Announcer", "Do you want a new kettle?", 0.0),
            Line("Announcer", "Come to the Kitchen Store on Bridge Street."),
            Line("Announcer", "This week only, every kettle is half price."),
            Line("Announcer", "Buy one today, and we will give you a free set of cups."),
            Line("Announcer", "The Kitchen Store is open seven days a week."),
        ),
        music="jingle",
        before=1.2,
        after=1.9,
        fade_out=0.05,
    ),
    Part("dead air", "silence", after=3.0),
    Part(
        "football",
        "sport",
        (
            Line("Clara", "Are we back? Yes, we are back. Sorry about that.", 0.0),
            Line("Clara", "Tom, did you watch the football match last night?"),
            Line("Tom", "I did. Two goals in the last five minutes. I could not believe it.", 0.25),
            Line("Clara", "And the goalkeeper saved a penalty with his left foot.", 0.2),
            Line(
                "Tom",
                "He was brilliant. My neighbour shouted so loudly that his dog ran under the table.",
                0.25,
            ),
            Line("Clara", "Oh dear. I hope that he supports the other team.", 0.2),
        ),
        after=0.5,
    ),
    Part(
        "goodbye",
        "closing",
        (
            Line("Clara", "That is all from us this morning.", 0.0),
            Line(
                "Clara",
                "Thank you for listening to Harbour Radio. We will be back tomorrow at eight o'clock.",
            ),
            Line("Clara", "Have a lovely day, and goodbye."),
        ),
        music="song",
        before=2.0,
        after=6.0,
        fade_out=4.0,
    ),
)


# --- the lay-out: from cues to times ----------------------------------------------------------------


@dataclass(frozen=True)
class Cue:
    """What sounds from `start` to `end` (seconds): a line, a piece of music, or a silence that is meant."""

    kind: str  # speech | music | silence
    start: float
    end: float
    part: Part
    line: Line | None = None


def lay_out(length: Callable[[Line], float], show: tuple[Part, ...] = SHOW) -> tuple[tuple[Cue, ...], float]:
    """Times of everything in the show.

    Parameters
    ----------
    length : callable
        Seconds that a line takes to say.
    show : tuple of Part

    Returns
    -------
    tuple of Cue
        In order of their start; music comes before the lines over it.
    float
        Duration of the whole in seconds.
    """
    cues: list[Cue] = []
    now = LEAD
    for part in show:
        begin, now, spoken = now, now + part.before, []
        for line in part.lines:
            start = now + line.pause
            now = start + length(line)
            spoken.append(Cue("speech", start, now, part, line))
        now += part.after
        if part.music:
            cues.append(Cue("music", begin, now, part))
        elif not part.lines:
            cues.append(Cue("silence", begin, now, part))
        cues += spoken
    return tuple(cues), now + TAIL


def activity(cues: tuple[Cue, ...], duration: float) -> list[tuple[float, float, str]]:
    """Tile [0, duration) with ``speech``, ``music``, ``speech+music`` and ``silence``.

    Pauses of up to :data:`JOINED` seconds between two lines belong to the speech.
    """
    speech: list[list[float]] = []
    for cue in cues:
        if cue.kind != "speech":
            continue
        if speech and cue.start - speech[-1][1] <= JOINED:
            speech[-1][1] = cue.end
        else:
            speech.append([cue.start, cue.end])
    music = [[cue.start, cue.end] for cue in cues if cue.kind == "music"]
    edges = sorted({0.0, duration, *(edge for span in speech + music for edge in span)})
    tiles: list[tuple[float, float, str]] = []
    for start, end in zip(edges[:-1], edges[1:], strict=True):
        middle = (start + end) / 2
        names = [
            name
            for name, spans in (("speech", speech), ("music", music))
            if any(a <= middle < b for a, b in spans)
        ]
        label = "+".join(names) or "silence"
        if tiles and tiles[-1][2] == label:
            tiles[-1] = (tiles[-1][0], end, label)
        else:
            tiles.append((start, end, label))
    return tiles


def truth(cues: tuple[Cue, ...], duration: float) -> dict[str, Any]:
    """What is certain about the show: who says what when, where music plays, where nothing does."""
    segments = []
    for cue in cues:
        segment = {
            "start": round(cue.start, 3),
            "end": round(cue.end, 3),
            "type": cue.kind,
            "part": cue.part.name,
        }
        if cue.line:
            segment |= {"speaker": cue.line.speaker, "text": cue.line.text}
        segments.append(segment)
    lines = [cue.line for cue in cues if cue.line]
    return {
        "id": "radio_show",
        "audio": "radio_show.ogg",
        "duration": round(duration, 4),
        "family": "demo",
        "language": "en",
        "source": {
            "licence": "CC0-1.0",
            "made_by": "make_demo.py",
            "title": TITLE,
            "voices": {name: f"flite {voice}" for name, (voice, _) in VOICES.items()},
        },
        "segments": segments,
        "activity": [
            {"start": round(start, 3), "end": round(end, 3), "label": label}
            for start, end, label in activity(cues, duration)
        ],
        "parts": _part_truth(cues),
        "transcript": " ".join(line.text for line in lines),
        "speakers": sorted({line.speaker for line in lines}),
        "topic": "magazine",
    }


def _part_truth(cues: tuple[Cue, ...]) -> list[dict[str, Any]]:
    parts = []
    for name in dict.fromkeys(cue.part.name for cue in cues):
        mine = [cue for cue in cues if cue.part.name == name]
        start, end = min(cue.start for cue in mine), max(cue.end for cue in mine)
        parts.append(
            {"start": round(start, 3), "end": round(end, 3), "name": name, "topic": mine[0].part.topic}
        )
    return parts


# --- the sound --------------------------------------------------------------------------------------


def render(seed: int = 104) -> tuple[Array, dict[str, Any]]:
    """Speak and play the show: stereo, shape (n, 2), about -16 LUFS, and its truth.

    Raises
    ------
    FileNotFoundError
        If a speech synthesiser is not installed (Debian packages `flite`).
    """
    voices = {line: _voice(line) for part in SHOW for line in part.lines}
    cues, duration = lay_out(lambda line: len(voices[line]) / SAMPLE_RATE)
    total = np.zeros((round(duration * SAMPLE_RATE), 2))
    tunes = {
        "song": song(np.random.default_rng(seed), 50.0),
        "jingle": jingle(np.random.default_rng(seed + 1), 24.0),
    }
    for cue in cues:
        start = round(cue.start * SAMPLE_RATE)
        if cue.line:
            place(total, i.panned(voices[cue.line], VOICES[cue.line.speaker][1]), start)
        elif cue.kind == "music":
            piece = tunes[cue.part.music or ""][: round((cue.end - cue.start) * SAMPLE_RATE)]
            piece = i.faded(piece, cue.part.fade_in, cue.part.fade_out)
            spoken = [other for other in cues if other.kind == "speech" and other.part is cue.part]
            place(total, piece * _ducking(spoken, cue, len(piece)), start)
    result = i.limited(total, 0.86)
    return result, truth(cues, duration)


def _voice(line: Line) -> Array:
    """A line as it leaves the studio: at our sample rate, even in level, about -17 LUFS."""
    voice, _ = VOICES[line.speaker]
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "line.wav"
        command = ["flite", "-voice", voice, "-t", line.text, "-o", str(path)]
        subprocess.run(command, check=True)
        sound, rate = soundfile.read(path)
    sound = signal.resample_poly(sound, SAMPLE_RATE, rate)
    sound = i.butter(sound, "highpass", 75)
    loud = np.flatnonzero(np.abs(sound) > 0.012 * np.abs(sound).max())
    sound = sound[loud[0] : loud[-1] + 1]
    # Presence: synthetic voices are dull on the air.
    sound = sound + 0.35 * i.butter(sound, "bandpass", (2200, 6500))
    level = np.sqrt(i.butter(sound**2, "lowpass", 6, 1).clip(1e-9))
    sound = sound / np.maximum(level, 0.3 * level.max()) ** 0.4
    sound = i.faded(sound, 0.005, 0.012)
    return np.asarray(sound * 10 ** ((-17 - i.loudness(np.column_stack([sound, sound]))) / 20))


def _ducking(spoken: list[Cue], music: Cue, samples: int) -> Array:
    """Gain of the music, shape (samples, 1): -15 dB while somebody speaks, gliding over half a second."""
    if not spoken:
        return np.ones((samples, 1))
    first, last = spoken[0].start - music.start, spoken[-1].end - music.start
    points = [(0.0, 0.0), (first - 0.5, 0.0), (first, -15.0), (last, -15.0), (last + 0.9, 0.0)]
    times, decibels = zip(*points, strict=True)
    return np.asarray(10 ** (np.interp(np.arange(samples) / SAMPLE_RATE, times, decibels) / 20)[:, None])


# --- the music --------------------------------------------------------------------------------------

_SONG_CHORDS = (  # bass note, chord, at 104 BPM, one a bar
    (38, (60, 65, 69, 76)),  # Dm9
    (31, (59, 65, 69, 76)),  # G13
    (36, (59, 64, 67, 74)),  # Cmaj9
    (33, (60, 64, 67, 71)),  # Am9
)
_SONG_TUNE = (  # sixteenth, length, pitch
    ((0, 3, 81), (3, 3, 77), (6, 4, 76), (12, 2, 74), (14, 2, 76)),
    ((0, 5, 77), (6, 2, 76), (8, 3, 74), (11, 4, 71)),
    ((0, 3, 79), (3, 3, 76), (6, 4, 74), (12, 2, 72), (14, 2, 74)),
    ((0, 8, 76), (10, 2, 72), (12, 4, 71)),
)


def song(random: np.random.Generator, seconds: float, bpm: float = 104.0) -> Array:
    """Mellow house with electric piano, round bass and brushed drums; about -15 LUFS."""
    step = 15.0 / bpm
    total = np.zeros((round(seconds * SAMPLE_RATE), 2))
    drums, keys = np.zeros_like(total), np.zeros_like(total)
    kick, clap = 0.75 * i.kick(random), i.clap(random)
    hat, shaker = i.cymbal(random, 0.03, 7000, 0.1), i.cymbal(random, 0.05, 5000, 0.0)
    for bar in range(int(seconds / (16 * step)) + 1):
        root, chord = _SONG_CHORDS[bar % 4]

        def at(number: float, bar: int = bar) -> int:
            late = 0.10 if number % 2 == 1 else 0.0  # a little swing
            return round((16 * bar + number + late) * step * SAMPLE_RATE)

        for number, length in ((0, 7), (7, 4), (11, 5)):
            for pitch in chord:
                place(keys, i.electric_piano(pitch, length * step, 0.55), at(number), 0.24)
        for number, length, up in ((0, 3, 0), (3, 2, 0), (6, 2, 12), (8, 3, 0), (11, 2, 7), (14, 2, 12)):
            place(total, i.bass_guitar(root + up, length * step), at(number), 0.42)
        for number, length, pitch in _SONG_TUNE[bar % 4]:
            tone = i.pluck(pitch, length * step + 0.3, 0.8, 0.4)
            place(keys, i.panned(tone, 0.2), at(number), 0.34)
        for number in (0, 4, 8, 12):
            place(drums, kick, at(number), 0.6)
        for number in (4, 12):
            place(drums, clap, at(number), 0.25)
        for number in range(16):
            place(drums, shaker, at(number), 0.06 * random.uniform(0.7, 1.2))
        for number in (2, 6, 10, 14):
            place(drums, hat, at(number), 0.14)
    echo = i.ping_pong(keys, round(3 * step * SAMPLE_RATE), 0.4, 4)
    hall = i.reverb(keys + 0.05 * drums + 0.5 * echo, random, 1.8)
    return i.mastered(total + drums + keys + 0.25 * echo + 0.22 * hall, -15.0, 0.8)


def jingle(random: np.random.Generator, seconds: float, bpm: float = 132.0) -> Array:
    """Bright plucks and claps in F major for the advert; about -15 LUFS."""
    step = 15.0 / bpm
    total, plucks = np.zeros((round(seconds * SAMPLE_RATE), 2)), np.zeros((round(seconds * SAMPLE_RATE), 2))
    clap, hat, kick = i.clap(random), i.cymbal(random, 0.03, 7500, 0.1), 0.7 * i.kick(random)
    chords = ((41, (65, 69, 72)), (46, (65, 70, 74)), (41, (65, 69, 72)), (36, (64, 67, 72)))
    for bar in range(int(seconds / (16 * step)) + 1):
        root, chord = chords[bar % 4]
        for number in range(16):
            start = round((16 * bar + number) * step * SAMPLE_RATE)
            if number in (0, 3, 6, 8, 11, 14):
                for position, pitch in zip((-0.4, 0.0, 0.4), chord, strict=True):
                    place(plucks, i.panned(i.pluck(pitch + 12, 0.35, 1.2, 0.2), position), start, 0.35)
            if number % 4 == 0:
                place(total, i.bass_guitar(root, 3 * step), start, 0.5)
                place(total, kick, start, 0.5 if number % 8 == 0 else 0.0)
            if number in (4, 12):
                place(total, clap, start, 0.35)
            if number % 2 == 0:
                place(total, hat, start, 0.1)
    return i.mastered(total + plucks + 0.2 * i.reverb(plucks, random, 1.2), -15.0, 0.8)
