/** Undo and redo without limit: documents share what an edit did not touch, so that a step costs what it changed. */

export interface Step<T> {
  readonly name: string;
  readonly state: T;
}

/** Nudges and letters this close to each other are one step. */
export const COALESCE_S = 0.6;

/** `clock` gives seconds. */
export class History<T> {
  private past: Step<T>[] = [];
  private future: Step<T>[] = [];
  private key: string | null = null;
  private at = -Infinity;

  constructor(
    private current: T,
    private readonly clock: () => number = () => performance.now() / 1000,
  ) {}

  get state(): T {
    return this.current;
  }

  /** What undo would take back, and redo bring again; null where there is nothing. */
  get undoes(): string | null {
    return this.past.at(-1)?.name ?? null;
  }

  get redoes(): string | null {
    return this.future.at(-1)?.name ?? null;
  }

  /** How many steps lie behind. */
  get depth(): number {
    return this.past.length;
  }

  /** Makes `state` the current one. Steps with the same `key` (not null) within so many seconds are one. */
  push(name: string, state: T, key: string | null = null, within = COALESCE_S): void {
    if (state === this.current) return;
    const now = this.clock();
    const goesOn = key !== null && key === this.key && now - this.at <= within && this.past.length > 0;
    if (goesOn) this.past[this.past.length - 1] = { name, state: this.past.at(-1)!.state };
    else this.past.push({ name, state: this.current });
    this.current = state;
    this.future = [];
    this.key = key;
    this.at = now;
    if (goesOn && this.past.at(-1)!.state === state) this.past.pop();
  }

  /** Ends a step that was being made of many, as when a drag ends. */
  seal(): void {
    this.key = null;
  }

  /** The name of what was taken back, or null. */
  undo(): string | null {
    return this.travel(this.past, this.future);
  }

  redo(): string | null {
    return this.travel(this.future, this.past);
  }

  /** Another document: nothing to undo. */
  reset(state: T): void {
    this.current = state;
    this.past = [];
    this.future = [];
    this.seal();
  }

  private travel(from: Step<T>[], to: Step<T>[]): string | null {
    const step = from.pop();
    if (!step) return null;
    to.push({ name: step.name, state: this.current });
    this.current = step.state;
    this.seal();
    return step.name;
  }
}
