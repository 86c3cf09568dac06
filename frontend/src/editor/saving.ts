/** Keeping what is edited: a draft after every change, a revision when it is asked for, and what there is to say about it. */

import type { Clashed, Desk, Distance, DraftAnswer, Finding } from "./desk.ts";
import type { Document } from "./document.ts";

/** `changed` and `keeping`: not kept yet. `kept`: as a draft. `offline`: in this browser. `failed`: nowhere but here. */
export type State = "untouched" | "changed" | "keeping" | "kept" | "offline" | "saving" | "saved" | "failed" | "clashed";

/** Drafts are kept when nothing was edited for so long, and at the latest after so much longer. */
const PAUSE_MS = 600;
const LATEST_MS = 4000;

export interface Watcher {
  document(): Document;
  /** Something about saving has changed. */
  changed(): void;
}

export class Saving {
  state: State;
  /** When the last revision was saved and the last draft kept, ISO 8601. */
  savedAt: string | null = null;
  keptAt: string | null = null;
  /** What went wrong, in words. */
  problem: string | null = null;
  findings: readonly Finding[] = [];
  distance: readonly Distance[] = [];
  /** Somebody saved first. */
  clash: Clashed | null = null;
  /** What was to be saved when it clashed. */
  private refused: Document | null = null;
  private timer = 0;
  private since = 0;
  private closed = false;
  private drafting: Promise<void> | null = null;

  /** `saved` is the document as it was saved last; `revision` its number. */
  constructor(
    private readonly desk: Desk,
    public revision: number | null,
    private saved: Document,
    private readonly watcher: Watcher,
    /** What was edited in an earlier sitting and is still a draft began from this revision. */
    private base: number | null = revision,
  ) {
    this.state = this.dirty ? "kept" : "untouched";
  }

  /** Whether there is something that is no revision yet. */
  get dirty(): boolean {
    return this.watcher.document() !== this.saved;
  }

  /** The document was edited. */
  touched(): void {
    if (!this.dirty && this.state === "changed") this.state = this.savedAt ? "saved" : "untouched";
    else if (this.state !== "clashed") this.state = "changed";
    const now = Date.now();
    if (!this.timer) this.since = now;
    clearTimeout(this.timer);
    this.timer = window.setTimeout(() => void this.keep(), Math.max(0, Math.min(PAUSE_MS, this.since + LATEST_MS - now)));
    this.watcher.changed();
  }

  /** Keep a draft now. */
  async keep(): Promise<void> {
    clearTimeout(this.timer);
    this.timer = 0;
    if (this.closed || this.state === "saving") return;
    const document = this.watcher.document();
    if (this.state === "changed") this.go("keeping");
    const drafting = (async (): Promise<void> => {
      try {
        const answer = await this.desk.draft(document, this.base);
        this.keptAt = answer.kept;
        this.findings = answer.findings.length || answer.where === "service" ? answer.findings : this.findings;
        this.distance = answer.distance.length || answer.where === "service" ? answer.distance : this.distance;
        this.problem = null;
        if (this.state === "keeping" || this.state === "offline") this.state = answer.where === "here" ? "offline" : document === this.saved ? "saved" : "kept";
      } catch (error) {
        this.problem = says(error);
        if (this.state === "keeping") this.state = "failed";
      }
      if (!this.closed) this.watcher.changed();
    })();
    this.drafting = drafting;
    await drafting;
  }

  /** Save a revision; false where it could not be, or somebody saved first. */
  async save(note = ""): Promise<boolean> {
    if (this.state === "saving" || this.closed) return false;
    clearTimeout(this.timer);
    this.timer = 0;
    const document = this.watcher.document();
    this.go("saving");
    await this.drafting?.catch(() => undefined);
    try {
      const answer = await this.desk.save(document, this.base, note);
      if (answer.kind === "clashed") {
        this.clash = answer;
        this.refused = document;
        this.go("clashed");
        return false;
      }
      this.took(answer.revision.number, document, answer.revision.time);
      // Edited while it was being saved.
      if (this.dirty) this.touched();
      return true;
    } catch (error) {
      this.problem = says(error);
      this.go("failed");
      return false;
    }
  }

  /** Whether something was edited since somebody was found to have saved first. */
  get outrun(): boolean {
    return this.clash !== null && this.refused !== this.watcher.document();
  }

  /** The clash was looked at: what is saved next stands on their revision. */
  settle(): void {
    if (!this.clash) return;
    this.revision = this.base = this.clash.theirs.revision;
    this.clash = null;
    this.state = "changed";
  }

  /** Leave the clash for now; the draft stays, and saving brings it up again. */
  postpone(): void {
    this.clash = null;
    this.go("kept");
  }

  /** This document is the line's newest revision. */
  took(revision: number, document: Document, time: string): void {
    clearTimeout(this.timer);
    this.timer = 0;
    this.revision = this.base = revision;
    this.saved = document;
    this.savedAt = time;
    this.problem = null;
    this.clash = null;
    this.go("saved");
  }

  /** A draft that waited in this browser has reached the service after all. */
  arrived(answer: DraftAnswer): void {
    [this.keptAt, this.findings, this.distance, this.problem] = [answer.kept, answer.findings, answer.distance, null];
    if (this.state === "offline") this.go("kept");
  }

  /** The tab closes: what is not kept yet is sent without waiting. It may come back. */
  leave(): void {
    // Kept already, it is sent all the same: another window of the same author may have saved since, and put it away.
    if (this.dirty || this.timer || this.state === "keeping") void this.desk.draft(this.watcher.document(), this.base).catch(() => undefined);
    clearTimeout(this.timer);
    this.timer = 0;
    this.desk.leave();
  }

  /** Another recording is opened. */
  close(): void {
    if (this.closed) return;
    this.leave();
    this.closed = true;
  }

  /** The page is hidden, and perhaps not shown again: keep what there is. */
  hide(): void {
    if (this.timer) void this.keep();
  }

  private go(state: State): void {
    this.state = state;
    if (!this.closed) this.watcher.changed();
  }
}

/** "saved 12:03 · draft kept 12:05". */
export function describe({ state, savedAt, keptAt, problem }: Pick<Saving, "state" | "savedAt" | "keptAt" | "problem">): string {
  const saved = savedAt ? `saved ${hour(savedAt)}` : null;
  const now = {
    untouched: "nothing to save",
    changed: "not kept yet",
    keeping: "keeping the draft",
    kept: keptAt ? `draft kept ${hour(keptAt)}` : "draft kept",
    offline: "offline: kept here",
    saving: "saving",
    saved: null,
    failed: `not saved: ${problem ?? "the service did not answer"}`,
    clashed: "somebody saved first",
  }[state];
  return [state === "untouched" ? null : saved, now].filter(Boolean).join(" · ");
}

function hour(time: string): string {
  return new Date(time).toLocaleTimeString([], { hour: "2-digit", minute: "2-digit", hour12: false });
}

function says(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
