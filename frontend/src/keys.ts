/** The one table of keys: the player obeys it, the help sheet and the tooltips are written from it. */

export type Action =
  | { do: "play" }
  | { do: "move"; bars: number }
  | { do: "boundary"; step: -1 | 1 }
  | { do: "edge"; end: boolean }
  | { do: "zoom"; way: "in" | "out" | "all" }
  | { do: "loop" }
  | { do: "search" }
  | { do: "match"; step: -1 | 1 }
  | { do: "help" }
  | { do: "close" };

export interface Key {
  /** Values of `KeyboardEvent.key`, any of which will do. */
  keys: readonly string[];
  shift?: boolean;
  ctrl?: boolean;
  action: Action;
  /** Whether it counts while a search is being typed; everywhere else it is the other way round. */
  typing?: "only" | "too";
  /** What the help sheet shows. */
  shown: string;
  does: string;
}

export const KEYS: readonly Key[] = [
  { keys: [" "], action: { do: "play" }, shown: "Space", does: "play or pause" },
  { keys: ["ArrowLeft"], action: { do: "move", bars: -4 }, shown: "←", does: "4 bars back" },
  { keys: ["ArrowRight"], action: { do: "move", bars: 4 }, shown: "→", does: "4 bars on" },
  { keys: ["ArrowLeft"], shift: true, action: { do: "move", bars: -8 }, shown: "Shift ←", does: "8 bars back" },
  { keys: ["ArrowRight"], shift: true, action: { do: "move", bars: 8 }, shown: "Shift →", does: "8 bars on" },
  { keys: ["ArrowLeft"], ctrl: true, action: { do: "move", bars: -1 }, shown: "Ctrl ←", does: "1 bar back" },
  { keys: ["ArrowRight"], ctrl: true, action: { do: "move", bars: 1 }, shown: "Ctrl →", does: "1 bar on" },
  { keys: ["ArrowUp", "["], action: { do: "boundary", step: -1 }, shown: "↑ or [", does: "previous boundary" },
  { keys: ["ArrowDown", "]"], action: { do: "boundary", step: 1 }, shown: "↓ or ]", does: "next boundary" },
  { keys: ["Home"], action: { do: "edge", end: false }, shown: "Home", does: "to the start" },
  { keys: ["End"], action: { do: "edge", end: true }, shown: "End", does: "to the end" },
  { keys: ["+", "="], action: { do: "zoom", way: "in" }, shown: "+", does: "zoom in" },
  { keys: ["-", "−"], action: { do: "zoom", way: "out" }, shown: "−", does: "zoom out" },
  { keys: ["0"], action: { do: "zoom", way: "all" }, shown: "0", does: "show everything" },
  { keys: ["l"], action: { do: "loop" }, shown: "L", does: "loop this section" },
  { keys: ["/"], action: { do: "search" }, shown: "/", does: "search what is said" },
  { keys: ["Enter"], typing: "only", action: { do: "match", step: 1 }, shown: "Enter", does: "next place found" },
  { keys: ["Enter"], shift: true, typing: "only", action: { do: "match", step: -1 }, shown: "Shift Enter", does: "place found before" },
  { keys: ["?"], action: { do: "help" }, shown: "?", does: "this sheet" },
  { keys: ["Escape"], typing: "too", action: { do: "close" }, shown: "Esc", does: "close, leave the search, stop the loop" },
];

/** What a key press means, or null, also while a search is being typed. Shift is part of how `?`, `+` and capitals are typed, so it only counts for named keys. */
export function actionOf(event: Pick<KeyboardEvent, "key" | "shiftKey" | "ctrlKey" | "metaKey" | "altKey">, typing = false): Action | null {
  if (event.altKey || event.metaKey) return null;
  const named = event.key.length > 1;
  const key = named ? event.key : event.key.toLowerCase();
  for (const entry of KEYS) {
    if (!entry.keys.includes(key)) continue;
    if (typing ? !entry.typing : entry.typing === "only") continue;
    if ((entry.ctrl ?? false) !== event.ctrlKey) continue;
    if (named && (entry.shift ?? false) !== event.shiftKey) continue;
    return entry.action;
  }
  return null;
}

/** The key of an action, for a tooltip. */
export function keyFor(action: Action["do"], way?: string): string {
  const entry = KEYS.find((k) => k.action.do === action && (way === undefined || (k.action as { way?: string }).way === way));
  return entry?.shown ?? "";
}
