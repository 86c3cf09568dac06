/** The search field: what is typed is found while it is typed, Enter goes from place to place. */

import { el, icon, ICONS } from "./dom.ts";
import { keyFor } from "./keys.ts";
import { find, type Hit, hitFrom, type Index, indexOf, passageOf } from "./search.ts";
import type { Passage } from "./types.ts";

export interface Finder {
  root: HTMLElement;
  field: HTMLInputElement;
  /** What was found and is on view, in order. */
  hits(): readonly Hit[];
  /** The hit that was gone to last, or -1. */
  here(): number;
  index(): Index;
  focus(): void;
  step(by: -1 | 1): void;
  /** Empty the field and leave it; false if there was nothing to leave. */
  leave(): boolean;
  /** What is on view has changed. */
  refresh(): void;
}

interface Desk {
  /** Which passages are on view; null is all. */
  onView(): readonly boolean[] | null;
  /** The word that is heard, counted through all passages: where a search begins. */
  from(index: Index): number;
  /** Something else was found, or another place is the one gone to. */
  changed(): void;
  /** Show a hit; once it is walked to, go there. */
  show(hit: Hit, walked: boolean): void;
}

export function finder(passages: readonly Passage[], desk: Desk, query = ""): Finder {
  let known: Index | null = null;
  let all: Hit[] = [];
  let hits: Hit[] = [];
  let here = -1;
  let before: HTMLElement | null = null;

  const field = el("input", { type: "search", placeholder: "Search", "aria-label": "Search what is said", "aria-keyshortcuts": "/", title: `search (${keyFor("search")})`, autocomplete: "off", spellcheck: "false", "data-testid": "search" });
  const count = el("output", { class: "count", role: "status", "aria-live": "polite", "data-testid": "search-count" });
  const [back, on] = ([-1, 1] as const).map((step) => {
    const name = step < 0 ? "place found before" : "next place found";
    const button = el("button", { type: "button", class: "step", "aria-label": name, title: `${name} (${step < 0 ? "Shift " : ""}Enter)` }, icon(step < 0 ? ICONS.up : ICONS.down));
    button.addEventListener("click", () => walk(step));
    return button;
  }) as [HTMLButtonElement, HTMLButtonElement];
  const root = el("div", { class: "finder", role: "search" }, el("label", { class: "field" }, icon(ICONS.search), field), count, back, on);
  field.value = query;
  field.addEventListener("input", () => look(true));
  // The index is made before the first letter is typed.
  field.addEventListener("focus", () => void index());

  function index(): Index {
    return (known ??= indexOf(passages));
  }

  function look(show: boolean): void {
    all = field.value ? find(index(), field.value) : [];
    here = -1;
    sift();
    const next = nearest();
    if (show && next) desk.show(next, false);
  }

  /** Keep what is on view. */
  function sift(): void {
    const gone = hits[here];
    const onView = desk.onView();
    const seen = (word: number): boolean => onView![passageOf(index(), word)]!;
    hits = onView ? all.filter((hit) => seen(hit.first) && seen(hit.last)) : all;
    here = gone ? hits.findIndex((hit) => hit.first === gone.first && hit.last === gone.last) : -1;
    tell();
  }

  function nearest(): Hit | undefined {
    return hits[hitFrom(hits, desk.from(index()))] ?? hits[0];
  }

  function walk(by: -1 | 1): void {
    if (!hits.length) return;
    const from = hitFrom(hits, desk.from(index()));
    const next = here >= 0 ? here + by : by > 0 ? from : from - 1;
    here = (next + hits.length) % hits.length;
    tell();
    desk.show(hits[here]!, true);
  }

  function tell(): void {
    const folded = all.length - hits.length;
    const found = hits.length.toLocaleString("en");
    const says = !hits.length ? "nothing found" : here < 0 ? `${found} found` : `${(here + 1).toLocaleString("en")} of ${found}`;
    count.textContent = field.value.trim() ? (folded ? `${says}, ${folded} folded` : says) : "";
    for (const button of [back, on]) button.hidden = !hits.length;
    root.classList.toggle("none", !!field.value.trim() && !hits.length);
    desk.changed();
  }

  return {
    root,
    field,
    index,
    hits: () => hits,
    here: () => here,
    focus() {
      const active = (root.getRootNode() as ShadowRoot).activeElement as HTMLElement | null;
      if (active !== field) before = active;
      field.focus();
      field.select();
    },
    step: walk,
    leave() {
      const focused = (root.getRootNode() as ShadowRoot).activeElement === field;
      if (!focused && !field.value) return false;
      field.value = "";
      look(false);
      if (focused && before?.isConnected) before.focus();
      else field.blur();
      return true;
    },
    refresh: () => (query && !known ? look(false) : sift()),
  };
}
