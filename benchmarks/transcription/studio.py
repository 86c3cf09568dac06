"""Where the recordings are made: voices, people, music and noises joined, with the truth of each."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from .. import sets
from ..activity.voices import notes
from ..material import TRACK
from . import nonspeech, packages, synthesis
from .material import BEDS, Line, Material, Recording
from .words import Timed

RATE = 16_000
LEVEL = 0.1
"""Root mean square of an utterance: −20 dBFS."""
PROMPTS = {"en": 48, "fr": 12, "es": 12, "it": 12, "ru": 12}
SHOW = 90.0
"""Seconds after which a show ends with the utterance."""
EACH = {"noise": 6, "tones": 4, "clicks and silence": 4}
"""Clips of every maker without speech; and of music below."""
TRACKS, PIECES = 40, 3
SINGERS, SONGS = ("slt", "rms", "kal16"), 8

Sound = NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class _Utterance:
    family: str
    language: str
    samples: Sound
    words: tuple[Timed, ...]


class Studio:
    """Collects recordings; a source that is missing is noted, and the rest is made without it."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._recordings: list[Recording] = []
        self._sources: list[str] = []
        self._left_out: list[str] = []

    def make(self, scripts: Path | None) -> Material:
        """Write all files and return what is in them."""
        read = [self._synthesised(), *(self._prompts(language) for language in PROMPTS), self._librivox()]
        music = self._music(scripts)
        self._clips([*read[0][::3], *read[1][::4], *read[-1]])
        english = [read[0], [*read[1], *read[-1]]]
        shows = [show for part in [*english, *read[2:-1]] for show in self._shows(part, music)]
        self._beds(shows, music)
        self._development(scripts)
        self._nothing(music)
        self._singing(music)
        return Material(tuple(self._recordings), tuple(self._sources), tuple(self._left_out))

    def _synthesised(self) -> list[_Utterance]:
        texts = Path(__file__).with_name("texts.txt").read_text(encoding="utf-8").splitlines()
        spoken = []
        try:
            for index, text in enumerate(texts):
                voice = synthesis.VOICES[index % len(synthesis.VOICES)]
                # Every other utterance is two texts long.
                said = f"{text} {texts[(index + 33) % len(texts)]}" if index % 2 else text
                found = synthesis.speak(voice, said)
                spoken.append(_Utterance(voice, "en", _at_level(found.samples), found.words))
        except synthesis.SynthesisMissing as reason:
            self._left_out.append(f"synthesised speech: {reason}")
            return []
        self._sources.append("flite 2.2 (BSD-like), espeak-ng (GPL-3.0; only its sound is used), own texts")
        return spoken

    def _prompts(self, language: str) -> list[_Utterance]:
        return self._readings(f"prompts-{language}", language, f"asterisk-core-sounds-{language}-g722")

    def _librivox(self) -> list[_Utterance]:
        return self._readings("librivox", "en", "pocketsphinx-testdata")

    def _readings(self, family: str, language: str, package: str) -> list[_Utterance]:
        try:
            prompted = family != "librivox"
            found = packages.prompts(language, PROMPTS[language]) if prompted else packages.librivox()
        except packages.PackageMissing as reason:
            self._left_out.append(f"{family}: {reason}")
            return []
        self._sources.append(f"{package} {packages.version(package)} ({packages.LICENCES[family]})")
        return [
            _Utterance(
                family, language, _at_level(_trimmed(one.samples)), tuple(Timed(w) for w in one.text.split())
            )
            for one in found
        ]

    def _music(self, scripts: Path | None) -> list[Sound]:
        """Return pieces of music of up to two minutes: our demo's, game loops, the development set's."""
        paths = [TRACK]
        for name in packages.MUSIC:
            try:
                paths += sorted(packages.package(name).rglob("*.ogg"))
                self._sources.append(f"{name} {packages.version(name)} (BSD-2-clause)")
            except packages.PackageMissing as reason:
                self._left_out.append(f"music: {reason}")
        if scripts is not None:
            chosen = sets.development(scripts)
            paths += [chosen.audio(name) for name in chosen.ids if name.startswith(("lmms", "module"))]
            self._sources.append("the development set: speech items, LMMS demo songs, tracker modules")
        return [packages.read(path, 120) for path in paths[:TRACKS]]

    def _clips(self, utterances: Iterable[_Utterance]) -> None:
        edge = np.zeros(RATE // 2, np.float32)
        for index, one in enumerate(utterances):
            samples = np.concatenate([edge, one.samples, edge])
            line = _line(one, 0.5)
            self._add(f"clip-{index:02d}-{one.family}", "clip", one.language, samples, (line,))

    def _shows(self, utterances: Sequence[_Utterance], music: Sequence[Sound]) -> list[Recording]:
        random = np.random.default_rng(len(utterances))
        shows: list[Recording] = []
        parts, lines, now = [np.zeros(RATE // 2, np.float32)], list[Line](), 0.5
        for index, one in enumerate(utterances):
            lines.append(_line(one, now))
            following = [one.samples, np.zeros(round(random.uniform(0.3, 2.5) * RATE), np.float32)]
            if index % 4 == 3:
                track = music[index % len(music)]
                count = round(random.uniform(3, 6) * RATE)
                first = int(random.integers(0, max(1, len(track) - count)))
                following += [
                    _faded(_at_level(track[first : first + count])),
                    np.zeros(RATE // 2, np.float32),
                ]
            parts += following
            now += sum(len(part) for part in following) / RATE
            if now > SHOW or one is utterances[-1]:
                family = one.family if one.family.startswith("prompts-") else "people"
                family = "synthetic" if lines[0].words[0].start is not None else family
                name = f"show-{family}-{one.language}-{len(self.__shows(family))}"
                shows.append(self._add(name, "show", one.language, np.concatenate(parts), tuple(lines)))
                parts, lines, now = [np.zeros(RATE // 2, np.float32)], [], 0.5
        return shows

    def __shows(self, family: str) -> list[Recording]:
        return [one for one in self._recordings if one.name.startswith(f"show-{family}-")]

    def _beds(self, shows: Sequence[Recording], music: Sequence[Sound]) -> None:
        english = [show for show in shows if show.language == "en"]
        chosen = [*english[:2], *english[2:][-2:]]
        for index, show in enumerate(chosen):
            samples = packages.read(show.path)
            bed = np.resize(music[(5 * index + 1) % len(music)], len(samples))
            for decibels in BEDS:
                mixed = samples + _at_level(bed, LEVEL * 10 ** (-decibels / 20))
                self._add(f"bed-{decibels}-{show.name}", f"bed {decibels}", "en", mixed, show.lines)

    def _development(self, scripts: Path | None) -> None:
        if scripts is None:
            return
        chosen = sets.development(scripts, only="speech_*")
        for name, truth in chosen.truths.items():
            spoken = [segment for segment in truth["segments"] if segment["type"] == "speech"]
            lines = tuple(
                Line("development", tuple(Timed(w) for w in one["text"].split()), one["start"], one["end"])
                for one in spoken
            )
            if lines:
                samples = packages.read(chosen.audio(name))
                self._add(f"dev-{name}", "development", truth["language"], samples, lines)

    def _nothing(self, music: Sequence[Sound]) -> None:
        for kind, each in EACH.items():
            for name, samples in nonspeech.clips(kind, each):
                self._add(f"nothing-{name}", kind, "en", samples)
        random = np.random.default_rng(11)
        for index, track in enumerate(music):
            for piece in range(PIECES):
                count = round(random.uniform(nonspeech.SHORTEST, nonspeech.LONGEST) * RATE)
                first = int(random.integers(0, max(1, len(track) - count)))
                sound = _at_level(track[first : first + count], 10 ** (random.uniform(-35, -14) / 20))
                self._add(f"nothing-music-{index:02d}-{piece}", "music", "en", sound)

    def _singing(self, music: Sequence[Sound]) -> None:
        """Words of flite on the notes of a melody, one a word: every other clip over music."""
        random = np.random.default_rng(12)
        for voice in SINGERS:
            sung = [clip.samples for clip in notes(voice, random, SONGS)]
            if not sung:
                self._left_out.append("singing: flite is not installed")
                return
            for index, line in enumerate(sung):
                part = np.resize(_at_level(line), max(len(line), round(nonspeech.SHORTEST * RATE)))
                part = part[: round(nonspeech.LONGEST * RATE)]
                bed = np.resize(music[(3 * index + 2) % len(music)], len(part))
                over = _at_level(bed, LEVEL * 0.5) if index % 2 else np.zeros_like(part)
                self._add(f"sung-{voice}-{index:02d}", "singing", "en", part + over)

    def _add(
        self, name: str, kind: str, language: str, samples: Sound, lines: tuple[Line, ...] = ()
    ) -> Recording:
        import soundfile

        path = self._folder / f"{name}.wav"
        loudest = float(np.abs(samples).max(initial=0.0))
        soundfile.write(path, samples / max(1.0, loudest / 0.98), RATE, "PCM_16")
        self._recordings.append(Recording(name, path, kind, language, len(samples) / RATE, lines))
        return self._recordings[-1]


def _line(utterance: _Utterance, offset: float) -> Line:
    def moved(time: float | None) -> float | None:
        return None if time is None else round(time + offset, 4)

    words = tuple(Timed(word.text, moved(word.start), moved(word.end)) for word in utterance.words)
    return Line(utterance.family, words, offset, offset + len(utterance.samples) / RATE)


def _at_level(samples: Sound, level: float = LEVEL) -> Sound:
    factor = np.float32(level) / (np.sqrt(np.mean(np.square(samples))) + np.float32(1e-9))
    return np.asarray(samples * factor, np.float32)


def _trimmed(samples: Sound) -> Sound:
    loud = np.flatnonzero(np.abs(samples) > 0.01 * np.abs(samples).max())
    return samples[max(0, loud[0] - 800) : loud[-1] + 1600]


def _faded(samples: Sound) -> Sound:
    rise = np.minimum(1, np.arange(len(samples)) / (0.3 * RATE)).astype(np.float32)
    faded: Sound = samples * rise * rise[::-1]
    return faded
