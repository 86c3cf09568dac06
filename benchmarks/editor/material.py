"""What is made to be measured: an hour of music, clicks in four formats, a track of eight sections."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from edm_core.annotation import Annotation, layers_of
from edm_core.audio import load
from edm_core.cache import Cache
from edm_core.grid import GridSegment
from edm_core.items import Section
from edm_core.service.views.picture import outline_of
from edm_core.store import Entry, Library
from edm_core.timeline import Timeline
from edm_core.vocabulary import SectionLabel

from ..material import RATE, TRACK

BPM, DOWNBEAT = 128.0, 0.02
FORMATS = ("wav", "mp3", "m4a", "ogg")
CLICK_GAP_S = 0.75
_FORM: tuple[SectionLabel, ...] = (
    "intro", "buildup", "drop", "breakdown", "buildup", "drop", "breakdown", "outro",
)  # fmt: skip
_BARS = (17, 33, 49, 81, 97, 113, 145)


def bar_time(bar: int) -> float:
    """Return when a bar begins, in seconds."""
    return round(DOWNBEAT + (bar - 1) * 240.0 / BPM, 9)


def long_music(path: Path, minutes: float) -> Path:
    """Write a mono FLAC of so many minutes: the demo track's 64 bars up to the outro, repeated."""
    import soundfile

    samples, _ = soundfile.read(TRACK, dtype="float32", always_2d=True)
    mono = (samples.mean(axis=1) * 32_000).astype(np.int16)
    first, last = 4_410, 4_410 + 64 * 84_000
    whole = round(minutes * 60 * RATE)
    with soundfile.SoundFile(path, "w", RATE, 1, "PCM_16", format="FLAC") as file:
        for position in itertools.count(0, 1 << 20):
            if position >= whole:
                return path
            index = first + np.arange(position, min(position + (1 << 20), whole)) % (last - first)
            file.write(mono[index])
    return path


def clicks(path: Path, seconds: float = 24.0) -> list[float]:
    """Write a track of clicks in the format of the name's ending; return when they come, in seconds.

    A click is 2 ms of a decaying 3 kHz tone, loud from its first sample on, as codecs keep it.
    """
    import av
    import soundfile

    times = [round(0.5 + number * CLICK_GAP_S, 6) for number in range(int((seconds - 1) / CLICK_GAP_S))]
    sound = np.zeros(round(seconds * RATE), np.float32)
    length = round(0.002 * RATE)
    click = 0.9 * np.cos(2 * np.pi * 3_000 * np.arange(length) / RATE) * np.exp(-np.arange(length) / 30)
    for time in times:
        at = round(time * RATE)
        sound[at : at + length] = click
    ending = path.suffix[1:]
    if ending in ("wav", "mp3", "ogg"):
        form = {"wav": ("WAV", "PCM_16"), "mp3": ("MP3", "MPEG_LAYER_III"), "ogg": ("OGG", "VORBIS")}[ending]
        soundfile.write(path, sound, RATE, form[1], format=form[0])
        return times
    with av.open(str(path), "w") as container:
        stream = container.add_stream("aac", rate=RATE, layout="mono")
        stream.bit_rate = 192_000
        for start in range(0, len(sound), 1024):
            frame = av.AudioFrame.from_ndarray(_padded(sound[start : start + 1024]), "fltp", "mono")
            frame.sample_rate, frame.pts = RATE, start
            container.mux(stream.encode(frame))
        container.mux(stream.encode(None))
    return times


def truth(duration: float) -> Annotation:
    """Return the right annotation of a track of eight sections, 160 bars at 128 BPM."""
    return marked([0.0, *map(bar_time, _BARS)], _FORM, duration)


def suggestion(duration: float) -> Annotation:
    """Return the same with what a model gets wrong: two boundaries (by 4 and 8 bars) and two labels."""
    starts = [0.0, *map(bar_time, _BARS)]
    starts[3], starts[6] = bar_time(_BARS[2] + 4), bar_time(_BARS[5] - 8)
    labels = list(_FORM)
    labels[2], labels[6] = "breakdown", "drop"
    return marked(starts, labels, duration)


def many_sections(duration: float) -> Annotation:
    """Return sections of eight bars up to the end, of all labels in turn."""
    count = int((duration - bar_time(1)) / (bar_time(9) - bar_time(1)))
    starts = [0.0, *(bar_time(1 + 8 * number) for number in range(1, count))]
    return marked(starts, [_FORM[number % len(_FORM)] for number in range(len(starts))], duration)


def marked(starts: Sequence[float], labels: Sequence[SectionLabel], duration: float) -> Annotation:
    """Return sections that begin at ``starts``, with the grid."""
    ends = [*starts[1:], duration]
    sections = tuple(Section(*part) for part in zip(starts, ends, labels, strict=True))
    return Annotation(grid=(GridSegment(DOWNBEAT, BPM),), sections=sections)


def enter(library: Library, path: Path, found: Annotation | None = None) -> Entry:
    """Put a file into the library with what a model is to have found in it."""
    library.add_file(path)
    sound = load(path, settings=library.settings, cache=Cache.of(library.settings))
    layers = layers_of(found, sound.recording.duration, source="model:made@1") if found else ()
    saved = library.save_timeline(Timeline(sound.recording, layers), outline_of(sound.peaks))
    assert saved is not None
    return saved


def save(library: Library, entry: Entry, author: str, annotation: Annotation) -> None:
    """Save an annotation as its author's next revision."""
    head = library.annotations.head(entry.id, author)
    library.annotations.save(
        entry.id, author, replace(annotation, author=author), parent=head.number if head else None,
        duration=entry.duration or 1.0, tool="benchmark",
    )  # fmt: skip


def _padded(block: NDArray[np.float32]) -> NDArray[np.float32]:
    return np.pad(block, (0, 1024 - len(block)))[np.newaxis, :]
