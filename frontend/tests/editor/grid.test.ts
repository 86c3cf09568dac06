import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { describe, test } from "vitest";
import { beatsOf, Grid, type Segment } from "../../src/editor/grid.ts";
import { Chance } from "./random.ts";

interface Case {
  name: string;
  segments: Segment[];
  duration: number;
  beats: [number, number, number][];
  places: [number, number | null, number | null][];
  times: [number, number, number | null][];
}

const golden = JSON.parse(readFileSync(new URL("../../../tests/data/grid.json", import.meta.url), "utf8")) as { cases: Case[] };

const near = (one: number, other: number, within = 1e-6): boolean => Math.abs(one - other) <= within;

describe("the golden cases that Python has too", () => {
  assert.ok(golden.cases.length >= 10);
  for (const { name, segments, duration, beats, places, times } of golden.cases) {
    test(name, () => {
      const grid = new Grid(segments);
      const found = grid.beats(duration);
      assert.equal(found.time.length, beats.length);
      beats.forEach(([time, bar, position], index) => {
        assert.ok(near(found.time[index]!, time), `${found.time[index]} for ${time}`);
        assert.deepEqual([found.bar[index], found.position[index]], [bar, position]);
      });
      for (const [time, bar, beat] of places) {
        const place = grid.placeOf(time);
        assert.deepEqual(place && [place.bar, place.beat], bar === null ? null : [bar, beat], `at ${time}`);
      }
      for (const [bar, beat, time] of times) {
        const found = grid.timeOf(bar, beat);
        assert.ok(time === null ? found === null : found !== null && near(found, time), `${bar}.${beat}`);
      }
    });
  }
});

/** As people make them: whole beats long, or broken off. */
function someGrid(chance: Chance): Segment[] {
  const segments: Segment[] = [];
  let time = chance.between(0, 5);
  for (let left = chance.whole(1, 4); left > 0; left--) {
    const beats_per_bar = chance.whole(2, 7);
    const bpm = chance.whole(6000, 20000) / 100;
    const [count, stops] = [chance.whole(8, 60), chance.next() < 0.3];
    const end = stops ? { end: time + ((count - 0.5) * 60) / bpm } : {};
    segments.push({ time, bpm, beats_per_bar, position: chance.whole(1, beats_per_bar), ...end });
    time += ((count + chance.between(-0.4, 0.4) + (stops ? 2 : 0)) * 60) / bpm;
  }
  return segments;
}

test("beats increase, bars count on, and every beat is found by its time and by its bar", () => {
  const chance = new Chance(1);
  for (let round = 0; round < 150; round++) {
    const grid = new Grid(someGrid(chance));
    const { time, bar, position } = grid.beats(chance.between(0.5, 120));
    for (let index = 0; index < time.length; index++) {
      if (index > 0) {
        assert.ok(time[index]! > time[index - 1]!);
        assert.equal(bar[index]! - bar[index - 1]!, Number(position[index] === 1));
      }
      const place = grid.placeOf(time[index]!);
      assert.deepEqual([place?.bar, place?.beat], [bar[index], position[index]]);
      assert.ok(near(grid.nearest(time[index]!, "beat")!.time, time[index]!));
      if (bar[index]! > 0) assert.ok(grid.timeOf(bar[index]!, position[index]!)! <= time[index]! + 1e-6);
    }
  }
});

test("nearest and step agree with looking at every beat", () => {
  const chance = new Chance(2);
  for (let round = 0; round < 100; round++) {
    const segments = someGrid(chance);
    const grid = new Grid(segments);
    const { time, position } = grid.beats(600);
    for (const unit of ["beat", "bar"] as const) {
      const lines = [...time].filter((_, index) => unit === "beat" || position[index] === 1);
      for (let probe = 0; probe < 10; probe++) {
        const at = chance.between(-1, 200);
        const best = lines.reduce((a, b) => (Math.abs(b - at) < Math.abs(a - at) ? b : a), Infinity);
        assert.ok(near(Math.abs((grid.nearest(at, unit)?.time ?? Infinity) - at), Math.abs(best - at)) || best === Infinity, `${unit} near ${at}`);
        assert.equal(grid.step(at, 1, unit)?.time, lines.find((line) => line > at + 1e-4));
        assert.equal(grid.step(at, -1, unit)?.time, lines.findLast((line) => line < at - 1e-4));
      }
    }
  }
});

test("bars are moved over at the same place in them, through tempo changes too", () => {
  const steady = new Grid([{ time: 0.02, bpm: 128, beats_per_bar: 4, position: 1 }]);
  assert.equal(steady.moved(0.02, 16), 30.02);
  assert.equal(steady.moved(30.02, -16), 0.02);
  assert.ok(near(steady.moved(1, 4)!, 8.5));
  const faster = new Grid([
    { time: 0, bpm: 120, beats_per_bar: 4, position: 1 },
    { time: 8, bpm: 150, beats_per_bar: 4, position: 1 },
  ]);
  assert.equal(faster.moved(6, 2), 9.6);
  assert.equal(faster.moved(9.6, -2), 6);
  assert.equal(new Grid([]).moved(3, 1), null);
});

test("there and back again is where one began", () => {
  const chance = new Chance(3);
  for (let round = 0; round < 100; round++) {
    const grid = new Grid([{ time: chance.between(0, 2), bpm: chance.between(60, 200), beats_per_bar: chance.whole(2, 6), position: 1 }]);
    const [time, bars] = [chance.between(0, 100), chance.whole(-8, 8)];
    assert.ok(near(grid.moved(grid.moved(time, bars)!, -bars)!, time, 2e-4));
  }
});

test("the nearest bar, as Python counts it", () => {
  const grid = new Grid([{ time: 2, bpm: 120, beats_per_bar: 4, position: 1 }]);
  assert.deepEqual([0.9, 1.1, 2, 2.9, 3.1, 202].map((time) => grid.nearestBar(time)), [0, 1, 1, 1, 2, 101]);
  assert.equal(new Grid([]).nearestBar(3), null);
  const stopped = new Grid([{ time: 0, bpm: 120, beats_per_bar: 4, position: 1, end: 8 }]);
  assert.deepEqual([8, 10, 12].map((time) => stopped.nearestBar(time)), [5, 6, 7]);
});

test("a place is written as one reads it: a hair before a beat is that beat", () => {
  const grid = new Grid([{ time: 0.02, bpm: 128, beats_per_bar: 4, position: 1 }]);
  assert.deepEqual([30.02, 30.0197, 30.01, 0].map((time) => grid.written(time)), ["17.1", "17.1", "16.4", null]);
});

test("three hours of beats are there at once", () => {
  const { time } = beatsOf([{ time: 0, bpm: 174, beats_per_bar: 4, position: 1 }], 3 * 3600);
  assert.equal(time.length, 31320);
});
