/** Commands for what is said: words, passages, and what was judged of them. */

import type { Choice, Command, Editor, Lane } from "./commands.ts";
import type { Category, Document, Passage } from "./document.ts";
import { CANNOT_TELL, FLAGGED, judge as judged, judgeSafety as judgedSafety } from "./judging.ts";
import * as edit from "./speech.ts";
import { adopted } from "./suggest.ts";
import { boundaryBeyond } from "./tiles.ts";

const SPEECH: readonly Lane[] = ["passages"];
const STEP_S = 0.05;
const FINE_S = 0.01;
/** How long a word takes that nobody has timed. */
const WORD_S = 0.4;
const always = (): boolean => true;

export const speaking: readonly Command[] = [
  { id: "speech", keys: ["W"], title: "words: read and correct what is said", group: "Speech", enabled: hasPassages, run: togglePane },
  { id: "speech.accept", keys: ["A", "Shift+A"], title: "accept the suggested words and passages", group: "Speech", lanes: SPEECH, enabled: ({ session }) => !!session.suggestion?.passages && !session.document.passages, run: ({ session }) => void session.edit("accept words and passages", (document) => adopted(document, session.suggestion, "words", "passages")) },
  { id: "word.previous", keys: ["H"], title: "previous word", group: "Speech", lanes: SPEECH, repeats: true, enabled: hasPassages, run: (editor) => step(editor, -1) },
  { id: "word.next", keys: ["J"], title: "next word", group: "Speech", lanes: SPEECH, repeats: true, enabled: hasPassages, run: (editor) => step(editor, 1) },
  { id: "word.correct", keys: ["E", "Enter"], title: "correct the word", group: "Speech", lanes: SPEECH, enabled: hasPassages, run: correct },
  { id: "passage.retype", keys: ["Shift+E"], title: "correct the whole passage", group: "Speech", lanes: SPEECH, enabled: hasPassages, run: retype },
  { id: "word.insert", keys: ["Insert", "Shift+I"], title: "insert a word after this one", group: "Speech", lanes: SPEECH, enabled: hasPassages, run: insert },
  { id: "word.delete", keys: ["Delete", "Backspace"], title: "delete the word", group: "Speech", lanes: SPEECH, enabled: hasPassages, run: (editor) => withWord(editor, "delete", edit.deleteWord) },
  { id: "word.start", keys: ["I"], title: "the word, or else the passage, begins at the playhead", group: "Speech", lanes: SPEECH, enabled: hasPassages, run: (editor) => toPlayhead(editor, "start") },
  { id: "word.end", keys: ["O"], title: "the word, or else the passage, ends at the playhead", group: "Speech", lanes: SPEECH, enabled: hasPassages, run: (editor) => toPlayhead(editor, "end") },
  { id: "speech.back", keys: [","], title: "the word, or else the passage, 50 ms earlier", group: "Speech", lanes: SPEECH, repeats: true, enabled: hasPassages, run: (editor) => shift(editor, -STEP_S) },
  { id: "speech.on", keys: ["."], title: "the word, or else the passage, 50 ms later", group: "Speech", lanes: SPEECH, repeats: true, enabled: hasPassages, run: (editor) => shift(editor, STEP_S) },
  { id: "speech.back.fine", keys: ["Alt+,"], title: "the word, or else the passage, 10 ms earlier", group: "Speech", lanes: SPEECH, repeats: true, enabled: hasPassages, run: (editor) => shift(editor, -FINE_S) },
  { id: "speech.on.fine", keys: ["Alt+."], title: "the word, or else the passage, 10 ms later", group: "Speech", lanes: SPEECH, repeats: true, enabled: hasPassages, run: (editor) => shift(editor, FINE_S) },
  { id: "passage.split", keys: ["S"], title: "split the passage before the word", group: "Speech", lanes: SPEECH, enabled: hasPassages, run: split },
  { id: "passage.merge", keys: ["M"], title: "merge with the previous passage", group: "Speech", lanes: SPEECH, enabled: hasPassages, run: merge },
  { id: "passage.give.back", keys: ["Shift+M"], title: "give the first word to the previous passage", group: "Speech", lanes: SPEECH, enabled: hasPassages, run: (editor) => withPassage(editor, "give a word back", (document, passage) => edit.giveWords(document, passage, -1)) },
  { id: "passage.give.on", keys: ["Shift+O"], title: "give the last word to the next passage", group: "Speech", lanes: SPEECH, enabled: hasPassages, run: (editor) => withPassage(editor, "give a word on", (document, passage) => edit.giveWords(document, passage, 1)) },
  { id: "passage.add", keys: ["B"], title: "a passage from the playhead on", group: "Speech", lanes: SPEECH, enabled: always, run: add },
  { id: "passage.remove", keys: ["Shift+B", "Shift+Delete"], title: "remove the passage: nobody speaks here", group: "Speech", lanes: SPEECH, enabled: hasPassages, run: (editor) => withPassage(editor, "remove the passage", edit.removePassage) },
  { id: "topic", keys: ["1"], title: "topic of the passage, or of all selected", group: "Speech", lanes: SPEECH, enabled: hasPassages, run: (editor) => judge(editor, "topic", editor.session.vocabulary.topics) },
  { id: "tone", keys: ["2"], title: "tone of the passage, or of all selected", group: "Speech", lanes: SPEECH, enabled: hasPassages, run: (editor) => judge(editor, "tone", editor.session.vocabulary.tones) },
  { id: "safety", keys: ["3"], title: "whether it is safe to broadcast", group: "Speech", lanes: SPEECH, enabled: hasPassages, run: judgeSafety },
  { id: "speaker", keys: ["4"], title: "who speaks", group: "Speech", lanes: SPEECH, enabled: hasPassages, run: askSpeaker },
];

/** Selects a word, and goes there unless the sound plays. */
export function selectWord({ session, deck }: Editor, passage: number, word: number): void {
  session.lane = "passages";
  session.select({ items: [passage], word, held: false });
  const there = passagesOf(session)[passage]?.words[word];
  if (there && !deck.playing) deck.seek(there.start);
  if (there) session.say(`${there.text}, ${session.place(there.start)}`);
}

/** A word gets another text; the pane calls it after typing, too. */
export function correctWord({ session }: Editor, passage: number, word: number, text: string): void {
  session.edit(`correct ${passagesOf(session)[passage]?.words[word]?.text ?? "a word"}`, (document) => edit.correctWord(begun(session, document), passage, word, { text }));
}

/** A passage gets another text. */
export function retypePassage({ session }: Editor, passage: number, text: string): void {
  session.edit("correct the passage", (document) => edit.retype(begun(session, document), passage, text));
}

// --- private ---------------------------------------------------------------------------------------

type Session = Editor["session"];

/** Words and passages are edited from what the model heard on. */
const begun = (session: Session, document: Document): Document => adopted(document, session.suggestion, "words", "passages");

const passagesOf = (session: Session): readonly Passage[] => session.document.passages ?? session.suggestion?.passages ?? [];

function hasPassages({ session }: Editor): boolean {
  return passagesOf(session).length > 0;
}

/** The passage that is meant, and the word of it. */
function meant({ session, deck }: Editor): { passage: number; word: number | null } | null {
  const [passage] = session.targets(deck.time);
  if (passage === undefined) {
    session.say("Nobody speaks here: ↑ and ↓ go to a passage");
    return null;
  }
  const { items, word } = session.selection;
  const isThere = word !== null && items.includes(passage) && word < (passagesOf(session)[passage]?.words.length ?? 0);
  return { passage, word: isThere ? word : null };
}

/** As `meant`, with the word under the playhead where none is selected. */
function meantWord(editor: Editor): { passage: number; word: number } | null {
  const at = meant(editor);
  if (!at) return null;
  const passage = passagesOf(editor.session)[at.passage];
  const word = at.word ?? (passage && edit.wordAt(passage, editor.deck.time));
  return word == null ? null : { passage: at.passage, word };
}

/** The passage that was edited, null where none was. */
function withPassage(editor: Editor, name: string, how: (document: Document, passage: number) => Document): number | null {
  const at = meant(editor);
  return at && editor.session.edit(name, (document) => how(begun(editor.session, document), at.passage)) ? at.passage : null;
}

function merge(editor: Editor): void {
  const passage = withPassage(editor, "merge passages", edit.mergePassage);
  if (passage !== null) keepSaid(editor.session, { items: [passage - 1] });
}

/** What was edited is selected, and what was said of it stays said. */
function keepSaid(session: Session, selection: Parameters<Session["select"]>[0]): void {
  const { said } = session;
  session.select(selection);
  session.say(said);
}

function withWord(editor: Editor, name: string, how: (document: Document, passage: number, word: number) => Document, key: string | null = null): void {
  const at = meantWord(editor);
  if (!at) return;
  const text = passagesOf(editor.session)[at.passage]!.words[at.word]!.text;
  editor.session.edit(`${name} ${text}`, (document) => how(begun(editor.session, document), at.passage, at.word), key);
}

function step(editor: Editor, way: -1 | 1): void {
  const { session, deck } = editor;
  const all = passagesOf(session);
  const at = meant(editor);
  if (!at) return;
  const words = all[at.passage]!.words;
  const here = at.word ?? edit.wordAt(all[at.passage]!, deck.time) ?? 0;
  const next = at.word === null && way > 0 && words[here] && deck.time <= words[here].start ? here : here + way;
  if (next >= 0 && next < words.length) return selectWord(editor, at.passage, next);
  const other = all[at.passage + way];
  if (other?.words.length) selectWord(editor, at.passage + way, way > 0 ? 0 : other.words.length - 1);
  else session.say(way > 0 ? "No word after this one" : "No word before this one");
}

function correct(editor: Editor): void {
  const at = meantWord(editor);
  if (!at) return;
  const { text } = passagesOf(editor.session)[at.passage]!.words[at.word]!;
  editor.shell.ask("The word", text, (typed) => correctWord(editor, at.passage, at.word, typed));
}

function retype(editor: Editor): void {
  const at = meant(editor);
  if (at) editor.shell.ask("What is said", passagesOf(editor.session)[at.passage]!.text, (typed) => retypePassage(editor, at.passage, typed));
}

function insert(editor: Editor): void {
  const at = meantWord(editor);
  if (!at) return;
  editor.shell.ask("The word after it", "", (typed) => {
    const { session } = editor;
    if (!session.edit(`insert ${typed}`, (document) => edit.insertWord(begun(session, document), at.passage, at.word + 1, typed))) return;
    keepSaid(session, { items: [at.passage], word: at.word + 1 });
  });
}

function toPlayhead(editor: Editor, side: "start" | "end"): void {
  const at = meant(editor);
  if (!at) return;
  const { session, deck } = editor;
  const { passage, word } = at;
  const name = `${word === null ? "passage" : "word"} ${side}s at ${session.place(deck.time)}`;
  session.edit(name, (document) => (word === null ? edit.moveEdge(begun(session, document), passage, side, deck.time) : edit.correctWord(begun(session, document), passage, word, { [side]: deck.time })));
}

function shift(editor: Editor, seconds: number): void {
  const at = meant(editor);
  if (!at) return;
  const { session } = editor;
  const { passage, word } = at;
  const by = (document: Document): Document => {
    const now = begun(session, document);
    const old = word === null ? undefined : now.passages![passage]?.words[word];
    if (word === null || !old) return edit.movePassage(now, passage, seconds);
    return edit.correctWord(now, passage, word, { start: old.start + seconds, end: old.end + seconds });
  };
  session.edit(`${word === null ? "passage" : "word"} ${seconds < 0 ? "earlier" : "later"}`, by, `shift ${passage} ${word}`);
}

function split(editor: Editor): void {
  const at = meant(editor);
  if (!at) return;
  const { session, deck } = editor;
  const word = at.word ?? edit.wordFrom(passagesOf(session)[at.passage]!, deck.time);
  if (!session.edit("split the passage", (document) => edit.splitPassage(begun(session, document), at.passage, word))) return;
  keepSaid(session, { items: [at.passage + 1], word: 0 });
}

function add(editor: Editor): void {
  const { session, deck, shell } = editor;
  const start = deck.time;
  shell.ask("What is said here", "", (typed) => {
    const all = passagesOf(session);
    const next = boundaryBeyond(all, start, 1);
    const room = (next === null ? session.document.duration : all[next]!.start) - start;
    const length = Math.min(room, WORD_S * typed.split(/\s+/).filter(Boolean).length);
    session.edit("add a passage", (document) => edit.addPassage(begun(session, document), start, start + length, typed));
  });
}

const UNTOLD: Choice = { value: "", title: CANNOT_TELL };

function judge({ session, deck, shell }: Editor, about: "topic" | "tone", labels: readonly string[]): void {
  const targets = session.targets(deck.time);
  if (!targets.length) return session.say("Nobody speaks here: ↑ and ↓ go to a passage");
  const choices = [...labels.map((label) => ({ value: label, title: label })), UNTOLD];
  shell.choose(about === "topic" ? "Topic" : "Tone", choices, (value) => {
    session.edit(`${about} ${value || CANNOT_TELL}`, (document) => judged(begun(session, document), targets, about, value || null));
  });
}

function judgeSafety({ session, deck, shell }: Editor): void {
  const targets = session.targets(deck.time);
  if (!targets.length) return session.say("Nobody speaks here: ↑ and ↓ go to a passage");
  const keep = (name: string, verdict: Parameters<typeof judgedSafety>[2]): void => {
    session.edit(`safety ${name}`, (document) => judgedSafety(begun(session, document), targets, verdict));
  };
  const written = (category: string): string => category.replace("_", " ");
  const categories = session.vocabulary.safety.map((value) => ({ value, title: `${written(value)} …` }));
  shell.choose("Safe to broadcast?", [{ value: "clear", title: "clear" }, ...categories, UNTOLD], (value) => {
    if (value === "") return keep(CANNOT_TELL, null);
    if (value === "clear") return keep("clear", "clear");
    const grades = Array.from({ length: 8 }, (_, severity) => ({ value: String(severity), title: `${severity}${severity >= FLAGGED ? ", flagged" : severity === 0 ? ", none" : ""}` }));
    shell.choose(`How grave is ${written(value)}, 0 to 7?`, grades, (grade) => keep(`${written(value)} ${grade}`, { category: value as Category, severity: Number(grade) }));
  });
}

function askSpeaker(editor: Editor): void {
  const { session, shell } = editor;
  const at = meant(editor);
  if (!at) return;
  const now = passagesOf(session)[at.passage]!;
  const old = at.word === null ? now.speaker : (now.words[at.word]?.speaker ?? now.speaker);
  shell.ask(at.word === null ? "Who speaks in this passage" : "Who says this word", old ?? "", (typed) => {
    const speaker = typed.trim() || null;
    session.edit(`speaker ${speaker ?? "not told"}`, (document) => {
      const document_ = begun(session, document);
      return at.word === null ? edit.setSpeaker(document_, at.passage, speaker) : edit.correctWord(document_, at.passage, at.word, { speaker });
    });
  });
}

function togglePane({ session, shell }: Editor): void {
  const wasOpen = shell.isOpen("speech");
  shell.toggle("speech");
  session.lane = wasOpen ? "sections" : "passages";
}
