/**
 * Finding what was said, in the data rather than on the page: a hundred thousand words have no elements of their own.
 *
 * All words of all passages are one string of letters and digits, so that a phrase is found across the words and
 * passages it runs through. Beside every character stands what lies before it: a space in the query asks for a gap
 * there, punctuation allows one, and where the query has neither, a word may only be broken by its own punctuation
 * ("co-op") or by nothing at all, as in scripts that are written without spaces.
 */

import { lastAtOrBefore } from "./time.ts";
import type { Passage, Word } from "./types.ts";

const enum Gap {
  none = 0,
  soft = 1,
  word = 2,
}

export interface Index {
  letters: string;
  /** What lies before each character. */
  gaps: Uint8Array;
  /** Number of the word that each character belongs to, counted through all passages. */
  words: Uint32Array;
  /** Number of each passage's first word, and at the end how many words there are. */
  firsts: Uint32Array;
  /** When each word begins, in seconds. */
  starts: Float64Array;
}

/** The numbers of the first and the last word of what was found. */
export interface Hit {
  first: number;
  last: number;
}

/** The words of a passage; one that came without times is cut at its spaces, and every word has the whole passage's. */
export function wordsOf(passage: Passage): readonly Word[] {
  if (passage.words.length) return passage.words;
  return (passage.text.match(/\S+/gu) ?? []).map((text) => [passage.start, passage.end, text, null]);
}

export function indexOf(passages: readonly Passage[]): Index {
  const parts: string[] = [];
  const marks: number[] = [];
  const numbers: number[] = [];
  const starts: number[] = [];
  const firsts = new Uint32Array(passages.length + 1);
  let number = 0;
  let before = "";
  passages.forEach((passage, index) => {
    firsts[index] = number;
    for (const word of wordsOf(passage)) {
      const folded = fold(word[2]);
      let gap: Gap = unspaced(before) || unspaced(folded[0] ?? "") ? Gap.soft : Gap.word;
      for (const piece of folded.split(" ")) {
        if (!piece) {
          gap = Math.max(gap, Gap.soft);
          continue;
        }
        parts.push(piece);
        for (let i = 0; i < piece.length; i++) {
          marks.push(i === 0 ? gap : Gap.none);
          numbers.push(number);
        }
        before = piece[piece.length - 1]!;
        gap = Gap.soft;
      }
      starts.push(word[0]);
      number++;
    }
  });
  firsts[passages.length] = number;
  return { letters: parts.join(""), gaps: Uint8Array.from(marks), words: Uint32Array.from(numbers), firsts, starts: Float64Array.from(starts) };
}

/** Everything that the query fits, in order and without overlap. A query without letters finds nothing. */
export function find(index: Index, query: string): Hit[] {
  const { letters: wanted, allowed } = read(query);
  const hits: Hit[] = [];
  if (!wanted) return hits;
  const { letters, gaps, words } = index;
  let last: Hit | null = null;
  for (let at = letters.indexOf(wanted); at >= 0; ) {
    if (fits(gaps, at, allowed)) {
      const hit: Hit = { first: words[at]!, last: words[at + wanted.length - 1]! };
      // Twice in the same word is one place to go to.
      if (!last || hit.first !== last.first || hit.last !== last.last) hits.push((last = hit));
      at = letters.indexOf(wanted, at + wanted.length);
    } else at = letters.indexOf(wanted, at + 1);
  }
  return hits;
}

/** The passage that a word stands in. */
export function passageOf(index: Index, word: number): number {
  // Passages without words share their number with the next one: the last of them is the one that has it.
  return lastAtOrBefore(index.firsts.subarray(0, -1), word);
}

/** Index of the first hit that ends at or after a word; the number of hits if there is none. */
export function hitFrom(hits: readonly Hit[], word: number): number {
  let [low, high] = [0, hits.length];
  while (low < high) {
    const mid = (low + high) >> 1;
    if (hits[mid]!.last < word) low = mid + 1;
    else high = mid;
  }
  return low;
}

// --- private ----------------------------------------------------------------------------------------

/** Letters that are no letter with an accent, but are typed as one. */
const PLAIN: Record<string, string> = { ß: "ss", ø: "o", æ: "ae", œ: "oe", ł: "l", đ: "d", ð: "d", þ: "th", ı: "i" };

/** Letters and digits in lower case without accents; one space for anything else. */
function fold(text: string): string {
  const lower = text.toLowerCase();
  if (/^[a-z0-9]*$/.test(lower)) return lower;
  return lower
    .normalize("NFKD")
    .replace(/[\u0300-\u036f]/g, "")
    .replace(/[ßøæœłđðþı]/g, (letter) => PLAIN[letter]!)
    .replace(/[^\p{L}\p{N}\p{M}]+/gu, " ");
}

/** Whether a letter belongs to a script that is written without spaces between words. */
function unspaced(letter: string): boolean {
  return letter > "\u0e00" && /[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Thai}\p{Script=Lao}\p{Script=Khmer}\p{Script=Myanmar}]/u.test(letter);
}

/** The query's letters, and for each of them the least and the greatest gap that may lie before it. */
function read(query: string): { letters: string; allowed: [number, number][] } {
  let letters = "";
  const allowed: [number, number][] = [];
  for (const word of query.trim().split(/\s+/)) {
    fold(word)
      .split(" ")
      .filter(Boolean)
      .forEach((piece, part) => {
        for (let i = 0; i < piece.length; i++) {
          const [least, most] = i > 0 ? [Gap.none, Gap.soft] : part > 0 ? [Gap.none, Gap.word] : [Gap.soft, Gap.word];
          allowed.push([least, most]);
        }
        letters += piece;
      });
  }
  return { letters, allowed };
}

function fits(gaps: Uint8Array, at: number, allowed: readonly [number, number][]): boolean {
  // What lies before the first letter does not matter: a query may begin within a word.
  for (let i = 1; i < allowed.length; i++) {
    const gap = gaps[at + i]!;
    if (gap < allowed[i]![0] || gap > allowed[i]![1]) return false;
  }
  return true;
}
