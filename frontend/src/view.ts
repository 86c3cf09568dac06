/** The stretch of time on view, and its mapping to pixels. */

export const SHORTEST_SPAN = 2;

export class Viewport {
  start = 0;
  span: number;
  /** CSS pixels across. */
  width = 1;

  constructor(readonly duration: number) {
    this.span = duration;
  }

  get end(): number {
    return this.start + this.span;
  }

  get whole(): boolean {
    return this.span >= this.duration - 1e-9;
  }

  get pixelsPerSecond(): number {
    return this.width / this.span;
  }

  toX(time: number): number {
    return (time - this.start) * this.pixelsPerSecond;
  }

  toTime(x: number): number {
    return this.start + x / this.pixelsPerSecond;
  }

  /** Change the span, keeping the anchor where it is on the screen. */
  zoom(factor: number, anchor: number): void {
    const span = this.clampSpan(this.span * factor);
    const share = (anchor - this.start) / this.span;
    this.set(anchor - share * span, span);
  }

  pan(seconds: number): void {
    this.set(this.start + seconds, this.span);
  }

  set(start: number, span: number): void {
    this.span = this.clampSpan(span);
    this.start = Math.min(Math.max(0, start), this.duration - this.span);
  }

  private clampSpan(span: number): number {
    return Math.min(this.duration, Math.max(Math.min(SHORTEST_SPAN, this.duration), span));
  }
}
