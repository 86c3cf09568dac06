import assert from "node:assert/strict";
import { describe, test } from "vitest";
import { fitTaps, Tapper } from "../../src/editor/tap.ts";
import { Chance } from "./random.ts";

const even = (bpm: number, count: number, from = 0): number[] => Array.from({ length: count }, (_, index) => from + (index * 60) / bpm);

test("even taps give their tempo and no uncertainty", () => {
  const fit = fitTaps(even(174, 9, 3.2))!;
  assert.ok(Math.abs(fit.bpm - 174) < 1e-6 && Math.abs(fit.first - 3.2) < 1e-6 && fit.error! < 1e-6);
  assert.equal(fit.rounded, 174);
  assert.equal(fitTaps([1]), null);
  assert.equal(fitTaps([]), null);
});

test("hands that shake by 15 ms: eight taps are within 2 BPM, sixteen within one, and the error says so", () => {
  const chance = new Chance(5);
  const off = { 8: [] as number[], 16: [] as number[] };
  let within = 0;
  for (let round = 0; round < 400; round++) {
    for (const count of [8, 16] as const) {
      const fit = fitTaps(even(128, count).map((time) => time + 0.015 * gauss(chance)))!;
      off[count].push(Math.abs(fit.bpm - 128));
      within += Number(Math.abs(fit.bpm - 128) <= 2 * fit.error!);
    }
  }
  const p95 = (values: number[]): number => values.sort((a, b) => a - b)[Math.floor(values.length * 0.95)]!;
  assert.ok(p95(off[8]) < 2, String(p95(off[8])));
  assert.ok(p95(off[16]) < 1, String(p95(off[16])));
  assert.ok(within > 0.85 * 800, String(within));
});

test("one tap gone astray, and one left out, change nothing", () => {
  const taps = even(126, 12);
  taps[5]! += 0.13;
  taps.splice(8, 1);
  const fit = fitTaps(taps)!;
  assert.ok(Math.abs(fit.bpm - 126) < 0.01, String(fit.bpm));
  assert.equal(fit.astray, 1);
});

test("a tempo with a fraction is not rounded away", () => {
  assert.equal(fitTaps(even(127.5, 12))!.rounded, 127.5);
});

describe("taps as they come", () => {
  test("two seconds without one begin anew", () => {
    let now = 0;
    const tapper = new Tapper(() => now);
    for (const time of even(120, 4)) {
      now = time;
      tapper.tap(time + 30);
    }
    assert.equal(tapper.count, 4);
    now += 2.1;
    assert.equal(tapper.tap(now + 30), null);
    assert.equal(tapper.count, 1);
  });

  test("a jump back in the recording begins anew", () => {
    let now = 0;
    const tapper = new Tapper(() => now);
    for (const time of even(120, 4)) {
      now = time;
      tapper.tap(time + 30);
    }
    now += 0.5;
    tapper.tap(10);
    assert.equal(tapper.count, 1);
  });

  test("at half speed, the recording's tempo is what counts", () => {
    let now = 0;
    const tapper = new Tapper(() => now);
    let fit = null;
    for (let index = 0; index < 8; index++) {
      now = index;
      fit = tapper.tap(index * 0.5);
    }
    assert.equal(fit!.rounded, 120);
  });

  test("without sound, real time tells the tempo", () => {
    let now = 100;
    const tapper = new Tapper(() => now);
    tapper.tap();
    now += 0.6;
    assert.equal(tapper.tap()!.rounded, 100);
    tapper.reset();
    assert.equal(tapper.count, 0);
  });
});

function gauss(chance: Chance): number {
  return Math.sqrt(-2 * Math.log(1 - chance.next())) * Math.cos(2 * Math.PI * chance.next());
}
