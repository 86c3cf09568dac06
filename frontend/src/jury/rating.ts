/** Below the card: rate it yourself, and what people have said so far beside what the persona says. */

import { scoreColour } from "../colour.ts";
import { el } from "../dom.ts";
import { signed } from "./figures.ts";
import { juryKeyFor } from "./keys.ts";
import type { Ratings } from "./saving.ts";
import type { Item, Judged, Said } from "./types.ts";

export function ratingPanel(item: Item, reaction: Judged | null, ratings: Ratings): HTMLElement {
  const panel = el("div", { class: "rating", "data-testid": "rating" });
  if (!ratings.possible) return panel;
  panel.append(el("h4", {}, "And you?"), ratings.rater ? buttons(item, ratings) : nameField(ratings));
  panel.append(...[saving(ratings), people(ratings.of(item), reaction)].filter((node) => node !== null));
  return panel;
}

function buttons(item: Item, ratings: Ratings): HTMLElement {
  const mine = ratings.mine(item)?.score ?? null;
  const scores = [1, 2, 3, 4, 5].map((score) => {
    const title = `${score} of 5 (${score})${mine === score ? ": again takes it back" : ""}`;
    const button = el("button", { type: "button", class: "rate", "data-testid": "rate", "data-score": score, "aria-pressed": String(mine === score), "aria-label": `rate it ${score} of 5`, title }, String(score));
    button.style.setProperty("--paint", scoreColour(score));
    button.addEventListener("click", () => ratings.rate(item, score));
    return button;
  });
  const other = el("button", { type: "button", class: "linklike", title: "rate under another name" }, ratings.rater);
  other.addEventListener("click", () => (ratings.rater = ""));
  return el("div", { class: "rates" }, el("span", { class: "scores", role: "group", "aria-label": `rate it yourself, keys ${juryKeyFor("rate")}` }, ...scores), el("small", {}, "as ", other));
}

function nameField(ratings: Ratings): HTMLElement {
  const field = el("input", { type: "text", maxlength: 64, placeholder: "Your name", "aria-label": "Your name", autocomplete: "off", "data-testid": "rater" });
  const take = (): void => {
    if (field.value.trim()) ratings.rater = field.value;
  };
  const done = el("button", { type: "submit", class: "quietly" }, "Rate");
  const form = el("form", { class: "named" }, el("label", { class: "field" }, field), done, el("small", {}, "Kept in this browser."));
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    take();
  });
  return form;
}

function saving(ratings: Ratings): HTMLElement | null {
  const now = ratings.saving;
  if (!now) return null;
  const says = now.state === "failed" ? `Not saved: ${now.reason}. ` : now.state;
  const line = el("p", { class: `saving ${now.state}`, role: "status", "data-testid": "rating-status" }, says);
  if (now.state === "failed") {
    const again = el("button", { type: "button", class: "linklike" }, "Try again");
    again.addEventListener("click", () => ratings.again());
    line.append(again);
  }
  return line;
}

/** What people said so far, and how far the persona is from them. */
function people(said: readonly Said[], reaction: Judged | null): HTMLElement | null {
  const own = said.filter(({ persona }) => !persona);
  const standing = reaction ? said.filter(({ persona }) => persona === reaction.persona) : [];
  if (!own.length && !standing.length) return el("p", { class: "facts" }, "Nobody has rated this yet. How well the simulation does is only known where people did.");
  const chips = [...own, ...standing].map(({ rater, score, persona, note }) => {
    const dot = el("i", { "aria-hidden": "true" });
    dot.style.background = scoreColour(score);
    return el("span", { class: "said-chip", title: note || null, "data-testid": "said" }, dot, `${rater}${persona ? " (for this persona)" : ""} ${score}`);
  });
  const heard = standing.length ? standing : own;
  const mean = heard.reduce((sum, { score }) => sum + score, 0) / heard.length;
  const count = heard.length === 1 ? "one person" : `${heard.length} people`;
  const apart = reaction?.score == null ? null : el("p", { class: "facts", "data-testid": "apart" }, `${count}: ${mean.toFixed(1)} · this persona: ${reaction.score.toFixed(1)} · apart ${signed(reaction.score - mean)}`);
  return el("div", { class: "people" }, el("div", { class: "chips" }, ...chips), apart);
}
