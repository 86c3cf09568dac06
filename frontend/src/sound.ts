/** The audio element: seeking, looping, and what it has to say about its state. */

import { el } from "./dom.ts";

export interface Loop {
  start: number;
  end: number;
}

/** Long recordings are not fetched whole before somebody wants to hear them. */
const EAGER_SECONDS = 1200;
/** Browsers cut a time off to microseconds, some twice: who jumps to 67.1 hears 67.099999, before what begins at 67.1. */
const CUT_OFF = 2e-6;
/** A jump may land this far before its aim, in seconds, as decoders go by frames. */
const SLACK = 0.06;

export class Sound {
  readonly element: HTMLAudioElement;
  loop: Loop | null = null;
  /** The only stretches that are played, in order of time; null plays everything. */
  only: readonly Loop[] | null = null;

  constructor(
    url: string,
    private readonly duration: number,
    private readonly changed: () => void,
    private readonly failed: (message: string) => void,
    name = "player-audio",
  ) {
    this.element = el("audio", { src: url, preload: duration <= EAGER_SECONDS ? "auto" : "metadata", "data-testid": name });
    for (const name of ["play", "pause", "playing", "waiting", "seeked", "ended", "loadedmetadata", "canplay", "timeupdate"]) {
      this.element.addEventListener(name, () => {
        this.keep();
        this.changed();
      });
    }
    this.element.addEventListener("error", () => this.failed("The sound could not be loaded. Reload the page; if that does not help, see System."));
  }

  get time(): number {
    return Math.min(this.element.currentTime + CUT_OFF, this.duration);
  }

  get playing(): boolean {
    return !this.element.paused && !this.element.ended;
  }

  /** How fast it plays, without a change of pitch. */
  get rate(): number {
    return this.element.playbackRate;
  }

  set rate(rate: number) {
    this.element.preservesPitch = true;
    this.element.defaultPlaybackRate = rate;
    this.element.playbackRate = rate;
  }

  get ready(): boolean {
    return this.element.readyState >= HTMLMediaElement.HAVE_METADATA;
  }

  seek(time: number): void {
    // Just before the end: at the end itself the element counts as over, and play would start again from 0.
    this.element.currentTime = Math.min(Math.max(0, time), Math.max(0, this.duration - 0.01));
    this.changed();
  }

  async play(): Promise<void> {
    try {
      await this.element.play();
    } catch (error) {
      const name = error instanceof DOMException ? error.name : "";
      if (name === "NotAllowedError") this.failed("The browser waits for a click: press play once more.");
      else if (name !== "AbortError") this.failed("This sound cannot be played here.");
    }
  }

  toggle(): void {
    if (this.playing) this.element.pause();
    else void this.play();
  }

  /** Stay within what is to be played: go back to the start of the loop, or on to the next stretch. */
  keep(): void {
    if (!this.playing || this.element.seeking) return;
    const now = this.element.currentTime;
    if (this.loop) {
      if (now >= this.loop.end - 0.005) this.element.currentTime = this.loop.start;
      return;
    }
    if (!this.only || this.only.some(({ start, end }) => now >= start - SLACK && now < end)) return;
    const next = this.only.find(({ start }) => start > now);
    if (next) this.element.currentTime = next.start;
    else this.element.pause();
  }

  close(): void {
    this.element.pause();
    this.element.removeAttribute("src");
    this.element.load();
  }
}
