/** How things are put into words: one place, so that lanes, tooltips and screen readers say the same. */

import { short } from "./time.ts";
import type { Judgement, Passage, Persona, Reaction, Section } from "./types.ts";

export function percent(share: number): string {
  return `${Math.round(share * 100)}%`;
}

export function range(span: { start: number; end: number }): string {
  return `${short(span.start)}–${short(span.end)}`;
}

export function bars(section: Section): string | null {
  if (section.startBar === null || section.endBar === null || section.endBar < section.startBar) return null;
  const count = section.endBar - section.startBar + 1;
  return `${count} ${count === 1 ? "bar" : "bars"}`;
}

export function describeSection(section: Section, byPerson: boolean): string[] {
  const place = section.startBar === null || section.endBar === null ? null : `bars ${section.startBar} to ${section.endBar}`;
  const sure = section.confidence === null ? "" : `, ${percent(section.confidence)} sure`;
  const repeats = section.repeats === null ? null : `resembles section ${section.repeats + 1}`;
  return lines(section.label, [range(section), place].filter(Boolean).join(" · "), repeats, byPerson ? "marked by a person" : `suggested by a model${sure}`);
}

export function describePassage(passage: Passage): string[] {
  const text = passage.text.length > 160 ? `${passage.text.slice(0, 157).trimEnd()}…` : passage.text;
  return lines(judged(passage.topic, "topic"), `${range(passage)} · ${judged(passage.tone, "tone")} · ${safety(passage)}`, text);
}

export function describeReaction(reaction: Reaction, persona: Persona): string[] {
  if (reaction.score === null) return lines(`${persona.name}: not scored`, range(reaction), reasonOf(reaction));
  const sure = reaction.confidence === null ? "" : `, ${percent(reaction.confidence)} sure`;
  return lines(`${persona.name}: ${reaction.score.toFixed(1)} of 5${sure}`, range(reaction), reaction.opinion);
}

export function judged(judgement: Judgement, what: string): string {
  if (judgement.label !== null) return judgement.label;
  return { ok: `no ${what}`, pending: `${what} not judged yet`, failed: `${what} failed`, abstained: `${what} unclear` }[judgement.status];
}

export function safety(passage: Passage): string {
  const { status, categories } = passage.safety;
  if (status === "clear") return "safe";
  if (status === "unknown") return "safety unknown";
  return categories.length ? `flagged: ${categories.join(", ")}` : "flagged";
}

/** Why there is no score. */
export function reasonOf(reaction: Reaction): string {
  const fallback = { ok: "", failed: "scoring failed", abstained: "too little to go by", pending: "not scored yet" };
  return reaction.note ?? fallback[reaction.status];
}

function lines(...parts: (string | null)[]): string[] {
  return parts.filter((part): part is string => !!part);
}
