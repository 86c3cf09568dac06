/** What a recording is divided into: its sections where they say something, else what is spoken. */

import type { Props } from "./types.ts";

/** Whether the sections tell one part from another. A model calls all of a talk "other"; a person who does means it. */
export function tellsForm(props: Pick<Props, "sections" | "sectionsBy">): boolean {
  if (props.sectionsBy?.person) return props.sections.length > 0;
  return props.sections.some((section) => section.label !== "other" && section.label !== "silence");
}

/** The spans that the keys for boundaries and the loop go by. */
export function partsOf(props: Pick<Props, "sections" | "sectionsBy" | "passages">): readonly { start: number; end: number }[] {
  return tellsForm(props) || !props.passages.length ? props.sections : props.passages;
}

/** The coloured spans of the overview, as on the recording's card in the library. */
export function paintOf(props: Pick<Props, "sections" | "sectionsBy" | "activity">): readonly { start: number; end: number; colour: string }[] {
  return tellsForm(props) || !props.activity.length ? props.sections : props.activity;
}
