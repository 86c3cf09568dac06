"""Where an arrangement is put together: the band, what it plays, and the marks that sections leave."""

from __future__ import annotations

from dataclasses import dataclass

from .band import DRUMS
from .grooves import roll
from .score import Fade, Note, Part, Sweep, Track, stream


class Desk:
    """Where an arrangement is put together: the band, and all that was decided so far."""

    def __init__(self, seed: int, band: tuple[Track, ...], meter: int) -> None:
        self.random = stream(seed, "arrangement")
        self.tracks = list(band)
        self.steps = 4 * meter
        self.parts: list[Part] = []
        self.sweeps: list[Sweep] = []
        self.fades: list[Fade] = []
        random = self.random
        self.dynamics = float(random.choice([0.0, 0.3, 0.6, 1.0, 1.6]))  # how much quieter quiet sections are
        self.marks = float(random.uniform(0, 0.9))  # how often section starts are marked
        self.fill_every = int(random.choice([0, 4, 8, 8, 16]))
        self.filled: dict[int, bool] = {}
        tonal = self.of("bass", "sub", "pad", "chords", "arp", "pluck", "lead", "vocal")
        self.hook = [*self.of(*DRUMS), *tonal]
        for track in list(self.hook):
            if self.tracks[track].role not in ("kick", "bass") and random.random() < 0.15:
                self.hook.remove(track)

    def of(self, *roles: str) -> list[int]:
        """Tracks that have one of the roles."""
        return [index for index, track in enumerate(self.tracks) if track.role in roles]

    def some(self, tracks: list[int], least: int, most: int) -> list[int]:
        """Choose a few of them."""
        if not tracks:
            return []
        count = int(self.random.integers(min(least, len(tracks)), min(most, len(tracks)) + 1))
        return sorted(int(track) for track in self.random.choice(tracks, count, replace=False))

    def without(self, tracks: list[int], *roles: str) -> list[int]:
        """Those of other roles."""
        return [track for track in tracks if self.tracks[track].role not in roles]

    def play(
        self, track: int, first: int, bars: int, pattern: str = "a", gain: tuple[float, float] = (0.0, 0.0)
    ) -> None:
        """One track; drums get their fills."""
        if bars <= 0:
            return
        if self.tracks[track].role == "ambience":
            self.mark("ambience", first, bars)
            return
        patterns = self.tracks[track].patterns
        pattern = pattern if pattern in patterns else "a"
        start, end = first, first + bars
        if self.fill_every and self.tracks[track].role in DRUMS and "fill" in patterns:
            rise = (gain[1] - gain[0]) / bars
            for bar in range(first + self.fill_every - 1, end, self.fill_every):
                # Drummers fill together, mostly.
                if bar not in self.filled:
                    self.filled[bar] = bool(self.random.random() < 0.45)
                if self.filled[bar] and self.random.random() < 0.75:
                    level = gain[0] + rise * (bar - first)
                    if bar > start:
                        before = gain[0] + rise * (start - first)
                        self.parts.append(
                            Part(track, pattern, start, bar - start, (before, level), start - first)
                        )
                    self.parts.append(Part(track, "fill", bar, 1, (level, level)))
                    start = bar + 1
            gain = (gain[0] + rise * (start - first), gain[1])
        if end > start:
            self.parts.append(Part(track, pattern, start, end - start, gain, start - first))

    def mark(self, role: str, first: int, bars: int = 1, step: float = 0.0) -> None:
        """One long note of an effect: a riser over some bars, a crash."""
        track = self.of(role)[0]
        length = bars * self.steps - step - 0.01 if role in ("riser", "fall", "ambience", "swell") else 1.0
        note = Note(step, length, float(self.random.integers(45, 62)), 1.0)
        name = f"{role} {bars} {step}"
        self.tracks[track].patterns.setdefault(name, ((note,), *([()] * (bars - 1))))
        self.parts.append(Part(track, name, first, bars))


@dataclass(frozen=True)
class Place:
    """A section while it is filled."""

    label: str
    first: int
    bars: int
    before: str
    after: str

    @property
    def end(self) -> int:
        """The bar after it."""
        return self.first + self.bars


def begin(desk: Desk, place: Place) -> None:
    """Crash, impact or fall at the start of a section, or not; sometimes a crash elsewhere."""
    random = desk.random
    if place.label == "silence" or not place.before:
        return
    chance = desk.marks * {"drop": 1.0, "breakdown": 0.6, "outro": 0.5}.get(place.label, 0.3)
    for role, share in (("crash", 0.8), ("impact", 0.4), ("fall", 0.25)):
        if random.random() < chance * share:
            desk.mark(role, place.first, min(place.bars, int(random.integers(1, 5))) if role == "fall" else 1)
    if place.before != "silence":
        if random.random() < 0.5 * desk.marks:
            desk.mark("swell", place.first - 1, 1, float(random.choice([0, desk.steps // 2])))
        if random.random() < 0.25:
            desk.parts.append(Part(desk.of("tom")[0], "fill", place.first - 1, 1))
    for bar in range(place.first + 4, place.end, 4):
        if random.random() < 0.12 * desk.marks:
            desk.mark("crash", bar)


def layers(
    desk: Desk, place: Place, cast: list[int], shape: str, pattern: str = "a", gain: float = 0.0
) -> None:
    """Spread a cast over a section: all at once, entering, leaving, changing half-way, resting."""
    random, bars = desk.random, place.bars
    block = int(random.choice([4, 8, 8, 16]))
    block = block if block < bars else max(1, bars // 2)
    order = [int(track) for track in random.permutation(cast)]
    blocks = -(-bars // block)
    for number, track in enumerate(order):
        start, end = 0, bars
        if shape == "enter" and number >= max(1, len(order) // 4):
            start = block * int(random.integers(0, blocks))
        elif shape == "leave" and number < len(order) - max(1, len(order) // 4):
            end = min(bars, block * int(random.integers(1, blocks + 1)))
        elif shape == "swap" and number % 3 == 0 and blocks > 1:
            half = block * (blocks // 2)
            start, end = (half, bars) if number % 2 else (0, half)
        elif shape == "rest" and number % 4 == 0 and blocks > 2:
            gone = int(random.integers(1, blocks - 1))
            desk.play(track, place.first, gone * block, pattern, (gain, gain))
            start = (gone + 1) * block
        if shape == "turn" and blocks > 1 and random.random() < 0.5:
            half = block * (blocks // 2)
            desk.play(track, place.first, half, pattern, (gain, gain))
            desk.play(track, place.first + half, bars - half, "b" if pattern == "a" else "a", (gain, gain))
        else:
            desk.play(track, place.first + start, end - start, pattern, (gain, gain))


def rise(desk: Desk, place: Place, bars: int) -> None:
    """Put a riser over the last bars of a section."""
    bars = max(1, min(bars, place.bars))
    desk.mark("riser", place.end - bars, bars)


def drum_roll(desk: Desk, place: Place, bars: int) -> None:
    """Put a roll under a whole buildup."""
    if bars < 1:
        return
    track = desk.of("roll")[0]
    name = f"roll {place.first}"
    desk.tracks[track].patterns[name] = roll(desk.random, bars, desk.steps)
    desk.parts.append(Part(track, name, place.first, bars, (-desk.random.uniform(0, 8), 0.0)))
