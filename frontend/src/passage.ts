/** One passage of the transcript: its time, its chips, and its words as buttons. */

import { opacityOf } from "./colour.ts";
import { el, roving } from "./dom.ts";
import type { Facet, Filters, Run } from "./filter.ts";
import { valueOf } from "./filter.ts";
import { wordsOf } from "./search.ts";
import { short } from "./time.ts";
import { explain, type Tooltip } from "./tooltip.ts";
import type { Passage, Rejected, Safety } from "./types.ts";
import { describeJudgement, describeRepetition, describeSafety, judged, percent, range, repeated, safety, severityWord } from "./words.ts";

const UNSURE = 0.5;
/** A word is looked for this far on in the passage's own text, in characters. */
const REACH = 40;

export interface Reader {
  seek(time: number): void;
  play(time: number): void;
  /** Choose a value to filter by, or no longer choose it. */
  choose(facet: Facet, value: string): void;
  /** Show the run of passages that a folded one stands for. */
  unfold(index: number): void;
  tip: Tooltip;
}

export interface Block {
  root: HTMLElement;
  /** Empty until it is filled. */
  words: HTMLElement[];
  starts: number[];
  /** Make chips and words, once. */
  fill(): void;
  /** Show which of its values are chosen. */
  press(filters: Filters): void;
  /** Fold it into a line that stands for a run, hide it behind one, or show it in full. */
  fold(state: Run | "behind" | null): void;
}

export function block(passage: Passage, index: number, reader: Reader): Block {
  const time = el("button", { type: "button", class: "time", "aria-label": `play from ${short(passage.start)}` }, short(passage.start));
  time.addEventListener("click", () => reader.seek(passage.start));
  const chips = el("div", { class: "chips" });
  const text = el("p", { lang: passage.language }, passage.text);
  const line = el("button", { type: "button", class: "fold", "data-testid": "fold" });
  line.addEventListener("click", () => reader.unfold(index));
  const root = el(
    "article",
    { class: "passage", "data-testid": "passage", "data-index": index, "data-start": passage.start, "data-end": passage.end },
    time,
    el("div", { class: "said" }, chips, text),
  );
  const words: HTMLElement[] = [];
  let filled = false;
  return {
    root,
    words,
    starts: passage.words.map((each) => each[0]),
    fill() {
      if (filled) return;
      filled = true;
      const made = chipsOf(passage, reader);
      chips.replaceChildren(...made);
      made.forEach((chip, at) => (chip.tabIndex = at === 0 ? 0 : -1));
      roving(chips, "button.chip");
      text.replaceChildren(...spell(passage, words, reader));
    },
    press(filters) {
      for (const chip of chips.querySelectorAll<HTMLElement>("[data-facet]")) {
        const { facet, value } = chip.dataset as { facet: Facet; value: string };
        chip.setAttribute("aria-pressed", String(filters[facet].has(value)));
      }
    },
    fold(state) {
      root.classList.toggle("folded", state !== null);
      root.hidden = state === "behind";
      if (state === null || state === "behind") return line.remove();
      const count = state.last - state.first + 1;
      line.replaceChildren(el("span", {}, `${count} ${count === 1 ? "passage" : "passages"} folded`));
      line.title = "show";
      line.setAttribute("aria-label", `show ${count} folded ${count === 1 ? "passage" : "passages"} from ${short(passage.start)}`);
      if (!line.isConnected) time.after(line);
    },
  };
}

/** What the recogniser wrote and was not believed: struck through, with the reason. */
export function rejectedBlock(item: Rejected, seek: (time: number) => void): HTMLElement {
  const time = el("button", { type: "button", class: "time", "aria-label": `play from ${short(item.start)}` }, short(item.start));
  time.addEventListener("click", () => seek(item.start));
  const said = el("p", {}, el("span", { class: "hidden" }, "not believed: "), el("s", {}, item.text), el("small", {}, item.reason));
  return el("article", { class: "passage rejected", "data-testid": "rejected", title: range(item) }, time, el("div", { class: "said" }, said));
}

// --- chips ------------------------------------------------------------------------------------------

function chipsOf(passage: Passage, reader: Reader): HTMLElement[] {
  const chips: HTMLElement[] = [];
  for (const facet of ["topic", "tone"] as const) {
    const judgement = passage[facet];
    if (judgement.status === "pending") continue;
    const sure = judgement.confidence !== null && el("small", {}, percent(judgement.confidence));
    const chip = choice(passage, facet, judgement.label === null ? "unknown" : facet, () => describeJudgement(judgement, facet), reader);
    chip.append(judged(judgement, facet), sure || "");
    chip.style.setProperty("--sure", opacityOf(judgement.confidence).toFixed(2));
    chips.push(chip);
  }
  if (judgedAtAll(passage.safety)) {
    const chip = choice(passage, "safety", `safety ${passage.safety.status}`, () => describeSafety(passage), reader);
    chip.append(safety(passage));
    chips.push(chip);
  }
  const { repetition } = passage;
  if (repetition) {
    const chip = el("button", { type: "button", class: "chip repeats", "data-testid": "repetition" }, repeated(repetition));
    chip.addEventListener("click", () => reader.seek(repetition.start));
    explain(chip, reader.tip, () => describeRepetition(repetition));
    chips.push(chip);
  }
  return chips;
}

/** A chip that filters. */
function choice(passage: Passage, facet: Facet, kind: string, lines: () => string[], reader: Reader): HTMLElement {
  const value = valueOf(passage, facet)!;
  const chip = el("button", { type: "button", class: `chip ${kind}`, "data-testid": "chip", "data-facet": facet, "data-value": value, "aria-pressed": "false", "aria-description": "filters the transcript" });
  chip.addEventListener("click", () => reader.choose(facet, value));
  explain(chip, reader.tip, () => [...lines(), chip.getAttribute("aria-pressed") === "true" ? "a click shows the others again" : "a click shows only these"]);
  return chip;
}

function judgedAtAll({ status, reason }: Safety): boolean {
  return status !== "unknown" || reason !== "not judged yet";
}

// --- words ------------------------------------------------------------------------------------------

/** The passage's own text with its words as buttons; what stands between the words stays as it is. */
function spell(passage: Passage, nodes: HTMLElement[], reader: Reader): (Node | string)[] {
  const parts: (Node | string)[] = [];
  const timed = passage.words.length > 0;
  let read = 0;
  wordsOf(passage).forEach(([start, end, raw, probability], index) => {
    const text = raw.trim();
    const found = text ? passage.text.indexOf(text, read) : -1;
    // A word that the text does not show (it was corrected, say) is put in with a space.
    if (found >= 0 && found - read < REACH) {
      if (found > read) parts.push(passage.text.slice(read, found));
      read = found + text.length;
    } else parts.push(" ");
    const node = timed ? button(start, end, text, probability, index, passage.safety, reader) : el("span", { class: "word" }, text);
    nodes.push(node);
    parts.push(node);
  });
  if (read < passage.text.length) parts.push(passage.text.slice(read));
  return parts;
}

function button(start: number, end: number, text: string, probability: number | null, index: number, { evidence, categories }: Safety, reader: Reader): HTMLElement {
  const shows = evidence.find((each) => each.start < end && each.end > start);
  const unsure = probability !== null && probability < UNSURE;
  const grade = categories.find(({ name }) => name === shows?.category);
  const kind = shows && [shows.category ?? "flagged", grade && severityWord(grade.severity)].filter(Boolean).join(", ");
  const node = el(
    "button",
    {
      type: "button",
      class: ["word", unsure && "unsure", shows && "evidence"].filter(Boolean).join(" "),
      "data-testid": "word",
      "data-start": start,
      "data-end": end,
      tabindex: index === 0 ? 0 : -1,
      title: [kind && `${kind}: a click plays it`, unsure && `heard with ${percent(probability!)} certainty`].filter(Boolean).join("; ") || null,
      "aria-description": kind,
    },
    text,
  );
  node.addEventListener("click", () => (shows ? reader.play(start) : reader.seek(start)));
  return node;
}
