/** What the checks found odd in the draft: a click goes there. */

import { el } from "../dom.ts";
import { clock } from "../time.ts";
import { dock } from "./dock.ts";
import type { Finding } from "./desk.ts";

export interface OddPane {
  root: HTMLElement;
  show(findings: readonly Finding[]): void;
}

export function oddPane(seek: (time: number) => void, close: () => void): OddPane {
  const list = el("ul", { class: "listing odd", "data-testid": "odd-list" });
  let shown: readonly Finding[] | null = null;
  return {
    root: dock("Odd", "odd", "what the checks found in the draft", close, list),
    show(findings) {
      if (findings === shown) return;
      shown = findings;
      list.replaceChildren(
        ...findings.map((finding) => {
          const what = el("button", { type: "button", class: "what", "data-testid": "finding" }, el("time", {}, clock(finding.start)), el("small", {}, finding.bar == null ? finding.severity : `${finding.bar}.${finding.beat ?? 1}`), el("span", {}, finding.message));
          what.addEventListener("click", () => seek(finding.start));
          return el("li", {}, what);
        }),
        ...(findings.length ? [] : [el("li", {}, "Nothing odd.")]),
      );
    },
  };
}
