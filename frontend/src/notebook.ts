/** The editor as a Jupyter widget (anywidget): sound, peaks and saving go through the widget's own channel. */

import { type Carried, carried } from "./channel.ts";
import { WidgetDesk, type WidgetModel } from "./editor/desk.ts";
import { EditorView } from "./editor/editor.ts";
import type { EditorProps } from "./types.ts";

interface Model extends Carried, WidgetModel {
  get(name: "audio_type"): string;
  get(name: "audio" | "peaks"): DataView;
  get(name: "props"): EditorProps;
}

/** A notebook that is opened again shows what the store holds, not what it held. */
const KERNEL_MS = 3000;

function render({ model, el }: { model: Model; el: HTMLElement }): () => void {
  const given = model.get("props");
  const { sources, close } = carried(model, given.peaks);
  const host = document.createElement("div");
  // JupyterLab leaves the keys to us while the focus is in here.
  host.dataset.lmSuppressShortcuts = "true";
  el.append(host);
  const desk = new WidgetDesk(model, given.recording.id, given.author, given.recording.duration);
  let editor: EditorView | null = null;
  let gone = false;
  const begin = (props: EditorProps): void => {
    if (!editor && !gone) editor = new EditorView(host, props, sources, { desk, pageKeys: false, go: () => undefined });
  };
  const late = window.setTimeout(() => begin(given), KERNEL_MS);
  desk
    .open()
    .then((now) => begin({ ...given, ...now }), () => begin(given))
    .finally(() => clearTimeout(late));
  return () => {
    gone = true;
    clearTimeout(late);
    editor?.close();
    host.remove();
    close();
  };
}

export default { render };
