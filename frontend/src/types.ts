import type { Annotation } from "./editor/document.ts";

/** What the player is given: plain values, made by `edm_core.waveform.view`. Times are in seconds. */

export interface Props {
  schema: 1;
  recording: Recording;
  /** Where the sound stands when the player opens. */
  at: number;
  audio: { url: string };
  peaks: PeaksMeta | null;
  tempo: { bpm: number; confidence: number | null } | null;
  beatsPerBar: number | null;
  key: { name: string; camelot: string; confidence: number | null } | null;
  /** Share of the recording that holds speech; null where nobody looked. */
  speech: number | null;
  beats: BeatArrays;
  sections: Section[];
  /** Who made the sections; hatched unless a person did. `name` is what their lane is called where not "Sections". */
  sectionsBy: { source: string; person: boolean; name?: string } | null;
  events: { time: number; label: string; bar: number | null }[];
  activity: Activity[];
  passages: Passage[];
  /** What the recogniser wrote and was not believed, in order of time. */
  rejected: Rejected[];
  /** Stages of the analysis that failed, with the reason. */
  missing: Partial<Record<string, string>>;
  personas: Persona[];
  reactions: Reaction[];
  moments: Moment[];
  /** What the checks found odd, in order of time. */
  findings: Finding[];
  /** Further lanes under the others, such as a second annotator's sections and where two of them differ. */
  also?: { name: string; items: Also[] }[];
}

/** A coloured item of a further lane; a difference may have no length, and a click on it plays there. */
export interface Also {
  start: number;
  end: number;
  label: string;
  colour: string;
  kind: "said" | "difference";
}

export interface Recording {
  id: string;
  title: string;
  artist: string | null;
  duration: number;
}

export interface PeaksMeta {
  url: string;
  sampleRate: number;
  /** Frames of sound in a bin of level 0; each further level holds four times as many. */
  hop: number;
  /** Bins in each level. */
  levels: number[];
}

/** Beats as three arrays of one length. */
export interface BeatArrays {
  time: number[];
  position: number[];
  bar: number[];
}

export interface Section {
  start: number;
  end: number;
  label: string;
  colour: string;
  startBar: number | null;
  endBar: number | null;
  confidence: number | null;
  repeats: number | null;
}

export interface Activity {
  start: number;
  end: number;
  label: string;
  colour: string;
  confidence: number | null;
}

export interface Judgement {
  status: "ok" | "failed" | "abstained" | "pending";
  label: string | null;
  confidence: number | null;
  reason: string | null;
  /** Labels that came nearest, with their confidence, where the judge abstained. */
  nearest: [string, number][];
}

/** Start, end, text, and the recogniser's probability; null where it does not tell. */
export type Word = [number, number, string, number | null];

export interface Passage {
  start: number;
  end: number;
  text: string;
  language: string | null;
  words: Word[];
  topic: Judgement;
  tone: Judgement;
  safety: Safety;
  repetition: Repetition | null;
}

export interface Safety {
  status: "flagged" | "clear" | "unknown";
  /** Those above 0, the gravest first; severity goes up to 7. */
  categories: { name: string; severity: number }[];
  evidence: { quote: string; start: number; end: number; category: string | null }[];
  reason: string | null;
}

/** When it was said before, and how; `kind` is null where somebody only marked that it was. */
export interface Repetition {
  kind: "same words" | "same meaning" | "back-announce" | null;
  start: number;
  similarity: number | null;
}

export interface Rejected {
  start: number;
  end: number;
  text: string;
  reason: string;
}

export interface Persona {
  id: string;
  name: string;
  emoji: string;
}

export interface Reaction {
  persona: string;
  kind: "passage" | "section";
  index: number;
  start: number;
  end: number;
  status: "ok" | "failed" | "abstained" | "pending";
  score: number | null;
  distribution: number[] | null;
  confidence: number | null;
  calibrated: boolean;
  opinion: string | null;
  rationale: string | null;
  note: string | null;
  scorer: string;
  evidence: { quote: string; start: number; end: number }[];
}

/** A persona's highest or lowest score, and where it is heard. */
export interface Moment {
  persona: string;
  kind: "best" | "worst";
  time: number;
  score: number;
}

/** Something that does not agree or is not plausible; `end` is null for a moment, `bar` and `beat` without beats. */
export interface Finding {
  kind: string;
  severity: "error" | "warning" | "note";
  start: number;
  end: number | null;
  message: string;
  bar: number | null;
  beat: number | null;
}

/** Where sound and picture come from; each adapter brings its own. */
export interface Sources {
  audioUrl: string;
  /** Raw bins `[from, to)` of a level, eight signed bytes each. */
  bins(level: number, from: number, to: number): Promise<Int8Array>;
}

// --- the editor ------------------------------------------------------------------------------------

/** What the editor is given: plain values, made by `edm_core.waveform.editor_props`. Times are in seconds. */
export interface EditorProps {
  schema: 1;
  recording: Recording;
  /** Where the sound stands when the editor opens. */
  at: number;
  audio: { url: string };
  peaks: PeaksMeta | null;
  /** Who annotates: a name without `person:`. */
  author: string;
  /** The newest revision of this author's line, and its number; null where there is none yet. */
  annotation: Annotation | null;
  revision: number | null;
  /** What was being edited when the editor was last left; `base` is the revision it began from. */
  draft: { annotation: Annotation; base: number | null; time: string } | null;
  /** What the model says; null where nothing was analysed, or in a blind pass. */
  suggestion: Annotation | null;
  /** The newest revision of everybody else's line; empty in a blind pass. */
  others: { author: string; revision: number; annotation: Annotation }[];
  vocabulary: Vocabulary;
  /**
   * `…/recordings/{id}/annotations`, to which `/draft`, `/history`, `/revisions/{n}`, `/restore` and `/presence`
   * are added; null in a notebook, where the desk is the widget's channel.
   */
  url: string | null;
  /** The queue's neighbours; null where there is none. Going there is up to whoever holds the editor. */
  next: Neighbour | null;
  previous: Neighbour | null;
  /** One line above the editor: "blind second pass", "assigned by Ada"; null for none. */
  task: string | null;
  /** A revision to be looked at when the editor opens. */
  show: number | null;
}

export interface Neighbour {
  id: string;
  title: string;
}

/** The labels there are, in the order of their number keys, from `edm_core.vocabulary` and the labels of content. */
export interface Vocabulary {
  readonly sections: readonly Label[];
  readonly activity: readonly Label[];
  readonly topics: readonly string[];
  readonly tones: readonly string[];
  /** Kinds of what is not safe to broadcast, as `Severities` names them. */
  readonly safety: readonly string[];
}

export interface Label {
  readonly label: string;
  /** The digit that sets it. */
  readonly key?: string;
  readonly colour: string;
}
