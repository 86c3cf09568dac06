/** A field over the stage, to type into: it finds commands, offers choices, and takes a text. It blocks nothing. */

import { el } from "../dom.ts";
import type { Choice } from "./commands.ts";

export interface Offer {
  /** What is searched and shown. */
  title: string;
  /** Stands behind it: a key, a group. */
  aside?: string;
  colour?: string;
  enabled?: boolean;
  run(): void;
}

export interface Palette {
  root: HTMLElement;
  readonly open: boolean;
  /** Whether it lists commands, rather than asking for something. */
  readonly searching: boolean;
  search(title: string, offers: () => Offer[]): void;
  choose(title: string, choices: readonly Choice[], then: (value: string) => void, colours?: (value: string) => string | undefined): void;
  ask(title: string, value: string, then: (text: string) => void): void;
  close(): void;
}

/** The offers whose words begin as typed come first, then those that hold it anywhere; every part typed must occur. */
export function matching<T extends { title: string; aside?: string }>(offers: readonly T[], typed: string): T[] {
  const parts = typed.toLowerCase().split(/\s+/).filter(Boolean);
  if (!parts.length) return [...offers];
  const rank = (offer: T): number => {
    const text = offer.title.toLowerCase();
    const words = text.split(/[^\p{L}\p{N}+÷×]+/u);
    let sum = 0;
    for (const part of parts) {
      if (text.startsWith(part)) sum += 0;
      else if (words.some((word) => word.startsWith(part))) sum += 1;
      else if (text.includes(part)) sum += 2;
      else if (offer.aside?.toLowerCase() === part) sum += 1;
      else return Infinity;
    }
    return sum;
  };
  return offers
    .map((offer, index) => ({ offer, index, rank: rank(offer) }))
    .filter((each) => each.rank < Infinity)
    .sort((a, b) => a.rank - b.rank || a.index - b.index)
    .map((each) => each.offer);
}

export function palette(back: () => void): Palette {
  const label = el("label", { class: "asks", for: "palette-field" });
  const field = el("input", { id: "palette-field", type: "text", autocomplete: "off", spellcheck: "false", role: "combobox", "aria-expanded": "true", "aria-controls": "palette-list", "data-testid": "palette-field" });
  const list = el("ul", { id: "palette-list", role: "listbox", "aria-label": "Choices", "data-testid": "palette-list" });
  const root = el("div", { class: "palette", role: "group", hidden: true, "data-testid": "palette" }, el("div", { class: "asking" }, label, field), list);
  let offers: Offer[] = [];
  let found: Offer[] = [];
  let active = 0;
  let numbered = false;
  let searching = false;
  let taken: ((text: string) => void) | null = null;

  function show(title: string, value: string, placeholder: string): void {
    label.textContent = title;
    field.value = value;
    field.placeholder = placeholder;
    root.hidden = false;
    active = 0;
    list.hidden = taken !== null;
    list_();
    field.focus({ preventScroll: true });
    field.select();
  }

  function list_(): void {
    found = matching(offers, field.value);
    active = Math.min(active, Math.max(0, found.length - 1));
    list.replaceChildren(
      ...found.map((offer, index) => {
        const node = el(
          "li",
          { role: "option", id: `palette-${index}`, "aria-selected": String(index === active), "aria-disabled": String(offer.enabled === false), "data-testid": "palette-option" },
          offer.colour ? swatch(offer.colour) : null,
          el("span", { class: "what" }, offer.title),
          numbered && index < 9 && !field.value ? el("kbd", {}, String(index + 1)) : offer.aside ? el("span", { class: "aside" }, offer.aside) : null,
        );
        // Before the field loses the focus.
        node.addEventListener("pointerdown", (event) => {
          event.preventDefault();
          pick(index);
        });
        return node;
      }),
      ...(found.length || taken ? [] : [el("li", { class: "none" }, "nothing is called that")]),
    );
    point();
  }

  function point(): void {
    [...list.children].forEach((node, index) => node.setAttribute("aria-selected", String(index === active)));
    field.setAttribute("aria-activedescendant", `palette-${active}`);
    list.children[active]?.scrollIntoView({ block: "nearest" });
  }

  function pick(index: number): void {
    const offer = found[index];
    if (!offer || offer.enabled === false) return;
    close();
    offer.run();
  }

  function close(): void {
    if (root.hidden) return;
    root.hidden = true;
    taken = null;
    offers = [];
    searching = false;
    back();
  }

  field.addEventListener("input", () => {
    active = 0;
    if (!taken) list_();
  });
  field.addEventListener("keydown", (event) => {
    event.stopPropagation();
    if (event.isComposing) return;
    if (event.key === "Escape") close();
    else if (event.key === "Enter") {
      if (taken) {
        const [then, text] = [taken, field.value];
        close();
        then(text);
      } else pick(active);
    } else if (event.key === "ArrowDown" || event.key === "ArrowUp") {
      if (found.length) active = (active + (event.key === "ArrowDown" ? 1 : found.length - 1)) % found.length;
      point();
    } else if (numbered && !field.value && /^[1-9]$/.test(event.key) && Number(event.key) <= found.length) pick(Number(event.key) - 1);
    else return;
    event.preventDefault();
  });
  field.addEventListener("keyup", (event) => event.stopPropagation());
  field.addEventListener("blur", () => window.setTimeout(() => (root.getRootNode() as ShadowRoot).activeElement !== field && close(), 0));

  return {
    root,
    get open() {
      return !root.hidden;
    },
    get searching() {
      return searching;
    },
    search(title, make) {
      taken = null;
      numbered = false;
      offers = make();
      searching = true;
      show(title, "", "type what you want to do");
    },
    choose(title, choices, then, colours) {
      taken = null;
      searching = false;
      numbered = choices.length <= 9;
      offers = choices.map(({ value, title: name }) => ({ title: name, ...maybe(colours?.(value)), run: () => then(value) }));
      show(title, "", numbered ? "number, or type" : "type to find");
    },
    ask(title, value, then) {
      taken = then;
      searching = false;
      numbered = false;
      offers = [];
      show(title, value, "Enter keeps, Esc leaves");
    },
    close,
  };
}

function maybe(colour: string | undefined): { colour?: string } {
  return colour ? { colour } : {};
}

function swatch(colour: string): HTMLElement {
  const node = el("i", { class: "swatch", "aria-hidden": "true" });
  node.style.background = colour;
  return node;
}
