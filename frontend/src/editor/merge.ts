/** Two versions of one annotation, after somebody else saved first: where they clash, and what is chosen. */

import { clock } from "../time.ts";
import type { Conflict } from "./port.ts";
import { documentOf, type Annotation, type Document } from "./document.ts";

/**
 * Something that both changed, and not alike, as `edm_core.merging` says it. Of spans, events and comments, `ours` and
 * `theirs` are the items between `start` and `end`; of anything else these are null and the whole values stand there.
 */
export interface Clash {
  readonly field: string;
  readonly start: number | null;
  readonly end: number | null;
  readonly ours: unknown;
  readonly theirs: unknown;
}

export type Side = "ours" | "theirs";

/** The clashes of a conflict, what was chosen for each so far, and which is being looked at. */
export interface Settling {
  readonly conflict: Conflict;
  readonly picks: readonly (Side | null)[];
  readonly at: number;
}

export function settling(conflict: Conflict): Settling {
  return { conflict, picks: conflict.clashes.map(() => null), at: 0 };
}

/** A choice for a clash (by default the one looked at); the next that is open is looked at then. */
export function pick(now: Settling, side: Side, index = now.at): Settling {
  if (index < 0 || index >= now.picks.length) return now;
  const picks = now.picks.with(index, side);
  const order = picks.map((_, step) => (index + 1 + step) % picks.length);
  return { ...now, picks, at: order.find((place) => picks[place] === null) ?? index };
}

/** All clashes at once. */
export function pickAll(now: Settling, side: Side): Settling {
  return { ...now, picks: now.picks.map(() => side) };
}

export function look(now: Settling, way: -1 | 1): Settling {
  const count = now.picks.length;
  return count ? { ...now, at: (now.at + way + count) % count } : now;
}

/** How many clashes nobody has chosen for yet; for those, ours stands. */
export const openClashes = (now: Settling): number => now.picks.filter((side) => side === null).length;

/** What comes of the choices: saved with `conflict.theirs.revision` as its parent, nobody's work is lost. */
export function settled({ conflict, picks }: Settling, duration: number): Document {
  const theirs = conflict.clashes.filter((_, index) => picks[index] === "theirs");
  return documentOf(theirs.reduce(withTheirs, conflict.merged), duration);
}

/** A merged annotation in which a clash is settled for their side: the twin of `edm_core.merging.with_theirs`. */
export function withTheirs(annotation: Annotation, clash: Clash): Annotation {
  const { field, start, end } = clash;
  if (field === "rest") return { ...annotation, rest: { ...without(annotation.rest ?? {}, Object.keys(clash.ours as object)), ...(clash.theirs as object) } };
  if (start === null || end === null) return { ...without(annotation, [field]), ...(clash.theirs === null ? {} : { [field]: clash.theirs }) };
  const items = (annotation[field as keyof Annotation] ?? []) as readonly Item[];
  const [ours, theirs] = [clash.ours as readonly Item[], clash.theirs as readonly Item[]];
  const here = new Set([...ours, ...theirs].map(identity));
  const isPoint = field === "events" || field === "comments";
  const kept = items.filter((item) => (isPoint ? !here.has(identity(item)) : !(start <= startOf(item) && startOf(item) < end)));
  return { ...annotation, [field]: [...kept, ...theirs].sort((a, b) => startOf(a) - startOf(b)) };
}

const FIELDS: Readonly<Record<string, string>> = { words: "words", passages: "what is said", grid: "the grid", key: "the key", verified_by: "who checked it", rest: "what a file held besides" };

/** A clash in words: `sections from 0:30.000 to 1:00.000: yours drop; theirs buildup, drop`. */
export function describeClash({ field, start, end, ours, theirs }: Clash): string {
  const place = start === null || end === null ? "" : ` from ${clock(start)} to ${clock(end)}`;
  return `${FIELDS[field] ?? field}${place}: yours ${gist(field, ours)}; theirs ${gist(field, theirs)}`;
}

interface Item {
  readonly start?: number;
  readonly time?: number | string;
  readonly label?: string;
  readonly text?: string;
  readonly author?: string;
  readonly bpm?: number;
  readonly name?: string;
}

const startOf = (item: Item): number => item.start ?? (item.time as number);

/** What makes a comment or an event the same one on both sides. */
const identity = (item: Item): string => (item.author === undefined ? `${item.time} ${item.label ?? ""}` : `${item.author} ${item.time}`);

function gist(field: string, value: unknown): string {
  if (value === null || value === undefined) return "nothing";
  if (!Array.isArray(value)) return typeof value === "object" ? Object.keys(value).join(", ") || "nothing" : String(value);
  const items = value as Item[];
  if (!items.length) return "nothing";
  const names = items.slice(0, 4).map((item) => (field === "grid" ? `${item.bpm} BPM` : item.text || item.name || item.label || "unnamed"));
  return field === "words" ? names.join(" ") : names.join(", ") + (items.length > names.length ? `, and ${items.length - names.length} more` : "");
}

function without<T extends object>(values: T, names: readonly string[]): T {
  return Object.fromEntries(Object.entries(values).filter(([name]) => !names.includes(name))) as T;
}
