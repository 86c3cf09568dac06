/** The help sheet, written from the table of commands. */

import { el, icon, ICONS } from "../dom.ts";
import { type Command, type Editor, helpSheet as table, shownKey } from "./commands.ts";

/** When the keys of a group count, where that is not always. */
const WHILE: Partial<Record<Command["group"], string>> = { Grid: "while its tools are open", Speech: "while marking speech" };

export function helpSheet(editor: Editor, close: () => void): HTMLElement {
  const button = el("button", { type: "button", class: "close", "aria-label": "close", title: "close (Esc)" }, icon(ICONS.close));
  button.addEventListener("click", close);
  const line = (command: Command): HTMLElement => {
    const name = command.named?.(editor);
    return el("div", { "data-command": command.id }, el("dt", {}, ...chords(command.keys.map(shownKey))), el("dd", {}, name ? `label ${name}` : command.title));
  };
  const sections = table().map(({ group, commands }) =>
    el("section", {}, el("h3", {}, group, WHILE[group] ? el("small", {}, ` ${WHILE[group]}`) : null), el("dl", {}, ...commands.filter(({ keys }) => keys.length).map(line))),
  );
  return el(
    "div",
    { class: "help", role: "region", "aria-label": "Keys", "data-testid": "help", hidden: true, tabindex: -1 },
    el("header", {}, el("strong", {}, "Keys"), button),
    el("div", { class: "groups" }, ...sections),
    el("p", {}, "Drag a boundary to move it (Alt: without snapping). Ctrl and wheel, or a pinch, zoom; a drag moves the picture. Tab goes to lanes and boundaries, arrows walk along them. What has no key is found with /."),
  );
}

function chords(keys: string[]): (Node | string)[] {
  return keys.flatMap((key, index) => [...(index ? [el("span", { class: "or" }, " or ")] : []), el("kbd", {}, key)]);
}
