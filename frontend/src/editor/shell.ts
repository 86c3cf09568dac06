/** What is around the lanes: panels, the palette, saving, other tracks. Nothing here is modal. */

import type { Choice, Panel, Shell } from "./commands.ts";
import type { Palette } from "./palette.ts";

/** A panel that can be opened; `opened` is called before it is shown. */
export interface Openable {
  root: HTMLElement;
  opened?(): void;
  closed?(): void;
}

export interface ShellHands {
  palette: Palette;
  panels: Partial<Record<Panel, Openable>>;
  search(): void;
  colours(value: string): string | undefined;
  save(): Promise<boolean>;
  go(to: "next" | "previous"): void;
  /** Something else that lies on top, such as a clash or an old revision; false where there is nothing. */
  dismiss(): boolean;
  changed(): void;
  /** Something to type into is about to take the focus. */
  before(): void;
}

export class PageShell implements Shell {
  /** The last to be opened closes first. */
  private readonly order: Panel[] = [];

  constructor(private readonly hands: ShellHands) {}

  toggle(panel: Panel): void {
    const { hands } = this;
    if (panel === "palette") return hands.palette.open ? hands.palette.close() : hands.search();
    const target = hands.panels[panel];
    if (!target) return;
    if (this.isOpen(panel)) this.shut(panel);
    else {
      this.order.push(panel);
      target.opened?.();
      target.root.hidden = false;
    }
    hands.changed();
  }

  isOpen(panel: Panel): boolean {
    return panel === "palette" ? this.hands.palette.open : this.order.includes(panel);
  }

  close(): boolean {
    if (this.hands.palette.open) {
      this.hands.palette.close();
      return true;
    }
    if (this.hands.dismiss()) return true;
    const top = this.order.findLast((panel) => panel !== "spectrogram" && panel !== "speech");
    if (!top) return false;
    this.shut(top);
    this.hands.changed();
    return true;
  }

  choose(title: string, choices: readonly Choice[], then: (value: string) => void): void {
    this.hands.before();
    this.hands.palette.choose(title, choices, then, this.hands.colours);
  }

  ask(title: string, value: string, then: (text: string) => void): void {
    this.hands.before();
    this.hands.palette.ask(title, value, then);
  }

  save(): Promise<boolean> {
    return this.hands.save();
  }

  next(): void {
    this.hands.go("next");
  }

  previous(): void {
    this.hands.go("previous");
  }

  private shut(panel: Panel): void {
    const at = this.order.indexOf(panel);
    if (at >= 0) this.order.splice(at, 1);
    const target = this.hands.panels[panel];
    if (!target) return;
    // The focus does not fall out of the editor with the panel.
    if (target.root.contains((target.root.getRootNode() as ShadowRoot).activeElement)) this.hands.palette.root.parentElement?.querySelector<HTMLElement>(".slider")?.focus({ preventScroll: true });
    target.root.hidden = true;
    target.closed?.();
  }
}
