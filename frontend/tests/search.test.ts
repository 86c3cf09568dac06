import assert from "node:assert/strict";
import { test } from "vitest";
import { find, hitFrom, indexOf, passageOf } from "../src/search.ts";
import type { Passage } from "../src/types.ts";

/** Passages of one word a second; each begins where the last one ended. */
function said(...texts: string[]): Passage[] {
  let time = 0;
  return texts.map((text) => {
    const start = time;
    const words = text.split(" ").map((word) => [time, (time += 1), word, 0.9]);
    return { start, end: time, text, words } as unknown as Passage;
  });
}

/** What is found, as the words it covers. */
function found(query: string, ...texts: string[]): string[] {
  const words = texts.join(" ").split(" ");
  return find(indexOf(said(...texts)), query).map(({ first, last }) => words.slice(first, last + 1).join(" "));
}

test("case, accents and punctuation do not matter, on either side", () => {
  for (const query of ["cafe", "CAFÉ", "Café!", "“café”"]) assert.deepEqual(found(query, "The Café, closed."), ["Café,"], query);
  assert.deepEqual(found("strasse smorrebrod lodz", "Straße Smørrebrød Łódź"), ["Straße Smørrebrød Łódź"]);
  assert.deepEqual(found("dont", "I don’t know"), ["don’t"]);
  assert.deepEqual(found("don't", "I dont know"), ["dont"]);
});

test("a phrase runs across words and across passages", () => {
  assert.deepEqual(found("good morning", "And good", "morning, everyone."), ["good morning,"]);
  assert.deepEqual(found("good   morning every", "And good", "morning, everyone."), ["good morning, everyone."]);
  assert.deepEqual(found("one two three", "one", "two", "three"), ["one two three"]);
});

test("part of a word is found, but nothing across a gap that the query has not", () => {
  assert.deepEqual(found("usi", "music therapy"), ["music"]);
  assert.deepEqual(found("therap", "the rap, therapy"), ["therapy"]);
  assert.deepEqual(found("the rap", "the rap, therapy"), ["the rap,"]);
  assert.deepEqual(found("to day", "today is to day"), ["to day"]);
});

test("hyphens may be written, left out, or be a space", () => {
  for (const query of ["co-op", "coop", "co op"]) assert.deepEqual(found(query, "the co-op shop"), ["co-op"], query);
  assert.deepEqual(found("co-op", "the co op shop, the coop"), ["co op", "coop"]);
});

test("scripts without spaces are found across the recogniser's words", () => {
  assert.deepEqual(found("今日は天気", "今日 は 天気 が"), ["今日 は 天気"]);
  assert.deepEqual(found("天気が", "今日は、天気がいい"), ["今日は、天気がいい"]);
  assert.deepEqual(found("пожар", "Пожа́р потушен"), ["Пожа́р"]);
});

test("twice in one word is one place; what overlaps is counted once", () => {
  assert.deepEqual(found("an", "banana and"), ["banana", "and"]);
  assert.equal(found("ha ha", "ha ha ha ha ha").length, 2);
});

test("a query without letters, and words without letters, find nothing", () => {
  for (const query of ["", "  ", "?!", "—"]) assert.deepEqual(found(query, "well — what?!"), []);
  assert.deepEqual(found("well what", "well — what?!"), ["well — what?!"]);
  assert.deepEqual(find(indexOf([]), "a"), []);
});

test("a passage without word times is searched as well", () => {
  const passages = [{ start: 3, end: 9, text: "Typed by hand", words: [] }, ...said("and heard")] as unknown as Passage[];
  const index = indexOf(passages);
  const [hit] = find(index, "by hand and");
  assert.deepEqual(hit, { first: 1, last: 3 });
  assert.equal(index.starts[1], 3);
});

test("a word knows its passage, also beside passages that have none", () => {
  const silent = { start: 0, end: 1, text: "", words: [] } as unknown as Passage;
  const [one, two] = said("a b", "c");
  const index = indexOf([silent, one!, silent, silent, two!, silent]);
  assert.deepEqual([0, 1, 2].map((word) => passageOf(index, word)), [1, 1, 4]);
});

test("the next hit from a word on", () => {
  const hits = [{ first: 2, last: 3 }, { first: 7, last: 7 }];
  assert.deepEqual([0, 2, 3, 4, 7, 8].map((word) => hitFrom(hits, word)), [0, 0, 0, 1, 1, 2]);
});

test("it agrees with a plain search through plain text", () => {
  let seed = 7;
  const random = (below: number): number => (seed = (seed * 48271) % 2147483647) % below;
  const letters = "ab";
  for (let round = 0; round < 300; round++) {
    const words = Array.from({ length: 12 }, () => Array.from({ length: 1 + random(3) }, () => letters[random(2)]).join(""));
    const query = Array.from({ length: 1 + random(2) }, () => Array.from({ length: 1 + random(2) }, () => letters[random(2)]).join("")).join(" ");
    const text = words.join(" ");
    const plain: string[] = [];
    let [at, lastFirst, lastLast] = [text.indexOf(query), -1, -1];
    while (at >= 0) {
      const first = text.slice(0, at).split(" ").length - 1;
      const last = text.slice(0, at + query.length).split(" ").length - 1;
      if (first !== lastFirst || last !== lastLast) plain.push(`${first}-${last}`);
      [lastFirst, lastLast] = [first, last];
      at = text.indexOf(query, at + query.length);
    }
    const ours = find(indexOf(said(text)), query).map(({ first, last }) => `${first}-${last}`);
    assert.deepEqual(ours, plain, `${query} in ${text}`);
  }
});

test("a hundred thousand words are searched between two keystrokes", () => {
  const vocabulary = "the morning weather of café listeners don't co-op party and something else because people".split(" ");
  const passages = Array.from({ length: 2500 }, (_, at) => Array.from({ length: 40 }, (_, i) => vocabulary[(at * 31 + i * i) % vocabulary.length]).join(" "));
  const index = indexOf(said(...passages));
  assert.equal(index.starts.length, 100_000);
  for (const query of ["e", "the", "people of", "morning weather", "nowhere"]) {
    // The best of a few: the machine may be busy with something else.
    const times = Array.from({ length: 5 }, () => {
      const began = performance.now();
      find(index, query);
      return performance.now() - began;
    });
    assert.ok(Math.min(...times) < 50, `${query}: ${Math.min(...times).toFixed(1)} ms`);
  }
});
