import assert from "node:assert/strict";
import { test } from "vitest";
import { difference, signed } from "../../src/jury/figures.ts";

test("differences have a sign, a true minus, and none where nothing is left of them", () => {
  assert.deepEqual([0.44, -0.44, 0.04, -0.04, 2].map(signed), ["+0.4", "−0.4", "±0.0", "±0.0", "+2.0"]);
});

test("an interval is told unless it is as narrow as the figure", () => {
  const of = (value: number, interval: [number, number] | null): string => difference({ persona: "ada", difference: value, interval, pairs: 6 });
  assert.equal(of(0.5, [0.1, 0.9]), "+0.5 (+0.1 to +0.9)");
  assert.equal(of(0, [0, 0]), "±0.0");
  assert.equal(of(-1.2, null), "−1.2");
});
