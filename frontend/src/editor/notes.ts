/** Comments, flags, and how far an annotation may be trusted. Each takes a document and gives another. */

import { Refused, type Comment, type Document } from "./document.ts";

/** The flag of a whole track that asks for another look, as the earlier YAML has it. */
export const NEEDS_REVIEW = "needs_review";

export function addComment(document: Document, comment: Comment): Document {
  if (comment.label === "comment" && !comment.text.trim()) throw new Refused("A comment says something");
  const comments = document.comments ?? [];
  const after = comments.findIndex((one) => one.start > comment.start);
  return { ...document, comments: comments.toSpliced(after < 0 ? comments.length : after, 0, comment) };
}

/** Another text; without any, the comment goes. */
export function editComment(document: Document, index: number, text: string): Document {
  const old = commentAt(document, index);
  if (text === old.text) return document;
  return text.trim() || old.label === "flag" ? changed(document, index, { ...old, text }) : removeComment(document, index);
}

export function resolveComment(document: Document, index: number, isResolved = !commentAt(document, index).resolved): Document {
  const { resolved: _resolved, ...rest } = commentAt(document, index);
  return changed(document, index, isResolved ? { ...rest, resolved: true } : rest);
}

export function removeComment(document: Document, index: number): Document {
  commentAt(document, index);
  return { ...document, comments: document.comments!.toSpliced(index, 1) };
}

/** A flag on a stretch, or that same flag taken away. */
export function toggleFlag(document: Document, flag: Comment): Document {
  const same = (document.comments ?? []).findIndex((one) => one.label === "flag" && one.start === flag.start && one.end === flag.end);
  return same < 0 ? addComment(document, flag) : removeComment(document, same);
}

/** The comment about a time: of several, the shortest. Null where there is none. */
export function commentOn(document: Document, time: number): number | null {
  const comments = document.comments ?? [];
  const found = comments.flatMap(({ start, end }, index) => (start <= time && time < end ? [index] : []));
  const length = (index: number): number => comments[index]!.end - comments[index]!.start;
  return found.length ? found.reduce((best, index) => (length(index) < length(best) ? index : best)) : null;
}

export function toggleReview(document: Document): Document {
  const { flags } = document;
  return { ...document, flags: flags.includes(NEEDS_REVIEW) ? flags.filter((flag) => flag !== NEEDS_REVIEW) : [...flags, NEEDS_REVIEW] };
}

/** Checked by a person, or not any more. What was settled as the reference is left to those who settle. */
export function toggleVerified(document: Document, author: string): Document {
  if (document.tier === "reference") throw new Refused("This is the settled reference");
  if (document.tier === "verified") return { ...document, tier: null, verified_by: null };
  return { ...document, tier: "verified", verified_by: author, flags: document.flags.filter((flag) => flag !== NEEDS_REVIEW) };
}

export function setNotes(document: Document, text: string): Document {
  const notes = text.trim() || null;
  return notes === document.notes ? document : { ...document, notes };
}

function commentAt(document: Document, index: number): Comment {
  const comment = document.comments?.[index];
  if (!comment) throw new Refused("There is no comment here");
  return comment;
}

function changed(document: Document, index: number, comment: Comment): Document {
  return { ...document, comments: document.comments!.with(index, comment) };
}
