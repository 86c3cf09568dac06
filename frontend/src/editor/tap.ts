/** Tempo from taps: a line through the times of the taps, without those that went astray. */

export interface Fit {
  readonly bpm: number;
  /** The roundest tempo that the taps do not speak against. */
  readonly rounded: number;
  /** When the first tap should have come, in seconds of the recording. */
  readonly first: number;
  /** Standard error of the tempo in BPM; null with two taps, which are always on a line. */
  readonly error: number | null;
  readonly taps: number;
  /** Taps that were left out. */
  readonly astray: number;
}

/** After so long without a tap the next one begins anew. */
export const RESET_S = 2;
/** The least by which a tap must miss the line to be left out: people tap within a few hundredths. */
const ASTRAY_S = 0.06;
const SPREADS = 3;

/** Times of taps in seconds, in order; null for fewer than two. Beats that were left out are counted. */
export function fitTaps(times: readonly number[]): Fit | null {
  if (times.length < 2) return null;
  const usual = median(times.slice(1).map((time, index) => time - times[index]!));
  if (!(usual > 0)) return null;
  let beat = 0;
  let points = times.map((time, index) => {
    if (index > 0) beat += Math.max(1, Math.round((time - times[index - 1]!) / usual));
    return { beat, time };
  });
  let line = lineThrough(points);
  for (let round = 0; round < times.length && points.length > 3; round++) {
    const misses = points.map((point) => Math.abs(point.time - at(line, point.beat)));
    const limit = Math.max(ASTRAY_S, SPREADS * 1.4826 * median(misses)); // 1.4826: from median to standard deviation
    const worst = misses.indexOf(Math.max(...misses));
    if (misses[worst]! <= limit) break;
    points = points.filter((_, index) => index !== worst);
    line = lineThrough(points);
  }
  const bpm = 60 / line.slope;
  const error = points.length > 2 ? (60 / line.slope ** 2) * slopeError(points, line) : null;
  return { bpm, rounded: roundest(bpm, error ?? 0.5), first: at(line, 0), error, taps: times.length, astray: times.length - points.length };
}

/** Taps as they come. `clock` gives seconds of real time, which tells when to begin anew. */
export class Tapper {
  private times: number[] = [];
  private last = -Infinity;

  constructor(private readonly clock: () => number = () => performance.now() / 1000) {}

  get count(): number {
    return this.times.length;
  }

  /** `time` is where the sound stands; while it does not play, real time tells the tempo alone. */
  tap(time: number = this.clock()): Fit | null {
    const now = this.clock();
    const before = this.times.at(-1);
    // A jump in the recording begins anew too.
    if (now - this.last > RESET_S || (before !== undefined && !(time > before && time - before <= 2 * RESET_S))) this.times = [];
    this.last = now;
    this.times.push(time);
    return fitTaps(this.times);
  }

  reset(): void {
    this.times = [];
  }
}

interface Point {
  readonly beat: number;
  readonly time: number;
}

interface Straight {
  readonly origin: number;
  readonly slope: number;
}

const at = (line: Straight, beat: number): number => line.origin + line.slope * beat;

/** Least squares. */
function lineThrough(points: readonly Point[]): Straight {
  const [beat, time] = [mean(points.map((point) => point.beat)), mean(points.map((point) => point.time))];
  const slope = sum(points.map((point) => (point.beat - beat) * (point.time - time))) / spread(points);
  return { origin: time - slope * beat, slope };
}

function slopeError(points: readonly Point[], line: Straight): number {
  const missed = sum(points.map((point) => (point.time - at(line, point.beat)) ** 2));
  return Math.sqrt(missed / (points.length - 2) / spread(points));
}

function spread(points: readonly Point[]): number {
  const beat = mean(points.map((point) => point.beat));
  return sum(points.map((point) => (point.beat - beat) ** 2));
}

/** Most dance music is made at a whole number of beats per minute. */
function roundest(bpm: number, error: number): number {
  for (const digits of [0, 1, 2]) {
    const rounder = Math.round(bpm * 10 ** digits) / 10 ** digits;
    if (Math.abs(rounder - bpm) <= Math.max(2 * error, 0.02)) return rounder;
  }
  return Math.round(bpm * 1000) / 1000;
}

function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  const middle = sorted.length >> 1;
  return sorted.length % 2 ? sorted[middle]! : (sorted[middle - 1]! + sorted[middle]!) / 2;
}

const sum = (values: readonly number[]): number => values.reduce((a, b) => a + b, 0);
const mean = (values: readonly number[]): number => sum(values) / values.length;
