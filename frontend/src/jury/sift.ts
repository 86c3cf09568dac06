/** Which rows and cells are on view, in which order, and which one lies beside another: pure functions. */

import { type Filters, isEmpty, matching, NONE } from "../filter.ts";
import type { Persona } from "../types.ts";
import { type Item, type Judged, type JuryProps, type Kind, keyOf, type Row } from "./types.ts";

export const SORTS = ["mean", "name", "divergence"] as const;
export type Sort = (typeof SORTS)[number];

/** From this many points between the lowest and the highest score on, the personas disagree; as `SPLIT` in Python. */
export const APART = 2;

export interface Sieve {
  /** Personas that are not on view. */
  off: ReadonlySet<string>;
  kind: Kind | null;
  /** Whole scores; empty lets all through. */
  scores: ReadonlySet<number>;
  statuses: ReadonlySet<Judged["status"]>;
  /** Only where they disagree. */
  apart: boolean;
  passages: Filters;
}

export const OPEN: Sieve = { off: new Set(), kind: null, scores: new Set(), statuses: new Set(), apart: false, passages: NONE };

/** Whether all cells are let through. */
export function isOpen({ kind, scores, statuses, apart, passages }: Sieve): boolean {
  return kind === null && !scores.size && !statuses.size && !apart && isEmpty(passages);
}

/** Whether a whole score stands for a score: 3 for what lies from 2.5 to below 3.5. */
export function band(score: number): number {
  return Math.min(5, Math.max(1, Math.floor(score + 0.5)));
}

/** The items that are let through, by key. */
export function sifted(props: Pick<JuryProps, "passages"> & { jury: Pick<JuryProps["jury"], "items"> }, sieve: Sieve): Set<string> {
  const spoken = matching(props.passages, sieve.passages);
  const through = ({ kind, index, divergence }: Item): boolean =>
    (sieve.kind === null || kind === sieve.kind) &&
    (!sieve.apart || (divergence ?? 0) >= APART) &&
    (spoken === null || (kind === "passage" && spoken[index] === true));
  return new Set(props.jury.items.filter(through).map(keyOf));
}

/** Whether a cell is let through by what it says itself. */
export function passes({ score, status }: Pick<Judged, "score" | "status">, { scores, statuses }: Sieve): boolean {
  if (statuses.size && !statuses.has(status)) return false;
  return !scores.size || (score !== null && scores.has(band(score)));
}

/** The personas in the order of their rows; those without a value come last. */
export function sorted(personas: readonly Persona[], rows: readonly Row[], sort: Sort): Persona[] {
  if (sort === "name") return [...personas].sort((a, b) => a.name.localeCompare(b.name));
  const values = new Map(rows.map((row) => [row.persona, row[sort]]));
  const value = ({ id }: Persona): number => values.get(id) ?? -Infinity;
  return [...personas].sort((a, b) => (value(a) === value(b) ? 0 : value(b) - value(a)));
}

type Spanned = { start: number; end: number };

/** The index of the cell of a row that lies under or over a span: the one that shares most time, else the nearest. */
export function beside(cells: readonly Spanned[], { start, end }: Spanned): number {
  let best = -1;
  let most = -Infinity;
  cells.forEach((cell, index) => {
    // Below zero, it is the gap between the two.
    const shared = Math.min(cell.end, end) - Math.max(cell.start, start);
    // What begins together fits best of those that share as much.
    const worth = shared - Math.abs(cell.start - start) * 1e-6 - Math.abs(cell.end - end) * 1e-6;
    if (worth > most) [best, most] = [index, worth];
  });
  return best;
}

/** Those of a list whose span holds a time. */
export function holding<T extends Spanned>(spans: readonly T[], time: number): T[] {
  return spans.filter(({ start, end }) => start <= time && time < end);
}
