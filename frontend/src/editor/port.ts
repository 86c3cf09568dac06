/**
 * The port through which the editor saves. `HttpDesk` talks to the service, `WidgetDesk` to the kernel of a notebook; both
 * say the same things, and the other side answers with the same bodies.
 *
 * | does    | HTTP, under /api/v1/recordings/{id}/annotations | widget message `{id, do, …}`       | answer                         |
 * |---------|--------------------------------------------------|-----------------------------------|--------------------------------|
 * | save    | PUT `?author=` If-Match or If-None-Match         | save {annotation, parent, note}   | {revision: Revision}, 200/201; |
 * |         | body {annotation, note}                          |                                   | or 409 with a Conflict         |
 * | open    | GET `?author=`                                   | open                              | {revision: n or null,          |
 * |         |                                                  |                                   | annotation, draft}             |
 * | draft   | PUT /draft?author= body {annotation, base}       | draft {annotation, base}          | {kept, findings, distance}     |
 * | history | GET /history?author=                             | history                           | {revisions: Revision[]}        |
 * | revision| GET /revisions/{n}?author=                       | revision {number}                 | {revision, annotation}         |
 * | restore | POST /restore?author= body {number}              | restore {number}                  | {revision: Revision, annotation} |
 * | present | POST /presence?author=                           | present                           | {present: [{author, time}]}    |
 * | leave   | POST /presence?author= body {leave: true}        | leave                             | nothing is waited for          |
 *
 * A widget's answer is `{id, status, body}` with HTTP's status; a problem's body is `{title, detail}`.
 */

import type { Annotation, Document } from "./document.ts";
import type { Clash } from "./merge.ts";

export interface Revision {
  readonly number: number;
  readonly parent: number | null;
  readonly author: string;
  /** ISO 8601 in UTC. */
  readonly time: string;
  readonly tool: string;
  readonly note: string;
  readonly summary: string;
  readonly tier?: string | null;
}

/** The body of a 409: somebody saved first. Nothing was written. */
export interface Conflict {
  readonly base: { readonly revision: number; readonly annotation: Annotation } | null;
  readonly theirs: { readonly revision: number; readonly annotation: Annotation };
  /** What both say; where they clash, ours stands. */
  readonly merged: Annotation;
  readonly clashes: readonly Clash[];
}

export interface Saved {
  readonly kind: "saved";
  readonly revision: Revision;
}

export interface Clashed extends Conflict {
  readonly kind: "clashed";
}

/** Something odd, as `edm_core.findings` says it. */
export interface Finding {
  readonly kind: string;
  readonly severity: "error" | "warning" | "note";
  readonly start: number;
  readonly end: number | null;
  readonly message: string;
  readonly layer: string;
  readonly bar?: number | null;
  readonly beat?: number | null;
  readonly count?: number;
}

/** How far this annotation is from another annotator's. */
export interface Distance {
  readonly author: string;
  /** Boundary F within half a second, share of time under the same label; null where it does not apply. */
  readonly boundaries: number | null;
  readonly labels: number | null;
}

export interface DraftAnswer {
  /** When it was kept, ISO 8601 in UTC. */
  readonly kept: string;
  /** `here`: the service could not be reached; the draft waits in this browser. */
  readonly where: "service" | "here";
  readonly findings: readonly Finding[];
  readonly distance: readonly Distance[];
}

export interface Present {
  readonly author: string;
  readonly time: string;
}

/** A draft that waits in this browser, because the service could not be reached. */
export interface Waiting {
  readonly annotation: Annotation;
  readonly base: number | null;
  /** ISO 8601 in UTC. */
  readonly time: string;
}

/** An author's line as the other side has it now. */
export interface Opened {
  readonly revision: number | null;
  readonly annotation: Annotation | null;
  readonly draft: Waiting | null;
}

export interface Desk {
  /** What a page was made with may be old: a notebook that is opened again shows what is in the store. */
  open(): Promise<Opened>;
  /** `parent` is the revision the document began from, null for the first. Throws what a person can be told. */
  save(document: Document, parent: number | null, note?: string): Promise<Saved | Clashed>;
  draft(document: Document, base: number | null): Promise<DraftAnswer>;
  history(): Promise<Revision[]>;
  revision(number: number): Promise<Document>;
  /** A new revision with the content of an old one. */
  restore(number: number): Promise<{ revision: Revision; document: Document }>;
  /** Who else is on this recording now. */
  present(): Promise<Present[]>;
  /** What an earlier sitting could not send; null where nothing waits. Newer than the service's draft, it is the one to go on with. */
  waiting(): Waiting | null;
  /** Called when a draft that waited here has reached the service after all. */
  onKept(listener: (answer: DraftAnswer) => void): void;
  /** The tab closes or another track is opened: what is not yet kept is sent without waiting. */
  leave(): void;
}

/** Nothing answered. What was to be sent waits here. */
export class Unreachable extends Error {}

/** It was answered, and not done: the message says why and what to do. */
export class Declined extends Error {
  constructor(
    readonly status: number,
    message: string,
  ) {
    super(message);
  }
}

export type Does = "open" | "save" | "draft" | "history" | "revision" | "restore" | "present" | "leave";

export interface Answer {
  readonly status: number;
  readonly body: unknown;
}

/** How something is asked and answered. Rejects with `Unreachable`. */
export interface Line {
  /** `leaving`: the page closes; nobody will hear the answer. */
  ask(does: Does, values: Readonly<Record<string, unknown>>, leaving?: boolean): Promise<Answer>;
}
