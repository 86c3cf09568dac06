/** Clicks on the beats, put on the sound card's clock a little ahead of the media clock, so that they fall in time. */

import { lastAtOrBefore } from "../time.ts";

export interface Beats {
  /** Ascending, in seconds. */
  readonly times: Float64Array;
  /** Whether a beat begins a bar. */
  isDownbeat(index: number): boolean;
}

/** How far ahead clicks are put on, and how often that is looked after. */
export const AHEAD_S = 0.16;
const TICK_MS = 40;
const CLICK_S = 0.035;

/** The beats in `[from, to)`. */
export function due(times: Float64Array, from: number, to: number): [number, number] {
  const first = lastAtOrBefore(times, from - 1e-9) + 1;
  return [first, lastAtOrBefore(times, to - 1e-9) + 1];
}

export class Metronome {
  on = false;
  private context: AudioContext | null = null;
  private timer = 0;
  private until = -1;
  private pending: OscillatorNode[] = [];

  constructor(
    private readonly media: HTMLMediaElement,
    private readonly beats: () => Beats,
  ) {
    for (const name of ["pause", "seeking", "ratechange", "waiting", "ended"]) media.addEventListener(name, this.silence);
    for (const name of ["play", "playing", "seeked"]) media.addEventListener(name, this.start);
  }

  set(on: boolean): void {
    this.on = on;
    if (on) this.start();
    else this.silence();
  }

  close(): void {
    this.silence();
    for (const name of ["pause", "seeking", "ratechange", "waiting", "ended"]) this.media.removeEventListener(name, this.silence);
    for (const name of ["play", "playing", "seeked"]) this.media.removeEventListener(name, this.start);
    void this.context?.close();
  }

  private readonly start = (): void => {
    if (!this.on || this.media.paused || this.media.seeking) return;
    this.context ??= new AudioContext({ latencyHint: "interactive" });
    void this.context.resume();
    clearInterval(this.timer);
    this.until = this.media.currentTime;
    this.timer = window.setInterval(() => this.look(), TICK_MS);
    this.look();
  };

  private readonly silence = (): void => {
    clearInterval(this.timer);
    for (const click of this.pending) click.stop();
    this.pending = [];
    this.until = -1;
  };

  /** Put on what comes within the next moment. */
  private look(): void {
    const { context, media } = this;
    if (!context || this.until < 0) return;
    const now = media.currentTime;
    const to = now + AHEAD_S * media.playbackRate;
    // A jump back, as a loop makes it, begins anew.
    if (now < this.until - 2 * AHEAD_S * media.playbackRate) this.until = now;
    const beats = this.beats();
    const [first, last] = due(beats.times, Math.max(now, this.until), to);
    for (let index = first; index < last; index++) {
      const wait = (beats.times[index]! - now) / media.playbackRate;
      // What is put on sounds later by the latency of the output, which the media clock has taken into account.
      this.click(context, Math.max(context.currentTime, context.currentTime + wait - (context.outputLatency || 0)), beats.isDownbeat(index));
    }
    this.until = Math.max(this.until, to);
  }

  private click(context: AudioContext, at: number, strong: boolean): void {
    const tone = context.createOscillator();
    const gain = context.createGain();
    tone.frequency.value = strong ? 1760 : 1175;
    gain.gain.setValueAtTime(strong ? 0.5 : 0.28, at);
    gain.gain.exponentialRampToValueAtTime(0.001, at + CLICK_S);
    tone.connect(gain).connect(context.destination);
    tone.start(at);
    tone.stop(at + CLICK_S);
    tone.onended = () => (this.pending = this.pending.filter((each) => each !== tone));
    this.pending.push(tone);
  }
}
