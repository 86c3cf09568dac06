/** How long drawing takes, and how long it is from a key to what it changes on the screen. */

const KEPT = 240;

export class Timing {
  private readonly draws: number[] = [];
  private readonly answers: number[] = [];
  private pressed: number | null = null;

  /** A key or a movement came at `stamp`, on the clock of `performance.now()`. */
  press(stamp: number): void {
    this.pressed ??= stamp;
  }

  /** Something was drawn from `began` until now. */
  drew(began: number): void {
    const now = performance.now();
    keep(this.draws, now - began);
    if (this.pressed === null) return;
    keep(this.answers, now - this.pressed);
    this.pressed = null;
  }

  /** The key changed nothing that is drawn. */
  forget(): void {
    this.pressed = null;
  }

  get drawMs(): number {
    return high(this.draws);
  }

  get keyMs(): number {
    return high(this.answers);
  }

  get draw(): number {
    return this.draws.at(-1) ?? 0;
  }

  get key(): number {
    return this.answers.at(-1) ?? 0;
  }
}

function keep(list: number[], value: number): void {
  list.push(value);
  if (list.length > KEPT) list.shift();
}

/** The 95th percentile. */
function high(list: readonly number[]): number {
  const sorted = [...list].sort((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * 0.95))] ?? 0;
}
