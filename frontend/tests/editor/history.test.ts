import assert from "node:assert/strict";
import { test } from "vitest";
import { History } from "../../src/editor/history.ts";
import { Chance } from "./random.ts";

function timed<T>(state: T) {
  let now = 0;
  return { history: new History(state, () => now), wait: (seconds: number) => void (now += seconds) };
}

test("there and back, with names", () => {
  const { history } = timed("a");
  history.push("first", "b");
  history.push("second", "c");
  assert.equal(history.undoes, "second");
  assert.equal(history.undo(), "second");
  assert.equal(history.undo(), "first");
  assert.equal(history.undo(), null);
  assert.equal(history.state, "a");
  assert.equal(history.redoes, "first");
  assert.equal(history.redo(), "first");
  assert.equal(history.redo(), "second");
  assert.equal(history.redo(), null);
  assert.equal(history.state, "c");
});

test("a new edit ends what could be redone, one that changes nothing does not", () => {
  const { history } = timed("a");
  history.push("first", "b");
  history.undo();
  history.push("nothing", "a");
  assert.equal(history.redoes, "first");
  history.push("other", "c");
  assert.equal(history.redoes, null);
  assert.equal(history.depth, 1);
});

test("nudges close together are one step, later ones another", () => {
  const { history, wait } = timed(0);
  for (let value = 1; value <= 5; value++) {
    history.push("nudge", value, "nudge 3");
    wait(0.5);
  }
  assert.equal(history.depth, 1);
  wait(0.2);
  history.push("nudge", 6, "nudge 3");
  history.push("nudge", 7, "nudge 4");
  assert.equal(history.depth, 3);
  history.undo();
  assert.equal(history.state, 6);
  history.undo();
  assert.equal(history.state, 5);
  history.undo();
  assert.equal(history.state, 0);
});

test("what follows an undo, or a seal, is a step of its own", () => {
  const { history } = timed(0);
  history.push("drag", 1, "drag");
  history.seal();
  history.push("drag", 2, "drag");
  assert.equal(history.depth, 2);
  history.undo();
  history.push("drag", 3, "drag");
  assert.equal(history.depth, 2);
});

test("a step that led back to where it began is no step", () => {
  const { history } = timed("a");
  history.push("drag", "b", "drag");
  history.push("drag", "a", "drag");
  assert.equal(history.depth, 0);
  assert.equal(history.state, "a");
});

test("a walk there is a walk back, whatever the steps", () => {
  const chance = new Chance(6);
  const { history, wait } = timed({ value: 0 });
  const seen = [history.state];
  for (let step = 0; step < 2000; step++) {
    wait(chance.between(0, 1));
    if (chance.next() < 0.7) history.push("step", { value: step }, chance.of([null, "a", "b"]));
    else if (chance.next() < 0.5) history.undo();
    else history.redo();
    seen.push(history.state);
  }
  while (history.redo());
  const last = history.state;
  let count = 0;
  while (history.undo()) count++;
  assert.equal(history.state, seen[0]);
  while (history.redo()) count--;
  assert.equal(count, 0);
  assert.equal(history.state, last);
});
