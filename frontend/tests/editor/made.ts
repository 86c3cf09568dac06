/** Documents to edit. */

import { tidy } from "../../src/editor/grid.ts";
import { documentOf, type Annotation, type Document, type Passage, type Section, type Word } from "../../src/editor/document.ts";

export const LABELS = ["intro", "buildup", "drop", "breakdown", "outro", "silence", "other"];

export function section(start: number, end: number, label = "drop", more: Partial<Section> = {}): Section {
  return { start, end, label, confidence: null, start_bar: null, end_bar: null, repeats: null, ...more };
}

/** Sections from the times of their boundaries. */
export function sections(times: readonly number[], labels: readonly string[] = LABELS): Section[] {
  return times.slice(1).map((end, index) => section(times[index]!, end, labels[index % labels.length]!));
}

export function word(start: number, end: number, text: string, probability: number | null = 0.9): Word {
  return { start: tidy(start), end: tidy(end), text, probability };
}

const judged = (label: string) => ({ status: "ok", label, confidence: 0.8, top: [{ label, confidence: 0.8 }] }) as const;

export function passage(start: number, end: number, text: string, more: Partial<Passage> = {}): Passage {
  const said = text.split(" ");
  const step = (end - start) / said.length;
  const words = said.map((one, index) => word(start + index * step, start + (index + 0.8) * step, one));
  const safety = { status: "clear", categories: { hate: 0, sexual: 0, violence: 0, self_harm: 0, profanity: 0 }, evidence: [] } as const;
  return { start, end, text, language: "en", words, topic: judged("Sports"), tone: judged("Neutral"), safety, repeats: null, ...more };
}

export function document(annotation: Annotation = {}, duration = 240): Document {
  return documentOf(annotation, duration);
}

/** A talk: passages, and the words of all of them with one that belongs to none. */
export function talk(): Document {
  const passages = [passage(0, 8, "good morning and welcome to the show"), passage(9, 15, "the weather today is fine"), passage(15, 20, "and now some music")];
  const words = [...passages.flatMap((one) => one.words), word(30, 30.5, "hello")];
  return document({ passages, words }, 60);
}
