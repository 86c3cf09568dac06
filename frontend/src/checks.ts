/** What the checks found odd: a quiet line under the stage that opens into a list; a click plays the place. */

import { el } from "./dom.ts";
import { clock } from "./time.ts";
import type { Finding } from "./types.ts";

const SIGNS: Record<Finding["severity"], string> = { error: "✕", warning: "!", note: "i" };

/** "1 error · 2 notes", the gravest first; kinds of severity that do not occur are left out. */
export function tally(findings: readonly Finding[]): string {
  return (["error", "warning", "note"] as const)
    .map((severity) => ({ severity, count: findings.filter((finding) => finding.severity === severity).length }))
    .filter(({ count }) => count)
    .map(({ severity, count }) => `${count} ${severity}${count === 1 ? "" : "s"}`)
    .join(" · ");
}

/** The list, or null where there is nothing to say. */
export function checksOf(findings: readonly Finding[], open: boolean, play: (time: number) => void): HTMLDetailsElement | null {
  if (!findings.length) return null;
  const summary = el("summary", {}, el("span", { class: "chip" }, `Checks: ${findings.length}`), el("small", {}, tally(findings)));
  return el("details", { class: "checks", "data-testid": "checks", open }, summary, el("ul", {}, ...findings.map((finding) => line(finding, play))));
}

function line(finding: Finding, play: (time: number) => void): HTMLElement {
  const { start, end, severity } = finding;
  const bar = finding.bar === null ? null : `${finding.bar}.${finding.beat}`;
  const button = el(
    "button",
    { type: "button", "data-testid": "finding", "data-start": start, title: end === null ? `play at ${clock(start)}` : `play at ${clock(start)}; it lasts until ${clock(end)}` },
    el("time", {}, clock(start)),
    el("span", { class: "bar", title: bar === null ? "no beats here" : "bar and beat" }, bar ?? "–"),
    el("span", { class: `severity ${severity}` }, el("i", { "aria-hidden": "true" }, SIGNS[severity]), severity),
    el("span", { class: "says" }, finding.message),
  );
  button.addEventListener("click", () => play(start));
  return el("li", {}, button);
}
