import assert from "node:assert/strict";
import { test } from "vitest";
import { opacityOf, scoreColour } from "../src/colour.ts";
import { SHORTEST_SPAN, Viewport } from "../src/view.ts";

test("zooming keeps the anchor in its place and stays inside the recording", () => {
  const view = new Viewport(100);
  view.width = 1000;
  const before = view.toX(40);
  view.zoom(0.25, 40);
  assert.ok(Math.abs(view.toX(40) - before) < 1e-9);
  assert.equal(view.span, 25);
  view.zoom(1e-9, 40);
  assert.equal(view.span, SHORTEST_SPAN);
  view.zoom(1e9, 40);
  assert.deepEqual([view.start, view.span, view.whole], [0, 100, true]);
});

test("panning stops at the ends", () => {
  const view = new Viewport(100);
  view.set(50, 10);
  view.pan(1000);
  assert.equal(view.start, 90);
  view.pan(-1000);
  assert.equal(view.start, 0);
});

test("a recording shorter than the shortest span is shown whole", () => {
  const view = new Viewport(0.5);
  view.zoom(0.1, 0.2);
  assert.deepEqual([view.start, view.span], [0, 0.5]);
});

test("pixels and times are inverse", () => {
  const view = new Viewport(3600);
  view.width = 1234;
  view.set(1000, 7);
  for (const time of [1000, 1003.21, 1007]) assert.ok(Math.abs(view.toTime(view.toX(time)) - time) < 1e-9);
});

test("scores diverge around 3", () => {
  assert.notEqual(scoreColour(2), scoreColour(4));
  assert.equal(scoreColour(5), scoreColour(9), "beyond the scale is its end");
  const grey = /rgba\((\d+), \1, \1/;
  for (const score of [1, 2, 3, 4, 5]) assert.doesNotMatch(scoreColour(score), grey, "grey stands for nothing known");
});

test("confidence is opacity, never invisible", () => {
  assert.ok(opacityOf(0) > 0.3 && opacityOf(1) === 1 && opacityOf(null) < 1);
});
