/** The spectrogram of what is on view, over the waveform. It is computed beside the page, from the sound as the browser decodes it. */

import { el } from "../dom.ts";
import { Surface } from "../draw.ts";
import type { Viewport } from "../view.ts";

const RATE = 22050;
/** Decoded sound lies in memory: longer recordings are left out. */
const LONGEST_S = 1800;
const ROWS = 96;
/** How far a drawn stretch reaches to either side of the view, in spans. */
const MARGIN = 0.5;
const [LOWEST_HZ, FLOOR_DB] = [40, -78];

interface Wanted {
  id: number;
  start: number;
  end: number;
  columns: number;
}

interface Drawn extends Wanted {
  image: HTMLCanvasElement;
}

export interface Spectrogram {
  root: HTMLElement;
  open(): void;
  close(): void;
  draw(view: Viewport): void;
}

export function spectrogram(audioUrl: string, duration: number, say: (text: string) => void, changed: () => void): Spectrogram {
  const surface = new Surface(el("canvas", { class: "spectrogram", hidden: true, "aria-hidden": "true", "data-testid": "spectrogram" }));
  const { canvas } = surface;
  let worker: Worker | null = null;
  let ready: Promise<void> | null = null;
  let drawn: Drawn | null = null;
  let asked: Wanted | null = null;

  async function begin(): Promise<void> {
    if (duration > LONGEST_S) throw new Error(`it is drawn for recordings of up to ${LONGEST_S / 60} minutes`);
    const bytes = await (await fetch(audioUrl)).arrayBuffer();
    // The context decides the rate that is decoded to.
    const sound = await new OfflineAudioContext(1, 1, RATE).decodeAudioData(bytes);
    const mono = Float32Array.from(sound.getChannelData(0));
    for (let channel = 1; channel < sound.numberOfChannels; channel++) sound.getChannelData(channel).forEach((value, index) => (mono[index]! += value));
    const url = URL.createObjectURL(new Blob([`(${work.toString()})(${RATE}, ${ROWS}, ${LOWEST_HZ}, ${FLOOR_DB})`], { type: "text/javascript" }));
    worker = new Worker(url);
    URL.revokeObjectURL(url);
    worker.onmessage = ({ data }: MessageEvent<Wanted & { pixels: Uint8ClampedArray<ArrayBuffer> }>) => {
      const image = el("canvas", { width: data.columns, height: ROWS });
      image.getContext("2d")!.putImageData(new ImageData(data.pixels, data.columns, ROWS), 0, 0);
      if (!drawn) say(`spectrogram from ${LOWEST_HZ} Hz to ${RATE / 2000} kHz`);
      drawn = { ...data, image };
      canvas.dataset.drawn = String(data.id);
      changed();
    };
    worker.postMessage(mono, [mono.buffer]);
  }

  /** Ask for a stretch around the view, unless that is what there is, or what was asked for. */
  function want(view: Viewport): void {
    const fits = (one: Wanted | null): boolean => !!one && one.start <= view.start && one.end >= view.end && one.columns / (one.end - one.start) > (0.6 * view.width) / view.span && one.columns / (one.end - one.start) < (2.5 * view.width) / view.span;
    if (!worker || fits(drawn) || fits(asked)) return;
    const [start, end] = [Math.max(0, view.start - MARGIN * view.span), Math.min(duration, view.end + MARGIN * view.span)];
    asked = { id: (asked?.id ?? 0) + 1, start, end, columns: Math.max(1, Math.round(((end - start) / view.span) * view.width)) };
    worker.postMessage(asked);
  }

  return {
    root: canvas,
    open() {
      canvas.hidden = false;
      Surface.layout++;
      if (!ready) {
        say("the spectrogram is being computed");
        ready = begin().then(changed, (error: unknown) => {
          ready = null;
          canvas.hidden = true;
          say(`no spectrogram: ${error instanceof Error ? error.message : String(error)}`);
        });
      }
      changed();
    },
    close() {
      worker?.terminate();
      worker = drawn = asked = null;
      ready = null;
      canvas.hidden = true;
    },
    draw(view) {
      if (canvas.hidden) return;
      surface.fit();
      want(view);
      const context = surface.clear();
      if (!drawn) return;
      context.imageSmoothingEnabled = true;
      context.drawImage(drawn.image, view.toX(drawn.start), 0, (drawn.end - drawn.start) * view.pixelsPerSecond, surface.height);
    },
  };
}

/** What the worker does; its text is sent there, so it must not use anything from outside. */
function work(rate: number, rows: number, lowest: number, floor: number): void {
  const size = 2048;
  const half = size / 2;
  const window = Float32Array.from({ length: size }, (_, i) => 0.5 - 0.5 * Math.cos((2 * Math.PI * i) / size));
  const [cos, sin] = [Float32Array.from({ length: half }, (_, i) => Math.cos((2 * Math.PI * i) / size)), Float32Array.from({ length: half }, (_, i) => Math.sin((2 * Math.PI * i) / size))];
  const reversed = Uint16Array.from({ length: size }, (_, i) => parseInt(i.toString(2).padStart(11, "0").split("").reverse().join(""), 2));
  const edges = Array.from({ length: rows + 1 }, (_, row) => Math.round((lowest * (rate / 2 / lowest) ** (row / rows) * size) / rate));
  const [re, im] = [new Float32Array(size), new Float32Array(size)];
  let sound = new Float32Array();

  /** Radix 2, in place (Cooley and Tukey 1965). */
  const transform = (): void => {
    for (let width = 1; width < size; width *= 2) {
      const step = half / width;
      for (let from = 0; from < size; from += 2 * width) {
        for (let k = 0; k < width; k++) {
          const [a, b, c, s] = [from + k, from + k + width, cos[k * step]!, sin[k * step]!];
          const x = re[b]! * c + im[b]! * s;
          const y = im[b]! * c - re[b]! * s;
          re[b] = re[a]! - x;
          im[b] = im[a]! - y;
          re[a]! += x;
          im[a]! += y;
        }
      }
    }
  };

  self.onmessage = ({ data }: MessageEvent<Float32Array<ArrayBuffer> | { id: number; start: number; end: number; columns: number }>): void => {
    if (data instanceof Float32Array) return void (sound = data);
    const { start, end, columns } = data;
    const pixels = new Uint8ClampedArray(columns * rows * 4);
    for (let column = 0; column < columns; column++) {
      const first = Math.round((start + ((end - start) * (column + 0.5)) / columns) * rate) - half;
      for (let i = 0; i < size; i++) {
        const place = reversed[i]!;
        re[place] = (sound[first + i] ?? 0) * window[i]!;
        im[place] = 0;
      }
      transform();
      for (let row = 0; row < rows; row++) {
        let power = 0;
        for (let bin = edges[row]!; bin < Math.max(edges[row + 1]!, edges[row]! + 1); bin++) power = Math.max(power, re[bin]! ** 2 + im[bin]! ** 2);
        const level = Math.min(1, Math.max(0, 1 - (10 * Math.log10(power / half ** 2 + 1e-12)) / floor));
        // From black through blue and orange to white: the lightness alone tells the level.
        const at = ((rows - 1 - row) * columns + column) * 4;
        pixels[at] = 255 * Math.min(1, Math.max(0, level * 2.1 - 0.55));
        pixels[at + 1] = 255 * Math.min(1, Math.max(0, level * 1.7 - 0.6));
        pixels[at + 2] = 255 * Math.min(1, level < 0.45 ? level * 1.5 : level < 0.7 ? 0.675 - (level - 0.45) * 1.6 : 0.275 + (level - 0.7) * 2.4);
        pixels[at + 3] = 255 * Math.min(1, level * 3);
      }
    }
    (self as unknown as Worker).postMessage({ ...data, pixels }, [pixels.buffer]);
  };
}
