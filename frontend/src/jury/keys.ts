/** The table of keys of the Audience page: the heat map obeys it, help and tooltips are written from it. */

export type JuryAction =
  | { do: "play" }
  | { do: "walk"; over: number; down: number }
  | { do: "edge"; end: boolean }
  | { do: "hear" }
  | { do: "rate"; score: number }
  | { do: "moment"; kind: "best" | "worst" }
  | { do: "apart" }
  | { do: "sort" }
  | { do: "loop" }
  | { do: "zoom"; way: "in" | "out" | "all" }
  | { do: "help" }
  | { do: "close" };

interface Key {
  /** Values of `KeyboardEvent.key`, any of which will do. */
  keys: readonly string[];
  /** What the key means; of several keys, by the one that was pressed. */
  action(key: string): JuryAction;
  shown: string;
  does: string;
}

const one = (action: JuryAction) => (): JuryAction => action;

export const JURY_KEYS: readonly Key[] = [
  { keys: [" "], action: one({ do: "play" }), shown: "Space", does: "play or pause" },
  { keys: ["Enter"], action: one({ do: "hear" }), shown: "Enter", does: "play the cell" },
  { keys: ["ArrowLeft", "ArrowRight"], action: (key) => ({ do: "walk", over: key === "ArrowLeft" ? -1 : 1, down: 0 }), shown: "← or →", does: "previous, next cell" },
  { keys: ["ArrowUp", "ArrowDown"], action: (key) => ({ do: "walk", over: 0, down: key === "ArrowUp" ? -1 : 1 }), shown: "↑ or ↓", does: "persona above, below" },
  { keys: ["Home", "End"], action: (key) => ({ do: "edge", end: key === "End" }), shown: "Home or End", does: "first, last cell" },
  { keys: ["1", "2", "3", "4", "5"], action: (key) => ({ do: "rate", score: Number(key) }), shown: "1 … 5", does: "rate it yourself; again: take back" },
  { keys: ["w"], action: one({ do: "moment", kind: "worst" }), shown: "W", does: "play the worst moment" },
  { keys: ["b"], action: one({ do: "moment", kind: "best" }), shown: "B", does: "play the best moment" },
  { keys: ["d"], action: one({ do: "apart" }), shown: "D", does: "only where they disagree" },
  { keys: ["s"], action: one({ do: "sort" }), shown: "S", does: "sort by mean, name, divergence" },
  { keys: ["l"], action: one({ do: "loop" }), shown: "L", does: "loop the cell" },
  { keys: ["+", "="], action: one({ do: "zoom", way: "in" }), shown: "+", does: "zoom in" },
  { keys: ["-", "−"], action: one({ do: "zoom", way: "out" }), shown: "−", does: "zoom out" },
  { keys: ["0"], action: one({ do: "zoom", way: "all" }), shown: "0", does: "show everything" },
  { keys: ["?"], action: one({ do: "help" }), shown: "?", does: "this sheet" },
  { keys: ["Escape"], action: one({ do: "close" }), shown: "Esc", does: "close, stop the loop" },
];

export function juryActionOf(event: Pick<KeyboardEvent, "key" | "ctrlKey" | "metaKey" | "altKey">): JuryAction | null {
  if (event.altKey || event.metaKey || event.ctrlKey) return null;
  const key = event.key.length > 1 ? event.key : event.key.toLowerCase();
  return JURY_KEYS.find((entry) => entry.keys.includes(key))?.action(key) ?? null;
}

/** How the key that does something is shown, for a tooltip. */
export function juryKeyFor(name: JuryAction["do"], kind?: "best" | "worst"): string {
  const means = (entry: Key): boolean => {
    const action = entry.action(entry.keys[0]!);
    return action.do === name && (action.do !== "moment" || action.kind === kind);
  };
  return JURY_KEYS.find(means)?.shown ?? "";
}
