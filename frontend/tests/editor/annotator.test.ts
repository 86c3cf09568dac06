/** How many keys an annotator needs: the figures that were promised, and what is on the track in the end. */

import assert from "node:assert/strict";
import { describe, test } from "vitest";
import { press } from "../../src/editor/commands.ts";
import type { Section } from "../../src/editor/document.ts";
import { openParts } from "../../src/editor/sections.ts";
import { Bench, eventOf } from "./bench.ts";
import { document, LABELS, sections } from "./made.ts";

const [BPM, DOWNBEAT] = [128, 0.02];
const bar = (number: number): number => Math.round((DOWNBEAT + ((number - 1) * 240) / BPM) * 1e9) / 1e9;

/** Eight sections, as long as they are in dance music; the first begins with the file, the last ends with it. */
const STARTS = [17, 33, 49, 81, 97, 113, 145];
const NAMES = ["intro", "buildup", "drop", "breakdown", "buildup", "drop", "breakdown", "outro"];
const DURATION = bar(161) + 3.1;
const TRUTH = sections([0, ...STARTS.map(bar), DURATION], NAMES);
const GRID = [{ time: DOWNBEAT, bpm: BPM, beats_per_bar: 4, position: 1 }];

const digit = (label: string): string => String(LABELS.indexOf(label) + 1);

function assertMarked(bench: Bench, within = 1e-6): void {
  const marked = bench.session.document.sections!;
  assert.deepEqual(marked.map(({ label }) => label), NAMES);
  marked.forEach((part, index) => assert.ok(Math.abs(part.start - TRUTH[index]!.start) <= within, `${part.start} for ${TRUTH[index]!.start}`));
  assert.equal(openParts(bench.session.document), 0);
  assert.ok(bench.did.includes("save"));
}

describe("from a good suggestion, two boundaries and two labels wrong: at most 25 keys", () => {
  /** The third boundary four bars late, the sixth eight bars early; a drop that is called breakdown and the reverse. */
  const wrong: Section[] = TRUTH.map((part) => ({ ...part, confidence: 0.7 }));
  const edge = (index: number, time: number): void => {
    wrong[index - 1] = { ...wrong[index - 1]!, end: time };
    wrong[index] = { ...wrong[index]!, start: time };
  };
  edge(3, bar(STARTS[2]! + 4));
  edge(6, bar(STARTS[5]! - 8));
  wrong[2] = { ...wrong[2]!, label: "breakdown" };
  wrong[6] = { ...wrong[6]!, label: "drop" };

  test("the boundaries nudged bar by bar", () => {
    const bench = new Bench({ document: document({}, DURATION), suggestion: { grid: GRID, sections: wrong } });
    bench.keys("Shift+A");
    bench.keys("]", "]", digit("drop"), "]", ",", ",", ",", ",");
    bench.keys("]", "]", "]", ".", ".", ".", ".", ".", ".", ".", ".", digit("breakdown"));
    bench.keys("Ctrl+S");
    assertMarked(bench);
    assert.deepEqual(bench.session.document.grid, GRID);
    assert.ok(bench.presses <= 25, `${bench.presses} keys`);
    assert.equal(bench.presses, 22);
  });

  test("the boundaries set anew where they are heard", () => {
    const bench = new Bench({ document: document({}, DURATION), suggestion: { grid: GRID, sections: wrong } });
    bench.keys("Shift+A", "]", "]", digit("drop"), "]", "Delete", "ArrowLeft", "B", digit("breakdown"));
    bench.keys("]", "]", "]", "Delete", "Shift+ArrowRight", "B", digit("breakdown"), "Ctrl+S");
    assertMarked(bench);
    assert.ok(bench.presses <= 25, `${bench.presses} keys`);
    assert.equal(bench.presses, 17);
  });
});

describe("from nothing: at most 45 keys", () => {
  test("the grid tapped while it plays, then from bar to bar with the sound standing", () => {
    const bench = new Bench({ document: document({}, DURATION) });
    bench.keys("Space");
    bench.deck.now = bar(5);
    for (let tap = 0; tap < 8; tap++) {
      bench.presses++;
      press(eventOf("T"), bench);
      bench.play(60 / BPM);
    }
    bench.keys("Space", "Home", digit("intro"));
    let at = 1;
    for (const [index, start] of STARTS.entries()) {
      for (; at < start; at += 8) bench.keys("Shift+ArrowRight");
      bench.keys("B", digit(NAMES[index + 1]!));
    }
    bench.keys("Ctrl+S");
    assertMarked(bench, 0.002);
    assert.equal(bench.session.document.grid![0]!.bpm, BPM);
    assert.ok(bench.presses <= 45, `${bench.presses} keys`);
    assert.equal(bench.presses, 45);
  });

  test("marked while it plays, a quarter of a second late: the bars catch it", () => {
    const bench = new Bench({ document: document({}, DURATION) });
    bench.keys("Space", digit("intro"));
    bench.deck.now = bar(5);
    for (let tap = 0; tap < 8; tap++) {
      bench.presses++;
      press(eventOf("T"), bench);
      bench.play(60 / BPM);
    }
    for (const [index, start] of STARTS.entries()) {
      bench.deck.now = bar(start) + 0.25;
      bench.keys("B");
      bench.play(1);
      bench.keys(digit(NAMES[index + 1]!));
    }
    bench.keys("Ctrl+S");
    assertMarked(bench, 0.002);
    assert.ok(bench.presses <= 45, `${bench.presses} keys`);
    assert.equal(bench.presses, 25);
  });
});
