/** Somebody saved first: both versions, clash by clash, to choose from. 1 and 2 choose, arrows walk, Enter saves. */

import { el } from "../dom.ts";
import { clock } from "../time.ts";
import { dock } from "./dock.ts";
import type { Clashed } from "./desk.ts";
import { type Clash, describeClash, look, openClashes, pick, pickAll, type Settling, settling, type Side } from "./merge.ts";

export interface MergePane {
  root: HTMLElement;
  readonly settling: Settling | null;
  show(clash: Clashed | null): void;
  /** A key that means something here. */
  key(event: KeyboardEvent): boolean;
}

export interface MergeHands {
  /** The choices are made. */
  keep(settling: Settling): void;
  postpone(): void;
  /** Hear and see the place of a clash. */
  seek(time: number): void;
}

export function mergePane(hands: MergeHands): MergePane {
  const says = el("p", { class: "fit", role: "status", "data-testid": "merge-says" });
  const list = el("div", { class: "clashes", role: "list" });
  const button = (text: string, key: string, run: () => void, name: string): HTMLElement => {
    const node = el("button", { type: "button", class: "act", "data-testid": name }, text, key ? el("kbd", {}, key) : null);
    node.addEventListener("click", run);
    return node;
  };
  const root = dock(
    "Somebody saved first",
    "merge",
    "nothing is lost: what both changed alike, or only one changed, is merged already",
    hands.postpone,
    says,
    list,
    el(
      "div",
      { class: "rowed", style: "margin-top: 10px" },
      button("Save the merged version", "Enter", () => now && hands.keep(now), "merge-save"),
      button("all mine", "", () => take(now && pickAll(now, "ours")), "merge-ours"),
      button("all theirs", "", () => take(now && pickAll(now, "theirs")), "merge-theirs"),
      button("later", "Esc", hands.postpone, "merge-later"),
    ),
  );
  root.hidden = true;
  let now: Settling | null = null;
  let shown: Clashed | null = null;

  function take(next: Settling | null): void {
    if (!next) return;
    const moved = now?.at !== next.at;
    now = next;
    draw();
    const place = next.conflict.clashes[next.at]?.start;
    if (moved && place != null) hands.seek(place);
  }

  function draw(): void {
    if (!now) return;
    const { conflict, picks, at } = now;
    const open = openClashes(now);
    says.textContent = picks.length
      ? `Revision ${conflict.theirs.revision} was saved while you marked. ${open ? `${open} of ${picks.length} ${picks.length === 1 ? "difference" : "differences"} to choose; yours stands where you do not.` : "All chosen."}`
      : `Revision ${conflict.theirs.revision} was saved while you marked, and the two do not contradict each other.`;
    list.replaceChildren(...conflict.clashes.map((clash, index) => row(clash, index, picks[index] ?? null, index === at)));
  }

  function row(clash: Clash, index: number, picked: Side | null, current: boolean): HTMLElement {
    const [place, both] = parts(clash);
    const side = (which: Side, title: string, key: string, text: string): HTMLElement => {
      const node = el("button", { type: "button", class: "side", role: "radio", "aria-checked": String(picked === which), "data-testid": `clash-${which}`, "data-index": index }, el("small", {}, title, " ", current ? el("kbd", {}, key) : null), text);
      node.addEventListener("click", () => take(now && pick(now, which, index)));
      return node;
    };
    const where = el("button", { type: "button", class: "where" }, place);
    where.addEventListener("click", () => clash.start !== null && hands.seek(clash.start));
    return el("div", { class: `clash${current ? " now" : ""}`, role: "listitem", "data-testid": "clash" }, where, side("ours", "yours", "1", both[0]), side("theirs", "theirs", "2", both[1]));
  }

  return {
    root,
    get settling() {
      return now;
    },
    show(clash) {
      if (clash === shown) return;
      shown = clash;
      now = clash && settling(clash);
      root.hidden = !clash;
      draw();
      if (clash) root.scrollIntoView({ block: "nearest" });
    },
    key(event) {
      if (!now || event.ctrlKey || event.altKey || event.metaKey) return false;
      if (event.key === "1" || event.key === "2") take(pick(now, event.key === "1" ? "ours" : "theirs"));
      else if (event.key === "ArrowUp" || event.key === "ArrowDown") take(look(now, event.key === "ArrowDown" ? 1 : -1));
      else if (event.key === "Enter") hands.keep(now);
      else return false;
      return true;
    },
  };
}

/** "sections, 0:30–1:00", and what either side says, without "yours" and "theirs". */
function parts(clash: Clash): [string, [string, string]] {
  const text = describeClash(clash);
  const [, ours = "", theirs = ""] = /: yours (.*); theirs (.*)$/s.exec(text) ?? [];
  const place = clash.start === null || clash.end === null ? clash.field : `${clash.field}, ${clock(clash.start)}–${clock(clash.end)}`;
  return [place, [ours, theirs]];
}
