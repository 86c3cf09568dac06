/** Where an edit comes to lie: on a beat, on a downbeat, or anywhere. */

import { tidy, type Grid } from "./grid.ts";

export type Snap = "beat" | "bar" | "off";

/** In the order in which the key goes through them. */
export const SNAPS: readonly Snap[] = ["beat", "bar", "off"];

export const FINE_S = 0.01;

export const nextSnap = (snap: Snap): Snap => SNAPS[(SNAPS.indexOf(snap) + 1) % SNAPS.length]!;

/** The nearest line of the grid, where there is one no further than its neighbours are; else the time itself. */
export function snapped(time: number, grid: Grid, snap: Snap): number {
  const line = snap === "off" ? null : grid.nearest(time, snap);
  return line && Math.abs(line.time - time) <= line.step / 2 + 1e-6 ? line.time : time;
}

/** Where a nudge leads: the next line of the grid, or 10 ms on, if `fine` or there is nothing to snap to. */
export function nudged(time: number, way: -1 | 1, grid: Grid, snap: Snap, fine = false): number {
  const line = fine || snap === "off" ? null : grid.step(time, way, snap);
  return line ? line.time : tidy(time + way * FINE_S);
}
