/** The lanes under the waveform: they share its time axis, and every item can be pointed at, clicked and tabbed to. */

import { opacityOf } from "./colour.ts";
import { drawActivity, drawReactions, Surface } from "./draw.ts";
import { el, focus, glyph, roving } from "./dom.ts";
import { tellsForm } from "./form.ts";
import { spanAt } from "./time.ts";
import type { Activity, Also, Passage, Persona, Props, Reaction, Section } from "./types.ts";
import type { Viewport } from "./view.ts";
import { bars, describePassage, describeReaction, describeSection, judged, range } from "./words.ts";

export interface Lane {
  row: HTMLElement;
  /** Drawn on canvas: those come first in a frame, as text on canvas waits for every style that was changed before. */
  painted: boolean;
  draw(view: Viewport): void;
  /** The sound is at `time`. */
  light(time: number): void;
  /** Let those items stand back that do not match; null lets none. */
  dim?(matches: readonly boolean[] | null): void;
}

export interface Stage {
  view: Viewport;
  seek(time: number): void;
  play(time: number): void;
  tip(lines: string[] | null, event?: PointerEvent | MouseEvent): void;
  why(reaction: Reaction): void;
}

type Spanned = { start: number; end: number };

/** The lanes of a recording; one without items is left out. */
export function lanesOf(props: Props, stage: Stage): Lane[] {
  const lanes: Lane[] = [];
  if (props.sections.length) lanes.push(sectionLane(props, stage));
  for (const { name, items } of props.also ?? []) if (items.length) lanes.push(furtherLane(name, items, stage));
  if (props.activity.length > 1) lanes.push(activityLane(props.activity, stage));
  if (props.passages.length) lanes.push(passageLane(props.passages, stage));
  for (const persona of props.personas) {
    const own = props.reactions.filter((reaction) => reaction.persona === persona.id);
    if (own.length) lanes.push(audienceLane(persona, own, stage));
  }
  return lanes;
}

function row(kind: string, name: string, track: HTMLElement, face?: string): HTMLElement {
  const label = face ? glyph(face, name) : null;
  return el("div", { class: `row ${kind}`, "data-lane": kind }, el("div", { class: "name", title: name }, label, el("span", {}, name)), track);
}

/** A lane of real buttons; only those on view exist. */
function buttonLane<T extends Spanned>(
  items: readonly T[],
  options: {
    kind: string;
    name: string;
    one: string;
    make(item: T, button: HTMLButtonElement, index: number): void;
    describe(item: T): string[];
  },
  stage: Stage,
): Lane {
  const track = el("div", { class: "track", role: "group", "aria-label": options.name });
  const buttons = new Map<number, HTMLButtonElement>();
  let current = -1;
  let matching: readonly boolean[] | null = null;

  function button(item: T, index: number): HTMLButtonElement {
    const node = el("button", {
      type: "button",
      class: `item ${options.one}`,
      "data-testid": options.one,
      "data-index": index,
      "data-start": item.start,
      tabindex: -1,
      "aria-label": options.describe(item).join(", "),
    });
    options.make(item, node, index);
    node.addEventListener("click", () => stage.seek(item.start));
    node.addEventListener("dblclick", () => stage.play(item.start));
    node.addEventListener("pointermove", (event) => stage.tip(options.describe(item), event));
    node.addEventListener("pointerleave", () => stage.tip(null));
    return node;
  }

  /** Keep the buttons in the order of time, for Tab, arrows and screen readers. */
  function place(node: HTMLButtonElement, index: number): void {
    let next = track.lastElementChild as HTMLElement | null;
    while (next && Number(next.dataset.index) > index) next = next.previousElementSibling as HTMLElement | null;
    if (next) next.after(node);
    else track.prepend(node);
  }

  roving(track, "button.item");
  return {
    row: row(options.kind, options.name, track),
    painted: false,
    draw(view) {
      const seen = new Set<number>();
      let lastRight = -Infinity;
      for (let index = Math.max(0, firstEnding(items, view.start)); index < items.length; index++) {
        const item = items[index]!;
        if (item.start > view.end) break;
        const left = Math.max(-8, view.toX(item.start));
        const right = Math.min(view.width + 8, view.toX(item.end));
        // Thousands of slivers cannot be told apart: one stands for those that share its pixels.
        if (right - lastRight < 1.5 && index !== current && !matching?.[index]) continue;
        lastRight = right;
        seen.add(index);
        let node = buttons.get(index);
        if (!node) {
          node = button(item, index);
          buttons.set(index, node);
          place(node, index);
        }
        const width = Math.max(2, right - left - 2);
        const inset = left < 0 ? ` --inset: ${(-left).toFixed(0)}px` : "";
        const style = `${node.dataset.style ?? ""}transform: translateX(${left.toFixed(1)}px); width: ${width.toFixed(1)}px;${inset}`;
        node.style.cssText = style;
        const room = width < 30 ? "narrow" : width < 132 ? "tight" : "wide";
        if (node.dataset.room !== room) node.dataset.room = room;
        node.classList.toggle("now", index === current);
        node.classList.toggle("dim", matching !== null && !matching[index]);
      }
      for (const [index, node] of buttons) {
        if (seen.has(index) || node.matches(":focus")) continue;
        node.remove();
        buttons.delete(index);
      }
      if (!track.querySelector('[tabindex="0"]')) (buttons.get(current) ?? track.querySelector("button"))?.setAttribute("tabindex", "0");
    },
    light(time) {
      const index = spanAt(items, time);
      if (index === current) return;
      buttons.get(current)?.classList.remove("now");
      buttons.get(current)?.removeAttribute("aria-current");
      current = index;
      buttons.get(current)?.classList.add("now");
      buttons.get(current)?.setAttribute("aria-current", "true");
    },
    dim: (matches) => void (matching = matches),
  };
}

/** Index of the first item that ends after `time`; items do not overlap much, so one look back is enough. */
function firstEnding(items: readonly Spanned[], time: number): number {
  let low = 0;
  let high = items.length;
  while (low < high) {
    const mid = (low + high) >> 1;
    if (items[mid]!.end <= time) low = mid + 1;
    else high = mid;
  }
  return low - 1;
}

function sectionLane(props: Props, stage: Stage): Lane {
  const byPerson = props.sectionsBy?.person ?? false;
  const lane = buttonLane<Section>(
    props.sections,
    {
      kind: "sections",
      name: props.sectionsBy?.name ?? "Sections",
      one: "section",
      make(section, button) {
        button.dataset.style = `--colour: ${section.colour}; `;
        button.classList.add(byPerson ? "truth" : "suggestion");
        button.dataset.label = section.label;
        const length = bars(section);
        button.append(el("span", { class: "label" }, section.label), length ? el("span", { class: "bars" }, length) : "");
      },
      describe: (section) => describeSection(section, byPerson),
    },
    stage,
  );
  // Where no section differs from the next, the lane stands back behind those that say more.
  lane.row.classList.toggle("plain", !tellsForm(props));
  return lane;
}

function furtherLane(name: string, items: readonly Also[], stage: Stage): Lane {
  return buttonLane<Also>(
    items,
    {
      kind: "further",
      name,
      one: "further-item",
      make(item, button) {
        button.dataset.style = `--colour: ${item.colour}; `;
        button.dataset.kind = item.kind;
        button.classList.add("section", "truth");
        button.append(el("span", { class: "label" }, item.label));
        if (item.kind === "difference") button.addEventListener("click", () => stage.play(item.start));
      },
      describe: (item) => [item.label, range(item)],
    },
    stage,
  );
}

function passageLane(passages: readonly Passage[], stage: Stage): Lane {
  return buttonLane<Passage>(
    passages,
    {
      kind: "passages",
      name: "Topics",
      one: "passage-item",
      make(passage, button) {
        if (passage.topic.label === null) button.classList.add("unknown");
        button.dataset.style = `--sure: ${opacityOf(passage.topic.confidence).toFixed(2)}; `;
        const flag = passage.safety.status === "flagged" ? el("span", { class: "flag", "aria-hidden": "true" }, "⚑") : "";
        button.append(flag, el("span", { class: "label" }, judged(passage.topic, "topic")));
      },
      describe: describePassage,
    },
    stage,
  );
}

/** A lane drawn on canvas. One stop for Tab, arrows walk its items, Enter goes there. */
function canvasLane<T extends Spanned>(
  items: readonly T[],
  options: {
    kind: string;
    name: string;
    face?: string;
    paint(surface: Surface, view: Viewport, active: number): void;
    describe(item: T): string[];
    /** What a click does beyond going there. */
    chosen?(item: T): void;
  },
  stage: Stage,
): Lane {
  const canvas = el("canvas", { "aria-hidden": "true" });
  const option = el("span", { role: "option", class: "hidden", "aria-selected": "true" });
  const track = el("div", { class: "track canvas", role: "listbox", tabindex: 0, "aria-label": options.name }, canvas, option);
  option.id = `option-${Math.random().toString(36).slice(2)}`;
  const surface = new Surface(canvas);
  let active = -1;
  let focused = false;

  const under = (event: MouseEvent): number => lastSpanAt(items, stage.view.toTime(event.clientX - track.getBoundingClientRect().left));
  const walk = (index: number): void => {
    active = Math.min(items.length - 1, Math.max(0, index));
    option.textContent = options.describe(items[active]!).join(", ");
    track.setAttribute("aria-activedescendant", option.id);
    lane.draw(stage.view);
  };

  const lane: Lane = {
    row: row(options.kind, options.name, track, options.face),
    painted: true,
    draw(view) {
      surface.fit();
      options.paint(surface, view, focused ? active : -1);
    },
    light() {},
  };
  track.dataset.roving = "";
  track.addEventListener("click", (event) => {
    const index = under(event);
    if (index < 0) return;
    stage.seek(items[index]!.start);
    options.chosen?.(items[index]!);
  });
  track.addEventListener("pointermove", (event) => {
    const index = under(event);
    track.classList.toggle("pointing", index >= 0);
    stage.tip(index < 0 ? null : options.describe(items[index]!), event);
  });
  track.addEventListener("pointerleave", () => stage.tip(null));
  track.addEventListener("focus", () => {
    focused = focus.byKeyboard;
    walk(Math.max(0, active < 0 ? spanAt(items, stage.view.start + stage.view.span / 2) : active));
  });
  track.addEventListener("blur", () => {
    focused = false;
    lane.draw(stage.view);
  });
  track.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.shiftKey) return;
    if (event.key === "ArrowRight") walk(active + 1);
    else if (event.key === "ArrowLeft") walk(active - 1);
    else if (event.key === "Enter" && items[active]) {
      stage.seek(items[active]!.start);
      options.chosen?.(items[active]!);
    } else return;
    event.preventDefault();
    event.stopPropagation();
  });
  return lane;
}

/** The last of the spans that hold `time`: what is drawn last lies on top. */
function lastSpanAt(items: readonly Spanned[], time: number): number {
  for (let index = items.length - 1; index >= 0; index--) {
    if (items[index]!.start <= time && time < items[index]!.end) return index;
  }
  return -1;
}

function activityLane(activity: readonly Activity[], stage: Stage): Lane {
  return canvasLane(
    activity,
    {
      kind: "activity",
      name: "Sound",
      paint: (surface, view) => drawActivity(surface, view, activity),
      describe: (span) => [span.label === "speech+music" ? "speech over music" : span.label, range(span)],
    },
    stage,
  );
}

function audienceLane(persona: Persona, own: readonly Reaction[], stage: Stage): Lane {
  // Passages on top of sections: the finer judgement is the one on view.
  const items = [...own].sort((a, b) => Number(a.kind === "passage") - Number(b.kind === "passage") || a.start - b.start);
  return canvasLane(
    items,
    {
      kind: "audience",
      name: persona.name,
      face: persona.emoji,
      paint: (surface, view, active) => drawReactions(surface, view, items, active),
      describe: (reaction) => describeReaction(reaction, persona),
      chosen: stage.why,
    },
    stage,
  );
}
