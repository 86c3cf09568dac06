/** Cue, metronome and timing, as far as they need no sound card. */

import assert from "node:assert/strict";
import { describe, test } from "vitest";
import { Cue } from "../../src/editor/cue.ts";
import { due } from "../../src/editor/metronome.ts";
import { beatAt } from "../../src/editor/picture.ts";
import { Timing } from "../../src/editor/timing.ts";
import { Bench } from "./bench.ts";

describe("the cue", () => {
  const stopped = (time: number) => {
    const { deck } = new Bench().at(time);
    return { deck, cue: new Cue(deck) };
  };

  test("stopped, it is set; on it, it plays while it is held", () => {
    const { deck, cue } = stopped(30);
    cue.down();
    cue.up();
    assert.deepEqual([cue.point, deck.playing], [30, false]);
    cue.down();
    assert.ok(deck.playing);
    deck.now = 34;
    cue.down(); // the key repeats
    cue.up();
    assert.deepEqual([deck.time, deck.playing], [30, false]);
  });

  test("playing, it is returned to", () => {
    const { deck, cue } = stopped(30);
    cue.down();
    cue.up();
    deck.now = 50;
    deck.play();
    cue.down();
    cue.up();
    assert.deepEqual([deck.time, deck.playing, cue.point], [30, false, 30]);
    deck.now = 70;
    cue.down();
    assert.equal(cue.point, 70, "stopped elsewhere, it is set anew");
    cue.back();
    assert.equal(deck.time, 70);
  });

  test("none was set: the start", () => {
    const { deck, cue } = stopped(30);
    cue.back();
    assert.equal(deck.time, 0);
  });
});

test("clicks that are due: each beat once, however the looks are cut", () => {
  const beats = Float64Array.from({ length: 200 }, (_, index) => 0.02 + (index * 60) / 128);
  const heard: number[] = [];
  for (let from = 0; from < 90; from += 0.04) {
    const [first, last] = due(beats, from, from + 0.04);
    for (let index = first; index < last; index++) heard.push(index);
  }
  assert.deepEqual(heard, Array.from({ length: heard.length }, (_, index) => index));
  assert.equal(heard.length, 192);
  assert.deepEqual(due(beats, 0.02, 0.02 + 60 / 128), [0, 1], "a beat at the start is due, one at the end is not yet");
});

test("the beat that a light goes with", () => {
  const beats = { times: Float64Array.of(1, 1.5, 2), isDownbeat: (index: number) => index === 1 };
  assert.deepEqual(beatAt(beats, 0.5), { index: -1, since: Infinity, one: false });
  assert.deepEqual(beatAt(beats, 1.75), { index: 1, since: 0.25, one: true });
});

test("from a key to what it changes: the first press counts, and one that changes nothing is forgotten", () => {
  const timing = new Timing();
  const now = performance.now();
  timing.press(now - 40);
  timing.press(now - 10);
  timing.drew(now - 3);
  assert.ok(timing.key >= 40 && timing.draw >= 3);
  timing.press(now - 500);
  timing.forget();
  timing.drew(now - 1);
  assert.ok(timing.keyMs < 500 && timing.keyMs === timing.key);
});
