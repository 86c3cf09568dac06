/** The player: one core that holds sound, picture, lanes, transcript and audience together. Adapters mount it. */

import { audience, type Audience } from "./audience.ts";
import { checksOf } from "./checks.ts";
import { el, focus, icon, ICONS, still } from "./dom.ts";
import { drawHits, Surface } from "./draw.ts";
import { paintOf, partsOf } from "./form.ts";
import { absences, chipsOf, helpSheet, momentsOf } from "./header.ts";
import { type Action, actionOf, keyFor } from "./keys.ts";
import { type Lane, lanesOf } from "./lanes.ts";
import { Stage } from "./stage.ts";
import style from "./player.css";
import base from "./stage.css";
import { Grid, spanAt } from "./time.ts";
import { type Reading, type Shown, type Transcript, transcript, UNREAD } from "./transcript.ts";
import type { Props, Sources } from "./types.ts";
import type { Viewport } from "./view.ts";

export interface Options {
  /** Whether keys count while nothing on the page has the focus. */
  pageKeys: boolean;
}

/** Within this long after a boundary, "previous" means the one before. */
const JUST_AFTER = 1.2;

export class Player {
  readonly root: HTMLElement;
  private readonly stage: Stage;
  private grid: Grid;
  private boundaries: number[] = [];

  private readonly title = el("h2", { "data-testid": "player-title" });
  private readonly artist = el("p", { class: "artist" });
  private readonly chips = el("div", { class: "chips" });
  private readonly loopButton = this.control("loop", ICONS.loop, `loop this section (${keyFor("loop")})`, { do: "loop" });
  private readonly hits = { view: new Surface(el("canvas", { class: "hits", "aria-hidden": "true", "data-testid": "hits" })), overview: new Surface(el("canvas", { "aria-hidden": "true" })) };
  private readonly eventMarks = el("div", { class: "events", "aria-hidden": "true" });
  private readonly momentsBox = el("div", { class: "under" });
  private readonly quiet = el("p", { class: "quiet" });
  private readonly checksBox = el("div");
  private readonly lower = el("div", { class: "lower" });
  private readonly help = helpSheet(() => this.toggleHelp(false));

  private lanes: Lane[] = [];
  private transcript: Transcript | null = null;
  private reading: Reading = UNREAD;
  private found: { times: Float64Array; here: number } = { times: new Float64Array(), here: -1 };
  private audience: Audience | null = null;
  private section = -2;
  private readonly onKey = (event: KeyboardEvent): void => this.key(event);

  constructor(
    private readonly host: HTMLElement,
    private props: Props,
    sources: Sources,
    private readonly options: Options,
  ) {
    const shadow = host.shadowRoot ?? host.attachShadow({ mode: "open" });
    this.grid = new Grid(props.beats, props.beatsPerBar ?? 4);
    this.stage = this.setUp(sources);
    this.stage.open(props.peaks);
    this.root = this.build();
    shadow.replaceChildren(el("style", {}, base + style), this.root);
    this.render();
    document.addEventListener("keydown", this.onKey, true);
    document.addEventListener("keyup", this.onKey, true);
    if (props.at > 0) this.stage.sound.seek(props.at);
    this.stage.invalidate();
  }

  /** Take new data for the same recording; the sound goes on. */
  update(props: Props): void {
    if (JSON.stringify(props) === JSON.stringify(this.props)) return;
    const moved = props.at !== this.props.at;
    const other = JSON.stringify(props.peaks) !== JSON.stringify(this.props.peaks);
    this.props = props;
    this.grid = new Grid(props.beats, props.beatsPerBar ?? 4);
    if (other) this.stage.open(props.peaks);
    this.render();
    if (moved) this.stage.seek(props.at);
    this.stage.invalidate("view", "overview");
  }

  close(): void {
    document.removeEventListener("keydown", this.onKey, true);
    document.removeEventListener("keyup", this.onKey, true);
    this.transcript?.close();
    this.stage.close();
    this.root.remove();
  }

  // --- building -------------------------------------------------------------------------------------

  private setUp(sources: Sources): Stage {
    const player = this;
    return new Stage(
      {
        name: "player",
        playKey: keyFor("play"),
        get grid() {
          return player.grid;
        },
        parts: () => paintOf(this.props),
        draw: (view) => this.draw(view),
        drawOverview: (whole) => {
          this.hits.overview.fit();
          whole.width = this.hits.overview.width;
          drawHits(this.hits.overview, whole, this.found.times, this.found.here);
        },
        light: (time) => this.light(time),
        looping: (loop) => this.loopButton.setAttribute("aria-pressed", String(loop !== null)),
        named: (time) => this.props.sections[spanAt(this.props.sections, time)]?.label ?? "",
      },
      this.props.recording.duration,
      sources,
    );
  }

  private control(name: string, path: string, title: string, action: Action): HTMLButtonElement {
    const button = el("button", { type: "button", class: `control ${name}`, title, "aria-label": title }, icon(path));
    button.addEventListener("click", () => this.act(action));
    return button;
  }

  private build(): HTMLElement {
    const { stage } = this;
    const helpButton = el("button", { type: "button", class: "keys" }, el("kbd", {}, keyFor("help")), "keys");
    helpButton.addEventListener("click", () => this.toggleHelp());
    const head = el("header", { class: "head" }, stage.playButton, el("div", { class: "titles" }, this.title, this.artist), this.chips, stage.clock);
    stage.controls.append(
      this.control("in", ICONS.plus, `zoom in (${keyFor("zoom", "in")})`, { do: "zoom", way: "in" }),
      this.control("out", ICONS.minus, `zoom out (${keyFor("zoom", "out")})`, { do: "zoom", way: "out" }),
      this.control("all", ICONS.all, `show everything (${keyFor("zoom", "all")})`, { do: "zoom", way: "all" }),
      this.loopButton,
    );
    stage.strip.querySelector("canvas")!.after(this.hits.overview.canvas);
    stage.overlay.prepend(this.hits.view.canvas, this.eventMarks);
    const base = el("div", { class: "base" }, this.momentsBox, el("footer", {}, this.quiet, stage.status, helpButton));
    const box = el("div", { class: "stage" }, head, stage.axis, base, this.help);
    const root = el("div", { class: "player", "data-testid": "player", role: "region", "aria-label": "Player" }, box, this.checksBox, this.lower, stage.tip.root, stage.sound.element);
    root.addEventListener("pointerdown", () => (focus.byKeyboard = false), true);
    return root;
  }

  /** Put the data into place. */
  private render(): void {
    const { props } = this;
    this.title.textContent = props.recording.title;
    this.title.title = props.recording.title;
    this.artist.textContent = props.recording.artist ?? "";
    this.chips.replaceChildren(chipsOf(props));
    this.boundaries = [...new Set([0, ...partsOf(props).map((span) => span.start)])].sort((a, b) => a - b);
    this.lanes = lanesOf(props, {
      view: this.stage.view,
      seek: (time) => this.stage.seek(time),
      play: (time) => this.playFrom(time),
      tip: (lines, event) => this.stage.tip.show(lines, event),
      why: (reaction) => this.audience?.show(reaction),
    });
    this.stage.lanes.replaceChildren(...this.lanes.map((lane) => lane.row));
    this.eventMarks.replaceChildren(...props.events.map((event) => el("span", { class: "event", title: event.label, "data-label": event.label }, event.label)));
    this.quiet.textContent = absences(props) ?? "";
    this.momentsBox.replaceChildren(...[momentsOf(props, (time) => this.playFrom(time))].filter((node) => node !== null));
    const open = this.checksBox.querySelector("details")?.open ?? false;
    this.checksBox.replaceChildren(...[checksOf(props.findings, open, (time) => this.playFrom(time))].filter((node) => node !== null));
    this.transcript?.close();
    this.transcript = props.passages.length || props.rejected.length ? this.read(props) : null;
    this.audience = props.reactions.length ? audience(props, (time) => this.playFrom(time)) : null;
    this.lower.replaceChildren(...[this.transcript?.root, this.audience?.root].filter((node) => node !== undefined));
    this.lower.hidden = !this.lower.childElementCount;
    this.root.classList.toggle("music", !props.passages.length && !props.also); // lanes to be compared come before height
    this.section = -2;
  }

  private read(props: Props): Transcript {
    const desk = {
      seek: (time: number) => this.stage.seek(time),
      play: (time: number) => this.playFrom(time),
      now: () => this.stage.sound.time,
      shown: (shown: Shown) => this.show(shown),
      still,
      tip: this.stage.tip,
    };
    return transcript(props, desk, this.reading);
  }

  /** Let the picture and the sound go by what the transcript shows. */
  private show({ reading, matches, hits, here }: Shown): void {
    this.reading = reading;
    this.found = { times: hits, here };
    this.stage.sound.only = reading.only && matches ? this.props.passages.filter((_, index) => matches[index]) : null;
    for (const lane of this.lanes) lane.dim?.(matches);
    this.stage.invalidate("view", "overview");
  }

  // --- acting ---------------------------------------------------------------------------------------

  private act(action: Action): void {
    const { stage, props } = this;
    switch (action.do) {
      case "play":
        return stage.toggle();
      case "move":
        return stage.seek(this.grid.shift(stage.sound.time, action.bars));
      case "boundary":
        return stage.seek(this.boundary(action.step));
      case "edge":
        return stage.seek(action.end ? props.recording.duration : 0);
      case "zoom":
        return stage.zoom(action.way);
      case "loop":
        return this.toggleLoop();
      case "search":
        return this.transcript?.search();
      case "match":
        return this.transcript?.step(action.step);
      case "help":
        return this.toggleHelp();
      case "close":
        this.dismiss();
    }
  }

  private playFrom(time: number): void {
    this.stage.playFrom(time);
  }

  private boundary(step: -1 | 1): number {
    const { sound } = this.stage;
    const now = sound.time;
    if (step > 0) return this.boundaries.find((time) => time > now + 0.02) ?? this.props.recording.duration;
    return this.boundaries.findLast((time) => time < now - (sound.playing ? JUST_AFTER : 0.02)) ?? 0;
  }

  private toggleLoop(): void {
    const { sound } = this.stage;
    const spans = partsOf(this.props);
    const here = spans[spanAt(spans, sound.time)];
    this.stage.setLoop(sound.loop || !here ? null : { start: here.start, end: here.end });
  }

  private toggleHelp(open = this.help.hidden): void {
    this.help.hidden = !open;
    if (open) this.help.scrollIntoView({ block: "nearest" });
  }

  /** Close what lies on top; false if there was nothing to close. */
  private dismiss(): boolean {
    if (!this.help.hidden) this.toggleHelp(false);
    else if (this.transcript?.leave()) return true;
    else if (this.audience?.hide()) return true;
    else if (this.stage.sound.loop) this.stage.setLoop(null);
    else return false;
    return true;
  }

  private key(event: KeyboardEvent): void {
    const path = event.composedPath();
    const target = path[0] as HTMLElement;
    const inside = path.includes(this.host);
    if (inside && event.key === "Tab") focus.byKeyboard = true;
    // Page-wide keys: nothing has the focus, or only something that holds the player (a scrolling page).
    const idle = target === document.body || target === document.documentElement || target.contains?.(this.host);
    if (!inside && !(this.options.pageKeys && idle)) return;
    if (inside && target === this.transcript?.field) return this.type(event);
    if (/^(INPUT|TEXTAREA|SELECT)$/.test(target.tagName) || target.isContentEditable) return;
    const action = actionOf(event);
    if (!action) return;
    if (inside && focus.byKeyboard) {
      // The focused control comes first: Space presses a button, arrows walk along a lane or the words.
      if (event.key === " " && target.tagName === "BUTTON") return;
      if (/^Arrow(Left|Right)$/.test(event.key) && !event.shiftKey && !event.ctrlKey && target.closest("[data-roving]")) return;
    }
    if (action.do === "close") {
      if (event.type === "keydown" && !this.dismiss()) return;
    } else if (event.type === "keydown") this.act(action);
    event.preventDefault();
    event.stopPropagation();
  }

  /** A key in the search field: it is kept from the page, which has keys of its own for letters. */
  private type(event: KeyboardEvent): void {
    event.stopPropagation();
    const action = event.isComposing ? null : actionOf(event, true);
    if (!action) return;
    event.preventDefault();
    if (event.type === "keydown") this.act(action);
  }

  // --- drawing --------------------------------------------------------------------------------------

  private draw(view: Viewport): void {
    this.hits.view.fit();
    drawHits(this.hits.view, view, this.found.times, this.found.here);
    for (const painted of [true, false]) for (const lane of this.lanes) if (lane.painted === painted) lane.draw(view);
    this.props.events.forEach((event, index) => {
      const node = this.eventMarks.children[index] as HTMLElement;
      const x = view.toX(event.time);
      node.hidden = x < -4 || x > view.width;
      node.style.transform = `translateX(${x.toFixed(1)}px)`;
    });
  }

  private light(time: number): void {
    const section = spanAt(this.props.sections, time);
    if (section !== this.section) {
      this.section = section;
      this.stage.status.dataset.section = this.props.sections[section]?.label ?? "";
    }
    for (const lane of this.lanes) lane.light(time);
    this.transcript?.light(time);
    this.audience?.light(time);
  }
}
