/** The editor as a Streamlit component (components v2): no iframe, one call for every change of data or theme. */

import { HttpDesk } from "./editor/desk.ts";
import { EditorView } from "./editor/editor.ts";
import { overHttp } from "./served.ts";
import type { EditorProps } from "./types.ts";

interface Component {
  data: EditorProps;
  parentElement: HTMLElement | ShadowRoot;
  setTriggerValue(name: "go", value: string): void;
}

interface Mounted {
  editor: EditorView;
  /** What it edits: another recording or author is another editor. */
  what: string;
}

/** Streamlit calls again on every rerun; the live editor is found by the element it lives in. */
const living = new WeakMap<HTMLElement | ShadowRoot, Mounted>();

export default function editing({ data, parentElement, setTriggerValue }: Component): () => void {
  const what = JSON.stringify([data.recording.id, data.author, data.audio.url]);
  const known = living.get(parentElement);
  if (known?.what === what) known.editor.update(data);
  else {
    close(parentElement);
    const host = document.createElement("div");
    parentElement.append(host);
    const desk = new HttpDesk(data.url ?? "", data.author, data.recording.duration);
    const editor = new EditorView(host, data, overHttp(data), { desk, pageKeys: true, go: (id) => setTriggerValue("go", id) });
    living.set(parentElement, { editor, what });
  }
  return () => close(parentElement);
}

function close(parent: HTMLElement | ShadowRoot): void {
  living.get(parent)?.editor.close();
  living.delete(parent);
}
