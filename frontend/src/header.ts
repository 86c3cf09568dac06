/** The head of the stage: what is heard, the play button, the time; and the moments worth a click. */

import { scoreColour } from "./colour.ts";
import { el, icon, ICONS } from "./dom.ts";
import { tellsForm } from "./form.ts";
import { KEYS } from "./keys.ts";
import { short } from "./time.ts";
import type { Moment, Persona, Props } from "./types.ts";
import { percent } from "./words.ts";

export function chipsOf(props: Props): HTMLElement {
  const chip = (text: string, title?: string): HTMLElement => el("span", { class: "chip", title }, text);
  const { tempo, key, speech } = props;
  const bpm = tempo && (Math.abs(tempo.bpm - Math.round(tempo.bpm)) < 0.05 ? tempo.bpm.toFixed(0) : tempo.bpm.toFixed(1));
  const sure = (confidence: number | null): string => (confidence === null ? "" : `, ${percent(confidence)} sure`);
  return el(
    "div",
    { class: "chips", "data-testid": "player-chips" },
    bpm === null ? null : chip(`${bpm} BPM`, `tempo${sure(tempo!.confidence)}`),
    key === null ? null : chip(`${key.camelot} · ${key.name}`, `key${sure(key.confidence)}`),
    speech ? chip(`speech ${percent(speech)}`, "share of the recording that holds speech") : null,
    chip(short(props.recording.duration), "length"),
  );
}

/** "best moment for Gen Z 0:42", "worst 1:17": a click plays there. */
export function momentsOf(props: Props, play: (time: number) => void): HTMLElement | null {
  const groups = props.personas
    .map((persona) => group(persona, props.moments.filter((moment) => moment.persona === persona.id), play))
    .filter((each) => each !== null);
  return groups.length ? el("div", { class: "moments", role: "group", "aria-label": "Moments" }, ...groups) : null;
}

function group(persona: Persona, moments: Moment[], play: (time: number) => void): HTMLElement | null {
  if (!moments.length) return null;
  const buttons = moments.map(({ kind, time, score }) => {
    const dot = el("i", { "aria-hidden": "true" });
    dot.style.background = scoreColour(score);
    const name = `${kind} moment for ${persona.name} ${short(time)}`;
    const button = el(
      "button",
      { type: "button", class: kind, "data-testid": "moment", "data-start": time, "aria-label": `${name}, score ${score.toFixed(1)}`, title: `${name} · score ${score.toFixed(1)}` },
      dot,
      `${kind} `,
      el("time", {}, short(time)),
    );
    button.addEventListener("click", () => play(time));
    return button;
  });
  return el("div", { class: "moment" }, el("span", { class: "who" }, persona.name), ...buttons);
}

/** What is not there, in one quiet sentence. */
export function absences(props: Props): string | null {
  const says: string[] = [];
  if (props.also) return null; // two annotators are compared: what the analysis lacks is beside the point
  if (!props.passages.length && !props.rejected.length) says.push(unsaid(props));
  if (!props.sections.length && props.speech !== null) says.push(props.passages.length ? "No music long enough for sections." : "No sections were found.");
  else if (props.sections.length && !tellsForm(props)) says.push("No form of a song in here, so there are no sections to tell apart.");
  return says.length ? says.join(" ") : null;
}

/** Why there is no transcript. */
function unsaid({ missing, speech }: Props): string {
  const failed = missing.words ?? missing.activity;
  if (failed) return `The words could not be written down: ${failed}`;
  if (speech === 0) return "Nobody speaks here, so there is no transcript and nobody to judge it.";
  return speech === null ? "No transcript yet: analyse the recording to read along." : "No words were understood in what is spoken here.";
}

export function helpSheet(close: () => void): HTMLElement {
  const button = el("button", { type: "button", class: "close", "aria-label": "close", title: "close (Esc)" }, icon(ICONS.close));
  button.addEventListener("click", close);
  const rows = KEYS.map((key) => el("div", {}, el("dt", {}, ...key.shown.split(" ").map((part) => (part === "or" ? el("span", {}, " or ") : el("kbd", {}, part)))), el("dd", {}, key.does)));
  return el(
    "div",
    { class: "help", role: "region", "aria-label": "Keys", "data-testid": "help", hidden: true },
    el("header", {}, el("strong", {}, "Keys"), button),
    el("dl", {}, ...rows),
    el("p", {}, "Without beats, a bar counts as one second. Ctrl and wheel, or a pinch, zoom; a drag moves the picture."),
  );
}
