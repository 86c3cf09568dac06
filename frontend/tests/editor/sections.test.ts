import assert from "node:assert/strict";
import { describe, test } from "vitest";
import { annotationOf, documentOf, Refused, saysTheSame, UNLABELLED, type Document, type Section } from "../../src/editor/document.ts";
import * as edit from "../../src/editor/sections.ts";
import { tile } from "../../src/editor/tiles.ts";
import { History } from "../../src/editor/history.ts";
import { acceptAll, acceptSuggestion, rejectSuggestion, standings } from "../../src/editor/suggest.ts";
import { document, LABELS, section, sections } from "./made.ts";
import { Chance } from "./random.ts";

const edges = (of: Document): number[] => of.sections!.map((part) => part.start);
const labels = (of: Document): string[] => of.sections!.map((part) => part.label);
const three = document({ sections: sections([0, 30, 90, 240], ["intro", "drop", "outro"]) });

describe("an annotation is edited and saved as it is", () => {
  test("what is absent stays absent, what is not edited is passed on", () => {
    const annotation = { recording: { id: "sha256:00" }, sections: [section(0, 240)], author: "ada", flags: ["needs_review"], rest: { jams: { a: 1 } }, tier: "verified" as const };
    assert.deepEqual(annotationOf(documentOf(annotation, 240)), annotation);
    assert.deepEqual(annotationOf(documentOf(null, 240)), {});
    assert.deepEqual(annotationOf({ ...documentOf(null, 240), sections: [] }), { sections: [] });
  });
});

test("two annotations say the same, whoever wrote them down when, and whatever stands first", () => {
  const one = { sections: [section(0, 240)], author: "ada", created: "1", rest: {} };
  const { start, end, label, ...rest } = section(0, 240);
  assert.ok(saysTheSame(one, { sections: [{ ...rest, label, end, start }], author: "eve", recording: { id: "sha256:00" } }));
  assert.ok(!saysTheSame(one, { sections: [section(0, 240, "intro")] }));
  assert.ok(!saysTheSame({ sections: [] }, {}), "nothing there is not the same as not annotated");
});

describe("boundaries", () => {
  test("one more, and what follows has no label yet", () => {
    const after = edit.addBoundary(three, 60);
    assert.deepEqual(edges(after), [0, 30, 60, 90]);
    assert.deepEqual(labels(after), ["intro", "drop", "other", "outro"]);
    assert.equal(after.sections![2]!.original, UNLABELLED);
    assert.equal(edit.openParts(after), 1);
    assert.equal(after.sections![3], three.sections![2], "what was not touched is shared");
  });

  test("the first one, where nothing was annotated", () => {
    const after = edit.addBoundary(document(), 15.02);
    assert.deepEqual(edges(after), [0, 15.02]);
    assert.ok(after.sections!.every(edit.isUnlabelled));
  });

  test("none where one is, and none at the recording's ends", () => {
    for (const time of [0, 0.01, 30, 30.015, 89.99, 240, 239.99]) assert.throws(() => edit.addBoundary(three, time), Refused, String(time));
  });

  test("moved, both neighbours move, as far as they let it", () => {
    const after = edit.moveBoundary(three, 1, 31.9);
    assert.deepEqual(after.sections!.map(({ start, end }) => [start, end]), [[0, 31.9], [31.9, 90], [90, 240]]);
    assert.deepEqual(edges(edit.moveBoundary(three, 1, 500)), [0, 89.98, 90]);
    assert.deepEqual(edges(edit.moveBoundary(three, 1, -3)), [0, 0.02, 90]);
    assert.equal(edit.moveBoundary(three, 1, 30), three);
    assert.throws(() => edit.moveBoundary(three, 0, 4), /own ends/);
    assert.throws(() => edit.moveBoundary(three, 3, 4), /own ends/);
  });

  test("removed, the earlier label stays, unless only the later has one", () => {
    assert.deepEqual(labels(edit.removeBoundary(three, 1)), ["intro", "outro"]);
    const open = edit.unlabel(three, [0]);
    assert.deepEqual(labels(edit.removeBoundary(open, 1)), ["drop", "outro"]);
    assert.deepEqual(edges(edit.removeBoundary(open, 1)), [0, 90]);
    assert.throws(() => edit.removeBoundary(three, 0), Refused);
  });

  test("what a model had measured of the old stretch goes with its edges", () => {
    const energy = { bass: -9, mid: -12, high: -20 };
    const before = document({ sections: [section(0, 30, "intro", { energy, start_bar: 1, end_bar: 16 }), section(30, 240, "drop", { energy, boundary_confidence: 0.9 })] });
    const [first, second] = edit.moveBoundary(before, 1, 32).sections!;
    assert.deepEqual([first!.energy, first!.start_bar, second!.energy, second!.boundary_confidence], [undefined, null, undefined, undefined]);
    const [, same] = edit.split(before, 100).sections!;
    assert.equal(same!.boundary_confidence, 0.9);
  });
});

describe("labels", () => {
  test("many at once, in one step, and the model's confidence is not the person's", () => {
    const before = document({ sections: [section(0, 30, "intro", { confidence: 0.4 }), section(30, 90, "other", { original: "segment2" }), section(90, 240, "outro")] });
    const after = edit.relabel(before, [0, 1], "breakdown");
    assert.deepEqual(labels(after), ["breakdown", "breakdown", "outro"]);
    assert.deepEqual([after.sections![0]!.confidence, after.sections![1]!.original], [null, undefined]);
    assert.equal(after.sections![2], before.sections![2]);
    assert.equal(edit.relabel(before, [2], "outro"), before, "the same label is no edit");
  });

  test("on a track that nobody has marked, one section", () => {
    assert.deepEqual(edit.relabel(document(), [0], "drop").sections, [section(0, 240)]);
  });

  test("other is a label too: it is not the same as having none", () => {
    const after = edit.relabel(document(), [0], "other");
    assert.equal(after.sections![0]!.original, undefined);
    assert.equal(edit.openParts(after), 0);
  });
});

describe("split and merge", () => {
  test("split keeps the label on both sides, merge brings back what was", () => {
    const halves = edit.split(three, 60);
    assert.deepEqual(labels(halves), ["intro", "drop", "drop", "outro"]);
    assert.deepEqual(edit.merge(halves, 1, 2).sections, three.sections);
    assert.deepEqual(edit.merge(three, 0, 2).sections, [section(0, 240, "intro")]);
  });

  test("references to earlier sections follow them, or go", () => {
    const before = document({ sections: [section(0, 30), section(30, 60), section(60, 90, "drop", { repeats: 1 }), section(90, 240, "drop", { repeats: 0 })] });
    assert.deepEqual(edit.split(before, 10).sections!.map((part) => part.repeats), [null, null, null, 2, null]);
    assert.deepEqual(edit.split(before, 70).sections!.map((part) => part.repeats), [null, null, 1, 1, 0]);
    assert.deepEqual(edit.moveBoundary(before, 1, 31).sections!.map((part) => part.repeats), [null, null, 1, 0]);
  });
});

describe("activity, in a lane of its own", () => {
  const radio = document({ activity: [{ start: 0, end: 100, label: "speech", confidence: 0.9 }, { start: 100, end: 240, label: "music", confidence: 0.8 }] });

  test("the same edits, and a boundary keeps the label", () => {
    const after = edit.addBoundary(radio, 50, "activity");
    assert.deepEqual(after.activity!.map((part) => part.label), ["speech", "speech", "music"]);
    assert.deepEqual(edit.relabel(after, [1], "speech+music", "activity").activity![1], { start: 50, end: 100, label: "speech+music" });
    assert.deepEqual(edit.moveBoundary(radio, 1, 120, "activity").activity!.map((part) => part.end), [120, 240]);
    assert.equal(edit.removeBoundary(radio, 1, "activity").activity!.length, 1);
    assert.equal(after.sections, null);
  });
});

describe("a suggestion", () => {
  const suggested = sections([0, 30, 60, 120, 240], ["intro", "buildup", "drop", "outro"]);

  test("taken one by one: the rest stays open", () => {
    const one = acceptSuggestion(document(), suggested[1]!);
    assert.deepEqual(one.sections!.map(({ start, end, label }) => [start, end, label]), [[0, 30, "other"], [30, 60, "buildup"], [60, 240, "other"]]);
    assert.deepEqual(standings(one, suggested), ["open", "taken", "open", "open"]);
    const all = suggested.reduce(acceptSuggestion, document());
    assert.deepEqual(all.sections, acceptAll(document(), suggested).sections);
    assert.deepEqual(standings(all, suggested), ["taken", "taken", "taken", "taken"]);
  });

  test("unchanged it can be taken too: sections are the suggestion's, without the model's confidence", () => {
    const energy = { bass: -9, mid: -12, high: -20 };
    const all = acceptAll(document(), [section(0, 100, "intro", { confidence: 0.7, start_bar: 1, end_bar: 8, energy }), section(100, 240, "drop", { confidence: 0.6 })]);
    assert.deepEqual(all.sections, [section(0, 100, "intro", { energy }), section(100, 240, "drop")]);
  });

  test("all: what a person said stays, what was turned down stays away", () => {
    const mine = edit.relabel(edit.addBoundary(edit.addBoundary(document(), 34), 60), [1], "drop");
    const after = acceptAll(rejectSuggestion(mine, suggested[3]!), suggested);
    assert.deepEqual(after.sections!.map(({ start, end, label, original }) => [start, end, original ?? label]), [
      [0, 30, "intro"], [30, 34, "buildup"], [34, 60, "drop"], [60, 120, "drop"], [120, 240, UNLABELLED],
    ]);
    assert.deepEqual(standings(after, suggested), ["taken", "different", "taken", "rejected"]);
  });

  test("where a person has corrected an edge, taking the next fills up to it", () => {
    const corrected = edit.moveBoundary(acceptSuggestion(document(), suggested[0]!), 1, 34);
    const after = acceptSuggestion(corrected, suggested[1]!);
    assert.deepEqual(after.sections!.map(({ start, end, original }) => [start, end, original]), [[0, 34, undefined], [34, 60, undefined], [60, 240, UNLABELLED]]);
    // Taken once more, where everything was said: it takes its place.
    assert.deepEqual(edges(acceptSuggestion(after, suggested[1]!)), [0, 30, 60]);
  });

  test("turned down after it was taken, and taken after it was turned down", () => {
    const all = acceptAll(document(), suggested);
    const without = rejectSuggestion(all, suggested[2]!);
    assert.ok(edit.isUnlabelled(without.sections![2]!));
    assert.deepEqual(standings(without, suggested), ["taken", "taken", "rejected", "taken"]);
    assert.deepEqual(acceptSuggestion(without, suggested[2]!).sections, all.sections);
  });

  test("edges that differ by less than anybody hears leave no slivers", () => {
    const mine = edit.relabel(edit.addBoundary(document(), 30.004), [0], "intro");
    assert.deepEqual(edges(acceptAll(mine, suggested)), [0, 30.004, 60, 120]);
    assert.deepEqual(edges(acceptSuggestion(edit.relabel(document(), [0], "drop"), section(0.004, 239.99, "intro"))), [0]);
  });

  test("nothing suggested, nothing changed", () => {
    assert.equal(acceptAll(three, suggested), three);
    assert.equal(acceptAll(three, []), three);
  });
});

/** One edit, of any kind, at random. */
function someEdit(chance: Chance, of: Document, suggested: readonly Section[]): Document {
  const count = edit.sectionsOf(of).length;
  const [time, index] = [chance.between(-5, of.duration + 5), chance.whole(0, count)];
  return chance.of<() => Document>([
    () => edit.addBoundary(of, time),
    () => edit.addBoundary(of, time),
    () => edit.split(of, time),
    () => edit.moveBoundary(of, index, time),
    () => edit.moveBoundary(of, index, time),
    () => edit.removeBoundary(of, index),
    () => edit.merge(of, index, index + chance.whole(1, 3)),
    () => edit.relabel(of, Array.from({ length: chance.whole(1, 4) }, () => chance.whole(0, count)), chance.of(LABELS)),
    () => edit.unlabel(of, [index]),
    () => acceptSuggestion(of, chance.of(suggested)),
    () => rejectSuggestion(of, chance.of(suggested)),
    () => acceptAll(of, suggested),
    () => edit.paint(of, section(Math.max(0, time), Math.min(of.duration, Math.max(0, time) + chance.between(0.05, 60)))),
  ])();
}

test("whatever is done, sections tile the recording, and undo gives the very documents back", () => {
  const chance = new Chance(7);
  for (let walk = 0; walk < 60; walk++) {
    const duration = chance.between(30, 400);
    const suggested = sections([0, ...Array.from({ length: 6 }, () => chance.between(0.1, duration - 0.1)).sort((a, b) => a - b), duration]);
    const history = new History<Document>(document({}, duration), () => 0);
    const seen = [history.state];
    for (let step = 0; step < 60; step++) {
      try {
        history.push("edit", someEdit(chance, history.state, suggested));
      } catch (error) {
        if (!(error instanceof Refused)) throw error;
      }
      const { sections: now } = history.state;
      if (now !== null) {
        assert.ok(tile(now, duration), JSON.stringify(now));
        assert.ok(now.every((part) => LABELS.includes(part.label)));
        assert.ok(!annotationOf(history.state).hasOwnProperty("rejected"));
      }
      if (history.state !== seen.at(-1)) seen.push(history.state);
    }
    const copies = seen.map((state) => JSON.stringify(state));
    for (let at = seen.length - 2; at >= 0; at--) {
      history.undo();
      assert.equal(history.state, seen[at]);
    }
    assert.equal(history.undo(), null);
    for (let at = 1; at < seen.length; at++) {
      history.redo();
      assert.equal(history.state, seen[at]);
    }
    assert.deepEqual(seen.map((state) => JSON.stringify(state)), copies, "no edit changed a document that was there before");
  }
});

test("50,000 sections: a thousand edits and everything taken, in the time of a few frames each", () => {
  const many = sections(Array.from({ length: 50_001 }, (_, index) => index));
  let now = acceptAll(document({}, 50_000), many);
  assert.equal(now.sections!.length, 50_000);
  assert.deepEqual(new Set(standings(now, many)), new Set(["taken"]));
  const chance = new Chance(8);
  for (let step = 0; step < 200; step++) {
    const index = chance.whole(1, now.sections!.length - 1);
    now = edit.moveBoundary(now, index, now.sections![index]!.start + 0.3);
    now = edit.addBoundary(now, now.sections![index]!.start + 0.35);
    now = edit.relabel(now, [index], "outro");
    now = edit.removeBoundary(now, index);
  }
  assert.ok(tile(now.sections!, 50_000));
  now = edit.relabel(now, now.sections!.map((_, index) => index), "drop");
  assert.ok(now.sections!.every((part) => part.label === "drop"));
}, 20_000);
