import assert from "node:assert/strict";
import { afterEach, beforeEach, test, vi } from "vitest";
import { Ratings } from "../../src/jury/saving.ts";
import type { Item, Said } from "../../src/jury/types.ts";

const ITEM: Item = { kind: "passage", index: 2, start: 4, end: 9, heard: "0a1b", consensus: null, divergence: null, facts: [] };
const BEN: Said = { kind: "passage", index: 2, rater: "ben", persona: "", score: 2, note: "" };
let sent: { url: string; body: Record<string, unknown> }[] = [];
let answers: (() => Promise<Response>)[] = [];
const ok = (): Promise<Response> => Promise.resolve(new Response("{}", { status: 201 }));

beforeEach(() => {
  sent = [];
  answers = [];
  vi.stubGlobal("fetch", (url: string, init: RequestInit) => {
    sent.push({ url, body: JSON.parse(init.body as string) });
    return (answers.shift() ?? ok)();
  });
});
afterEach(() => vi.unstubAllGlobals());

const settled = (ratings: Ratings): Promise<void> => vi.waitFor(() => assert.notEqual(ratings.saving?.state, "saving"));

test("a rating is shown at once and sent with what was heard", async () => {
  const saved = vi.fn();
  const ratings = new Ratings("/ratings", "ada", [BEN], () => undefined, saved);
  ratings.rate(ITEM, 4);
  assert.equal(ratings.mine(ITEM)?.score, 4);
  assert.equal(ratings.of(ITEM).length, 2);
  await settled(ratings);
  assert.deepEqual(sent[0], { url: "/ratings", body: { rater: "ada", kind: "passage", start: 4, end: 9, heard: "0a1b", score: 4 } });
  assert.equal(saved.mock.calls.length, 1);
});

test("the same again takes it back, another replaces it, and others' stay", async () => {
  const ratings = new Ratings("/ratings", "ada", [BEN], () => undefined, () => undefined);
  ratings.rate(ITEM, 4);
  ratings.rate(ITEM, 5);
  ratings.rate(ITEM, 5);
  await settled(ratings);
  assert.deepEqual(sent.map(({ body }) => body.score), [4, 5, null]);
  assert.deepEqual(ratings.of(ITEM), [BEN]);
});

test("what could not be saved stays on view with the reason, is not overwritten, and can be sent again", async () => {
  answers = [() => Promise.resolve(new Response(JSON.stringify({ detail: "the disk is full" }), { status: 503 }))];
  const saved = vi.fn();
  const ratings = new Ratings("/ratings", "ada", [], () => undefined, saved);
  ratings.rate(ITEM, 1);
  await settled(ratings);
  assert.deepEqual(ratings.saving, { state: "failed", reason: "the disk is full" });
  ratings.take([]);
  assert.equal(ratings.mine(ITEM)?.score, 1);
  ratings.again();
  await settled(ratings);
  assert.equal(ratings.saving?.state, "saved");
  assert.equal(saved.mock.calls.length, 1);
});

test("what failed of one item is not forgotten when another is saved", async () => {
  answers = [() => Promise.reject(new TypeError("offline")), ok];
  const ratings = new Ratings("/ratings", "ada", [], () => undefined, () => undefined);
  ratings.rate(ITEM, 1);
  ratings.rate({ ...ITEM, index: 3 }, 2);
  await settled(ratings);
  assert.deepEqual(ratings.saving, { state: "failed", reason: "the server cannot be reached" });
  ratings.again();
  await settled(ratings);
  assert.deepEqual(sent.map(({ body }) => body.score), [1, 2, 1]);
  assert.equal(ratings.saving?.state, "saved");
});

test("a name is one's own however it is typed", () => {
  const ratings = new Ratings("/ratings", " Ben ", [BEN], () => undefined, () => undefined);
  assert.equal(ratings.mine(ITEM)?.score, 2);
});

test("without a name or an address nothing is rated", () => {
  const nameless = new Ratings("/ratings", "", [], () => undefined, () => undefined);
  nameless.rate(ITEM, 3);
  assert.equal(new Ratings(null, "ada", [], () => undefined, () => undefined).possible, false);
  assert.equal(nameless.of(ITEM).length, 0);
  assert.equal(sent.length, 0);
});
