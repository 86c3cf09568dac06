/** The editor one sees: the stage with lanes to mark on it, tools, panels, and a desk to save at. Adapters mount it. */

import { el, focus, icon, ICONS } from "../dom.ts";
import { Stage } from "../stage.ts";
import base from "../stage.css";
import type { EditorProps, Sources } from "../types.ts";
import { commandFor, commandNamed, type Editor, type KeyPress, press, release, shownKey, tooltip } from "./commands.ts";
import { StageDeck } from "./deck.ts";
import type { Desk } from "./desk.ts";
import { documentOf, saysTheSame } from "./document.ts";
import style from "./editor.css";
import { tidyBpm } from "./gridpanel.ts";
import { Ledger } from "./ledger.ts";
import { drag, drop, nudge, relabel, take } from "./marking.ts";
import { matchingOffers } from "./offers.ts";
import { palette } from "./palette.ts";
import { panels, type Panels } from "./panels.ts";
import { beatAt, Picture } from "./picture.ts";
import { Saving } from "./saving.ts";
import { Session } from "./session.ts";
import { PageShell } from "./shell.ts";
import type { Snap } from "./snap.ts";
import { strip } from "./strip.ts";
import { acceptSuggestion, rejectSuggestion } from "./suggest.ts";
import { Timing } from "./timing.ts";
import { toolRow } from "./toolbar.ts";

export interface Manner {
  rate: number;
  metronome: boolean;
  snap: Snap;
  focused: boolean;
}

export interface Surroundings {
  desk: Desk;
  /** Whether keys count while nothing on the page has the focus. */
  pageKeys: boolean;
  /** Somebody wants to go on to another recording; what there was is saved. */
  go(id: string): void;
  /** The picture is there for the first time. */
  drawn?(): void;
}

/** How often it is asked who else is here. */
const PRESENCE_MS = 15_000;

export class EditorView implements Editor {
  readonly root: HTMLElement;
  readonly session: Session;
  readonly deck: StageDeck;
  readonly shell: PageShell;
  private readonly stage: Stage;
  private readonly picture: Picture;
  private readonly saving: Saving;
  private readonly panels: Panels;
  private readonly palette = palette(() => this.comeBack());
  private readonly tools;
  private readonly strip;
  private readonly timing = new Timing();
  private readonly ledger: Ledger;
  private readonly title = el("h2", { "data-testid": "editor-title" });
  private readonly artist = el("p", { class: "artist" });
  private before: HTMLElement | null = null;
  private document;
  private stale = true;
  private presence = 0;
  private closed = false;
  private shown = false;
  private readonly onKey = (event: KeyboardEvent): void => this.key(event);
  private readonly onHide = (): void => void (document.visibilityState === "hidden" && this.saving.hide());
  private readonly onLeave = (): void => this.saving.leave();

  constructor(
    private readonly host: HTMLElement,
    private props: EditorProps,
    sources: Sources,
    private readonly around: Surroundings,
  ) {
    const shadow = host.shadowRoot ?? host.attachShadow({ mode: "open" });
    const { duration } = props.recording;
    const saved = documentOf(props.annotation, duration);
    const draft = newest(props, around.desk.waiting());
    const opened = draft ? documentOf(draft.annotation, duration) : saved;
    this.session = new Session({ document: opened, suggestion: props.suggestion, vocabulary: props.vocabulary, author: props.author });
    this.document = opened;
    this.saving = new Saving(around.desk, props.revision, saved, { document: () => this.session.document, changed: () => this.refresh() }, draft ? draft.base : props.revision);
    if (draft) this.saving.keptAt = draft.time;
    around.desk.onKept((answer) => this.saving.arrived(answer));
    this.stage = this.setUp(sources);
    this.deck = new StageDeck(this.stage, () => this.picture.metronome, () => this.refresh());
    this.picture = this.paint();
    this.panels = panels(this, { saving: this.saving, picture: this.picture, desk: around.desk, refresh: () => this.refresh(), stage: this.stage, audioUrl: sources.audioUrl });
    this.shell = new PageShell({
      palette: this.palette,
      panels: this.panels.openable,
      search: () => this.open(() => this.palette.search("do", () => matchingOffers(this))),
      colours: (label) => [...props.vocabulary.sections, ...props.vocabulary.activity].find((each) => each.label === label)?.colour,
      save: () => this.save(),
      go: (to) => this.go(to),
      dismiss: () => this.panels.dismiss(),
      changed: () => this.refresh(),
      before: () => this.remember(),
    });
    this.tools = toolRow(this, commandNamed, (command) => (command.keys[0] ? shownKey(command.keys[0]) : ""), {
      dirty: () => this.saving.dirty,
      saved: () => this.saving.revision !== null,
      busy: () => this.saving.state === "saving",
      open: (panel) => this.shell.isOpen(panel),
      snap: () => this.session.snap,
      tempo: () => this.tempo(),
      lane: () => ({ sections: "sections", grid: "the grid", activity: "sound", passages: "speech" })[this.session.lane],
      passages: () => !!(this.session.document.passages ?? this.session.suggestion?.passages)?.length,
    });
    this.strip = strip(this.stage.status, () => this.panels.toggleOdd(), () => this.shell.toggle("history"), () => this.shell.toggle("help"), "?");
    this.ledger = new Ledger(this.stage.status, this.session, () => this.saving, this.timing, () => ({ clashes: this.saving.clash?.clashes.length ?? 0, ghost: this.picture.ghost?.name ?? null, loop: this.deck.looping, rate: this.deck.rate, metronome: this.deck.metronome }));
    this.root = this.build();
    shadow.replaceChildren(el("style", {}, base + style), this.root);
    this.render();
    this.stage.open(props.peaks);
    this.session.subscribe(() => this.refresh());
    document.addEventListener("keydown", this.onKey, true);
    document.addEventListener("keyup", this.onKey, true);
    document.addEventListener("visibilitychange", this.onHide);
    window.addEventListener("pagehide", this.onLeave);
    if (props.at > 0) this.stage.sound.seek(props.at);
    if (draft) this.session.say(draft.base === props.revision ? "your draft goes on" : "your draft goes on; another revision was saved since");
    if (this.saving.dirty) void this.saving.keep();
    if (props.show !== null && props.show !== undefined) void this.panels.look(props.show);
    this.presence = window.setInterval(() => void this.askWhoIsHere(), PRESENCE_MS);
    void this.askWhoIsHere();
    this.refresh();
  }

  /** Take new data for the same recording; what is being edited stays. */
  update(props: EditorProps): void {
    const moved = props.at !== this.props.at;
    const newer = (props.revision ?? 0) > (this.saving.revision ?? 0);
    this.props = { ...props, others: JSON.stringify(props.others) === JSON.stringify(this.props.others) ? this.props.others : props.others };
    if (newer && !this.saving.dirty && props.annotation) {
      const fresh = documentOf(props.annotation, props.recording.duration);
      this.session.edit(`revision ${props.revision}, saved elsewhere`, () => fresh);
      this.document = fresh;
      this.saving.took(props.revision!, fresh, new Date().toISOString());
    }
    this.render();
    if (moved) this.stage.seek(props.at);
    this.refresh();
  }

  /** How one works, which goes on with the next recording. */
  get manner(): Manner {
    return { rate: this.deck.rate, metronome: this.deck.metronome, snap: this.session.snap, focused: this.host.shadowRoot!.activeElement !== null };
  }

  take(manner: Manner): void {
    this.deck.setRate(manner.rate);
    this.deck.setMetronome(manner.metronome);
    if (manner.snap !== this.session.snap) this.session.snap = manner.snap;
    if (manner.focused) this.root.focus({ preventScroll: true });
  }

  /** Stop everything; the picture stays until its host goes. */
  close(): void {
    if (this.closed) return;
    this.closed = true;
    clearInterval(this.presence);
    document.removeEventListener("keydown", this.onKey, true);
    document.removeEventListener("keyup", this.onKey, true);
    document.removeEventListener("visibilitychange", this.onHide);
    window.removeEventListener("pagehide", this.onLeave);
    this.saving.close();
    this.ledger.close();
    this.panels.close();
    this.deck.close();
    this.stage.close();
    // What is left is a picture: nobody and nothing is to take it for the editor.
    this.root.inert = true;
    for (const node of [this.root, ...this.root.querySelectorAll<HTMLElement>("[data-testid]")]) delete node.dataset.testid;
  }

  // --- building -------------------------------------------------------------------------------------

  private setUp(sources: Sources): Stage {
    const view = this;
    return new Stage(
      {
        name: "editor",
        playKey: shownKey("Space"),
        get grid() {
          return view.picture.drawn;
        },
        parts: () => this.picture.parts(),
        draw: (viewport) => {
          this.picture.draw(viewport);
          this.picture.cue(this.deck.cue.point, viewport);
          this.panels.draw(viewport);
        },
        light: (time) => this.light(time),
        looping: () => this.refresh(),
        place: (time) => this.picture.place(time),
        named: (time) => this.picture.here(time)?.label ?? "",
        before: () => this.sync(),
        painted: (began) => {
          if (!this.shown && (!this.props.peaks || this.stage.pyramid?.arrivedAny)) {
            this.shown = true;
            this.around.drawn?.();
          }
          this.timing.drew(began);
          this.ledger.write();
        },
      },
      this.props.recording.duration,
      sources,
    );
  }

  private paint(): Picture {
    const { session, stage } = this;
    const tip = (lines: string[] | null, event?: PointerEvent): void => stage.tip.show(lines, event);
    return new Picture(
      session,
      () => this.props,
      stage.lanes,
      {
        tip,
        section: (index, event) => this.pick(index, event),
        label: (index) => this.menu(index),
        reach: (index) => {
          session.lane = "sections";
          session.select({ items: [index] });
        },
        suggested: (index) => stage.seek(session.suggested[index]!.start),
        decide: (index, accept) => {
          const part = session.suggested[index]!;
          session.edit(`${accept ? "accept" : "reject"} ${part.label}`, (now) => (accept ? acceptSuggestion(now, part) : rejectSuggestion(now, part)));
        },
        play: (time) => stage.playFrom(time),
        seek: (time) => stage.seek(time),
        activity: (index) => this.turnTo("activity", index),
        passage: (index) => this.turnTo("passages", index),
        comment: (index) => stage.seek(session.document.comments![index]!.start),
      },
      {
        view: stage.view,
        take: (number) => take(this, number),
        move: (number, time, free) => {
          const to = free ? time : session.snapped(time);
          if (Math.abs(to - session.items[number]!.start) < 1e-6) return;
          this.timing.press(performance.now());
          drag(this, number, time, free);
        },
        drop: (number, moved) => moved && drop(this, number),
        nudge: (number, way, fine) => nudge(this, way, fine, number),
        tip,
      },
    );
  }

  private build(): HTMLElement {
    const { stage, picture, panels } = this;
    const control = (id: string, path: string): HTMLElement => {
      const button = el("button", { type: "button", class: "control", title: tooltip(id), "aria-label": tooltip(id), "data-command": id }, icon(path));
      button.addEventListener("click", () => commandNamed(id).run(this));
      return button;
    };
    stage.controls.append(control("zoom.in", ICONS.plus), control("zoom.out", ICONS.minus), control("zoom.all", ICONS.all), control("loop", ICONS.loop));
    stage.overlay.prepend(panels.over, picture.cueMark);
    stage.overlay.append(picture.grips.layer, picture.pins.layer);
    const head = el("header", { class: "head" }, stage.playButton, el("div", { class: "titles" }, this.title, this.artist), stage.clock);
    const box = el("div", { class: "stage" }, head, this.tools.root, stage.axis, this.strip.root, panels.docks, this.palette.root, panels.help);
    const root = el("div", { class: "player editor", "data-testid": "editor", role: "region", "aria-label": "Editor", tabindex: -1 }, box, panels.below, stage.tip.root, stage.sound.element);
    root.addEventListener("pointerdown", () => (focus.byKeyboard = false), true);
    // What is typed into a field is not for the page.
    for (const kind of ["keydown", "keyup", "keypress"]) root.addEventListener(kind, (event) => isField(event.composedPath()[0]) && event.stopPropagation());
    return root;
  }

  private render(): void {
    const { recording, task, author } = this.props;
    this.title.textContent = recording.title;
    this.title.title = recording.title;
    this.artist.replaceChildren(...[recording.artist && el("span", {}, recording.artist), el("span", {}, `marked by ${author}`), task && el("span", { class: "task" }, task)].filter((node): node is HTMLElement => !!node));
  }

  // --- doing ----------------------------------------------------------------------------------------

  private pick(index: number, event: MouseEvent): void {
    const { session } = this;
    session.lane = "sections";
    if (event.ctrlKey || event.metaKey) return session.toggle(index);
    if (event.shiftKey) {
      const from = session.selection.items[0] ?? index;
      const [low, high] = [Math.min(from, index), Math.max(from, index)];
      return session.select({ items: Array.from({ length: high - low + 1 }, (_, place) => low + place), held: true });
    }
    session.select({ items: [index], boundary: index || null });
    this.stage.seek(this.picture.sections[index]!.start);
  }

  private menu(index: number): void {
    const { session } = this;
    const chosen = session.selection.held && session.selection.items.includes(index) ? session.selection.items : [index];
    session.lane = "sections";
    this.shell.choose(chosen.length > 1 ? `label ${chosen.length} sections` : "label", session.vocabulary.sections.map(({ label }) => ({ value: label, title: label })), (label) => relabel(this, label, chosen));
  }

  private turnTo(lane: "activity" | "passages", index: number): void {
    const { session } = this;
    session.lane = lane;
    session.select({ items: [index] });
    const item = session.items[index];
    if (item) this.stage.seek(item.start);
  }

  private async save(): Promise<boolean> {
    const { saving, session } = this;
    if (!saving.dirty && saving.state !== "failed") {
      session.say("nothing to save");
      return true;
    }
    const done = await saving.save();
    if (this.closed) return false;
    session.say(done ? `saved as revision ${saving.revision}` : saving.clash ? "somebody saved first: choose below what holds" : `not saved: ${saving.problem}`);
    if (done) this.panels.savedAgain();
    return done;
  }

  private go(to: "next" | "previous"): void {
    const there = this.props[to];
    if (there) this.around.go(there.id);
    else this.session.say(to === "next" ? "this is the last of your queue" : "this is the first of your queue");
  }

  private async askWhoIsHere(): Promise<void> {
    if (document.visibilityState === "hidden") return;
    try {
      const here = await this.around.desk.present();
      this.strip.present(here.filter(({ author }) => author !== this.props.author));
    } catch {
      // Who is here is a courtesy; saving tells if the service is gone.
    }
  }

  // --- keys -----------------------------------------------------------------------------------------

  private key(event: KeyboardEvent): void {
    const path = event.composedPath();
    const target = path[0] as HTMLElement;
    const inside = path.includes(this.host);
    if (inside && event.key === "Tab") focus.byKeyboard = true;
    const idle = target === document.body || target === document.documentElement || target.contains?.(this.host);
    if (event.isComposing || (!inside && !(this.around.pageKeys && idle))) return;
    if (event.type === "keyup") {
      // A key that is held to preview is let go wherever the focus is by then.
      if (release(plain(event), this) || (!isField(target) && commandFor(event, this.session.lane))) event.stopPropagation();
      return;
    }
    const typing = isField(target);
    if (!typing && this.panels.key(event)) {
      event.preventDefault();
      event.stopPropagation();
      return;
    }
    if (!typing && inside && focus.byKeyboard && belongs(event, target)) return;
    this.timing.press(event.timeStamp);
    const command = press(event, this, typing);
    if (!this.stage.pending) this.timing.forget();
    if (!command) return;
    event.preventDefault();
    event.stopPropagation();
  }

  /** Open something to type into; the focus comes back to where it was. */
  private open(show: () => void): void {
    this.remember();
    show();
  }

  private remember(): void {
    if (!this.palette.open) this.before = (this.host.shadowRoot!.activeElement as HTMLElement | null) ?? null;
  }

  private comeBack(): void {
    (this.before?.isConnected && !this.before.hidden ? this.before : this.root).focus({ preventScroll: true });
    this.before = null;
  }

  // --- drawing --------------------------------------------------------------------------------------

  /** Something is to be shown anew; with the next frame it is. */
  private refresh(): void {
    if (this.closed) return;
    this.stale = true;
    this.stage.invalidate("view");
  }

  /** Take over what changed since the last frame. */
  private sync(): void {
    if (!this.stale) return;
    this.stale = false;
    const { session, saving } = this;
    if (session.document !== this.document) {
      this.document = session.document;
      saving.touched();
      this.stale = false;
    }
    this.panels.refresh();
    if (this.picture.sync()) this.stage.invalidate("overview");
    this.tools.refresh();
    this.strip.said(session.said);
    this.strip.kept(saving);
    this.strip.odd(saving.findings);
    this.strip.distance(saving.distance);
  }

  private light(time: number): void {
    this.picture.light(time);
    this.strip.here(this.picture.here(time));
    const { since, one } = beatAt(this.picture.metronome, time);
    this.tools.beat(this.deck.playing ? since : Infinity, one);
    this.panels.light(time);
  }

  private tempo(): [string, string] {
    const { grid } = this.session;
    const segment = grid.segments[grid.segmentAt(this.deck.time)];
    if (!segment) return ["no grid", "T taps it"];
    const own = this.session.document.grid ? "" : " suggested";
    return [`${tidyBpm(segment.bpm)} BPM`, `${segment.beats_per_bar}/4${own}`];
  }
}

/** What was being edited when the editor was last left, here or elsewhere; null where that was saved. */
function newest({ draft, annotation }: EditorProps, waiting: EditorProps["draft"]): EditorProps["draft"] {
  const last = draft && waiting ? (waiting.time > draft.time ? waiting : draft) : (draft ?? waiting);
  return last && annotation && saysTheSame(last.annotation, annotation) ? null : last;
}

function isField(target: EventTarget | undefined): boolean {
  const node = target as HTMLElement | undefined;
  return !!node?.tagName && (/^(INPUT|TEXTAREA|SELECT)$/.test(node.tagName) || node.isContentEditable);
}

/** A key press as values of its own: those of an event cannot be copied. */
function plain({ key, code, shiftKey, ctrlKey, metaKey, altKey, repeat }: KeyboardEvent): KeyPress {
  return { key, code, shiftKey, ctrlKey, metaKey, altKey, repeat };
}

/** Whether a key belongs to the control that has the focus: Space presses a button, arrows walk along a lane. */
function belongs(event: KeyboardEvent, target: HTMLElement): boolean {
  if ((event.key === " " || event.key === "Enter") && target.tagName === "BUTTON") return true;
  const walks = /^Arrow(Left|Right)$/.test(event.key) && !event.shiftKey && !event.ctrlKey;
  if (walks && target.closest(".grip")) return true;
  return (walks || event.key === "Enter") && !event.altKey && !!target.closest("[data-roving]");
}
