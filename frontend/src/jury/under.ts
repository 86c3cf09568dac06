/** Under the heat map: the chosen persona's best and worst moments, and what is alarming. */

import { scoreColour } from "../colour.ts";
import { el, glyph } from "../dom.ts";
import { short } from "../time.ts";
import { juryKeyFor } from "./keys.ts";
import type { Alert, JuryProps, Peak } from "./types.ts";

/** More alerts than this are folded. */
const FEW = 4;
const LEVELS = ["high", "medium", "low"] as const;

interface Desk {
  moment(peak: Peak): void;
  alert(alert: Alert): void;
}

export function peaksOf(props: JuryProps, persona: string, desk: Desk): HTMLElement | null {
  const who = props.personas.find(({ id }) => id === persona);
  const own = props.jury.rows.find((row) => row.persona === persona)?.moments ?? [];
  if (!who || !own.length) return null;
  const buttons = own.map((peak) => {
    const { kind, time, score } = peak;
    const dot = el("i", { "aria-hidden": "true" });
    dot.style.background = scoreColour(score);
    const name = `${kind} moment for ${who.name}, ${short(time)}, score ${score.toFixed(1)}`;
    const button = el("button", { type: "button", class: kind, "data-testid": "moment", "data-kind": kind, "data-persona": persona, "data-start": time, "aria-label": name, title: `${name} (${juryKeyFor("moment", kind)})` }, dot, `${kind} `, el("time", {}, short(time)));
    button.addEventListener("click", () => desk.moment(peak));
    return button;
  });
  return el("div", { class: "moment", role: "group", "aria-label": `Moments of ${who.name}` }, glyph(who.emoji, who.name), el("span", { class: "who" }, who.name), ...buttons);
}

export function alertsOf(alerts: readonly Alert[], unfolded: boolean, desk: Desk, unfold: () => void): HTMLElement[] {
  // The urgent first, as the others may be folded away.
  const sorted = LEVELS.flatMap((level) => alerts.filter(({ severity }) => severity === level));
  const shown = unfolded ? sorted : sorted.slice(0, FEW);
  const chips = shown.map((alert) => {
    const { rule, severity, message, start } = alert;
    const mark = el("i", { "aria-hidden": "true" }, severity === "low" ? "↕" : "!");
    const chip = el("button", { type: "button", class: "alert", "data-testid": "alert", "data-rule": rule, "data-severity": severity, "data-start": start, title: `${message} · a click plays it` }, mark, el("span", {}, message), el("time", {}, short(start)));
    chip.addEventListener("click", () => desk.alert(alert));
    return chip;
  });
  if (shown.length === alerts.length) return chips;
  const more = el("button", { type: "button", class: "alert more" }, `${alerts.length - shown.length} more`);
  more.addEventListener("click", unfold);
  return [...chips, more];
}
