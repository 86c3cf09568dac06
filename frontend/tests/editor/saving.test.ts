import assert from "node:assert/strict";
import { afterEach, beforeEach, describe, test, vi } from "vitest";
import type { Clashed, Desk, DraftAnswer, Saved } from "../../src/editor/desk.ts";
import type { Document } from "../../src/editor/document.ts";
import { describe as described, Saving } from "../../src/editor/saving.ts";
import { document, sections } from "./made.ts";

const empty = document();
const marked = document({ sections: sections([0, 30, 240]) });
const more = { ...marked, notes: "more" };
const revision = (number: number) => ({ number, parent: null, author: "ada", time: "2026-01-01T12:03:00Z", tool: "editor", note: "", summary: "" });
const kept: DraftAnswer = { kept: "2026-01-01T12:00:00Z", where: "service", findings: [], distance: [] };

/** A desk that writes down what it is asked, and answers what it is told. */
class FakeDesk implements Desk {
  asked: string[] = [];
  drafts: Document[] = [];
  draftAnswer: () => Promise<DraftAnswer> = async () => kept;
  saveAnswer: () => Promise<Saved | Clashed> = async () => ({ kind: "saved", revision: revision(1) });

  save(_document: Document, parent: number | null): Promise<Saved | Clashed> {
    this.asked.push(`save on ${parent}`);
    return this.saveAnswer();
  }

  draft(now: Document, base: number | null): Promise<DraftAnswer> {
    this.asked.push(`draft on ${base}`);
    this.drafts.push(now);
    return this.draftAnswer();
  }

  open = async () => ({ revision: null, annotation: null, draft: null });
  history = async () => [];
  revision = async () => empty;
  restore = async () => ({ revision: revision(1), document: empty });
  present = async () => [];
  waiting = () => null;
  onKept = () => undefined;
  leave(): void {
    this.asked.push("leave");
  }
}

function sitting(now: Document = empty, base: number | null = null) {
  const desk = new FakeDesk();
  const state = { document: now };
  const saving = new Saving(desk, base, empty, { document: () => state.document, changed: () => undefined });
  const edit = (next: Document): void => {
    state.document = next;
    saving.touched();
  };
  return { desk, saving, edit };
}

beforeEach(() => {
  vi.useFakeTimers();
  vi.stubGlobal("window", globalThis);
});

afterEach(() => {
  vi.useRealTimers();
  vi.unstubAllGlobals();
});

describe("drafts", () => {
  test("one when the hands rest, not one for every edit", async () => {
    const { desk, saving, edit } = sitting();
    edit(marked);
    await vi.advanceTimersByTimeAsync(300);
    edit(more);
    await vi.advanceTimersByTimeAsync(300);
    assert.deepEqual(desk.asked, []);
    assert.equal(saving.state, "changed");
    await vi.advanceTimersByTimeAsync(1000);
    assert.deepEqual(desk.drafts, [more]);
    assert.equal(saving.state, "kept");
  });

  test("hands that never rest are kept all the same", async () => {
    const { desk, edit } = sitting();
    for (let step = 0; step < 40; step++) {
      edit({ ...marked, notes: String(step) });
      await vi.advanceTimersByTimeAsync(250);
    }
    assert.ok(desk.drafts.length >= 2, String(desk.drafts.length));
  });

  test("kept here while nobody answers, and there once somebody does", async () => {
    const { desk, saving, edit } = sitting();
    desk.draftAnswer = async () => ({ ...kept, where: "here" });
    edit(marked);
    await vi.advanceTimersByTimeAsync(1000);
    assert.equal(saving.state, "offline");
    saving.arrived(kept);
    assert.equal(saving.state, "kept");
  });

  test("kept nowhere: that is said", async () => {
    const { desk, saving, edit } = sitting();
    desk.draftAnswer = async () => {
      throw new Error("do not close the page");
    };
    edit(marked);
    await vi.advanceTimersByTimeAsync(1000);
    assert.equal(saving.state, "failed");
    assert.match(described(saving), /do not close the page/);
  });
});

describe("revisions", () => {
  test("each stands on the one before", async () => {
    const { desk, saving, edit } = sitting();
    edit(marked);
    assert.ok(saving.dirty);
    assert.equal(await saving.save(), true);
    assert.ok(!saving.dirty && saving.revision === 1 && saving.state === "saved");
    edit(more);
    desk.saveAnswer = async () => ({ kind: "saved", revision: revision(2) });
    await saving.save();
    assert.deepEqual(desk.asked.filter((what) => what.startsWith("save")), ["save on null", "save on 1"]);
  });

  test("edited while it is being saved: that is not saved yet, and is kept", async () => {
    const { desk, saving, edit } = sitting();
    edit(marked);
    let answer: (saved: Saved) => void = () => undefined;
    desk.saveAnswer = () => new Promise((resolve) => (answer = resolve));
    const going = saving.save();
    await vi.advanceTimersByTimeAsync(10);
    edit(more);
    answer({ kind: "saved", revision: revision(1) });
    assert.equal(await going, true);
    assert.ok(saving.dirty);
    await vi.advanceTimersByTimeAsync(2000);
    assert.equal(desk.drafts.at(-1), more);
  });

  test("somebody was first: settled, it stands on theirs", async () => {
    const { desk, saving, edit } = sitting(empty, 1);
    edit(marked);
    desk.saveAnswer = async () => ({ kind: "clashed", base: null, theirs: { revision: 4, annotation: {} }, merged: {}, clashes: [] });
    assert.equal(await saving.save(), false);
    assert.equal(saving.state, "clashed");
    saving.settle();
    desk.saveAnswer = async () => ({ kind: "saved", revision: revision(5) });
    assert.equal(await saving.save(), true);
    assert.deepEqual(desk.asked.filter((what) => what.startsWith("save")), ["save on 1", "save on 4"]);
    assert.equal(saving.revision, 5);
  });

  test("not saved: it is said, and still to be saved", async () => {
    const { desk, saving, edit } = sitting();
    edit(marked);
    desk.saveAnswer = async () => {
      throw new Error("sections do not cover the recording");
    };
    assert.equal(await saving.save(), false);
    assert.ok(saving.dirty);
    assert.match(described(saving), /not saved: sections do not cover/);
  });
});

describe("leaving", () => {
  test("what is not kept yet is sent, and nothing after that", async () => {
    const { desk, saving, edit } = sitting();
    edit(marked);
    saving.close();
    saving.close();
    assert.deepEqual(desk.asked, ["draft on null", "leave"]);
    await vi.advanceTimersByTimeAsync(10_000);
    assert.equal(desk.asked.length, 2);
  });

  test("nothing to send, nothing sent", () => {
    const { desk, saving } = sitting();
    saving.close();
    assert.deepEqual(desk.asked, ["leave"]);
  });
});
