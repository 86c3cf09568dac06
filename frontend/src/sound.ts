/** The audio element: seeking, looping, and what it has to say about its state. */

import { el } from "./dom.ts";

export interface Loop {
  start: number;
  end: number;
}

/** Long recordings are not fetched whole before somebody wants to hear them. */
const EAGER_SECONDS = 1200;

export class Sound {
  readonly element: HTMLAudioElement;
  loop: Loop | null = null;

  constructor(
    url: string,
    private readonly duration: number,
    private readonly changed: () => void,
    private readonly failed: (message: string) => void,
  ) {
    this.element = el("audio", { src: url, preload: duration <= EAGER_SECONDS ? "auto" : "metadata", "data-testid": "player-audio" });
    for (const name of ["play", "pause", "playing", "waiting", "seeked", "ended", "loadedmetadata", "canplay", "timeupdate"]) {
      this.element.addEventListener(name, () => {
        this.keepLoop();
        this.changed();
      });
    }
    this.element.addEventListener("error", () => this.failed("The sound could not be loaded. Reload the page; if that does not help, see System."));
  }

  get time(): number {
    return Math.min(this.element.currentTime, this.duration);
  }

  get playing(): boolean {
    return !this.element.paused && !this.element.ended;
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

  /** Go back to the start of the loop once its end is reached. */
  keepLoop(): void {
    if (this.loop && this.playing && this.element.currentTime >= this.loop.end - 0.005) this.element.currentTime = this.loop.start;
  }

  close(): void {
    this.element.pause();
    this.element.removeAttribute("src");
    this.element.load();
  }
}
