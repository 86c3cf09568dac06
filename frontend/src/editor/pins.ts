/** Comments and flags as pins over the ruler. */

import { el } from "../dom.ts";
import { short } from "../time.ts";
import type { Viewport } from "../view.ts";
import type { Comment } from "./document.ts";

/** Pins nearer than this hide behind the one before. */
const APART = 26;

export class Pins {
  readonly layer = el("div", { class: "pins" });
  private comments: readonly Comment[] = [];
  private nodes: HTMLElement[] = [];

  constructor(private readonly hands: { open(index: number): void; tip(lines: string[] | null, event?: PointerEvent): void }) {}

  show(comments: readonly Comment[]): void {
    if (comments === this.comments) return;
    this.comments = comments;
    this.nodes = comments.map((comment, index) => {
      const sign = comment.label === "flag" ? "⚑" : "✎";
      const lines = [`${comment.label === "flag" ? "flag" : "comment"} by ${comment.author}`, `${short(comment.start)}–${short(comment.end)}`, comment.text].filter(Boolean);
      const node = el("button", { type: "button", class: `pin ${comment.label}${comment.resolved ? " resolved" : ""}`, "data-testid": "comment", "aria-label": lines.join(", ") }, sign, comment.text ? el("span", {}, comment.text) : null);
      node.addEventListener("click", () => this.hands.open(index));
      node.addEventListener("pointermove", (event) => this.hands.tip(lines, event));
      node.addEventListener("pointerleave", () => this.hands.tip(null));
      return node;
    });
    this.layer.replaceChildren(...this.nodes);
  }

  draw(view: Viewport): void {
    let last = -Infinity;
    this.comments.forEach(({ start }, index) => {
      const x = view.toX(start);
      const node = this.nodes[index]!;
      node.hidden = x < -4 || x > view.width - 8 || x - last < APART;
      if (node.hidden) return;
      last = x;
      node.style.transform = `translateX(${x.toFixed(1)}px)`;
    });
  }
}
