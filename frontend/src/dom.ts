/** Building elements. Text only ever enters through `textContent`, so that nothing a file says becomes markup. */

type Attributes = Record<string, string | number | boolean | null | undefined>;
type Child = Node | string | null | undefined;

const SVG = "http://www.w3.org/2000/svg";

export function el<K extends keyof HTMLElementTagNameMap>(
  tag: K,
  attributes: Attributes = {},
  ...children: Child[]
): HTMLElementTagNameMap[K] {
  const node = document.createElement(tag);
  apply(node, attributes);
  for (const child of children) if (child != null) node.append(child);
  return node;
}

export function svg(tag: string, attributes: Attributes = {}, ...children: Child[]): SVGElement {
  const node = document.createElementNS(SVG, tag);
  apply(node, attributes);
  for (const child of children) if (child != null) node.append(child);
  return node;
}

/** An icon of one path on a 24 by 24 field. */
export function icon(path: string): SVGElement {
  return svg("svg", { viewBox: "0 0 24 24", "aria-hidden": "true", class: "icon" }, svg("path", { d: path }));
}

export const ICONS = {
  play: "M8 5.2v13.6a1 1 0 0 0 1.5.86l11.2-6.8a1 1 0 0 0 0-1.72L9.5 4.34A1 1 0 0 0 8 5.2Z",
  pause: "M7 4.5h3.2v15H7zM13.8 4.5H17v15h-3.2z",
  plus: "M11 5h2v6h6v2h-6v6h-2v-6H5v-2h6z",
  minus: "M5 11h14v2H5z",
  all: "M3 5h2v14H3zm16 0h2v14h-2zM6 12l4-3.5V11h4V8.5l4 3.5-4 3.5V13h-4v2.5z",
  loop: "M7 7h10v3l4-4-4-4v3H5v6h2zm10 10H7v-3l-4 4 4 4v-3h12v-6h-2z",
  up: "M12 7.6 19 14.6 17.6 16 12 10.4 6.4 16 5 14.6z",
  down: "M12 16.4 5 9.4 6.4 8 12 13.6 17.6 8 19 9.4z",
  search: "M10.5 4a6.5 6.5 0 1 0 4 11.6l4.7 4.7 1.4-1.4-4.7-4.7A6.5 6.5 0 0 0 10.5 4Zm0 2a4.5 4.5 0 1 1 0 9 4.5 4.5 0 0 1 0-9Z",
  close: "M6.4 5 12 10.6 17.6 5 19 6.4 13.4 12l5.6 5.6-1.4 1.4L12 13.4 6.4 19 5 17.6 10.6 12 5 6.4z",
} as const;

function apply(node: Element, attributes: Attributes): void {
  for (const [name, value] of Object.entries(attributes)) {
    if (value === null || value === undefined || value === false) continue;
    node.setAttribute(name, value === true ? "" : String(value));
  }
}

let painted: boolean | null = null;

/** Whether this machine can draw emoji; where it cannot, an empty box would stand for every face. */
function drawsEmoji(): boolean {
  if (painted !== null) return painted;
  const canvas = el("canvas", { width: 24, height: 24 });
  const pen = canvas.getContext("2d", { willReadFrequently: true })!;
  pen.font = "18px sans-serif";
  pen.textBaseline = "top";
  pen.fillText("\u{1F9E1}", 0, 2);
  const { data } = pen.getImageData(0, 0, 24, 24);
  painted = data.some((value, index) => index % 4 === 0 && value !== data[index + 2]);
  return painted;
}

/** A persona's face: its emoji, or its initial. */
export function glyph(emoji: string, name: string, kind = "glyph"): HTMLElement {
  const drawn = drawsEmoji();
  return el("span", { class: drawn ? kind : `${kind} initial`, "aria-hidden": "true" }, drawn ? emoji : [...name][0]?.toUpperCase());
}

/** Whether the focus was last moved by the keyboard; after a click, Space and the arrows belong to the player. */
export const focus = { byKeyboard: false };

/** One stop for Tab in a row of buttons; the arrow keys go from one to the next. */
export function roving(container: HTMLElement, selector: string): void {
  container.dataset.roving = "";
  container.addEventListener("keydown", (event) => {
    const step = event.key === "ArrowRight" ? 1 : event.key === "ArrowLeft" ? -1 : 0;
    const from = event.target as HTMLElement;
    if (!step || event.ctrlKey || event.shiftKey || !focus.byKeyboard) return;
    if (!from.matches(selector)) return;
    const items = [...container.querySelectorAll<HTMLElement>(selector)];
    const next = items[items.indexOf(from) + step];
    event.preventDefault();
    event.stopPropagation();
    if (!next) return;
    from.tabIndex = -1;
    next.tabIndex = 0;
    next.focus();
  });
}

/** Whether the reader asked for less motion. */
export function still(): boolean {
  return window.matchMedia("(prefers-reduced-motion: reduce)").matches;
}
