import assert from "node:assert/strict";
import { describe, test } from "vitest";
import { Refused, type Document, type Passage } from "../../src/editor/document.ts";
import { judge, judgeSafety } from "../../src/editor/judging.ts";
import * as edit from "../../src/editor/speech.ts";
import { document, passage, talk, word } from "./made.ts";
import { Chance } from "./random.ts";

const texts = (of: Document): string[] => of.passages!.map((one) => one.text);
const heard = (of: Document): string[] => of.words!.map((one) => one.text);

describe("words", () => {
  test("corrected: the passage's text and the layer of words follow", () => {
    const after = edit.correctWord(talk(), 1, 2, { text: "tomorrow" });
    assert.equal(texts(after)[1], "the weather tomorrow is fine");
    assert.deepEqual(heard(after).slice(7, 12), ["the", "weather", "tomorrow", "is", "fine"]);
    assert.equal(after.passages![1]!.words[2]!.probability, null, "the recogniser's probability was of its own word");
    assert.equal(after.passages![0], after.passages![0]);
    assert.equal(heard(after).at(-1), "hello", "a word outside of passages stays");
  });

  test("its time pushes its neighbours as far as they go, and its speaker is told", () => {
    const after = edit.correctWord(talk(), 0, 1, { start: -5, end: 99, speaker: "Ada" });
    const [before, changed, next] = after.passages![0]!.words;
    assert.ok(before!.end > before!.start && before!.end === changed!.start && changed!.end === next!.start && next!.end > next!.start);
    assert.equal(changed!.speaker, "Ada");
    assert.equal(changed!.probability, 0.9);
    assert.ok(!("speaker" in edit.correctWord(after, 0, 1, { speaker: null }).passages![0]!.words[1]!));
  });

  test("one more, where there is silence and where there is none", () => {
    const before = talk();
    const after = edit.insertWord(before, 1, 2, "here");
    assert.equal(texts(after)[1], "the weather here today is fine");
    const tight = document({ passages: [passage(0, 2, "a b", { words: [word(0, 1, "a"), word(1, 2, "b")] })] });
    for (const at of [0, 1, 2]) {
      const words = edit.insertWord(tight, 0, at, "x").passages![0]!.words;
      assert.equal(words[at]!.text, "x");
      words.forEach((one, index) => assert.ok(one.end > one.start && one.start >= (words[index - 1]?.end ?? 0)));
    }
  });

  test("one less, and with the last one the passage", () => {
    const after = edit.deleteWord(talk(), 1, 0);
    assert.equal(texts(after)[1], "weather today is fine");
    const one = document({ passages: [passage(0, 2, "hi")], words: [word(0, 1.6, "hi")] });
    assert.deepEqual([edit.deleteWord(one, 0, 0).passages, edit.deleteWord(one, 0, 0).words], [[], []]);
    assert.throws(() => edit.correctWord(one, 0, 0, { text: "  " }), /delete it/);
    assert.throws(() => edit.deleteWord(one, 0, 7), Refused);
    assert.throws(() => edit.deleteWord(one, 3, 0), Refused);
  });

  test("a passage is typed anew: words that stand keep their times", () => {
    const before = talk();
    const after = edit.retype(before, 0, "good morning everybody and welcome to the new show");
    assert.equal(texts(after)[0], "good morning everybody and welcome to the new show");
    const [old, words] = [before.passages![0]!.words, after.passages![0]!.words];
    assert.deepEqual([words[0], words[1], words.at(-1)], [old[0], old[1], old.at(-1)]);
    words.forEach((one, index) => assert.ok(one.end > one.start && one.start >= (words[index - 1]?.end ?? 0) - 1e-9));
    assert.equal(edit.retype(before, 0, "ja").passages![0]!.text, "ja");
    assert.throws(() => edit.retype(before, 0, "  "), /remove it/);
  });

  test("languages without spaces", () => {
    const before = document({ passages: [passage(0, 4, "今 日 は", { language: "ja", text: "今日は" })] });
    assert.equal(edit.correctWord(before, 0, 1, { text: "朝" }).passages![0]!.text, "今朝は");
    assert.deepEqual(edit.retype(before, 0, "今日も").passages![0]!.words.map((one) => one.text), ["今", "日", "も"]);
  });
});

describe("passages", () => {
  test("split at a word, and merged again", () => {
    const halves = edit.splitPassage(talk(), 0, 3);
    assert.deepEqual(texts(halves), ["good morning and", "welcome to the show", "the weather today is fine", "and now some music"]);
    assert.equal(halves.words!.length, talk().words!.length);
    assert.deepEqual(halves.passages![0]!.topic, { status: "ok", label: "Sports", confidence: null, top: [] });
    const again = edit.mergePassage(halves, 1);
    assert.deepEqual(texts(again), texts(talk()));
    assert.deepEqual(again.passages![0]!.words, talk().passages![0]!.words);
    assert.throws(() => edit.splitPassage(talk(), 0, 0), /within/);
    assert.throws(() => edit.mergePassage(talk(), 0), Refused);
  });

  test("what was judged differently of the two is open again", () => {
    const before = judge(talk(), [1], "topic", "Weather & Climate");
    const one = edit.mergePassage(before, 1).passages![0]!;
    assert.deepEqual([one.topic.status, one.tone.label], ["pending", "Neutral"]);
  });

  test("a flag goes with the words it was about; the other half is open", () => {
    const quote = { quote: "the show", start: 6.5, end: 8, category: "hate" };
    const safety = { status: "flagged", categories: { hate: 5, sexual: 0, violence: 0, self_harm: 0, profanity: 0 }, evidence: [quote] } as const;
    const [left, right] = edit.splitPassage(document({ passages: [passage(0, 8, "good morning and welcome to the show", { safety })] }), 0, 3).passages!;
    assert.deepEqual([left!.safety.status, right!.safety.status], ["unknown", "flagged"]);
    assert.deepEqual(right!.safety.evidence, [quote]);
  });

  test("moved with its words, between its neighbours", () => {
    const after = edit.movePassage(talk(), 1, -0.5);
    assert.deepEqual([after.passages![1]!.start, after.passages![1]!.end], [8.5, 14.5]);
    assert.equal(after.passages![1]!.words[0]!.start, 8.5);
    assert.ok(after.words!.some((one) => one.start === 8.5 && one.text === "the"));
    assert.equal(edit.movePassage(talk(), 1, -50).passages![1]!.start, 8);
    const stuck = talk();
    assert.equal(edit.movePassage(stuck, 1, 50), stuck, "the next one begins where it ends");
  });

  test("an edge moves, its own words stay", () => {
    assert.equal(edit.moveEdge(talk(), 1, "start", 8.2).passages![1]!.start, 8.2);
    assert.equal(edit.moveEdge(talk(), 1, "start", 3).passages![1]!.start, 8);
    assert.equal(edit.moveEdge(talk(), 1, "start", 12).passages![1]!.start, 9);
    assert.equal(edit.moveEdge(talk(), 2, "end", 22).passages![2]!.end, 22);
    assert.equal(edit.moveEdge(talk(), 0, "end", 1).passages![0]!.end, talk().passages![0]!.words.at(-1)!.end);
  });

  test("words are given to the neighbour", () => {
    const back = edit.giveWords(talk(), 1, -1, 2);
    assert.deepEqual(texts(back).slice(0, 2), ["good morning and welcome to the show the weather", "today is fine"]);
    assert.ok(back.passages![0]!.end <= back.passages![1]!.start);
    assert.deepEqual(texts(edit.giveWords(talk(), 1, 1)).slice(1), ["the weather today is", "fine and now some music"]);
    assert.throws(() => edit.giveWords(talk(), 1, 1, 5), /merge/);
  });

  test("one that was not heard, and one that nobody says", () => {
    const after = edit.addPassage(talk(), 25, 28, "one more thing");
    assert.deepEqual(texts(after).at(-1), "one more thing");
    assert.deepEqual(heard(after).slice(-4), ["one", "more", "thing", "hello"]);
    assert.equal(after.passages!.at(-1)!.topic.status, "pending");
    assert.throws(() => edit.addPassage(talk(), 16, 17, "no room"), /already/);
    const less = edit.removePassage(talk(), 1);
    assert.equal(less.passages!.length, 2);
    assert.ok(!heard(less).includes("weather"));
    assert.equal(edit.addPassage(document(), 1, 2, "first").passages!.length, 1);
  });

  test("references to earlier passages follow them", () => {
    const repetition = { kind: "same words", index: 1, start: 9, similarity: 1 };
    const before = document({ passages: [...talk().passages!, passage(30, 34, "the weather today is fine", { repeats: 1, repetition })] });
    const after = edit.splitPassage(before, 0, 2).passages!.at(-1)!;
    assert.deepEqual([after.repeats, after.repetition?.index], [2, 2]);
    const gone = edit.removePassage(before, 1).passages!.at(-1)!;
    assert.deepEqual([gone.repeats, gone.repetition], [null, undefined]);
  });

  test("who speaks, in the passage and in its words", () => {
    const after = edit.setSpeaker(talk(), 0, "Ada").passages![0]!;
    assert.ok(after.speaker === "Ada" && after.words.every((one) => one.speaker === "Ada"));
    assert.ok(!("speaker" in edit.setSpeaker(document({ passages: [after] }), 0, null).passages![0]!));
  });
});

describe("judgements", () => {
  test("topic and tone, of many at once, or nobody can tell", () => {
    const after = judge(judge(talk(), [0, 2], "topic", "Politics"), [1], "tone", null);
    assert.deepEqual(after.passages!.map((one) => one.topic.label), ["Politics", "Sports", "Politics"]);
    assert.deepEqual(after.passages![1]!.tone, { status: "abstained", label: null, confidence: null, top: [], reason: "cannot tell" });
    assert.throws(() => judge(talk(), [], "topic", "Politics"), Refused);
    assert.throws(() => judge(talk(), [9], "topic", "Politics"), Refused);
  });

  test("safety by category, flagged from four on", () => {
    const grave = judgeSafety(talk(), [0], { category: "profanity", severity: 5 });
    assert.deepEqual([grave.passages![0]!.safety.status, grave.passages![0]!.safety.categories.profanity], ["flagged", 5]);
    assert.equal(judgeSafety(grave, [0], { category: "profanity", severity: 2 }).passages![0]!.safety.status, "clear");
    assert.deepEqual(Object.values(judgeSafety(grave, [0], "clear").passages![0]!.safety.categories), [0, 0, 0, 0, 0]);
    assert.deepEqual(judgeSafety(grave, [0], null).passages![0]!.safety.reason, "cannot tell");
    assert.throws(() => judgeSafety(talk(), [0], { category: "hate", severity: 8 }), /0 to 7/);
    assert.throws(() => judgeSafety(talk(), [0], { category: "rude" as "hate", severity: 3 }), /no category/);
  });
});

function inOrder(passages: readonly Passage[], duration: number): void {
  passages.forEach((one, index) => {
    assert.ok(one.end > one.start && one.start >= (passages[index - 1]?.end ?? 0) - 1e-9 && one.end <= duration, JSON.stringify([passages[index - 1]?.end, one.start, one.end]));
    assert.equal(one.text, one.words.map((each) => each.text).join(" "));
    for (const each of one.words) assert.ok(each.end > each.start && each.start >= one.start - 1e-9 && each.end <= one.end + 1e-9, JSON.stringify([each, one.start, one.end]));
  });
}

test("whatever is done, passages stay in order, say what their words say, and no word is lost from the layer", () => {
  const chance = new Chance(9);
  for (let walk = 0; walk < 80; walk++) {
    let now = talk();
    for (let step = 0; step < 50; step++) {
      const count = now.passages!.length;
      const [index, at] = [chance.whole(0, count), chance.whole(0, 7)];
      try {
        now = chance.of<() => Document>([
          () => edit.correctWord(now, index, at, { text: chance.of(["yes", "no", "perhaps"]), start: chance.between(0, 60), end: chance.between(0, 60) }),
          () => edit.insertWord(now, index, Math.min(at, now.passages![index]?.words.length ?? 0), "uh"),
          () => edit.deleteWord(now, index, at),
          () => edit.retype(now, index, chance.of(["good morning", "the weather was fine today", "and now"])),
          () => edit.splitPassage(now, index, at),
          () => edit.mergePassage(now, index),
          () => edit.movePassage(now, index, chance.between(-3, 3)),
          () => edit.moveEdge(now, index, chance.of(["start", "end"] as const), chance.between(0, 60)),
          () => edit.giveWords(now, index, chance.of([-1, 1] as const), chance.whole(1, 3)),
          () => edit.addPassage(now, chance.between(0, 40), chance.between(40, 60), "hello there"),
          () => judge(now, [index], "tone", "Serious"),
          () => edit.setSpeaker(now, index, "Ada"),
        ])();
      } catch (error) {
        if (!(error instanceof Refused)) throw error;
      }
      inOrder(now.passages!, 60);
      const spoken = now.passages!.flatMap((one) => one.words);
      assert.equal(now.words!.length, spoken.length + 1);
      const layer = new Set(now.words);
      assert.ok(spoken.every((each) => layer.has(each)), "the layer holds the passages' words");
      assert.ok(now.words!.every((each, place) => place === 0 || each.start >= now.words![place - 1]!.start));
    }
  }
});
