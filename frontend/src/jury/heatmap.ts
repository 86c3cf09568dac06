/** The heat map: one row a persona, over them what all say together; its columns lie on the time axis of the stage. */

import { inkOn, opacityOf, scoreColour } from "../colour.ts";
import { el, glyph } from "../dom.ts";
import type { Viewport } from "../view.ts";
import { percent, range, reasonOf } from "../words.ts";
import { signed, tally } from "./figures.ts";
import { beside, passes, type Sieve, type Sort, sifted, sorted } from "./sift.ts";
import { type Item, type Judged, type JuryProps, keyOf, type Place } from "./types.ts";

/** The rows above the personas. */
export const TOGETHER = "*consensus";
export const APART_ROW = "*divergence";

export interface Cell {
  /** A persona's id, or one of the rows above. */
  row: string;
  item: Item;
  reaction: Judged | null;
  node: HTMLElement;
  start: number;
  end: number;
  through: boolean;
  /** How much of it lies before the view, in pixels. */
  inset: number;
}

interface Band {
  id: string;
  root: HTMLElement;
  sheet: HTMLElement;
  cells: Cell[];
}

interface Desk {
  /** A cell was chosen; once it was clicked, it is to be heard. */
  choose(cell: Cell, hear: boolean): void;
  tip(lines: string[] | null, event?: MouseEvent): void;
}

/** Room that a score needs, and one with its marks, in pixels. */
const TIGHT = 19;
const WIDE = 46;
/** Scores that are written alike have not moved. */
const SAME = 0.05;
const GLYPHS = { ok: "", failed: "!", abstained: "–", pending: "…" } as const;

export class HeatMap {
  readonly root = el("div", { class: "heat", role: "grid", "aria-label": "Scores by persona and time", "data-testid": "heat" });
  private bands: Band[] = [];
  private items = new Map<string, Item>();
  private columns = new Map<string, Cell[]>();
  private lit: string[] = [];
  private chosen: Cell | null = null;
  private scale = 0;
  private width = 0;

  constructor(
    private props: JuryProps,
    private readonly desk: Desk,
  ) {
    this.root.addEventListener("click", (event) => {
      const cell = this.cellOf(event.target);
      if (cell) this.desk.choose(cell, true);
    });
    this.root.addEventListener("pointermove", (event) => {
      const cell = this.cellOf(event.target);
      this.desk.tip(cell && this.describe(cell), event);
    });
    this.root.addEventListener("pointerleave", () => this.desk.tip(null));
    this.take(props);
  }

  /** Build the rows anew. */
  take(props: JuryProps): void {
    this.props = props;
    this.columns.clear();
    this.lit = [];
    this.scale = 0;
    this.items = new Map(props.jury.items.map((item) => [keyOf(item), item]));
    const was = new Map(props.jury.compare?.was.map((each) => [`${each.persona}/${keyOf(each)}`, each.score]));
    const above = [this.together(), this.apart()];
    const own = props.personas.map(({ id, name, emoji }) => {
      const reactions = props.reactions.filter(({ persona }) => persona === id);
      const make = (item: Item, thing: Item | Judged): HTMLElement => this.scored(item, thing as Judged, was.get(`${id}/${keyOf(item)}`));
      return this.band(id, "persona", glyph(emoji, name), name, this.figures(id), reactions, make);
    });
    this.bands = [...above, ...own];
    for (const band of this.bands) for (const cell of band.cells) {
      const key = keyOf(cell.item);
      this.columns.set(key, [...(this.columns.get(key) ?? []), cell]);
    }
    this.mark();
  }

  // --- what is on view ------------------------------------------------------------------------------

  /** Put the rows in order, leave those out that are switched off, and let stand back what is not let through. */
  show(sieve: Sieve, sort: Sort): { on: number; of: number } {
    const order = sorted(this.props.personas.filter(({ id }) => !sieve.off.has(id)), this.props.jury.rows, sort);
    const byId = new Map(this.bands.map((band) => [band.id, band]));
    const shown = [TOGETHER, APART_ROW, ...order.map(({ id }) => id)].map((id) => byId.get(id)!);
    this.root.replaceChildren(...shown.map(({ root }) => root));
    const through = sifted(this.props, sieve);
    let on = 0;
    for (const band of shown) for (const cell of band.cells) {
      cell.through = through.has(keyOf(cell.item)) && (cell.reaction === null || passes(cell.reaction, sieve));
      cell.node.classList.toggle("out", !cell.through);
      if (cell.reaction && cell.through) on++;
    }
    const of = order.reduce((sum, { id }) => sum + byId.get(id)!.cells.length, 0);
    return { on, of };
  }

  draw(view: Viewport): void {
    const width = view.width * (view.duration / view.span);
    const shift = `translateX(${(-view.start * view.pixelsPerSecond).toFixed(2)}px)`;
    const other = this.scale !== view.pixelsPerSecond || this.width !== view.width;
    for (const { sheet, cells } of this.bands) {
      sheet.style.transform = shift;
      if (other) sheet.style.width = `${width}px`;
      // The document is only written to where something changed: an hour of talk has ten thousand cells.
      for (const cell of cells) {
        if (other) fit(cell, (cell.end - cell.start) * view.pixelsPerSecond);
        const inset = cell.start < view.start && cell.end > view.start ? Math.round((view.start - cell.start) * view.pixelsPerSecond) : 0;
        if (inset === cell.inset) continue;
        cell.inset = inset;
        cell.node.style.paddingLeft = inset ? `${inset}px` : "";
      }
    }
    [this.scale, this.width] = [view.pixelsPerSecond, view.width];
  }

  /** Let the column glow that is heard. */
  light(time: number): void {
    const now = this.props.jury.items.filter(({ start, end }) => start <= time && time < end).map(keyOf);
    if (now.join() === this.lit.join()) return;
    for (const key of this.lit) for (const { node } of this.columns.get(key) ?? []) node.classList.remove("now");
    for (const key of now) for (const { node } of this.columns.get(key) ?? []) node.classList.add("now");
    this.lit = now;
  }

  // --- choosing ---------------------------------------------------------------------------------------

  choose(cell: Cell | null): void {
    const old = this.chosen;
    this.chosen = cell;
    for (const each of [old, cell]) {
      each?.node.setAttribute("aria-selected", String(each === cell));
      if (each) each.node.tabIndex = each === cell ? 0 : -1;
    }
    for (const { id, root } of this.bands) root.classList.toggle("chosen", id === cell?.row);
  }

  /** Move the focus onto the chosen cell, if it is within the map or `take` says so. */
  focus(take: boolean): void {
    const active = (this.root.getRootNode() as ShadowRoot).activeElement;
    if (this.chosen && (take || this.root.contains(active))) this.chosen.node.focus({ preventScroll: true });
  }

  find({ persona, kind, index }: Place): Cell | null {
    const band = this.bands.find(({ id }) => id === persona);
    return band?.cells.find(({ item }) => item.kind === kind && item.index === index) ?? null;
  }

  /** The cell that lies beside the chosen one; only what is let through counts. */
  walk(over: number, down: number): Cell | null {
    const shown = this.shown();
    const from = this.chosen;
    const row = shown.findIndex(({ id }) => id === from?.row);
    if (!from || row < 0) return shown.flatMap(open)[0] ?? null;
    if (over) {
      const cells = shown[row]!.cells.filter((cell) => cell.through || cell === from);
      return cells[cells.indexOf(from) + over] ?? null;
    }
    for (let next = row + down; next >= 0 && next < shown.length; next += down) {
      const cells = open(shown[next]!);
      const found = cells[beside(cells, from)];
      if (found) return found;
    }
    return null;
  }

  edge(end: boolean): Cell | null {
    const band = this.shown().find(({ id }) => id === this.chosen?.row);
    return (band && open(band).at(end ? -1 : 0)) ?? null;
  }

  private shown(): Band[] {
    return [...this.root.children].map((node) => this.bands.find(({ root }) => root === node)!);
  }

  private cellOf(target: EventTarget | null): Cell | null {
    const node = (target as HTMLElement).closest<HTMLElement>(".cell");
    if (!node) return null;
    for (const { sheet, cells } of this.bands) if (sheet.contains(node)) return cells.find((cell) => cell.node === node) ?? null;
    return null;
  }

  // --- building -----------------------------------------------------------------------------------------

  private together(): Band {
    return this.band(TOGETHER, "together", null, "All together", null, this.props.jury.items, (item) => {
      const name = item.consensus === null ? "nobody scored it" : `all together ${item.consensus.toFixed(1)} of 5`;
      const node = cellNode(item, `${name}, ${what(item)}`, item.consensus === null ? "" : item.consensus.toFixed(1));
      node.dataset.status = item.consensus === null ? "abstained" : "ok";
      if (item.consensus !== null) paint(node, item.consensus, 1);
      return node;
    });
  }

  private apart(): Band {
    return this.band(APART_ROW, "apart", null, "How far apart", null, this.props.jury.items, (item) => {
      const points = item.divergence;
      const node = cellNode(item, `${points === null ? "too few scores to tell" : `${points.toFixed(1)} points apart`}, ${what(item)}`, points === null ? "" : points.toFixed(1));
      // Its own scale, from nothing to the whole width of the scores: it says how much, not which way.
      node.style.setProperty("--apart", String(Math.min(1, (points ?? 0) / 3)));
      return node;
    });
  }

  private band(id: string, kind: string, face: HTMLElement | null, name: string, figures: HTMLElement | null, things: readonly (Item | Judged)[], make: (item: Item, thing: Item | Judged) => HTMLElement): Band {
    const { duration } = this.props.recording;
    const cells: Cell[] = [];
    for (const thing of things) {
      const item = this.items.get(keyOf(thing));
      if (!item) continue;
      const node = make(item, thing);
      node.style.left = `${((item.start / duration) * 100).toFixed(6)}%`;
      node.style.width = `calc(${(((item.end - item.start) / duration) * 100).toFixed(6)}% - 1px)`;
      node.dataset.row = id;
      cells.push({ row: id, item, reaction: "persona" in thing ? thing : null, node, start: item.start, end: item.end, through: true, inset: 0 });
    }
    cells.sort((a, b) => a.start - b.start || a.item.kind.localeCompare(b.item.kind));
    // Speech over music: both are heard at once, so the row is shared.
    const shared = new Set(cells.map(({ item }) => item.kind)).size > 1;
    const sheet = el("div", { class: shared ? "sheet both" : "sheet", role: "presentation" }, ...cells.map(({ node }) => node));
    const head = el("div", { class: "name", role: "rowheader", title: name }, face, el("span", {}, name));
    const root = el("div", { class: `row ${kind}`, role: "row", "data-testid": "heat-row", "data-row": id }, head, el("div", { class: "track", role: "presentation" }, sheet), figures);
    return { id, root, sheet, cells };
  }

  private figures(persona: string): HTMLElement | null {
    const row = this.props.jury.rows.find((each) => each.persona === persona);
    const compared = this.props.jury.compare?.rows.find((each) => each.persona === persona);
    return row ? tally(row, compared) : null;
  }

  private scored(item: Item, reaction: Judged, was: number | null | undefined): HTMLElement {
    const name = this.nameOf(reaction.persona);
    const { score, status } = reaction;
    const says = score === null ? `not scored: ${reasonOf(reaction)}` : `${score.toFixed(1)} of 5`;
    const node = cellNode(item, `${name}: ${says}, ${what(item)}`, score === null ? GLYPHS[status] : score.toFixed(1));
    node.dataset.status = status;
    node.dataset.score = score === null ? "" : score.toFixed(2);
    if (score !== null) paint(node, score, opacityOf(reaction.confidence));
    if (was != null && score !== null && Math.abs(score - was) >= SAME) {
      node.classList.add("split");
      node.style.setProperty("--was", scoreColour(was));
    }
    return node;
  }

  /** Mark each persona's best and worst: the outermost of each, or half the map would be marks. */
  private mark(): void {
    for (const { persona, moments } of this.props.jury.rows)
      for (const side of ["best", "worst"] as const) {
        const peak = moments.find(({ kind }) => kind === side);
        const node = peak && this.find({ persona, ...peak.target })?.node;
        if (node) node.dataset.peak = side;
      }
  }

  private nameOf(persona: string): string {
    return this.props.personas.find(({ id }) => id === persona)?.name ?? persona;
  }

  private describe({ row, item, reaction }: Cell): string[] {
    const when = `${what(item)} · ${range(item)}`;
    if (!reaction) {
      if (row === TOGETHER) return [item.consensus === null ? "nobody scored it" : `all together ${item.consensus.toFixed(1)} of 5`, when];
      return [item.divergence === null ? "too few scores to tell" : `${item.divergence.toFixed(1)} points from lowest to highest`, when];
    }
    const name = this.nameOf(reaction.persona);
    if (reaction.score === null) return [`${name}: ${reaction.status === "ok" ? "not scored" : reaction.status}`, when, reasonOf(reaction)];
    const was = this.props.jury.compare?.was.find((each) => each.persona === reaction.persona && keyOf(each) === keyOf(reaction))?.score;
    const sure = reaction.confidence === null ? "" : ` · ${percent(reaction.confidence)} sure, ${reaction.calibrated ? "calibrated" : "uncalibrated"}`;
    return [
      `${name}: ${reaction.score.toFixed(1)} of 5`,
      `${when}${sure}`,
      ...(was === undefined || was === null ? [] : [`${this.props.jury.compare!.name}: ${was.toFixed(1)} (${signed(reaction.score - was)} now)`]),
      ...(reaction.opinion ? [`“${reaction.opinion}”`] : []),
    ];
  }
}

/** Let a cell show as much as it has room for. */
function fit({ node }: Cell, pixels: number): void {
  const room = pixels >= WIDE ? "wide" : pixels >= TIGHT ? "tight" : "none";
  if (node.dataset.room !== room) node.dataset.room = room;
}

function open({ cells }: Band): Cell[] {
  return cells.filter(({ through }) => through);
}

/** What an item is called. */
export function what({ kind, index }: Pick<Item, "kind" | "index">): string {
  return `${kind} ${index + 1}`;
}

function cellNode(item: Item, label: string, text: string): HTMLElement {
  return el(
    "div",
    { class: "cell", role: "gridcell", tabindex: -1, "aria-selected": "false", "aria-label": label, "data-testid": "cell", "data-kind": item.kind, "data-index": item.index, "data-start": item.start },
    el("span", { "aria-hidden": "true" }, text),
  );
}

function paint(node: HTMLElement, score: number, opacity: number): void {
  node.style.setProperty("--paint", scoreColour(score, opacity));
  node.style.setProperty("--ink-on", inkOn(score, opacity));
}
