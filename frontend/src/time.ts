/** Times and bars: how they are written, and how one is found from the other. */

import type { BeatArrays } from "./types.ts";

/** `m:ss.mmm`, or `h:mm:ss.mmm` from an hour on. */
export function clock(seconds: number): string {
  const ms = Math.max(0, Math.round(seconds * 1000));
  return `${short(Math.floor(ms / 1000))}.${String(ms % 1000).padStart(3, "0")}`;
}

/** `m:ss`, or `h:mm:ss` from an hour on; fractions are cut off, so that a label is never ahead of the sound. */
export function short(seconds: number): string {
  const whole = Math.max(0, Math.floor(seconds + 1e-6));
  const [h, m, s] = [Math.floor(whole / 3600), Math.floor(whole / 60) % 60, whole % 60];
  const tail = String(s).padStart(2, "0");
  return h > 0 ? `${h}:${String(m).padStart(2, "0")}:${tail}` : `${m}:${tail}`;
}

/** Index of the last entry that is `<= value`, or -1. */
export function lastAtOrBefore(sorted: ArrayLike<number>, value: number): number {
  let low = 0;
  let high = sorted.length;
  while (low < high) {
    const mid = (low + high) >> 1;
    if ((sorted[mid] as number) <= value) low = mid + 1;
    else high = mid;
  }
  return low - 1;
}

/** Index of the span that holds `time`, or -1. Spans are sorted by start. */
export function spanAt(spans: readonly { start: number; end: number }[], time: number): number {
  let low = 0;
  let high = spans.length;
  while (low < high) {
    const mid = (low + high) >> 1;
    if (spans[mid]!.start <= time) low = mid + 1;
    else high = mid;
  }
  const index = low - 1;
  return index >= 0 && time < spans[index]!.end ? index : -1;
}

/** The beat grid of a recording; empty where no beats were found. */
export class Grid {
  readonly times: Float64Array;
  /** Indices of the beats that begin a bar. */
  readonly downbeats: number[] = [];
  readonly downbeatTimes: number[] = [];

  constructor(
    private readonly beats: BeatArrays,
    readonly beatsPerBar: number,
  ) {
    this.times = Float64Array.from(beats.time);
    beats.position.forEach((position, index) => {
      if (position === 1) {
        this.downbeats.push(index);
        this.downbeatTimes.push(beats.time[index]!);
      }
    });
  }

  get empty(): boolean {
    return this.times.length < 2;
  }

  bar(index: number): number {
    return this.beats.bar[index] ?? 0;
  }

  /** `bar.beat` at a time, or null before the first beat and a beat after the last one. */
  at(time: number): string | null {
    const index = lastAtOrBefore(this.times, time + 1e-6);
    if (index < 0 || this.empty) return null;
    const last = this.times.length - 1;
    if (index === last && time > this.times[last]! + this.period(last)) return null;
    return `${this.beats.bar[index]}.${this.beats.position[index]}`;
  }

  /** The time that lies `bars` bars from `time`, at the same place within its beat. Without beats: seconds. */
  shift(time: number, bars: number): number {
    if (this.empty) return time + bars;
    const last = this.times.length - 1;
    const index = Math.min(Math.max(lastAtOrBefore(this.times, time), 0), last);
    // Beyond either end the grid goes on at the period of its edge.
    const place = index + (time - this.times[index]!) / this.period(index) + bars * this.beatsPerBar;
    const base = Math.min(Math.max(Math.floor(place), 0), last);
    return this.times[base]! + (place - base) * this.period(base);
  }

  private period(index: number): number {
    const left = Math.min(index, this.times.length - 2);
    return this.times[left + 1]! - this.times[left]!;
  }
}

/** The smallest of 1, 2, 4, 8, … bars that is at least `least` pixels wide. */
export function barStep(pixelsPerBar: number, least: number): number {
  let step = 1;
  while (step * pixelsPerBar < least && step < 1 << 20) step *= 2;
  return step;
}

const TICKS = [0.1, 0.2, 0.5, 1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200];

/** The distance between time marks, in seconds, at which they stand at least `least` pixels apart. */
export function tickStep(pixelsPerSecond: number, least: number): number {
  return TICKS.find((step) => step * pixelsPerSecond >= least) ?? 14400;
}
