/** What the Audience page's component is given: the player's props and, under `jury`, what they add up to. */

import type { Moment, Props, Reaction } from "../types.ts";

/** A reaction with what made it. */
export interface Judged extends Reaction {
  personaVersion: string;
  model: string;
  promptHash: string;
  seed: number | null;
  time: string;
  flags: string[];
}

export interface JuryProps extends Props {
  reactions: Judged[];
  jury: Jury;
}

export type Kind = Judged["kind"];

export interface Jury {
  rows: Row[];
  /** All that there was to hear, in order of start. */
  items: Item[];
  alerts: Alert[];
  /** What the scores may be taken for: "uncalibrated", or on what they were calibrated. */
  standing: string;
  /** On what they were calibrated; empty where they were not. */
  calibration: string;
  ratings: { url: string | null; rater: string; said: Said[] };
  selected: Place | null;
  compare: Compare | null;
}

/** A cell of the heat map: who, and what they heard. */
export interface Place {
  persona: string;
  kind: Kind;
  index: number;
}

/** What a persona's scores add up to. */
export interface Row {
  persona: string;
  mean: number | null;
  interval: [number, number] | null;
  /** Why there is no interval. */
  why: string | null;
  scored: number;
  total: number;
  /** How far they stand from the others on average, in points; null where nobody else scored. */
  divergence: number | null;
  weight: number;
  moments: Peak[];
}

export interface Peak extends Moment {
  target: { kind: Kind; index: number };
}

export interface Item {
  kind: Kind;
  index: number;
  start: number;
  end: number;
  heard: string;
  /** Weighted mean of the personas; null where none scored. */
  consensus: number | null;
  /** From the lowest to the highest score; null with fewer than two. */
  divergence: number | null;
  /** What was measured of a section, in plain words. */
  facts: string[];
}

export interface Alert {
  rule: string;
  severity: "high" | "medium" | "low";
  message: string;
  persona: string | null;
  start: number;
  end: number;
}

/** What a person said of an item; `persona` is whom they stood for, empty for themself. */
export interface Said {
  kind: Kind;
  index: number;
  rater: string;
  persona: string;
  score: number;
  note: string;
}

/** Another scoring of the same items, set beside this one. */
export interface Compare {
  name: string;
  was: { persona: string; kind: Kind; index: number; score: number | null }[];
  rows: { persona: string; difference: number; interval: [number, number] | null; pairs: number }[];
}

/** What an item is known by. */
export function keyOf({ kind, index }: { kind: Kind; index: number }): string {
  return `${kind}:${index}`;
}
