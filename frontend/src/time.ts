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

/** A silence between two beats that is this many times as long as the usual one is a hole in the grid, not a beat. */
const HOLE = 3;

/** The beat grid of a recording; empty where no beats were found. A show with several songs has holes between them. */
export class Grid {
  readonly times: Float64Array;
  /** Indices of the beats that begin a bar. */
  readonly downbeats: number[] = [];
  readonly downbeatTimes: number[] = [];
  /** The usual time from beat to beat. */
  private readonly usual: number;
  /** How many beats lie before each beat; a hole counts as many as would fit into it. */
  private readonly places: Float64Array;

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
    const lengths = this.times.slice(1).map((time, index) => time - this.times[index]!);
    this.usual = lengths.slice().sort()[lengths.length >> 1] ?? 0;
    this.places = new Float64Array(this.times.length);
    lengths.forEach((length, index) => {
      this.places[index + 1] = this.places[index]! + (this.isHole(index) ? Math.round(length / this.usual) : 1);
    });
  }

  get empty(): boolean {
    return this.times.length < 2;
  }

  bar(index: number): number {
    return this.beats.bar[index] ?? 0;
  }

  /** `bar.beat` at a time, or null where there is no grid: before the first beat, in a hole, after the last. */
  at(time: number): string | null {
    const index = lastAtOrBefore(this.times, time + 1e-6);
    if (index < 0 || this.empty) return null;
    const open = index === this.times.length - 1 || this.isHole(index);
    if (open && time > this.times[index]! + this.usual) return null;
    return `${this.beats.bar[index]}.${this.beats.position[index]}`;
  }

  /** The time that lies `bars` bars from `time`, at the same place within its beat. Without beats: seconds. */
  shift(time: number, bars: number): number {
    if (this.empty) return time + bars;
    return between(this.places, this.times, between(this.times, this.places, time) + bars * this.beatsPerBar);
  }

  /** The stretches of `[start, end)` that have no grid. */
  holes(start: number, end: number): [number, number][] {
    if (this.empty) return [[start, end]];
    const found: [number, number][] = [];
    const add = (from: number, to: number): void => void (Math.min(to, end) > Math.max(from, start) && found.push([Math.max(from, start), Math.min(to, end)]));
    const last = this.times.length - 1;
    add(-Infinity, this.times[0]!);
    for (let index = Math.max(0, lastAtOrBefore(this.times, start)); index < last && this.times[index]! < end; index++) {
      if (this.isHole(index)) add(this.times[index]! + this.usual, this.times[index + 1]!);
    }
    add(this.times[last]! + this.usual, Infinity);
    return found;
  }

  private isHole(index: number): boolean {
    return index + 1 < this.times.length && this.times[index + 1]! - this.times[index]! > HOLE * this.usual;
  }
}

/** The value that stands over `x`, on straight lines between the points; beyond either end the edge's line goes on. */
function between(xs: ArrayLike<number>, ys: ArrayLike<number>, x: number): number {
  const index = Math.min(Math.max(lastAtOrBefore(xs, x), 0), xs.length - 2);
  const slope = (ys[index + 1]! - ys[index]!) / (xs[index + 1]! - xs[index]!);
  return ys[index]! + (x - xs[index]!) * slope;
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
