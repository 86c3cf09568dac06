"""What happens to sound on its way to the mix: treatment of a track, and the hand on the buses.

Nothing comes earlier than it was played: filters are causal ones.
"""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import numpy.typing as npt
from scipy.signal import butter, oaconvolve, sosfilt

from .score import Colour, Fade, Score, Sound, Sweep, stream

Times = npt.NDArray[np.float64]


def treat(dry: Sound, colour: Colour, rate: int, step: float, channels: int, room: Sound) -> Sound:
    """Put a bar through filters, drive, gate, echo, place and reverb."""
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


def draw_room(seed: int, rate: int, channels: int) -> Sound:
    """Draw a room: noise that dies away, dark or bright, of the same energy whatever its size."""
    random = stream(seed, "room")
    seconds, before = float(np.exp(random.uniform(*np.log((0.15, 1.6))))), random.uniform(0, 0.04)
    dark = float(random.uniform(0.2, 0.85))
    count = int(seconds * rate)
    t = np.arange(count) / rate
    noise = stream(seed, "room noise").standard_normal((channels, count))
    noise = sosfilt(butter(1, (0.02 + 0.4 * (1 - dark)), "lowpass", output="sos"), noise, axis=1)
    noise *= np.exp(-6.9 * t / seconds) * (t >= before)
    return np.asarray(noise / np.sqrt((noise**2).sum(1).mean()), np.float32)


def place_of(bar: float, times: Times) -> float:
    """Time in seconds of a place in bars."""
    return float(np.interp(bar, np.arange(len(times)), times))


def fade_curve(fade: Fade, times: Times, length: int, rate: int) -> Sound:
    """Gain of every sample under a fade; shape (length,)."""
    start, end = (int(place_of(bar, times) * rate) for bar in (fade.first, fade.last))
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


def duck(score: Score, buses: dict[str, Sound], kicks: list[float], times: Times, rate: int) -> None:
    """Turn buses down, in place, whenever a kick sounds (onsets in seconds)."""
    if score.duck is None:
        return
    if score.duck.always:
        beats = np.concatenate([np.linspace(a, b, score.meter, endpoint=False) for a, b in pairwise(times)])
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


def filter_moving(sound: Sound, sweep: Sweep, times: Times, rate: int, frame: int = 1024) -> None:
    """Filter a stretch in place with a cutoff that moves: overlapping frames, each with its own filter.

    The filter is an analogue one of second order (its complex response, so nothing comes early), and frames
    are padded to twice their length, so what rings past a frame is kept.
    """
    start, end = (int(place_of(bar, times) * rate) for bar in (sweep.first, sweep.last))
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
            for row, number in zip(filtered, some, strict=False):
                out[channel, number * hop : number * hop + 2 * frame] += row
    sound[:, start:end] = out[:, hop : hop + end - start]
