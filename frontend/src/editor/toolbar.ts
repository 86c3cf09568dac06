/** The row of tools: what a mouse wants at hand, each with its key in the tooltip. */

import { el, icon } from "../dom.ts";
import type { Command, Editor } from "./commands.ts";

export const SIGNS = {
  undo: "M8 5 3.5 9.5 8 14v-3.4h5.5a3.7 3.7 0 0 1 0 7.4H9v2.2h4.5a5.9 5.9 0 0 0 0-11.8H8z",
  redo: "M16 5l4.5 4.5L16 14v-3.4h-5.5a3.7 3.7 0 0 0 0 7.4H15v2.2h-4.5a5.9 5.9 0 0 1 0-11.8H16z",
  metronome: "M9.2 3h5.6L19 21H5zm1.5 2L8.3 15h5.1l4.3-9 1.6.8-3.9 8.2h.3L14 7.2 13.3 5zM7.8 17l-.5 2h9.4l-.5-2z",
} as const;

export interface Tool {
  root: HTMLButtonElement;
  refresh(): void;
}

/** A button for a command; `look` writes into it, and `pressed` says whether it is down. */
export function tool(editor: Editor, command: Command, shown: string, look: (node: HTMLButtonElement) => void, pressed?: () => boolean): Tool {
  const title = shown ? `${command.title} (${shown})` : command.title;
  const root = el("button", { type: "button", class: "tool", title, "aria-label": title, "data-command": command.id });
  root.addEventListener("click", () => command.enabled(editor) && command.run(editor));
  return {
    root,
    refresh() {
      root.disabled = !command.enabled(editor);
      if (pressed) root.setAttribute("aria-pressed", String(pressed()));
      look(root);
    },
  };
}

/** Write text into a node where it differs. */
export function write(node: HTMLElement, ...parts: (string | Node)[]): void {
  const text = parts.map((part) => (typeof part === "string" ? part : part.textContent)).join("|");
  if (node.dataset.written === text) return;
  node.dataset.written = text;
  node.replaceChildren(...parts);
}

export function sign(name: keyof typeof SIGNS): SVGElement {
  return icon(SIGNS[name]);
}

/** All the tools in a row. `commandOf` and `keyOf` look into the table of commands. */
export function toolRow(editor: Editor, commandOf: (id: string) => Command, keyOf: (command: Command) => string, states: { dirty(): boolean; saved(): boolean; busy(): boolean; open(panel: "grid" | "history" | "speech"): boolean; snap(): string; tempo(): [string, string]; lane(): string; passages(): boolean }): { root: HTMLElement; refresh(): void; beat(since: number, one: boolean): void } {
  const light = el("i", { class: "beat", "aria-hidden": "true" });
  const make = (id: string, look: (node: HTMLButtonElement) => void, pressed?: () => boolean): Tool => {
    const command = commandOf(id);
    return tool(editor, command, keyOf(command), look, pressed);
  };
  const strong = (text: string): HTMLElement => el("b", {}, text);
  const grid = make("grid", (node) => {
    const [bpm, meter] = states.tempo();
    write(node, light, strong(bpm), meter);
  }, () => states.open("grid"));
  const tools = [
    grid,
    make("snap", (node) => write(node, "snap", strong(states.snap()))),
    make("metronome", (node) => write(node, sign("metronome"), "click"), () => editor.deck.metronome),
    make("loop", (node) => write(node, "loop"), () => editor.deck.looping),
    make("slower", (node) => write(node, "−")),
    make("faster", (node) => write(node, strong(`${editor.deck.rate}×`), "+")),
    make("undo", (node) => write(node, sign("undo"))),
    make("redo", (node) => write(node, sign("redo"))),
  ];
  const lane = make("lane.next", (node) => write(node, "marking", strong(states.lane())));
  const words = make("speech", (node) => write(node, "words"), () => states.open("speech"));
  const history = make("history", (node) => write(node, "history"), () => states.open("history"));
  const find = make("palette", (node) => write(node, el("kbd", {}, "/"), "commands"));
  const save = make("save", (node) => {
    node.disabled = !states.dirty() || states.busy();
    write(node, states.busy() ? "saving" : states.dirty() || !states.saved() ? "Save" : "saved");
  });
  save.root.classList.add("save");
  const all = [...tools, lane, words, find, history, save];
  const root = el("div", { class: "tools", role: "toolbar", "aria-label": "Tools" }, ...tools.map(({ root }) => root), el("span", { class: "fill" }), ...[lane, words, find, history, save].map(({ root }) => root));
  return {
    root,
    refresh() {
      for (const each of all) each.refresh();
      words.root.hidden = !states.passages();
    },
    beat(since, one) {
      const on = since < 0.11;
      if (light.classList.contains("on") !== (on && !one)) light.classList.toggle("on", on && !one);
      if (light.classList.contains("one") !== (on && one)) light.classList.toggle("one", on && one);
    },
  };
}
