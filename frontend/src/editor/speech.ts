/**
 * Edits of what is said: words, passages, and what was judged of them. A passage's text follows its words, and the layer
 * of words follows the passages'. Each takes a document and gives another.
 */

import { Refused, type Document, type Passage, type Word } from "./document.ts";
import { tidy } from "./grid.ts";
import { agreed, bothSafeties, halved, PENDING, unjudged, unsure } from "./judging.ts";
import { spliced } from "./tiles.ts";

const SHORTEST_S = 0.01;
/** Languages written without spaces between words, as `edm_core.transcription.passages` has them. */
const UNSPACED = new Set(["zh", "yue", "ja", "th", "lo", "my", "km"]);

// --- words -----------------------------------------------------------------------------------------

/** Another text, other times (where it meets its neighbours, they give way), or another speaker (null: not told). */
export function correctWord(document: Document, passage: number, word: number, change: { text?: string; start?: number; end?: number; speaker?: string | null }): Document {
  const { words } = passageAt(document, passage);
  const old = words[word] ?? refuse("There is no such word");
  const [before, after, limits] = [words[word - 1], words[word + 1], room(document, passage)];
  const low = before ? Math.min(before.start + SHORTEST_S, old.start) : limits[0];
  const high = after ? Math.max(after.end - SHORTEST_S, old.end) : limits[1];
  const start = tidy(Math.min(Math.max(change.start ?? old.start, low), high - SHORTEST_S));
  const end = tidy(Math.max(Math.min(change.end ?? old.end, high), start + SHORTEST_S));
  const text = change.text === undefined ? old.text : oneWord(change.text);
  const probability = text === old.text ? old.probability : null; // the recogniser's was of its own word
  const others = words.with(word, speaking({ ...old, text, start, end, probability }, change.speaker));
  if (before && start < before.end && start < old.start) others[word - 1] = { ...before, end: start };
  if (after && end > after.start && end > old.end) others[word + 1] = { ...after, start: end };
  return withWords(document, passage, others);
}

/** A word before that with index `at`; it takes the time between its neighbours. */
export function insertWord(document: Document, passage: number, at: number, text: string): Document {
  const { words, start, end } = passageAt(document, passage);
  const [before, after] = [words[at - 1], words[at]];
  let [from, to] = [before?.end ?? start, after?.start ?? end];
  if (to - from < SHORTEST_S) {
    // No silence between them: the longer neighbour gives half of its time.
    const giver = (after ? after.end - after.start : 0) > (before ? before.end - before.start : 0) ? after! : (before ?? after!);
    const middle = (giver.start + giver.end) / 2;
    [from, to] = giver === after ? [after.start, middle] : [middle, giver.end];
    const shorter = giver === after ? { ...giver, start: middle } : { ...giver, end: middle };
    const index = giver === after ? at : at - 1;
    return withWords(document, passage, words.with(index, shorter).toSpliced(at, 0, newWord(text, from, to)));
  }
  return withWords(document, passage, words.toSpliced(at, 0, newWord(text, from, to)));
}

export function deleteWord(document: Document, passage: number, word: number): Document {
  const { words } = passageAt(document, passage);
  if (!words[word]) refuse("There is no such word");
  if (words.length === 1) return removePassage(document, passage);
  return withWords(document, passage, words.toSpliced(word, 1));
}

/** A passage's whole text: words that stand stay at their time, new ones share the time of those they replace. */
export function retype(document: Document, passage: number, text: string): Document {
  const old = passageAt(document, passage);
  const said = UNSPACED.has(old.language ?? "") ? [...text.replace(/\s/g, "")] : text.split(/\s+/).filter(Boolean);
  if (!said.length) throw new Refused("A passage without words is no passage: remove it instead");
  const { words } = old;
  let [head, tail] = [0, 0];
  while (head < Math.min(words.length, said.length) && words[head]!.text === said[head]) head++;
  while (tail < Math.min(words.length, said.length) - head && words.at(-1 - tail)!.text === said.at(-1 - tail)) tail++;
  const from = words.length - tail === head ? (words[head - 1]?.end ?? old.start) : words[head]!.start;
  const to = words.length - tail === head ? (words[head]?.start ?? old.end) : words[words.length - tail - 1]!.end;
  const fresh = said.slice(head, said.length - tail);
  if (fresh.length && to - from < fresh.length * SHORTEST_S) {
    // No time between its neighbours: all of them share the passage anew.
    return withWords(document, passage, spread(said, old.start, old.end));
  }
  return withWords(document, passage, [...words.slice(0, head), ...spread(fresh, from, to), ...words.slice(words.length - tail)]);
}

// --- passages --------------------------------------------------------------------------------------

/** Two passages, the second from the word with index `word` on. Both keep what was judged, not how surely. */
export function splitPassage(document: Document, passage: number, word: number): Document {
  const whole = passageAt(document, passage);
  const [left, right] = [whole.words.slice(0, word), whole.words.slice(word)];
  if (!left.length || !right.length) throw new Refused("Choose a word within the passage: it begins the second one");
  const middle = [left.at(-1)!.end, right[0]!.start] as const;
  const edge = Math.max(middle[0], whole.start + SHORTEST_S);
  return withPassages(document, passage, 1, [part(whole, left, whole.start, Math.min(edge, middle[1])), part(whole, right, middle[1], whole.end)]);
}

/** Where in a passage a split at a time falls: the word that would begin the second one. */
export function wordFrom(passage: Passage, time: number): number {
  const index = passage.words.findIndex((word) => (word.start + word.end) / 2 >= time);
  return index < 0 ? passage.words.length : index;
}

/** The word that is heard at a time, or the last one before it. */
export function wordAt(passage: Passage, time: number): number | null {
  const index = passage.words.findLastIndex((word) => word.start <= time);
  return index >= 0 ? index : passage.words.length ? 0 : null;
}

/** A passage and the one before it become one; what was judged differently of the two is open again. */
export function mergePassage(document: Document, passage: number): Document {
  const [before, after] = [passageAt(document, passage - 1), passageAt(document, passage)];
  const { speaker, ...first } = before;
  const one: Passage = {
    ...first,
    end: Math.max(before.end, after.end),
    words: [...before.words, ...after.words],
    text: before.words.length && after.words.length ? "" : [before.text, after.text].join(" ").trim(),
    topic: agreed(before.topic, after.topic),
    tone: agreed(before.tone, after.tone),
    safety: bothSafeties(before.safety, after.safety),
    ...(speaker !== undefined && speaker === after.speaker ? { speaker } : {}),
  };
  return withPassages(document, passage - 1, 2, [one.words.length ? told(one) : one]);
}

/** The whole passage, with its words, earlier or later, as far as its neighbours let it. */
export function movePassage(document: Document, passage: number, seconds: number): Document {
  const old = passageAt(document, passage);
  const [low, high] = room(document, passage);
  const by = tidy(Math.min(Math.max(seconds, low - old.start), high - old.end));
  if (by === 0) return document;
  const later = <T extends { start: number; end: number }>(span: T): T => ({ ...span, start: tidy(span.start + by), end: tidy(span.end + by) });
  const safety = { ...old.safety, evidence: old.safety.evidence.map(later) };
  return replaced(document, passage, { ...later(old), words: old.words.map(later), safety });
}

/** One edge of a passage to another time; its own words stay in it. */
export function moveEdge(document: Document, passage: number, edge: "start" | "end", time: number): Document {
  const old = passageAt(document, passage);
  const [low, high] = room(document, passage);
  const [first, last] = [old.words[0]?.start ?? old.end - SHORTEST_S, old.words.at(-1)?.end ?? old.start + SHORTEST_S];
  const at = tidy(edge === "start" ? Math.min(Math.max(time, low), first) : Math.max(Math.min(time, high), last));
  return at === old[edge] ? document : replaced(document, passage, { ...old, [edge]: at });
}

/** The first `count` words go to the passage before (`way` -1), or the last to the one after (1). */
export function giveWords(document: Document, passage: number, way: -1 | 1, count = 1): Document {
  const [giver, taker] = [passageAt(document, passage), passageAt(document, passage + way)];
  if (count >= giver.words.length) throw new Refused("That is the whole passage: merge the two instead");
  const gone = way < 0 ? giver.words.slice(0, count) : giver.words.slice(-count);
  const kept = way < 0 ? giver.words.slice(count) : giver.words.slice(0, -count);
  const left = told({ ...giver, words: kept, ...(way < 0 ? { start: kept[0]!.start } : { end: kept.at(-1)!.end }) });
  const words = way < 0 ? [...taker.words, ...gone] : [...gone, ...taker.words];
  const grown = told({ ...taker, words, start: Math.min(taker.start, words[0]!.start), end: Math.max(taker.end, words.at(-1)!.end) });
  return withPassages(document, Math.min(passage, passage + way), 2, way < 0 ? [grown, left] : [left, grown]);
}

/** Speech that was not heard; its words share the time. */
export function addPassage(document: Document, start: number, end: number, text: string): Document {
  const passages = document.passages ?? [];
  const at = passages.findIndex((passage) => passage.start > start);
  const index = at < 0 ? passages.length : at;
  const [low, high] = [passages[index - 1]?.end ?? 0, passages[index]?.start ?? document.duration];
  const [from, to] = [Math.max(start, low), Math.min(end, high)];
  const said = text.split(/\s+/).filter(Boolean);
  if (!said.length) throw new Refused("Type what is said");
  if (to - from < said.length * SHORTEST_S) throw new Refused("There is a passage here already");
  const language = passages[0]?.language ?? null;
  const fresh: Passage = { start: from, end: to, text: "", language, words: spread(said, from, to), topic: PENDING, tone: PENDING, safety: unjudged("not judged yet"), repeats: null };
  return withPassages({ ...document, passages, words: document.words ?? [] }, index, 0, [told(fresh)]);
}

/** Nobody speaks there: the passage goes, with its words. */
export function removePassage(document: Document, passage: number): Document {
  passageAt(document, passage);
  return withPassages(document, passage, 1, []);
}

/** Who speaks in a passage, and in all its words; null: not told. */
export function setSpeaker(document: Document, passage: number, speaker: string | null): Document {
  const old = passageAt(document, passage);
  return replaced(document, passage, speaking({ ...old, words: old.words.map((word) => speaking(word, speaker)) }, speaker));
}

// --- private ---------------------------------------------------------------------------------------

function refuse(message: string): never {
  throw new Refused(message);
}

function passageAt(document: Document, index: number): Passage {
  return document.passages?.[index] ?? refuse(document.passages?.length ? "There is no passage there" : "Nothing is transcribed here");
}

/** Between which times a passage may lie. */
function room(document: Document, passage: number): [number, number] {
  return [document.passages![passage - 1]?.end ?? 0, document.passages![passage + 1]?.start ?? document.duration];
}

function oneWord(text: string): string {
  const word = text.trim().replace(/\s+/g, " ");
  return word || refuse("A word without letters is no word: delete it instead");
}

const newWord = (text: string, start: number, end: number): Word => ({ start: tidy(start), end: tidy(end), text: oneWord(text), probability: null });

/** Words over a stretch of time, each as long as it is written. */
function spread(said: readonly string[], start: number, end: number): Word[] {
  const total = said.reduce((sum, text) => sum + text.length, 0);
  let passed = 0;
  return said.map((text) => {
    const from = start + ((end - start) * passed) / total;
    passed += text.length;
    return newWord(text, from, start + ((end - start) * passed) / total);
  });
}

function speaking<T extends { speaker?: string }>(item: T, speaker: string | null | undefined): T {
  if (speaker === undefined) return item;
  const { speaker: _old, ...rest } = item;
  return (speaker === null ? rest : { ...rest, speaker }) as T;
}

/** A passage whose text says what its words say. */
function told(passage: Passage): Passage {
  return { ...passage, text: passage.words.map((word) => word.text).join(UNSPACED.has(passage.language ?? "") ? "" : " ") };
}

function part(whole: Passage, words: readonly Word[], start: number, end: number): Passage {
  const { repetition: _repetition, ...rest } = whole;
  return told({ ...rest, start: tidy(start), end: tidy(end), words, topic: unsure(whole.topic), tone: unsure(whole.tone), safety: halved(whole.safety, start, end), repeats: null });
}

/** A passage with other words: text and edges follow. */
function withWords(document: Document, passage: number, words: readonly Word[]): Document {
  const old = document.passages![passage]!;
  const [low, high] = [words[0]?.start ?? old.start, words.at(-1)?.end ?? old.end];
  return replaced(document, passage, told({ ...old, words, start: Math.min(old.start, low), end: Math.max(old.end, high) }));
}

function replaced(document: Document, passage: number, next: Passage): Document {
  return withPassages(document, passage, 1, [next]);
}

/** `count` passages from `at` on give way to others; the layer of words follows. */
function withPassages(document: Document, at: number, count: number, others: readonly Passage[]): Document {
  const passages = document.passages!;
  const gone = passages.slice(at, at + count).flatMap((passage) => passage.words);
  const come = others.flatMap((passage) => passage.words);
  return { ...document, passages: spliced(passages, at, count, others), words: document.words && exchanged(document.words, gone, come) };
}

/** The layer of words with some of a passage's instead of others; words outside of passages stay. */
function exchanged(words: readonly Word[], gone: readonly Word[], come: readonly Word[]): readonly Word[] {
  if (gone.length === come.length && gone.every((word, index) => word === come[index])) return words;
  const named = (word: Word): string => `${word.start} ${word.end} ${word.text}`;
  const old = new Set(gone.map(named));
  const kept = old.size ? words.filter((word) => !old.has(named(word))) : words;
  return [...kept, ...come].sort((a, b) => a.start - b.start || a.end - b.end);
}

