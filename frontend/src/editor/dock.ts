/** A panel under the lanes: it moves nothing above it, and blocks nothing. */

import { el, icon, ICONS } from "../dom.ts";

export function dock(title: string, name: string, aside: string, close: () => void, ...children: (Node | null)[]): HTMLElement {
  const button = el("button", { type: "button", class: "close", "aria-label": `close ${title.toLowerCase()}`, title: "close (Esc)" }, icon(ICONS.close));
  button.addEventListener("click", close);
  const small = aside ? el("small", {}, aside) : null;
  return el("div", { class: `dock ${name}`, role: "region", "aria-label": title, "data-testid": `panel-${name}` }, el("header", {}, el("strong", {}, title), small, button), ...children);
}
