"""A score becomes sound: every bar of every pattern once, copies of it placed where it plays, then the desk.

Sound is float32 of shape (channels, samples), one or two channels. Bars are added with their tails (releases,
echoes, reverb), so nothing is cut at a bar line; after the last bar of a run a track dies away in its own time.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
from scipy.signal import butter, oaconvolve, sosfilt

from .score import BUSES, Colour, Fade, Score, Sound, Sweep, Track, hertz, stream

TAIL = 1.6  # seconds that a bar may ring on
Times = npt.NDArray[np.float64]


def perform(score: Score, seed: int, rate: int, channels: int) -> Sound:
    """The mix before mastering, shape (channels, samples).

    Parameters
    ----------
    score : Score
        What to play.
    seed : int
        For what differs from hit to hit, and for the reverb.
    rate : int
        Sampling rate in Hz.
    channels : int
        1 or 2.
    """
    times = score.bar_times()
    length = int(round((times[-1] + score.tail) * rate))
    room = _room(seed, rate, channels)
    buses = {bus: np.zeros((channels, length), np.float32) for bus in BUSES}
    kicks: list[float] = []
    for index, track in enumerate(score.tracks):
        stem = _Stem(score, index, seed, rate, channels, room, times)
        stem.add_to(buses[track.bus])
        if track.role == "kick":
            kicks += stem.onsets()
    for fade in score.fades:
        for bus in BUSES if fade.bus == "all" else (fade.bus,):
            buses[bus] *= _fade(fade, times, length, rate)
    _duck(score, buses, kicks, times, rate)
    for sweep in score.sweeps:
        if sweep.bus != "all":
            _sweep(buses[sweep.bus], sweep, times, rate)
    mix: Sound = buses["drums"]
    for bus in BUSES[1:]:
        mix += buses[bus]
    for sweep in score.sweeps:
        if sweep.bus == "all":
            _sweep(mix, sweep, times, rate)
    return mix


# --- one track --------------------------------------------------------------------------------------


class _Stem:
    """One track of a score while it is played."""

    def __init__(
        self, score: Score, index: int, seed: int, rate: int, channels: int, room: Sound, times: Times
    ) -> None:
        self.score, self.index, self.seed = score, index, seed
        self.rate, self.channels, self.room, self.times = rate, channels, room, times
        self.track: Track = score.tracks[index]
        self.notes: dict[tuple[float, float], Sound] = {}
        self.bars: dict[tuple[str, int, float], Sound] = {}
        self.parts = sorted(
            (part for part in score.parts if part.track == index), key=lambda part: part.first
        )

    def onsets(self) -> list[float]:
        """When its notes begin, in seconds."""
        out = []
        for part in self.parts:
            pattern = self.track.patterns[part.pattern]
            for offset in range(min(part.bars, self.score.bars - part.first)):
                bar = part.first + offset
                span = self.times[bar + 1] - self.times[bar]
                out += [
                    float(self.times[bar] + self.place(note.step) * span)
                    for note in pattern[(part.phase + offset) % len(pattern)]
                    if note.strength > 0.5
                ]
        return out

    def place(self, step: float) -> float:
        """Where in the bar a step sounds, as a share of the bar, by the feel of the piece."""
        beat, inside = divmod(step, 4)
        local = np.interp(inside, (0, 1, 2, 3, 4), (*self.score.feel, 1.0))
        return float((beat + local) / self.score.meter)

    def bar(self, pattern: str, number: int, span: float) -> Sound:
        """One bar of a pattern with its tail, treated, shape (channels, samples)."""
        key = (pattern, number, round(span, 6))
        if key not in self.bars:
            notes = self.track.patterns[pattern][number]
            colour, rate = self.track.colour, self.rate
            random = stream(self.seed, self.index, pattern, number)
            step = span / (4 * self.score.meter)
            longest = max((note.step + note.length for note in notes), default=0) * step
            dry = np.zeros(int((max(span, longest) + TAIL) * rate), np.float32)
            for note in notes:
                late = float(random.normal(0, colour.jitter)) if colour.jitter else 0.0
                start = int(round((self.place(note.step) * span + late) * rate))
                sound = self.note(note.pitch, round(note.length * step, 4))
                sound = sound[max(0, -start) :]
                start = max(0, start)
                end = min(len(dry), start + len(sound))
                dry[start:end] += note.strength * sound[: end - start]
            self.bars[key] = _treat(dry, colour, rate, step, self.channels, self.room)
        return self.bars[key]

    def note(self, pitch: float, seconds: float) -> Sound:
        if (pitch, seconds) not in self.notes:
            self.notes[pitch, seconds] = self.track.voice(hertz(pitch), seconds, self.rate)
        return self.notes[pitch, seconds]

    def add_to(self, bus: Sound) -> None:
        """Play every part of the track."""
        if not self.parts:
            return
        level = self.level()
        covered = {bar for part in self.parts for bar in range(part.first, part.first + part.bars)}
        for part in self.parts:
            pattern = self.track.patterns[part.pattern]
            count = min(part.bars, self.score.bars - part.first)
            if count <= 0:
                continue
            start, end = (int(round(self.times[bar] * self.rate)) for bar in (part.first, part.first + count))
            ends_here = part.first + count not in covered
            run = np.zeros(
                (self.channels, min(end - start + int(TAIL * self.rate), bus.shape[1] - start)), np.float32
            )
            for offset in range(count):
                number = (part.phase + offset) % len(pattern)
                if not pattern[number]:
                    continue
                bar = part.first + offset
                sound = self.bar(part.pattern, number, float(self.times[bar + 1] - self.times[bar]))
                at = int(round(self.times[bar] * self.rate)) - start
                stop = min(run.shape[1], at + sound.shape[1])
                run[:, at:stop] += sound[:, : stop - at]
            self._pickup(run, part.pattern, pattern, start, bus, level) if part.first == 0 else None
            if ends_here or part.bars * 2 < len(pattern):
                rest = run.shape[1] - (end - start)
                if rest > 0:
                    release = max(0.01, self.track.colour.release)
                    run[:, end - start :] *= np.exp(
                        -np.arange(rest) / (release * self.rate), dtype=np.float32
                    )
            if part.gain == (0.0, 0.0):
                run *= np.float32(level)
            else:
                decibels = np.linspace(*part.gain, run.shape[1] // 512 + 2)
                run *= np.repeat(level * 10 ** (decibels / 20), 512)[: run.shape[1]].astype(np.float32)
            bus[:, start : start + run.shape[1]] += run

    def _pickup(
        self, run: Sound, name: str, pattern: tuple[object, ...], start: int, bus: Sound, level: float
    ) -> None:
        """Beats before the first bar are the last beats of the pattern's last bar."""
        if not self.score.pickup:
            return
        span = float(self.times[1] - self.times[0])
        sound = self.bar(name, len(pattern) - 1, span)
        skip = int(round(span * (1 - self.score.pickup / self.score.meter) * self.rate))
        at = start + skip - int(round(span * self.rate))
        stop = min(bus.shape[1], at + sound.shape[1] - skip)
        piece = sound[:, skip : skip + stop - at].copy()
        ramp = min(64, piece.shape[1])
        piece[:, :ramp] *= np.linspace(0, 1, ramp, dtype=np.float32)
        bus[:, at:stop] += level * piece

    def level(self) -> float:
        """Factor that brings the track to its gain: drums by their peak, others by their strength."""
        patterns = self.track.patterns
        longest = max(self.parts, key=lambda part: part.bars)
        span = float(self.times[longest.first + 1] - self.times[longest.first])
        strength = 1e-6
        for number in range(min(2, len(patterns[longest.pattern]))):
            sound = self.bar(longest.pattern, number, span)
            body = np.abs(sound[:, : int(span * self.rate)])
            if self.track.bus == "drums":
                strength = max(strength, float(body.max()))
            else:
                loud = body[body > 0.1 * body.max()] if body.max() > 0 else body
                strength = max(strength, 2.5 * float(np.sqrt((loud**2).mean())) if loud.size else 0.0)
        return float(0.5 * 10 ** (self.track.colour.gain / 20) / strength) if strength > 1e-6 else 0.0


def _treat(dry: Sound, colour: Colour, rate: int, step: float, channels: int, room: Sound) -> Sound:
    """Filters, drive, gate, echo, place, reverb."""
    sound = dry
    if colour.drive:
        peak = max(1e-6, float(np.abs(sound).max()))
        sound = np.tanh(sound / peak * 10 ** (colour.drive / 20)) * peak
    if colour.highpass:
        sound = sosfilt(butter(2, colour.highpass, "highpass", fs=rate, output="sos"), sound).astype(
            np.float32
        )
    if 0 < colour.lowpass < 0.45 * rate:
        sound = sosfilt(butter(2, colour.lowpass, "lowpass", fs=rate, output="sos"), sound).astype(np.float32)
    if colour.gate:
        opened = np.isin((np.arange(len(sound)) / (step * rate)).astype(int) % 16, colour.gate).astype(
            np.float32
        )
        smooth = max(1, int(0.004 * rate))
        sound = sound * np.convolve(opened, np.ones(smooth, np.float32) / smooth, "same")
    if colour.echo:
        gap = int(colour.echo_steps * step * rate)
        wet, level = sound, colour.echo
        for turn in range(1, 4):
            if turn * gap >= len(sound):
                break
            wet = wet.copy() if turn == 1 else wet
            wet[turn * gap :] += level**turn * sound[: -turn * gap]
        sound = wet
    angle = (colour.pan + 1) * np.pi / 4
    out = sound[None, :] * (
        np.ones((1, 1)) if channels == 1 else np.sqrt(2) * np.array([[np.cos(angle)], [np.sin(angle)]])
    )
    out = out.astype(np.float32)
    if colour.reverb > 0.02:
        out += colour.reverb * oaconvolve(sound[None, :], room, axes=1)[:, : len(sound)].astype(np.float32)
    fade = min(out.shape[1], int(0.05 * rate))
    out[:, -fade:] *= np.linspace(1, 0, fade, dtype=np.float32)
    return out


def _room(seed: int, rate: int, channels: int) -> Sound:
    """A room: noise that dies away, its treble faster; of the same energy whatever its size."""
    random = stream(seed, "room")
    seconds, before = float(np.exp(random.uniform(*np.log((0.15, 1.6))))), random.uniform(0, 0.04)
    dark = float(random.uniform(0.2, 0.85))
    count = int(seconds * rate)
    t = np.arange(count) / rate
    noise = stream(seed, "room noise").standard_normal((channels, count))
    noise = sosfilt(butter(1, (0.02 + 0.4 * (1 - dark)), "lowpass", output="sos"), noise, axis=1)
    noise *= np.exp(-6.9 * t / seconds) * (t >= before)
    return (noise / np.sqrt((noise**2).sum(1).mean())).astype(np.float32)


# --- the desk ---------------------------------------------------------------------------------------


def _at(bar: float, times: Times) -> float:
    return float(np.interp(bar, np.arange(len(times)), times))


def _fade(fade: Fade, times: Times, length: int, rate: int) -> Sound:
    start, end = (int(_at(bar, times) * rate) for bar in (fade.first, fade.last))
    out = np.ones(length, np.float32)
    middle = max(0, min(end, length) - start)
    out[start : start + middle] = 10 ** (np.linspace(*fade.gain, middle) / 20)
    if fade.last >= len(times) - 1:
        out[end:] = 10 ** (fade.gain[1] / 20)
    soft = max(2, int(0.004 * rate))
    # Four milliseconds against clicks, centred so that the next downbeat is whole again when it comes.
    for edge in (start, end):
        low, high = max(0, edge - soft), min(length, edge)
        if high > low:
            out[low:high] = np.linspace(out[low], out[min(edge, length - 1)], high - low)
    return out


def _duck(score: Score, buses: dict[str, Sound], kicks: list[float], times: Times, rate: int) -> None:
    if score.duck is None:
        return
    if score.duck.always:
        beats = np.concatenate(
            [np.linspace(a, b, score.meter, endpoint=False) for a, b in zip(times, times[1:])]
        )
        kicks = [*kicks, *beats.tolist()]
    length = buses["drums"].shape[1]
    count = int(score.duck.seconds * rate)
    way = np.linspace(0, 1, count, dtype=np.float32)
    dip = 1 - score.duck.depth * (1 - way) ** 1.5
    dip[: max(2, int(0.003 * rate))] = np.linspace(1, dip[0], max(2, int(0.003 * rate)))
    gain = np.ones(length, np.float32)
    for start in np.unique(np.round(np.array(kicks) * rate).astype(int)):
        stop = min(length, start + count)
        if start < stop:
            np.minimum(gain[start:stop], dip[: stop - start], out=gain[start:stop])
    for bus in score.duck.buses:
        buses[bus] *= gain


def _sweep(sound: Sound, sweep: Sweep, times: Times, rate: int, frame: int = 1024) -> None:
    """Filter a stretch in place with a cutoff that moves: overlapping frames, each with its own filter.

    The filter is an analogue one of second order (its complex response, so nothing comes early), and frames
    are padded to twice their length, so what rings past a frame is kept.
    """
    start, end = (int(_at(bar, times) * rate) for bar in (sweep.first, sweep.last))
    end = min(end, sound.shape[1])
    hop = frame // 2
    count = (end - start) // hop + 2
    if end - start < frame:
        return
    padded = np.zeros((sound.shape[0], (count + 3) * hop), np.float32)
    padded[:, hop : hop + end - start] = sound[:, start:end]
    window = np.hanning(frame + 1)[:-1].astype(np.float32)
    s = 1j * np.fft.rfftfreq(2 * frame, 1 / rate)
    cutoffs = np.geomspace(max(20, sweep.cutoffs[0]), max(20, min(sweep.cutoffs[1], 0.5 * rate)), count)
    out = np.zeros((sound.shape[0], padded.shape[1] + 2 * frame), np.float32)
    for first in range(0, count, 256):
        some = np.arange(first, min(first + 256, count))
        x = s[None, :] / cutoffs[some, None]
        below = 1 + x / sweep.resonance + x**2
        response = (1 if sweep.kind == "lowpass" else x**2) / below
        for channel in range(sound.shape[0]):
            frames = np.lib.stride_tricks.sliding_window_view(padded[channel], frame)[some * hop] * window
            filtered = np.fft.irfft(np.fft.rfft(frames, 2 * frame, axis=1) * response, axis=1)
            for row, number in zip(filtered, some):
                out[channel, number * hop : number * hop + 2 * frame] += row
    sound[:, start:end] = out[:, hop : hop + end - start]
