import assert from "node:assert/strict";
import { test } from "vitest";
import { paintOf, partsOf, tellsForm } from "../src/form.ts";
import type { Props } from "../src/types.ts";

const span = (label: string, start: number) => ({ label, start, end: start + 10, colour: `#${label}` });
const props = (labels: string[], person = false) =>
  ({
    sections: labels.map((label, index) => span(label, index * 10)),
    sectionsBy: { source: "", person },
    passages: [span("weather", 3)],
    activity: [span("speech", 0)],
  }) as unknown as Props;

test("a talk's sections, all of them 'other', give way to what is spoken", () => {
  const talk = props(["other", "silence", "other"]);
  assert.equal(tellsForm(talk), false);
  assert.deepEqual(partsOf(talk), talk.passages);
  assert.deepEqual(paintOf(talk), talk.activity);
});

test("a song's sections lead, and so does whatever a person has marked", () => {
  for (const told of [props(["intro", "drop"]), props(["other"], true)]) {
    assert.equal(tellsForm(told), true);
    assert.deepEqual(partsOf(told), told.sections);
    assert.deepEqual(paintOf(told), told.sections);
  }
});
