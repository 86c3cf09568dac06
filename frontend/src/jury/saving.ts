/** A person's ratings: shown at once, saved over HTTP, kept on view until they are. */

import { type Item, keyOf, type Said } from "./types.ts";

export type Saving = { state: "saving" } | { state: "saved" } | { state: "failed"; reason: string };

/** The name is kept in this browser, where Annotate keeps it too. */
const NAME = "edm-annotator";

export class Ratings {
  private said: Said[];
  /** They go out one after the other, or the last of an item could be overtaken. */
  private line: Promise<void> = Promise.resolve();
  private underway = 0;
  /** What has not reached the store, the last of each item, with the reason. */
  private readonly unsaved = new Map<string, { body: object; reason: string }>();
  private everSaved = false;

  constructor(
    private readonly url: string | null,
    private named: string,
    said: readonly Said[],
    private readonly changed: () => void,
    /** What was said has reached the store. */
    private readonly saved: () => void,
  ) {
    this.said = [...said];
    this.named = spelled(named || kept());
  }

  get possible(): boolean {
    return this.url !== null;
  }

  get saving(): Saving | null {
    if (this.underway) return { state: "saving" };
    const [first] = this.unsaved.values();
    if (first) return { state: "failed", reason: first.reason };
    return this.everSaved ? { state: "saved" } : null;
  }

  get rater(): string {
    return this.named;
  }

  set rater(name: string) {
    this.named = spelled(name);
    try {
      localStorage.setItem(NAME, this.named);
    } catch {
      // Storage is switched off: the name lasts as long as the page.
    }
    this.changed();
  }

  /** What people said of an item for themselves or, with a persona, in its name. */
  of(item: Pick<Item, "kind" | "index">): Said[] {
    return this.said.filter((each) => keyOf(each) === keyOf(item));
  }

  mine(item: Pick<Item, "kind" | "index">): Said | null {
    return this.of(item).find((each) => each.rater === this.named && !each.persona) ?? null;
  }

  /** Take the server's word, unless something is still on its way there. */
  take(said: readonly Said[]): void {
    if (this.underway || this.unsaved.size) return;
    this.said = [...said];
    this.changed();
  }

  /** Rate an item; the same score again takes it back. */
  rate(item: Item, score: number): void {
    if (!this.url || !this.named) return;
    const taken = this.mine(item)?.score === score;
    this.said = this.said.filter((each) => each !== this.mine(item));
    if (!taken) this.said.push({ kind: item.kind, index: item.index, rater: this.named, persona: "", score, note: "" });
    this.send(keyOf(item), { rater: this.named, kind: item.kind, start: item.start, end: item.end, heard: item.heard, score: taken ? null : score });
  }

  /** Send what could not be saved. */
  again(): void {
    for (const [key, { body }] of [...this.unsaved]) this.send(key, body);
  }

  private send(key: string, body: object): void {
    this.underway++;
    this.line = this.line.then(async () => {
      const reason = await post(this.url!, body);
      this.underway--;
      this.unsaved.delete(key);
      if (reason === null) this.everSaved = true;
      else this.unsaved.set(key, { body, reason });
      this.changed();
      if (reason === null) this.saved();
    });
    this.changed();
  }
}

/** Send it; why it could not be saved, or null. */
async function post(url: string, body: object): Promise<string | null> {
  try {
    const answer = await fetch(url, { method: "POST", headers: { "Content-Type": "application/json" }, body: JSON.stringify(body) });
    if (answer.ok) return null;
    const problem = (await answer.json().catch(() => ({}))) as { detail?: unknown; title?: unknown };
    return [problem.detail, problem.title].find((each) => typeof each === "string" && each) as string | undefined ?? `the server answered ${answer.status}`;
  } catch {
    return "the server cannot be reached";
  }
}

/** A name as the store spells it, whoever types it. */
function spelled(name: string): string {
  return name.trim().normalize("NFC").toLowerCase().normalize("NFC");
}

function kept(): string {
  try {
    return localStorage.getItem(NAME) ?? "";
  } catch {
    return "";
  }
}
