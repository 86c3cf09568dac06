/** Which passages are on view: a choice of topics, tones, safety and repeats, as pure functions. */

import type { Judgement, Passage } from "./types.ts";

export const FACETS = ["topic", "tone", "safety", "repeats"] as const;
export type Facet = (typeof FACETS)[number];

/** What is chosen in each facet: any of a facet's values will do, and every facet that has some must agree. */
export type Filters = Readonly<Record<Facet, ReadonlySet<string>>>;

export const NONE: Filters = { topic: new Set(), tone: new Set(), safety: new Set(), repeats: new Set() };

/** A value, and how many passages have it that the other facets let through. */
export interface Option {
  value: string;
  count: number;
}

/** A run of passages, by index, both inclusive. */
export interface Run {
  first: number;
  last: number;
}

/** Stands for all judgements without a label; no label begins like this. */
export const UNCLEAR = "?";

/** What a passage has of a facet; null where that is nothing to choose by. */
export function valueOf(passage: Passage, facet: Facet): string | null {
  switch (facet) {
    case "topic":
    case "tone":
      return labelOf(passage[facet]);
    case "safety":
      return passage.safety.status;
    case "repeats":
      return passage.repetition ? "said before" : null;
  }
}

/** Choose a value, or no longer choose it. */
export function toggled(filters: Filters, facet: Facet, value: string): Filters {
  const chosen = new Set(filters[facet]);
  if (!chosen.delete(value)) chosen.add(value);
  return { ...filters, [facet]: chosen };
}

export function isEmpty(filters: Filters): boolean {
  return FACETS.every((facet) => filters[facet].size === 0);
}

/** Every chosen value with its facet, in the order of the facets. */
export function chosen(filters: Filters): { facet: Facet; value: string }[] {
  return FACETS.flatMap((facet) => [...filters[facet]].map((value) => ({ facet, value })));
}

/** Which passages match, or null where nothing is chosen. */
export function matching(passages: readonly Passage[], filters: Filters): readonly boolean[] | null {
  return isEmpty(filters) ? null : passages.map((passage) => passes(passage, filters));
}

/** The values of a facet, the most frequent first and what is unclear last; what is chosen is among them even where nothing has it. */
export function optionsOf(passages: readonly Passage[], filters: Filters, facet: Facet): Option[] {
  const counts = new Map<string, number>();
  for (const value of filters[facet]) counts.set(value, 0);
  for (const passage of passages) {
    const value = valueOf(passage, facet);
    if (value === null) continue;
    counts.set(value, (counts.get(value) ?? 0) + Number(passes(passage, filters, facet)));
  }
  const options = [...counts].map(([value, count]) => ({ value, count }));
  return options.sort((a, b) => Number(a.value === UNCLEAR) - Number(b.value === UNCLEAR) || b.count - a.count || a.value.localeCompare(b.value));
}

/** Runs of passages that do not match: each is folded into one line. */
export function foldsOf(matches: readonly boolean[]): Run[] {
  const runs: Run[] = [];
  matches.forEach((match, index) => {
    if (match) return;
    const run = runs.at(-1);
    if (run?.last === index - 1) run.last = index;
    else runs.push({ first: index, last: index });
  });
  return runs;
}

function labelOf(judgement: Judgement): string | null {
  return judgement.label ?? (judgement.status === "pending" ? null : UNCLEAR);
}

function passes(passage: Passage, filters: Filters, except?: Facet): boolean {
  return FACETS.every((facet) => {
    if (facet === except || filters[facet].size === 0) return true;
    const value = valueOf(passage, facet);
    return value !== null && filters[facet].has(value);
  });
}
