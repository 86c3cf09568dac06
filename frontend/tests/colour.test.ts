import assert from "node:assert/strict";
import { test } from "vitest";
import { DARK_INK, inkOn, luminanceOf, scoreColour } from "../src/colour.ts";

const STAGE = [12, 14, 20];

test("a score is readable on its own colour, however sure it is", () => {
  for (let score = 1; score <= 5; score += 0.1) {
    for (let opacity = 0.35; opacity <= 1; opacity += 0.05) {
      const rgb = scoreColour(score).match(/\d+/g)!.slice(0, 3).map(Number);
      const ground = luminanceOf(rgb.map((value, i) => value * opacity + STAGE[i]! * (1 - opacity)));
      const ink = inkOn(score, opacity) === DARK_INK ? 0 : 1;
      const contrast = (Math.max(ground, ink) + 0.05) / (Math.min(ground, ink) + 0.05);
      assert.ok(contrast >= 4.5, `${score.toFixed(1)} at ${opacity.toFixed(2)}: ${contrast.toFixed(2)}`);
    }
  }
});
