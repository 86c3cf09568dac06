/** Commands for the grid. Marking keys mean the grid while its tools are open. */

import type { Command, Editor, Lane } from "./commands.ts";
import type { Segment } from "./grid.ts";
import * as edit from "./regrid.ts";
import { FINE_S } from "./snap.ts";
import { adopted } from "./suggest.ts";

const GRID: readonly Lane[] = ["grid"];
const always = (): boolean => true;
const hasGrid = ({ session }: Editor): boolean => !session.grid.empty;

export const gridding: readonly Command[] = [
  { id: "tap", keys: ["T"], title: "tap the tempo", group: "Grid", enabled: always, run: tap },
  { id: "downbeat", keys: ["D"], title: "downbeat here", group: "Grid", enabled: always, run: setDownbeat },
  { id: "grid", keys: ["G"], title: "grid tools", group: "Grid", enabled: always, run: toggleTools },
  { id: "grid.accept", keys: ["A", "Shift+A"], title: "accept the suggested grid", group: "Grid", lanes: GRID, enabled: ({ session }) => !!session.suggestion?.grid && !session.document.grid, run: ({ session }) => void session.edit("accept the grid", (document) => adopted(document, session.suggestion, "grid")) },
  { id: "grid.bpm", keys: ["Enter"], title: "type the tempo", group: "Grid", lanes: GRID, enabled: always, run: askBpm },
  { id: "grid.halve", keys: ["H"], title: "half the tempo", group: "Grid", lanes: GRID, enabled: hasGrid, run: (editor) => change(editor, "half the tempo", edit.halve) },
  { id: "grid.double", keys: ["J"], title: "double the tempo", group: "Grid", lanes: GRID, enabled: hasGrid, run: (editor) => change(editor, "double the tempo", edit.double) },
  { id: "grid.back", keys: [","], title: "downbeats one beat earlier", group: "Grid", lanes: GRID, repeats: true, enabled: hasGrid, run: (editor) => change(editor, "downbeats one beat earlier", (segments, time) => edit.shiftBeats(segments, time, -1)) },
  { id: "grid.on", keys: ["."], title: "downbeats one beat later", group: "Grid", lanes: GRID, repeats: true, enabled: hasGrid, run: (editor) => change(editor, "downbeats one beat later", (segments, time) => edit.shiftBeats(segments, time, 1)) },
  { id: "grid.back.fine", keys: ["Alt+,"], title: "grid 10 ms earlier", group: "Grid", lanes: GRID, repeats: true, enabled: hasGrid, run: (editor) => shiftGrid(editor, -FINE_S) },
  { id: "grid.on.fine", keys: ["Alt+."], title: "grid 10 ms later", group: "Grid", lanes: GRID, repeats: true, enabled: hasGrid, run: (editor) => shiftGrid(editor, FINE_S) },
  { id: "grid.align", keys: ["E"], title: "align: the nearest beat moves exactly here", group: "Grid", lanes: GRID, enabled: hasGrid, run: (editor) => change(editor, "align the grid", edit.align) },
  { id: "grid.from", keys: ["B", "Shift+D"], title: "re-grid from here on", group: "Grid", lanes: GRID, enabled: hasGrid, run: regrid },
  { id: "grid.remove", keys: ["Shift+B", "Delete", "Backspace"], title: "remove this tempo change", group: "Grid", lanes: GRID, enabled: hasGrid, run: (editor) => change(editor, "remove the tempo change", edit.removeFrom) },
  { id: "grid.stop", keys: ["O"], title: "beats stop here, or go on again", group: "Grid", lanes: GRID, enabled: hasGrid, run: (editor) => change(editor, "stop the beats", (segments, time) => edit.stopAt(segments, time)) },
  { id: "grid.extend", keys: ["I"], title: "beats from the start of the recording", group: "Grid", lanes: GRID, enabled: hasGrid, run: (editor) => change(editor, "beats from the start", edit.extendToStart) },
  ...[2, 3, 4, 5, 6, 7].map((count): Command => ({ id: `grid.meter.${count}`, keys: [String(count)], title: `${count} beats in a bar`, group: "Grid", lanes: GRID, enabled: hasGrid, run: (editor) => change(editor, `${count} beats in a bar`, (segments, time) => edit.setBeatsPerBar(segments, time, count)) })),
];

/** Another tempo for the part of the grid under the playhead; without a grid, one with a downbeat there. */
export function setBpm(editor: Editor, bpm: number): void {
  const { session, deck } = editor;
  const key = "bpm";
  if (hasGrid(editor)) change(editor, `${shown(bpm)} BPM`, (segments, time) => edit.setBpm(segments, time, bpm), key);
  else session.edit(`${shown(bpm)} BPM`, (document) => ({ ...document, grid: edit.gridAt(deck.time, bpm) }), key);
}

/** All beats earlier or later, by seconds; shifts shortly after each other are one step. */
export function shiftGrid(editor: Editor, seconds: number): void {
  const name = `grid ${shown(Math.abs(seconds) * 1000)} ms ${seconds < 0 ? "earlier" : "later"}`;
  change(editor, name, (segments, time) => edit.shiftBy(segments, time, seconds), "shift grid");
}

/** A tap at the playhead while it plays, else by real time; from the third on the grid follows. */
export function tap({ session, deck }: Editor): void {
  const fit = deck.playing ? session.tapper.tap(deck.time) : session.tapper.tap();
  if (!fit || fit.taps < 3) return session.say(fit ? "tap on" : "tap on: the first tap is a downbeat");
  // Real time tells a tempo, not where the beats are: the grid's own downbeat stays; without a grid, the playhead is one.
  const { segments } = session.grid;
  const grid = deck.playing || !segments.length ? edit.fromTaps(segments, deck.playing ? fit : { ...fit, first: deck.time }) : edit.setBpm(segments, deck.time, fit.rounded);
  // Taps are one step, however long one taps: the next begins where the tapper begins anew.
  if (fit.taps === 3) session.history.seal();
  session.edit(`tap ${shown(fit.rounded)} BPM`, (document) => ({ ...document, grid }), "tap", Infinity);
  session.say(`${shown(fit.rounded)} BPM${fit.error === null ? "" : ` ± ${shown(fit.error)}`}, ${fit.taps} taps`);
}

// --- private ---------------------------------------------------------------------------------------

const shown = (value: number): string => String(Math.round(value * 100) / 100);

/** An edit of the grid at the playhead; it begins with the suggested grid where there is none yet. */
function change({ session, deck }: Editor, name: string, how: (segments: readonly Segment[], time: number) => Segment[], key: string | null = null): void {
  session.edit(name, (document) => ({ ...document, grid: how(document.grid ?? session.grid.segments, deck.time) }), key);
}

function setDownbeat(editor: Editor): void {
  const { session, deck } = editor;
  // Snapped: the beat under the playhead begins a bar. Not snapped: the grid moves, so that one begins exactly here.
  const time = session.snap === "off" ? deck.time : (session.grid.nearest(deck.time, "beat")?.time ?? deck.time);
  change(editor, `downbeat at ${session.place(time)}`, (segments) => edit.setDownbeat(segments, time));
}

function regrid(editor: Editor): void {
  const { session, deck } = editor;
  const time = session.snapped(deck.time);
  change(editor, `re-grid from ${session.place(time)}`, (segments) => edit.regridFrom(segments, time));
}

function askBpm(editor: Editor): void {
  const { session, deck, shell } = editor;
  const now = session.grid.empty ? "" : shown(edit.bpmAt(session.grid.segments, deck.time));
  shell.ask("Tempo in BPM", now, (text) => setBpm(editor, Number(text.trim().replace(",", "."))));
}

function toggleTools({ session, shell }: Editor): void {
  const wasOpen = shell.isOpen("grid");
  shell.toggle("grid");
  session.lane = wasOpen ? "sections" : "grid";
}
