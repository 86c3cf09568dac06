/** Grid tools: a tempo tapped or typed, and every command of the grid with its key. */

import { el } from "../dom.ts";
import { short } from "../time.ts";
import type { Command, Editor } from "./commands.ts";
import { dock } from "./dock.ts";
import type { Segment } from "./grid.ts";

export interface GridPanel {
  root: HTMLElement;
  refresh(segments: readonly Segment[], here: number, tapped: string): void;
}

export interface GridHands {
  setBpm(bpm: number): void;
  setBeatsPerBar(count: number): void;
  seek(time: number): void;
  close(): void;
  shown(command: Command): string;
}

const SLOWEST = 10;
const FASTEST = 1000;

/** `commands` are those of the group "Grid"; the one that taps stands in front. */
export function gridPanel(editor: Editor, commands: readonly Command[], hands: GridHands): GridPanel {
  const bpm = el("input", { class: "bpm", type: "text", inputmode: "decimal", "aria-label": "tempo in BPM", "data-testid": "grid-bpm", autocomplete: "off" });
  const size = el("input", { type: "number", min: 1, max: 32, "aria-label": "beats in a bar", "data-testid": "grid-meter", style: "width: 66px" });
  const fit = el("span", { class: "fit", role: "status", "data-testid": "grid-fit" });
  const list = el("div", { class: "segments", role: "group", "aria-label": "Tempos" });
  let written = "";

  const buttons = commands.map((command) => {
    const shown = hands.shown(command);
    const taps = /^(grid\.)?tap/i.test(command.id);
    const button = el("button", { type: "button", class: taps ? "act tap" : "act", "data-command": command.id, title: command.title }, command.title, shown ? el("kbd", {}, shown) : null);
    // A tap counts when the finger comes down.
    button.addEventListener(taps ? "pointerdown" : "click", () => command.enabled(editor) && command.run(editor));
    if (taps) button.addEventListener("keydown", (event) => event.key === "Enter" && !event.repeat && command.run(editor));
    return { button, command, taps };
  });

  const keep = (): void => {
    const value = Number(bpm.value.replace(",", "."));
    if (Number.isFinite(value) && value >= SLOWEST && value <= FASTEST) {
      bpm.removeAttribute("aria-invalid");
      hands.setBpm(value);
    } else {
      bpm.setAttribute("aria-invalid", "true");
      fit.textContent = `A tempo is a number from ${SLOWEST} to ${FASTEST}.`;
    }
  };
  bpm.addEventListener("keydown", (event) => {
    if (event.key !== "Enter") return;
    keep();
    bpm.select();
  });
  bpm.addEventListener("change", keep);
  bpm.addEventListener("focus", () => bpm.select());
  size.addEventListener("change", () => size.validity.valid && size.value && hands.setBeatsPerBar(Number(size.value)));

  const first = buttons.filter(({ taps }) => taps).map(({ button }) => button);
  const rest = buttons.filter(({ taps }) => !taps).map(({ button }) => button);
  const root = dock(
    "Grid",
    "grid",
    "what is changed holds for the tempo at the playhead",
    hands.close,
    el("div", { class: "rowed" }, ...first, el("label", {}, bpm, "BPM"), el("label", {}, size, "beats in a bar"), fit),
    el("div", { class: "rowed" }, ...rest),
    list,
  );

  return {
    root,
    refresh(segments, here, tapped) {
      const segment = segments[here];
      const focused = (root.getRootNode() as ShadowRoot | Document).activeElement;
      if (focused !== bpm) bpm.value = segment ? tidyBpm(segment.bpm) : "";
      if (focused !== size) size.value = String(segment?.beats_per_bar ?? 4);
      if (tapped || !bpm.hasAttribute("aria-invalid")) fit.textContent = tapped;
      for (const { button, command } of buttons) button.disabled = !command.enabled(editor);
      const text = JSON.stringify([segments, here]);
      if (text === written) return;
      written = text;
      list.hidden = segments.length < 2;
      list.replaceChildren(
        ...segments.map((each, index) => {
          const node = el("button", { type: "button", class: index === here ? "now" : "", "data-testid": "grid-segment" }, `${short(each.time)} · ${tidyBpm(each.bpm)}`);
          node.addEventListener("click", () => hands.seek(each.time));
          return node;
        }),
      );
    },
  };
}

/** 128, 127.99, 174.005: no more digits than there are. */
export function tidyBpm(bpm: number): string {
  return String(Math.round(bpm * 1000) / 1000);
}
