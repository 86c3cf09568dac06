/**
 * A beat grid as a few numbers: the twin of `edm_core.grid`, with which it shares `tests/data/grid.json`.
 *
 * Beats of a segment go on until the next begins; the last of them is between half a beat and one and a half before it.
 * Before the first segment there are no beats. Bars are numbered through from 1 at the first downbeat; a segment says at
 * which position of the bar it begins, and a bar that it cuts short counts as a bar.
 */

import { lastAtOrBefore } from "../time.ts";

/** A stretch of constant tempo, as `GridSegment` is written. `position` is where in its bar the first beat lies. */
export interface Segment {
  readonly time: number;
  readonly bpm: number;
  readonly beats_per_bar: number;
  readonly position: number;
  readonly end?: number | null;
}

/** A bar, a beat in it (from 1), and how far it is to the next beat, from 0 to 1. */
export interface Place {
  readonly bar: number;
  readonly beat: number;
  readonly fraction: number;
}

export interface Beats {
  readonly time: Float64Array;
  readonly position: Uint8Array;
  readonly bar: Int32Array;
}

export type Unit = "beat" | "bar";

/** A line of the grid, and how far it is to the next in the same segment. */
export interface Line {
  readonly time: number;
  readonly step: number;
}

const NEAR_S = 1e-6;
/** A line closer than this is the one that one stands on. */
const HERE_S = 1e-4;

/** What was measured or rounded is never quite on its beat. */
const NEARLY_S = 0.004;

export const periodOf = (segment: Segment): number => 60 / segment.bpm;

export function beatsOf(segments: readonly Segment[], duration: number): Beats {
  return new Grid(segments).beats(duration);
}

/** 30.02, not 30.019999999999996. */
export const tidy = (time: number): number => Math.round(time * 1e9) / 1e9;

/** The beats of a segment: how many (Infinity: no end), and the bars that began before it. */
interface Run {
  readonly segment: Segment;
  readonly period: number;
  readonly count: number;
  readonly bars: number;
}

export class Grid {
  private readonly runs: readonly Run[];
  private readonly starts: readonly number[];
  /** Times, and how many beats lie before each: between them time goes evenly. */
  private readonly knots: readonly [times: number[], beats: number[]];

  constructor(readonly segments: readonly Segment[]) {
    this.runs = runsOf(segments);
    this.starts = segments.map((segment) => segment.time);
    this.knots = knotsOf(this.runs);
  }

  get empty(): boolean {
    return this.runs.length === 0;
  }

  /** The beats before `duration`. */
  beats(duration: number): Beats {
    const lengths = this.runs.map((run) => Math.max(0, Math.min(run.count, Math.ceil((duration - run.segment.time) / run.period - NEAR_S))));
    const total = lengths.reduce((sum, length) => sum + length, 0);
    const beats = { time: new Float64Array(total), position: new Uint8Array(total), bar: new Int32Array(total) };
    let at = 0;
    this.runs.forEach((run, number) => {
      for (let index = 0; index < lengths[number]!; index++, at++) {
        beats.time[at] = timeIn(run, index);
        beats.position[at] = positionIn(run, index);
        beats.bar[at] = barIn(run, index);
      }
    });
    return beats;
  }

  /** Which segment a time belongs to: the first, where it lies before all of them; -1 where there is none. */
  segmentAt(time: number): number {
    return Math.min(Math.max(0, this.runAt(time)), this.runs.length - 1);
  }

  /** When a beat of a bar comes; null where the grid has no such beat. The last segment goes on unless it has an end. */
  timeOf(bar: number, beat = 1): number | null {
    for (const run of this.runs) {
      const { beats_per_bar: size, position } = run.segment;
      if (beat < 1 || beat > size) continue;
      const index = (bar - run.bars - (position === 1 ? 1 : 0)) * size + beat - position;
      if (index >= 0 && index < run.count) return timeIn(run, index);
    }
    return null;
  }

  /** The bar and beat at a time; null before the first beat, and where beats have stopped. */
  placeOf(time: number): Place | null {
    const number = this.runAt(time);
    const run = this.runs[number];
    if (!run) return null;
    const passed = Math.floor((time + NEAR_S - run.segment.time) / run.period);
    const index = Math.min(passed, run.count - 1);
    const since = time - timeIn(run, index);
    let lasts = run.period;
    if (passed >= run.count - 1) {
      const next = this.starts[number + 1] ?? Infinity;
      lasts = Math.min(run.segment.end == null ? Infinity : lasts, next - timeIn(run, index));
      if (since >= lasts) return null;
    }
    return { bar: barIn(run, index), beat: positionIn(run, index), fraction: Math.min(Math.max(since / lasts, 0), 1 - Number.EPSILON / 2) };
  }

  /** `bar.beat` at a time, for reading; null where there is no grid. A hair before a beat is that beat. */
  written(time: number): string | null {
    const place = this.placeOf(time + NEARLY_S);
    return place && `${place.bar}.${place.beat}`;
  }

  /** The bar whose downbeat is nearest, 0 over half a bar before the first; behind the last beat bars count on. */
  nearestBar(time: number): number | null {
    const first = this.timeOf(1);
    if (first === null) return null;
    const run = this.runs[this.segmentAt(time)]!;
    const length = run.segment.beats_per_bar * run.period;
    if (time < first - length / 2) return 0;
    const index = Math.max(0, Math.floor((time - run.segment.time) / run.period));
    const here = Math.max(1, barIn(run, Math.min(index, run.count - 1)));
    const [start, after] = [this.timeOf(here), this.timeOf(here + 1)];
    if (start === null || time <= start) return here;
    return here + (after === null ? evenly((time - start) / length) : Number(after - time <= time - start));
  }

  /** The beat or downbeat nearest to a time; null where there is none at all. */
  nearest(time: number, unit: Unit): Line | null {
    const here = Math.max(0, this.runAt(time));
    let best: Line | null = null;
    const offer = (line: Line | null): void => {
      if (line && (!best || Math.abs(line.time - time) < Math.abs(best.time - time))) best = line;
    };
    const run = this.runs[here];
    if (run) for (const extra of [0, 1]) offer(lineIn(run, unit, Math.max(0, rank(run, unit, time)) + extra));
    offer(this.after(here + 1, unit, -Infinity));
    offer(this.before(here, unit, time));
    return best;
  }

  /** The next line after a time (`way` 1) or the one before it (-1); null where there is none. */
  step(time: number, way: -1 | 1, unit: Unit): Line | null {
    const here = Math.max(0, this.runAt(time));
    return way > 0 ? this.after(here, unit, time + HERE_S) : this.before(here, unit, time - HERE_S);
  }

  /** The time that lies some bars from `time`, at the same place in its bar; null where there is no grid. */
  moved(time: number, bars: number): number | null {
    const run = this.runs[this.segmentAt(time)];
    if (!run) return null;
    const [times, beats] = this.knots;
    const to = between(beats, times, between(times, beats, time) + bars * run.segment.beats_per_bar);
    const beat = this.nearest(to, "beat");
    return beat && Math.abs(beat.time - to) < HERE_S ? beat.time : tidy(to);
  }

  private runAt(time: number): number {
    return lastAtOrBefore(this.starts, time + NEAR_S);
  }

  private after(from: number, unit: Unit, time: number): Line | null {
    for (let number = from; number < this.runs.length; number++) {
      const run = this.runs[number]!;
      const line = lineIn(run, unit, Math.max(0, time === -Infinity ? 0 : rank(run, unit, time) + 1));
      if (line) return line;
    }
    return null;
  }

  private before(from: number, unit: Unit, time: number): Line | null {
    for (let number = from; number >= 0; number--) {
      const run = this.runs[number];
      const line = run && lineIn(run, unit, Math.min(rank(run, unit, time), lastRank(run, unit)));
      if (line) return line;
    }
    return null;
  }
}

function runsOf(segments: readonly Segment[]): Run[] {
  const runs: Run[] = [];
  let bars = 0;
  segments.forEach((segment, number) => {
    const [period, next] = [periodOf(segment), segments[number + 1]];
    let count = Infinity;
    if (segment.end != null) count = Math.ceil((segment.end - segment.time) / period - NEAR_S);
    else if (next) count = Math.max(1, Math.floor((next.time - segment.time) / period + 0.5 - NEAR_S));
    const run = { segment, period, count, bars };
    runs.push(run);
    if (count < Infinity) bars = barIn(run, count - 1);
  });
  return runs;
}

const timeIn = (run: Run, index: number): number => tidy(run.segment.time + index * run.period);

const positionIn = (run: Run, index: number): number => ((run.segment.position - 1 + index) % run.segment.beats_per_bar) + 1;

function barIn(run: Run, index: number): number {
  const { position, beats_per_bar } = run.segment;
  return run.bars + Math.floor((position - 1 + index) / beats_per_bar) + (position === 1 ? 1 : 0);
}

/** First beat, and beats from one to the next, of a segment's lines. */
function lines(run: Run, unit: Unit): [first: number, stride: number] {
  const size = run.segment.beats_per_bar;
  return unit === "beat" ? [0, 1] : [(size - run.segment.position + 1) % size, size];
}

/** How many lines lie at or before a time, less one: as if the segment had neither beginning nor end. */
function rank(run: Run, unit: Unit, time: number): number {
  const [first, stride] = lines(run, unit);
  return Math.floor(((time + NEAR_S - run.segment.time) / run.period - first) / stride);
}

function lastRank(run: Run, unit: Unit): number {
  const [first, stride] = lines(run, unit);
  return Math.floor((run.count - 1 - first) / stride);
}

function lineIn(run: Run, unit: Unit, rank: number): Line | null {
  const [first, stride] = lines(run, unit);
  const index = first + rank * stride;
  return rank >= 0 && index < run.count ? { time: timeIn(run, index), step: stride * run.period } : null;
}

function knotsOf(runs: readonly Run[]): [number[], number[]] {
  const times: number[] = [];
  const beats: number[] = [];
  let passed = 0;
  runs.forEach((run, number) => {
    const next = runs[number + 1];
    times.push(run.segment.time);
    beats.push(passed);
    if (run.count > 1) {
      const last = run.count === Infinity ? 1 : run.count - 1;
      times.push(run.segment.time + last * run.period);
      beats.push(passed + last);
    }
    // A hole counts as many beats as would fit into it.
    if (next) passed += run.segment.end == null ? run.count : Math.max(run.count, (next.segment.time - run.segment.time) / run.period);
  });
  if (times.length === 1) {
    times.push(times[0]! + runs[0]!.period);
    beats.push(1);
  }
  return [times, beats];
}

/** The value over `x`, on straight lines between the points; beyond either end the edge's line goes on. */
function between(xs: readonly number[], ys: readonly number[], x: number): number {
  const index = Math.min(Math.max(lastAtOrBefore(xs, x), 0), xs.length - 2);
  const slope = (ys[index + 1]! - ys[index]!) / (xs[index + 1]! - xs[index]!);
  return ys[index]! + (x - xs[index]!) * slope;
}

/** Halves go to the even neighbour, as Python rounds. */
function evenly(value: number): number {
  const low = Math.floor(value);
  return value - low === 0.5 ? low + (low % 2) : Math.round(value);
}
