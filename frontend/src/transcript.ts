/** What is said, word by word: it follows the sound, is searched and filtered, and tells what was not believed. */

import { el, roving } from "./dom.ts";
import { type Facet, type Filters, foldsOf, matching, NONE, toggled } from "./filter.ts";
import { filterbar } from "./filterbar.ts";
import { finder } from "./finder.ts";
import { follower } from "./follow.ts";
import { block, rejectedBlock } from "./passage.ts";
import { type Hit, hitFrom, type Index, passageOf } from "./search.ts";
import { lastAtOrBefore, spanAt } from "./time.ts";
import type { Tooltip } from "./tooltip.ts";
import type { Props } from "./types.ts";

/** Passages this near to what is on view have their words. */
const NEAR = "600px";

/** What the reader has set; it outlives new data. */
export interface Reading {
  query: string;
  filters: Filters;
  /** Whether only what matches is played. */
  only: boolean;
  /** Whether what was not believed is shown. */
  rejected: boolean;
}

export const UNREAD: Reading = { query: "", filters: NONE, only: false, rejected: false };

/** What the rest of the player shows of it. */
export interface Shown {
  reading: Reading;
  /** Which passages match the filters; null is all. */
  matches: readonly boolean[] | null;
  /** When each place that was found is heard. */
  hits: Float64Array;
  here: number;
}

export interface Desk {
  seek(time: number): void;
  play(time: number): void;
  /** Where the sound stands. */
  now(): number;
  shown(shown: Shown): void;
  still(): boolean;
  tip: Tooltip;
}

export interface Transcript {
  root: HTMLElement;
  /** The field that a search is typed into. */
  field: HTMLElement;
  light(time: number): void;
  search(): void;
  /** Go to the next or the last place found. */
  step(by: -1 | 1): void;
  /** End the search; false if there was none. */
  leave(): boolean;
  close(): void;
}

export function transcript(props: Props, desk: Desk, reading: Reading = UNREAD): Transcript {
  const { passages } = props;
  let [current, word] = [-1, -1];
  let holder: HTMLElement | null = null;
  let matches = matching(passages, reading.filters);
  /** What matches, and what was unfolded by hand. */
  let onView = matches;
  let opened = new Set<number>();
  const marked = new Set<HTMLElement>();
  const nearby = new Set<number>();

  const box = el("div", { class: "box", tabindex: -1, "data-testid": "transcript-box" });
  const blocks = passages.map((passage, index) => block(passage, index, { ...desk, choose, unfold }));
  box.append(...blocks.map((each) => each.root));
  roving(box, "button.word");
  const follows = follower(box, heard, desk.still);
  const search = finder(passages, { onView: () => onView, from: (index) => lastAtOrBefore(index.starts, desk.now() - 0.01) + 1, changed, show }, reading.query);
  const filters = filterbar(passages, {
    choose,
    clear: () => filter(NONE),
    playOnly: () => {
      reading = { ...reading, only: !reading.only };
      sift();
    },
  });
  const starts = passages.map((passage) => passage.start);
  /** The passage before each; they stand after it, and fold with it. */
  const before = props.rejected.map(({ start }) => lastAtOrBefore(starts, start));
  const doubted = props.rejected.map((item) => rejectedBlock(item, desk.seek));
  const doubts = el("button", { type: "button", class: "quietly", "aria-pressed": "false", "data-testid": "rejected-button", title: "what the recogniser wrote and was not believed" }, "rejected text", el("small", {}, String(doubted.length)));
  doubts.addEventListener("click", () => {
    reading = { ...reading, rejected: !reading.rejected };
    doubt();
  });
  const head = el("header", { class: "desk" }, el("h3", {}, "Transcript"), ...(passages.length ? [search.root, filters.button] : []), doubted.length ? doubts : null);
  const root = el("section", { class: "transcript", "aria-label": "Transcript" }, head, filters.root, notice(props), el("div", { class: "scroll" }, box, follows.back));

  // Words become buttons when their passage comes near: a day of radio has a hundred thousand of them.
  const near = new IntersectionObserver(
    (entries) => {
      for (const entry of entries) {
        const index = Number((entry.target as HTMLElement).dataset.index);
        if (!entry.isIntersecting) nearby.delete(index);
        else {
          nearby.add(index);
          fill(index);
        }
      }
    },
    { root: box, rootMargin: NEAR },
  );
  for (const each of blocks) near.observe(each.root);

  function fill(index: number): void {
    const each = blocks[index]!;
    each.fill();
    each.press(reading.filters);
    mark(index);
  }

  // --- search and filters -----------------------------------------------------------------------------

  function choose(facet: Facet, value: string): void {
    filter(toggled(reading.filters, facet, value));
  }

  function filter(next: Filters): void {
    reading = { ...reading, filters: next };
    opened = new Set();
    sift();
  }

  /** Show the folded run that begins at a passage. */
  function unfold(index: number): void {
    const run = foldsOf(onView!).find(({ first }) => first === index);
    for (let at = index; run && at <= run.last; at++) opened.add(at);
    sift();
    (blocks[index]!.root.firstElementChild as HTMLElement).focus();
  }

  /** Apply the filters: fold what does not match, and keep what is read where it is. */
  function sift(): void {
    matches = matching(passages, reading.filters);
    if (!matches) reading = { ...reading, only: false };
    const count = matches?.filter(Boolean).length ?? passages.length;
    blocks.forEach((each, index) => each.root.classList.toggle("aside", matches !== null && !matches[index]));
    onView = matches?.map((match, at) => match || opened.has(at)) ?? null;
    const behind = new Set<number>();
    for (const run of onView ? foldsOf(onView) : []) {
      for (let at = run.first; at <= run.last; at++) {
        behind.add(at);
        blocks[at]!.fold(at === run.first ? run : "behind");
      }
    }
    blocks.forEach((each, index) => behind.has(index) || each.fold(null));
    doubted.forEach((node, index) => (node.hidden = behind.has(before[index]!)));
    for (const index of nearby) blocks[index]!.press(reading.filters);
    filters.show(reading.filters, count, reading.only);
    search.refresh();
    hold();
    follows.follow();
  }

  /** Something else was found, is on view, or was gone to. */
  function changed(): void {
    reading = { ...reading, query: search.field.value };
    for (const node of marked) node.classList.remove("hit", "here");
    marked.clear();
    for (const index of nearby) mark(index);
    const hits = search.hits();
    const times = hits.length ? Float64Array.from(hits, (hit) => search.index().starts[hit.first]!) : new Float64Array();
    desk.shown({ reading, matches, hits: times, here: search.here() });
  }

  /** Mark what was found among the words of a passage. */
  function mark(passage: number): void {
    const hits = search.hits();
    if (!hits.length || !blocks[passage]!.words.length) return;
    const { firsts } = search.index();
    const [begin, end] = [firsts[passage]!, firsts[passage + 1]!];
    for (let at = hitFrom(hits, begin); at < hits.length && hits[at]!.first < end; at++) {
      const hit = hits[at]!;
      for (let number = Math.max(begin, hit.first); number <= Math.min(end - 1, hit.last); number++) {
        const node = blocks[passage]!.words[number - begin];
        if (!node) continue;
        node.classList.add("hit");
        node.classList.toggle("here", at === search.here());
        marked.add(node);
      }
    }
  }

  function show(hit: Hit, walked: boolean): void {
    const index: Index = search.index();
    const passage = passageOf(index, hit.first);
    fill(passage);
    const node = blocks[passage]!.words[hit.first - index.firsts[passage]!];
    if (walked) desk.seek(index.starts[hit.first]!);
    walked ? follows.come() : follows.leave();
    if (node) follows.show(node);
  }

  function doubt(): void {
    doubts.setAttribute("aria-pressed", String(reading.rejected));
    doubted.forEach((node, index) => {
      if (!reading.rejected) return node.remove();
      const after = before[index]! + 1;
      if (after < blocks.length) blocks[after]!.root.before(node);
      else box.append(node);
    });
  }

  // --- following --------------------------------------------------------------------------------------

  /** What is heard: the word, else its passage, else the line that it is folded into. */
  function heard(): HTMLElement | null {
    let index = current;
    while (index > 0 && blocks[index]!.root.hidden) index--;
    const root = blocks[index]?.root ?? null;
    return index === current && !root?.classList.contains("folded") ? (blocks[index]?.words[word] ?? root) : root;
  }

  /** Light the line that what is heard is folded into. */
  function hold(): void {
    holder?.classList.remove("holds");
    holder = heard();
    if (holder?.classList.contains("folded")) holder.classList.add("holds");
  }

  function light(time: number): void {
    const index = spanAt(passages, time);
    if (index !== current) {
      blocks[current]?.root.classList.remove("now");
      blocks[current]?.words[word]?.classList.remove("now");
      [current, word] = [index, -1];
      if (index >= 0) {
        fill(index);
        blocks[index]!.root.classList.add("now");
        follows.follow();
      }
      hold();
    }
    const each = blocks[current];
    if (!each) return;
    const at = lastAtOrBefore(each.starts, time + 0.01);
    if (at === word) return;
    each.words[word]?.classList.remove("now");
    word = at;
    if (!each.words[word]) return;
    each.words[word]!.classList.add("now");
    follows.follow();
  }

  if (reading.rejected) doubt();
  sift();
  return {
    root,
    field: search.field,
    light,
    search: search.focus,
    step: search.step,
    leave: search.leave,
    close: () => near.disconnect(),
  };
}

/** What is missing from all passages alike is said once. */
function notice(props: Props): HTMLElement | null {
  const { content } = props.missing;
  const says = !props.passages.length
    ? "Nothing that the recogniser wrote here was believed."
    : content
      ? `Topics, tone and safety are missing: ${content}`
      : props.passages.every(({ topic, tone }) => topic.status === "pending" && tone.status === "pending")
        ? "Topics, tone and safety have not been judged yet."
        : null;
  return says === null ? null : el("p", { class: "notice", "data-testid": "notice" }, says);
}
