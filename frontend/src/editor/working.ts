/** Commands for undoing, saving, going on to another track, notes, and for what lies around the lanes. */

import type { Command, Editor } from "./commands.ts";
import type { Comment } from "./document.ts";
import * as edit from "./notes.ts";
import { LANES } from "./session.ts";

const always = (): boolean => true;

export const working: readonly Command[] = [
  { id: "flag", keys: ["F"], title: "flag this stretch for another look, or no more", group: "Notes", enabled: always, run: flag },
  { id: "comment", keys: ["Shift+F"], title: "comment on this stretch", group: "Notes", enabled: always, run: comment },
  { id: "comment.edit", keys: ["Ctrl+Enter"], title: "change the comment here", group: "Notes", enabled: onComment, run: editComment },
  { id: "comment.resolve", keys: ["Shift+C"], title: "the comment here is settled, or open again", group: "Notes", enabled: onComment, run: (editor) => withComment(editor, "settle the comment", edit.resolveComment) },
  { id: "comment.remove", keys: ["Ctrl+Delete"], title: "remove the comment here", group: "Notes", enabled: onComment, run: (editor) => withComment(editor, "remove the comment", edit.removeComment) },
  { id: "review", keys: ["Y"], title: "flag the whole track for review, or no more", group: "Notes", enabled: always, run: ({ session }) => void session.edit("flag the track for review", edit.toggleReview) },
  { id: "notes", keys: ["Shift+Y"], title: "notes on the whole track", group: "Notes", enabled: always, run: ({ session, shell }) => shell.ask("Notes on the track", session.document.notes ?? "", (text) => void session.edit("notes", (document) => edit.setNotes(document, text))) },
  { id: "verify", keys: ["U"], title: "I checked all of it: verified, or not any more", group: "Notes", enabled: always, run: ({ session }) => void session.edit("verified", (document) => edit.toggleVerified(document, session.author)) },

  { id: "lane.next", keys: ["V"], title: "what the marking keys are about: sections, grid, activity, speech", group: "Look", enabled: always, run: ({ session }) => void (session.lane = LANES[(LANES.indexOf(session.lane) + 1) % LANES.length]!) },
  { id: "help", keys: ["?"], title: "this sheet", group: "Look", enabled: always, run: ({ shell }) => shell.toggle("help") },
  { id: "palette", keys: ["/"], title: "search, commands", group: "Look", enabled: always, run: ({ shell }) => shell.toggle("palette") },
  { id: "close", keys: ["Escape"], title: "close, select nothing, stop the loop", group: "Look", whileTyping: true, enabled: always, run: close },

  { id: "undo", keys: ["Z", "Ctrl+Z"], title: "undo", group: "Work", repeats: true, enabled: always, run: ({ session }) => session.undo() },
  { id: "redo", keys: ["Shift+Z", "Ctrl+Shift+Z", "Ctrl+Y"], title: "redo", group: "Work", repeats: true, enabled: always, run: ({ session }) => session.redo() },
  { id: "save", keys: ["Ctrl+S"], title: "save as a revision", group: "Work", whileTyping: true, enabled: always, run: ({ shell }) => void shell.save() },
  { id: "next", keys: ["N"], title: "save and next track", group: "Work", enabled: always, run: (editor) => void leave(editor, "next") },
  { id: "previous", keys: ["P"], title: "save and previous track", group: "Work", enabled: always, run: (editor) => void leave(editor, "previous") },
  { id: "history", keys: ["Shift+H"], title: "revisions: look at one, restore it", group: "Work", enabled: always, run: ({ shell }) => shell.toggle("history") },
];

/** What is written about the items that are meant, or about where the playhead is. */
export function noted({ session, deck }: Editor, label: Comment["label"], text: string): Comment {
  const targets = session.targets(deck.time);
  const [first, last] = [session.items[targets[0] ?? -1], session.items[targets.at(-1) ?? -1]];
  const start = first?.start ?? Math.min(deck.time, session.document.duration - 1e-3);
  const end = last?.end ?? Math.min(start + 1, session.document.duration);
  return { start, end, label, text: text.trim(), author: session.author, time: session.now() };
}

function flag(editor: Editor): void {
  const said = noted(editor, "flag", "");
  editor.session.edit(`flag ${editor.session.place(said.start)}`, (document) => edit.toggleFlag(document, said));
}

function comment(editor: Editor): void {
  const about = noted(editor, "comment", "");
  editor.shell.ask(`Comment on ${editor.session.place(about.start)}`, "", (text) => {
    editor.session.edit("comment", (document) => edit.addComment(document, { ...about, text: text.trim(), time: editor.session.now() }));
  });
}

function onComment({ session, deck }: Editor): boolean {
  return edit.commentOn(session.document, deck.time) !== null;
}

function withComment({ session, deck }: Editor, name: string, how: (document: Editor["session"]["document"], index: number) => Editor["session"]["document"]): void {
  const index = edit.commentOn(session.document, deck.time);
  if (index !== null) session.edit(name, (document) => how(document, index));
}

function editComment(editor: Editor): void {
  const { session, deck, shell } = editor;
  const index = edit.commentOn(session.document, deck.time);
  if (index === null) return;
  shell.ask("The comment", session.document.comments![index]!.text, (text) => void session.edit("change the comment", (document) => edit.editComment(document, index, text)));
}

/** One thing at a time: what is open, what is selected, the loop. */
function close({ session, deck, shell }: Editor): void {
  if (shell.close()) {
    const panel = { grid: "grid", passages: "speech" } as const;
    const { lane } = session;
    if ((lane === "grid" || lane === "passages") && !shell.isOpen(panel[lane])) session.lane = "sections";
  } else if (session.selection.items.length || session.selection.boundary !== null) session.select({});
  else if (deck.looping) deck.loop(null);
  else session.lane = "sections";
}

/** Nothing is left behind: the other track is opened once this one is saved. */
async function leave({ shell }: Editor, to: "next" | "previous"): Promise<void> {
  if (await shell.save()) shell[to]();
}
