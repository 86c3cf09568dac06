import assert from "node:assert/strict";
import { test } from "vitest";
import { reasonsOf } from "../../src/jury/reasons.ts";

test("what speaks for and against it is told apart", () => {
  const found = reasonsOf("For it: likes the topic Sports (90% sure); has 16 bars.\nAgainst it: does not like the tone Serious.");
  assert.deepEqual(found, { likes: ["likes the topic Sports (90% sure)", "has 16 bars"], dislikes: ["does not like the tone Serious"], besides: [] });
});

test("a semicolon within a quotation belongs to it", () => {
  assert.deepEqual(reasonsOf("For it: resembles “rain; then sun.”; is calm.").likes, ["resembles “rain; then sun.”", "is calm"]);
});

test("other lines are kept as they are, and nothing gives nothing", () => {
  assert.deepEqual(reasonsOf("- It is about me; I think.\n\n").besides, ["It is about me; I think."]);
  assert.deepEqual(reasonsOf(null), { likes: [], dislikes: [], besides: [] });
});

test("what looks like markup stays text", () => {
  assert.deepEqual(reasonsOf("Against it: <b>{loud}</b>.").dislikes, ["<b>{loud}</b>"]);
});
