import assert from "node:assert/strict";
import { test } from "vitest";
import { Grid } from "../../src/editor/grid.ts";
import { nextSnap, nudged, snapped } from "../../src/editor/snap.ts";

const grid = new Grid([{ time: 1, bpm: 120, beats_per_bar: 4, position: 1, end: 21 }]);

test("to the beat, to the bar, or not at all", () => {
  assert.equal(snapped(5.3, grid, "beat"), 5.5);
  assert.equal(snapped(5.3, grid, "bar"), 5);
  assert.equal(snapped(5.3, grid, "off"), 5.3);
  assert.equal(snapped(0.9, grid, "beat"), 1);
});

test("where there is no grid, a time stays where it is", () => {
  assert.equal(snapped(0.4, grid, "beat"), 0.4);
  assert.equal(snapped(30, grid, "bar"), 30);
  assert.equal(snapped(5.3, new Grid([]), "bar"), 5.3);
});

test("a nudge goes to the next line, or by 10 ms", () => {
  assert.equal(nudged(5, 1, grid, "beat"), 5.5);
  assert.equal(nudged(5.3, -1, grid, "beat"), 5);
  assert.equal(nudged(5, 1, grid, "bar"), 7);
  assert.equal(nudged(5, 1, grid, "beat", true), 5.01);
  assert.equal(nudged(5, -1, grid, "off"), 4.99);
  assert.equal(nudged(5, -1, new Grid([]), "bar"), 4.99);
});

test("the key goes through all three", () => {
  assert.deepEqual([nextSnap("beat"), nextSnap("bar"), nextSnap("off")], ["bar", "off", "beat"]);
});
