/** The sound as commands act on it: stage, cue and metronome in one. */

import type { Stage } from "../stage.ts";
import type { Deck } from "./commands.ts";
import { Cue } from "./cue.ts";
import { type Beats, Metronome } from "./metronome.ts";

export const RATES = [0.5, 0.75, 1, 1.25, 1.5, 2] as const;

export class StageDeck implements Deck {
  readonly cue: Cue;
  private readonly clicks: Metronome;

  constructor(
    private readonly stage: Stage,
    beats: () => Beats,
    private readonly changed: () => void,
  ) {
    this.clicks = new Metronome(stage.sound.element, beats);
    this.cue = new Cue(this, changed);
  }

  get time(): number {
    return this.stage.sound.time;
  }

  get playing(): boolean {
    return this.stage.sound.playing;
  }

  get looping(): boolean {
    return this.stage.sound.loop !== null;
  }

  get rate(): number {
    return this.stage.sound.rate;
  }

  get metronome(): boolean {
    return this.clicks.on;
  }

  play(): void {
    this.stage.follow = true;
    void this.stage.sound.play();
  }

  pause(): void {
    this.stage.sound.element.pause();
  }

  seek(time: number): void {
    this.stage.seek(time);
  }

  loop(span: { start: number; end: number } | null): void {
    this.stage.setLoop(span);
    this.changed();
  }

  setRate(rate: number): void {
    this.stage.sound.rate = Math.min(2, Math.max(0.5, rate));
    this.changed();
  }

  setMetronome(on: boolean): void {
    this.clicks.set(on);
    this.changed();
  }

  zoom(way: "in" | "out" | "all"): void {
    this.stage.zoom(way);
  }

  cueDown(): void {
    this.cue.down();
  }

  cueUp(): void {
    this.cue.up();
  }

  returnToCue(): void {
    this.cue.back();
  }

  close(): void {
    this.clicks.close();
  }
}
