/** What is said, word by word: the current word is lit, and a click on any word goes there. */

import { el, focus, roving } from "./dom.ts";
import { lastAtOrBefore, short, spanAt } from "./time.ts";
import type { Passage, Props } from "./types.ts";
import { judged, percent, safety } from "./words.ts";

const UNSURE = 0.5;
/** After the reader scrolled, the transcript leaves the place alone for this long. */
const PATIENCE_MS = 5000;

export interface Transcript {
  root: HTMLElement;
  light(time: number): void;
  close(): void;
}

interface Block {
  root: HTMLElement;
  text: HTMLElement;
  words: HTMLElement[];
  starts: number[];
}

export function transcript(props: Props, seek: (time: number) => void, still: () => boolean): Transcript {
  const passages = props.passages;
  const box = el("div", { class: "box", tabindex: -1, "data-testid": "transcript-box" });
  const blocks = passages.map((passage, index) => block(passage, index, seek));
  box.append(...blocks.map((each) => each.root));
  roving(box, "button.word");
  let [current, word, touched] = [-1, -1, -Infinity];

  // Words become buttons when their passage comes near: a day of radio has a hundred thousand of them.
  const near = new IntersectionObserver(
    (entries) => {
      for (const entry of entries) if (entry.isIntersecting) fill(Number((entry.target as HTMLElement).dataset.index));
    },
    { root: box, rootMargin: "600px" },
  );
  for (const each of blocks) near.observe(each.root);

  function fill(index: number): void {
    const [passage, each] = [passages[index]!, blocks[index]!];
    if (each.words.length || !passage.words.length) return;
    each.text.replaceChildren(...spell(passage, each, seek));
    near.unobserve(each.root);
  }

  for (const kind of ["wheel", "touchmove"]) {
    box.addEventListener(kind, () => (touched = performance.now()), { passive: true });
  }

  /** Whether somebody is reading for themselves: scrolling, or walking along the words by keyboard. */
  function read(): boolean {
    return performance.now() - touched < PATIENCE_MS || (focus.byKeyboard && box.matches(":focus-within"));
  }

  function follow(target: HTMLElement): void {
    if (read()) return;
    const [frame, place] = [box.getBoundingClientRect(), target.getBoundingClientRect()];
    if (place.top >= frame.top + frame.height * 0.12 && place.bottom <= frame.top + frame.height * 0.7) return;
    box.scrollTo({ top: box.scrollTop + place.top - frame.top - frame.height * 0.3, behavior: still() ? "auto" : "smooth" });
  }

  return {
    root: el("section", { class: "transcript", "aria-label": "Transcript" }, el("h3", {}, "Transcript"), box),
    light(time) {
      const index = spanAt(passages, time);
      if (index !== current) {
        blocks[current]?.root.classList.remove("now");
        blocks[current]?.words[word]?.classList.remove("now");
        [current, word] = [index, -1];
        if (index >= 0) {
          fill(index);
          blocks[index]!.root.classList.add("now");
          follow(blocks[index]!.root);
        }
      }
      const each = blocks[current];
      if (!each) return;
      const at = lastAtOrBefore(each.starts, time + 0.01);
      if (at === word) return;
      each.words[word]?.classList.remove("now");
      word = at;
      const node = each.words[word];
      if (!node) return;
      node.classList.add("now");
      follow(node);
    },
    close: () => near.disconnect(),
  };
}

function block(passage: Passage, index: number, seek: (time: number) => void): Block {
  const time = el("button", { type: "button", class: "time", "aria-label": `play from ${short(passage.start)}` }, short(passage.start));
  time.addEventListener("click", () => seek(passage.start));
  const chip = (text: string, kind: string, title?: string | null): HTMLElement => el("span", { class: `chip ${kind}`, title }, text);
  const { topic, tone } = passage;
  const confidence = (each: typeof topic): string | null => (each.confidence === null ? each.reason : `${percent(each.confidence)} sure`);
  const chips = el(
    "div",
    { class: "chips" },
    chip(judged(topic, "topic"), topic.label === null ? "unknown" : "topic", confidence(topic)),
    chip(judged(tone, "tone"), tone.label === null ? "unknown" : "tone", confidence(tone)),
    chip(safety(passage), `safety ${passage.safety.status}`, passage.safety.reason),
    passage.repeats === null ? null : chip(`repeats passage ${passage.repeats + 1}`, "repeats"),
  );
  const text = el("p", { lang: passage.language }, passage.text);
  const root = el(
    "article",
    { class: "passage", "data-testid": "passage", "data-index": index, "data-start": passage.start, "data-end": passage.end },
    time,
    el("div", { class: "said" }, chips, text),
  );
  return { root, text, words: [], starts: passage.words.map((each) => each[0]) };
}

/** The passage's own text with its words as buttons; what stands between the words stays as it is. */
function spell(passage: Passage, each: Block, seek: (time: number) => void): (Node | string)[] {
  const parts: (Node | string)[] = [];
  let read = 0;
  passage.words.forEach(([start, end, raw, probability], index) => {
    const text = raw.trim();
    const found = text ? passage.text.indexOf(text, read) : -1;
    // A word that the text does not show (it was corrected, say) is put in with a space.
    if (found >= 0 && found - read < 40) {
      if (found > read) parts.push(passage.text.slice(read, found));
      read = found + text.length;
    } else parts.push(" ");
    const unsure = probability < UNSURE;
    const node = el(
      "button",
      {
        type: "button",
        class: unsure ? "word unsure" : "word",
        "data-testid": "word",
        "data-start": start,
        "data-end": end,
        tabindex: index === 0 ? 0 : -1,
        title: unsure ? `heard with ${percent(probability)} certainty` : null,
      },
      text,
    );
    node.addEventListener("click", () => seek(start));
    each.words.push(node);
    parts.push(node);
  });
  if (read < passage.text.length) parts.push(passage.text.slice(read));
  return parts;
}
