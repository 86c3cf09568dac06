import assert from "node:assert/strict";
import { test } from "vitest";
import { barStep, clock, Grid, lastAtOrBefore, short, spanAt, tickStep } from "../src/time.ts";

const beats = (count: number, period: number, first = 0.4) => ({
  time: Array.from({ length: count }, (_, i) => first + i * period),
  position: Array.from({ length: count }, (_, i) => (i % 4) + 1),
  bar: Array.from({ length: count }, (_, i) => Math.floor(i / 4) + 1),
});

test("times are written with minutes, seconds and milliseconds", () => {
  assert.equal(clock(0), "0:00.000");
  assert.equal(clock(62.345), "1:02.345");
  assert.equal(clock(3661.0004), "1:01:01.000");
  assert.equal(clock(59.9996), "1:00.000");
  assert.equal(short(59.99), "0:59");
  assert.equal(short(42), "0:42");
});

test("the last entry at or before a value agrees with a plain search", () => {
  const sorted = [0, 1, 1, 2.5, 7];
  for (const value of [-1, 0, 0.5, 1, 2.4, 2.5, 6, 7, 9]) {
    assert.equal(lastAtOrBefore(sorted, value), sorted.findLastIndex((each) => each <= value));
  }
});

test("spans are half-open", () => {
  const spans = [{ start: 1, end: 2 }, { start: 2, end: 3 }, { start: 5, end: 6 }];
  assert.deepEqual([0.5, 1, 2, 2.99, 3, 4, 5.5, 6].map((time) => spanAt(spans, time)), [-1, 0, 1, 1, -1, -1, 2, -1]);
});

test("bar and beat are those of the last beat heard", () => {
  const grid = new Grid(beats(16, 0.5), 4);
  assert.equal(grid.at(0.39), null);
  assert.equal(grid.at(0.4), "1.1");
  assert.equal(grid.at(2.39), "1.4");
  assert.equal(grid.at(2.4), "2.1");
  assert.equal(grid.at(0.4 + 15 * 0.5 + 0.6), null, "a beat after the last one the grid is over");
});

test("a shift by bars keeps its place in the beat, there and back, also beyond the grid", () => {
  const grid = new Grid(beats(64, 0.47), 4);
  for (const time of [0, 0.4, 0.55, 7.31, 20, 30.4, 40]) {
    assert.ok(Math.abs(grid.shift(time, 4) - time - 4 * 4 * 0.47) < 1e-6);
    assert.ok(Math.abs(grid.shift(grid.shift(time, 8), -8) - time) < 1e-6);
  }
});

test("a shift across a change of tempo lands on the beat", () => {
  const time = [0, 1, 2, 3, 4, 4.5, 5, 5.5, 6];
  const grid = new Grid({ time, position: [1, 2, 3, 4, 1, 2, 3, 4, 1], bar: [1, 1, 1, 1, 2, 2, 2, 2, 3] }, 4);
  assert.equal(grid.shift(0, 1), 4);
  assert.equal(grid.shift(0, 2), 6);
  assert.equal(grid.shift(6, -1), 4);
});

test("between two songs the grid has a hole: no bar there, and a shift does not leap over it", () => {
  const [first, second] = [beats(16, 0.5), beats(16, 0.5, 60.4)];
  const grid = new Grid(
    { time: [...first.time, ...second.time], position: [...first.position, ...second.position], bar: [...first.bar, ...second.bar.map((bar) => bar + 4)] },
    4,
  );
  assert.equal(grid.at(7.9), "4.4");
  assert.equal(grid.at(30), null);
  assert.equal(grid.at(60.4), "5.1");
  assert.ok(Math.abs(grid.shift(30, 4) - 38) < 0.1, "four bars of eight seconds altogether");
  assert.ok(Math.abs(grid.shift(grid.shift(5.2, 20), -20) - 5.2) < 1e-6);
  assert.deepEqual(grid.holes(0, 100).map((hole) => hole.map((time) => Number(time.toFixed(1)))), [[0, 0.4], [8.4, 60.4], [68.4, 100]]);
});

test("without beats a bar is a second", () => {
  const grid = new Grid({ time: [], position: [], bar: [] }, 4);
  assert.ok(grid.empty);
  assert.equal(grid.shift(10, -4), 6);
  assert.equal(grid.at(3), null);
});

test("marks are thinned until they can be read", () => {
  assert.equal(barStep(100, 92), 1);
  assert.equal(barStep(10, 92), 16);
  assert.equal(tickStep(100, 84), 1);
  assert.equal(tickStep(1, 84), 120);
});
