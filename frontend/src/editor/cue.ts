/** The cue point, as on a DJ's player: set it, go back to it, hold to hear from it. */

/** The sound, as far as a cue needs it. */
export interface Transport {
  readonly time: number;
  readonly playing: boolean;
  play(): void;
  pause(): void;
  seek(time: number): void;
}

/** Standing this near to the cue counts as standing on it, in seconds. */
const ON_IT = 0.02;

export class Cue {
  /** In seconds; null until one was set. */
  point: number | null = null;
  private previewing = false;

  constructor(
    private readonly transport: Transport,
    private readonly changed: () => void = () => {},
  ) {}

  /** While it plays: back to the cue. Stopped: set the cue here; on the cue already: play while held. */
  down(): void {
    if (this.previewing) return; // the key repeats
    const { transport } = this;
    if (transport.playing && this.point !== null) {
      transport.pause();
      transport.seek(this.point);
    } else if (!transport.playing && this.point !== null && Math.abs(transport.time - this.point) < ON_IT) {
      this.previewing = true;
      transport.play();
    } else {
      this.point = transport.time;
      this.changed();
    }
  }

  up(): void {
    if (!this.previewing) return;
    this.previewing = false;
    this.transport.pause();
    this.transport.seek(this.point!);
  }

  /** Go to the cue, playing on if it plays; to the start where none was set. */
  back(): void {
    this.transport.seek(this.point ?? 0);
  }
}
