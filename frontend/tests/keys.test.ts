import assert from "node:assert/strict";
import { test } from "vitest";
import { actionOf, KEYS } from "../src/keys.ts";

const press = (key: string, held: Partial<Record<"shiftKey" | "ctrlKey" | "metaKey" | "altKey", boolean>> = {}, typing = false) =>
  actionOf({ key, shiftKey: false, ctrlKey: false, metaKey: false, altKey: false, ...held }, typing);

test("every entry is reached by each of its keys, and none is hidden by another", () => {
  for (const entry of KEYS) {
    for (const key of entry.keys) {
      assert.equal(press(key, { shiftKey: entry.shift ?? false, ctrlKey: entry.ctrl ?? false }, entry.typing === "only"), entry.action, entry.shown);
    }
  }
});

test("no two entries show the same key", () => {
  assert.equal(new Set(KEYS.map((entry) => entry.shown)).size, KEYS.length);
});

test("arrows move by bars, and modifiers change how far", () => {
  assert.deepEqual(press("ArrowRight"), { do: "move", bars: 4 });
  assert.deepEqual(press("ArrowRight", { shiftKey: true }), { do: "move", bars: 8 });
  assert.deepEqual(press("ArrowLeft", { ctrlKey: true }), { do: "move", bars: -1 });
});

test("characters count however they are typed", () => {
  assert.deepEqual(press("?", { shiftKey: true }), { do: "help" });
  assert.deepEqual(press("+", { shiftKey: true }), { do: "zoom", way: "in" });
  assert.deepEqual(press("L", { shiftKey: true }), { do: "loop" });
});

test("the browser keeps its own keys", () => {
  assert.equal(press("0", { ctrlKey: true }), null);
  assert.equal(press("l", { ctrlKey: true }), null);
  assert.equal(press("ArrowLeft", { altKey: true }), null);
  assert.equal(press("ArrowLeft", { metaKey: true }), null);
  assert.equal(press("x"), null);
});

test("while a search is typed, its own keys count and the others are letters", () => {
  assert.deepEqual(press("Enter", {}, true), { do: "match", step: 1 });
  assert.deepEqual(press("Enter", { shiftKey: true }, true), { do: "match", step: -1 });
  assert.deepEqual(press("Escape", {}, true), { do: "close" });
  for (const key of [" ", "l", "/", "?", "0", "[", "ArrowLeft", "Home"]) assert.equal(press(key, {}, true), null, key);
  assert.equal(press("Enter"), null);
  assert.deepEqual(press("/", { shiftKey: true }), { do: "search" });
});
