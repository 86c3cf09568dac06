/** Drawing on canvas: the waveform with its grid, the overview, and the cells of the audience. */

import { inkOn, opacityOf, scoreColour } from "./colour.ts";
import { levelFor, Pyramid, secondsPerBin, VALUES } from "./peaks.ts";
import { barStep, Grid, lastAtOrBefore, short, tickStep } from "./time.ts";
import type { Activity, Reaction } from "./types.ts";
import { Viewport } from "./view.ts";

/** Bands from the back to the front: where they stand in a bin, and their colour. */
const BANDS = [
  { at: 0, colour: "rgba(160, 176, 210, 0.32)" },
  { at: 2, colour: "#f2803c" },
  { at: 4, colour: "#4fbf7f" },
  { at: 6, colour: "#dcebff" },
] as const;

const FONT = "11px system-ui, -apple-system, 'Segoe UI', Roboto, sans-serif";
const HATCH_STEP = 6;

/** A canvas that follows the size of its box and the density of the screen. */
export class Surface {
  /** Counts changes of size on the page: reading a size makes the browser lay out, so it is read once a change. */
  static layout = 0;
  readonly context: CanvasRenderingContext2D;
  private seen = -1;
  width = 0;
  height = 0;

  constructor(readonly canvas: HTMLCanvasElement) {
    this.context = canvas.getContext("2d")!;
  }

  /** Take the size of the box, if anything on the page has changed its size. */
  fit(): void {
    if (this.seen === Surface.layout) return;
    this.seen = Surface.layout;
    const ratio = Math.min(3, window.devicePixelRatio || 1);
    const [width, height] = [this.canvas.clientWidth, this.canvas.clientHeight];
    const [w, h] = [Math.round(width * ratio), Math.round(height * ratio)];
    this.canvas.width = w;
    this.canvas.height = h;
    this.width = width;
    this.height = height;
    this.context.setTransform(ratio, 0, 0, ratio, 0, 0);
    // Once a size, not once a drawing: setting a font makes the browser resolve styles.
    this.context.font = FONT;
    this.context.textBaseline = "middle";
  }

  clear(): CanvasRenderingContext2D {
    this.context.clearRect(0, 0, this.width, this.height);
    return this.context;
  }
}

interface Outline {
  /** Left edges of the columns, and how wide they are, in pixels. */
  x: number[];
  width: number;
  /** Pooled bins, `VALUES` numbers a point. */
  values: Int8Array;
}

/** The points of the waveform on view: whole groups of bins, so that the picture does not shimmer as it scrolls. */
function outline(pyramid: Pyramid, view: Viewport, density: number): Outline {
  const secondsPerPixel = 1 / (view.pixelsPerSecond * density);
  const level = levelFor(pyramid.meta, secondsPerPixel);
  pyramid.want(view.start, view.end, level);
  const bin = secondsPerBin(pyramid.meta, level);
  const group = Math.max(1, Math.round(secondsPerPixel / bin));
  const width = bin * group;
  const first = Math.max(0, Math.floor(view.start / width) - 1);
  const last = Math.ceil(view.end / width) + 1;
  const count = Math.max(0, last - first);
  const x: number[] = [];
  const values = new Int8Array(count * VALUES);
  for (let i = 0; i < count; i++) {
    const from = (first + i) * group;
    pyramid.read(level, from, from + group, values.subarray(i * VALUES, (i + 1) * VALUES));
    x.push(view.toX((first + i) * width));
  }
  return { x, width: width * view.pixelsPerSecond, values };
}

function trace(context: CanvasRenderingContext2D, { x, width, values }: Outline, at: number, middle: number, scale: number): void {
  const top = (i: number): number => middle - values[i * VALUES + at + 1]! * scale - 0.4;
  const bottom = (i: number): number => middle - values[i * VALUES + at]! * scale + 0.4;
  context.beginPath();
  if (width > 2.5) {
    // Wide bins are joined by lines through their middles; narrow ones stand as columns, which keeps their colour full.
    for (let i = 0; i < x.length; i++) context.lineTo(x[i]! + width / 2, top(i));
    for (let i = x.length - 1; i >= 0; i--) context.lineTo(x[i]! + width / 2, bottom(i));
  } else {
    for (let i = 0; i < x.length; i++) {
      context.lineTo(x[i]!, top(i));
      context.lineTo(x[i]! + width, top(i));
    }
    for (let i = x.length - 1; i >= 0; i--) {
      context.lineTo(x[i]! + width, bottom(i));
      context.lineTo(x[i]!, bottom(i));
    }
  }
  context.closePath();
}

function scaleOf(pyramid: Pyramid, height: number): number {
  // Quiet recordings are drawn larger, at most four times; the pyramid's own values stay as they are.
  return (height / 2) * (0.94 / Math.max(32, pyramid.loudest));
}

/** The waveform in three bands before the silhouette of the whole, over the grid. */
export function drawWaveform(surface: Surface, view: Viewport, pyramid: Pyramid | null, grid: Grid): void {
  const context = surface.clear();
  drawGrid(context, view, grid, surface.height);
  const middle = surface.height / 2;
  context.fillStyle = "rgba(255, 255, 255, 0.14)";
  context.fillRect(0, middle - 0.5, surface.width, 1);
  if (!pyramid) return;
  const points = outline(pyramid, view, window.devicePixelRatio > 1 ? 1.5 : 1);
  const scale = scaleOf(pyramid, surface.height);
  for (const band of BANDS) {
    trace(context, points, band.at, middle, scale);
    context.fillStyle = band.colour;
    context.fill();
  }
}

/** The outline of the whole recording as a picture of its own, so that its colours can change without tracing it again. */
export function drawSilhouette(surface: Surface, duration: number, pyramid: Pyramid | null): HTMLCanvasElement | null {
  if (!pyramid || !surface.canvas.width || !surface.canvas.height) return null; // off the page there is nothing to draw on
  const view = new Viewport(duration);
  view.width = surface.width;
  const canvas = surface.canvas.cloneNode() as HTMLCanvasElement; // of the same size, empty
  const context = canvas.getContext("2d")!;
  context.setTransform(surface.context.getTransform());
  trace(context, outline(pyramid, view, 1), 0, surface.height / 2, scaleOf(pyramid, surface.height));
  context.fill();
  return canvas;
}

/** The whole recording, painted in the colours of its parts. */
export function drawOverview(surface: Surface, duration: number, silhouette: HTMLCanvasElement | null, parts: readonly { start: number; end: number; colour: string }[]): void {
  const context = surface.clear();
  if (!silhouette) return;
  const view = new Viewport(duration);
  view.width = surface.width;
  for (const part of parts.length ? parts : [{ start: 0, end: duration, colour: "rgba(170, 184, 214, 0.75)" }]) {
    context.fillStyle = part.colour;
    const x = view.toX(part.start);
    context.fillRect(x, 0, view.toX(part.end) - x, surface.height);
  }
  context.globalCompositeOperation = "destination-in";
  context.drawImage(silhouette, 0, 0, surface.width, surface.height);
  context.globalCompositeOperation = "source-over";
}

/** Lines of the bars on view, thinned to what can be told apart; beats between them once there is room. */
function drawGrid(context: CanvasRenderingContext2D, view: Viewport, grid: Grid, height: number): void {
  for (const mark of marks(view, grid)) {
    context.fillStyle = `rgba(255, 255, 255, ${mark.weight === 2 ? 0.13 : mark.weight === 1 ? 0.07 : 0.035})`;
    context.fillRect(Math.round(mark.x), 0, 1, height);
  }
}

/** The ruler: numbers of bars with their times, or times alone without beats. */
export function drawRuler(surface: Surface, view: Viewport, grid: Grid): void {
  const context = surface.clear();
  const middle = surface.height / 2 + 1;
  for (const mark of marks(view, grid)) {
    if (!mark.text) continue;
    const x = Math.round(mark.x);
    context.fillStyle = "rgba(255, 255, 255, 0.22)";
    context.fillRect(x, surface.height - 5, 1, 5);
    context.fillStyle = `rgba(255, 255, 255, ${mark.weight === 2 ? 0.82 : 0.6})`;
    context.fillText(mark.text, x + 5, middle);
    if (!mark.time) continue;
    const width = widthOf(context, mark.text);
    context.fillStyle = "rgba(255, 255, 255, 0.56)";
    context.fillText(mark.time, x + 11 + width, middle);
  }
}

const widths = new Map<string, number>();

/** How wide a text is in the one font of the canvases. */
function widthOf(context: CanvasRenderingContext2D, text: string): number {
  let width = widths.get(text);
  if (width === undefined) widths.set(text, (width = context.measureText(text).width));
  return width;
}

interface Mark {
  x: number;
  /** 2 a line with a number, 1 a bar, 0 a beat. */
  weight: 0 | 1 | 2;
  text?: string;
  time?: string;
}

function marks(view: Viewport, grid: Grid): Mark[] {
  const list: Mark[] = [];
  const bare = grid.empty || grid.downbeats.length < 2;
  const step = tickStep(view.pixelsPerSecond, 84);
  for (const [from, to] of bare ? [[view.start, view.end] as const] : grid.holes(view.start, view.end)) {
    for (let tick = Math.ceil(from / step); tick * step <= to; tick++) {
      const time = tick * step;
      // Beside the grid, a number needs room before the first bar's.
      const room = bare || to === view.end || (to - time) * view.pixelsPerSecond > 44;
      const mark: Mark = { x: view.toX(time), weight: bare ? 2 : 1 };
      list.push(room ? { ...mark, text: step < 1 ? time.toFixed(1) : short(time) } : mark);
    }
  }
  if (bare) return list;
  const bars = grid.downbeatTimes;
  const perBar = ((bars.at(-1)! - bars[0]!) / (bars.length - 1)) * view.pixelsPerSecond;
  const labelled = barStep(perBar, 92);
  const lined = barStep(perBar, 14);
  const beats = perBar / grid.beatsPerBar >= 12;
  const first = Math.max(0, lastAtOrBefore(bars, view.start));
  for (let i = first; i < bars.length && bars[i]! <= view.end; i++) {
    const bar = grid.bar(grid.downbeats[i]!);
    const place = bar - 1;
    if (place % lined === 0) {
      const heavy = place % labelled === 0;
      const mark: Mark = { x: view.toX(bars[i]!), weight: heavy ? 2 : 1 };
      list.push(heavy ? { ...mark, text: String(bar), time: short(bars[i]!) } : mark);
    }
    if (!beats) continue;
    const end = grid.downbeats[i + 1] ?? grid.times.length;
    for (let b = grid.downbeats[i]! + 1; b < end; b++) {
      const beat: Mark = { x: view.toX(grid.times[b]!), weight: 0 };
      list.push(perBar / grid.beatsPerBar >= 84 ? { ...beat, text: `${bar}.${b - grid.downbeats[i]! + 1}` } : beat);
    }
  }
  return list;
}

/** Where something was found: lines across the picture, and one that stands out for the place that was gone to. */
export function drawHits(surface: Surface, view: Viewport, times: Float64Array, here: number): void {
  const context = surface.clear();
  // Dark edges set a line apart from a picture of any colour.
  const tick = (x: number, width: number, colour: string): void => {
    context.fillStyle = "rgba(12, 14, 20, 0.8)";
    context.fillRect(x - width / 2 - 1, 0, width + 2, surface.height);
    context.fillStyle = colour;
    context.fillRect(x - width / 2, 0, width, surface.height);
  };
  let last = -Infinity;
  for (let i = Math.max(0, lastAtOrBefore(times, view.start)); i < times.length && times[i]! <= view.end; i++) {
    const x = Math.round(view.toX(times[i]!));
    if (x > last + 1) tick((last = x), 1.5, "rgba(255, 225, 77, 0.75)");
  }
  if (here >= 0) tick(Math.round(view.toX(times[here]!)), 3, "#ffe14d");
}

// --- lanes ------------------------------------------------------------------------------------------

let hatch: CanvasPattern | null = null;

/** Diagonal lines: what is not known. */
function hatching(context: CanvasRenderingContext2D): CanvasPattern {
  if (hatch) return hatch;
  const tile = document.createElement("canvas");
  tile.width = tile.height = HATCH_STEP * 2;
  const pen = tile.getContext("2d")!;
  pen.strokeStyle = "rgba(255, 255, 255, 0.30)";
  pen.lineWidth = 1.4;
  for (let x = -HATCH_STEP * 2; x <= HATCH_STEP * 2; x += HATCH_STEP) {
    pen.moveTo(x, HATCH_STEP * 2);
    pen.lineTo(x + HATCH_STEP * 2, 0);
  }
  pen.stroke();
  hatch = context.createPattern(tile, "repeat")!;
  return hatch;
}

/** Speech is a full bar, music a low one, both stand on each other; the names are written where there is room. */
export function drawActivity(surface: Surface, view: Viewport, spans: readonly Activity[]): void {
  const context = surface.clear();
  const height = surface.height;
  for (const span of spans) {
    if (span.end < view.start || span.start > view.end) continue;
    const x = Math.max(-4, view.toX(span.start)) + 0.5;
    const width = Math.max(1, Math.min(surface.width + 4, view.toX(span.end)) - x - 1);
    const quiet = span.label === "silence";
    context.globalAlpha = quiet ? 0.16 : span.label === "music" ? 0.22 : 0.42;
    context.fillStyle = span.colour;
    rounded(context, x, 0, width, height, 3);
    context.fill();
    context.globalAlpha = quiet ? 0.4 : 0.95;
    if (span.label !== "music" && !quiet) context.fillRect(x + 1, height - 2, Math.max(0, width - 2), 2);
    context.globalAlpha = quiet ? 0.6 : 0.92;
    const names = span.label === "speech+music" ? ["speech over music", "speech + music", "both"] : [span.label];
    const text = names.find((name) => width > widthOf(context, name) + 14);
    if (text) {
      context.fillStyle = "#fff";
      context.fillText(text, Math.max(x, 0) + 7, height / 2);
    }
  }
  context.globalAlpha = 1;
}

/** One persona's scores: colour is the score, opacity the confidence, hatching stands for no score. */
export function drawReactions(surface: Surface, view: Viewport, reactions: readonly Reaction[], active: number): void {
  const context = surface.clear();
  const height = surface.height;
  reactions.forEach((reaction, index) => {
    if (reaction.end < view.start || reaction.start > view.end) return;
    const x = Math.max(-6, view.toX(reaction.start)) + 0.5;
    const width = Math.max(1.5, Math.min(surface.width + 6, view.toX(reaction.end)) - x - 1);
    rounded(context, x, 1, width, height - 2, 3);
    if (reaction.score === null) {
      context.fillStyle = "rgba(255, 255, 255, 0.05)";
      context.fill();
      context.fillStyle = hatching(context);
      context.fill();
    } else {
      const opacity = opacityOf(reaction.confidence);
      context.fillStyle = scoreColour(reaction.score, opacity);
      context.fill();
      if (width > 34 && height >= 14) {
        context.fillStyle = inkOn(reaction.score, opacity);
        context.fillText(reaction.score.toFixed(1), Math.max(x, 0) + 6, height / 2 + 0.5);
      }
    }
    if (index !== active) return;
    context.strokeStyle = "#fff";
    context.lineWidth = 1.5;
    context.stroke();
  });
}

function rounded(context: CanvasRenderingContext2D, x: number, y: number, width: number, height: number, radius: number): void {
  context.beginPath();
  if (width < 6) context.rect(x, y, width, height);
  else context.roundRect(x, y, width, height, Math.min(radius, width / 2));
}
