/** How things are put into words: one place, so that lanes, tooltips and screen readers say the same. */

import { short } from "./time.ts";
import type { Judgement, Passage, Persona, Reaction, Repetition, Section } from "./types.ts";

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
  return { ok: `no ${what}`, pending: `${what} not judged yet`, failed: `${what} failed`, abstained: `no clear ${what}` }[judgement.status];
}

/** What a judgement rests on, or why there is none. */
export function describeJudgement(judgement: Judgement, what: string): string[] {
  const nearest = judgement.nearest.map(([label, confidence]) => `${label} ${percent(confidence)}`).join(", ");
  const sure = judgement.label !== null && judgement.confidence !== null ? `${what}, ${percent(judgement.confidence)} sure` : what;
  return lines(judged(judgement, what), judgement.label === null ? judgement.reason : sure, nearest && `nearest: ${nearest}`);
}

/** A severity from 0 to 7 in a word. */
export function severityWord(severity: number): "safe" | "low" | "medium" | "high" {
  return severity <= 1 ? "safe" : severity <= 3 ? "low" : severity <= 5 ? "medium" : "high";
}

export function safety({ safety: { status, categories } }: Pick<Passage, "safety">): string {
  const told = categories.filter(({ severity }) => severityWord(severity) !== "safe").map(({ name, severity }) => `${name} ${severityWord(severity)}`);
  if (status === "unknown") return "safety unknown";
  return status === "clear" ? ["clear", ...told].join(" · ") : told.join(" · ") || "flagged";
}

export function describeSafety({ safety: each }: Pick<Passage, "safety">): string[] {
  const title = { flagged: "flagged for safety", clear: "nothing flagged for safety", unknown: "safety unknown" }[each.status];
  const grades = each.categories.map(({ name, severity }) => `${name}: ${severityWord(severity)} (${severity} of 7)`);
  const quotes = [...new Set(each.evidence.map(({ quote }) => `“${quote}”`))].slice(0, 6).join(", ");
  return lines(title, each.reason, ...grades, quotes && `heard: ${quotes}`);
}

/** That a passage was said before, and when. */
export function repeated({ kind, start }: Repetition): string {
  if (kind === "same meaning") return `in other words at ${short(start)}`;
  return kind === "back-announce" ? `announced at ${short(start)}` : `said before at ${short(start)}`;
}

export function describeRepetition(repetition: Repetition): string[] {
  const { kind, similarity } = repetition;
  const how = {
    "same words": `${percent(similarity ?? 0)} of the words in common`,
    "same meaning": `the same in other words, similarity ${(similarity ?? 0).toFixed(2)}`,
    "back-announce": "names again what was announced before it was played",
  };
  return lines(repeated(repetition), kind && how[kind], "a click goes there");
}

/** Why there is no score. */
export function reasonOf(reaction: Reaction): string {
  const fallback = { ok: "", failed: "scoring failed", abstained: "too little to go by", pending: "not scored yet" };
  return reaction.note ?? fallback[reaction.status];
}

function lines(...parts: (string | null | undefined)[]): string[] {
  return parts.filter((part): part is string => !!part);
}
