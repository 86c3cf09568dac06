import assert from "node:assert/strict";
import { test } from "vitest";
import type { Judgement, Passage } from "../src/types.ts";
import { describeJudgement, describeSafety, repeated, safety, severityWord } from "../src/words.ts";

const judge = (change: Partial<Judgement>): Judgement => ({ status: "abstained", label: null, confidence: null, reason: null, nearest: [], ...change });
const safe = (status: string, grades: Record<string, number>, more = {}) =>
  ({ safety: { status, categories: Object.entries(grades).map(([name, severity]) => ({ name, severity })), evidence: [], reason: null, ...more } }) as unknown as Passage;

test("severities in a word", () => {
  assert.deepEqual([0, 1, 2, 3, 4, 5, 6, 7].map(severityWord), ["safe", "safe", "low", "low", "medium", "medium", "high", "high"]);
});

test("safety names what was flagged and how badly; what is unknown is not clear", () => {
  assert.equal(safety(safe("flagged", { violence: 6, profanity: 2 })), "violence high · profanity low");
  assert.equal(safety(safe("clear", { profanity: 2, hate: 1 })), "clear · profanity low");
  assert.equal(safety(safe("clear", {})), "clear");
  assert.equal(safety(safe("unknown", {})), "safety unknown");
  const evidence = [{ quote: "damn", start: 0, end: 1, category: "profanity" }];
  assert.deepEqual(describeSafety(safe("flagged", { profanity: 4 }, { evidence })), ["flagged for safety", "profanity: medium (4 of 7)", "heard: “damn”"]);
});

test("no answer says why, and what came nearest", () => {
  const told = describeJudgement(judge({ reason: "two are as likely", nearest: [["Sports", 0.314], ["Travel", 0.28]] }), "topic");
  assert.deepEqual(told, ["no clear topic", "two are as likely", "nearest: Sports 31%, Travel 28%"]);
  assert.deepEqual(describeJudgement(judge({ status: "failed", reason: "the server is gone" }), "tone"), ["tone failed", "the server is gone"]);
  assert.deepEqual(describeJudgement(judge({ status: "ok", label: "Sports", confidence: 0.8 }), "topic"), ["Sports", "topic, 80% sure"]);
});

test("a repetition says how and when it was said before", () => {
  const at = (kind: "same words" | "same meaning" | "back-announce" | null) => repeated({ kind, start: 102, similarity: 1 });
  assert.deepEqual([at("same words"), at("same meaning"), at("back-announce"), at(null)], ["said before at 1:42", "in other words at 1:42", "announced at 1:42", "said before at 1:42"]);
});
