/** A beat grid as a few numbers: the twin of `edm_core.grid`, with which it shares `tests/data/grid.json`. */

/** A stretch of constant tempo, as `GridSegment` is written. `position` is where in its bar the first beat lies. */
export interface Segment {
  readonly time: number;
  readonly bpm: number;
  readonly beats_per_bar: number;
  readonly position: number;
  readonly end?: number | null;
}
