/** What the stage shows of a document: grid, lanes, boundaries, pins, and the cue; drawn again only where something changed. */

import { el } from "../dom.ts";
import { clock, Grid as DrawnGrid, lastAtOrBefore } from "../time.ts";
import type { EditorProps } from "../types.ts";
import type { Viewport } from "../view.ts";
import type { Document, Section, Span } from "./document.ts";
import { Grips, type Mover } from "./drag.ts";
import { Grid } from "./grid.ts";
import { barsOf, type LaneHands, Lanes } from "./lanes.ts";
import type { Beats } from "./metronome.ts";
import { Pins } from "./pins.ts";
import { isUnlabelled, sectionsOf, tilesOf } from "./sections.ts";
import type { Session } from "./session.ts";
import type { Here } from "./strip.ts";
import type { Standing } from "./suggest.ts";
import { tileAt } from "./tiles.ts";

const BLANK = "#5b6478";
/** Whoever stands this little before a beat, in seconds, reads that beat: what was measured is never quite on it. */
const NEARLY_S = 0.004;
const NONE: readonly never[] = [];

export interface Ghost {
  name: string;
  document: Document;
}

export class Picture {
  readonly lanes: Lanes;
  readonly grips: Grips;
  readonly pins: Pins;
  readonly cueMark = el("div", { class: "cue", hidden: true, "aria-hidden": "true" });
  grid = new Grid(NONE);
  drawn = new DrawnGrid({ time: [], position: [], bar: [] }, 4);
  sections: readonly Section[] = NONE;
  /** An old revision, or another version, to be looked at beside what is marked. */
  ghost: Ghost | null = null;
  private beats: Beats = { times: new Float64Array(), isDownbeat: () => false };
  private source: readonly Section[] | null | undefined;
  private tiles: readonly Span[] = NONE;
  private fates: readonly Standing[] = NONE;
  private fatesOf: unknown = null;
  private rejected: unknown = null;
  private selected: readonly number[] = NONE;
  private painted: { start: number; end: number; colour: string }[] = [];
  private paintedOf: unknown = null;
  private ghostShown: { name: string; sections: readonly Section[] } | null = null;
  private edges: readonly Span[] | null = null;
  private boundary: number | null = null;
  private readonly colours: ReadonlyMap<string, string>;

  constructor(
    private readonly session: Session,
    private readonly props: () => EditorProps,
    lanesBox: HTMLElement,
    hands: LaneHands & { comment(index: number): void },
    mover: Mover,
  ) {
    const { vocabulary } = session;
    this.colours = new Map([...vocabulary.sections, ...vocabulary.activity].map(({ label, colour }) => [label, colour]));
    this.lanes = new Lanes(lanesBox, vocabulary, () => this.grid, hands, (index, node) => furnish(index, node, hands));
    this.grips = new Grips(mover);
    this.pins = new Pins({ open: hands.comment, tip: hands.tip });
    this.sync();
  }

  get suggested(): readonly Section[] {
    return this.session.suggestion?.sections ?? NONE;
  }

  get metronome(): Beats {
    return this.beats;
  }

  /** Take over what the document says now. Returns whether the colours of the overview changed. */
  sync(): boolean {
    const { session } = this;
    const { document, selection, lane } = session;
    const regridded = this.takeGrid(document);
    // Blocks say how many bars they last, so a new grid makes them new too.
    if (document.sections !== this.source || regridded) {
      this.source = document.sections;
      this.sections = [...sectionsOf(document)];
    }
    this.tiles = lane === "activity" ? tilesOf(document, "activity") : this.sections;
    if (this.fatesOf !== this.sections || this.rejected !== document.rejected) {
      [this.fatesOf, this.rejected] = [this.sections, document.rejected];
      this.fates = session.standings;
    }
    const selected = lane === "sections" || lane === "grid" ? selection.items : NONE;
    if (selected.length || this.selected.length) this.selected = selected;
    const { suggestion } = session;
    if (this.ghost?.name !== this.ghostShown?.name || (this.ghost && sectionsOf(this.ghost.document) !== this.ghostShown?.sections)) {
      this.ghostShown = this.ghost && { name: this.ghost.name, sections: sectionsOf(this.ghost.document) };
    }
    this.lanes.show({
      sections: this.sections,
      selected: this.selected,
      activity: document.activity ?? suggestion?.activity ?? null,
      ghostActivity: document.activity === null,
      passages: document.passages ?? suggestion?.passages ?? null,
      ghostPassages: document.passages === null,
      suggestion: this.suggested,
      fates: this.fates,
      others: this.props().others,
      ghost: this.ghostShown,
      lane,
      chosenInLane: selection.items,
    });
    this.takeBoundaries(selection.boundary);
    this.pins.show(document.comments ?? NONE);
    return this.paint();
  }

  draw(view: Viewport): void {
    this.lanes.draw(view);
    this.grips.draw(view);
    this.pins.draw(view);
  }

  /** What the overview is painted in: what is marked, else what is suggested. */
  parts(): readonly { start: number; end: number; colour: string }[] {
    return this.painted;
  }

  here(time: number): Here | null {
    const section = this.sections[tileAt(this.sections, time)];
    if (!section) return null;
    const blank = isUnlabelled(section);
    return { label: blank ? "no label yet" : section.label, colour: blank ? BLANK : this.colour(section.label), bars: barsOf(section, this.grid) };
  }

  place(time: number): string | null {
    return this.grid.written(time + NEARLY_S);
  }

  light(time: number): void {
    this.lanes.light(tileAt(this.sections, time));
  }

  cue(point: number | null, view: Viewport): void {
    const x = point === null ? -10 : view.toX(point);
    this.cueMark.hidden = x < -2 || x > view.width;
    if (!this.cueMark.hidden) this.cueMark.style.transform = `translateX(${x.toFixed(1)}px)`;
  }

  colour(label: string): string {
    return this.colours.get(label) ?? BLANK;
  }

  private takeGrid(document: Document): boolean {
    const { grid } = this.session;
    if (grid === this.grid) return false;
    this.grid = grid;
    const { time, position, bar } = grid.beats(document.duration);
    this.drawn = new DrawnGrid({ time: Array.from(time), position: Array.from(position), bar: Array.from(bar) }, grid.segments[0]?.beats_per_bar ?? 4);
    this.beats = { times: time, isDownbeat: (index) => position[index] === 1 };
    return true;
  }

  private takeBoundaries(selected: number | null): void {
    const { tiles } = this;
    if (tiles === this.edges && selected === this.boundary) return;
    const times = new Float64Array(Math.max(0, tiles.length - 1));
    for (let index = 1; index < tiles.length; index++) times[index - 1] = tiles[index]!.start;
    this.edges = tiles;
    this.boundary = selected;
    const name = (index: number): string => {
      const span = tiles[index];
      return span ? (isUnlabelled(span) ? "no label" : (span.label ?? "")) : "";
    };
    this.grips.show({
      times,
      selected,
      colour: (number) => (isUnlabelled(tiles[number]!) ? "#9aa3b8" : this.colour(tiles[number]!.label ?? "")),
      name: (number) => {
        const time = times[number - 1]!;
        const place = this.place(time);
        return [clock(time), place && `bar ${place}`, `${name(number - 1)} to ${name(number)}`].filter(Boolean).join(" · ");
      },
    });
  }

  private paint(): boolean {
    const { document } = this.session;
    const marked = document.sections?.some((section) => !isUnlabelled(section)) ?? false;
    const source = marked ? this.sections : this.suggested;
    if (source === this.paintedOf) return false;
    this.paintedOf = source;
    // A pixel of the overview holds no more than one colour.
    const step = document.duration / 3000;
    const parts: typeof this.painted = [];
    for (const section of source) {
      const colour = isUnlabelled(section) ? BLANK : this.colour(section.label);
      const last = parts.at(-1);
      if (last && (last.colour === colour || section.end - last.start < step)) last.end = section.end;
      else parts.push({ start: section.start, end: section.end, colour });
    }
    this.painted = parts;
    return true;
  }
}

/** The nearest beat at or before a time, for lights that go with the beat: its number, and whether it begins a bar. */
export function beatAt(beats: Beats, time: number): { index: number; since: number; one: boolean } {
  const index = lastAtOrBefore(beats.times, time);
  return { index, since: index < 0 ? Infinity : time - beats.times[index]!, one: index >= 0 && beats.isDownbeat(index) };
}

/** What can be done to a suggestion with the mouse. */
function furnish(index: number, node: HTMLElement, hands: LaneHands): void {
  const make = (text: string, name: string, accept: boolean): HTMLElement => {
    const button = el("button", { type: "button", tabindex: -1, title: name, "aria-label": name }, text);
    button.addEventListener("click", (event) => {
      event.stopPropagation();
      hands.decide(index, accept);
    });
    button.addEventListener("dblclick", (event) => event.stopPropagation());
    return button;
  };
  node.append(el("span", { class: "decide" }, make("✓", "accept (A)", true), make("✕", "reject (X)", false)));
}
