/** Choosing what the transcript shows: a panel of values with their counts, and a bar that tells what is chosen. */

import { el, icon, ICONS } from "./dom.ts";
import { chosen, type Facet, FACETS, type Filters, isEmpty, optionsOf, UNCLEAR } from "./filter.ts";
import type { Passage } from "./types.ts";

export interface Filterbar {
  /** Opens the panel. */
  button: HTMLButtonElement;
  root: HTMLElement;
  show(filters: Filters, matching: number, only: boolean): void;
}

interface Desk {
  choose(facet: Facet, value: string): void;
  clear(): void;
  playOnly(): void;
}

export function filterbar(passages: readonly Passage[], desk: Desk): Filterbar {
  const panel = el("div", { class: "panel", hidden: true, "data-testid": "filters" });
  panel.id = `filters-${Math.random().toString(36).slice(2)}`;
  const button = el("button", { type: "button", class: "quietly", "aria-expanded": "false", "aria-controls": panel.id, "data-testid": "filter-button" }, "filter");
  button.addEventListener("click", () => {
    panel.hidden = !panel.hidden;
    button.setAttribute("aria-expanded", String(!panel.hidden));
  });

  const tally = el("span", { class: "tally", role: "status", "aria-live": "polite", "data-testid": "filter-tally" });
  const choices = el("span", { class: "chips" });
  const only = el("button", { type: "button", class: "quietly", "data-testid": "play-only", "aria-pressed": "false", title: "skip from one to the next" }, "play only these");
  only.addEventListener("click", desk.playOnly);
  const clear = el("button", { type: "button", class: "quietly", "data-testid": "clear-filters" }, "clear all");
  clear.addEventListener("click", () => {
    desk.clear();
    button.focus();
  });
  const bar = el("div", { class: "filtered", hidden: true, "data-testid": "filtered" }, tally, choices, only, clear);

  return {
    button,
    root: el("div", { class: "filterbar" }, panel, bar),
    show(filters, matching, playing) {
      keepFocus(panel, () => panel.replaceChildren(...FACETS.map((facet) => group(passages, filters, facet, desk)).filter((node) => node !== null)));
      keepFocus(choices, () => choices.replaceChildren(...chosen(filters).map(({ facet, value }) => choice(facet, value, desk))));
      bar.hidden = isEmpty(filters);
      tally.textContent = bar.hidden ? "" : `${matching.toLocaleString("en")} of ${passages.length.toLocaleString("en")} passages`;
      only.setAttribute("aria-pressed", String(playing));
      only.disabled = matching === 0;
      button.classList.toggle("on", !bar.hidden);
    },
  };
}

/** What a value is called. */
export function called(facet: Facet, value: string): string {
  return value === UNCLEAR ? `no clear ${facet}` : value;
}

function group(passages: readonly Passage[], filters: Filters, facet: Facet, desk: Desk): HTMLElement | null {
  const options = optionsOf(passages, filters, facet);
  if (!options.length) return null;
  const chips = options.map(({ value, count }) => {
    const on = filters[facet].has(value);
    const name = called(facet, value);
    const chip = el(
      "button",
      { type: "button", class: "option", "data-testid": "option", "data-facet": facet, "data-value": value, "aria-pressed": String(on), "aria-label": `${name}, ${count} ${count === 1 ? "passage" : "passages"}` },
      name,
      el("small", {}, count.toLocaleString("en")),
    );
    chip.classList.toggle("none", count === 0);
    chip.addEventListener("click", () => desk.choose(facet, value));
    return chip;
  });
  return el("div", { class: "facet", role: "group", "aria-label": facet }, el("span", {}, facet), el("span", { class: "chips" }, ...chips));
}

function choice(facet: Facet, value: string, desk: Desk): HTMLElement {
  const name = facet === "safety" ? `safety ${value}` : called(facet, value);
  const chip = el("button", { type: "button", class: "option", "data-facet": facet, "data-value": value, "aria-label": `no longer only ${name}`, title: "no longer only this" }, name, icon(ICONS.close));
  chip.addEventListener("click", () => desk.choose(facet, value));
  return chip;
}

/** Make a box's buttons anew; the focus goes to the one that stands for the same value. */
function keepFocus(box: HTMLElement, renew: () => void): void {
  const active = (box.getRootNode() as ShadowRoot | Document).activeElement as HTMLElement | null;
  const inside = active && box.contains(active) ? { ...active.dataset } : null;
  renew();
  if (!inside) return;
  const same = [...box.querySelectorAll<HTMLElement>("button")].find((each) => each.dataset.facet === inside.facet && each.dataset.value === inside.value);
  (same ?? box.querySelector("button"))?.focus();
}
