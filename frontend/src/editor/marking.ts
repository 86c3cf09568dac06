/** Commands for boundaries, labels, what is selected, and suggestions: in the lanes whose parts tile the recording. */

import type { Command, Editor, Lane } from "./commands.ts";
import type { Document, Section, Span } from "./document.ts";
import * as edit from "./sections.ts";
import { nextSnap, nudged } from "./snap.ts";
import { acceptAll, acceptSuggestion, adopted, rejectAll, rejectSuggestion } from "./suggest.ts";
import { boundaryBeyond, spanWith, tileAt } from "./tiles.ts";

const TILED: readonly Lane[] = ["sections", "activity"];
const always = (): boolean => true;
const hasSuggestion = ({ session }: Editor): boolean => session.suggested.length > 0;

export const marking: readonly Command[] = [
  { id: "boundary.add", keys: ["B"], title: "boundary at the playhead, snapped", group: "Mark", lanes: TILED, enabled: always, run: (editor) => divide(editor, edit.addBoundary, "boundary") },
  { id: "boundary.remove", keys: ["Shift+B", "Delete", "Backspace"], title: "remove the boundary selected or under the playhead", group: "Mark", lanes: TILED, enabled: always, run: removeBoundary },
  { id: "split", keys: ["S"], title: "split here, both under the same label", group: "Mark", lanes: TILED, enabled: always, run: (editor) => divide(editor, edit.split, "split") },
  { id: "merge", keys: ["M"], title: "merge with the previous, or all that is selected", group: "Mark", lanes: TILED, enabled: always, run: merge },
  { id: "nudge.back", keys: [","], title: "move the boundary one step of the grid back", group: "Mark", lanes: TILED, repeats: true, enabled: always, run: (editor) => nudge(editor, -1, false) },
  { id: "nudge.on", keys: ["."], title: "move the boundary one step of the grid on", group: "Mark", lanes: TILED, repeats: true, enabled: always, run: (editor) => nudge(editor, 1, false) },
  { id: "nudge.back.fine", keys: ["Alt+,"], title: "move the boundary 10 ms back", group: "Mark", lanes: TILED, repeats: true, enabled: always, run: (editor) => nudge(editor, -1, true) },
  { id: "nudge.on.fine", keys: ["Alt+."], title: "move the boundary 10 ms on", group: "Mark", lanes: TILED, repeats: true, enabled: always, run: (editor) => nudge(editor, 1, true) },
  { id: "snap", keys: ["Q"], title: "snap to the bar, to nothing, to the beat", group: "Mark", enabled: always, run: ({ session }) => void (session.snap = nextSnap(session.snap)) },

  { id: "boundary.previous", keys: ["ArrowUp", "["], title: "previous boundary", group: "Go to", repeats: true, enabled: always, run: (editor) => walk(editor, -1) },
  { id: "boundary.next", keys: ["ArrowDown", "]"], title: "next boundary", group: "Go to", repeats: true, enabled: always, run: (editor) => walk(editor, 1) },

  ...[1, 2, 3, 4, 5, 6, 7].map(label),
  { id: "select", keys: ["Enter"], title: "select this one too, or no more", group: "Label", lanes: TILED, enabled: always, run: ({ session, deck }) => session.toggle(tileAt(session.items, deck.time)) },
  { id: "select.previous", keys: ["Shift+ArrowUp"], title: "select the previous one too", group: "Label", repeats: true, enabled: always, run: (editor) => extend(editor, -1) },
  { id: "select.next", keys: ["Shift+ArrowDown"], title: "select the next one too", group: "Label", repeats: true, enabled: always, run: (editor) => extend(editor, 1) },
  { id: "select.alike", keys: ["Shift+L"], title: "select all with this label", group: "Label", enabled: always, run: selectAlike },
  { id: "select.all", keys: ["Ctrl+A"], title: "select all", group: "Label", enabled: always, run: ({ session }) => session.select({ items: session.items.map((_, index) => index), held: true }) },

  { id: "accept", keys: ["A"], title: "accept the suggestion here", group: "Suggestion", lanes: ["sections"], enabled: hasSuggestion, run: (editor) => here(editor, "accept", acceptSuggestion) },
  { id: "accept.all", keys: ["Shift+A"], title: "accept all that was not rejected, and the grid where there is none", group: "Suggestion", lanes: ["sections"], enabled: hasSuggestion, run: acceptEverything },
  { id: "reject", keys: ["X"], title: "reject the suggestion here", group: "Suggestion", lanes: ["sections"], enabled: hasSuggestion, run: (editor) => here(editor, "reject", rejectSuggestion) },
  { id: "reject.all", keys: ["Shift+X"], title: "reject all that was not accepted", group: "Suggestion", lanes: ["sections"], enabled: hasSuggestion, run: ({ session }) => void session.edit("reject all", (document) => rejectAll(document, session.suggested)) },
  { id: "accept.activity", keys: ["A", "Shift+A"], title: "accept the suggested activity", group: "Suggestion", lanes: ["activity"], enabled: ({ session }) => !!session.suggestion?.activity && !session.document.activity, run: ({ session }) => void session.edit("accept activity", (document) => adopted(document, session.suggestion, "activity")) },
];

/** A boundary is taken hold of: it is what the keys are about, and the playhead goes there, unless it plays. */
export function take({ session, deck }: Editor, index: number): void {
  session.lane = laneOf(session.lane);
  session.select({ items: [index], boundary: index });
  const there = session.items[index];
  if (there && !deck.playing) deck.seek(there.start);
}

/** The boundary before `index`, wherever it is dragged: one step of the history until `drop` is called. */
export function drag({ session }: Editor, index: number, time: number, isFree: boolean): void {
  const lane = laneOf(session.lane);
  const to = isFree ? time : session.snapped(time);
  session.edit("move boundary", (document) => edit.moveBoundary(begun(session, document), index, to, lane), `drag ${lane} ${index}`, Infinity);
}

/** A drag is over: the next is a step of its own. */
export function drop(editor: Editor, index: number): void {
  const { session } = editor;
  session.history.seal();
  take(editor, index);
  session.say(`boundary at ${session.place(session.items[index]?.start ?? 0)}`);
}

/** The sections named by `indices` (by default those that are meant) get a label; menus and keys call it. */
export function relabel({ session, deck }: Editor, label: string, indices: readonly number[] = session.targets(deck.time)): void {
  const lane = laneOf(session.lane);
  const many = indices.length > 1 ? ` ${indices.length}` : "";
  session.edit(`label${many} ${label}`, (document) => edit.relabel(begun(session, document), indices, label, lane));
}

/** Moves a boundary by a step of the grid or 10 ms; the playhead goes with it, unless it plays. */
export function nudge(editor: Editor, way: -1 | 1, fine: boolean, index: number | null = editor.session.boundary(editor.deck.time)): void {
  const { session, deck } = editor;
  session.lane = laneOf(session.lane);
  const boundary = index !== null ? session.items[index] : undefined;
  if (index === null || index < 1 || !boundary) return session.say("No boundary here: ↑ and ↓ go to one");
  const to = nudged(boundary.start, way, session.grid, session.snap, fine);
  const lane = laneOf(session.lane);
  const { items, held } = session.selection;
  if (!session.edit("nudge boundary", (document) => edit.moveBoundary(begun(session, document), index, to, lane), `nudge ${lane} ${index}`)) return;
  session.select({ items: held && items.length ? items : [index], boundary: index, held });
  const now = session.items[index]!.start;
  if (!deck.playing) deck.seek(now);
  session.say(`boundary at ${session.place(now)}`);
}

// --- private ---------------------------------------------------------------------------------------

const laneOf = (lane: Lane): edit.Tiled => (lane === "activity" ? "activity" : "sections");

/** Editing activity begins with what the model found. */
const begun = (session: Editor["session"], document: Document): Document => (session.lane === "activity" ? adopted(document, session.suggestion, "activity") : document);

function divide({ session, deck }: Editor, how: (document: Document, time: number, lane: edit.Tiled) => Document, name: string): void {
  const time = session.snapped(deck.time);
  if (!session.edit(`${name} at ${session.place(time)}`, (document) => how(begun(session, document), time, laneOf(session.lane)))) return;
  const index = tileAt(session.items, time + 1e-6);
  const { said } = session;
  session.select({ items: [index], boundary: index });
  session.say(said);
}

function removeBoundary({ session, deck }: Editor): void {
  const index = session.boundary(deck.time);
  if (index === null) return session.say("No boundary here: ↑ and ↓ go to one");
  session.edit(`remove the boundary at ${session.place(session.items[index]!.start)}`, (document) => edit.removeBoundary(begun(session, document), index, laneOf(session.lane)));
}

function merge({ session, deck }: Editor): void {
  const targets = session.targets(deck.time);
  const [first, last] = [targets[0] ?? 0, targets.at(-1) ?? 0];
  const isRow = targets.length > 1 && last - first === targets.length - 1;
  if (targets.length > 1 && !isRow) return session.say("What is selected does not lie side by side");
  const from = isRow ? first : first - 1;
  session.edit("merge", (document) => edit.merge(begun(session, document), from, last, laneOf(session.lane)));
}

function walk({ session, deck }: Editor, way: -1 | 1): void {
  const { items, lane } = session;
  const index = items.length ? boundaryBeyond(items, deck.time, way) : null;
  const open = lane === "sections" ? session.suggested.filter((_, index) => session.standings[index] === "open").map(({ start }) => start) : [];
  const offered = open.filter((start) => (start - deck.time) * way > 1e-4);
  const suggested = way > 0 ? Math.min(...offered) : Math.max(...offered);
  const own = index === null ? way * Infinity : items[index]!.start;
  const to = way > 0 ? Math.min(own, suggested) : Math.max(own, suggested);
  if (!Number.isFinite(to)) return session.say(way > 0 ? "No boundary after this one" : "No boundary before this one");
  deck.seek(to);
  const { held, items: chosen } = session.selection;
  const isOwn = index !== null && to === own;
  const boundary = isOwn && index > 0 ? index : null;
  if (held && chosen.length) session.select({ items: chosen, boundary, held });
  else session.select(isOwn ? { items: [index], boundary } : {});
  session.say(isOwn ? session.described(index) : `suggested ${session.suggested[spanWith(session.suggested, to)]?.label ?? "boundary"}, ${session.place(to)}`);
}

function label(number: number): Command {
  const named = ({ session }: Editor): string => session.vocabulary[laneOf(session.lane)][number - 1]?.label ?? "";
  return {
    id: `label.${number}`, keys: [String(number)], title: `label ${number}`, group: "Label", lanes: TILED, named,
    enabled: (editor) => named(editor) !== "",
    run: (editor) => relabel(editor, named(editor)),
  };
}

/** The selection grows by the next item, or shrinks from where it grew. */
function extend({ session, deck }: Editor, way: -1 | 1): void {
  const count = session.items.length;
  const targets = [...session.targets(deck.time)];
  if (!targets.length) return;
  const next = way < 0 ? targets[0]! - 1 : targets.at(-1)! + 1;
  session.select({ items: next < 0 || next >= count ? targets : [...targets, next], held: true });
}

function selectAlike({ session, deck }: Editor): void {
  const one = session.items[session.targets(deck.time)[0] ?? -1];
  if (!one) return;
  const kind = (item: Span): string => `${edit.isUnlabelled(item)} ${item.label ?? ""}`;
  session.select({ items: session.items.flatMap((item, index) => (kind(item) === kind(one) ? [index] : [])), held: true });
}

function here({ session, deck }: Editor, name: string, how: (document: Document, suggested: Section) => Document): void {
  const index = spanWith(session.suggested, deck.time);
  const suggested = session.suggested[index];
  if (!suggested) return session.say("Nothing is suggested here");
  session.edit(`${name} ${suggested.label}`, (document) => how(document, suggested));
}

function acceptEverything({ session }: Editor): void {
  session.edit("accept all", (document) => acceptAll(adopted(document, session.suggestion, "grid"), session.suggested));
}
