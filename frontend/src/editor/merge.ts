/** Two versions of one annotation, after somebody else saved first: where they clash, and what is chosen. */

export interface Clash {
  /** A field of the annotation: `sections`, `grid`, `words`, … */
  readonly field: string;
  readonly start: number;
  readonly end: number;
  /** Items of the field within `[start, end)`; for `grid` and `key` the whole value. */
  readonly ours: readonly unknown[];
  readonly theirs: readonly unknown[];
}
