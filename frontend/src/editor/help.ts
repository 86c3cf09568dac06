/** The help sheet, written from the table of commands. */

import { el, icon, ICONS } from "../dom.ts";
import type { Command } from "./commands.ts";

/** Groups in the order in which they first occur. */
export function helpSheet(commands: readonly Command[], keysOf: (command: Command) => string[], close: () => void): HTMLElement {
  const button = el("button", { type: "button", class: "close", "aria-label": "close", title: "close (Esc)" }, icon(ICONS.close));
  button.addEventListener("click", close);
  const groups = [...new Set(commands.map(({ group }) => group))];
  const sections = groups.map((group) =>
    el(
      "section",
      {},
      el("h3", {}, group),
      el("dl", {}, ...commands.filter((command) => command.group === group && command.keys.length).map((command) => el("div", { "data-command": command.id }, el("dt", {}, ...chords(keysOf(command))), el("dd", {}, command.title)))),
    ),
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
