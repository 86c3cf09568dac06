/**
 * Where the editor saves: over HTTP on a page, by messages in a notebook. A draft lies in the browser until the other side
 * has said that it has it; a save that nobody answers is tried again.
 */

import { annotationOf, documentOf, saysTheSame, type Annotation, type Document } from "./document.ts";
import { HttpLine, WidgetLine, type WidgetModel } from "./lines.ts";
import { Declined, Unreachable, type Answer, type Clashed, type Conflict, type Desk, type Does, type DraftAnswer, type Line, type Opened, type Present, type Revision, type Saved, type Waiting } from "./port.ts";

export type { WidgetModel } from "./lines.ts";
export * from "./port.ts";

/** Where a draft waits; the browser's `localStorage` is one. */
export type Shelf = Pick<Storage, "getItem" | "setItem" | "removeItem">;

/** What a desk needs besides a line; all can be replaced in tests. */
export interface Means {
  /** Names the recording and the author among what waits in this browser. */
  readonly key: string;
  readonly duration: number;
  readonly shelf?: Shelf | null;
  readonly wait?: (seconds: number) => Promise<void>;
  readonly now?: () => string;
}

const PAUSES_S = [0.5, 1, 2] as const;
const LONGEST_PAUSE_S = 30;
/** Browsers send no more than 64 KiB for a page that closes. */
const LAST_WORDS = 60_000;

/** A desk over any line. Drafts lie on the shelf until the other side has said that it has them. */
export class LineDesk implements Desk {
  private readonly shelf: Shelf | null;
  private readonly wait: (seconds: number) => Promise<void>;
  private readonly now: () => string;
  private readonly listeners: ((answer: DraftAnswer) => void)[] = [];
  /** The newest draft that was not acknowledged. */
  private pending: Waiting | null = null;
  /** What this desk put on the shelf: another window of the same author may have put its own there since. */
  private lying: string | null = null;
  /** The document that was saved last. */
  private standing: Document | null = null;
  private retrying = false;
  private left = false;
  /** Drafts and saves go one after the other: an older one that is late must not lie over a newer one. */
  private last: Promise<unknown> = Promise.resolve();

  constructor(
    private readonly line: Line,
    private readonly means: Means,
  ) {
    this.shelf = means.shelf === undefined ? browserShelf() : means.shelf;
    this.wait = means.wait ?? ((seconds) => new Promise((resolve) => setTimeout(resolve, seconds * 1000)));
    this.now = means.now ?? (() => new Date().toISOString());
  }

  async open(): Promise<Opened> {
    return (await this.asked("open", {})) as Opened;
  }

  async save(document: Document, parent: number | null, note = ""): Promise<Saved | Clashed> {
    this.left = false;
    const waiting = this.shelve({ annotation: annotationOf(document), base: parent, time: this.now() });
    const answer = await this.queued(() => this.saved(waiting, note));
    if (answer.kind === "saved") this.standing = document;
    return answer;
  }

  async draft(document: Document, base: number | null): Promise<DraftAnswer> {
    this.left = false; // a page that was left may be shown again
    const draft = { annotation: annotationOf(document), base, time: this.now() };
    // What is a revision already need not wait here: a page that closes now would open on it as if it were not saved.
    if (document === this.standing) this.acknowledged(this.pending);
    const waiting = document === this.standing ? draft : this.shelve(draft);
    const answer = await this.queued(() => this.send(waiting));
    if (answer) return answer;
    void this.retry();
    if (!this.waiting() && document !== this.standing) throw new Unreachable("The service does not answer, and this browser keeps nothing: do not close the page");
    return { kept: waiting.time, where: "here", findings: [], distance: [] };
  }

  async history(): Promise<Revision[]> {
    return [...((await this.asked("history", {})) as { revisions: Revision[] }).revisions];
  }

  async revision(number: number): Promise<Document> {
    return documentOf(((await this.asked("revision", { number })) as { annotation: Annotation }).annotation, this.means.duration);
  }

  async restore(number: number): Promise<{ revision: Revision; document: Document }> {
    const { revision, annotation } = (await this.asked("restore", { number })) as { revision: Revision; annotation: Annotation };
    return { revision, document: documentOf(annotation, this.means.duration) };
  }

  async present(): Promise<Present[]> {
    return [...((await this.asked("present", {})) as { present: Present[] }).present];
  }

  waiting(): Waiting | null {
    try {
      const kept = this.shelf?.getItem(this.means.key);
      return kept ? (JSON.parse(kept) as Waiting) : null;
    } catch {
      return null;
    }
  }

  onKept(listener: (answer: DraftAnswer) => void): void {
    this.listeners.push(listener);
  }

  leave(): void {
    if (this.left) return;
    this.left = true;
    const { pending } = this;
    if (pending && JSON.stringify(pending).length < LAST_WORDS) {
      const values = { annotation: pending.annotation, base: pending.base };
      this.line.ask("draft", values, true).then((answer) => void (answer.status < 300 && this.acknowledged(pending)), unreached);
    }
    this.line.ask("leave", {}, true).catch(unreached);
  }

  private async saved(waiting: Waiting, note: string): Promise<Saved | Clashed> {
    const { annotation, base: parent } = waiting;
    for (let attempt = 0; ; attempt++) {
      const answer = await this.line.ask("save", { annotation, parent, note }).catch(unreached);
      const isLost = answer === null || answer.status === 429 || (answer.status > 500 && answer.status < 600);
      if (isLost && attempt < PAUSES_S.length) {
        await this.wait(PAUSES_S[attempt]!);
        continue;
      }
      if (!answer) {
        void this.retry();
        throw new Unreachable(`The service does not answer; what you did ${this.waiting() ? "is kept in this browser" : "is kept nowhere: do not close the page"}`);
      }
      if (answer.status === 409) {
        const conflict = answer.body as Conflict;
        // Sent twice, because the first answer got lost: it is our own revision that stands there.
        const own = attempt > 0 && saysTheSame(conflict.theirs.annotation, annotation) ? (await this.history()).find(({ number }) => number === conflict.theirs.revision) : undefined;
        if (!own) return { kind: "clashed", ...conflict };
        this.acknowledged(waiting);
        return { kind: "saved", revision: own };
      }
      const { revision } = done(answer) as { revision: Revision };
      this.acknowledged(waiting);
      return { kind: "saved", revision };
    }
  }

  /** On the shelf before it is sent: whatever happens then, it is not lost. */
  private shelve(waiting: Waiting): Waiting {
    this.pending = waiting;
    try {
      const text = JSON.stringify(waiting);
      this.shelf?.setItem(this.means.key, text);
      this.lying = text;
    } catch {
      // The shelf is full, or the browser has none: an older draft there would be mistaken for this one.
      this.unshelve();
    }
    return waiting;
  }

  private acknowledged(waiting: Waiting | null): void {
    if (this.pending !== waiting || !waiting) return;
    this.pending = null;
    this.unshelve(this.lying);
  }

  /** Take away what lies on the shelf, or only a certain text. */
  private unshelve(text: string | null = null): void {
    try {
      if (text === null || this.shelf?.getItem(this.means.key) === text) this.shelf?.removeItem(this.means.key);
    } catch {
      // Nothing is kept where nothing may be.
    }
  }

  /** Null where nobody answered. */
  private async send(waiting: Waiting): Promise<DraftAnswer | null> {
    const answer = await this.line.ask("draft", { annotation: waiting.annotation, base: waiting.base }).catch(unreached);
    if (!answer || answer.status === 429 || answer.status > 500) return null;
    const kept = done(answer) as Omit<DraftAnswer, "where">;
    this.acknowledged(waiting);
    return { ...kept, where: "service" };
  }

  /** Again and again, ever more seldom, until the newest draft has arrived. */
  private async retry(): Promise<void> {
    if (this.retrying) return;
    this.retrying = true;
    try {
      for (let pause = 1; this.pending && !this.left; pause = Math.min(2 * pause, LONGEST_PAUSE_S)) {
        await this.wait(pause);
        if (!this.pending || this.left) return;
        const answer = await this.queued(async () => this.pending && this.send(this.pending));
        if (answer) for (const listener of this.listeners) listener(answer);
      }
    } catch {
      // It was declined: the next draft is told why.
    } finally {
      this.retrying = false;
    }
  }

  private queued<T>(work: () => Promise<T>): Promise<T> {
    const next = this.last.then(work);
    this.last = next.catch(() => undefined);
    return next;
  }

  private async asked(does: Does, values: Readonly<Record<string, unknown>>): Promise<unknown> {
    return done(await this.line.ask(does, values));
  }
}

/** The service's side of a page. */
export class HttpDesk extends LineDesk {
  /** `url` is `…/recordings/{id}/annotations`. */
  constructor(url: string, author: string, duration: number, means: Partial<Means> & { fetch?: typeof fetch } = {}) {
    super(new HttpLine(url, author, means.fetch ?? ((input, init) => fetch(input, init))), { key: `edm-draft ${url} ${author}`, duration, ...means });
  }
}

/** The kernel's side of a notebook; `model` is anywidget's. */
export class WidgetDesk extends LineDesk {
  constructor(model: WidgetModel, recording: string, author: string, duration: number, means: Partial<Means> = {}) {
    super(new WidgetLine(model), { key: `edm-draft ${recording} ${author}`, duration, ...means });
  }
}

/** The body of what was done; what was declined is thrown, in the words of the problem. */
function done({ status, body }: Answer): unknown {
  if (status >= 200 && status < 300) return body;
  const { title, detail, remedy } = (body ?? {}) as { title?: string; detail?: string; remedy?: string };
  throw new Declined(status, [detail ?? title ?? `the service answered ${status}`, remedy].filter(Boolean).join("; "));
}

function unreached(error: unknown): null {
  if (error instanceof Unreachable) return null;
  throw error;
}

function browserShelf(): Shelf | null {
  try {
    return globalThis.localStorage ?? null;
  } catch {
    return null;
  }
}
