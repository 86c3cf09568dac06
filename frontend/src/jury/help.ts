/** The sheet of keys. */

import { el, icon, ICONS } from "../dom.ts";
import { JURY_KEYS } from "./keys.ts";

export function juryHelp(close: () => void): HTMLElement {
  const button = el("button", { type: "button", class: "close", "aria-label": "close", title: "close (Esc)" }, icon(ICONS.close));
  button.addEventListener("click", close);
  const shown = (text: string): HTMLElement[] => text.split(" ").map((part) => (part === "or" || part === "…" ? el("span", {}, ` ${part} `) : el("kbd", {}, part)));
  const rows = JURY_KEYS.map((key) => el("div", {}, el("dt", {}, ...shown(key.shown)), el("dd", {}, key.does)));
  return el(
    "div",
    { class: "help", role: "region", "aria-label": "Keys", "data-testid": "help", hidden: true },
    el("header", {}, el("strong", {}, "Keys"), button),
    el("dl", {}, ...rows),
    el("p", {}, "A click on a cell plays it. Colour is the score, fainter where the simulation is less sure; hatched cells have no score, and the pointer says why. ▲ and ▼ mark a persona's best and worst."),
  );
}
