/** The line under the lanes: where one is, what is odd, how far from the others, and whether it is saved. */

import { el } from "../dom.ts";
import type { Distance, Finding, Present } from "./desk.ts";
import { describe, type Saving } from "./saving.ts";

export interface Here {
  label: string;
  colour: string;
  bars: string | null;
}

export interface Strip {
  root: HTMLElement;
  here(here: Here | null): void;
  said(text: string): void;
  odd(findings: readonly Finding[]): void;
  distance(distances: readonly Distance[]): void;
  present(others: readonly Present[]): void;
  kept(saving: Saving): void;
}

export function strip(status: HTMLElement, openOdd: () => void, openHistory: () => void, openHelp: () => void, helpKey: string): Strip {
  const swatch = el("i", { "aria-hidden": "true" });
  const label = el("span");
  const here = el("span", { class: "here", "data-testid": "editor-here" }, swatch, label);
  // What happened is told to screen readers as it happens.
  const said = el("span", { class: "said", role: "log", "aria-live": "polite", "data-testid": "editor-said" });
  const odd = el("button", { type: "button", class: "odd", hidden: true, "data-testid": "editor-odd" });
  const distance = el("span", { class: "distance", hidden: true, "data-testid": "editor-distance" });
  const present = el("span", { class: "present", hidden: true, "data-testid": "editor-present" });
  const kept = el("button", { type: "button", class: "kept", "data-testid": "editor-kept", title: "history of revisions" });
  const keys = el("button", { type: "button", class: "keys" }, el("kbd", {}, helpKey), "keys");
  odd.addEventListener("click", openOdd);
  kept.addEventListener("click", openHistory);
  keys.addEventListener("click", openHelp);

  return {
    root: el("div", { class: "strip" }, here, said, odd, distance, present, kept, status, keys),
    here(place) {
      const text = place ? [place.label, place.bars].filter(Boolean).join(" · ") : "";
      if (label.textContent !== text) label.textContent = text;
      here.style.setProperty("--colour", place?.colour ?? "transparent");
    },
    said(text) {
      if (said.textContent !== text) said.textContent = text;
    },
    odd(findings) {
      const grave = findings.filter(({ severity }) => severity !== "note").length;
      odd.hidden = !findings.length;
      odd.textContent = grave ? `${grave} odd` : `${findings.length} ${findings.length === 1 ? "note" : "notes"}`;
      odd.title = findings.slice(0, 6).map(({ message }) => message).join("\n");
    },
    distance(distances) {
      const [first] = distances;
      distance.hidden = !first;
      distance.textContent = first ? `${first.author}: ${parts(first)}${distances.length > 1 ? ` +${distances.length - 1}` : ""}` : "";
      distance.title = distances.map((each) => `${each.author}: ${parts(each)}`).join("\n");
    },
    present(others) {
      present.hidden = !others.length;
      present.textContent = `also here: ${others.map(({ author }) => author).join(", ")}`;
    },
    kept(saving) {
      const text = describe(saving);
      if (kept.textContent !== text) kept.textContent = text;
      kept.dataset.state = saving.state;
    },
  };
}

/** Boundary F and the share of time under the same label, as a person reads them. */
function parts({ boundaries, labels }: Distance): string {
  const write = (name: string, value: number | null): string | null => (value === null ? null : `${name} ${Math.round(value * 100)}%`);
  return [write("boundaries", boundaries), write("labels", labels)].filter(Boolean).join(", ") || "nothing to compare";
}
