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
  host: HTMLElement;
  /** What it edits: another recording or author is another editor. */
  what: string;
}

/** The old picture stays until the new one is drawn, but not longer than this. */
const PATIENCE_MS = 1500;

/** Streamlit calls again on every rerun; the live editor is found by the element it lives in. */
const living = new WeakMap<HTMLElement | ShadowRoot, Mounted>();

export default function editing({ data, parentElement, setTriggerValue }: Component): () => void {
  const what = JSON.stringify([data.recording.id, data.author, data.audio.url]);
  const known = living.get(parentElement);
  if (known?.what === what) known.editor.update(data);
  else living.set(parentElement, mount(data, parentElement, what, (id) => setTriggerValue("go", id), known));
  return () => {
    const last = living.get(parentElement);
    last?.editor.close();
    last?.host.remove();
    living.delete(parentElement);
  };
}

/** An editor in the place of the one before, whose picture it covers once it has one of its own. */
function mount(data: EditorProps, parent: HTMLElement | ShadowRoot, what: string, go: (id: string) => void, before: Mounted | undefined): Mounted {
  const manner = before?.editor.manner;
  before?.editor.close();
  const host = document.createElement("div");
  const swap = (): void => {
    if (!before?.host.isConnected) return;
    before.host.remove();
    host.style.cssText = "";
    if (manner) editor.take(manner);
  };
  if (before) host.style.cssText = `position: absolute; visibility: hidden; width: ${before.host.offsetWidth}px`;
  parent.append(host);
  const desk = new HttpDesk(data.url ?? "", data.author, data.recording.duration);
  const editor: EditorView = new EditorView(host, data, overHttp(data), { desk, pageKeys: true, go, drawn: swap });
  if (before) window.setTimeout(swap, PATIENCE_MS);
  return { editor, host, what };
}
