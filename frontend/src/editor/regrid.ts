/** What can be done to a grid. Each edit takes segments and gives others; the tempo change under `time` is meant. */

import { Refused } from "./document.ts";
import { Grid, periodOf, tidy, type Segment } from "./grid.ts";
import type { Fit } from "./tap.ts";

const [SLOWEST, FASTEST] = [10, 1000];
const NEAR_S = 1e-6;
/** Two tempo changes must be this far apart. */
const APART_S = 0.05;

/** A grid that has a downbeat at `anchor` and reaches back to the start of the recording. */
export function gridAt(anchor: number, bpm: number, beatsPerBar = 4): Segment[] {
  return extendToStart([{ time: Math.max(0, anchor), bpm: asTempo(bpm), beats_per_bar: asSize(beatsPerBar), position: 1 }]);
}

/** Another tempo; the first downbeat stays where it is. */
export function setBpm(segments: readonly Segment[], time: number, bpm: number): Segment[] {
  asTempo(bpm);
  return changed(segments, time, (segment, low) => anchored(segment, firstDownbeat(segment), { ...segment, bpm }, low));
}

export const halve = (segments: readonly Segment[], time: number): Segment[] => setBpm(segments, time, bpmAt(segments, time) / 2);

export const double = (segments: readonly Segment[], time: number): Segment[] => setBpm(segments, time, bpmAt(segments, time) * 2);

/** The downbeat goes `beats` beats on; the beats stay. */
export function shiftBeats(segments: readonly Segment[], time: number, beats: number): Segment[] {
  return changed(segments, time, (segment) => ({ ...segment, position: wrapped(segment.position - beats, segment.beats_per_bar) }));
}

/** All beats go on (or back) by seconds. */
export function shiftBy(segments: readonly Segment[], time: number, seconds: number): Segment[] {
  return changed(segments, time, (segment, low) => moved(segment, seconds, low));
}

/** The beat nearest to `time` moves there; the tempo stays. */
export function align(segments: readonly Segment[], time: number): Segment[] {
  return shiftBy(segments, time, time - beatNear(segments, time));
}

/** The beat nearest to `time` moves there and begins a bar. */
export function setDownbeat(segments: readonly Segment[], time: number): Segment[] {
  const aligned = align(segments, time);
  return changed(aligned, time, (segment) => {
    const index = Math.round((time - segment.time) / periodOf(segment));
    return { ...segment, position: wrapped(1 - index, segment.beats_per_bar) };
  });
}

export function setBeatsPerBar(segments: readonly Segment[], time: number, beatsPerBar: number): Segment[] {
  asSize(beatsPerBar);
  return changed(segments, time, (segment, low) => anchored(segment, firstDownbeat(segment), { ...segment, beats_per_bar: beatsPerBar }, low));
}

/** From here on a segment of its own, which begins with a downbeat and can have another tempo. */
export function regridFrom(segments: readonly Segment[], time: number, bpm?: number): Segment[] {
  const number = indexAt(segments, time);
  const here = segments[number]!;
  if (time < here.time) throw new Refused("The grid begins later: move it, or extend it to the start");
  if (Math.abs(time - here.time) < APART_S) throw new Refused("A tempo change stands here already");
  const next = segments[number + 1];
  if (next && next.time - time < APART_S) throw new Refused("A tempo change stands here already");
  const { end, ...rest } = here;
  const follows: Segment = { ...rest, time, position: 1, bpm: asTempo(bpm ?? here.bpm), ...(end != null && end > time ? { end } : {}) };
  const stays: Segment = end != null && end <= time ? here : rest;
  return checked([...segments.slice(0, number), stays, follows, ...segments.slice(number + 1)]);
}

/** The tempo change under `time` goes; what was before it goes on. Without the only segment there is no grid. */
export function removeFrom(segments: readonly Segment[], time: number): Segment[] {
  const number = indexAt(segments, time);
  const gone = segments[number]!;
  const kept = segments.filter((_, index) => index !== number);
  const before = kept[number - 1];
  if (before && before.end != null && gone.end == null) kept[number - 1] = without(before);
  return checked(kept);
}

/** Beats stop at `time`, as where somebody talks between two pieces; where they have stopped, they go on again. */
export function stopAt(segments: readonly Segment[], time: number): Segment[] {
  return changed(segments, time, (segment) => {
    if (segment.end != null) return without(segment);
    if (time <= segment.time + NEAR_S) throw new Refused("The grid begins here: stop it later");
    return { ...segment, end: time };
  });
}

/** As many beats before the first as the recording has room for. */
export function extendToStart(segments: readonly Segment[]): Segment[] {
  const [first, ...others] = segments;
  if (!first) return [];
  return [extended(first, 0), ...others];
}

/** Tempo and beats from taps, in the segment in which they were made; the first tap begins a bar. */
export function fromTaps(segments: readonly Segment[], fit: Fit): Segment[] {
  if (!segments.length) return gridAt(fit.first, fit.rounded);
  return changed(segments, fit.first, (segment, low) => {
    const follows = { ...segment, bpm: asTempo(fit.rounded), time: fit.first, position: 1 };
    return extended(follows, low < 0 ? 0 : segment.time);
  });
}

export function bpmAt(segments: readonly Segment[], time: number): number {
  return segments[indexAt(segments, time)]!.bpm;
}

// --- private ---------------------------------------------------------------------------------------

function indexAt(segments: readonly Segment[], time: number): number {
  if (!segments.length) throw new Refused("There is no grid yet: tap the tempo (T) or type it (G)");
  return new Grid(segments).segmentAt(time);
}

function beatNear(segments: readonly Segment[], time: number): number {
  const { time: first, bpm } = segments[indexAt(segments, time)]!;
  // Counted in the segment itself: a beat of the next one may be nearer, but is not the one that moves.
  return first + Math.max(0, Math.round(((time - first) * bpm) / 60)) * (60 / bpm);
}

/** `edit` gets the segment, and the time it must stay behind (-1 for the first). */
function changed(segments: readonly Segment[], time: number, edit: (segment: Segment, low: number) => Segment): Segment[] {
  const number = indexAt(segments, time);
  const low = number > 0 ? segments[number - 1]!.time : -1;
  return checked(segments.map((segment, index) => (index === number ? edit(segment, low) : segment)));
}

function firstDownbeat(segment: Segment): number {
  return segment.time + wrapped(2 - segment.position, segment.beats_per_bar, 0) * periodOf(segment);
}

/** `after` with a downbeat at `anchor`, and as many beats before it as `before` had, where there is room. */
function anchored(before: Segment, anchor: number, after: Segment, low: number): Segment {
  const begins: Segment = { ...after, time: anchor, position: 1 };
  const [first, room] = [low < 0, roomBefore(begins, Math.max(low, 0))];
  const had = Math.round((anchor - before.time) / periodOf(before));
  return backed(begins, first && reachesStart(before) ? room : Math.min(room, had));
}

function moved(segment: Segment, seconds: number, low: number): Segment {
  const period = periodOf(segment);
  const end = segment.end == null ? {} : { end: segment.end + seconds };
  const time = segment.time + seconds;
  if (low >= 0) return { ...segment, ...end, time: tidy(time) };
  const lost = time < -NEAR_S ? Math.ceil(-time / period - NEAR_S) : 0;
  const kept: Segment = { ...segment, ...end, time: tidy(Math.max(0, time + lost * period)), position: wrapped(segment.position + lost, segment.beats_per_bar) };
  return reachesStart(segment) ? extended(kept, 0) : kept;
}

const reachesStart = (segment: Segment): boolean => segment.time < periodOf(segment) - NEAR_S;

const extended = (segment: Segment, low: number): Segment => backed(segment, roomBefore(segment, low));

const roomBefore = (segment: Segment, low: number): number => Math.max(0, Math.floor((segment.time - low) / periodOf(segment) + NEAR_S));

/** The segment with `beats` more beats in front. */
function backed(segment: Segment, beats: number): Segment {
  if (beats === 0) return { ...segment, time: tidy(segment.time) };
  const time = Math.max(0, tidy(segment.time - beats * periodOf(segment)));
  return { ...segment, time, position: wrapped(segment.position - beats, segment.beats_per_bar) };
}

/** A position from 1 to `size` (or from `from`). */
const wrapped = (position: number, size: number, from = 1): number => ((((position - 1) % size) + size) % size) + from;

function without(segment: Segment): Segment {
  const { end: _end, ...rest } = segment;
  return rest;
}

function asTempo(bpm: number): number {
  if (!(bpm >= SLOWEST && bpm <= FASTEST)) throw new Refused(`${Number.isFinite(bpm) ? Math.round(bpm * 100) / 100 : "That"} is no tempo: give ${SLOWEST} to ${FASTEST} BPM`);
  return bpm;
}

function asSize(beatsPerBar: number): number {
  if (!(Number.isInteger(beatsPerBar) && beatsPerBar >= 1 && beatsPerBar <= 32)) throw new Refused("A bar has 1 to 32 beats");
  return beatsPerBar;
}

/** What `edm_core.grid` would refuse is refused here. */
function checked(segments: Segment[]): Segment[] {
  segments.forEach((segment, index) => {
    const next = segments[index + 1];
    if (segment.time < 0) throw new Refused("The grid would begin before the recording");
    if (segment.end != null && segment.end <= segment.time) throw new Refused("The beats would stop before they begin");
    if (next && next.time - segment.time < APART_S) throw new Refused("That would run over the next tempo change");
    if (next && segment.end != null && segment.end > next.time) throw new Refused("The beats would run into the next tempo change");
  });
  return segments;
}
