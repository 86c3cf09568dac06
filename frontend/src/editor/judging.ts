/** What is judged of a passage: topic, tone, safety, or that nobody can tell. Each takes a document and gives another. */

import { Refused, type Category, type Document, type Judgement, type Passage, type Safety } from "./document.ts";

/** What is said of a passage when nobody can say it. */
export const CANNOT_TELL = "cannot tell";
/** From this severity on a passage is flagged. */
export const FLAGGED = 4;

export const PENDING: Judgement = { status: "pending", label: null, confidence: null, top: [] };
const UNTOLD: Judgement = { status: "abstained", label: null, confidence: null, top: [], reason: CANNOT_TELL };
const HARMLESS: Readonly<Record<Category, number>> = { hate: 0, sexual: 0, violence: 0, self_harm: 0, profanity: 0 };

export const unjudged = (reason: string): Safety => ({ status: "unknown", categories: HARMLESS, evidence: [], reason });

/** A topic or tone for passages; null: nobody can tell. */
export function judge(document: Document, indices: readonly number[], about: "topic" | "tone", label: string | null): Document {
  const judgement: Judgement = label === null ? UNTOLD : { status: "ok", label, confidence: null, top: [] };
  return each(document, indices, (passage) => ({ ...passage, [about]: judgement }));
}

/** How grave a passage is in one category; `clear`: in none; null: nobody can tell. */
export function judgeSafety(document: Document, indices: readonly number[], verdict: "clear" | { category: Category; severity: number } | null): Document {
  return each(document, indices, (passage) => ({ ...passage, safety: safetyOf(passage.safety, verdict) }));
}

function safetyOf(old: Safety, verdict: "clear" | { category: Category; severity: number } | null): Safety {
  if (verdict === null) return unjudged(CANNOT_TELL);
  if (verdict === "clear") return { status: "clear", categories: HARMLESS, evidence: [] };
  if (!(verdict.category in HARMLESS)) throw new Refused(`There is no category ${verdict.category}`);
  if (!(Number.isInteger(verdict.severity) && verdict.severity >= 0 && verdict.severity <= 7)) throw new Refused("Severity goes from 0 to 7");
  const categories = { ...old.categories, [verdict.category]: verdict.severity };
  const isFlagged = Object.values(categories).some((severity) => severity >= FLAGGED);
  return { status: isFlagged ? "flagged" : "clear", categories, evidence: old.evidence.filter((one) => !one.category || categories[one.category as Category] > 0) };
}

/** What two passages have in common, once they are one. */
export function agreed(one: Judgement, other: Judgement): Judgement {
  return one.label === other.label && one.status === other.status ? { ...one, confidence: null, top: [] } : PENDING;
}

export function bothSafeties(one: Safety, other: Safety): Safety {
  if (one.status === "unknown" || other.status === "unknown") return unjudged("not judged yet");
  const categories = Object.fromEntries(Object.entries(one.categories).map(([name, severity]) => [name, Math.max(severity, other.categories[name as Category])]));
  return { status: one.status === "flagged" || other.status === "flagged" ? "flagged" : "clear", categories: categories as Safety["categories"], evidence: [...one.evidence, ...other.evidence] };
}

/** How surely it was judged, nobody knows of a part. */
export const unsure = (judgement: Judgement): Judgement => (judgement.status === "ok" ? { ...judgement, confidence: null, top: [] } : judgement);

/** The safety of a part of a passage: a flag goes with the words it was about. */
export function halved(safety: Safety, start: number, end: number): Safety {
  const evidence = safety.evidence.filter((one) => one.start < end && one.end > start);
  return safety.status === "flagged" && !evidence.length ? unjudged("not judged since it was split") : { ...safety, evidence };
}

function each(document: Document, indices: readonly number[], change: (passage: Passage) => Passage): Document {
  if (!indices.length || indices.some((index) => !document.passages?.[index])) throw new Refused("There is no passage there");
  const meant = new Set(indices);
  return { ...document, passages: document.passages!.map((passage, index) => (meant.has(index) ? change(passage) : passage)) };
}
