import assert from "node:assert/strict";
import { test } from "vitest";

import { tally } from "../src/checks.ts";
import type { Finding } from "../src/types.ts";

const of = (severity: Finding["severity"]): Finding => ({ kind: "odd_length", severity, start: 0, end: null, message: "", bar: null, beat: null });

test("findings are counted, the gravest first", () => {
  assert.equal(tally([of("note"), of("error"), of("note")]), "1 error · 2 notes");
  assert.equal(tally([of("warning")]), "1 warning");
  assert.equal(tally([]), "");
});
