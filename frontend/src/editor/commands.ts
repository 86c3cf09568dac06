/** ONE table of what can be done: keys, help sheet, palette, tooltips and tests read it. */

import { gridding } from "./gridding.ts";
import { marking } from "./marking.ts";
import { playing } from "./playing.ts";
import type { Session } from "./session.ts";
import { speaking } from "./speaking.ts";
import { working } from "./working.ts";

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

/** In the order of the help sheet. */
export const GROUPS = ["Sound", "Go to", "Mark", "Label", "Suggestion", "Grid", "Speech", "Notes", "Look", "Work"] as const;

export type Group = (typeof GROUPS)[number];

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
  /** What it is called now, where that depends on the lane: the label of a digit. */
  named?(editor: Editor): string;
  run(editor: Editor): void;
  /** When the key is let go. */
  release?(editor: Editor): void;
  enabled(editor: Editor): boolean;
}

export const COMMANDS: readonly Command[] = [...playing, ...marking, ...gridding, ...speaking, ...working];

const BY_ID = new Map(COMMANDS.map((command) => [command.id, command]));

export function commandNamed(id: string): Command {
  const command = BY_ID.get(id);
  if (!command) throw new Error(`there is no command ${id}`);
  return command;
}

/** The commands that mean something in a lane. */
export const commandsIn = (lane: Lane): Command[] => COMMANDS.filter((command) => !command.lanes || command.lanes.includes(lane));

// --- keys ------------------------------------------------------------------------------------------

export type KeyPress = Pick<KeyboardEvent, "key" | "code" | "shiftKey" | "ctrlKey" | "metaKey" | "altKey" | "repeat">;

const NAMED: Readonly<Record<string, string>> = { " ": "Space", Spacebar: "Space", Del: "Delete", "−": "-" };
const BY_CODE: Readonly<Record<string, string>> = { Comma: ",", Period: ".", Slash: "/", BracketLeft: "[", BracketRight: "]", Minus: "-", Equal: "=" };

/**
 * A key press as it stands in the table. Letters and named keys are told apart by Shift; for signs and digits, Shift is
 * part of how they are typed. Cmd is Ctrl. Where the keyboard writes no Latin letters, or Alt makes others of them, the
 * place of the key counts.
 */
export function chordOf(press: KeyPress): string {
  // Filling in a form sends presses of no key.
  const raw = NAMED[press.key] ?? press.key ?? "";
  const isSign = raw.length === 1;
  // AltGr is how some keyboards write signs; browsers report it as Ctrl and Alt.
  const isTyped = isSign && press.ctrlKey && press.altKey && !/[a-z0-9]/i.test(raw);
  const isForeign = isSign && (raw.charCodeAt(0) > 126 || press.altKey) && !isTyped;
  const placed = isForeign ? (/^(?:Key|Digit)(.)$/.exec(press.code)?.[1] ?? BY_CODE[press.code] ?? raw) : raw;
  const key = placed.length === 1 ? placed.toUpperCase() : placed;
  const counts = key.length > 1 || /[A-Z]/.test(key);
  const held = [(press.ctrlKey || press.metaKey) && !isTyped && "Ctrl", press.altKey && !isTyped && "Alt", press.shiftKey && counts && "Shift"];
  return [...held.filter(Boolean), key].join("+");
}

/** What a key press means, or null. */
export function commandFor(press: KeyPress, lane: Lane, typing = false): Command | null {
  const chord = chordOf(press);
  const found = commandsIn(lane).find((command) => command.keys.includes(chord) && (!typing || command.whileTyping));
  return found ?? null;
}

/** Does what a key press means; the command, or null where it means nothing here and belongs to the page. */
export function press(event: KeyPress, editor: Editor, typing = false): Command | null {
  const command = commandFor(event, editor.session.lane, typing);
  if (command && (!event.repeat || command.repeats) && command.enabled(editor)) command.run(editor);
  return command;
}

/** A key is let go; modifiers may have been let go before it. */
export function release({ key, code, repeat }: KeyPress, editor: Editor): Command | null {
  const command = commandFor({ key, code, repeat, shiftKey: false, ctrlKey: false, metaKey: false, altKey: false }, editor.session.lane);
  if (!command?.release) return null;
  command.release(editor);
  return command;
}

const SIGNS: Readonly<Record<string, string>> = { ArrowLeft: "←", ArrowRight: "→", ArrowUp: "↑", ArrowDown: "↓", Escape: "Esc", "-": "−", Delete: "Del", Insert: "Ins" };

/** A chord as people read it: `Ctrl ←`. */
export const shownKey = (chord: string): string => chord.split(/\+(?=.)/).map((key) => SIGNS[key] ?? key).join(" ");

/** All chords of a command, for the help sheet: `↑ or [`. */
export const shownKeys = (command: Command): string => command.keys.map(shownKey).join(" or ");

/** `boundary here (B)`, for a button's tooltip. */
export function tooltip(id: string): string {
  const command = commandNamed(id);
  return command.keys.length ? `${command.title} (${shownKey(command.keys[0]!)})` : command.title;
}

/** The help sheet: groups in order, each with its commands. */
export function helpSheet(lane?: Lane): { group: Group; commands: Command[] }[] {
  const all = lane ? commandsIn(lane) : COMMANDS;
  return GROUPS.map((group) => ({ group, commands: all.filter((command) => command.group === group) })).filter(({ commands }) => commands.length > 0);
}
