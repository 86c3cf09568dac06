/**
 * The peak pyramid as the picture needs it: chunks that arrive when they are looked at.
 *
 * A bin is eight signed bytes: minimum and maximum of the full sound, then of its low, middle and high band.
 * Pooling takes the smallest minimum and the largest maximum, so that no peak is lost at any zoom.
 */

import type { PeaksMeta, Sources } from "./types.ts";

export const VALUES = 8;
export const FACTOR = 4;
export const CHUNK = 4096;
const AT_ONCE = 4;
/** Chunks kept a level; more than any view needs at once. */
const KEEP = 200;
const RETRY_MS = 3000;

interface Wanted {
  level: number;
  chunk: number;
}

/** Pool bins into `out`: minima on even places, maxima on odd ones. */
export function pool(bins: Int8Array, from: number, to: number, out: Int8Array): void {
  for (let bin = from; bin < to; bin++) {
    const base = bin * VALUES;
    for (let value = 0; value < VALUES; value += 2) {
      const low = bins[base + value]!;
      const high = bins[base + value + 1]!;
      if (low < out[value]!) out[value] = low;
      if (high > out[value + 1]!) out[value + 1] = high;
    }
  }
}

/** The coarsest level whose bins are no wider than a pixel; 0 if none is that fine. */
export function levelFor(meta: PeaksMeta, secondsPerPixel: number): number {
  let level = 0;
  while (level + 1 < meta.levels.length && secondsPerBin(meta, level + 1) <= secondsPerPixel) level++;
  return level;
}

export function secondsPerBin(meta: PeaksMeta, level: number): number {
  return (meta.hop * FACTOR ** level) / meta.sampleRate;
}

export class Pyramid {
  /** Chunks by level, in the order of their arrival. */
  private readonly chunks: Map<number, Int8Array>[];
  private readonly failed = new Map<string, number>();
  private readonly flying = new Set<string>();
  private queue: Wanted[] = [];
  private closed = false;
  /** Largest magnitude seen on the coarsest level, 1 to 127. */
  loudest = 1;

  constructor(
    readonly meta: PeaksMeta,
    private readonly bins: Sources["bins"],
    private readonly arrived: () => void,
    private readonly refused: (error: unknown) => void,
  ) {
    this.chunks = meta.levels.map(() => new Map());
  }

  get coarsest(): number {
    return this.meta.levels.length - 1;
  }

  /** Whether there is something to draw. */
  get arrivedAny(): boolean {
    return this.chunks[this.coarsest]!.size > 0;
  }

  close(): void {
    this.closed = true;
    this.queue = [];
  }

  /** Ask for what a view needs, coarse before fine, and for a little on either side. */
  want(start: number, end: number, level: number): void {
    const wanted: Wanted[] = [];
    for (let chunk = 0; chunk * CHUNK < this.length(this.coarsest); chunk++) wanted.push({ level: this.coarsest, chunk });
    const margin = (end - start) / 2;
    wanted.push(...this.covering(level, start, end), ...this.covering(level, start - margin, end + margin));
    const now = Date.now();
    this.queue = wanted.filter(({ level: l, chunk }) => {
      const name = key(l, chunk);
      return !this.chunks[l]!.has(chunk) && !this.flying.has(name) && now - (this.failed.get(name) ?? 0) > RETRY_MS;
    });
    this.pump();
  }

  /**
   * Pool the bins `[from, to)` of a level into `out`; where they have not arrived, use a coarser level.
   * Returns false if nothing is there yet.
   */
  read(level: number, from: number, to: number, out: Int8Array): boolean {
    out.fill(0);
    const [first, last] = [Math.max(0, from), Math.min(this.length(level), to)];
    if (first >= last) return true;
    for (let l = level, a = first, b = last; l < this.meta.levels.length; l++) {
      if (this.readHere(l, a, Math.min(b, this.length(l)), out)) return true;
      a = Math.floor(a / FACTOR);
      b = Math.floor((b - 1) / FACTOR) + 1;
    }
    return false;
  }

  private readHere(level: number, from: number, to: number, out: Int8Array): boolean {
    const chunks = this.chunks[level]!;
    const head = Math.floor(from / CHUNK);
    const tail = Math.floor((to - 1) / CHUNK);
    for (let chunk = head; chunk <= tail; chunk++) if (!chunks.has(chunk)) return false;
    for (let chunk = head; chunk <= tail; chunk++) {
      const base = chunk * CHUNK;
      pool(chunks.get(chunk)!, Math.max(from, base) - base, Math.min(to, base + CHUNK) - base, out);
    }
    return true;
  }

  private length(level: number): number {
    return this.meta.levels[level] ?? 0;
  }

  private covering(level: number, start: number, end: number): Wanted[] {
    const width = secondsPerBin(this.meta, level) * CHUNK;
    const last = Math.ceil(this.length(level) / CHUNK) - 1;
    const list: Wanted[] = [];
    for (let chunk = Math.max(0, Math.floor(start / width)); chunk <= Math.min(last, Math.floor(end / width)); chunk++) {
      list.push({ level, chunk });
    }
    return list;
  }

  private pump(): void {
    while (!this.closed && this.flying.size < AT_ONCE) {
      const next = this.queue.shift();
      if (!next) return;
      if (!this.flying.has(key(next.level, next.chunk))) void this.fetch(next);
    }
  }

  private async fetch({ level, chunk }: Wanted): Promise<void> {
    const name = key(level, chunk);
    this.flying.add(name);
    const from = chunk * CHUNK;
    const to = Math.min(this.length(level), from + CHUNK);
    try {
      const bins = await this.bins(level, from, to);
      if (bins.length !== (to - from) * VALUES) throw new Error(`${bins.length} bytes of peaks instead of ${(to - from) * VALUES}`);
      this.chunks[level]!.set(chunk, bins);
      if (level !== this.coarsest) this.forget(this.chunks[level]!);
      if (level === this.coarsest) for (const value of bins) this.loudest = Math.max(this.loudest, Math.min(127, Math.abs(value)));
      if (!this.closed) this.arrived();
    } catch (error) {
      this.failed.set(name, Date.now());
      if (!this.closed) this.refused(error);
    } finally {
      this.flying.delete(name);
      this.pump();
    }
  }

  /** Drop the chunks that came first. */
  private forget(chunks: Map<number, Int8Array>): void {
    for (const chunk of chunks.keys()) {
      if (chunks.size <= KEEP) return;
      chunks.delete(chunk);
    }
  }
}

function key(level: number, chunk: number): string {
  return `${level}:${chunk}`;
}
