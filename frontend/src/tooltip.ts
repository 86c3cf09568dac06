/** One tooltip for everything; its text is only ever text. */

import { el, focus } from "./dom.ts";

export interface Tooltip {
  root: HTMLElement;
  /** Beside the pointer, or above a box. */
  show(lines: string[] | null, event?: Place, above?: Element): void;
}

type Place = Pick<MouseEvent, "clientX" | "clientY">;

/** Let the tooltip explain a control, to the pointer and to whoever comes by keyboard. */
export function explain(node: HTMLElement, tip: Tooltip, lines: () => string[]): void {
  node.addEventListener("pointermove", (event) => tip.show(lines(), event));
  node.addEventListener("focus", () => {
    if (!focus.byKeyboard) return;
    const box = node.getBoundingClientRect();
    tip.show(lines(), { clientX: box.left, clientY: box.bottom - 10 });
  });
  for (const end of ["pointerleave", "blur", "click"]) node.addEventListener(end, () => tip.show(null));
}

export function tooltip(): Tooltip {
  const root = el("div", { class: "tip", role: "tooltip", hidden: true });
  let written = "";
  return {
    root,
    show(lines, event, above) {
      root.hidden = !lines || !event;
      if (!lines || !event) return;
      const text = lines.join("\n");
      if (text !== written) {
        written = text;
        root.replaceChildren(...lines.map((line, index) => el(index === 0 ? "strong" : "span", {}, line)));
      }
      // Placed against the player rather than the window: any box around it may be what "fixed" refers to.
      const frame = root.parentElement!.getBoundingClientRect();
      const x = Math.min(event.clientX + 14, window.innerWidth - root.offsetWidth - 8);
      if (above) {
        const left = event.clientX - root.offsetWidth / 2;
        const top = above.getBoundingClientRect().top - root.offsetHeight - 3;
        root.style.transform = `translate(${left - frame.left}px, ${top - frame.top}px)`;
        return;
      }
      const below = event.clientY + 20;
      const y = below + root.offsetHeight > window.innerHeight - 8 ? event.clientY - root.offsetHeight - 12 : below;
      root.style.transform = `translate(${Math.max(8, x) - frame.left}px, ${y - frame.top}px)`;
    },
  };
}
