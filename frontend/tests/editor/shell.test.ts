/** The shell, the palette's offers and the status line, as far as they need no page. */

import assert from "node:assert/strict";
import { afterEach, beforeEach, describe, test, vi } from "vitest";
import { COMMANDS } from "../../src/editor/commands.ts";
import { Ledger } from "../../src/editor/ledger.ts";
import { barsOf } from "../../src/editor/lanes.ts";
import { matchingOffers } from "../../src/editor/offers.ts";
import type { Palette } from "../../src/editor/palette.ts";
import type { Saving } from "../../src/editor/saving.ts";
import { PageShell } from "../../src/editor/shell.ts";
import { Timing } from "../../src/editor/timing.ts";
import { Bench } from "./bench.ts";
import { document, sections } from "./made.ts";

const GRID = [{ time: 0, bpm: 120, beats_per_bar: 4, position: 1 }];
const four = (): Bench => new Bench({ document: document({ grid: GRID, sections: sections([0, 32, 64, 128, 240], ["intro", "buildup", "drop", "outro"]) }) });

describe("panels", () => {
  function shell() {
    const did: string[] = [];
    const root = (): HTMLElement => ({ hidden: true, contains: () => false, getRootNode: () => ({ activeElement: null }) }) as unknown as HTMLElement;
    const panel = (name: string) => ({ root: root(), opened: () => void did.push(`opened ${name}`), closed: () => void did.push(`closed ${name}`) });
    const panels = { grid: panel("grid"), history: panel("history"), help: panel("help") };
    const palette = { open: false, close() { this.open = false; } };
    let hasClash = false;
    const made = new PageShell({
      palette: palette as unknown as Palette, panels, colours: () => undefined, save: async () => true, go: (to) => void did.push(to), changed: () => undefined, before: () => undefined,
      search: () => void (palette.open = true),
      dismiss: () => hasClash && !(hasClash = false),
    });
    return { made, panels, did, clash: () => void (hasClash = true) };
  }

  test("each is shown and hidden by its key, and told so", () => {
    const { made, panels, did } = shell();
    made.toggle("grid");
    assert.ok(made.isOpen("grid") && !panels.grid.root.hidden);
    made.toggle("grid");
    assert.ok(!made.isOpen("grid") && panels.grid.root.hidden);
    assert.deepEqual(did, ["opened grid", "closed grid"]);
  });

  test("the last that was opened closes first, what asks for a choice before all", () => {
    const { made, clash } = shell();
    made.toggle("grid");
    made.toggle("help");
    clash();
    made.toggle("palette");
    assert.ok(made.isOpen("palette"));
    assert.ok(made.close() && !made.isOpen("palette"));
    assert.ok(made.close() && made.isOpen("help"), "the clash");
    assert.ok(made.close() && !made.isOpen("help") && made.isOpen("grid"));
    assert.ok(made.close() && !made.isOpen("grid"));
    assert.equal(made.close(), false);
  });
});

describe("the palette offers", () => {
  test("every command, those first that can be done now", () => {
    const offers = matchingOffers(four());
    assert.equal(offers.length, COMMANDS.length - 2);
    const enabled = offers.map(({ enabled }) => enabled ?? true);
    assert.equal(enabled.lastIndexOf(true), enabled.filter(Boolean).length - 1);
    assert.ok(offers.some(({ title }) => title === "label drop"));
  });

  test("what another lane's keys mean: it turns to that lane", () => {
    const bench = four();
    matchingOffers(bench).find(({ title }) => title === "double the tempo")!.run();
    assert.equal(bench.session.lane, "grid");
    assert.equal(bench.session.document.grid![0]!.bpm, 240);
  });
});

describe("the status line", () => {
  beforeEach(() => {
    vi.useFakeTimers();
    vi.stubGlobal("window", globalThis);
  });
  afterEach(() => {
    vi.useRealTimers();
    vi.unstubAllGlobals();
  });

  test("tells what tests and scripts read, at once where something was done", () => {
    const bench = four();
    const node = { dataset: {} as Record<string, string> };
    const saving = { revision: 3, dirty: true, state: "changed" } as Saving;
    const ledger = new Ledger(node as unknown as HTMLElement, bench.session, () => saving, new Timing(), () => ({ rate: 1 }));
    ledger.write();
    const state = (): Record<string, unknown> => JSON.parse(node.dataset.state!) as Record<string, unknown>;
    assert.deepEqual([state().bpm, state().downbeat, state().revision, state().dirty, state().rate], [120, 0, 3, true, 1]);
    bench.at(16).keys("B");
    ledger.write();
    assert.deepEqual((state().sections as { label: string | null }[]).map(({ label }) => label), ["intro", null, "buildup", "drop", "outro"]);
    assert.deepEqual([state().selected, state().boundary, state().steps], [[1], 1, 1]);
    const written = node.dataset.state;
    ledger.write();
    assert.equal(node.dataset.state, written, "nothing was done");
    vi.advanceTimersByTime(1000);
    ledger.close();
  });
});

test("how many bars a section lasts", () => {
  const { session } = four();
  assert.match(barsOf(session.document.sections![1]!, session.grid) ?? "", /16/);
  assert.equal(barsOf(session.document.sections![1]!, new Bench().session.grid), null);
});
