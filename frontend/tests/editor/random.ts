/** Chance that can be repeated: the same seed gives the same numbers. */
export class Chance {
  constructor(private seed: number) {}

  /** From 0 up to 1: a linear congruence, with the constants of Knuth and Lewis. */
  next(): number {
    this.seed = (Math.imul(1664525, this.seed) + 1013904223) >>> 0;
    return this.seed / 2 ** 32;
  }

  between(low: number, high: number): number {
    return low + (high - low) * this.next();
  }

  /** A whole number from `low` to `high`, both included. */
  whole(low: number, high: number): number {
    return Math.floor(this.between(low, high + 1));
  }

  of<T>(values: readonly T[]): T {
    return values[this.whole(0, values.length - 1)]!;
  }
}
