/** One sitting at one recording: document, history, what is selected, and what happened last. No sound, no page. */

import { clock as written } from "../time.ts";
import type { Vocabulary } from "../types.ts";
import type { Lane } from "./commands.ts";
import { Refused, type Annotation, type Document, type Section, type Span } from "./document.ts";
import { Grid } from "./grid.ts";
import { History } from "./history.ts";
import { tilesOf } from "./sections.ts";
import { snapped, type Snap } from "./snap.ts";
import { standings, type Standing } from "./suggest.ts";
import { Tapper } from "./tap.ts";
import { boundaryNear, tileAt } from "./tiles.ts";

export type { Vocabulary } from "../types.ts";

/** In the order in which the key goes through them. */
export const LANES: readonly Lane[] = ["sections", "grid", "activity", "passages"];

/** What is selected in the lane. */
export interface Selection {
  /** Indices of items, ascending. */
  readonly items: readonly number[];
  /** The boundary before the item with this index. */
  readonly boundary: number | null;
  /** A word of the passage selected. */
  readonly word: number | null;
  /** Chosen by hand: it holds wherever the playhead is. Else it holds while the playhead is there. */
  readonly held: boolean;
}

const NOTHING: Selection = { items: [], boundary: null, word: null, held: false };

/** A boundary is under the playhead if it is this near. */
const REACH_S = 1.5;

export interface Beginning {
  readonly document: Document;
  readonly suggestion?: Annotation | null;
  readonly vocabulary: Vocabulary;
  readonly author: string;
  /** Seconds of real time, for what is done quickly after each other. */
  readonly clock?: () => number;
  /** The time of day, ISO 8601 in UTC. */
  readonly now?: () => string;
}

export class Session {
  readonly history: History<Document>;
  readonly suggestion: Annotation | null;
  readonly vocabulary: Vocabulary;
  readonly author: string;
  readonly tapper: Tapper;
  readonly now: () => string;
  private currentLane: Lane = "sections";
  private currentSnap: Snap = "bar";
  private selected: Selection = NOTHING;
  private message = "";
  private readonly listeners = new Set<() => void>();
  private known: { segments: Document["grid"]; grid: Grid } | null = null;
  private judged: { document: Document; standings: Standing[] } | null = null;

  constructor({ document, suggestion = null, vocabulary, author, clock = () => performance.now() / 1000, now = () => new Date().toISOString() }: Beginning) {
    this.history = new History(document, clock);
    this.tapper = new Tapper(clock);
    this.suggestion = suggestion;
    this.vocabulary = vocabulary;
    this.author = author;
    this.now = now;
  }

  get document(): Document {
    return this.history.state;
  }

  /** The document's grid, or the suggested one while there is none. */
  get grid(): Grid {
    const segments = this.document.grid ?? this.suggestion?.grid ?? null;
    if (this.known?.segments !== segments) this.known = { segments, grid: new Grid(segments ?? []) };
    return this.known!.grid;
  }

  get suggested(): readonly Section[] {
    return this.suggestion?.sections ?? [];
  }

  /** How each suggested section stands against the document. */
  get standings(): readonly Standing[] {
    if (this.judged?.document !== this.document) this.judged = { document: this.document, standings: standings(this.document, this.suggested) };
    return this.judged.standings;
  }

  get lane(): Lane {
    return this.currentLane;
  }

  set lane(lane: Lane) {
    if (lane === this.currentLane) return;
    this.currentLane = lane;
    this.selected = NOTHING;
    this.say(`marking ${lane}`);
  }

  get snap(): Snap {
    return this.currentSnap;
  }

  set snap(snap: Snap) {
    this.currentSnap = snap;
    this.say(snap === "off" ? "nothing snaps" : `snaps to the ${snap}`);
  }

  get selection(): Selection {
    return this.selected;
  }

  /** What happened last, for the status line and screen readers. */
  get said(): string {
    return this.message;
  }

  /** Called after every change; returns how to stop that. */
  subscribe(listener: () => void): () => void {
    this.listeners.add(listener);
    return () => void this.listeners.delete(listener);
  }

  /** Says what happened, and tells whoever looks on. */
  say(message: string): void {
    this.message = message;
    for (const listener of this.listeners) listener();
  }

  // --- editing -----------------------------------------------------------------------------------

  /**
   * Makes an edit a step of the history. `name` says what was done ("label drop"); edits with the same `key` shortly after
   * each other (`within` seconds) are one step. False where the edit was refused or changed nothing: `said` tells why.
   */
  edit(name: string, change: (document: Document) => Document, key: string | null = null, within?: number): boolean {
    const before = this.document;
    try {
      this.history.push(name, change(before), key, within);
    } catch (error) {
      if (!(error instanceof Refused)) throw error;
      this.say(error.message);
      return false;
    }
    this.keepSelection();
    this.say(this.document === before ? `${name}: nothing to change` : name);
    return this.document !== before;
  }

  undo(): void {
    const name = this.history.undo();
    this.keepSelection();
    this.say(name === null ? "nothing to undo" : `undone: ${name}`);
  }

  redo(): void {
    const name = this.history.redo();
    this.keepSelection();
    this.say(name === null ? "nothing to redo" : `redone: ${name}`);
  }

  // --- what is meant -----------------------------------------------------------------------------

  /** The items of the lane, in order of time. */
  get items(): readonly Span[] {
    const { document, lane } = this;
    if (lane === "passages") return document.passages ?? this.suggestion?.passages ?? [];
    if (lane === "grid") {
      const { segments } = this.grid;
      return segments.map((segment, index) => ({ start: segment.time, end: segments[index + 1]?.time ?? document.duration }));
    }
    return lane === "activity" && document.activity === null && this.suggestion?.activity?.length ? this.suggestion.activity : tilesOf(document, lane);
  }

  select(selection: Partial<Selection>): void {
    const items = [...new Set(selection.items ?? [])].sort((a, b) => a - b);
    this.selected = { ...NOTHING, ...selection, items };
    this.keepSelection();
    const count = this.selected.items.length;
    this.say(count === 0 ? "nothing selected" : count > 1 ? `${count} selected` : this.described(this.selected.items[0]!));
  }

  /** Adds items to what is selected by hand, or takes them away again. */
  toggle(index: number): void {
    const items = this.selected.held ? this.selected.items : [];
    this.select({ items: items.includes(index) ? items.filter((one) => one !== index) : [...items, index], held: true });
  }

  /** The items that a label or a comment is for: those selected, or the one under the playhead. */
  targets(time: number): readonly number[] {
    const { items, held } = this.selected;
    if (items.length && (held || this.isNear(items, time))) return items;
    const all = this.items;
    if (!all.length) return [];
    const at = tileAt(all, time);
    const { start, end } = all[at]!;
    return this.lane === "passages" && (time < start || time > end + REACH_S) ? [] : [at];
  }

  /** The boundary that is selected, or the one under the playhead; null where there is none. */
  boundary(time: number): number | null {
    const { boundary, held } = this.selected;
    if (boundary !== null && (held || Math.abs(this.items[boundary]!.start - time) <= REACH_S)) return boundary;
    return boundaryNear(this.items, time, REACH_S);
  }

  /** A time as edits take it. */
  snapped(time: number): number {
    return snapped(Math.min(Math.max(0, time), this.document.duration), this.grid, this.snap);
  }

  /** `0:30.020, bar 17.1`. */
  place(time: number): string {
    const bar = this.grid.written(time);
    return bar ? `${written(time)}, bar ${bar}` : written(time);
  }

  /** An item in words, for screen readers. */
  described(index: number): string {
    const item = this.items[index];
    if (!item) return "nothing";
    const name = (item as Section).original === "unlabeled" ? "no label yet" : item.label || "";
    return `${name || this.lane.replace(/s$/, "")} ${index + 1} of ${this.items.length}, from ${this.place(item.start)}`;
  }

  /** A selection that was made in passing holds while the playhead is in it, or about to enter it. */
  private isNear(items: readonly number[], time: number): boolean {
    const [first, last] = [this.items[items[0]!], this.items[items.at(-1)!]];
    return !!first && !!last && time >= first.start - REACH_S && time < last.end;
  }

  private keepSelection(): void {
    const count = this.items.length;
    const { items, boundary, word, held } = this.selected;
    const kept = items.filter((index) => index >= 0 && index < count);
    this.selected = { items: kept, boundary: boundary !== null && boundary > 0 && boundary < count ? boundary : null, word: kept.length ? word : null, held: held && (kept.length > 0 || boundary !== null) };
  }
}
