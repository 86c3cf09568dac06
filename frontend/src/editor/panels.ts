/** The panels around the lanes, and what opens and closes them. */

import { el } from "../dom.ts";
import type { Stage } from "../stage.ts";
import type { Viewport } from "../view.ts";
import { COMMANDS, type Editor, type Panel, shownKey } from "./commands.ts";
import type { Desk, Revision } from "./desk.ts";
import { setBpm } from "./gridding.ts";
import { gridPanel } from "./gridpanel.ts";
import { helpSheet } from "./help.ts";
import { historyPane } from "./historypane.ts";
import { mergePane } from "./mergepane.ts";
import { settled } from "./merge.ts";
import { oddPane } from "./oddpane.ts";
import type { Picture } from "./picture.ts";
import { speechPane } from "./speechpane.ts";
import { spectrogram } from "./spectrogram.ts";
import { setBeatsPerBar } from "./regrid.ts";
import type { Saving } from "./saving.ts";
import type { Openable } from "./shell.ts";

export interface Parts {
  saving: Saving;
  picture: Picture;
  desk: Desk;
  stage: Stage;
  audioUrl: string;
  refresh(): void;
}

export interface Panels {
  /** Under the lanes; below the stage; over the waveform; and the help sheet. */
  docks: HTMLElement;
  below: HTMLElement;
  over: HTMLElement;
  help: HTMLElement;
  openable: Partial<Record<Panel, Openable>>;
  /** Keys that mean something else while a panel asks for a choice. */
  key(event: KeyboardEvent): boolean;
  toggleOdd(): void;
  /** Show a revision as a lane of its own. */
  look(number: number | null): Promise<void>;
  savedAgain(): void;
  dismiss(): boolean;
  refresh(): void;
  draw(view: Viewport): void;
  light(time: number): void;
  close(): void;
}

export function panels(editor: Editor, { saving, picture, desk, stage, audioUrl, refresh }: Parts): Panels {
  const { session } = editor;
  const grid = gridPanel(editor, COMMANDS.filter(({ id, group }) => group === "Grid" && id !== "grid" && id !== "grid.bpm" && !id.startsWith("grid.meter")), {
    setBpm: (bpm) => setBpm(editor, bpm),
    setBeatsPerBar: (count) => session.edit(`${count} beats in a bar`, (document) => ({ ...document, grid: setBeatsPerBar(document.grid ?? session.grid.segments, editor.deck.time, count) })),
    seek: (time) => stage.seek(time),
    close: () => {
      editor.shell.toggle("grid");
      session.lane = "sections";
    },
    shown: (command) => (command.keys[0] ? shownKey(command.keys[0]) : ""),
  });
  const history = historyPane((number) => void look(number), (number) => void restore(number), () => editor.shell.toggle("history"));
  const odd = oddPane((time) => stage.seek(time), toggleOdd);
  const merge = mergePane({ keep: (choices) => void keep(choices), postpone, seek: (time) => stage.seek(time) });
  const help = helpSheet(editor, () => editor.shell.toggle("help"));
  for (const each of [grid.root, history.root, odd.root]) each.hidden = true;
  const docks = el("div", { class: "docks" }, merge.root, grid.root, odd.root, history.root);
  const speech = speechPane(editor);
  const below = el("div", { class: "below" }, speech.root);
  const spectrum = spectrogram(audioUrl, session.document.duration, (text) => session.say(text), refresh);
  const over = el("div", { class: "over", "aria-hidden": "true" }, spectrum.root);
  const bands: HTMLElement[] = [];
  let revisions: readonly Revision[] = [];
  let looking: number | null = null;

  async function load(): Promise<void> {
    if (!revisions.length) history.wait("looking up what was saved");
    try {
      revisions = await desk.history();
      history.show(revisions, saving.revision, looking);
    } catch (error) {
      history.wait(`The history could not be read: ${error instanceof Error ? error.message : String(error)}`);
    }
  }

  async function look(number: number | null): Promise<void> {
    looking = number;
    try {
      picture.ghost = number === null ? null : { name: `#${number}`, document: await desk.revision(number) };
      session.say(number === null ? "back to what you mark" : `revision ${number} stands beside what you mark`);
    } catch (error) {
      looking = null;
      session.say(`revision ${number} could not be read: ${error instanceof Error ? error.message : String(error)}`);
    }
    history.show(revisions, saving.revision, looking);
    refresh();
  }

  async function restore(number: number): Promise<void> {
    const unsaved = saving.dirty;
    try {
      const { revision, document } = await desk.restore(number);
      session.edit(`restore revision ${number}`, () => document);
      saving.took(revision.number, session.document, revision.time);
      session.say(`revision ${number} is back, as revision ${revision.number}${unsaved ? "; undo leads to what you had not saved" : ""}`);
      looking = picture.ghost = null;
      await load();
    } catch (error) {
      session.say(`revision ${number} could not be restored: ${error instanceof Error ? error.message : String(error)}`);
    }
    refresh();
  }

  async function keep(choices: NonNullable<typeof merge.settling>): Promise<void> {
    if (saving.outrun) {
      // What was marked since is not in what was compared: compare again.
      await saving.save();
      if (saving.clash) session.say("you went on marking: look at the differences once more");
      return refresh();
    }
    const merged = settled(choices, session.document.duration);
    session.edit(`merge with revision ${choices.conflict.theirs.revision}`, () => merged);
    saving.settle();
    picture.ghost = null;
    await editor.shell.save();
    refresh();
  }

  function postpone(): void {
    saving.postpone();
    picture.ghost = null;
    session.say("the draft is kept; saving asks again");
    refresh();
  }

  function toggleOdd(): void {
    odd.root.hidden = !odd.root.hidden;
    refresh();
  }

  return {
    docks,
    below,
    over,
    help,
    openable: {
      grid: { root: grid.root },
      history: {
        root: history.root,
        opened: () => void load(),
        closed: () => {
          if (looking !== null) void look(null);
        },
      },
      speech: {
        root: speech.root,
        opened: () => speech.root.closest(".editor")?.classList.add("reading"),
        closed: () => speech.root.closest(".editor")?.classList.remove("reading"),
      },
      spectrogram: {
        root: spectrum.root,
        opened: () => {
          spectrum.open();
          over.closest(".editor")?.classList.add("seeing");
        },
        closed: () => {
          spectrum.close();
          over.closest(".editor")?.classList.remove("seeing");
        },
      },
      help: { root: help, opened: () => help.scrollTo(0, 0) },
    },
    key: (event) => merge.key(event),
    toggleOdd,
    look,
    savedAgain: () => void (editor.shell.isOpen("history") && load()),
    dismiss() {
      if (saving.clash) postpone();
      else if (!odd.root.hidden) toggleOdd();
      else return false;
      return true;
    },
    refresh() {
      const { clash } = saving;
      if (clash && merge.settling?.conflict !== clash) picture.ghost = { name: `theirs #${clash.theirs.revision}`, document: settled({ conflict: { ...clash, merged: clash.theirs.annotation, clashes: [] }, picks: [], at: 0 }, session.document.duration) };
      merge.show(clash);
      if (!grid.root.hidden) grid.refresh(session.grid.segments, session.grid.segmentAt(editor.deck.time), /taps|tap /.test(session.said) ? session.said : "");
      if (!odd.root.hidden) odd.show(saving.findings);
      speech.refresh();
    },
    draw(view) {
      spectrum.draw(view);
      const { settling } = merge;
      const clashes = settling?.conflict.clashes ?? [];
      while (bands.length < clashes.length) bands.push(over.appendChild(el("div", { class: "band" })));
      bands.forEach((band, index) => {
        const clash = clashes[index];
        const [left, right] = clash?.start == null || clash.end === null ? [-1, -1] : [Math.max(0, view.toX(clash.start)), Math.min(view.width, view.toX(clash.end))];
        band.hidden = right <= left;
        band.classList.toggle("now", index === settling?.at);
        band.style.transform = `translateX(${left.toFixed(1)}px)`;
        band.style.width = `${Math.max(0, right - left).toFixed(1)}px`;
      });
    },
    light: (time) => speech.light(time),
    close: () => spectrum.close(),
  };
}
