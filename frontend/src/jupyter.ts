/** The player as a Jupyter widget (anywidget): sound and peaks come through the widget's own channel. */

import { type Carried, carried } from "./channel.ts";
import { Player } from "./player.ts";
import type { Props } from "./types.ts";

interface Model extends Carried {
  get(name: "audio_type"): string;
  get(name: "audio" | "peaks"): DataView;
  get(name: "props"): Props;
}

function render({ model, el }: { model: Model; el: HTMLElement }): () => void {
  const props = model.get("props");
  const { sources, close } = carried(model, props.peaks);
  const host = document.createElement("div");
  // JupyterLab leaves the keys to us while the focus is in here.
  host.dataset.lmSuppressShortcuts = "true";
  el.append(host);
  const player = new Player(host, props, sources, { pageKeys: false });
  return () => {
    player.close();
    host.remove();
    close();
  };
}

export default { render };
