import assert from "node:assert/strict";
import { test } from "vitest";
import { chosen, foldsOf, isEmpty, matching, NONE, optionsOf, toggled, UNCLEAR, valueOf } from "../src/filter.ts";
import type { Passage } from "../src/types.ts";

const passage = (topic: string | null, tone: string | null, safety: string, again = false) =>
  ({
    topic: { status: topic ? "ok" : "abstained", label: topic },
    tone: { status: tone ? "ok" : "pending", label: tone },
    safety: { status: safety },
    repetition: again ? { kind: "same words", start: 0, similarity: 1 } : null,
  }) as unknown as Passage;

const passages = [
  passage("Weather", "Informative", "clear"),
  passage("Sports", "Excited", "clear", true),
  passage(null, "Excited", "flagged"),
  passage("Sports", null, "unknown", true),
];

test("nothing chosen shows everything", () => {
  assert.equal(isEmpty(NONE), true);
  assert.equal(matching(passages, NONE), null);
});

test("values of one facet add up, facets narrow each other", () => {
  const sports = toggled(NONE, "topic", "Sports");
  assert.deepEqual(matching(passages, sports), [false, true, false, true]);
  assert.deepEqual(matching(passages, toggled(sports, "topic", "Weather")), [true, true, false, true]);
  assert.deepEqual(matching(passages, toggled(sports, "tone", "Excited")), [false, true, false, false]);
  assert.deepEqual(matching(passages, toggled(NONE, "safety", "unknown")), [false, false, false, true]);
  assert.deepEqual(matching(passages, toggled(NONE, "repeats", "said before")), [false, true, false, true]);
});

test("choosing again takes it back, and the filters given stay as they are", () => {
  const one = toggled(NONE, "topic", "Sports");
  assert.deepEqual(toggled(one, "topic", "Sports"), NONE);
  assert.deepEqual(chosen(one), [{ facet: "topic", value: "Sports" }]);
  assert.equal(NONE.topic.size, 0);
});

test("without a label is a value of its own; not judged yet is none", () => {
  assert.equal(valueOf(passages[2]!, "topic"), UNCLEAR);
  assert.equal(valueOf(passages[3]!, "tone"), null);
  assert.deepEqual(matching(passages, toggled(NONE, "topic", UNCLEAR)), [false, false, true, false]);
});

test("counts are those that the other facets leave, the most frequent first, unclear last", () => {
  const topics = (filters = NONE) => optionsOf(passages, filters, "topic").map(({ value, count }) => `${value} ${count}`);
  assert.deepEqual(topics(), ["Sports 2", "Weather 1", `${UNCLEAR} 1`]);
  assert.deepEqual(topics(toggled(NONE, "topic", "Weather")), ["Sports 2", "Weather 1", `${UNCLEAR} 1`]);
  assert.deepEqual(topics(toggled(NONE, "tone", "Excited")), ["Sports 1", "Weather 0", `${UNCLEAR} 1`]);
  assert.deepEqual(topics(toggled(NONE, "topic", "Gone")), ["Sports 2", "Weather 1", "Gone 0", `${UNCLEAR} 1`]);
});

test("runs of what does not match are folded, and together they are exactly that", () => {
  assert.deepEqual(foldsOf([false, false, true, false]), [{ first: 0, last: 1 }, { first: 3, last: 3 }]);
  assert.deepEqual(foldsOf([true, true]), []);
  assert.deepEqual(foldsOf([]), []);
  for (let bits = 0; bits < 64; bits++) {
    const matches = Array.from({ length: 6 }, (_, at) => Boolean(bits & (1 << at)));
    const folded = matches.map(() => true);
    for (const { first, last } of foldsOf(matches)) folded.fill(false, first, last + 1);
    assert.deepEqual(folded, matches);
  }
});
