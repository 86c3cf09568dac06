/** Figures beside a row: the mean with its interval on a scale from 1 to 5, and how much of it was scored. */

import { scoreColour } from "../colour.ts";
import { el, svg } from "../dom.ts";
import type { Compare, Row } from "./types.ts";

const WIDTH = 48;

/** `+0.4`, with a true minus. */
export function signed(value: number): string {
  const text = Math.abs(value).toFixed(1);
  return text === "0.0" ? "±0.0" : `${value < 0 ? "−" : "+"}${text}`;
}

export function tally(row: Row, compared?: Compare["rows"][number]): HTMLElement {
  const covered = `${row.scored} of ${row.total}`;
  const interval = row.interval && `${row.interval[0].toFixed(1)}–${row.interval[1].toFixed(1)}`;
  const mean = row.mean === null ? "–" : row.mean.toFixed(1);
  const says = row.mean === null ? "no mean: nothing scored" : `mean ${mean}${interval ? `, 95% interval ${interval}` : `, no interval: ${row.why ?? "too few scores"}`}`;
  const node = el(
    "div",
    { class: "tally", role: "gridcell", "aria-label": `${says}; ${covered} scored`, title: `${says}; ${covered} scored`, "data-testid": "tally" },
    el("b", {}, mean),
    compared ? null : row.mean === null ? el("span") : whisker(row.mean, row.interval),
    el("small", {}, compared ? difference(compared) : covered),
  );
  node.classList.toggle("compared", compared !== undefined);
  node.classList.toggle("partial", row.scored < row.total);
  return node;
}

export function difference({ difference: value, interval }: Compare["rows"][number]): string {
  const [text, ...ends] = [value, ...(interval ?? [])].map(signed);
  return ends.some((end) => end !== text) ? `${text} (${ends.join(" to ")})` : text!;
}

function whisker(mean: number, interval: [number, number] | null): SVGElement {
  const x = (score: number): number => 4 + ((score - 1) / 4) * (WIDTH - 8);
  return svg(
    "svg",
    { viewBox: `0 0 ${WIDTH} 14`, width: WIDTH, height: 14, "aria-hidden": "true", class: "whisker" },
    svg("path", { d: `M4 7H${WIDTH - 4}`, class: "scale" }),
    svg("path", { d: `M${x(3)} 4V10`, class: "scale" }),
    interval && svg("path", { d: `M${x(interval[0])} 7H${x(interval[1])}`, class: "span" }),
    svg("circle", { cx: x(mean), cy: 7, r: 3.6, fill: scoreColour(mean) }),
  );
}
