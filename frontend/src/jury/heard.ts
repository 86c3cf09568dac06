/** Beside the card: what is heard there, the passage word by word, or what was measured of the section. */

import { el } from "../dom.ts";
import type { Filters } from "../filter.ts";
import { lastAtOrBefore } from "../time.ts";
import { type Block, block, type Reader } from "../passage.ts";
import { range } from "../words.ts";
import { what } from "./heatmap.ts";
import type { Item, JuryProps } from "./types.ts";

export interface HeardPanel {
  root: HTMLElement;
  light(time: number): void;
  press(filters: Filters): void;
}

export function heardPanel(item: Item, props: JuryProps, reader: Reader): HeardPanel {
  const count = (item.kind === "passage" ? props.passages : props.sections).length;
  const title = el("h3", {}, "What is heard", el("small", {}, `${what(item)} of ${count} · ${range(item)}`));
  const passage = item.kind === "passage" ? props.passages[item.index] : undefined;
  if (passage) {
    const said = block(passage, item.index, reader);
    said.fill();
    return { root: panel(title, said.root), light: lighter(said, passage.end), press: (filters) => said.press(filters) };
  }
  const section = props.sections[item.index];
  const chip = section ? el("span", { class: "label" }, section.label) : null;
  if (chip) chip.style.setProperty("--colour", section!.colour);
  const list = el("ul", { class: "measured" }, ...item.facts.map((fact) => el("li", {}, fact)));
  return { root: panel(title, chip, list), light: () => undefined, press: () => undefined };
}

function panel(...children: (Node | null)[]): HTMLElement {
  return el("section", { class: "heard-item", "data-testid": "heard", "aria-label": "What is heard" }, ...children);
}

/** Light the word that is spoken. */
function lighter({ words, starts }: Block, end: number): (time: number) => void {
  let lit: HTMLElement | null = null;
  return (time) => {
    const next = time < end ? (words[lastAtOrBefore(starts, time)] ?? null) : null;
    const now = next && time < Number(next.dataset.end) ? next : null;
    if (now === lit) return;
    lit?.classList.remove("now");
    now?.classList.add("now");
    lit = now;
  };
}
