/** The card of the chosen cell: who, how they score it, why, on which words, and what made the score. */

import { histogram, verdict } from "../audience.ts";
import { el, glyph, icon, ICONS } from "../dom.ts";
import { short } from "../time.ts";
import type { Persona } from "../types.ts";
import { percent, range, reasonOf } from "../words.ts";
import { APART_ROW, type Cell, what } from "./heatmap.ts";
import { ratingPanel } from "./rating.ts";
import { reasonsOf } from "./reasons.ts";
import type { Ratings } from "./saving.ts";
import { type Judged, type JuryProps, keyOf } from "./types.ts";

export interface CardDesk {
  play(time: number, until?: number): void;
  choose(reaction: Judged): void;
  ratings: Ratings;
}

export function card(cell: Cell, props: JuryProps, desk: CardDesk): HTMLElement {
  const { item, reaction } = cell;
  const persona = reaction && props.personas.find(({ id }) => id === reaction.persona);
  const where = el("button", { type: "button", class: "where", "data-testid": "play-item", title: "play it (Enter)" }, icon(ICONS.play), `${what(item)} · ${range(item)}`);
  where.addEventListener("click", () => desk.play(item.start));
  const body = reaction && persona ? one(reaction, persona, where, props, desk) : everybody(cell, where, props, desk);
  return el("section", { class: "card", "data-testid": "card", "aria-label": "Why", "aria-live": "polite" }, ...body, ratingPanel(item, reaction, desk.ratings));
}

// --- one persona --------------------------------------------------------------------------------------

function one(reaction: Judged, persona: Persona, where: HTMLElement, props: JuryProps, desk: CardDesk): (Node | null)[] {
  const scored = reaction.score !== null;
  const badge = scored ? verdict(reaction.score!) : el("span", { class: "verdict none" }, reaction.status === "ok" ? "not scored" : reaction.status);
  const head = el("header", {}, glyph(persona.emoji, persona.name, "emoji"), el("div", { class: "who" }, el("strong", {}, persona.name), el("small", {}, "simulated listener")), badge);
  return [
    head,
    el("p", { class: "facts" }, where, scored ? sureness(reaction, props) : null, link(reaction)),
    scored ? null : el("p", { class: "opinion" }, `No score: ${reasonOf(reaction)}.`.replace(/\.\.$/, ".")),
    scored ? el("div", { class: "weighed" }, reaction.opinion ? el("blockquote", {}, reaction.opinion) : null, histogram(reaction.distribution ?? [])) : null,
    ...reasons(reaction),
    quotes(reaction, desk),
    scored && reaction.note ? el("p", { class: "note" }, reaction.note) : null,
    ...reaction.flags.map((flag) => el("p", { class: "note flagged" }, FLAGS[flag] ?? flag)),
    provenance(reaction),
  ];
}

/** The address of this cell, to be pasted into a chat. */
function link({ persona, start }: Judged): HTMLElement {
  const address = new URL(window.location.href);
  address.searchParams.set("persona", persona);
  address.searchParams.set("t", start.toFixed(1));
  return el("a", { class: "linklike", href: address.href, "data-testid": "cell-link", title: "the address of this moment and persona" }, "link");
}

const FLAGS: Record<string, string> = {
  instructions: "The text holds instructions to whoever scores it. They were treated as text.",
};

function sureness(reaction: Judged, { jury }: JuryProps): HTMLElement {
  const sure = reaction.confidence === null ? "confidence unknown" : `${percent(reaction.confidence)} sure`;
  return el("span", { "data-testid": "sureness" }, `${sure}, ${reaction.calibrated ? jury.calibration || "calibrated" : "uncalibrated"}`);
}

function reasons({ rationale }: Judged): HTMLElement[] {
  const { likes, dislikes, besides } = reasonsOf(rationale);
  const list = (name: string, kind: string, all: readonly string[]): HTMLElement | null =>
    all.length ? el("div", { class: kind }, el("h4", {}, name), el("ul", {}, ...all.map((reason) => el("li", {}, reason)))) : null;
  const sides = [list("For it", "for", likes), list("Against it", "against", dislikes)].filter((node) => node !== null);
  const found = sides.length ? [el("div", { class: "reasons" }, ...sides)] : [];
  return [...found, ...besides.map((line) => el("p", { class: "besides" }, line))];
}

/** What was said, word by word; a click plays it, and no further. */
function quotes({ evidence }: Judged, desk: CardDesk): HTMLElement | null {
  if (!evidence.length) return null;
  const buttons = evidence.map(({ quote, start, end }) => {
    const button = el("button", { type: "button", class: "quote", "data-testid": "quote", "data-start": start, "data-end": end, title: `play ${short(start)} to ${short(end)}` }, icon(ICONS.play), el("span", {}, `“${quote}”`), el("time", {}, short(start)));
    button.addEventListener("click", () => desk.play(start, end));
    return button;
  });
  return el("div", { class: "evidence" }, el("h4", {}, "Heard"), el("div", { class: "quotes" }, ...buttons));
}

function provenance(reaction: Judged): HTMLElement {
  const rows: [string, string | null][] = [
    ["scorer", reaction.scorer],
    ["persona version", reaction.personaVersion || null],
    ["model", reaction.model || null],
    ["prompt hash", reaction.promptHash || null],
    ["seed", reaction.seed === null ? null : String(reaction.seed)],
    ["scored at", reaction.time || null],
    ["calibrated", reaction.calibrated ? "yes" : "no"],
  ];
  const list = rows.flatMap(([name, value]) => (value === null ? [] : [el("dt", {}, name), el("dd", {}, value)]));
  return el("details", { class: "provenance", "data-testid": "provenance" }, el("summary", {}, "What made this score"), el("dl", {}, ...list));
}

// --- everybody ----------------------------------------------------------------------------------------

function everybody({ item, row }: Cell, where: HTMLElement, props: JuryProps, desk: CardDesk): Node[] {
  const apart = row === APART_ROW;
  const value = apart ? item.divergence : item.consensus;
  const badge = value === null ? el("span", { class: "verdict none" }, "too few scores") : apart ? el("span", { class: "verdict plain" }, value.toFixed(1), el("small", {}, " points")) : verdict(value);
  const own = props.reactions.filter((each) => keyOf(each) === keyOf(item)).sort((a, b) => (b.score ?? 0) - (a.score ?? 0));
  const list = own.map((reaction) => {
    const persona = props.personas.find(({ id }) => id === reaction.persona)!;
    const score = reaction.score === null ? el("span", { class: "verdict none" }, reaction.status) : verdict(reaction.score);
    const button = el("button", { type: "button", class: "voice", "data-persona": persona.id }, glyph(persona.emoji, persona.name), el("span", {}, persona.name), score);
    button.addEventListener("click", () => desk.choose(reaction));
    return button;
  });
  return [
    el("header", {}, el("div", { class: "who" }, el("strong", {}, apart ? "How far apart" : "All together"), el("small", {}, apart ? "from the lowest to the highest score" : "mean of the simulated listeners, by their weights")), badge),
    el("p", { class: "facts" }, where),
    el("div", { class: "voices" }, ...list),
  ];
}
