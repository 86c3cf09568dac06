/** The player: one core that holds sound, picture, lanes, transcript and audience together. Adapters mount it. */

import { audience, type Audience } from "./audience.ts";
import { checksOf } from "./checks.ts";
import { el, focus, icon, ICONS, still } from "./dom.ts";
import { drawHits, drawOverview, drawRuler, drawWaveform, Surface } from "./draw.ts";
import { paintOf, partsOf } from "./form.ts";
import { absences, chipsOf, helpSheet, momentsOf } from "./header.ts";
import { type Action, actionOf, keyFor } from "./keys.ts";
import { type Lane, lanesOf } from "./lanes.ts";
import { Pyramid } from "./peaks.ts";
import { navigate } from "./pointer.ts";
import { Sound } from "./sound.ts";
import style from "./style.css";
import { clock, Grid, short, spanAt } from "./time.ts";
import { tooltip } from "./tooltip.ts";
import { type Reading, type Shown, type Transcript, transcript, UNREAD } from "./transcript.ts";
import type { Props, Reaction, Sources } from "./types.ts";
import { Viewport } from "./view.ts";

export interface Options {
  /** Whether keys count while nothing on the page has the focus. */
  pageKeys: boolean;
}

const ZOOM_STEP = 1.6;
const ZOOM_MS = 160;
/** Within this long after a boundary, "previous" means the one before. */
const JUST_AFTER = 1.2;
const RETRY_MS = 3200;

export class Player {
  readonly root: HTMLElement;
  private readonly sound: Sound;
  private readonly view: Viewport;
  private pyramid: Pyramid | null;
  private grid: Grid;
  private boundaries: number[] = [];

  private readonly title = el("h2", { "data-testid": "player-title" });
  private readonly artist = el("p", { class: "artist" });
  private readonly chips = el("div", { class: "chips" });
  private readonly playButton = el("button", { type: "button", class: "play", "data-testid": "player-play" });
  private readonly time = el("span", { class: "time", "data-testid": "player-time" });
  private readonly bar = el("span", { class: "bar", "data-testid": "player-bar" });
  private readonly loopButton = this.control("loop", ICONS.loop, `loop this section (${keyFor("loop")})`, { do: "loop" });
  private readonly overview = new Surface(el("canvas", { "aria-hidden": "true" }));
  private readonly strip = el("div", { class: "overview", "data-testid": "player-overview" }, this.overview.canvas);
  private readonly heard = el("div", { class: "heard" });
  private readonly window = el("div", { class: "window" });
  private readonly ruler = new Surface(el("canvas", { class: "ruler", "aria-hidden": "true" }));
  private readonly wave = new Surface(el("canvas", { class: "wave", "data-testid": "player-waveform", "aria-hidden": "true" }));
  private readonly slider = el("div", { class: "slider", role: "slider", tabindex: 0, "aria-label": "Position", "aria-valuemin": 0 }, this.wave.canvas);
  private readonly hits = { view: new Surface(el("canvas", { class: "hits", "aria-hidden": "true", "data-testid": "hits" })), overview: new Surface(el("canvas", { "aria-hidden": "true" })) };
  private readonly eventMarks = el("div", { class: "events", "aria-hidden": "true" });
  private readonly looped = el("div", { class: "looped", hidden: true });
  private readonly pointed = el("div", { class: "pointed", hidden: true });
  private readonly playhead = el("div", { class: "playhead", "data-testid": "playhead" });
  private readonly back = el("button", { type: "button", class: "back", hidden: true }, "follow");
  private readonly axis = el("div", { class: "axis" });
  private readonly lanesBox = el("div", { class: "lanes" });
  private readonly momentsBox = el("div", { class: "under" });
  private readonly quiet = el("p", { class: "quiet" });
  private readonly checksBox = el("div");
  private readonly lower = el("div", { class: "lower" });
  private readonly status = el("div", { class: "status", role: "status", "data-testid": "player-status" }, "loading the sound");
  private readonly help = helpSheet(() => this.toggleHelp(false));
  private readonly tip = tooltip();

  private lanes: Lane[] = [];
  private transcript: Transcript | null = null;
  private reading: Reading = UNREAD;
  private found: { times: Float64Array; here: number } = { times: new Float64Array(), here: -1 };
  private audience: Audience | null = null;
  private frame = 0;
  private stale = { view: true, overview: true };
  private follow = true;
  private section = -2;
  private zooming: { from: [number, number]; to: [number, number]; began: number } | null = null;
  private retry = 0;
  private problem: string | null = null;
  private readonly sizes: ResizeObserver;
  private readonly onKey = (event: KeyboardEvent): void => this.key(event);

  constructor(
    private readonly host: HTMLElement,
    private props: Props,
    private readonly sources: Sources,
    private readonly options: Options,
  ) {
    const shadow = host.shadowRoot ?? host.attachShadow({ mode: "open" });
    this.view = new Viewport(props.recording.duration);
    this.grid = new Grid(props.beats, props.beatsPerBar ?? 4);
    this.sound = new Sound(sources.audioUrl, props.recording.duration, () => this.changed(), (message) => this.complain(message));
    this.pyramid = this.open();
    this.root = this.build();
    shadow.replaceChildren(el("style", {}, style), this.root);
    this.render();
    this.sizes = new ResizeObserver(() => {
      Surface.layout++;
      this.invalidate("view", "overview");
    });
    for (const node of [this.wave.canvas, this.strip]) this.sizes.observe(node);
    document.addEventListener("keydown", this.onKey, true);
    document.addEventListener("keyup", this.onKey, true);
    if (props.at > 0) this.sound.seek(props.at);
    this.invalidate();
  }

  /** Take new data for the same recording; the sound goes on. */
  update(props: Props): void {
    if (JSON.stringify(props) === JSON.stringify(this.props)) return;
    const moved = props.at !== this.props.at;
    const other = JSON.stringify(props.peaks) !== JSON.stringify(this.props.peaks);
    this.props = props;
    this.grid = new Grid(props.beats, props.beatsPerBar ?? 4);
    if (other) {
      this.pyramid?.close();
      this.pyramid = this.open();
    }
    this.render();
    if (moved) this.seek(props.at);
    this.invalidate("view", "overview");
  }

  close(): void {
    cancelAnimationFrame(this.frame);
    clearTimeout(this.retry);
    document.removeEventListener("keydown", this.onKey, true);
    document.removeEventListener("keyup", this.onKey, true);
    this.sizes.disconnect();
    this.transcript?.close();
    this.pyramid?.close();
    this.sound.close();
    this.root.remove();
  }

  // --- building -------------------------------------------------------------------------------------

  private open(): Pyramid | null {
    const refused = (): void => {
      this.complain("Part of the picture could not be loaded; trying again.");
      clearTimeout(this.retry);
      this.retry = window.setTimeout(() => this.invalidate("view", "overview"), RETRY_MS);
    };
    const arrived = (): void => {
      if (this.problem?.startsWith("Part of the picture")) this.complain(null);
      this.invalidate("view", "overview");
    };
    return this.props.peaks && new Pyramid(this.props.peaks, this.sources.bins, arrived, refused);
  }

  private control(name: string, path: string, title: string, action: Action): HTMLButtonElement {
    const button = el("button", { type: "button", class: `control ${name}`, title, "aria-label": title }, icon(path));
    button.addEventListener("click", () => this.act(action));
    return button;
  }

  private build(): HTMLElement {
    this.playButton.addEventListener("click", () => this.act({ do: "play" }));
    this.back.addEventListener("click", () => this.comeBack());
    const helpButton = el("button", { type: "button", class: "keys" }, el("kbd", {}, keyFor("help")), "keys");
    helpButton.addEventListener("click", () => this.toggleHelp());
    const head = el(
      "header",
      { class: "head" },
      this.playButton,
      el("div", { class: "titles" }, this.title, this.artist),
      this.chips,
      el("div", { class: "clock" }, this.time, this.bar),
    );
    const controls = el(
      "div",
      { class: "controls" },
      this.control("in", ICONS.plus, `zoom in (${keyFor("zoom", "in")})`, { do: "zoom", way: "in" }),
      this.control("out", ICONS.minus, `zoom out (${keyFor("zoom", "out")})`, { do: "zoom", way: "out" }),
      this.control("all", ICONS.all, `show everything (${keyFor("zoom", "all")})`, { do: "zoom", way: "all" }),
      this.loopButton,
    );
    this.strip.append(this.hits.overview.canvas, this.heard, this.window);
    const overlay = el("div", { class: "overlay" }, this.hits.view.canvas, this.eventMarks, this.looped, this.pointed, this.playhead);
    this.axis.append(
      el("div", { class: "row" }, el("div", { class: "name" }), this.strip),
      el("div", { class: "timed" }, el("div", { class: "row" }, el("div", { class: "name" }), this.ruler.canvas), el("div", { class: "row" }, controls, this.slider), this.lanesBox, overlay, this.back),
    );
    navigate({
      view: this.view,
      detail: this.slider,
      strip: this.strip,
      seek: (time) => this.seek(time),
      moved: () => {
        this.zooming = null;
        this.follow = this.visible();
        this.invalidate("view");
      },
      hover: (time, event) => this.point(time, event),
    });
    const base = el("div", { class: "base" }, this.momentsBox, el("footer", {}, this.quiet, this.status, helpButton));
    const stage = el("div", { class: "stage" }, head, this.axis, base, this.help);
    const root = el("div", { class: "player", "data-testid": "player", role: "region", "aria-label": "Player" }, stage, this.checksBox, this.lower, this.tip.root, this.sound.element);
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
    this.slider.setAttribute("aria-valuemax", props.recording.duration.toFixed(3));
    this.boundaries = [...new Set([0, ...partsOf(props).map((span) => span.start)])].sort((a, b) => a - b);
    this.lanes = lanesOf(props, {
      view: this.view,
      seek: (time) => this.seek(time),
      play: (time) => this.playFrom(time),
      tip: (lines, event) => this.tip.show(lines, event),
      why: (reaction) => this.audience?.show(reaction),
    });
    this.lanesBox.replaceChildren(...this.lanes.map((lane) => lane.row));
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
    this.root.classList.toggle("music", !props.passages.length);
    this.section = -2;
  }

  private read(props: Props): Transcript {
    const desk = {
      seek: (time: number) => this.seek(time),
      play: (time: number) => this.playFrom(time),
      now: () => this.sound.time,
      shown: (shown: Shown) => this.show(shown),
      still,
      tip: this.tip,
    };
    return transcript(props, desk, this.reading);
  }

  /** Let the picture and the sound go by what the transcript shows. */
  private show({ reading, matches, hits, here }: Shown): void {
    this.reading = reading;
    this.found = { times: hits, here };
    this.sound.only = reading.only && matches ? this.props.passages.filter((_, index) => matches[index]) : null;
    for (const lane of this.lanes) lane.dim?.(matches);
    this.invalidate("view", "overview");
  }

  // --- acting ---------------------------------------------------------------------------------------

  private act(action: Action): void {
    const { sound, view, props } = this;
    switch (action.do) {
      case "play":
        this.follow = true;
        return sound.toggle();
      case "move":
        return this.seek(this.grid.shift(sound.time, action.bars));
      case "boundary":
        return this.seek(this.boundary(action.step));
      case "edge":
        return this.seek(action.end ? props.recording.duration : 0);
      case "zoom": {
        const anchor = this.visible() ? sound.time : view.start + view.span / 2;
        const span = action.way === "all" ? view.duration : (this.zooming?.to[1] ?? view.span) * (action.way === "in" ? 1 / ZOOM_STEP : ZOOM_STEP);
        return this.zoomTo(span, anchor);
      }
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

  private seek(time: number): void {
    this.sound.seek(time);
    if (this.sound.loop && (time < this.sound.loop.start || time >= this.sound.loop.end)) this.setLoop(null);
    this.follow = true;
    if (!this.visible()) this.view.set(this.sound.time - this.view.span * 0.25, this.view.span);
    this.invalidate("view");
  }

  private playFrom(time: number): void {
    this.seek(time);
    void this.sound.play();
  }

  private boundary(step: -1 | 1): number {
    const now = this.sound.time;
    if (step > 0) return this.boundaries.find((time) => time > now + 0.02) ?? this.props.recording.duration;
    return this.boundaries.findLast((time) => time < now - (this.sound.playing ? JUST_AFTER : 0.02)) ?? 0;
  }

  private toggleLoop(): void {
    const spans = partsOf(this.props);
    const here = spans[spanAt(spans, this.sound.time)];
    this.setLoop(this.sound.loop || !here ? null : { start: here.start, end: here.end });
  }

  private setLoop(loop: { start: number; end: number } | null): void {
    this.sound.loop = loop;
    this.loopButton.setAttribute("aria-pressed", String(loop !== null));
    this.invalidate("view");
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
    else if (this.sound.loop) this.setLoop(null);
    else return false;
    return true;
  }

  private zoomTo(span: number, anchor: number): void {
    const target = new Viewport(this.view.duration);
    target.set(this.view.start, this.view.span);
    target.zoom(span / this.view.span, anchor);
    if (still()) this.view.set(target.start, target.span);
    else this.zooming = { from: [this.view.start, this.view.span], to: [target.start, target.span], began: performance.now() };
    this.invalidate("view");
  }

  private comeBack(): void {
    this.follow = true;
    this.view.set(this.sound.time - this.view.span / 2, this.view.span);
    this.invalidate("view");
  }

  /** Show the time under the pointer, above the waveform rather than on it. */
  private point(time: number | null, event?: PointerEvent): void {
    this.pointed.hidden = time === null;
    if (time === null) return this.tip.show(null);
    this.pointed.style.transform = `translateX(${this.view.toX(time).toFixed(1)}px)`;
    const bar = this.grid.at(time);
    this.tip.show([bar ? `${clock(time)} · ${bar}` : clock(time)], event, this.slider);
  }

  private visible(): boolean {
    return this.sound.time >= this.view.start - 1e-6 && this.sound.time <= this.view.end + 1e-6;
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

  private changed(): void {
    const { sound } = this;
    const name = sound.playing ? "pause" : "play";
    if (this.playButton.dataset.shows !== name) {
      this.playButton.dataset.shows = name;
      this.playButton.replaceChildren(icon(ICONS[name]));
      this.playButton.setAttribute("aria-label", name);
      this.playButton.title = `${name} (${keyFor("play")})`;
    }
    const says = this.problem ?? (!sound.ready ? "loading the sound" : sound.playing ? "playing" : sound.element.currentTime > 0 ? "paused" : "ready");
    if (this.status.textContent !== says) this.status.textContent = says;
    this.status.dataset.ready = String(sound.ready);
    this.invalidate();
  }

  private complain(message: string | null): void {
    this.problem = message;
    this.status.classList.toggle("problem", message !== null);
    this.changed();
  }

  private invalidate(...parts: ("view" | "overview")[]): void {
    for (const part of parts) this.stale[part] = true;
    if (!this.frame) this.frame = requestAnimationFrame((now) => this.paint(now));
  }

  private paint(now: number): void {
    this.frame = 0;
    const { view, sound } = this;
    sound.keep();
    this.scroll(now);
    if (this.stale.overview) {
      this.overview.fit();
      drawOverview(this.overview, view.duration, this.pyramid, paintOf(this.props));
      const whole = new Viewport(view.duration);
      this.hits.overview.fit();
      whole.width = this.hits.overview.width;
      drawHits(this.hits.overview, whole, this.found.times, this.found.here);
      this.stale.overview = false;
    }
    if (this.stale.view) this.paintView();
    this.paintTime();
    if (sound.playing || this.zooming) this.invalidate();
  }

  /** Move the view: along a zoom, or after the playhead. */
  private scroll(now: number): void {
    const { view, sound, zooming } = this;
    if (zooming) {
      const share = Math.min(1, Math.max(0, (now - zooming.began) / ZOOM_MS));
      const eased = 1 - (1 - share) ** 3;
      const mix = (i: 0 | 1): number => zooming.from[i] + (zooming.to[i] - zooming.from[i]) * eased;
      view.set(mix(0), mix(1));
      if (share === 1) this.zooming = null;
      this.stale.view = true;
    } else if (this.follow && sound.playing && !view.whole) {
      const ahead = sound.time - (view.start + view.span / 2);
      if (still()) {
        if (!this.visible() || sound.time > view.end - view.span * 0.05) view.set(sound.time - view.span * 0.1, view.span);
        else return;
      } else if (ahead > 0 && view.end < view.duration) view.pan(ahead < view.span * 0.02 ? ahead : ahead * 0.12);
      else if (!this.visible()) view.set(sound.time - view.span / 2, view.span);
      else return;
      this.stale.view = true;
    }
  }

  private paintView(): void {
    const { view, wave, ruler } = this;
    wave.fit();
    ruler.fit();
    view.width = Math.max(1, wave.width);
    drawWaveform(wave, view, this.pyramid, this.grid);
    drawRuler(ruler, view, this.grid);
    this.hits.view.fit();
    drawHits(this.hits.view, view, this.found.times, this.found.here);
    for (const painted of [true, false]) for (const lane of this.lanes) if (lane.painted === painted) lane.draw(view);
    this.props.events.forEach((event, index) => {
      const node = this.eventMarks.children[index] as HTMLElement;
      const x = view.toX(event.time);
      node.hidden = x < -4 || x > view.width;
      node.style.transform = `translateX(${x.toFixed(1)}px)`;
    });
    const loop = this.sound.loop;
    this.looped.hidden = !loop;
    if (loop) {
      const [left, right] = [Math.max(0, view.toX(loop.start)), Math.min(view.width, view.toX(loop.end))];
      this.looped.style.transform = `translateX(${left}px)`;
      this.looped.style.width = `${Math.max(0, right - left)}px`;
    }
    this.window.hidden = view.whole;
    this.window.style.left = `${(view.start / view.duration) * 100}%`;
    this.window.style.width = `${(view.span / view.duration) * 100}%`;
    this.stale.view = false;
  }

  private paintTime(): void {
    const { view, sound, props } = this;
    const time = sound.time;
    const x = view.toX(time);
    this.playhead.style.transform = `translateX(${x.toFixed(2)}px)`;
    this.playhead.hidden = x < -1 || x > view.width + 1;
    this.heard.style.width = `${(time / view.duration) * 100}%`;
    this.back.hidden = this.visible() || view.whole;
    const bar = this.grid.at(time);
    const written = clock(time);
    if (this.time.textContent !== written) {
      this.time.textContent = written;
      this.bar.textContent = bar ?? (this.grid.empty ? "" : "–");
      this.bar.hidden = this.grid.empty;
      this.status.dataset.time = time.toFixed(3);
    }
    const section = spanAt(props.sections, time);
    const label = props.sections[section]?.label ?? "";
    const spoken = [short(time), bar && `bar ${bar}`, label].filter(Boolean).join(", ");
    if (this.slider.getAttribute("aria-valuetext") !== spoken) {
      this.slider.setAttribute("aria-valuetext", spoken);
      this.slider.setAttribute("aria-valuenow", time.toFixed(2));
    }
    if (section !== this.section) {
      this.section = section;
      this.status.dataset.section = label;
    }
    for (const lane of this.lanes) lane.light(time);
    this.transcript?.light(time);
    this.audience?.light(time);
  }
}

export type { Reaction };
