import assert from "node:assert/strict";
import { test } from "vitest";
import { band, beside, isOpen, OPEN, passes, sifted, sorted } from "../../src/jury/sift.ts";
import type { Item, Row } from "../../src/jury/types.ts";
import type { Judgement, Passage } from "../../src/types.ts";

const judged = (label: string): Judgement => ({ status: "ok", label, confidence: 1, reason: null, nearest: [] });
const passage = (topic: string): Passage => ({
  start: 0, end: 1, text: "", language: null, words: [], topic: judged(topic), tone: judged("Serious"),
  safety: { status: "clear", categories: [], evidence: [], reason: null }, repetition: null,
});
const item = (kind: Item["kind"], index: number, divergence: number | null): Item => ({ kind, index, start: index, end: index + 1, heard: "", consensus: 3, divergence, facts: [] });
const props = { passages: [passage("Sports"), passage("Weather")], jury: { items: [item("passage", 0, 0.4), item("passage", 1, 2), item("section", 0, null)] } };

test("everything is let through at first", () => {
  assert.ok(isOpen(OPEN));
  assert.equal(sifted(props, OPEN).size, 3);
});

test("kind, topic and disagreement let items through; music has no topic", () => {
  assert.deepEqual([...sifted(props, { ...OPEN, kind: "section" })], ["section:0"]);
  assert.deepEqual([...sifted(props, { ...OPEN, apart: true })], ["passage:1"]);
  const sports = { ...OPEN.passages, topic: new Set(["Sports"]) };
  assert.deepEqual([...sifted(props, { ...OPEN, passages: sports })], ["passage:0"]);
  assert.equal(sifted(props, { ...OPEN, passages: sports, apart: true }).size, 0);
});

test("a whole score stands for what rounds to it, halves up", () => {
  assert.deepEqual([1, 1.49, 1.5, 2.5, 4.5, 5].map(band), [1, 1, 2, 3, 5, 5]);
});

test("what has no score is in no band, but has a status", () => {
  const unscored = { score: null, status: "failed" } as const;
  assert.ok(passes(unscored, OPEN));
  assert.ok(!passes(unscored, { ...OPEN, scores: new Set([3]) }));
  assert.ok(passes(unscored, { ...OPEN, statuses: new Set(["failed"]) }));
  assert.ok(passes({ score: 3.2, status: "ok" }, { ...OPEN, scores: new Set([3, 5]) }));
});

test("rows go by mean, name or divergence; those without a value come last", () => {
  const row = (persona: string, mean: number | null, divergence: number | null): Row => ({ persona, mean, divergence, interval: null, why: null, scored: 1, total: 1, weight: 1, moments: [] });
  const people = ["b", "a", "c"].map((id) => ({ id, name: id, emoji: "" }));
  const rows = [row("a", 2, null), row("b", 4, 0.1), row("c", null, 0.9)];
  const ids = (sort: "mean" | "name" | "divergence"): string => sorted(people, rows, sort).map(({ id }) => id).join("");
  assert.equal(ids("mean"), "bac");
  assert.equal(ids("name"), "abc");
  assert.equal(ids("divergence"), "cba");
});

test("below a cell lies the one that shares most time with it, else the nearest", () => {
  const cells = [{ start: 0, end: 10 }, { start: 10, end: 12 }, { start: 40, end: 50 }];
  assert.equal(beside(cells, { start: 8, end: 11 }), 0);
  assert.equal(beside(cells, { start: 10, end: 12 }), 1);
  assert.equal(beside(cells, { start: 35, end: 38 }), 2);
  assert.equal(beside([], { start: 0, end: 1 }), -1);
});

test("of two that share as much, the one that begins with it", () => {
  assert.equal(beside([{ start: 0, end: 100 }, { start: 20, end: 30 }], { start: 20, end: 30 }), 1);
});
