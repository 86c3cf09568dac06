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

function render({ model, el }: { model: Model; el: HTMLElement }): () => void {
  const props = model.get("props");
  const { sources, close } = carried(model, props.peaks);
  const host = document.createElement("div");
  // JupyterLab leaves the keys to us while the focus is in here.
  host.dataset.lmSuppressShortcuts = "true";
  el.append(host);
  const desk = new WidgetDesk(model, props.recording.id, props.author, props.recording.duration);
  const editor = new EditorView(host, props, sources, { desk, pageKeys: false, go: () => undefined });
  return () => {
    editor.close();
    host.remove();
    close();
  };
}

export default { render };
