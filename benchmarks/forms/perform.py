"""A score becomes sound: every bar of every pattern once, copies of it placed where it plays, then the desk.

Sound is float32 of shape (channels, samples), one or two channels. Bars are added with their tails (releases,
echoes, reverb), so nothing is cut at a bar line; after the last bar of a run a track dies away in its own
time.
"""

from __future__ import annotations

import numpy as np

from .console import Times, draw_room, duck, fade_curve, filter_moving, treat
from .score import BUSES, Score, Sound, Track, hertz, stream

TAIL = 1.6  # seconds that a bar may ring on


def perform(score: Score, seed: int, rate: int, channels: int) -> Sound:
    """Play the mix before mastering, shape (channels, samples).

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
    length = round((times[-1] + score.tail) * rate)
    room = draw_room(seed, rate, channels)
    buses = {bus: np.zeros((channels, length), np.float32) for bus in BUSES}
    kicks: list[float] = []
    for index, track in enumerate(score.tracks):
        stem = _Stem(score, index, seed, rate, channels, room, times)
        stem.add_to(buses[track.bus])
        if track.role == "kick":
            kicks += stem.onsets()
    if score.drive:
        peak = np.float32(max(1e-6, float(np.percentile(np.abs(buses["drums"][:, ::7]), 99.5))))
        buses["drums"] = np.tanh(buses["drums"] * np.float32(10 ** (score.drive / 20) / peak)) * peak
    for fade in score.fades:
        for bus in BUSES if fade.bus == "all" else (fade.bus,):
            buses[bus] *= fade_curve(fade, times, length, rate)
    duck(score, buses, kicks, times, rate)
    for sweep in score.sweeps:
        if sweep.bus != "all":
            filter_moving(buses[sweep.bus], sweep, times, rate)
    mix: Sound = buses["drums"]
    for bus in BUSES[1:]:
        mix += buses[bus]
    for sweep in score.sweeps:
        if sweep.bus == "all":
            filter_moving(mix, sweep, times, rate)
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
                start = round((self.place(note.step) * span + late) * rate)
                sound = self.note(note.pitch, round(note.length * step, 4))
                start = max(0, start)
                end = min(len(dry), start + len(sound))
                dry[start:end] += note.strength * sound[: end - start]
            wet = treat(dry, colour, rate, step, self.channels, self.room)
            heard = np.flatnonzero(np.abs(wet).max(0) > 1e-5)
            self.bars[key] = wet[:, : int(heard[-1]) + 1 if heard.size else 1].copy()
        return self.bars[key]

    def note(self, pitch: float, seconds: float) -> Sound:
        if (pitch, seconds) not in self.notes:
            self.notes[pitch, seconds] = self.track.voice(
                hertz(pitch + self.score.tuning / 100), seconds, self.rate
            )
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
            if part.first == 0 and self.score.pickup and count > 0:
                self._pickup(part.pattern, len(pattern) - 1, bus, level)
            end = round(self.times[part.first + max(0, count)] * self.rate)
            end = bus.shape[1] if part.first + count in covered else end
            for offset in range(count):
                number = (part.phase + offset) % len(pattern)
                if not pattern[number]:
                    continue
                bar = part.first + offset
                sound = self.bar(part.pattern, number, float(self.times[bar + 1] - self.times[bar]))
                at = round(self.times[bar] * self.rate)
                sound = sound[:, : max(0, bus.shape[1] - at)]
                sound = self._gain(part.gain, offset, count, sound.shape[1], bar) * np.float32(level) * sound
                rest = at + sound.shape[1] - end
                if rest > 0:  # beyond the last bar of a run it dies away in its own time
                    release = max(0.01, self.track.colour.release) * self.rate
                    sound[:, -rest:] *= np.exp(-np.arange(rest) / release, dtype=np.float32)
                bus[:, at : at + sound.shape[1]] += sound

    def _gain(self, gain: tuple[float, float], offset: int, count: int, length: int, bar: int) -> Sound:
        """Factors of a part's moving gain over one of its bars and the bar's tail."""
        if gain[0] == gain[1]:
            return np.full(1, 10 ** (gain[0] / 20), np.float32)
        slope = (gain[1] - gain[0]) / count
        span = float(self.times[bar + 1] - self.times[bar]) * self.rate
        way = np.minimum(offset + np.arange(0, length + 256, 256) / span, count)
        return np.repeat(10 ** ((gain[0] + slope * way) / 20), 256)[:length].astype(np.float32)

    def _pickup(self, name: str, last: int, bus: Sound, level: float) -> None:
        """Play the last beats of the pattern's last bar before the first bar."""
        start, span = round(self.times[0] * self.rate), float(self.times[1] - self.times[0])
        sound = self.bar(name, last, span)
        skip = round(span * (1 - self.score.pickup / self.score.meter) * self.rate)
        at = start + skip - round(span * self.rate)
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
        full = [number for number, notes in enumerate(patterns[longest.pattern]) if notes]
        for number in full[:3]:
            sound = self.bar(longest.pattern, number, span)
            body = np.abs(sound[:, : int(span * self.rate)])
            if self.track.bus == "drums":
                strength = max(strength, float(body.max()))
            else:
                loud = body[body > 0.1 * body.max()] if body.max() > 0 else body
                strength = max(strength, 2.5 * float(np.sqrt((loud**2).mean())) if loud.size else 0.0)
        return float(0.5 * 10 ** (self.track.colour.gain / 20) / strength) if strength > 1e-6 else 0.0
