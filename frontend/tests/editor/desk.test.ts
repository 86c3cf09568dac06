import assert from "node:assert/strict";
import { describe, test } from "vitest";
import { Declined, HttpDesk, Unreachable, WidgetDesk, type DraftAnswer, type Shelf, type WidgetModel } from "../../src/editor/desk.ts";
import { annotationOf, type Document } from "../../src/editor/document.ts";
import { document, sections } from "./made.ts";

const URL = "/api/v1/recordings/sha256:00/annotations";
const marked = document({ sections: sections([0, 30, 240]), recording: { id: "sha256:00" } });
const revision = (number: number) => ({ number, parent: number - 1 || null, author: "ada", time: "2026-01-01T00:00:00Z", tool: "editor", note: "", summary: "2 sections" });
const kept = { kept: "2026-01-01T00:00:01Z", findings: [], distance: [] };

interface Call {
  url: string;
  init: RequestInit;
  body: { annotation?: unknown; base?: unknown; note?: unknown; number?: unknown; leave?: unknown };
}

class MemoryShelf implements Shelf {
  readonly kept = new Map<string, string>();
  full = false;

  getItem(key: string): string | null {
    return this.kept.get(key) ?? null;
  }

  setItem(key: string, value: string): void {
    if (this.full) throw new DOMException("full", "QuotaExceededError");
    this.kept.set(key, value);
  }

  removeItem(key: string): void {
    this.kept.delete(key);
  }
}

/** A service that answers what it is told to; "down" stands for no answer at all. */
function service(...answers: ("down" | [status: number, body: unknown])[]) {
  const calls: Call[] = [];
  const pauses: number[] = [];
  const shelf = new MemoryShelf();
  const wake: (() => void)[] = [];
  let asleep = false;
  const fetch = (async (url: string, init: RequestInit = {}) => {
    calls.push({ url, init, body: init.body ? JSON.parse(String(init.body)) : {} });
    const answer = answers.length > 1 ? answers.shift()! : answers[0]!;
    if (answer === "down") throw new TypeError("failed to fetch");
    return new Response(answer[1] === null ? null : JSON.stringify(answer[1]), { status: answer[0] });
  }) as unknown as typeof globalThis.fetch;
  const wait = (seconds: number): Promise<void> => {
    pauses.push(seconds);
    return asleep ? new Promise((resolve) => wake.push(resolve)) : Promise.resolve();
  };
  const desk = new HttpDesk(URL, "ada & eve", 240, { fetch, shelf, wait, now: () => "2026-01-01T00:00:00Z" });
  return { desk, calls, pauses, shelf, answers, sleep: () => void (asleep = true), wake };
}

const settle = async (): Promise<void> => {
  for (let turn = 0; turn < 20; turn++) await Promise.resolve();
  await new Promise((resolve) => setTimeout(resolve));
};

describe("saving", () => {
  test("names the revision it began from, or that there is none", async () => {
    const first = service([201, { revision: revision(1) }]);
    assert.deepEqual(await first.desk.save(marked, null, "first"), { kind: "saved", revision: revision(1) });
    const [{ url, init, body }] = first.calls as [Call];
    assert.equal(url, `${URL}?author=ada%20%26%20eve`);
    assert.equal(init.method, "PUT");
    assert.deepEqual(init.headers, { "Content-Type": "application/json", "If-None-Match": "*" });
    assert.deepEqual(body, { annotation: JSON.parse(JSON.stringify(annotationOf(marked))), note: "first" });
    assert.equal(first.shelf.kept.size, 0, "what is saved does not wait any more");
    const later = service([200, { revision: revision(4) }]);
    await later.desk.save(marked, 3);
    assert.equal((later.calls[0]!.init.headers as Record<string, string>)["If-Match"], '"3"');
  });

  test("somebody saved first: both versions come back, and what was to be saved waits here", async () => {
    const conflict = { base: null, theirs: { revision: 2, annotation: {} }, merged: {}, clashes: [{ field: "notes", start: null, end: null, ours: "a", theirs: "b" }] };
    const { desk, shelf } = service([409, { title: "conflict", ...conflict }]);
    const answer = await desk.save(marked, 1);
    assert.equal(answer.kind, "clashed");
    assert.deepEqual(answer.kind === "clashed" && answer.clashes, conflict.clashes);
    assert.equal(shelf.kept.size, 1);
  });

  test("tried again while nobody answers, ever more slowly", async () => {
    const { desk, pauses, calls } = service("down", [503, {}], "down", [201, { revision: revision(1) }]);
    assert.equal((await desk.save(marked, null)).kind, "saved");
    assert.deepEqual(pauses, [0.5, 1, 2]);
    assert.equal(calls.length, 4);
  });

  test("nobody answers at all: it is said, and it waits here", async () => {
    const { desk, shelf, answers, pauses } = service("down");
    await assert.rejects(desk.save(marked, 1), Unreachable);
    assert.deepEqual(desk.waiting(), { annotation: JSON.parse(JSON.stringify(annotationOf(marked))), base: 1, time: "2026-01-01T00:00:00Z" });
    assert.equal(shelf.kept.size, 1);
    answers[0] = [200, kept];
    await settle();
    assert.equal(shelf.kept.size, 0, "as a draft, once somebody answers");
    assert.deepEqual(pauses.slice(0, 4), [0.5, 1, 2, 1]);
  });

  test("saved although the answer was lost: no clash with oneself", async () => {
    const said = annotationOf(marked);
    const theirs = { revision: 2, annotation: { ...said, author: "ada", recording: { id: "sha256:00", duration: 240 }, rest: {} } };
    const { desk, shelf } = service("down", [409, { base: null, theirs, merged: said, clashes: [] }], [200, { revisions: [revision(2), revision(1)] }]);
    assert.deepEqual(await desk.save(marked, 1), { kind: "saved", revision: revision(2) });
    assert.equal(shelf.kept.size, 0);
  });

  test("but a real clash after a lost answer is one", async () => {
    const theirs = { revision: 2, annotation: { sections: sections([0, 40, 240]) } };
    const { desk } = service("down", [409, { base: null, theirs, merged: {}, clashes: [] }]);
    assert.equal((await desk.save(marked, 1)).kind, "clashed");
  });

  test("declined: the problem's own words, nothing sent again, nothing lost", async () => {
    const { desk, calls, shelf } = service([422, { title: "unusable", detail: "sections do not cover the recording" }]);
    await assert.rejects(desk.save(marked, 1), (error) => error instanceof Declined && error.status === 422 && error.message === "sections do not cover the recording");
    assert.equal(calls.length, 1);
    assert.equal(shelf.kept.size, 1);
    await assert.rejects(service([404, "not json at all"]).desk.save(marked, 1), Declined);
  });
});

describe("drafts", () => {
  test("on the shelf before they are sent, and off it once they have arrived", async () => {
    const { desk, calls, shelf } = service([200, kept]);
    const keeping = desk.draft(marked, 3);
    assert.equal(shelf.kept.size, 1);
    assert.deepEqual(await keeping, { ...kept, where: "service" });
    assert.equal(shelf.kept.size, 0);
    assert.equal(calls[0]!.url, `${URL}/draft?author=ada%20%26%20eve`);
    assert.equal(calls[0]!.body.base, 3);
  });

  test("offline they wait here, and are sent when somebody answers again", async () => {
    const { desk, shelf, wake, sleep, answers, pauses } = service("down");
    sleep();
    const heard: DraftAnswer[] = [];
    desk.onKept((answer) => heard.push(answer));
    assert.equal((await desk.draft(marked, 1)).where, "here");
    const newer = { ...marked, notes: "newer" };
    assert.equal((await desk.draft(newer, 1)).where, "here");
    assert.equal(desk.waiting()!.annotation.notes, "newer");
    wake.shift()!();
    await settle();
    answers[0] = [200, kept];
    wake.shift()!();
    await settle();
    assert.deepEqual(pauses, [1, 2], "one at a time tries again");
    assert.deepEqual(heard, [{ ...kept, where: "service" }]);
    assert.equal(shelf.kept.size, 0);
  });

  test("one after the other: an older one cannot lie over a newer, nor take it off the shelf", async () => {
    const shelf = new MemoryShelf();
    const sent: string[] = [];
    const arrive: (() => void)[] = [];
    const fetch = ((_url: string, init: RequestInit) => {
      sent.push((JSON.parse(String(init.body)) as { annotation: { notes: string } }).annotation.notes);
      return new Promise((resolve) => arrive.push(() => resolve(new Response(JSON.stringify({ ...kept, revision: revision(1) })))));
    }) as unknown as typeof globalThis.fetch;
    const desk = new HttpDesk(URL, "ada", 240, { fetch, shelf });
    const all = [desk.draft({ ...marked, notes: "old" }, 1), desk.draft({ ...marked, notes: "newer" }, 1), desk.save({ ...marked, notes: "newest" }, 1)];
    await settle();
    assert.deepEqual(sent, ["old"]);
    arrive.shift()!();
    await settle();
    assert.deepEqual(sent, ["old", "newer"]);
    assert.equal(desk.waiting()!.annotation.notes, "newest");
    arrive.shift()!();
    await settle();
    arrive.shift()!();
    await Promise.all(all);
    assert.deepEqual(sent, ["old", "newer", "newest"]);
    assert.equal(shelf.kept.size, 0);
  });

  test("of what is a revision already, nothing waits here", async () => {
    const { desk, shelf, answers, sleep } = service([201, { revision: revision(1) }]);
    await desk.save(marked, null);
    sleep();
    answers[0] = "down";
    const keeping = desk.draft(marked, 1);
    assert.equal(shelf.kept.size, 0);
    assert.equal((await keeping).where, "here");
    assert.equal(desk.waiting(), null);
    await desk.draft({ ...marked, notes: "more" }, 1);
    assert.equal(desk.waiting()!.annotation.notes, "more");
    await desk.draft(marked, 1);
    assert.equal(desk.waiting(), null, "taken back to what is saved");
  });

  test("another window of the same author keeps what it has put there", async () => {
    const { desk, shelf } = service([200, kept]);
    const keeping = desk.draft(marked, 1);
    const [key] = shelf.kept.keys();
    shelf.kept.set(key!, JSON.stringify({ annotation: { notes: "theirs" }, base: 1, time: "t" }));
    await keeping;
    assert.equal(desk.waiting()?.annotation.notes, "theirs");
  });

  test("where nothing is kept anywhere, it is said", async () => {
    const { desk, shelf, sleep } = service("down");
    sleep();
    shelf.full = true;
    await assert.rejects(desk.draft(marked, 1), /do not close/);
  });

  test("an earlier sitting's is found again, and a broken one is none", async () => {
    const { desk, shelf, sleep } = service("down");
    sleep();
    await desk.draft(marked, 2);
    const [key] = shelf.kept.keys();
    assert.ok(key!.includes("ada & eve") && key!.includes("sha256:00"));
    assert.equal(desk.waiting()!.base, 2);
    shelf.kept.set(key!, "{torn");
    assert.equal(desk.waiting(), null);
  });

  test("leaving: what has not arrived is sent without waiting, if it is short enough", async () => {
    const { desk, calls, sleep, answers } = service("down");
    sleep();
    await desk.draft(marked, 1);
    answers[0] = [200, kept];
    desk.leave();
    desk.leave();
    await settle();
    assert.deepEqual(calls.slice(1).map(({ url, init, body }) => [url.split("?")[0], init.keepalive, body.leave]), [[`${URL}/draft`, true, undefined], [`${URL}/presence`, true, true]]);
    const large = service("down");
    large.sleep();
    await large.desk.draft({ ...marked, notes: "x".repeat(70_000) }, 1);
    large.desk.leave();
    await settle();
    assert.deepEqual(large.calls.map(({ url }) => url.split("?")[0]), [`${URL}/draft`, `${URL}/presence`]);
    assert.equal(large.shelf.kept.size, 1, "it waits for the next sitting");
  });
});

test("a page that was left and is shown again goes on, and can be left again", async () => {
  const { desk, calls, sleep, answers, wake } = service("down");
  sleep();
  desk.leave();
  await desk.draft(marked, 1);
  answers[0] = [200, kept];
  wake.shift()!();
  await settle();
  assert.equal(desk.waiting(), null, "tried again until it was there");
  answers[0] = "down";
  await desk.draft({ ...marked, notes: "more" }, 1);
  desk.leave();
  await settle();
  assert.deepEqual(calls.filter(({ init }) => init.keepalive).map(({ url }) => url.split("?")[0]), [`${URL}/presence`, `${URL}/draft`, `${URL}/presence`]);
});

test("a line is opened as the store has it", async () => {
  const opened = { revision: 3, annotation: annotationOf(marked), draft: { annotation: {}, base: 3, time: "t" } };
  const { desk, calls } = service([200, opened]);
  assert.deepEqual(await desk.open(), JSON.parse(JSON.stringify(opened)));
  assert.deepEqual([calls[0]!.init.method, calls[0]!.url], ["GET", `${URL}?author=ada%20%26%20eve`]);
});

test("history, an old revision, restoring it, and who else is here", async () => {
  const annotation = annotationOf(marked);
  const { desk, calls } = service([200, { revisions: [revision(2), revision(1)] }], [200, { revision: revision(1), annotation }], [200, { revision: revision(3), annotation }], [200, { present: [{ author: "eve", time: "t" }] }]);
  assert.deepEqual((await desk.history()).map(({ number }) => number), [2, 1]);
  const old: Document = await desk.revision(1);
  assert.deepEqual([old.duration, old.sections], [240, marked.sections]);
  assert.deepEqual((await desk.restore(1)).revision.number, 3);
  assert.deepEqual(await desk.present(), [{ author: "eve", time: "t" }]);
  assert.deepEqual(calls.map(({ url, init }) => `${init.method} ${url.split("annotations")[1]!.split("?")[0]}`), ["GET /history", "GET /revisions/1", "POST /restore", "POST /presence"]);
  assert.deepEqual(calls[2]!.body, { number: 1 });
});

describe("in a notebook", () => {
  function kernel(answer: (asked: { id: number; do: string; number?: number; annotation?: unknown; parent?: unknown }) => { status: number; body: unknown } | null) {
    const asked: { id: number; do: string }[] = [];
    let listener: (content: unknown) => void = () => undefined;
    const model: WidgetModel = {
      on: (_event, heard) => void (listener = heard),
      send: (content) => {
        const message = content as { id: number; do: string };
        asked.push(message);
        const said = answer(message);
        if (said) queueMicrotask(() => listener({ id: message.id, ...said }));
      },
    };
    return { desk: new WidgetDesk(model, "sha256:00", "ada", 240, { shelf: new MemoryShelf() }), asked, hear: (content: unknown) => listener(content) };
  }

  test("the same questions by messages, each with its answer", async () => {
    const { desk, asked, hear } = kernel(({ do: does, number }) => {
      if (does === "save") return { status: 201, body: { revision: revision(1) } };
      if (does === "draft") return { status: 200, body: kept };
      if (does === "revision") return { status: 200, body: { revision: revision(number!), annotation: annotationOf(marked) } };
      return { status: 404, body: { title: "no", detail: "there is no such thing" } };
    });
    const [saved, draft, old] = await Promise.all([desk.save(marked, null, "note"), desk.draft(marked, 1), desk.revision(7)]);
    assert.equal(saved.kind, "saved");
    assert.equal(draft.where, "service");
    assert.deepEqual(old.sections, marked.sections);
    assert.deepEqual(asked.map(({ do: does }) => does).sort(), ["draft", "revision", "save"]);
    assert.equal(new Set(asked.map(({ id }) => id)).size, 3);
    hear({ id: 99, status: 200, body: {} });
    hear({ something: "else" });
    await assert.rejects(desk.history(), /no such thing/);
    desk.leave();
    assert.equal(asked.at(-1)!.do, "leave");
  });
});
