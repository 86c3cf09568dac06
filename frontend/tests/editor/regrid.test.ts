import assert from "node:assert/strict";
import { test } from "vitest";
import { Refused } from "../../src/editor/document.ts";
import { Grid, type Segment } from "../../src/editor/grid.ts";
import * as edit from "../../src/editor/regrid.ts";
import { fitTaps } from "../../src/editor/tap.ts";
import { Chance } from "./random.ts";

const segment = (time: number, bpm = 120, position = 1, beats_per_bar = 4): Segment => ({ time, bpm, beats_per_bar, position });
const near = (one: number | undefined, other: number, within = 1e-6) => assert.ok(one !== undefined && Math.abs(one - other) <= within, `${one} is not ${other}`);
const downbeats = (segments: readonly Segment[], until = 30): number[] => {
  const { time, position } = new Grid(segments).beats(until);
  return [...time].filter((_, index) => position[index] === 1);
};

test("a grid from one downbeat reaches back to the start", () => {
  assert.deepEqual(edit.gridAt(5.25, 120), [segment(0.25, 120, 3)]);
  assert.deepEqual(edit.gridAt(0, 128), [segment(0, 128)]);
});

test("another tempo leaves the first downbeat where it is", () => {
  assert.deepEqual(edit.setBpm([segment(1)], 20, 128), [segment(1, 128)]);
  near(downbeats(edit.setBpm([segment(0.25, 120, 3)], 9, 100))[0], 1.25);
  near(downbeats(edit.setBpm([segment(3), segment(9, 100, 2)], 10, 150)).find((time) => time > 9), 9 + 3 * 0.6);
});

test("half and double: the downbeats of the slower are downbeats of the faster", () => {
  const [slow, fast] = [edit.halve([segment(0.5, 174)], 3), edit.double([segment(0.5, 87)], 3)];
  assert.equal(slow[0]!.bpm, 87);
  assert.equal(fast[0]!.bpm, 174);
  for (const time of downbeats(slow)) assert.ok(downbeats(fast, 31).some((other) => Math.abs(other - time) < 1e-6));
  assert.deepEqual(edit.halve(fast, 3), [segment(0.5, 87)]);
});

test("shifting by beats moves downbeats and no beat", () => {
  const before = [segment(0.1)];
  const after = edit.shiftBeats(before, 0, 1);
  assert.deepEqual([...new Grid(after).beats(30).time], [...new Grid(before).beats(30).time]);
  near(downbeats(after)[0], 0.6);
  assert.deepEqual(edit.shiftBeats(after, 0, -1), before);
  assert.deepEqual(edit.shiftBeats(before, 0, 4), before);
});

test("shifting by seconds moves every beat, and the grid still begins with the recording", () => {
  near(downbeats(edit.shiftBy([segment(0.1)], 0, 0.01))[0], 0.11);
  const earlier = edit.shiftBy([segment(0.1)], 0, -0.2);
  assert.deepEqual(earlier, [segment(0.4, 120, 2)]);
  near(downbeats(earlier)[0], 1.9);
  const later = edit.shiftBy([segment(0.4)], 0, 0.2);
  assert.deepEqual(later, [segment(0.1, 120, 4)]);
  near(edit.shiftBy([segment(3), segment(9)], 12, -0.3)[1]!.time, 8.7);
});

test("the nearest beat moves to the hit", () => {
  const aligned = edit.align([segment(0)], 10.04);
  near(new Grid(aligned).nearest(10.04, "beat")!.time, 10.04);
  assert.equal(aligned[0]!.bpm, 120);
  near(new Grid(edit.align([segment(0)], 9.97)).nearest(9.97, "beat")!.time, 9.97);
});

test("a downbeat is set exactly there", () => {
  for (const time of [0.02, 3.3, 17.76]) near(new Grid(edit.setDownbeat([segment(0.25)], time)).nearest(time, "bar")!.time, time);
  // On a beat, only the counting changes.
  assert.deepEqual(edit.setDownbeat([segment(0)], 1.5), [segment(0, 120, 2)]);
});

test("from here on another tempo, and what was before stays", () => {
  const two = edit.regridFrom([segment(0)], 8, 150);
  assert.deepEqual(two, [segment(0), segment(8, 150)]);
  assert.deepEqual(edit.setBpm(two, 9, 140), [segment(0), segment(8, 140)]);
  assert.deepEqual(edit.removeFrom(two, 9), [segment(0)]);
  assert.deepEqual(edit.removeFrom(two, 3), [segment(8, 150)]);
  assert.deepEqual(edit.removeFrom([segment(0)], 3), []);
  assert.throws(() => edit.regridFrom(two, 8.01), Refused);
  assert.throws(() => edit.regridFrom([segment(5)], 2), /begins later/);
});

test("an end goes to the part it belongs to", () => {
  const stopped = edit.stopAt([segment(0)], 20);
  assert.deepEqual(stopped, [{ ...segment(0), end: 20 }]);
  assert.deepEqual(edit.regridFrom(stopped, 8), [segment(0), { ...segment(8), end: 20 }]);
  assert.deepEqual(edit.regridFrom(stopped, 25), [{ ...segment(0), end: 20 }, segment(25)]);
  assert.deepEqual(edit.stopAt(stopped, 21), [segment(0)]);
  assert.deepEqual(edit.removeFrom(edit.regridFrom(stopped, 25), 26), [segment(0)]);
});

test("what a grid cannot be is refused with a reason", () => {
  for (const bpm of [0, -3, 9.9, 1001, NaN, Infinity]) assert.throws(() => edit.setBpm([segment(0)], 0, bpm), /10 to 1000 BPM/);
  assert.throws(() => edit.halve([segment(0, 15)], 0), Refused);
  assert.throws(() => edit.setBeatsPerBar([segment(0)], 0, 0), /1 to 32/);
  assert.throws(() => edit.setBpm([], 0, 120), /tap the tempo/);
  assert.throws(() => edit.shiftBy([segment(1), segment(4)], 0, 5), /next tempo change/);
});

test("bars of three where there were four", () => {
  assert.deepEqual(edit.setBeatsPerBar([segment(0)], 0, 3), [segment(0, 120, 1, 3)]);
  near(downbeats(edit.setBeatsPerBar([segment(0.25, 120, 3)], 0, 3))[0], 1.25);
});

test("taps make a grid whose bar begins with the first tap", () => {
  const taps = fitTaps([10.02, 10.488, 10.958, 11.426, 11.896, 12.363, 12.832, 13.301])!;
  const made = edit.fromTaps([], taps);
  assert.equal(made[0]!.bpm, 128);
  near(new Grid(made).nearest(10.02, "bar")!.time, 10.02, 0.005);
  assert.ok(made[0]!.time < 60 / 128);
  const second = edit.fromTaps([segment(0), segment(8, 100)], taps);
  assert.deepEqual(second[0], segment(0));
  assert.ok(second[1]!.time >= 8 && second[1]!.time < 8 + 60 / 128);
  near(new Grid(second).nearest(10.02, "bar")!.time, 10.02, 0.005);
});

test("whatever is done, the grid stays one that Python takes", () => {
  const chance = new Chance(4);
  for (let walk = 0; walk < 60; walk++) {
    let segments = edit.gridAt(chance.between(0, 10), chance.between(60, 200), chance.whole(2, 7));
    for (let step = 0; step < 40; step++) {
      const time = chance.between(0, 240);
      const edits: (() => Segment[])[] = [
        () => edit.setBpm(segments, time, chance.between(50, 220)),
        () => edit.halve(segments, time),
        () => edit.double(segments, time),
        () => edit.shiftBeats(segments, time, chance.whole(-9, 9)),
        () => edit.shiftBy(segments, time, chance.between(-2, 2)),
        () => edit.align(segments, time),
        () => edit.setDownbeat(segments, time),
        () => edit.regridFrom(segments, time),
        () => (segments.length > 1 ? edit.removeFrom(segments, time) : segments),
        () => edit.stopAt(segments, time),
        () => edit.setBeatsPerBar(segments, time, chance.whole(1, 9)),
        () => edit.extendToStart(segments),
      ];
      try {
        segments = chance.of(edits)();
      } catch (error) {
        if (!(error instanceof Refused)) throw error;
      }
      segments.forEach(({ time, bpm, beats_per_bar, position, end }, index) => {
        assert.ok(time >= 0 && bpm >= 10 && bpm <= 1000 && position >= 1 && position <= beats_per_bar && Number.isInteger(position));
        const next = segments[index + 1]?.time ?? Infinity;
        assert.ok(next > time && (end == null || (end > time && end <= next)));
      });
    }
  }
});
