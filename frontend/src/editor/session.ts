/** One sitting at one recording: document, history, selection, and what the keys mean. No sound, no page. */

import type { Lane } from "./commands.ts";
import type { Annotation, Document } from "./document.ts";
import type { History } from "./history.ts";
import type { Snap } from "./snap.ts";

export interface Label {
  readonly label: string;
  readonly key: string;
  readonly colour: string;
}

export interface Vocabulary {
  /** In order of their number keys. */
  readonly sections: readonly Label[];
  readonly activity: readonly Label[];
  readonly topics: readonly string[];
  readonly tones: readonly string[];
}

/** Indices of what is selected in the lane; `boundary` is that between items `boundary - 1` and `boundary`. */
export interface Selection {
  readonly items: readonly number[];
  readonly boundary: number | null;
  /** A word of the selected passage. */
  readonly word: number | null;
}

export interface Session {
  readonly document: Document;
  readonly history: History<Document>;
  readonly suggestion: Annotation | null;
  readonly vocabulary: Vocabulary;
  readonly author: string;
  readonly lane: Lane;
  readonly snap: Snap;
  readonly selection: Selection;
  /** What happened last, for the status line and screen readers. */
  readonly said: string;
  /** Called after every change; returns how to stop that. */
  subscribe(listener: () => void): () => void;
}
