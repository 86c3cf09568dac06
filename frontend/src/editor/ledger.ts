/** The editor's state as JSON on its status line: what tests and scripts read. */

import type { Saving } from "./saving.ts";
import { isUnlabelled } from "./sections.ts";
import type { Session } from "./session.ts";
import type { Timing } from "./timing.ts";

/** More sections than this are only counted. */
const TOLD = 400;
const PAUSE_MS = 250;

export class Ledger {
  private known: unknown[] = [];
  private timer = 0;

  constructor(
    private readonly node: HTMLElement,
    private readonly session: Session,
    private readonly saving: () => Saving,
    private readonly timing: Timing,
    private readonly extra: () => Record<string, unknown>,
  ) {}

  /** Write what has changed; timings alone are written now and then. */
  write(): void {
    const { session } = this;
    const { revision, state } = this.saving();
    const now = [session.document, session.selection, session.lane, session.snap, session.grid, revision, state, JSON.stringify(this.extra())];
    if (now.some((value, index) => value !== this.known[index])) {
      this.known = now;
      this.put();
    } else this.timer ||= window.setTimeout(() => this.put(), PAUSE_MS);
  }

  close(): void {
    clearTimeout(this.timer);
  }

  private put(): void {
    clearTimeout(this.timer);
    this.timer = 0;
    const { session, timing } = this;
    const { document, grid } = session;
    const [segment] = grid.segments;
    const saving = this.saving();
    const sections = document.sections ?? [];
    this.node.dataset.state = JSON.stringify({
      bpm: segment?.bpm ?? null,
      downbeat: grid.timeOf(1),
      grid: document.grid === null ? null : document.grid.length,
      sections: sections.length > TOLD ? sections.length : sections.map((section) => ({ start: section.start, end: section.end, label: isUnlabelled(section) ? null : section.label })),
      passages: document.passages?.length ?? null,
      comments: document.comments?.length ?? 0,
      selected: session.selection.items.slice(0, TOLD),
      boundary: session.selection.boundary,
      lane: session.lane,
      snap: session.snap,
      steps: session.history.depth,
      revision: saving.revision,
      dirty: saving.dirty,
      saving: saving.state,
      ...this.extra(),
      drawMs: round(timing.drawMs),
      keyMs: round(timing.keyMs),
    });
  }
}

function round(ms: number): number {
  return Math.round(ms * 100) / 100;
}
