/** The boundaries, as grips across waveform and sections: dragged, walked to by Tab, moved by arrow keys. */

import { el, focus } from "../dom.ts";
import { lastAtOrBefore } from "../time.ts";
import type { Viewport } from "../view.ts";

/** What the grips are of, and what becomes of them. */
export interface Boundaries {
  /** Ascending; the grip of `times[i]` has the number `i + 1`, as it lies before item `i + 1`. */
  times: Float64Array;
  colour(number: number): string;
  /** "boundary 3, buildup to drop, 0:30.020, bar 17.1" */
  name(number: number): string;
  selected: number | null;
}

export interface Mover {
  view: Viewport;
  /** It was taken hold of. */
  take(number: number): void;
  /** It is wanted at `time`; `free` asks for no snapping. */
  move(number: number, time: number, free: boolean): void;
  /** It was let go. */
  drop(number: number, moved: boolean): void;
  /** By one step of the grid, or 10 ms. */
  nudge(number: number, step: -1 | 1, fine: boolean): void;
  tip(lines: string[] | null, event?: PointerEvent): void;
}

/** Movement below this many pixels is a click. */
const SLACK = 3;
/** Grips nearer to each other than this cannot be told apart. */
const APART = 6;

export class Grips {
  readonly layer = el("div", { class: "grips" });
  private readonly nodes = new Map<number, HTMLElement>();
  private boundaries: Boundaries = { times: new Float64Array(), colour: () => "", name: () => "", selected: null };
  private held: { number: number; pointer: number; offset: number; from: number; moved: boolean } | null = null;
  private changed = true;

  constructor(private readonly mover: Mover) {}

  /** Whether one is being dragged. */
  get dragging(): boolean {
    return this.held?.moved ?? false;
  }

  show(boundaries: Boundaries): void {
    this.boundaries = boundaries;
    this.changed = true;
  }

  draw(view: Viewport): void {
    const { times, selected } = this.boundaries;
    const seen = new Set<number>();
    let last = -Infinity;
    for (let i = Math.max(0, lastAtOrBefore(times, view.start)); i < times.length && times[i]! <= view.end; i++) {
      const [number, x] = [i + 1, view.toX(times[i]!)];
      const kept = number === selected || number === this.held?.number;
      if (x < -6 || (x - last < APART && !kept)) continue;
      last = x;
      seen.add(number);
      const node = this.nodes.get(number) ?? this.make(number);
      if (this.changed) this.dress(node, number);
      node.style.transform = `translateX(${x.toFixed(2)}px)`;
    }
    for (const [number, node] of this.nodes) {
      if (seen.has(number)) continue;
      node.remove();
      this.nodes.delete(number);
    }
    this.changed = false;
  }

  reach(number: number): void {
    this.nodes.get(number)?.focus({ preventScroll: true });
  }

  private dress(node: HTMLElement, number: number): void {
    const { boundaries } = this;
    const time = boundaries.times[number - 1]!.toFixed(6);
    const selected = number === boundaries.selected;
    node.classList.toggle("selected", selected);
    node.style.setProperty("--colour", boundaries.colour(number));
    const tab = selected || (boundaries.selected === null && number === 1) ? 0 : -1;
    if (node.tabIndex !== tab) node.tabIndex = tab;
    const name = boundaries.name(number);
    if (node.getAttribute("aria-valuetext") === name) return;
    node.dataset.time = time;
    node.setAttribute("aria-valuenow", time);
    node.setAttribute("aria-valuetext", name);
  }

  private make(number: number): HTMLElement {
    const node = el("div", { class: "grip", role: "slider", tabindex: -1, "aria-label": `boundary ${number}`, "aria-valuemin": 0, "aria-valuemax": this.mover.view.duration.toFixed(3), "data-testid": "boundary", "data-number": number });
    this.nodes.set(number, node);
    this.dress(node, number);
    let next = this.layer.lastElementChild as HTMLElement | null;
    while (next && Number(next.dataset.number) > number) next = next.previousElementSibling as HTMLElement | null;
    if (next) next.after(node);
    else this.layer.prepend(node);
    node.addEventListener("pointerdown", (event) => this.grab(event, number));
    node.addEventListener("pointermove", (event) => this.pull(event));
    node.addEventListener("pointerup", (event) => this.release(event));
    node.addEventListener("pointercancel", (event) => this.release(event));
    node.addEventListener("pointerleave", () => !this.held && this.mover.tip(null));
    node.addEventListener("focus", () => focus.byKeyboard && this.mover.take(number));
    node.addEventListener("keydown", (event) => {
      const step = event.key === "ArrowRight" ? 1 : event.key === "ArrowLeft" ? -1 : 0;
      if (!step || !focus.byKeyboard || event.ctrlKey || event.shiftKey) return;
      this.mover.nudge(number, step, event.altKey);
      event.preventDefault();
      event.stopPropagation();
    });
    return node;
  }

  private at(event: PointerEvent): number {
    return event.clientX - this.layer.getBoundingClientRect().left;
  }

  private grab(event: PointerEvent, number: number): void {
    if (event.button !== 0) return;
    const node = event.currentTarget as HTMLElement;
    node.setPointerCapture(event.pointerId);
    const x = this.at(event);
    this.held = { number, pointer: event.pointerId, offset: this.mover.view.toX(this.boundaries.times[number - 1]!) - x, from: x, moved: false };
    this.mover.take(number);
    event.preventDefault();
    event.stopPropagation();
  }

  private pull(event: PointerEvent): void {
    const { held } = this;
    const number = Number((event.currentTarget as HTMLElement).dataset.number);
    if (!held || held.pointer !== event.pointerId) return this.mover.tip([this.boundaries.name(number)], event);
    const x = this.at(event);
    if (!held.moved && Math.abs(x - held.from) < SLACK) return;
    held.moved = true;
    this.layer.classList.add("dragging");
    this.mover.move(held.number, this.mover.view.toTime(x + held.offset), event.altKey);
    this.mover.tip([this.boundaries.name(held.number)], event);
  }

  private release(event: PointerEvent): void {
    const { held } = this;
    if (!held || held.pointer !== event.pointerId) return;
    this.held = null;
    this.layer.classList.remove("dragging");
    this.mover.tip(null);
    this.mover.drop(held.number, held.moved);
  }
}
