/** The model's sections beside the document's: which were taken, which turned down, where the two differ. */

import type { Annotation, Document, Section } from "./document.ts";
import { fill, isUnlabelled, paint, sectionsOf, unlabel } from "./sections.ts";
import { tileAt } from "./tiles.ts";

/** `open`: nobody has said anything here yet. `different`: the document says something else. */
export type Standing = "open" | "taken" | "rejected" | "different";

/** Edges within this are the same edge. */
const SAME_S = 0.01;

/** How each suggested section stands against the document. */
export function standings(document: Document, suggested: readonly Section[]): Standing[] {
  const rejected = new Set(document.rejected);
  return suggested.map((section) => standing(document, section, rejected));
}

export function standing(document: Document, suggested: Section, rejected: ReadonlySet<number> = new Set(document.rejected)): Standing {
  if (isTaken(document, suggested)) return "taken";
  if (rejected.has(suggested.start)) return "rejected";
  const parts = sectionsOf(document);
  for (let index = tileAt(parts, suggested.start + SAME_S); index < parts.length && parts[index]!.start < suggested.end - SAME_S; index++) {
    if (!isUnlabelled(parts[index]!)) return "different";
  }
  return "open";
}

/** The suggestion is taken: it fills what nobody has said anything of; where everything was said, it takes its place. */
export function acceptSuggestion(document: Document, suggested: Section): Document {
  if (standing(document, suggested) === "taken") return document;
  const welcome = without(document, suggested);
  const filled = fill(welcome, [suggested]);
  return filled === welcome ? paint(welcome, suggested) : filled;
}

/** Everything that was not turned down is taken where nobody has said anything yet. */
export function acceptAll(document: Document, suggested: readonly Section[]): Document {
  const rejected = new Set(document.rejected);
  return fill(document, suggested.filter((section) => !rejected.has(section.start)));
}

/** The suggestion is turned down; where it had been taken, nothing is said any more. */
export function rejectSuggestion(document: Document, suggested: Section): Document {
  const unsaid = isTaken(document, suggested) ? unlabel(document, [partOf(document, suggested)]) : document;
  return isRejected(unsaid, suggested) ? unsaid : { ...unsaid, rejected: [...unsaid.rejected, suggested.start] };
}

export function rejectAll(document: Document, suggested: readonly Section[]): Document {
  const standing = standings(document, suggested);
  const open = suggested.filter((_, index) => standing[index] === "open" || standing[index] === "different");
  return open.length ? { ...document, rejected: [...document.rejected, ...open.map((section) => section.start)] } : document;
}

/** What is edited begins with what the model found, where nobody has annotated it yet. */
export function adopted(document: Document, suggestion: Annotation | null, ...fields: ("grid" | "activity" | "words" | "passages" | "key")[]): Document {
  const missing = fields.filter((field) => document[field] === null && suggestion?.[field]);
  return missing.length ? { ...document, ...Object.fromEntries(missing.map((field) => [field, suggestion![field]])) } : document;
}

function isTaken(document: Document, suggested: Section): boolean {
  if (!document.sections?.length) return false;
  const part = document.sections[partOf(document, suggested)]!;
  return part.label === suggested.label && !isUnlabelled(part) && Math.abs(part.start - suggested.start) <= SAME_S && Math.abs(part.end - suggested.end) <= SAME_S;
}

const partOf = (document: Document, suggested: Section): number => tileAt(sectionsOf(document), (suggested.start + suggested.end) / 2);

const isRejected = (document: Document, suggested: Section): boolean => document.rejected.includes(suggested.start);

function without(document: Document, suggested: Section): Document {
  return isRejected(document, suggested) ? { ...document, rejected: document.rejected.filter((start) => start !== suggested.start) } : document;
}
