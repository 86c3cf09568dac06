import assert from "node:assert/strict";
import { describe, test } from "vitest";
import { Refused } from "../../src/editor/document.ts";
import { nudge, relabel, take } from "../../src/editor/marking.ts";
import { Bench } from "./bench.ts";
import { document, passage, sections } from "./made.ts";

const GRID = [{ time: 0, bpm: 120, beats_per_bar: 4, position: 1 }];
const four = (): Bench => new Bench({ document: document({ grid: GRID, sections: sections([0, 32, 64, 128, 240], ["intro", "buildup", "drop", "outro"]), passages: [passage(10, 14, "good morning")] }) });

test("who looks on is told of every change, until they do not want to be", () => {
  const { session } = four();
  let told = 0;
  const stop = session.subscribe(() => told++);
  session.edit("notes", (now) => ({ ...now, notes: "x" }));
  session.undo();
  session.select({ items: [1] });
  session.snap = "off";
  session.lane = "grid";
  assert.equal(told, 5);
  session.lane = "grid";
  assert.equal(told, 5, "nothing changed");
  stop();
  session.redo();
  assert.equal(told, 5);
});

test("an edit that is refused changes nothing and says why; one that breaks is not hidden", () => {
  const { session } = four();
  const before = session.document;
  assert.equal(session.edit("fly", () => { throw new Refused("Sections do not fly"); }), false);
  assert.deepEqual([session.document, session.said, session.history.depth], [before, "Sections do not fly", 0]);
  assert.equal(session.edit("nothing", (now) => now), false);
  assert.equal(session.said, "nothing: nothing to change");
  assert.throws(() => session.edit("break", () => { throw new TypeError("a mistake"); }), TypeError);
});

describe("what a key is for", () => {
  test("what is under the playhead, if nothing is selected", () => {
    const { session } = four();
    assert.deepEqual([0, 31.9, 32, 239, 240, 500].map((time) => session.targets(time)[0]), [0, 0, 1, 3, 3, 3]);
  });

  test("what was selected in passing, while the playhead is there; what was selected by hand, always", () => {
    const { session } = four();
    session.select({ items: [1] });
    assert.deepEqual([31, 40, 100].map((time) => session.targets(time)), [[1], [1], [2]]);
    session.toggle(1);
    assert.deepEqual(session.selection.items, [1], "by hand it begins anew");
    assert.deepEqual(session.targets(200), [1]);
    session.toggle(3);
    assert.deepEqual(session.targets(50), [1, 3]);
    session.toggle(1);
    session.toggle(3);
    assert.deepEqual(session.targets(50), [1]);
  });

  test("a boundary: the one selected, or one within reach", () => {
    const { session } = four();
    assert.deepEqual([0, 31, 33, 48, 127].map((time) => session.boundary(time)), [null, 1, 1, null, 3]);
    session.select({ boundary: 2, held: true });
    assert.equal(session.boundary(10), 2);
    session.select({ boundary: 2 });
    assert.equal(session.boundary(32), 1);
  });

  test("passages: only near one", () => {
    const { session } = four();
    session.lane = "passages";
    assert.deepEqual([9, 10, 13, 15, 20].map((time) => session.targets(time)), [[], [0], [0], [0], []]);
  });

  test("indices that are none are not selected", () => {
    const { session } = four();
    session.select({ items: [9, 2, -1, 2], boundary: 4, word: 3 });
    assert.deepEqual(session.selection, { items: [2], boundary: null, word: 3, held: false });
    session.lane = "activity";
    assert.deepEqual(session.selection.items, []);
  });
});

test("items are described for those who do not see them", () => {
  const { session } = four();
  assert.equal(session.described(1), "buildup 2 of 4, from 0:32.000, bar 17.1");
  assert.equal(session.described(9), "nothing");
  assert.match(new Bench().session.described(0), /^no label yet 1 of 1, from 0:00.000$/);
  session.lane = "grid";
  assert.match(session.described(0), /^grid 1 of 1/);
});

test("the grid is worked out once for each document that has another one", () => {
  const { session } = four();
  const { grid } = session;
  session.edit("label", (now) => ({ ...now, notes: "x" }));
  assert.equal(session.grid, grid);
  session.edit("grid", (now) => ({ ...now, grid: [{ ...GRID[0]!, bpm: 128 }] }));
  assert.notEqual(session.grid, grid);
});

test("a boundary is taken hold of in any lane, and is that of the sections where the lane has none", () => {
  for (const lane of ["passages", "grid", "sections"] as const) {
    const bench = four();
    bench.session.lane = lane;
    take(bench, 2);
    assert.deepEqual([bench.session.lane, bench.deck.time, bench.session.selection.boundary], ["sections", 64, 2]);
    nudge(bench, 1, false, 2);
    assert.equal(bench.session.document.sections![2]!.start, 66);
    bench.at(10);
    relabel(bench, "silence");
    assert.equal(bench.session.document.sections![0]!.label, "silence", "the playhead has gone elsewhere");
  }
});
