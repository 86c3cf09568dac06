/** The lanes of the editor: what is marked, what the model suggests, what others marked, sound, speech. */

import { short } from "../time.ts";
import type { Viewport } from "../view.ts";
import { BlockLane, type Blocks, type Hands, type Look } from "./blocks.ts";
import type { Annotation, Passage, Section, Span } from "./document.ts";
import type { Grid } from "./grid.ts";
import { isUnlabelled } from "./sections.ts";
import type { Vocabulary } from "./session.ts";
import type { Standing } from "./suggest.ts";

const BLANK = "#5b6478";
const SPOKEN = "#8f9bd8";
const NOBODY: Blocks = { length: 0, start: () => 0, end: () => 0, colour: () => BLANK, look: () => ({ colour: BLANK, text: "", kind: "", lines: [] }) };

const STANDS: Record<Standing, string> = { open: "suggested by the model", taken: "suggested and taken over", rejected: "suggested and turned down", different: "suggested; marked otherwise" };

/** What the lanes show; everything is in order of time. */
export interface Shown {
  sections: readonly Section[] | null;
  selected: readonly number[];
  activity: readonly Span[] | null;
  /** Whether the activity is the model's, for want of one's own; likewise the passages. */
  ghostActivity: boolean;
  passages: readonly Passage[] | null;
  ghostPassages: boolean;
  suggestion: readonly Section[];
  fates: readonly Standing[];
  others: readonly { author: string; annotation: Annotation }[];
  /** An old revision, or the other version in a clash. */
  ghost: { name: string; sections: readonly Section[] } | null;
  /** The lane that the keys are about. */
  lane: string;
  chosenInLane: readonly number[];
}

/** What is done to them. */
export interface LaneHands {
  tip(lines: string[] | null, event?: PointerEvent): void;
  section(index: number, event: MouseEvent): void;
  label(index: number): void;
  reach(index: number): void;
  suggested(index: number): void;
  decide(index: number, accept: boolean): void;
  play(time: number): void;
  seek(time: number): void;
  activity(index: number): void;
  passage(index: number): void;
}

export class Lanes {
  readonly sections: BlockLane;
  private readonly suggestion: BlockLane;
  private readonly ghost: BlockLane;
  private readonly activity: BlockLane;
  private readonly passages: BlockLane;
  private others: { lane: BlockLane; author: string }[] = [];
  private last: Shown | null = null;
  private readonly colours: ReadonlyMap<string, string>;
  private readonly sounds: ReadonlyMap<string, string>;

  constructor(
    private readonly box: HTMLElement,
    vocabulary: Vocabulary,
    private readonly grid: () => Grid,
    private readonly hands: LaneHands,
    private readonly furnish: (index: number, node: HTMLElement) => void,
  ) {
    this.colours = new Map(vocabulary.sections.map(({ label, colour }) => [label, colour]));
    this.sounds = new Map(vocabulary.activity.map(({ label, colour }) => [label, colour]));
    this.sections = this.lane("sections", "Sections", "section", {
      press: (index, event) => hands.section(index, event),
      twice: (index) => hands.play(this.last!.sections![index]!.start),
      menu: (index) => hands.label(index),
      reached: (index) => hands.reach(index),
    });
    this.suggestion = this.lane("suggestion", "Suggestion", "suggested", {
      press: (index) => hands.suggested(index),
      twice: (index) => hands.decide(index, true),
      furnish: this.furnish,
    });
    this.ghost = this.lane("ghost", "Revision", "ghost-section", { press: (index) => hands.seek(this.last!.ghost!.sections[index]!.start) });
    this.activity = this.lane("activity", "Sound", "activity", { press: (index) => hands.activity(index) });
    this.passages = this.lane("passages", "Speech", "passage", { press: (index) => hands.passage(index), twice: (index) => hands.play(this.last!.passages![index]!.start) });
    this.box.append(this.sections.row);
  }

  show(shown: Shown): void {
    const { last } = this;
    this.last = shown;
    if (!last || last.sections !== shown.sections || last.selected !== shown.selected) {
      this.sections.show(this.ofSections(shown.sections ?? [], "truth"), new Set(shown.selected));
    }
    if (!last || last.suggestion !== shown.suggestion || last.fates !== shown.fates) {
      this.suggestion.show(this.ofSections(shown.suggestion, "suggested", shown.fates));
    }
    if (last?.others !== shown.others) this.showOthers(shown.others);
    if (last?.ghost !== shown.ghost) {
      this.ghost.rename(shown.ghost?.name ?? "");
      this.ghost.show(this.ofSections(shown.ghost?.sections ?? [], "old"));
    }
    if (!last || last.activity !== shown.activity || last.chosenInLane !== shown.chosenInLane || last.lane !== shown.lane) {
      this.activity.show(this.ofActivity(shown), new Set(shown.lane === "activity" ? shown.chosenInLane : []));
    }
    if (!last || last.passages !== shown.passages || last.chosenInLane !== shown.chosenInLane || last.lane !== shown.lane) {
      this.passages.show(this.ofPassages(shown), new Set(shown.lane === "passages" ? shown.chosenInLane : []));
    }
    const rows = [
      this.sections.row,
      shown.suggestion.length ? this.suggestion.row : null,
      shown.ghost ? this.ghost.row : null,
      ...this.others.map(({ lane }) => lane.row),
      shown.activity && (shown.activity.length > 1 || !shown.ghostActivity || shown.lane === "activity") ? this.activity.row : null,
      shown.passages?.length || shown.lane === "passages" ? this.passages.row : null,
    ].filter((row) => row !== null);
    if (rows.length !== this.box.childElementCount || rows.some((row, index) => this.box.children[index] !== row)) this.box.replaceChildren(...rows);
    for (const [lane, name] of [[this.sections, "sections"], [this.activity, "activity"], [this.passages, "passages"]] as const) lane.row.classList.toggle("active", shown.lane === name && shown.lane !== "sections");
  }

  draw(view: Viewport): void {
    for (const lane of this.all()) if (lane.row.isConnected) lane.draw(view);
  }

  light(index: number): void {
    this.sections.light(index);
  }

  private *all(): Iterable<BlockLane> {
    yield this.sections;
    yield this.suggestion;
    yield this.ghost;
    for (const { lane } of this.others) yield lane;
    yield this.activity;
    yield this.passages;
  }

  private lane(kind: string, name: string, one: string, hands: Omit<Hands, "tip">): BlockLane {
    return new BlockLane(kind, name, one, { tip: this.hands.tip, ...hands });
  }

  private showOthers(others: Shown["others"]): void {
    this.others = others
      .filter(({ annotation }) => annotation.sections?.length)
      .map(({ author, annotation }) => {
        const lane = this.lane("other", author, "other-section", { press: (index) => this.hands.seek(annotation.sections![index]!.start) });
        lane.show(this.ofSections(annotation.sections!, "other"));
        return { lane, author };
      });
  }

  private ofSections(sections: readonly Section[], kind: string, fates?: readonly Standing[]): Blocks {
    if (!sections.length) return NOBODY;
    const grid = this.grid();
    const colour = (index: number): string => (isUnlabelled(sections[index]!) ? BLANK : (this.colours.get(sections[index]!.label) ?? BLANK));
    return {
      colour,
      length: sections.length,
      start: (index) => sections[index]!.start,
      end: (index) => sections[index]!.end,
      look: (index): Look => {
        const section = sections[index]!;
        const blank = isUnlabelled(section);
        const text = blank ? "no label yet" : section.label;
        const length = barsOf(section, grid);
        const fate = fates?.[index];
        const foreign = section.original && !blank ? `called “${section.original}” elsewhere` : null;
        const says = fate && STANDS[fate];
        return {
          colour: colour(index),
          text,
          ...(length ? { detail: length } : {}),
          kind: `section ${kind}${blank ? " blank" : ""}${fate ? ` ${fate}` : ""}`,
          lines: [text, [range(section), placed(section, grid), length].filter(Boolean).join(" · "), foreign, says].filter((line) => !!line) as string[],
          data: { label: section.label, ...(fate ? { fate } : {}) },
        };
      },
    };
  }

  private ofActivity({ activity, ghostActivity }: Shown): Blocks {
    if (!activity) return NOBODY;
    const colour = (index: number): string => this.sounds.get(activity[index]!.label ?? "") ?? BLANK;
    return {
      colour,
      length: activity.length,
      start: (index) => activity[index]!.start,
      end: (index) => activity[index]!.end,
      look: (index) => {
        const span = activity[index]!;
        const text = span.label === "speech+music" ? "speech over music" : (span.label ?? "");
        return { colour: colour(index), text, kind: `sound ${ghostActivity ? "suggested" : "truth"}`, lines: [text, range(span)], data: { label: span.label ?? "" } };
      },
    };
  }

  private ofPassages({ passages, ghostPassages }: Shown): Blocks {
    if (!passages?.length) return NOBODY;
    return {
      colour: () => SPOKEN,
      length: passages.length,
      start: (index) => passages[index]!.start,
      end: (index) => passages[index]!.end,
      look: (index) => {
        const passage = passages[index]!;
        const text = passage.topic.label ?? (passage.topic.reason === "cannot tell" ? "cannot tell" : "no topic");
        const words = passage.text.length > 120 ? `${passage.text.slice(0, 117).trimEnd()}…` : passage.text;
        return { colour: SPOKEN, text, detail: words, kind: `passage ${ghostPassages ? "suggested" : "truth"}`, lines: [text, [range(passage), passage.speaker].filter(Boolean).join(" · "), words] };
      },
    };
  }
}

/** "16 bars", or null where there is no grid. */
export function barsOf(span: { start: number; end: number }, grid: Grid): string | null {
  const [first, after] = [grid.nearestBar(span.start), grid.nearestBar(span.end)];
  if (first === null || after === null) return null;
  const count = after - Math.max(1, first);
  return count < 1 ? null : `${count} ${count === 1 ? "bar" : "bars"}`;
}

function placed(span: { start: number }, grid: Grid): string | null {
  const place = grid.written(span.start);
  return place && `from ${place}`;
}

function range(span: { start: number; end: number }): string {
  return `${short(span.start)}–${short(span.end)}`;
}
