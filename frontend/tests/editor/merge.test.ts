import assert from "node:assert/strict";
import { describe, test } from "vitest";
import type { Conflict } from "../../src/editor/desk.ts";
import type { Annotation } from "../../src/editor/document.ts";
import { describeClash, look, openClashes, pick, pickAll, settled, settling, withTheirs, type Clash } from "../../src/editor/merge.ts";
import { tile } from "../../src/editor/tiles.ts";
import { section, sections } from "./made.ts";

const merged: Annotation = { sections: sections([0, 30, 60, 90], ["intro", "drop", "outro"]), notes: "mine", grid: [{ time: 0, bpm: 128, beats_per_bar: 4, position: 1 }] };
const clashes: Clash[] = [
  { field: "sections", start: 30, end: 60, ours: [section(30, 60, "drop")], theirs: [section(30, 45, "buildup"), section(45, 60, "drop")] },
  { field: "notes", start: null, end: null, ours: "mine", theirs: "theirs" },
  { field: "grid", start: null, end: null, ours: merged.grid, theirs: null },
];
const conflict: Conflict = { base: null, theirs: { revision: 4, annotation: {} }, merged, clashes };

describe("what is chosen", () => {
  test("nothing: ours stands", () => {
    assert.deepEqual(settled(settling(conflict), 90).sections, merged.sections);
    assert.equal(openClashes(settling(conflict)), 3);
  });

  test("one after the other, and the next that is open is looked at", () => {
    let now = pick(settling(conflict), "theirs");
    assert.equal(now.at, 1);
    now = pick(now, "ours");
    assert.equal(now.at, 2);
    now = pick(now, "theirs");
    assert.deepEqual([now.at, openClashes(now)], [2, 0]);
    const result = settled(now, 90);
    assert.deepEqual(result.sections!.map(({ start, label }) => [start, label]), [[0, "intro"], [30, "buildup"], [45, "drop"], [60, "outro"]]);
    assert.ok(tile(result.sections!, 90));
    assert.deepEqual([result.notes, result.grid], ["mine", null]);
  });

  test("another time, out of order, or all at once", () => {
    let now = pick(settling(conflict), "theirs", 1);
    assert.equal(now.at, 2);
    now = pick(now, "ours", 1);
    assert.equal(settled(now, 90).notes, "mine");
    assert.equal(pick(now, "ours", 9), now);
    assert.equal(settled(pickAll(now, "theirs"), 90).notes, "theirs");
    assert.deepEqual([look(now, 1).at, look(look(now, 1), 1).at, look(now, -1).at], [0, 1, 1]);
    const none = settling({ ...conflict, clashes: [] });
    assert.equal(look(none, 1), none);
    assert.deepEqual(settled(none, 90).sections, merged.sections);
  });
});

describe("their side, as Python settles it", () => {
  const comment = (text: string, time: string) => ({ start: 3, end: 9, label: "comment" as const, text, author: "ada", time });

  test("comments and events one by one, wherever they overlap", () => {
    const annotation = { comments: [comment("mine", "t1"), comment("other", "t2")] };
    const clash = { field: "comments", start: 3, end: 9, ours: [comment("mine", "t1")], theirs: [comment("yours", "t1")] };
    assert.deepEqual(withTheirs(annotation, clash).comments!.map(({ text }) => text).sort(), ["other", "yours"]);
    assert.deepEqual(withTheirs(annotation, { ...clash, theirs: [] }).comments!.map(({ text }) => text), ["other"]);
    const events = { events: [{ time: 30, label: "drop", bar: 17 }, { time: 30, label: "kick in", bar: 17 }] };
    assert.deepEqual(withTheirs(events, { field: "events", start: 30, end: 30, ours: [events.events[0]!], theirs: [] }).events!.map(({ label }) => label), ["kick in"]);
  });

  test("what a file held besides, by its format", () => {
    assert.deepEqual(withTheirs({ rest: { jams: { a: 1 }, yaml: { b: 2 } } }, { field: "rest", start: null, end: null, ours: { jams: { a: 1 } }, theirs: { jams: { a: 3 } } }).rest, { yaml: { b: 2 }, jams: { a: 3 } });
    assert.deepEqual(withTheirs({ rest: { jams: 1 } }, { field: "rest", start: null, end: null, ours: { jams: 1 }, theirs: {} }).rest, {});
  });
});

test("a clash in words", () => {
  assert.equal(describeClash(clashes[0]!), "sections from 0:30.000 to 1:00.000: yours drop; theirs buildup, drop");
  assert.equal(describeClash(clashes[1]!), "notes: yours mine; theirs theirs");
  assert.equal(describeClash(clashes[2]!), "the grid: yours 128 BPM; theirs nothing");
  const said = { field: "words", start: 0, end: 2, ours: [{ text: "good" }, { text: "morning" }], theirs: [] };
  assert.equal(describeClash(said), "words from 0:00.000 to 0:02.000: yours good morning; theirs nothing");
});
