/**
 * What is edited: an annotation's JSON as `edm_core.annotation` writes it, and the recording's length. Immutable: every
 * edit gives a new document that shares what it did not touch. A field that is null was not annotated; an empty list says
 * that there is nothing. Times are seconds, intervals half-open.
 */

import type { Segment } from "./grid.ts";

export interface Span {
  readonly start: number;
  readonly end: number;
  readonly label?: string;
  readonly confidence?: number | null;
}

export interface Section extends Span {
  readonly label: string;
  readonly confidence: number | null;
  readonly start_bar: number | null;
  readonly end_bar: number | null;
  readonly repeats: number | null;
  readonly energy?: Readonly<Record<"bass" | "mid" | "high", number>>;
  readonly boundary_confidence?: number;
  /** The word of another format in the place of the label; `UNLABELLED` where nobody has said anything yet. */
  readonly original?: string;
}

export interface Event {
  readonly time: number;
  readonly label?: string;
  readonly confidence?: number | null;
  readonly bar: number | null;
}

export interface Key extends Span {
  readonly name: string;
  readonly camelot: string;
}

export interface Word extends Span {
  readonly text: string;
  readonly probability: number | null;
  readonly speaker?: string;
}

export interface Judgement {
  readonly status: "ok" | "failed" | "abstained" | "pending";
  readonly label: string | null;
  readonly confidence: number | null;
  readonly top: readonly { readonly label: string; readonly confidence: number }[];
  readonly reason?: string;
}

export type Category = "hate" | "sexual" | "violence" | "self_harm" | "profanity";

export interface Safety {
  readonly status: "flagged" | "clear" | "unknown";
  /** Severity from 0 (none) to 7. */
  readonly categories: Readonly<Record<Category, number>>;
  readonly evidence: readonly { readonly quote: string; readonly start: number; readonly end: number; readonly category?: string }[];
  readonly reason?: string;
}

export interface Passage extends Span {
  readonly text: string;
  readonly language: string | null;
  readonly words: readonly Word[];
  readonly topic: Judgement;
  readonly tone: Judgement;
  readonly safety: Safety;
  readonly repeats: number | null;
  readonly repetition?: { readonly kind: string; readonly index: number; readonly start: number; readonly similarity: number };
  readonly speaker?: string;
}

export interface Comment extends Span {
  readonly label: "comment" | "flag";
  readonly text: string;
  readonly author: string;
  /** ISO 8601 in UTC. */
  readonly time: string;
  readonly resolved?: boolean;
}

export type Tier = "reference" | "verified" | "generated";

/** The JSON of an `edm_core.annotation.Annotation`; fields that are absent were not annotated. */
export interface Annotation {
  readonly recording?: unknown;
  readonly grid?: readonly Segment[];
  readonly key?: readonly Key[];
  readonly sections?: readonly Section[];
  readonly events?: readonly Event[];
  readonly activity?: readonly Span[];
  readonly words?: readonly Word[];
  readonly passages?: readonly Passage[];
  readonly comments?: readonly Comment[];
  readonly author?: string;
  readonly tier?: Tier;
  readonly confidence?: number;
  readonly flags?: readonly string[];
  readonly verified_by?: string;
  readonly notes?: string;
  readonly created?: string;
  readonly modified?: string;
  readonly rest?: Readonly<Record<string, unknown>>;
}

export interface Document {
  readonly duration: number;
  readonly grid: readonly Segment[] | null;
  readonly key: readonly Key[] | null;
  /** They tile the recording, from 0 to its end. */
  readonly sections: readonly Section[] | null;
  readonly events: readonly Event[] | null;
  /** It tiles the recording. */
  readonly activity: readonly Span[] | null;
  readonly words: readonly Word[] | null;
  readonly passages: readonly Passage[] | null;
  readonly comments: readonly Comment[] | null;
  readonly tier: Tier | null;
  readonly confidence: number | null;
  readonly flags: readonly string[];
  readonly verified_by: string | null;
  readonly notes: string | null;
  /** What the editor passes on unchanged: recording, author, dates, and what a file held besides. */
  readonly rest: Readonly<Pick<Annotation, "recording" | "author" | "created" | "modified" | "rest">>;
  /** Starts of suggested sections that were turned down; only the editor knows them. */
  readonly rejected: readonly number[];
}

/** An edit that cannot be made, and why, in words for the annotator. Nothing was changed. */
export class Refused extends Error {}

/** `Section.original` where nobody has said anything yet; the label is `other` (an alias in `edm_core.vocabulary`). */
export const UNLABELLED = "unlabeled";

/** What was not annotated is left null. */
export function documentOf(annotation: Annotation | null, duration: number): Document {
  const a = annotation ?? {};
  const { recording, author, created, modified, rest } = a;
  return {
    duration,
    grid: a.grid ?? null,
    key: a.key ?? null,
    sections: a.sections ?? null,
    events: a.events ?? null,
    activity: a.activity ?? null,
    words: a.words ?? null,
    passages: a.passages ?? null,
    comments: a.comments ?? null,
    tier: a.tier ?? null,
    confidence: a.confidence ?? null,
    flags: a.flags ?? [],
    verified_by: a.verified_by ?? null,
    notes: a.notes ?? null,
    rest: present({ recording, author, created, modified, rest }),
    rejected: [],
  };
}

/** What is saved: absent means "not annotated". */
export function annotationOf(document: Document): Annotation {
  const { duration: _duration, rejected: _rejected, rest, flags, ...said } = document;
  return present({ ...rest, ...said, flags: flags.length ? flags : null }) as Annotation;
}

/** Whether two annotations say the same, whoever wrote them down when; the order of keys does not matter. */
export function saysTheSame(one: Annotation, other: Annotation): boolean {
  return canonical(one) === canonical(other);
}

function canonical({ recording: _recording, author: _author, created: _created, modified: _modified, rest: _rest, ...said }: Annotation): string {
  return JSON.stringify(said, (_key, value: unknown) => {
    if (value === null || typeof value !== "object" || Array.isArray(value)) return value;
    return Object.fromEntries(Object.entries(value).filter(([, one]) => one !== null && one !== undefined).sort(([a], [b]) => (a < b ? -1 : 1)));
  });
}

/** The entries that are neither null nor undefined. */
function present<T extends object>(values: T): { [K in keyof T]?: NonNullable<T[K]> } {
  return Object.fromEntries(Object.entries(values).filter(([, value]) => value != null)) as { [K in keyof T]?: NonNullable<T[K]> };
}
