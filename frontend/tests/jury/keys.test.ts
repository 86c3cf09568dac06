import assert from "node:assert/strict";
import { test } from "vitest";
import { JURY_KEYS, juryActionOf, juryKeyFor } from "../../src/jury/keys.ts";

const press = (key: string, held: Partial<Record<"ctrlKey" | "metaKey" | "altKey", boolean>> = {}) =>
  juryActionOf({ key, ctrlKey: false, metaKey: false, altKey: false, ...held });

test("every key of the table means what its entry says, and no key stands in two", () => {
  const all = JURY_KEYS.flatMap(({ keys }) => keys);
  assert.equal(new Set(all).size, all.length);
  for (const entry of JURY_KEYS) for (const key of entry.keys) assert.deepEqual(press(key), entry.action(key));
});

test("arrows walk, digits rate, letters go to moments", () => {
  assert.deepEqual(press("ArrowLeft"), { do: "walk", over: -1, down: 0 });
  assert.deepEqual(press("ArrowDown"), { do: "walk", over: 0, down: 1 });
  assert.deepEqual(press("4"), { do: "rate", score: 4 });
  assert.deepEqual(press("W"), { do: "moment", kind: "worst" });
});

test("the browser's own shortcuts stay the browser's", () => {
  assert.equal(press("s", { ctrlKey: true }), null);
  assert.equal(press("1", { altKey: true }), null);
  assert.equal(press("6"), null);
});

test("tooltips find the key of what a button does", () => {
  assert.equal(juryKeyFor("moment", "worst"), "W");
  assert.equal(juryKeyFor("moment", "best"), "B");
  assert.equal(juryKeyFor("play"), "Space");
});
