/** The audience on one stage: waveform, heat map of persona and time, and the card of the cell that was chosen. */

import { el, focus, icon, ICONS } from "../dom.ts";
import { type Facet, toggled } from "../filter.ts";
import { paintOf } from "../form.ts";
import { chipsOf } from "../header.ts";
import { type Lane, lanesOf } from "../lanes.ts";
import playerStyle from "../player.css";
import base from "../stage.css";
import { Stage } from "../stage.ts";
import { Grid, spanAt } from "../time.ts";
import type { Sources } from "../types.ts";
import type { Viewport } from "../view.ts";
import { card } from "./card.ts";
import { APART_ROW, type Cell, HeatMap } from "./heatmap.ts";
import { type HeardPanel, heardPanel } from "./heard.ts";
import { juryHelp } from "./help.ts";
import style from "./jury.css";
import { type JuryAction, juryActionOf, juryKeyFor } from "./keys.ts";
import { Ratings } from "./saving.ts";
import { OPEN, type Sieve, type Sort, SORTS } from "./sift.ts";
import { type Toolbar, toolbar } from "./toolbar.ts";
import { type Alert, type JuryProps, keyOf } from "./types.ts";
import { alertsOf, peaksOf } from "./under.ts";

/** Further than this from where a quotation begins, in seconds, somebody went elsewhere. */
const ELSEWHERE = 0.4;

export class Jury {
  readonly root: HTMLElement;
  private readonly stage: Stage;
  private readonly heat: HeatMap;
  private readonly ratings: Ratings;
  private grid: Grid;
  private lanes: Lane[] = [];
  private tools: Toolbar;
  private sieve: Sieve = OPEN;
  private sort: Sort = "mean";
  private cell: Cell | null = null;
  private heard: HeardPanel | null = null;
  private unfolded = false;
  /** What is played no further than its end: a quotation. */
  private excerpt: { start: number; end: number } | null = null;

  private readonly title = el("h2", { "data-testid": "jury-title" });
  private readonly standing = el("p", { class: "artist", "data-testid": "standing" });
  private readonly chips = el("div", { class: "chips" });
  private readonly toolRows = el("div", { class: "tool-rows" });
  private readonly under = el("div", { class: "under" });
  private readonly lower = el("div", { class: "lower" });
  private readonly help = juryHelp(() => this.toggleHelp(false));
  private readonly onKey = (event: KeyboardEvent): void => this.key(event);

  constructor(
    private readonly host: HTMLElement,
    private props: JuryProps,
    sources: Sources,
    private readonly rated: () => void,
  ) {
    const shadow = host.shadowRoot ?? host.attachShadow({ mode: "open" });
    const { url, rater, said } = props.jury.ratings;
    this.grid = new Grid(props.beats, props.beatsPerBar ?? 4);
    this.ratings = new Ratings(url, rater, said, () => this.renewCard(), () => this.rated());
    this.stage = this.setUp(sources);
    // Frames may be rare, on a busy machine or in a hidden tab.
    for (const name of ["seeking", "timeupdate"]) this.stage.sound.element.addEventListener(name, this.stopAfterExcerpt);
    this.stage.open(props.peaks);
    const { tip } = this.stage;
    this.heat = new HeatMap(props, { choose: (cell, hear) => this.choose(cell, hear), tip: (lines, event) => tip.show(lines, event) });
    this.tools = this.toolbar();
    this.root = this.build();
    shadow.replaceChildren(el("style", {}, base + playerStyle + style), this.root);
    this.render();
    this.choose(this.opening(), false);
    document.addEventListener("keydown", this.onKey, true);
    document.addEventListener("keyup", this.onKey, true);
    if (props.at > 0) this.stage.sound.seek(props.at);
    this.stage.invalidate();
  }

  /** Take new data for the same recording; the sound goes on, what was chosen stays chosen. */
  update(props: JuryProps): void {
    if (JSON.stringify(props) === JSON.stringify(this.props)) return;
    const { at, peaks, jury } = this.props;
    this.props = props;
    this.grid = new Grid(props.beats, props.beatsPerBar ?? 4);
    if (JSON.stringify(props.peaks) !== JSON.stringify(peaks)) this.stage.open(props.peaks);
    const place = this.cell && { persona: this.cell.row, kind: this.cell.item.kind, index: this.cell.item.index };
    this.heat.take(props);
    this.tools = this.toolbar();
    this.ratings.take(props.jury.ratings.said);
    this.render();
    const wanted = props.jury.selected && JSON.stringify(props.jury.selected) !== JSON.stringify(jury.selected);
    this.choose(wanted ? this.opening() : ((place && this.heat.find(place)) ?? this.opening()), false);
    if (props.at !== at) this.stage.seek(props.at);
    this.stage.invalidate("view", "overview");
  }

  close(): void {
    document.removeEventListener("keydown", this.onKey, true);
    document.removeEventListener("keyup", this.onKey, true);
    this.stage.close();
    this.root.remove();
  }

  // --- building -------------------------------------------------------------------------------------

  private setUp(sources: Sources): Stage {
    const jury = this;
    return new Stage(
      {
        name: "jury",
        playKey: juryKeyFor("play"),
        get grid() {
          return jury.grid;
        },
        parts: () => paintOf(this.props),
        draw: (view) => this.draw(view),
        light: (time) => this.light(time),
        before: () => this.stopAfterExcerpt(),
        looping: () => undefined,
        named: (time) => this.props.sections[spanAt(this.props.sections, time)]?.label ?? "",
      },
      this.props.recording.duration,
      sources,
    );
  }

  private toolbar(): Toolbar {
    return toolbar(this.props, { sift: (sieve) => this.sift(sieve), sort: (sort) => this.order(sort) });
  }

  private build(): HTMLElement {
    const { stage } = this;
    const zoom = (way: "in" | "out" | "all", path: string, says: string): HTMLElement => {
      const button = el("button", { type: "button", class: `control ${way}`, title: says, "aria-label": says }, icon(path));
      button.addEventListener("click", () => stage.zoom(way));
      return button;
    };
    stage.controls.append(zoom("in", ICONS.plus, "zoom in (+)"), zoom("out", ICONS.minus, "zoom out (−)"), zoom("all", ICONS.all, "show everything (0)"));
    const keys = el("button", { type: "button", class: "keys" }, el("kbd", {}, juryKeyFor("help")), "keys");
    keys.addEventListener("click", () => this.toggleHelp());
    const head = el("header", { class: "head" }, stage.playButton, el("div", { class: "titles" }, this.title, this.standing), this.chips, stage.clock);
    const foot = el("div", { class: "base" }, this.under, el("footer", {}, stage.status, keys));
    const box = el("div", { class: "stage" }, head, stage.axis, foot, this.help);
    const root = el("div", { class: "player jury", "data-testid": "jury", role: "region", "aria-label": "Audience" }, box, this.lower, stage.tip.root, stage.sound.element);
    root.addEventListener("pointerdown", () => (focus.byKeyboard = false), true);
    return root;
  }

  /** Put the data into place. */
  private render(): void {
    const { props, stage } = this;
    this.title.textContent = props.recording.title;
    this.title.title = props.recording.title;
    this.standing.textContent = `Simulated audience, ${props.jury.standing}. No person gave these scores.`;
    this.chips.replaceChildren(chipsOf(props));
    const tip = (lines: string[] | null, event?: PointerEvent | MouseEvent): void => stage.tip.show(lines, event);
    const hear = (time: number): void => this.play(time);
    this.lanes = lanesOf({ ...props, personas: [], activity: [] }, { view: stage.view, seek: (time) => stage.seek(time), play: hear, tip, why: () => undefined });
    this.toolRows.replaceChildren(this.tools.root, this.tools.panel);
    stage.lanes.replaceChildren(...this.lanes.map((lane) => lane.row), this.toolRows, this.heat.root);
    this.root.classList.toggle("crowded", props.personas.length > 7);
    this.resift();
  }

  // --- choosing -------------------------------------------------------------------------------------

  /** The cell of the address; else the lowest score of all, as that is what one wants to hear about. */
  private opening(): Cell | null {
    const { reactions, jury } = this.props;
    const said = jury.selected && this.heat.find(jury.selected);
    if (said) return said;
    const lowest = reactions.reduce<JuryProps["reactions"][number] | null>((low, each) => (each.score !== null && (low === null || each.score < low.score!) ? each : low), null);
    const first = lowest ?? reactions[0];
    return first ? this.heat.find(first) : null;
  }

  private choose(cell: Cell | null, hear: boolean, take = false): void {
    const other = cell?.row !== this.cell?.row;
    this.cell = cell;
    this.heat.choose(cell);
    this.heat.focus(take);
    if (other || !this.under.childElementCount) this.renewUnder();
    this.renewCard();
    if (cell && hear) this.play(cell.start);
  }

  /** The card and what is heard, made anew: another cell was chosen, or somebody has rated. */
  private renewCard(): void {
    const { cell, props, stage } = this;
    if (!this.root) return;
    const folded = !this.lower.querySelector<HTMLDetailsElement>(".provenance")?.open;
    const active = (this.root.getRootNode() as ShadowRoot).activeElement as HTMLElement | null;
    const held = active?.closest(".rating") ? active.dataset.score : undefined;
    this.heard = null;
    if (!cell) return this.lower.replaceChildren(el("p", { class: "facts" }, "Nothing is scored here."));
    const why = card(cell, props, { play: (time, until) => this.play(time, until), choose: (reaction) => this.choose(this.heat.find(reaction), false), ratings: this.ratings });
    this.heard = heardPanel(cell.item, props, {
      seek: (time) => stage.seek(time),
      play: (time) => this.play(time),
      choose: (facet, value) => this.sift({ ...this.sieve, passages: toggled(this.sieve.passages, facet as Facet, value) }),
      unfold: () => undefined,
      tip: stage.tip,
    });
    this.heard.press(this.sieve.passages);
    this.lower.replaceChildren(why, this.heard.root);
    if (!folded) this.lower.querySelector<HTMLDetailsElement>(".provenance")?.setAttribute("open", "");
    if (held !== undefined) this.lower.querySelector<HTMLElement>(`.rate[data-score="${held}"]`)?.focus();
    stage.invalidate();
  }

  private renewUnder(): void {
    const desk = {
      moment: (peak: { persona: string; target: { kind: "passage" | "section"; index: number } }) => this.choose(this.heat.find({ persona: peak.persona, ...peak.target }), true),
      alert: (alert: Alert) => this.hearAlert(alert),
    };
    const peaks = this.cell && peaksOf(this.props, this.cell.row, desk);
    const alerts = alertsOf(this.props.jury.alerts, this.unfolded, desk, () => {
      this.unfolded = true;
      this.renewUnder();
    });
    this.under.replaceChildren(...(peaks ? [peaks] : []), ...alerts);
  }

  /** Go where an alert points: to its persona, and to the moment. */
  private hearAlert({ persona, start }: Alert): void {
    const { items } = this.props.jury;
    const item = items.find((each) => each.start <= start + 1e-3 && start < each.end);
    const cell = item && this.heat.find({ ...item, persona: persona ?? APART_ROW });
    if (cell) this.choose(cell, false);
    this.play(start);
  }

  private sift(sieve: Sieve): void {
    this.sieve = sieve;
    this.resift();
  }

  private order(sort: Sort): void {
    this.sort = sort;
    this.resift();
  }

  private resift(): void {
    const seen = this.heat.show(this.sieve, this.sort);
    this.tools.show(this.sieve, this.sort, seen);
    this.heard?.press(this.sieve.passages);
    this.heat.focus(false);
    this.stage.invalidate("view");
  }

  // --- sounding -------------------------------------------------------------------------------------

  private play(start: number, until?: number): void {
    this.excerpt = until === undefined ? null : { start, end: until };
    if (this.stage.sound.loop) this.stage.setLoop(null);
    this.stage.playFrom(start);
  }

  /** A quotation ends where it ends; who goes elsewhere meanwhile hears what is there. */
  private readonly stopAfterExcerpt = (event?: Event): void => {
    const { excerpt } = this;
    const { element } = this.stage.sound;
    if (!excerpt) return;
    if (event?.type === "seeking") {
      if (Math.abs(element.currentTime - excerpt.start) > ELSEWHERE) this.excerpt = null;
    } else if (!element.seeking && element.currentTime >= excerpt.end) {
      this.excerpt = null;
      element.pause();
    }
  };

  private toggleLoop(): void {
    const { cell, stage } = this;
    stage.setLoop(stage.sound.loop || !cell ? null : { start: cell.start, end: cell.end });
    if (stage.sound.loop) stage.playFrom(stage.sound.loop.start);
  }

  // --- keys -----------------------------------------------------------------------------------------

  private act(action: JuryAction): void {
    const { stage, heat, cell } = this;
    switch (action.do) {
      case "play":
        this.excerpt = null;
        return stage.toggle();
      case "walk":
        return this.step(heat.walk(action.over, action.down));
      case "edge":
        return this.step(heat.edge(action.end));
      case "hear":
        return void (cell && this.play(cell.start));
      case "rate":
        return void (cell && this.rate(cell, action.score));
      case "moment":
        return this.peak(action.kind);
      case "apart":
        return this.sift({ ...this.sieve, apart: !this.sieve.apart });
      case "sort":
        return this.order(SORTS[(SORTS.indexOf(this.sort) + 1) % SORTS.length]!);
      case "loop":
        return this.toggleLoop();
      case "zoom":
        return stage.zoom(action.way);
      case "help":
        return this.toggleHelp();
      case "close":
        this.dismiss();
    }
  }

  /** Choose the next cell; the view goes there. */
  private step(cell: Cell | null): void {
    if (!cell) return;
    this.choose(cell, false, true);
    const { view } = this.stage;
    if (!view.whole && (cell.start < view.start || cell.end > view.end)) {
      view.set(cell.start - view.span * 0.2, view.span);
      this.stage.follow = false;
      this.stage.invalidate("view");
    }
  }

  private rate(cell: Cell, score: number): void {
    if (this.ratings.rater) return this.ratings.rate(cell.item, score);
    this.lower.querySelector<HTMLElement>(".named input")?.focus();
  }

  private peak(kind: "best" | "worst"): void {
    const row = this.props.jury.rows.find(({ persona }) => persona === this.cell?.row);
    const found = row?.moments.find((each) => each.kind === kind);
    if (row && found) this.choose(this.heat.find({ persona: row.persona, ...found.target }), true, true);
  }

  private toggleHelp(open = this.help.hidden): void {
    this.help.hidden = !open;
    if (open) this.help.scrollIntoView({ block: "nearest" });
  }

  /** Close what lies on top; false if there was nothing to close. */
  private dismiss(): boolean {
    if (!this.help.hidden) this.toggleHelp(false);
    else if (this.stage.sound.loop) this.stage.setLoop(null);
    else return false;
    return true;
  }

  private key(event: KeyboardEvent): void {
    const path = event.composedPath();
    const target = path[0] as HTMLElement;
    const inside = path.includes(this.host);
    if (inside && event.key === "Tab") focus.byKeyboard = true;
    const idle = target === document.body || target === document.documentElement || target.contains?.(this.host);
    if (!inside && !idle) return;
    if (/^(INPUT|TEXTAREA|SELECT)$/.test(target.tagName) || target.isContentEditable) {
      // The page has keys of its own for letters.
      if (inside) event.stopPropagation();
      return;
    }
    const action = juryActionOf(event);
    if (!action) return;
    // A button that has the focus is pressed by Space and Enter, and a list of words is walked by its arrows.
    const pressed = (event.key === " " && focus.byKeyboard) || event.key === "Enter";
    if (inside && pressed && /^(BUTTON|SUMMARY)$/.test(target.tagName)) return;
    if (inside && focus.byKeyboard && /^Arrow(Left|Right)$/.test(event.key) && target.closest("[data-roving]")) return;
    if (action.do === "close") {
      if (event.type === "keydown" && !this.dismiss()) return;
    } else if (event.type === "keydown") this.act(action);
    event.preventDefault();
    event.stopPropagation();
  }

  // --- drawing --------------------------------------------------------------------------------------

  private draw(view: Viewport): void {
    for (const painted of [true, false]) for (const lane of this.lanes) if (lane.painted === painted) lane.draw(view);
    this.heat.draw(view);
  }

  private light(time: number): void {
    for (const lane of this.lanes) lane.light(time);
    this.heat.light(time);
    this.heard?.light(time);
    this.stage.status.dataset.cell = this.cell ? `${this.cell.row}/${keyOf(this.cell.item)}` : "";
  }
}
