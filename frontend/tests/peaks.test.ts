import assert from "node:assert/strict";
import { test } from "vitest";
import { CHUNK, FACTOR, levelFor, pool, Pyramid, secondsPerBin, VALUES } from "../src/peaks.ts";

const LENGTH = CHUNK * 2 + 17;

/** A pyramid of noise with one loud bin. */
function pyramid(loud: number): Int8Array[] {
  let seed = 7;
  const noise = (): number => (seed = (seed * 1103515245 + 12345) % 2147483648) % 20;
  const finest = new Int8Array(LENGTH * VALUES);
  for (let i = 0; i < finest.length; i++) finest[i] = i % 2 ? noise() : -noise();
  finest[loud * VALUES + 1] = 127;
  finest[loud * VALUES] = -128;
  const levels = [finest];
  while (levels.at(-1)!.length / VALUES > 256) {
    const below = levels.at(-1)!;
    const length = Math.ceil(below.length / VALUES / FACTOR);
    const level = new Int8Array(length * VALUES);
    for (let bin = 0; bin < length; bin++) pool(below, bin * FACTOR, Math.min((bin + 1) * FACTOR, below.length / VALUES), level.subarray(bin * VALUES, (bin + 1) * VALUES));
    levels.push(level);
  }
  return levels;
}

function open(levels: Int8Array[], fetched: string[] = []) {
  const meta = { url: "", sampleRate: 44100, hop: 256, levels: levels.map((level) => level.length / VALUES) };
  const errors: unknown[] = [];
  const made = new Pyramid(
    meta,
    async (level, from, to) => {
      fetched.push(`${level}:${from}-${to}`);
      return levels[level]!.slice(from * VALUES, to * VALUES);
    },
    () => {},
    (error) => errors.push(error),
  );
  return { meta, made, errors, fetched };
}

const settle = () => new Promise((resolve) => setTimeout(resolve, 5));

test("the level is the coarsest that still has a bin for every pixel", () => {
  const { meta } = open(pyramid(0));
  assert.equal(levelFor(meta, 0.0001), 0);
  assert.equal(levelFor(meta, secondsPerBin(meta, 1)), 1);
  assert.equal(levelFor(meta, secondsPerBin(meta, 1) * 3.9), 1);
  assert.equal(levelFor(meta, 1e9), meta.levels.length - 1);
});

test("no peak is lost, whatever the level and the grouping, also while only the coarse level is there", async () => {
  for (const loud of [0, 5, CHUNK - 1, CHUNK, LENGTH - 1]) {
    const levels = pyramid(loud);
    const { made, meta } = open(levels);
    made.want(0, 0.001, meta.levels.length - 1);
    await settle();
    const out = new Int8Array(VALUES);
    for (let level = 0; level < levels.length; level++) {
      for (const group of [1, 3, 50]) {
        const from = Math.floor(loud / FACTOR ** level / group) * group;
        assert.ok(made.read(level, from, from + group, out));
        assert.deepEqual([out[0], out[1]], [-128, 127], `level ${level}, groups of ${group}, bin ${loud}`);
      }
    }
  }
});

test("only what is on view is fetched, the coarsest level first, and nothing twice", async () => {
  const { made, meta, fetched } = open(pyramid(9));
  const bin = secondsPerBin(meta, 0);
  made.want(0, bin * 10, 0);
  await settle();
  made.want(0, bin * 10, 0);
  await settle();
  assert.deepEqual(fetched, [`${meta.levels.length - 1}:0-${meta.levels.at(-1)}`, `0:0-${CHUNK}`]);
});

test("values of the finest level are those that were sent", async () => {
  const levels = pyramid(3);
  const { made } = open(levels);
  made.want(0, 1e6, 0);
  await settle();
  const out = new Int8Array(VALUES);
  for (const bin of [0, 3, CHUNK, LENGTH - 1]) {
    made.read(0, bin, bin + 1, out);
    const sent = levels[0]!.subarray(bin * VALUES, (bin + 1) * VALUES);
    assert.deepEqual([...out], [...sent].map((value, i) => (i % 2 ? Math.max(0, value) : Math.min(0, value))));
  }
});

test("an answer of the wrong length is refused, not drawn", async () => {
  const errors: unknown[] = [];
  const meta = { url: "", sampleRate: 44100, hop: 256, levels: [10] };
  const made = new Pyramid(meta, async () => new Int8Array(3), () => assert.fail("nothing arrived"), (error) => errors.push(error));
  made.want(0, 1, 0);
  await settle();
  assert.equal(errors.length, 1);
  assert.equal(made.read(0, 0, 10, new Int8Array(VALUES)), false);
});
