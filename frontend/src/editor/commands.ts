/** ONE table of what can be done: keys, help sheet, palette, tooltips and tests read it. */

import type { Session } from "./session.ts";

/** The sound, and the part of it that is on view. */
export interface Deck {
  /** The playhead, in seconds of the recording. */
  readonly time: number;
  readonly playing: boolean;
  readonly looping: boolean;
  readonly rate: number;
  readonly metronome: boolean;
  play(): void;
  pause(): void;
  /** Moves the playhead and brings it into view. */
  seek(time: number): void;
  /** Plays a stretch over and over; null ends that. */
  loop(span: { start: number; end: number } | null): void;
  setRate(rate: number): void;
  setMetronome(on: boolean): void;
  zoom(way: "in" | "out" | "all"): void;
  /** Cue: pressed sets or returns and previews while held; let go returns. */
  cueDown(): void;
  cueUp(): void;
  returnToCue(): void;
}

export type Panel = "grid" | "help" | "palette" | "history" | "comment" | "speech" | "spectrogram";

export interface Choice {
  readonly value: string;
  readonly title: string;
}

/** What is around the lanes: panels, fields to type in, other tracks. No dialog is modal. */
export interface Shell {
  toggle(panel: Panel): void;
  isOpen(panel: Panel): boolean;
  /** Closes the topmost of what is open; false where nothing was. */
  close(): boolean;
  /** A list to choose from, by typing, arrows or number. */
  choose(title: string, choices: readonly Choice[], then: (value: string) => void): void;
  /** A field to type into; Enter keeps, Escape leaves. */
  ask(title: string, value: string, then: (text: string) => void): void;
  save(): Promise<boolean>;
  next(): void;
  previous(): void;
}

/** What commands act on; the editor that one sees is one. */
export interface Editor {
  readonly session: Session;
  readonly deck: Deck;
  readonly shell: Shell;
}

export type Group = "Sound" | "Go to" | "Mark" | "Label" | "Suggestion" | "Grid" | "Speech" | "Notes" | "Look" | "Work";

/** What the marking keys are about: B, Delete, digits, arrows up and down, nudging. */
export type Lane = "sections" | "grid" | "activity" | "passages";

export interface Command {
  readonly id: string;
  /** Chords such as `Shift+B`, `Ctrl+ArrowLeft`, `Space`, `?`; any of them will do, the first is shown. */
  readonly keys: readonly string[];
  readonly title: string;
  readonly group: Group;
  /** The lanes in which the keys mean this; absent: in all. */
  readonly lanes?: readonly Lane[];
  /** Whether a key that is held down does it again and again. */
  readonly repeats?: boolean;
  /** Whether the key counts while a text is typed. */
  readonly whileTyping?: boolean;
  run(editor: Editor): void;
  /** When the key is let go. */
  release?(editor: Editor): void;
  enabled(editor: Editor): boolean;
}
