/** Spans that cover the recording without gap or overlap. One boundary is one number: both its neighbours move. */

import { Refused, type Span } from "./document.ts";
import { tidy } from "./grid.ts";

export type Tiles<T extends Span> = readonly T[];

/** No part may be shorter, so that none is lost to the eye or to a file's milliseconds. */
export const SHORTEST_S = 0.02;

/** How a part comes to be from another when its edges change; what was measured of the old stretch goes. */
export type Cut<T extends Span> = (from: T, start: number, end: number) => T;

/** The part that holds a time; the last at the very end. */
export function tileAt(tiles: Tiles<Span>, time: number): number {
  let [low, high] = [0, tiles.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if (tiles[middle]!.start <= time) low = middle + 1;
    else high = middle;
  }
  return Math.max(0, low - 1);
}

/** The boundary nearest to a time: `index` is between parts `index - 1` and `index`. Null where there is none within reach. */
export function boundaryNear(tiles: Tiles<Span>, time: number, reach = Infinity): number | null {
  const here = tileAt(tiles, time);
  const candidates = [here, here + 1].filter((index) => index > 0 && index < tiles.length && Math.abs(tiles[index]!.start - time) <= reach);
  if (!candidates.length) return null;
  return candidates.reduce((best, index) => (Math.abs(tiles[index]!.start - time) < Math.abs(tiles[best]!.start - time) ? index : best));
}

/** The next boundary (or end of the recording) after a time, or the one before it; null where there is none. */
export function boundaryBeyond(tiles: Tiles<Span>, time: number, way: -1 | 1): number | null {
  const here = tileAt(tiles, time);
  const near = 1e-4;
  if (way > 0) {
    for (let index = here; index < tiles.length; index++) if (tiles[index]!.start > time + near) return index;
    return null;
  }
  for (let index = here; index >= 0; index--) if (tiles[index]!.start < time - near) return index;
  return null;
}

/** A boundary at a time: `right` makes the later part. */
export function divided<T extends Span>(tiles: Tiles<T>, time: number, cut: Cut<T>, right: Cut<T> = cut): { tiles: T[]; index: number } {
  const index = tileAt(tiles, time);
  const tile = tiles[index];
  if (!tile || time - tile.start < SHORTEST_S || tile.end - time < SHORTEST_S) throw new Refused("A boundary stands here already");
  const at = tidy(time);
  return { tiles: spliced(tiles, index, 1, [cut(tile, tile.start, at), right(tile, at, tile.end)]), index: index + 1 };
}

/** Parts `from` to `to` (both included) become one, which says what `keeping` says. */
export function joined<T extends Span>(tiles: Tiles<T>, from: number, to: number, cut: Cut<T>, keeping = from): T[] {
  if (from < 0 || to >= tiles.length || from >= to) throw new Refused("There is nothing to merge with");
  return spliced(tiles, from, to - from + 1, [cut(tiles[keeping]!, tiles[from]!.start, tiles[to]!.end)]);
}

/** A boundary to another time, as far as its neighbours let it. */
export function moved<T extends Span>(tiles: Tiles<T>, boundary: number, time: number, cut: Cut<T>): T[] {
  const [before, after] = [tiles[boundary - 1], tiles[boundary]];
  if (!before || !after) throw new Refused("The recording's own ends stay where they are");
  const at = tidy(Math.min(Math.max(time, before.start + SHORTEST_S), after.end - SHORTEST_S));
  if (at === after.start) return tiles as T[];
  return spliced(tiles, boundary - 1, 2, [cut(before, before.start, at), cut(after, at, after.end)]);
}

/** `count` parts from `at` on give way to others; those that are replaced one by one are still meant by what refers to them. */
export function spliced<T extends object>(tiles: readonly T[], at: number, count: number, others: readonly T[]): T[] {
  const parts = tiles.toSpliced(at, count, ...others);
  if (count === others.length) return parts;
  return referring(parts, (index) => (index < at ? index : index >= at + count ? index + others.length - count : null));
}

/** Parts refer to earlier ones by index: `now` tells where those are, null where they are no more. Changes `parts`. */
export function referring<T extends object>(parts: T[], now: (index: number) => number | null): T[] {
  parts.forEach((part, place) => {
    const said = part as { repeats?: number | null; repetition?: { index: number } };
    if (said.repeats == null && !said.repetition) return;
    const { repeats, repetition, ...rest } = said;
    const index = repetition ? now(repetition.index) : null;
    parts[place] = { ...rest, repeats: repeats == null ? null : now(repeats), ...(index === null ? {} : { repetition: { ...repetition, index } }) } as unknown as T;
  });
  return parts;
}

/** Whether spans cover `[0, duration)` one after the other; tests ask it of every edit. */
export function tile(spans: readonly Span[], duration: number): boolean {
  if (spans.length === 0) return false;
  return spans.every((span, index) => span.end > span.start && span.start === (index ? spans[index - 1]!.end : 0)) && spans.at(-1)!.end === duration;
}

/** Spans that need not touch: the one that holds a time, or -1. */
export function spanWith(spans: readonly Span[], time: number): number {
  const index = spans.length ? tileAt(spans, time) : -1;
  return index >= 0 && spans[index]!.start <= time && time < spans[index]!.end ? index : -1;
}

