/** The faces of the simulated listeners, and the panel that says why one of them scored as it did. */

import { scoreColour } from "./colour.ts";
import { el, glyph, icon, ICONS, still, svg } from "./dom.ts";
import { short } from "./time.ts";
import type { Persona, Props, Reaction } from "./types.ts";
import { percent, range, reasonOf } from "./words.ts";

const RADIUS = 27;
const ROUND = 2 * Math.PI * RADIUS;

export interface Audience {
  root: HTMLElement;
  light(time: number): void;
  show(reaction: Reaction): void;
  /** Close the panel; false if none was open. */
  hide(): boolean;
}

interface Face {
  button: HTMLButtonElement;
  set(reaction: Reaction | null): void;
  reaction: Reaction | null;
}

export function audience(props: Props, play: (time: number) => void): Audience {
  const panel = el("div", { class: "why", "data-testid": "why", role: "region", "aria-live": "polite", hidden: true });
  const people = props.personas.filter((persona) => props.reactions.some((reaction) => reaction.persona === persona.id));
  const own = people.map((persona) => props.reactions.filter((reaction) => reaction.persona === persona.id));
  const faces = people.map((persona) => face(persona));
  let opened: Face | null = null;

  faces.forEach((each, index) => {
    each.button.addEventListener("click", () => {
      const reaction = each.reaction ?? nearest(own[index]!, latest);
      if (opened === each && !panel.hidden) hide();
      else if (reaction) {
        show(reaction);
        panel.scrollIntoView({ block: "nearest", behavior: still() ? "auto" : "smooth" });
      }
    });
  });
  let latest = 0;

  function show(reaction: Reaction): void {
    const index = people.findIndex((persona) => persona.id === reaction.persona);
    opened?.button.setAttribute("aria-expanded", "false");
    opened = faces[index] ?? null;
    opened?.button.setAttribute("aria-expanded", "true");
    panel.setAttribute("aria-label", `Why ${people[index]?.name ?? reaction.persona}`);
    panel.replaceChildren(...explain(reaction, people[index]!, play, hide));
    panel.hidden = false;
  }

  function hide(): boolean {
    if (panel.hidden) return false;
    const inside = panel.contains((panel.getRootNode() as ShadowRoot).activeElement ?? null);
    panel.hidden = true;
    opened?.button.setAttribute("aria-expanded", "false");
    if (inside) opened?.button.focus();
    opened = null;
    return true;
  }

  return {
    root: el(
      "section",
      { class: "audience", "aria-label": "Audience" },
      el("h3", {}, "Audience", el("small", {}, "simulated listeners, 1 to 5")),
      el("div", { class: "faces" }, ...faces.map((each) => each.button)),
      panel,
    ),
    light(time) {
      latest = time;
      faces.forEach((each, index) => each.set(reactionAt(own[index]!, time)));
    },
    show,
    hide,
  };
}

/** The reaction to what is heard at `time`; to the passage rather than to the section around it. */
function reactionAt(reactions: readonly Reaction[], time: number): Reaction | null {
  let found: Reaction | null = null;
  for (const reaction of reactions) {
    if (reaction.start > time) break;
    if (time < reaction.end && (!found || reaction.kind === "passage")) found = reaction;
  }
  return found;
}

function nearest(reactions: readonly Reaction[], time: number): Reaction | null {
  const distance = (reaction: Reaction): number => Math.max(reaction.start - time, time - reaction.end, 0);
  return reactions.reduce<Reaction | null>((best, each) => (!best || distance(each) < distance(best) ? each : best), null);
}

function face(persona: Persona): Face {
  const arc = svg("circle", { cx: 32, cy: 32, r: RADIUS, class: "arc", "stroke-dasharray": `0 ${ROUND}` });
  const ring = svg("svg", { viewBox: "0 0 64 64", class: "ring", "aria-hidden": "true" }, svg("circle", { cx: 32, cy: 32, r: RADIUS, class: "rail" }), arc);
  const score = el("span", { class: "score" }, "");
  const button = el(
    "button",
    { type: "button", class: "face", "data-testid": "face", "data-persona": persona.id, "aria-expanded": "false" },
    el("span", { class: "head" }, ring, glyph(persona.emoji, persona.name, "emoji")),
    score,
    el("span", { class: "who" }, persona.name),
  );
  const self: Face = {
    button,
    reaction: null,
    set(reaction) {
      if (reaction === self.reaction && button.dataset.state) return;
      self.reaction = reaction;
      const value = reaction?.score ?? null;
      button.dataset.state = !reaction ? "waiting" : value === null ? "unscored" : "scored";
      button.dataset.score = value === null ? "" : value.toFixed(2);
      const share = value === null ? 0 : (value - 1) / 4;
      // A score of 1 still shows a beginning: an empty ring means that there is nothing to hear.
      arc.setAttribute("stroke-dasharray", value === null ? `0 ${ROUND}` : `${Math.max(0.03, share) * ROUND} ${ROUND}`);
      arc.setAttribute("stroke", value === null ? "transparent" : scoreColour(value));
      score.textContent = !reaction ? "–" : value === null ? "not scored" : value.toFixed(1);
      const says = !reaction ? "nothing to judge here" : value === null ? `not scored: ${reasonOf(reaction)}` : `${value.toFixed(1)} of 5`;
      button.title = value === null && reaction ? `not scored: ${reasonOf(reaction)}` : "why?";
      button.setAttribute("aria-label", `${persona.name}: ${says}. Why?`);
    },
  };
  self.set(null);
  return self;
}

function explain(reaction: Reaction, persona: Persona, play: (time: number) => void, hide: () => void): Node[] {
  const close = el("button", { type: "button", class: "close", "aria-label": "close", title: "close (Esc)" }, icon(ICONS.close));
  close.addEventListener("click", hide);
  const head = el(
    "header",
    {},
    glyph(persona.emoji, persona.name, "emoji"),
    el("strong", {}, persona.name),
    reaction.score === null ? el("span", { class: "verdict none" }, "not scored") : verdict(reaction.score),
    close,
  );
  const parts: Node[] = [head];
  const where = el("button", { type: "button", class: "where", title: "play from here" }, range(reaction));
  where.addEventListener("click", () => play(reaction.start));
  const facts = [
    "simulated listener",
    reaction.calibrated ? "calibrated" : "uncalibrated",
    reaction.confidence === null ? null : `${percent(reaction.confidence)} sure`,
  ];
  parts.push(el("p", { class: "facts" }, where, ` · ${facts.filter(Boolean).join(" · ")}`));
  if (reaction.score === null) parts.push(el("p", { class: "opinion" }, `No score here: ${reasonOf(reaction)}.`));
  if (reaction.opinion) parts.push(el("p", { class: "opinion" }, reaction.opinion));
  if (reaction.distribution) parts.push(histogram(reaction.distribution));
  const reasons = (reaction.rationale ?? "").split(/\n+/).map((line) => line.replace(/^[-*•]\s*/, "").trim()).filter(Boolean);
  if (reasons.length) parts.push(el("ul", {}, ...reasons.map((reason) => el("li", {}, reason))));
  if (reaction.evidence.length) {
    const quotes = reaction.evidence.map(({ quote, start }) => {
      const button = el("button", { type: "button", class: "quote", "data-testid": "quote", "data-start": start, title: `play from ${short(start)}` }, el("span", {}, `“${quote}”`), el("time", {}, short(start)));
      button.addEventListener("click", () => play(start));
      return button;
    });
    parts.push(el("div", { class: "quotes", "aria-label": "heard" }, ...quotes));
  }
  if (reaction.note && reaction.score !== null) parts.push(el("p", { class: "note" }, reaction.note));
  return parts;
}

export function verdict(score: number): HTMLElement {
  const node = el("span", { class: "verdict" }, score.toFixed(1), el("small", {}, " of 5"));
  node.style.setProperty("--score", scoreColour(score));
  return node;
}

export function histogram(distribution: readonly number[]): HTMLElement {
  const top = Math.max(...distribution, 1e-9);
  const columns = distribution.map((share, index) => {
    const bar = el("i");
    bar.style.height = `${(share / top) * 100}%`;
    bar.style.background = scoreColour(index + 1);
    return el("span", { title: `${index + 1}: ${percent(share)}` }, bar, el("b", {}, String(index + 1)));
  });
  const spoken = distribution.map((share, index) => `${index + 1}: ${percent(share)}`).join(", ");
  return el("div", { class: "histogram", role: "img", "aria-label": `how likely each score is: ${spoken}` }, ...columns);
}
