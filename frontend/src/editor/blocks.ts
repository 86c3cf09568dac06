/**
 * A lane of blocks. Those wide enough to be read are elements that can be pointed at and tabbed to; the slivers between
 * them are painted, at most one a pixel, so that fifty thousand cost no more than fifty.
 */

import { el, focus } from "../dom.ts";
import { Surface } from "../draw.ts";
import { lastAtOrBefore } from "../time.ts";
import type { Viewport } from "../view.ts";

/** How a block looks, and what it says. */
export interface Look {
  colour: string;
  text: string;
  /** After the text, where there is room. */
  detail?: string;
  /** Classes beside `block`. */
  kind: string;
  /** What it is called for those who do not see it, and in the tooltip. */
  lines: string[];
  data?: Record<string, string>;
}

export interface Blocks {
  readonly length: number;
  start(index: number): number;
  end(index: number): number;
  /** Of one that is too narrow to be read. */
  colour(index: number): string;
  look(index: number): Look;
}

/** What is done to a block; each may be left out. */
export interface Hands {
  press?(index: number, event: MouseEvent): void;
  twice?(index: number): void;
  menu?(index: number, node: HTMLElement): void;
  /** The focus has walked there. */
  reached?(index: number): void;
  tip(lines: string[] | null, event?: PointerEvent): void;
  /** More to put into a block, such as buttons. */
  furnish?(index: number, node: HTMLElement): void;
}

/** Narrower ones are painted. */
const READABLE = 15;

export class BlockLane {
  readonly row: HTMLElement;
  readonly track: HTMLElement;
  private readonly surface = new Surface(el("canvas", { "aria-hidden": "true" }));
  private readonly nodes = new Map<number, HTMLElement>();
  private blocks: Blocks = { length: 0, start: () => 0, end: () => 0, colour: () => "", look: () => ({ colour: "", text: "", kind: "", lines: [] }) };
  private starts = new Float64Array();
  private changed = true;
  private selected: ReadonlySet<number> = new Set();
  private now = -1;

  constructor(
    readonly kind: string,
    name: string,
    private readonly one: string,
    private readonly hands: Hands,
  ) {
    this.track = el("div", { class: "track blocks", role: "listbox", "aria-label": name, "aria-multiselectable": "true", "data-roving": "" }, this.surface.canvas);
    this.row = el("div", { class: `row ${kind}`, "data-lane": kind }, el("div", { class: "name", title: name }, el("span", {}, name)), this.track);
    this.track.addEventListener("keydown", (event) => this.walk(event));
  }

  rename(name: string): void {
    const label = this.row.querySelector(".name span")!;
    if (label.textContent === name) return;
    label.textContent = name;
    this.track.setAttribute("aria-label", name);
  }

  /** Show other blocks; elements of those that look the same stay as they are. */
  show(blocks: Blocks, selected: ReadonlySet<number> = new Set()): void {
    this.blocks = blocks;
    this.selected = selected;
    this.starts = new Float64Array(blocks.length);
    for (let index = 0; index < blocks.length; index++) this.starts[index] = blocks.start(index);
    this.changed = true;
  }

  draw(view: Viewport): void {
    const { blocks, surface, nodes } = this;
    surface.fit();
    const context = surface.clear();
    const seen = new Set<number>();
    let painted = -Infinity;
    for (let index = Math.max(0, lastAtOrBefore(this.starts, view.start) - 1); index < blocks.length; index++) {
      const start = this.starts[index]!;
      if (start > view.end) break;
      const [left, right] = [Math.max(-8, view.toX(start)), Math.min(view.width + 8, view.toX(blocks.end(index)))];
      if (right < -4) continue;
      if (right - left >= READABLE) {
        seen.add(index);
        this.place(index, left, right);
      } else if (right > painted + 0.75) {
        context.fillStyle = blocks.colour(index);
        context.globalAlpha = this.selected.has(index) ? 1 : 0.62;
        context.fillRect(left, 1, Math.max(0.75, right - left - 0.75), surface.height - 2);
        painted = Math.max(right, left + 0.75);
      }
    }
    context.globalAlpha = 1;
    for (const [index, node] of nodes) {
      if (seen.has(index)) continue;
      if (node.matches(":focus") && index < blocks.length) node.style.visibility = "hidden";
      else {
        node.remove();
        nodes.delete(index);
      }
    }
    this.changed = false;
    this.stop();
  }

  /** The sound is in this block. */
  light(index: number): void {
    if (index === this.now) return;
    this.nodes.get(this.now)?.classList.remove("now");
    this.now = index;
    this.nodes.get(index)?.classList.add("now");
  }

  /** Put the focus on a block, if it is there. */
  reach(index: number): void {
    this.nodes.get(index)?.focus({ preventScroll: true });
  }

  node(index: number): HTMLElement | undefined {
    return this.nodes.get(index);
  }

  private place(index: number, left: number, right: number): void {
    let node = this.nodes.get(index);
    if (!node) {
      node = this.make(index);
      this.nodes.set(index, node);
      this.insert(node, index);
      this.dress(node, index);
    } else if (this.changed) this.dress(node, index);
    const width = right - left - 1.5;
    const inset = left < 0 ? -left : 0;
    node.style.transform = `translateX(${(left + 0.75).toFixed(1)}px)`;
    node.style.width = `${width.toFixed(1)}px`;
    node.style.visibility = "";
    if (inset || node.dataset.inset) {
      node.style.setProperty("--inset", `${inset.toFixed(0)}px`);
      node.dataset.inset = inset ? "1" : "";
    }
    const needs = 30 + (node.dataset.text?.length ?? 0) * 8.2 + (node.dataset.detail?.length ?? 0) * 6.2;
    const room = width < 34 ? "narrow" : width < Math.min(needs, 200) ? "tight" : "wide";
    if (node.dataset.room !== room) node.dataset.room = room;
  }

  private make(index: number): HTMLElement {
    const node = el("div", { role: "option", tabindex: -1, "data-testid": this.one, "data-index": index });
    const { hands } = this;
    node.addEventListener("click", (event) => hands.press?.(index, event));
    node.addEventListener("dblclick", () => hands.twice?.(index));
    node.addEventListener("contextmenu", (event) => {
      if (!hands.menu) return;
      event.preventDefault();
      hands.menu(index, node);
    });
    node.addEventListener("pointermove", (event) => index < this.blocks.length && hands.tip(this.blocks.look(index).lines, event));
    node.addEventListener("pointerleave", () => hands.tip(null));
    node.addEventListener("focus", () => focus.byKeyboard && hands.reached?.(index));
    return node;
  }

  private dress(node: HTMLElement, index: number): void {
    const look = this.blocks.look(index);
    const selected = this.selected.has(index);
    const spoken = look.lines.join(", ");
    node.className = `block ${look.kind}${index === this.now ? " now" : ""}`;
    node.setAttribute("aria-selected", String(selected));
    node.dataset.start = this.starts[index]!.toFixed(6);
    if (look.data) Object.assign(node.dataset, look.data);
    node.style.setProperty("--colour", look.colour);
    if (node.dataset.text === look.text && node.dataset.detail === (look.detail ?? "") && node.getAttribute("aria-label") === spoken) return;
    node.dataset.text = look.text;
    node.dataset.detail = look.detail ?? "";
    node.setAttribute("aria-label", spoken);
    node.replaceChildren(el("span", { class: "label" }, look.text), look.detail ? el("span", { class: "detail" }, look.detail) : "");
    this.hands.furnish?.(index, node);
  }

  /** Keep the blocks in the order of time, for Tab, arrows and screen readers. */
  private insert(node: HTMLElement, index: number): void {
    let next = this.track.lastElementChild as HTMLElement | null;
    while (next?.dataset.index && Number(next.dataset.index) > index) next = next.previousElementSibling as HTMLElement | null;
    if (next) next.after(node);
    else this.track.append(node);
  }

  /** One stop for Tab: what is selected, else what is heard, else the first on view. */
  private stop(): void {
    const wanted = [...this.selected].find((index) => this.nodes.has(index)) ?? (this.nodes.has(this.now) ? this.now : Math.min(...this.nodes.keys()));
    for (const [index, node] of this.nodes) {
      const tab = index === wanted ? 0 : -1;
      if (node.tabIndex !== tab) node.tabIndex = tab;
    }
  }

  private walk(event: KeyboardEvent): void {
    if (!focus.byKeyboard || event.ctrlKey || event.altKey || event.metaKey) return;
    const from = Number((event.target as HTMLElement).dataset.index ?? NaN);
    if (Number.isNaN(from)) return;
    if ((event.key === "ArrowLeft" || event.key === "ArrowRight") && !event.shiftKey) {
      const next = this.nodes.get(from + (event.key === "ArrowRight" ? 1 : -1));
      next?.focus({ preventScroll: true });
    } else if (event.key === "Enter") this.hands.menu?.(from, event.target as HTMLElement);
    else return;
    event.preventDefault();
    event.stopPropagation();
  }
}
