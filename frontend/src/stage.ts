/** The stage: sound, waveform, overview and time axis with one view of them. The player and the editor stand on it. */

import { el, icon, ICONS, still } from "./dom.ts";
import { drawOverview, drawRuler, drawSilhouette, drawWaveform, Surface } from "./draw.ts";
import { Pyramid } from "./peaks.ts";
import { navigate } from "./pointer.ts";
import { type Loop, Sound } from "./sound.ts";
import { clock, Grid, short } from "./time.ts";
import { tooltip } from "./tooltip.ts";
import type { PeaksMeta, Sources } from "./types.ts";
import { Viewport } from "./view.ts";

/** What differs between those who stand on the stage. */
export interface Scene {
  /** What the test ids of its parts begin with. */
  name: string;
  /** The key that plays, for the tooltip of the button. */
  playKey: string;
  grid: Grid;
  /** What the overview is painted in. */
  parts(): readonly { start: number; end: number; colour: string }[];
  /** Draw what shares the time axis: the view has moved or what lies on it has changed. */
  draw(view: Viewport): void;
  /** Draw on the overview, over the waveform. */
  drawOverview?(whole: Viewport): void;
  /** The sound is at `time`; comes with every frame. */
  light(time: number): void;
  /** A stretch is repeated from now on, or none any more. */
  looping(loop: Loop | null): void;
  /** `bar.beat` at a time, where that is to be read otherwise than off the grid. */
  place?(time: number): string | null;
  /** A frame begins. */
  before?(): void;
  /** A frame is drawn; it was begun at `began`, on the clock of `performance.now()`. */
  painted?(began: number): void;
  /** The name of what is heard at a time, for those who do not see it. */
  named(time: number): string;
}

const ZOOM_STEP = 1.6;
const ZOOM_MS = 160;
const RETRY_MS = 3200;

export class Stage {
  readonly sound: Sound;
  readonly view: Viewport;
  pyramid: Pyramid | null = null;
  /** Whether the view goes with the sound. */
  follow = true;

  readonly playButton: HTMLButtonElement;
  readonly time: HTMLElement;
  readonly bar: HTMLElement;
  /** `m:ss.mmm` and `bar.beat`. */
  readonly clock: HTMLElement;
  readonly status: HTMLElement;
  readonly tip = tooltip();
  readonly slider = el("div", { class: "slider", role: "slider", tabindex: 0, "aria-label": "Position", "aria-valuemin": 0 });
  readonly strip: HTMLElement;
  /** Beside the waveform. */
  readonly controls = el("div", { class: "controls" });
  readonly lanes = el("div", { class: "lanes" });
  /** Over waveform and lanes; what is put here lies under the playhead. */
  readonly overlay: HTMLElement;
  readonly axis: HTMLElement;

  private readonly overview = new Surface(el("canvas", { "aria-hidden": "true" }));
  private readonly ruler = new Surface(el("canvas", { class: "ruler", "aria-hidden": "true" }));
  private readonly wave: Surface;
  private readonly heard = el("div", { class: "heard" });
  private readonly window = el("div", { class: "window" });
  private readonly looped = el("div", { class: "looped", hidden: true });
  private readonly pointer = el("div", { class: "pointed", hidden: true });
  private readonly playhead = el("div", { class: "playhead", "data-testid": "playhead" });
  private readonly back = el("button", { type: "button", class: "back", hidden: true }, "follow");
  private frame = 0;
  private stale = { view: true, overview: true, sound: true };
  /** What the waveform was last drawn of; painting it again costs more than all the rest of a frame. */
  private drawn: { grid: Grid | null; start: number; span: number } = { grid: null, start: -1, span: 0 };
  private zooming: { from: [number, number]; to: [number, number]; began: number } | null = null;
  private silhouette: HTMLCanvasElement | null = null;
  private retry = 0;
  private problem: string | null = null;
  private readonly sizes: ResizeObserver;

  constructor(
    private readonly scene: Scene,
    duration: number,
    private readonly sources: Sources,
  ) {
    const { name } = scene;
    this.playButton = el("button", { type: "button", class: "play", "data-testid": `${name}-play` });
    this.time = el("span", { class: "time", "data-testid": `${name}-time` });
    this.bar = el("span", { class: "bar", "data-testid": `${name}-bar` });
    this.clock = el("div", { class: "clock" }, this.time, this.bar);
    this.status = el("div", { class: "status", role: "status", "data-testid": `${name}-status` }, "loading the sound");
    this.strip = el("div", { class: "overview", "data-testid": `${name}-overview` }, this.overview.canvas);
    this.wave = new Surface(el("canvas", { class: "wave", "data-testid": `${name}-waveform`, "aria-hidden": "true" }));
    this.slider.append(this.wave.canvas);
    this.view = new Viewport(duration);
    this.sound = new Sound(sources.audioUrl, duration, () => this.changed(), (message) => this.complain(message), `${name}-audio`);
    this.slider.setAttribute("aria-valuemax", duration.toFixed(3));
    this.strip.append(this.heard, this.window);
    this.overlay = el("div", { class: "overlay" }, this.looped, this.pointer, this.playhead);
    this.axis = this.build();
    this.playButton.addEventListener("click", () => this.toggle());
    this.back.addEventListener("click", () => this.comeBack());
    this.sizes = new ResizeObserver(() => {
      Surface.layout++;
      this.invalidate("view", "overview", "sound");
    });
    for (const node of [this.wave.canvas, this.strip]) this.sizes.observe(node);
  }

  /** Draw this pyramid from now on. */
  open(meta: PeaksMeta | null): void {
    this.pyramid?.close();
    const refused = (): void => {
      this.complain("Part of the picture could not be loaded; trying again.");
      clearTimeout(this.retry);
      this.retry = window.setTimeout(() => this.invalidate("view", "overview", "sound"), RETRY_MS);
    };
    const arrived = (): void => {
      if (this.problem?.startsWith("Part of the picture")) this.complain(null);
      this.invalidate("view", "overview", "sound");
    };
    this.pyramid = meta && new Pyramid(meta, this.sources.bins, arrived, refused);
    this.invalidate("view", "overview", "sound");
  }

  close(): void {
    cancelAnimationFrame(this.frame);
    clearTimeout(this.retry);
    this.sizes.disconnect();
    this.pyramid?.close();
    this.sound.close();
  }

  private build(): HTMLElement {
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
    const row = (beside: HTMLElement | null, node: Element): HTMLElement => el("div", { class: "row" }, beside ?? el("div", { class: "name" }), node);
    return el(
      "div",
      { class: "axis" },
      row(null, this.strip),
      el("div", { class: "timed" }, row(null, this.ruler.canvas), row(this.controls, this.slider), this.lanes, this.overlay, this.back),
    );
  }

  // --- moving ---------------------------------------------------------------------------------------

  toggle(): void {
    this.follow = true;
    this.sound.toggle();
  }

  seek(time: number): void {
    const { sound } = this;
    sound.seek(time);
    if (sound.loop && (time < sound.loop.start || time >= sound.loop.end)) this.setLoop(null);
    this.follow = true;
    if (!this.visible()) this.view.set(sound.time - this.view.span * 0.25, this.view.span);
    this.invalidate("view");
  }

  playFrom(time: number): void {
    this.seek(time);
    void this.sound.play();
  }

  setLoop(loop: Loop | null): void {
    this.sound.loop = loop;
    this.scene.looping(loop);
    this.invalidate("view");
  }

  zoom(way: "in" | "out" | "all"): void {
    const { view } = this;
    const anchor = this.visible() ? this.sound.time : view.start + view.span / 2;
    const span = way === "all" ? view.duration : (this.zooming?.to[1] ?? view.span) * (way === "in" ? 1 / ZOOM_STEP : ZOOM_STEP);
    const target = new Viewport(view.duration);
    target.set(view.start, view.span);
    target.zoom(span / view.span, anchor);
    if (still()) view.set(target.start, target.span);
    else this.zooming = { from: [view.start, view.span], to: [target.start, target.span], began: performance.now() };
    this.invalidate("view");
  }

  /** Whether what is heard is on view. */
  visible(): boolean {
    return this.sound.time >= this.view.start - 1e-6 && this.sound.time <= this.view.end + 1e-6;
  }

  private placeOf(time: number): string | null {
    return this.scene.place ? this.scene.place(time) : this.scene.grid.at(time);
  }

  private comeBack(): void {
    this.follow = true;
    this.view.set(this.sound.time - this.view.span / 2, this.view.span);
    this.invalidate("view");
  }

  /** Show the time under the pointer, above the waveform rather than on it. */
  private point(time: number | null, event?: PointerEvent): void {
    this.pointer.hidden = time === null;
    if (time === null) return this.tip.show(null);
    this.pointer.style.transform = `translateX(${this.view.toX(time).toFixed(1)}px)`;
    const bar = this.placeOf(time);
    this.tip.show([bar ? `${clock(time)} · ${bar}` : clock(time)], event, this.slider);
  }

  // --- saying ---------------------------------------------------------------------------------------

  /** The sound has changed its state. */
  changed(): void {
    const { sound } = this;
    const name = sound.playing ? "pause" : "play";
    if (this.playButton.dataset.shows !== name) {
      this.playButton.dataset.shows = name;
      this.playButton.replaceChildren(icon(ICONS[name]));
      this.playButton.setAttribute("aria-label", name);
      this.playButton.title = `${name} (${this.scene.playKey})`;
    }
    const says = this.problem ?? (!sound.ready ? "loading the sound" : sound.playing ? "playing" : sound.element.currentTime > 0 ? "paused" : "ready");
    if (this.status.textContent !== says) this.status.textContent = says;
    this.status.dataset.ready = String(sound.ready);
    this.invalidate();
  }

  complain(message: string | null): void {
    this.problem = message;
    this.status.classList.toggle("problem", message !== null);
    this.changed();
  }

  /** Whether a frame is about to be drawn. */
  get pending(): boolean {
    return this.frame !== 0;
  }

  // --- drawing --------------------------------------------------------------------------------------

  /** Draw again with the next frame: the time always, the rest where it is named; the sound's picture where it moved, too. */
  invalidate(...parts: ("view" | "overview" | "sound")[]): void {
    for (const part of parts) this.stale[part] = true;
    if (!this.frame) this.frame = requestAnimationFrame((now) => this.paint(now));
  }

  private paint(now: number): void {
    this.frame = 0;
    const began = performance.now();
    this.scene.before?.();
    const { sound } = this;
    sound.keep();
    this.scroll(now);
    if (this.stale.overview) this.paintOverview();
    if (this.stale.view) this.paintView();
    this.stale.sound = false;
    this.paintTime();
    if (sound.playing || this.zooming) this.invalidate();
    this.scene.painted?.(began);
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

  private paintOverview(): void {
    this.overview.fit();
    if (this.stale.sound) this.silhouette = drawSilhouette(this.overview, this.view.duration, this.pyramid);
    drawOverview(this.overview, this.view.duration, this.silhouette, this.scene.parts());
    const whole = new Viewport(this.view.duration);
    whole.width = this.overview.width;
    this.scene.drawOverview?.(whole);
    this.stale.overview = false;
  }

  private paintView(): void {
    const { view, wave, ruler } = this;
    wave.fit();
    ruler.fit();
    view.width = Math.max(1, wave.width);
    this.paintSound();
    this.scene.draw(view);
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

  private paintSound(): void {
    const { view, drawn } = this;
    const { grid } = this.scene;
    if (!this.stale.sound && drawn.grid === grid && drawn.start === view.start && drawn.span === view.span) return;
    this.drawn = { grid, start: view.start, span: view.span };
    drawWaveform(this.wave, view, this.pyramid, grid);
    drawRuler(this.ruler, view, grid);
  }

  private paintTime(): void {
    const { view, sound, scene } = this;
    const time = sound.time;
    const x = view.toX(time);
    this.playhead.style.transform = `translateX(${x.toFixed(2)}px)`;
    this.playhead.hidden = x < -1 || x > view.width + 1;
    this.heard.style.width = `${(time / view.duration) * 100}%`;
    this.back.hidden = this.visible() || view.whole;
    const bar = this.placeOf(time);
    const written = clock(time);
    const place = bar ?? (scene.grid.empty ? "" : "–");
    if (this.time.textContent !== written || this.bar.textContent !== place) {
      this.time.textContent = written;
      this.bar.textContent = place;
      this.bar.hidden = scene.grid.empty;
      this.status.dataset.time = time.toFixed(3);
    }
    const spoken = [short(time), bar && `bar ${bar}`, scene.named(time)].filter(Boolean).join(", ");
    if (this.slider.getAttribute("aria-valuetext") !== spoken) {
      this.slider.setAttribute("aria-valuetext", spoken);
      this.slider.setAttribute("aria-valuenow", time.toFixed(2));
    }
    scene.light(time);
  }
}
