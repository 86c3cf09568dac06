import assert from "node:assert/strict";
import { describe, test } from "vitest";
import { chordOf, COMMANDS, commandFor, commandNamed, commandsIn, GROUPS, helpSheet, press, release, shownKey, shownKeys, tooltip, type Command, type Lane } from "../../src/editor/commands.ts";
import { LANES } from "../../src/editor/session.ts";
import { tile } from "../../src/editor/tiles.ts";
import { Bench, eventOf } from "./bench.ts";
import { document, passage, section, sections } from "./made.ts";

describe("the table", () => {
  test("every command has a name, a title, a group and a key, and none twice", () => {
    assert.equal(new Set(COMMANDS.map(({ id }) => id)).size, COMMANDS.length);
    for (const command of COMMANDS) {
      assert.ok(command.title && GROUPS.includes(command.group), command.id);
      assert.ok(command.keys.length > 0, `${command.id} has no key`);
    }
  });

  test("in each lane, no key means two things", () => {
    for (const lane of LANES) {
      const owner = new Map<string, string>();
      for (const command of commandsIn(lane)) {
        for (const key of command.keys) {
          assert.ok(!owner.has(key), `${key} is ${owner.get(key)} and ${command.id} in the lane ${lane}`);
          owner.set(key, command.id);
        }
      }
    }
  });

  test("every command is reached by each of its keys", () => {
    for (const command of COMMANDS) {
      for (const lane of command.lanes ?? LANES) {
        for (const key of command.keys) assert.equal(commandFor(eventOf(key), lane), command, `${key} in ${lane}`);
      }
    }
  });

  test("keys are those that annotators were promised", () => {
    const promised: Record<string, string> = {
      Space: "play", C: "cue", R: "cue.return", ArrowLeft: "back.4", "Ctrl+ArrowLeft": "back.1", "Shift+ArrowRight": "on.8",
      ArrowUp: "boundary.previous", "]": "boundary.next", Home: "start", End: "end", "+": "zoom.in", "-": "zoom.out", "0": "zoom.all",
      L: "loop", T: "tap", G: "grid", K: "metronome", "/": "palette", "Ctrl+S": "save", B: "boundary.add", "Shift+B": "boundary.remove",
      Delete: "boundary.remove", D: "downbeat", Q: "snap", "1": "label.1", "7": "label.7", A: "accept", X: "reject", "Shift+A": "accept.all",
      "Shift+X": "reject.all", S: "split", M: "merge", ",": "nudge.back", ".": "nudge.on", "Alt+,": "nudge.back.fine", "Alt+.": "nudge.on.fine",
      Z: "undo", "Shift+Z": "redo", "Ctrl+Z": "undo", F: "flag", N: "next", P: "previous", "?": "help", Escape: "close",
    };
    for (const [key, id] of Object.entries(promised)) assert.equal(commandFor(eventOf(key), "sections")?.id, id, key);
  });

  test("the help sheet holds every command once, and names each key in the same words", () => {
    const listed = helpSheet().flatMap(({ commands }) => commands);
    assert.equal(listed.length, COMMANDS.length);
    assert.equal(shownKey("Ctrl+ArrowLeft"), "Ctrl ←");
    assert.equal(shownKey("+"), "+");
    assert.equal(shownKeys(commandNamed("boundary.previous")), "↑ or [");
    assert.equal(tooltip("zoom.out"), "zoom out (−)");
    assert.throws(() => commandNamed("fly"), /no command/);
  });
});

describe("keys as keyboards send them", () => {
  const chord = (key: string, held: object = {}): string => chordOf(eventOf("x", { key, code: "", ...held }));

  test("letters by Shift, signs by themselves, Cmd as Ctrl", () => {
    assert.equal(chord("b"), "B");
    assert.equal(chord("B"), "B", "Caps Lock is not Shift");
    assert.equal(chord("B", { shiftKey: true }), "Shift+B");
    assert.equal(chord("?", { shiftKey: true }), "?");
    assert.equal(chord("1", { shiftKey: true }), "1", "digits of a French keyboard");
    assert.equal(chord("s", { metaKey: true }), "Ctrl+S");
    assert.equal(chord(" "), "Space");
  });

  test("AltGr writes signs, Alt does not write letters", () => {
    assert.equal(chord("[", { ctrlKey: true, altKey: true }), "[");
    assert.equal(chord("≤", { altKey: true, code: "Comma" }), "Alt+,");
    assert.equal(chord(".", { altKey: true, code: "Period" }), "Alt+.");
  });

  test("where no Latin letters are written, the place counts", () => {
    assert.equal(chord("и", { code: "KeyB" }), "B");
    assert.equal(chord("И", { code: "KeyB", shiftKey: true }), "Shift+B");
  });

  test("the browser keeps its own", () => {
    for (const key of ["Ctrl+T", "Ctrl+W", "Ctrl+C", "Ctrl+0", "Alt+ArrowLeft", "Tab", "F5", "Ctrl+F", "Ctrl+R", "Ctrl+L"]) {
      for (const lane of LANES) assert.equal(commandFor(eventOf(key), lane), null, key);
    }
  });

  test("while a text is typed, keys are letters, but for closing and saving", () => {
    const heard = (key: string): string | undefined => commandFor(eventOf(key), "sections", true)?.id;
    assert.deepEqual(["B", "Space", "1", "ArrowLeft", "Enter", "Escape", "Ctrl+S", "Delete"].map(heard), [undefined, undefined, undefined, undefined, undefined, "close", "save", undefined]);
  });

  test("presses as browsers make them: getters, or no key at all", () => {
    class Press {
      get key() { return "c"; }
      get code() { return "KeyC"; }
      get repeat() { return false; }
      get shiftKey() { return false; }
      get ctrlKey() { return false; }
      get altKey() { return false; }
      get metaKey() { return false; }
    }
    const bench = four();
    press(new Press(), bench);
    release(new Press(), bench);
    assert.deepEqual(bench.did, ["cue down", "cue up"]);
    assert.equal(press({} as Press, bench), null);
  });

  test("a key held down repeats what may be repeated", () => {
    const bench = new Bench({ document: document({ sections: sections([0, 30, 60, 240]) }) }).at(0);
    for (const key of ["ArrowDown", "ArrowDown", "B", "B"]) press(eventOf(key, { repeat: true }), bench);
    assert.equal(bench.deck.time, 60);
    assert.equal(bench.session.history.depth, 0);
  });
});

const GRID = [{ time: 0, bpm: 120, beats_per_bar: 4, position: 1 }];
const four = (): Bench => new Bench({ document: document({ grid: GRID, sections: sections([0, 32, 64, 128, 240], ["intro", "buildup", "drop", "outro"]) }) });
const parts = (bench: Bench): string[] => bench.session.document.sections!.map(({ start, label, original }) => `${start} ${original ?? label}`);

describe("marking", () => {
  test("a boundary, snapped to the bar; the next digit is for what it began", () => {
    const bench = four().at(15.2).keys("B", "4");
    assert.deepEqual(parts(bench).slice(0, 3), ["0 intro", "16 breakdown", "32 buildup"]);
    assert.equal(bench.session.said, "label breakdown");
    bench.at(100).keys("1");
    assert.equal(parts(bench)[3], "64 intro", "far from there, a digit is for what is under the playhead");
  });

  test("removed where it is selected, or where the playhead is", () => {
    assert.deepEqual(parts(four().at(63.5).keys("Delete")), ["0 intro", "32 buildup", "128 outro"]);
    assert.deepEqual(parts(four().at(0).keys("ArrowDown", "Shift+B")), ["0 intro", "64 drop", "128 outro"]);
    const lost = four().at(50).keys("Delete");
    assert.equal(lost.session.history.depth, 0);
    assert.match(lost.session.said, /↑ and ↓/);
  });

  test("nudged by the grid, or by 10 ms, as one step, and the playhead goes with it", () => {
    const bench = four().at(0).keys("]");
    for (const key of [".", ".", ","]) {
      press(eventOf(key), bench);
      bench.real += 0.1;
    }
    assert.equal(bench.deck.time, 34);
    assert.equal(bench.session.history.depth, 1);
    bench.keys("Q", "Alt+.");
    assert.equal(parts(bench)[1], "34.01 buildup");
    bench.keys("Q", ",");
    assert.equal(parts(bench)[1], "34 buildup", "to the beat before");
    assert.equal(parts(bench.keys("Z", "Z", "Z"))[1], "32 buildup");
  });

  test("split, merge, and merge all that is selected", () => {
    assert.deepEqual(parts(four().at(80).keys("S")).slice(2, 4), ["64 drop", "80 drop"]);
    assert.deepEqual(parts(four().at(80).keys("M")), ["0 intro", "32 buildup", "128 outro"]);
    assert.deepEqual(parts(four().at(40).keys("Shift+ArrowDown", "Shift+ArrowDown", "M")), ["0 intro", "32 buildup"]);
    assert.match(four().at(0).keys("Enter").at(80).keys("Enter", "M").session.said, /side by side/);
    assert.match(four().at(3).keys("M").session.said, /nothing to merge/);
  });

  test("many are selected and get a label in one step", () => {
    const bench = four().at(40).keys("Shift+ArrowDown", "3");
    assert.deepEqual(parts(bench), ["0 intro", "32 drop", "64 drop", "128 outro"]);
    assert.equal(bench.session.history.depth, 1);
    bench.keys("Escape").at(70).keys("Shift+L", "5");
    assert.deepEqual(parts(bench), ["0 intro", "32 outro", "64 outro", "128 outro"]);
    bench.keys("Ctrl+A", "7");
    assert.deepEqual(parts(bench), ["0 other", "32 other", "64 other", "128 other"]);
    bench.keys("Escape").at(0).keys("Enter").at(130).keys("Enter", "6");
    assert.deepEqual(parts(bench), ["0 silence", "32 other", "64 other", "128 silence"]);
    assert.deepEqual(parts(bench.keys("Z", "Z", "Z", "Z")), ["0 intro", "32 buildup", "64 drop", "128 outro"]);
  });

  test("undo says what it undid, redo what it did again", () => {
    const bench = four().at(16).keys("B", "Z");
    assert.equal(bench.session.said, "undone: boundary at 0:16.000, bar 9.1");
    assert.equal(bench.keys("Shift+Z").session.said, "redone: boundary at 0:16.000, bar 9.1");
    assert.equal(bench.keys("Shift+Z").session.said, "nothing to redo");
  });

  test("a selection does not outlive what it was of", () => {
    const bench = four().keys("Ctrl+A", "M");
    assert.deepEqual(bench.session.selection.items, [0]);
    bench.keys("Z");
    assert.ok(bench.session.selection.items.every((index) => index < 4));
  });

  test("walking the boundaries, and what stands there is said", () => {
    const bench = four().at(0).keys("ArrowDown");
    assert.equal(bench.session.said, "buildup 2 of 4, from 0:32.000, bar 17.1");
    assert.deepEqual([bench.keys("]").deck.time, bench.keys("[").deck.time, bench.keys("ArrowUp").deck.time], [64, 32, 0]);
    assert.match(bench.keys("ArrowUp").session.said, /No boundary before/);
  });
});

describe("suggestions", () => {
  const suggestion = { grid: GRID, sections: sections([0, 32, 64, 240], ["intro", "drop", "outro"]) };

  test("here, all, and not", () => {
    const bench = new Bench({ suggestion }).at(40).keys("A");
    assert.deepEqual(parts(bench), ["0 unlabeled", "32 drop", "64 unlabeled"]);
    bench.at(100).keys("X", "Shift+A");
    assert.deepEqual(parts(bench), ["0 intro", "32 drop", "64 unlabeled"]);
    assert.deepEqual(bench.session.standings, ["taken", "taken", "rejected"]);
    assert.deepEqual(bench.session.document.grid, GRID, "with the grid, where there was none");
    assert.equal(bench.keys("Z", "Z", "Z").session.document.sections, null);
    assert.deepEqual(bench.keys("Shift+X").session.standings, ["rejected", "rejected", "rejected"]);
  });

  test("open ones are walked to", () => {
    const bench = new Bench({ suggestion }).keys("ArrowDown", "A", "ArrowDown");
    assert.deepEqual([bench.deck.time, bench.session.standings[1]], [64, "taken"]);
  });

  test("nothing suggested, no such keys", () => {
    const bench = four();
    assert.ok(["accept", "accept.all", "reject", "reject.all"].every((id) => !commandNamed(id).enabled(bench)));
  });
});

describe("the grid", () => {
  test("tapped while it plays: tempo and bar, in one step", () => {
    const bench = new Bench().at(10.02).keys("Space");
    for (let tap = 0; tap < 8; tap++) {
      press(eventOf("T"), bench);
      bench.play(60 / 128);
    }
    const [segment] = bench.session.document.grid!;
    assert.equal(segment!.bpm, 128);
    assert.ok(Math.abs(bench.session.grid.nearest(10.02, "bar")!.time - 10.02) < 1e-6);
    assert.equal(bench.session.history.depth, 1);
    assert.match(bench.session.said, /^128 BPM ± 0, 8 taps$/);
    bench.play(2.1);
    press(eventOf("T"), bench);
    assert.match(bench.session.said, /first tap/);
    assert.equal(bench.keys("Z").session.document.grid, null);
  });

  test("slow taps are one step too, and a second round another", () => {
    const bench = new Bench().keys("Space");
    for (const bpm of [70, 75]) {
      for (let tap = 0; tap < 6; tap++) {
        press(eventOf("T"), bench);
        bench.play(60 / bpm);
      }
      bench.play(3);
    }
    assert.equal(bench.session.document.grid![0]!.bpm, 75);
    assert.equal(bench.session.history.depth, 2);
  });

  test("tapped without sound: the tempo alone, the downbeat stays", () => {
    const bench = new Bench({ document: document({ grid: [{ ...GRID[0]!, time: 0.3 }] }) }).at(60);
    for (let tap = 0; tap < 6; tap++) {
      press(eventOf("T"), bench);
      bench.real += 0.4;
    }
    assert.deepEqual(bench.session.document.grid, [{ ...GRID[0]!, time: 0.3, bpm: 150 }]);
  });

  test("tapped over a suggested grid: its bars go on, at another tempo", () => {
    const bench = new Bench({ suggestion: { grid: [{ time: 0.25, bpm: 120, beats_per_bar: 3, position: 3 }] } }).at(60);
    for (let tap = 0; tap < 5; tap++) {
      press(eventOf("T"), bench);
      bench.real += 0.4;
    }
    const [segment] = bench.session.document.grid!;
    assert.deepEqual([segment!.bpm, segment!.beats_per_bar], [150, 3]);
    assert.ok(Math.abs(bench.session.grid.nearest(0.75, "bar")!.time - 0.75) < 1e-9);
  });

  test("in its lane, the marking keys are about the grid", () => {
    const bench = new Bench({ document: document({ grid: GRID }) }).keys("G");
    assert.equal(bench.session.lane, "grid");
    const grid = () => bench.session.document.grid!;
    bench.answers = ["127,5"];
    assert.equal(bench.keys("Enter").session.document.grid![0]!.bpm, 127.5);
    assert.equal(bench.asked[0]!.value, "120");
    bench.keys("Z", "J");
    assert.equal(grid()[0]!.bpm, 240);
    assert.equal(bench.keys("H", "H").session.document.grid![0]!.bpm, 60);
    bench.keys("Z", "Z", "Z", ".");
    assert.equal(grid()[0]!.position, 4, "downbeats one beat later");
    bench.keys("Z", "Alt+.");
    assert.ok(Math.abs(bench.session.grid.nearest(0, "bar")!.time - 0.01) < 1e-9);
    bench.keys("Z").at(20.03).keys("E");
    assert.ok(Math.abs(bench.session.grid.nearest(20, "beat")!.time - 20.03) < 1e-9);
    bench.keys("Z").at(100.4).keys("B");
    assert.deepEqual(grid().map(({ time }) => time), [0, 100]);
    bench.at(150);
    bench.answers = ["100"];
    bench.keys("Enter");
    assert.deepEqual(grid().map(({ bpm }) => bpm), [120, 100]);
    bench.keys("3");
    assert.equal(grid()[1]!.beats_per_bar, 3);
    bench.keys("O");
    assert.equal(grid()[1]!.end, 150);
    bench.keys("Delete");
    assert.equal(grid().length, 1);
    bench.answers = ["fast"];
    bench.keys("Enter");
    assert.match(bench.session.said, /no tempo/);
    assert.equal(bench.keys("Escape").session.lane, "sections");
  });

  test("a downbeat: on the beat, or exactly here if nothing snaps", () => {
    const bench = new Bench({ document: document({ grid: GRID }) }).at(1.04).keys("D");
    assert.deepEqual(bench.session.document.grid, [{ ...GRID[0]!, position: 3 }]);
    bench.keys("Q").at(10.04).keys("D");
    assert.ok(Math.abs(bench.session.grid.nearest(10, "bar")!.time - 10.04) < 1e-9);
    assert.match(new Bench().keys("D").session.said, /tap the tempo/);
  });

  test("the suggested one is what edits begin with", () => {
    const suggestion = { grid: [{ ...GRID[0]!, bpm: 64 }] };
    assert.equal(new Bench({ suggestion }).keys("G", "J").session.document.grid![0]!.bpm, 128);
    assert.deepEqual(new Bench({ suggestion }).keys("G", "A").session.document.grid, suggestion.grid);
    const typed = new Bench();
    typed.answers = ["174"];
    assert.equal(typed.at(0.5).keys("G", "Enter").session.document.grid![0]!.bpm, 174);
  });
});

describe("activity", () => {
  test("begins with what the model found", () => {
    const suggestion = { activity: [{ start: 0, end: 100, label: "speech", confidence: 0.9 }, { start: 100, end: 240, label: "music", confidence: 0.9 }] };
    const bench = new Bench({ suggestion }).keys("V", "V");
    assert.equal(bench.session.lane, "activity");
    bench.keys("Q", "Q", "Q").at(50).keys("B", "4");
    assert.deepEqual(bench.session.document.activity!.map(({ label }) => label), ["speech", "silence", "music"]);
    assert.equal(bench.session.document.sections, null);
    assert.equal(bench.keys("5").session.history.depth, 2, "there are four labels");
  });
});

describe("speech", () => {
  const suggestion = { passages: [passage(0, 8, "good morning and welcome"), passage(9, 15, "the weather is fine")], words: [] };
  const bench = (): Bench => new Bench({ suggestion: { ...suggestion, words: suggestion.passages.flatMap(({ words }) => words) } }).keys("W");
  const texts = (of: Bench): string[] => of.session.document.passages!.map(({ text }) => text);

  test("a word is corrected, and what the model heard is what one begins with", () => {
    const of = bench().keys("J", "J");
    assert.equal(of.session.said, "morning, 0:02.000");
    of.answers = ["evening"];
    of.keys("E");
    assert.deepEqual([of.asked[0]!.value, ...texts(of)], ["morning", "good evening and welcome", "the weather is fine"]);
    assert.equal(of.session.document.words![1]!.text, "evening");
    assert.equal(of.session.history.depth, 1);
    assert.equal(of.keys("Z").session.document.passages, null);
  });

  test("words are walked over the passages' edges", () => {
    const of = bench().at(7);
    assert.equal(of.keys("H", "H").session.said.split(",")[0], "morning");
    of.at(7.9).keys("Escape").keys("W").at(6.5).keys("J");
    assert.equal(of.session.said.split(",")[0], "the");
  });

  test("split, merge, words given, passages added and removed", () => {
    assert.deepEqual(texts(bench().keys("J", "J", "J", "S")), ["good morning", "and welcome", "the weather is fine"]);
    assert.deepEqual(texts(bench().at(10).keys("M")), ["good morning and welcome the weather is fine"]);
    assert.deepEqual(texts(bench().at(10).keys("Shift+M")), ["good morning and welcome the", "weather is fine"]);
    assert.deepEqual(texts(bench().at(3).keys("Shift+O")), ["good morning and", "welcome the weather is fine"]);
    assert.deepEqual(texts(bench().at(10).keys("Shift+B")), ["good morning and welcome"]);
    const of = bench().at(20);
    of.answers = ["one more thing"];
    assert.deepEqual(texts(of.keys("B")).at(-1), "one more thing");
    const typed = bench().at(10);
    typed.answers = ["the weather was fine"];
    assert.equal(texts(typed.keys("Shift+E"))[1], "the weather was fine");
    const more = bench().keys("J", "J");
    more.answers = ["everyone"];
    assert.equal(texts(more.keys("Shift+I"))[0], "good morning everyone and welcome");
    assert.equal(texts(bench().keys("J", "J", "Delete"))[0], "good and welcome");
  });

  test("what was edited is what the next key is for", () => {
    const of = bench().keys("J", "J", "J", "S");
    assert.deepEqual([of.session.selection.items, of.session.selection.word], [[1], 0]);
    assert.deepEqual(texts(of.keys("M")), ["good morning and welcome", "the weather is fine"]);
    assert.deepEqual(of.session.selection.items, [0]);
    of.keys("J", "J", "Delete", "Delete", "Delete", "Delete");
    assert.deepEqual(texts(of), ["the weather is fine"], "a word that is gone is not meant any more");
  });

  test("times: of the word, or else of the passage", () => {
    const word = bench().keys("J", "J").at(2.2).keys("I");
    assert.equal(word.session.document.passages![0]!.words[1]!.start, 2.2);
    const edge = bench().at(8.5).keys("ArrowDown").at(8.7);
    edge.session.select({ items: [1], held: true });
    assert.equal(edge.keys("I").session.document.passages![1]!.start, 8.7);
    const moved = bench().at(10).keys(".", "Alt+,");
    assert.equal(moved.session.document.passages![1]!.start, 9.04);
  });

  test("what is judged of it, of many at once, or that nobody can tell", () => {
    const of = bench();
    of.answers = ["Politics"];
    of.keys("Ctrl+A", "1");
    assert.deepEqual(of.session.document.passages!.map(({ topic }) => topic.label), ["Politics", "Politics"]);
    assert.deepEqual(of.asked[0]!.choices!.map(({ title }) => title), ["Politics", "Sports", "cannot tell"]);
    of.answers = [""];
    of.keys("2");
    assert.equal(of.session.document.passages![1]!.tone.reason, "cannot tell");
    of.answers = ["profanity", "5"];
    of.keys("3");
    assert.deepEqual(of.session.document.passages!.map(({ safety }) => safety.status), ["flagged", "flagged"]);
    of.answers = ["clear"];
    of.keys("3");
    of.answers = ["Ada"];
    of.keys("Escape", "Escape", "W").at(1).keys("4");
    assert.deepEqual(of.session.document.passages!.map(({ safety, speaker }) => [safety.status, speaker]), [["clear", "Ada"], ["clear", undefined]]);
  });

  test("where nobody speaks, it is said", () => {
    for (const key of ["E", "M", "Delete", "1", "3", ".", "I"]) {
      const of = bench().at(100).keys(key);
      assert.match(of.session.said, /Nobody speaks here: ↑ and ↓/, key);
      assert.equal(of.session.history.depth, 0);
    }
    assert.ok(!commandNamed("speech").enabled(new Bench()));
  });
});

describe("notes", () => {
  test("flagged, commented, settled, removed", () => {
    const bench = four().at(40).keys("F");
    assert.deepEqual(bench.session.document.comments, [{ start: 32, end: 64, label: "flag", text: "", author: "ada", time: "2026-01-01T00:00:00Z" }]);
    assert.deepEqual(bench.keys("F").session.document.comments, []);
    bench.answers = ["two drops?", "or three?"];
    bench.keys("Shift+F", "Ctrl+Enter");
    assert.equal(bench.session.document.comments![0]!.text, "or three?");
    assert.equal(bench.keys("Shift+C").session.document.comments![0]!.resolved, true);
    assert.ok(!("resolved" in bench.keys("Shift+C").session.document.comments![0]!));
    assert.deepEqual(bench.keys("Ctrl+Delete").session.document.comments, []);
    bench.answers = ["  "];
    assert.match(bench.keys("Shift+F").session.said, /says something/);
  });

  test("the track: for review, verified, notes", () => {
    const bench = four().keys("Y");
    assert.deepEqual(bench.session.document.flags, ["needs_review"]);
    bench.keys("U");
    const { tier, verified_by, flags } = bench.session.document;
    assert.deepEqual([tier, verified_by, flags], ["verified", "ada", []]);
    assert.equal(bench.keys("U").session.document.tier, null);
    bench.answers = ["vinyl rip"];
    assert.equal(bench.keys("Shift+Y").session.document.notes, "vinyl rip");
    assert.match(new Bench({ document: document({ tier: "reference" }) }).keys("U").session.said, /reference/);
  });
});

describe("sound and work", () => {
  test("play, rates, loop, cue, metronome, places", () => {
    const bench = four().at(40).keys("Space");
    assert.ok(bench.deck.playing);
    bench.keys(">", ">", "<", "L", "L", "C", "R", "K", "Space");
    assert.deepEqual([bench.deck.rate, bench.deck.metronome, bench.deck.playing], [1.25, true, false]);
    assert.deepEqual(bench.did, ["loop 32 64", "no loop", "cue down", "cue up", "return to cue"]);
    assert.deepEqual(["ArrowRight", "Shift+ArrowLeft", "Ctrl+ArrowRight", "End", "ArrowRight", "Home", "ArrowLeft"].map((key) => bench.keys(key).deck.time), [48, 32, 34, 240, 240, 0, 0]);
    assert.equal(bench.at(50).keys("Shift+Space").deck.time, 32);
    assert.ok(bench.deck.playing);
  });

  test("a track is left once it is saved", async () => {
    const bench = four().keys("N");
    await Promise.resolve();
    await Promise.resolve();
    assert.deepEqual(bench.did, ["save", "next"]);
    const clashing = four();
    clashing.saves = false;
    clashing.keys("P");
    await Promise.resolve();
    await Promise.resolve();
    assert.deepEqual(clashing.did, ["save"]);
  });

  test("Escape does one thing at a time", () => {
    const bench = four().keys("?", "Ctrl+A", "L");
    bench.keys("Escape");
    assert.equal(bench.open.size, 0);
    assert.equal(bench.session.selection.items.length, 4);
    bench.keys("Escape");
    assert.equal(bench.session.selection.items.length, 0);
    bench.keys("Escape");
    assert.ok(!bench.deck.looping);
  });
});

test("any keys at all, in any lane: nothing breaks, sections tile, and undo leads back to the beginning", async () => {
  const { Chance } = await import("./random.ts");
  const chance = new Chance(11);
  const suggestion = {
    grid: GRID, sections: sections([0, 32, 64, 240], ["intro", "drop", "outro"]),
    activity: [{ start: 0, end: 100, label: "speech" }, { start: 100, end: 240, label: "music" }],
    passages: [passage(0, 8, "good morning and welcome"), passage(9, 15, "the weather is fine")],
    words: [passage(0, 8, "good morning and welcome"), passage(9, 15, "the weather is fine")].flatMap(({ words }) => words),
  };
  const editing = (lane: Lane): Command[] => commandsIn(lane).filter(({ id }) => !["undo", "redo"].includes(id));
  for (let walk = 0; walk < 40; walk++) {
    const bench = new Bench({ suggestion: walk % 2 ? suggestion : null });
    const before = bench.session.document;
    for (let step = 0; step < 120; step++) {
      const command = chance.of(editing(bench.session.lane));
      bench.answers = [chance.of(["128", "hello there", "", "clear", "hate"]), "5"];
      if (chance.next() < 0.4) bench.at(chance.between(0, 240));
      bench.keys(chance.of(command.keys));
      const { sections: parts, activity, grid } = bench.session.document;
      if (parts) assert.ok(tile(parts, 240), `${command.id}: ${JSON.stringify(parts)}`);
      if (activity) assert.ok(tile(activity, 240), command.id);
      grid?.forEach(({ time, bpm }, index) => assert.ok(time >= (grid[index - 1]?.time ?? 0) && bpm >= 10 && bpm <= 1000, command.id));
    }
    assert.ok(!bench.did.some((what) => what.startsWith("nothing:")), bench.did.join());
    while (bench.session.history.undoes) bench.session.undo();
    assert.equal(bench.session.document, before);
  }
});

test("a section that is being dragged is one step, however long it takes", async () => {
  const { drag, drop } = await import("../../src/editor/marking.ts");
  const bench = four();
  for (const time of [33, 35.2, 39.9]) {
    drag(bench, 1, time, false);
    bench.real += 2;
  }
  drop(bench, 1);
  assert.deepEqual(parts(bench).slice(0, 2), ["0 intro", "40 buildup"]);
  drag(bench, 1, 41.23, true);
  assert.equal(parts(bench)[1], "41.23 buildup");
  assert.equal(bench.session.history.depth, 2);
  assert.equal(section(0, 1).label, "drop");
});
