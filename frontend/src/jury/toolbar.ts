/** Over the heat map: who is on view, in which order, what is let through, and what the colours mean. */

import { scoreColour } from "../colour.ts";
import { el, glyph } from "../dom.ts";
import { type Facet, optionsOf, toggled } from "../filter.ts";
import { called } from "../filterbar.ts";
import { juryKeyFor } from "./keys.ts";
import { isOpen, OPEN, type Sieve, type Sort, SORTS } from "./sift.ts";
import type { Judged, JuryProps, Kind } from "./types.ts";

export interface Toolbar {
  root: HTMLElement;
  panel: HTMLElement;
  /** Show what is chosen. */
  show(sieve: Sieve, sort: Sort, seen: { on: number; of: number }): void;
}

interface Desk {
  sift(sieve: Sieve): void;
  sort(sort: Sort): void;
}

type Chip = { name: string; on: boolean; facet: string; choose(): void; paint?: string };

export function toolbar(props: JuryProps, desk: Desk): Toolbar {
  const sorts = SORTS.map((sort) => {
    const button = el("button", { type: "button", class: "sort", "data-sort": sort, title: `sort by ${sort} (${juryKeyFor("sort")})` }, sort);
    button.addEventListener("click", () => desk.sort(sort));
    return button;
  });
  let sieve = OPEN;
  const apart = el("button", { type: "button", class: "toggle", "data-testid": "apart-only", title: `only where they differ by two points or more (${juryKeyFor("apart")})` }, "only where they disagree");
  apart.addEventListener("click", () => desk.sift({ ...sieve, apart: !sieve.apart }));
  const more = el("button", { type: "button", class: "toggle", "data-testid": "filter", "aria-expanded": "false" }, "filter");
  const tally = el("span", { class: "tally-line", role: "status", "data-testid": "seen" });
  const clear = el("button", { type: "button", class: "toggle clear", hidden: true }, "show all");
  clear.addEventListener("click", () => desk.sift({ ...OPEN, off: sieve.off }));
  const panel = el("div", { class: "sieve", "data-testid": "sieve", hidden: true });
  more.addEventListener("click", () => {
    panel.hidden = !panel.hidden;
    more.setAttribute("aria-expanded", String(!panel.hidden));
  });
  const order = el("span", { class: "sorts", role: "group", "aria-label": "Sort by" }, ...sorts);
  return {
    root: el("div", { class: "row tools" }, el("div", { class: "name" }, el("span", {}, "Sort by")), el("div", { class: "tools-line" }, order, apart, more, tally, clear, legend())),
    panel,
    show(now, sort, { on, of }) {
      sieve = now;
      for (const button of sorts) button.setAttribute("aria-pressed", String(button.dataset.sort === sort));
      apart.setAttribute("aria-pressed", String(now.apart));
      const open = isOpen(now);
      tally.textContent = open ? "" : `${on} of ${of} scores`;
      clear.hidden = open;
      more.classList.toggle("on", !open || now.off.size > 0);
      renew(panel, facets(props, now, (next) => desk.sift(next)));
    },
  };
}

function legend(): HTMLElement {
  const swatches = [1, 2, 3, 4, 5].map((score) => {
    const swatch = el("i", {}, String(score));
    swatch.style.background = scoreColour(score);
    return swatch;
  });
  return el("span", { class: "legend", title: "fainter: less sure; hatched: not scored; ▲ best, ▼ worst of a persona", "aria-label": "colours of the scores 1 to 5; hatched is not scored" }, ...swatches, el("i", { class: "none" }), el("small", {}, "not scored"));
}

// --- what can be chosen -----------------------------------------------------------------------------

function facets(props: JuryProps, sieve: Sieve, sift: (sieve: Sieve) => void): HTMLElement[] {
  const flip = <T>(set: ReadonlySet<T>, value: T): ReadonlySet<T> => {
    const next = new Set(set);
    if (!next.delete(value)) next.add(value);
    return next;
  };
  const people = props.personas.map(({ id, name, emoji }) => {
    const chip = option({ name, on: !sieve.off.has(id), facet: id, choose: () => sift({ ...sieve, off: flip(sieve.off, id) }) });
    chip.prepend(glyph(emoji, name));
    return chip;
  });
  const scores = [1, 2, 3, 4, 5].map((score) => option({ name: String(score), facet: `score-${score}`, on: sieve.scores.has(score), paint: scoreColour(score), choose: () => sift({ ...sieve, scores: flip(sieve.scores, score) }) }));
  const present = <T>(all: readonly T[], seen: Iterable<T>): T[] => all.filter((each) => new Set(seen).has(each));
  const statuses = present<Judged["status"]>(["ok", "failed", "abstained", "pending"], props.reactions.map(({ status }) => status)).map((status) =>
    option({ name: status === "ok" ? "scored" : status, facet: status, on: sieve.statuses.has(status), choose: () => sift({ ...sieve, statuses: flip(sieve.statuses, status) }) }),
  );
  const kinds = present<Kind>(["passage", "section"], props.jury.items.map(({ kind }) => kind)).map((kind) =>
    option({ name: kind === "passage" ? "speech" : "music", facet: kind, on: sieve.kind === kind, choose: () => sift({ ...sieve, kind: sieve.kind === kind ? null : kind }) }),
  );
  const said = (["topic", "tone"] as const).map((facet: Facet) =>
    group(facet, optionsOf(props.passages, sieve.passages, facet).map(({ value }) => option({ name: called(facet, value), facet: value, on: sieve.passages[facet].has(value), choose: () => sift({ ...sieve, passages: toggled(sieve.passages, facet, value) }) })), 1),
  );
  return [group("persona", people, 1), group("score", scores), group("status", statuses, 1), group("kind", kinds, 1), ...said].filter((node) => node !== null);
}

/** A row of chips; none where there is no more than `trivial` to choose from. */
function group(name: string, chips: HTMLElement[], trivial = 0): HTMLElement | null {
  return chips.length > trivial ? el("div", { class: "facet", role: "group", "aria-label": name }, el("span", {}, name), el("span", { class: "chips" }, ...chips)) : null;
}

function option({ name, on, facet, choose, paint }: Chip): HTMLElement {
  const chip = el("button", { type: "button", class: "option", "data-testid": "option", "data-facet": facet, "aria-pressed": String(on) }, el("span", {}, name));
  if (paint) chip.style.setProperty("--paint", paint);
  chip.addEventListener("click", choose);
  return chip;
}

/** Put new chips in; the focus stays on the one that means the same. */
function renew(box: HTMLElement, nodes: HTMLElement[]): void {
  const active = (box.getRootNode() as ShadowRoot | Document).activeElement as HTMLElement | null;
  const facet = active && box.contains(active) ? active.dataset.facet : undefined;
  box.replaceChildren(...nodes);
  if (facet !== undefined) [...box.querySelectorAll<HTMLElement>("button")].find((each) => each.dataset.facet === facet)?.focus();
}
