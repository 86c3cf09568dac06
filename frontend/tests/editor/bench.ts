/** An editor without sound and page: keys go in, a document comes out. */

import { press, release, type Choice, type Deck, type Editor, type KeyPress, type Panel, type Shell } from "../../src/editor/commands.ts";
import type { Annotation, Document } from "../../src/editor/document.ts";
import { Session } from "../../src/editor/session.ts";
import { document, LABELS } from "./made.ts";

const labels = (names: readonly string[]) => names.map((label, index) => ({ label, key: String(index + 1), colour: "#000000" }));

export const VOCABULARY = {
  sections: labels(LABELS),
  activity: labels(["speech", "music", "speech+music", "silence"]),
  topics: ["Politics", "Sports"],
  tones: ["Neutral", "Serious"],
  safety: ["hate", "profanity"],
};

export class Bench implements Editor {
  readonly session: Session;
  readonly deck: Deck & { now: number };
  readonly shell: Shell;
  /** What was done besides editing. */
  readonly did: string[] = [];
  readonly open = new Set<Panel>();
  /** What is typed or chosen next time something is asked. */
  answers: string[] = [];
  asked: { title: string; value?: string; choices?: readonly Choice[] }[] = [];
  presses = 0;
  /** Seconds of real time. */
  real = 1000;
  saves = true;

  constructor(beginning: { document?: Document; suggestion?: Annotation | null } = {}) {
    this.session = new Session({
      document: beginning.document ?? document(),
      suggestion: beginning.suggestion ?? null,
      vocabulary: VOCABULARY,
      author: "ada",
      clock: () => this.real,
      now: () => "2026-01-01T00:00:00Z",
    });
    this.deck = this.makeDeck();
    this.shell = this.makeShell();
  }

  /** Chords, or characters that are typed: `Shift+B`, `ArrowDown`, `?`. */
  keys(...chords: string[]): this {
    for (const chord of chords) {
      this.presses++;
      const event = eventOf(chord);
      if (!press(event, this)) this.did.push(`nothing: ${chord}`);
      release(event, this);
      this.real += 1;
    }
    return this;
  }

  /** The sound plays for so long. */
  play(seconds: number): void {
    this.deck.now += seconds;
    this.real += seconds / this.deck.rate;
  }

  at(time: number): this {
    this.deck.now = time;
    return this;
  }

  private makeDeck(): Deck & { now: number } {
    const { did } = this;
    let [playing, looping, rate, metronome] = [false, false, 1, false];
    return {
      now: 0,
      get time() { return this.now; },
      get playing() { return playing; },
      get looping() { return looping; },
      get rate() { return rate; },
      get metronome() { return metronome; },
      play() { playing = true; },
      pause() { playing = false; },
      seek(time) { this.now = time; },
      loop(span) { looping = span !== null; did.push(span ? `loop ${span.start} ${span.end}` : "no loop"); },
      setRate(next) { rate = next; },
      setMetronome(on) { metronome = on; },
      zoom: (way) => void did.push(`zoom ${way}`),
      cueDown: () => void did.push("cue down"),
      cueUp: () => void did.push("cue up"),
      returnToCue: () => void did.push("return to cue"),
    };
  }

  private makeShell(): Shell {
    const answer = (then: (text: string) => void): void => {
      const next = this.answers.shift();
      if (next !== undefined) then(next);
    };
    return {
      toggle: (panel) => void (this.open.delete(panel) || this.open.add(panel)),
      isOpen: (panel) => this.open.has(panel),
      close: () => {
        const last = [...this.open].at(-1);
        return last !== undefined && this.open.delete(last);
      },
      choose: (title, choices, then) => {
        this.asked.push({ title, choices });
        answer(then);
      },
      ask: (title, value, then) => {
        this.asked.push({ title, value });
        answer(then);
      },
      save: async () => {
        this.did.push("save");
        return this.saves;
      },
      next: () => void this.did.push("next"),
      previous: () => void this.did.push("previous"),
    };
  }
}

export function eventOf(chord: string, more: Partial<KeyPress> = {}): KeyPress {
  const parts = chord.split(/\+(?=.)/);
  const key = parts.at(-1)!;
  const letter = /^[A-Z]$/.test(key);
  const shiftKey = parts.includes("Shift");
  return {
    key: key === "Space" ? " " : letter && !shiftKey ? key.toLowerCase() : key,
    code: letter ? `Key${key}` : "",
    shiftKey,
    ctrlKey: parts.includes("Ctrl"),
    altKey: parts.includes("Alt"),
    metaKey: false,
    repeat: false,
    ...more,
  };
}
