/** Edits of sections and activity: boundaries, labels, splitting and merging. Each takes a document and gives another. */

import { Refused, UNLABELLED, type Document, type Section, type Span } from "./document.ts";
import * as tiles from "./tiles.ts";

/** The lanes whose spans tile the recording. */
export type Tiled = "sections" | "activity";

/** What a document has in a lane; where nothing was annotated, one part that says nothing yet. */
export function sectionsOf(document: Document): readonly Section[] {
  return document.sections?.length ? document.sections : [unlabelled(0, document.duration)];
}

export function tilesOf(document: Document, lane: Tiled): readonly Span[] {
  if (lane === "sections") return sectionsOf(document);
  return document.activity?.length ? document.activity : [{ start: 0, end: document.duration, label: "music" }];
}

export const isUnlabelled = (section: Span): boolean => (section as Section).original === UNLABELLED;

/** How many parts nobody has said anything of. */
export const openParts = (document: Document): number => sectionsOf(document).filter(isUnlabelled).length;

export function unlabelled(start: number, end: number): Section {
  return { ...labelled(start, end, "other"), original: UNLABELLED };
}

/** A section as a person marks it: what a model was sure of, or had measured, is not theirs. */
export function labelled(start: number, end: number, label: string): Section {
  return { start, end, label, confidence: null, start_bar: null, end_bar: null, repeats: null };
}

/** A boundary; what follows it has no label yet. `split` keeps the label. */
export function addBoundary(document: Document, time: number, lane: Tiled = "sections"): Document {
  if (lane === "activity") return split(document, time, lane);
  return { ...document, sections: tiles.divided(sectionsOf(document), time, cutSection, (_, start, end) => unlabelled(start, end)).tiles };
}

export function split(document: Document, time: number, lane: Tiled = "sections"): Document {
  return withTiles(document, lane, (parts, cut) => tiles.divided(parts, time, cut).tiles);
}

/** The boundary before part `index` goes; the earlier part's label stays, unless only the later has one. */
export function removeBoundary(document: Document, index: number, lane: Tiled = "sections"): Document {
  return merge(document, index - 1, index, lane);
}

/** The boundary before part `index` moves, as far as its neighbours let it. */
export function moveBoundary(document: Document, index: number, time: number, lane: Tiled = "sections"): Document {
  return withTiles(document, lane, (parts, cut) => tiles.moved(parts, index, time, cut));
}

/** Parts `from` to `to` become one, under the first label among them. */
export function merge(document: Document, from: number, to: number, lane: Tiled = "sections"): Document {
  return withTiles(document, lane, (parts, cut) => {
    const first = parts.slice(from, to + 1).findIndex((part) => !isUnlabelled(part));
    return tiles.joined(parts, from, to, cut, from + Math.max(0, first));
  });
}

export function relabel(document: Document, indices: readonly number[], label: string, lane: Tiled = "sections"): Document {
  return withTiles(document, lane, (parts) => {
    const meant = new Set(indices);
    const one = (part: Span): Span => {
      if (part.label === label && !isUnlabelled(part)) return part;
      const { original: _original, confidence: _confidence, ...rest } = part as Section;
      return lane === "sections" ? { ...rest, label, confidence: null } : { ...rest, label };
    };
    let isNew = document[lane] === null;
    const said = parts.map((part, index) => {
      const now = meant.has(index) ? one(part) : part;
      isNew ||= now !== part;
      return now;
    });
    return isNew ? said : parts;
  });
}

/** The parts take a label away again. */
export function unlabel(document: Document, indices: readonly number[]): Document {
  const meant = new Set(indices);
  return { ...document, sections: sectionsOf(document).map((part, index) => (meant.has(index) ? unlabelled(part.start, part.end) : part)) };
}

/** Sections given in any order fill what nobody has said anything of; what was said stays. */
export function fill(document: Document, given: readonly Section[]): Document {
  const offered = given.filter((section) => section.end > section.start).toSorted((a, b) => a.start - b.start);
  const parts: Section[] = [];
  const places: number[] = [];
  let next = 0;
  for (const part of sectionsOf(document)) {
    places.push(parts.length);
    if (!isUnlabelled(part)) {
      parts.push(part);
      continue;
    }
    let at = part.start;
    while (next < offered.length && offered[next]!.end <= part.start + tiles.SHORTEST_S) next++;
    for (let index = next; index < offered.length && offered[index]!.start < part.end - tiles.SHORTEST_S; index++) {
      const { start, end } = offered[index]!;
      const from = start - at < tiles.SHORTEST_S ? at : start;
      const to = part.end - end < tiles.SHORTEST_S ? part.end : end;
      if (to - from < tiles.SHORTEST_S) continue;
      if (from > at) parts.push(unlabelled(at, from));
      parts.push(taken(offered[index]!, from, to));
      at = to;
    }
    if (at < part.end) parts.push(unlabelled(at, part.end));
  }
  if (sameTiles(document.sections, parts)) return document;
  return { ...document, sections: tiles.referring(parts, (index) => places[index]!) };
}

/** A stretch under a new section, whatever was there. */
export function paint(document: Document, given: Section): Document {
  const parts = sectionsOf(document);
  const edge = (time: number): number => {
    const near = tiles.boundaryNear(parts, time, tiles.SHORTEST_S);
    if (near !== null) return parts[near]!.start;
    return time < tiles.SHORTEST_S ? 0 : document.duration - time < tiles.SHORTEST_S ? document.duration : time;
  };
  const [start, end] = [edge(given.start), edge(given.end)];
  if (end - start < tiles.SHORTEST_S) throw new Refused("That section is too short");
  const [first, last] = [tiles.tileAt(parts, start), tiles.tileAt(parts, end)];
  const [before, after] = [parts[first]!, parts[last]!];
  const until = after.start < end ? last : last - 1;
  const put = [taken(given, start, end)];
  if (before.start < start) put.unshift(cutSection(before, before.start, start));
  if (until === last && end < after.end) put.push(cutSection(after, end, after.end));
  return { ...document, sections: tiles.spliced(parts, first, until - first + 1, put) };
}

/** A suggested section as one of the document's: its energy is still true where its edges are. */
function taken(from: Section, start: number, end: number): Section {
  const energy = from.energy && from.start === start && from.end === end ? { energy: from.energy } : {};
  const original = from.original && from.original !== UNLABELLED ? { original: from.original } : {};
  return { ...labelled(start, end, from.label), ...energy, ...original };
}

/** Bars, energy and the model's confidence in the boundary were those of the old stretch. */
function cutSection(from: Section, start: number, end: number): Section {
  if (from.start === start && from.end === end) return from;
  const { energy: _energy, boundary_confidence, ...rest } = from;
  return { ...rest, start, end, start_bar: null, end_bar: null, ...(start === from.start && boundary_confidence != null ? { boundary_confidence } : {}) };
}

function withTiles(document: Document, lane: Tiled, edit: (parts: readonly Span[], cut: tiles.Cut<Span>) => readonly Span[]): Document {
  const before = tilesOf(document, lane);
  const after = edit(before, (part, start, end) => (lane === "sections" ? cutSection(part as Section, start, end) : { ...part, start, end }));
  return after === before ? document : { ...document, [lane]: after };
}

function sameTiles(before: readonly Section[] | null, after: readonly Section[]): boolean {
  return before !== null && before.length === after.length && before.every((part, index) => part === after[index] || (isUnlabelled(part) && part.start === after[index]!.start && part.end === after[index]!.end && isUnlabelled(after[index]!)));
}
